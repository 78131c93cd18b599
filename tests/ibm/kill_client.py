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


def train(model: str, shots: int) -> None:
    """Train on the device, four iterations. The test kills this process on the way."""
    data = load_dataset("moons", n_samples=4, random_state=1)
    print("planned", flush=True)
    sys.stdin.readline()
    ibm.train(
        load_model(model),
        data.X,
        data.y,
        device="ibmq_manila",
        iterations=4,
        shots=shots,
        max_qpu_seconds=60,
        seed=3,
    )


def resume_training() -> None:
    """Go on with the only training there is, and say what came of it."""
    (key,) = ibm.list_trainings()["key"]
    result = ibm.resume_training(key)
    weights = result.classifier.weights_.tolist()
    print(json.dumps({"job_ids": result.job_ids, "losses": result.losses, "weights": weights}))


TASKS = {"submit": submit, "resume": resume, "train": train, "resume-training": resume_training}

if __name__ == "__main__":
    with only_loopback():
        task, *arguments = sys.argv[1:]
        if arguments:
            TASKS[task](arguments[0], int(arguments[1]))
        else:
            TASKS[task]()
