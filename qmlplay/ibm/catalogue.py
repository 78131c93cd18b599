"""Runs by their keys: new ones, stored ones, all of them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from qmlplay.ibm import store
from qmlplay.ibm.device import Device
from qmlplay.ibm.errors import StoreError
from qmlplay.ibm.plans import Plan
from qmlplay.ibm.records import JobRecord, load_plan, save_plan
from qmlplay.ibm.runs import Run
from qmlplay.ibm.tracking import JobTracker

__all__ = ["list_runs", "new_run", "resume"]


def new_run(plan: Plan, max_qpu_seconds: float, device: Device | None = None) -> Run:
    """Return a run of which nothing is posted yet, after storing it."""
    key = store.new_key()
    jobs = [JobRecord(f"qmlplay-{key}-{place}") for place in range(len(plan.jobs))]
    tracker = JobTracker(key, plan, jobs, float(max_qpu_seconds), store.now(), device)
    save_plan(key, plan)
    tracker.write()
    return Run(tracker)


def resume(key: str) -> Run:
    """Return a run by its key, in any process; nothing is posted, and no network touched yet.

    Parameters
    ----------
    key : str
        `Run.key`, or one of `list_runs`.

    Returns
    -------
    Run
        A stored result is read from the disk; else the jobs are found by their ids, or by the
        tags under which they were posted.

    Raises
    ------
    UnknownRunError
        If there is no such run.
    StoreError
        If its files are damaged or from a newer version; they are left as they are.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier, ibm
    >>> model = VariationalClassifier(n_layers=1, max_iter=1).fit([[0.0], [1.0]], ["a", "b"])
    >>> plan = ibm.plan(model, [[0.2], [0.4]], device="fake_manila", seed=1)
    >>> key = ibm.submit(plan, max_qpu_seconds=5).wait(timeout=60).key
    >>> ibm.resume(key).status()
    'done'
    """
    content = store.read_record(key)
    try:
        jobs = [JobRecord(**job) for job in content["jobs"]]
        plan_part, budget = content["plan"], float(content["max_qpu_seconds"])
        created = str(content["created"])
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(
            f"{store.path_of(key, 'run.json')} is damaged ({error!r}); it is left as it is"
        ) from error
    return Run(JobTracker(key, load_plan(key, plan_part), jobs, budget, created))


def list_runs() -> pd.DataFrame:
    """Return all stored runs, the newest first; no network is touched.

    Returns
    -------
    pandas.DataFrame
        Columns key, created, device, state, samples, shots, estimated_seconds, used_seconds and
        job_ids. The state is that of the last look.

    Examples
    --------
    >>> from qmlplay import ibm
    >>> list(ibm.list_runs())[:4]
    ['key', 'created', 'device', 'state']
    """
    columns = [
        "key",
        "created",
        "device",
        "state",
        "samples",
        "shots",
        "estimated_seconds",
        "used_seconds",
        "job_ids",
    ]
    return pd.DataFrame([_summary(key) for key in store.stored_keys()], columns=columns)


def _summary(key: str) -> dict[str, Any]:
    try:
        content = store.read_record(key)
        plan, jobs = content["plan"], [JobRecord(**job) for job in content["jobs"]]
        used = [job.used_seconds for job in jobs]
        return {
            "key": key,
            "created": content["created"],
            "device": plan["device"],
            "state": ", ".join(dict.fromkeys(job.state for job in jobs)),
            "samples": plan["samples"],
            "shots": plan["shots"],
            "estimated_seconds": plan["estimated_seconds"],
            "used_seconds": None if None in used else sum(seconds or 0.0 for seconds in used),
            "job_ids": ", ".join(job.job_id for job in jobs if job.job_id is not None),
        }
    except (KeyError, TypeError, StoreError):
        return {"key": key, "state": "damaged, or from a newer version"}
