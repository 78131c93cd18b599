"""A user's process for the kill tests: it plans and submits when told to, or takes up again."""

from __future__ import annotations

import json
import sys

from loopback import only_loopback

from qmlplay import ibm, load_dataset, load_model


def submit(model: str, shots: int) -> None:
    """Plan, say so, wait for a line, submit. The test kills this process on the way."""
    data = load_dataset("moons", n_samples=4, random_state=1)
    plan = ibm.plan(load_model(model), data.X, shots=shots, device="ibmq_manila", seed=1)
    print("planned", flush=True)
    sys.stdin.readline()
    print(ibm.submit(plan, max_qpu_seconds=60).key, flush=True)
    sys.stdin.readline()


def resume() -> None:
    """Take up the only run there is, whatever has become of it, and say what was measured."""
    (key,) = ibm.list_runs()["key"]
    run = ibm.resume(key)
    status = run.status()
    measured = None
    if status in ("queued", "running", "done"):
        measured = run.result(timeout=120).expectations.tolist()
    ids = list(run.job_ids)
    print(json.dumps({"key": key, "status": status, "job_ids": ids, "expectations": measured}))


if __name__ == "__main__":
    with only_loopback():
        if sys.argv[1] == "submit":
            submit(sys.argv[2], int(sys.argv[3]))
        else:
            resume()
