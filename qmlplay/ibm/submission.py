"""The way in and back to runs: submit() posts (so does train()), resume() and list_runs() find."""

from __future__ import annotations

import warnings
from numbers import Real
from typing import Any

import pandas as pd

from qmlplay.backends.duration import readable_seconds
from qmlplay.backends.inputs import check_memory
from qmlplay.checks import is_flag, is_number
from qmlplay.errors import SlowSimulationWarning
from qmlplay.ibm import store
from qmlplay.ibm.errors import BudgetError, StoreError
from qmlplay.ibm.jobs import Device
from qmlplay.ibm.plans import Plan
from qmlplay.ibm.preparation import device_of
from qmlplay.ibm.records import JobRecord, load_plan, save_plan
from qmlplay.ibm.runs import Run
from qmlplay.ibm.tracking import JobTracker

__all__ = [
    "check_budget",
    "check_remaining",
    "list_runs",
    "new_run",
    "resume",
    "submit",
    "warn_if_slow_here",
]


def submit(plan: Plan | Run, *, max_qpu_seconds: float) -> Run:
    """Post the jobs of a plan. This is the only call that spends QPU time.

    It returns at once. The run is stored before anything is posted, and can be taken up again in
    any process with ``resume(run.key)``.

    Parameters
    ----------
    plan : Plan or Run
        A plan; or a run some of whose jobs were never posted, to post those alone.
    max_qpu_seconds : float
        What may be spent, in QPU seconds. The service ends a job that takes more.

    Returns
    -------
    Run

    Raises
    ------
    TypeError, ValueError
        If the plan or the budget is none.
    BudgetError
        If the plan is estimated above the budget, or the budget is above what the account has
        left. Nothing is posted.
    RefusedError
        If the service refuses. Nothing is posted.
    UnknownJobError
        If the service's answer was lost and no job can be found: there may be one.

    Notes
    -----
    Jobs run in job mode, are never private, and are never posted again by themselves. Tested
    against an emulator of the service and simulated devices, not against IBM's machines.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier, ibm
    >>> model = VariationalClassifier(n_layers=1, max_iter=1).fit([[0.0], [1.0]], ["a", "b"])
    >>> plan = ibm.plan(model, [[0.2], [0.4]], device="fake_manila", seed=1)
    >>> run = ibm.submit(plan, max_qpu_seconds=5)
    >>> run.wait(timeout=60).result().expectations.shape  # 2 samples, 2 observables
    (2, 2)
    """
    if not isinstance(plan, Plan | Run):
        raise TypeError(
            f"submit takes what qmlplay.ibm.plan(...) or qmlplay.ibm.resume(key) returned, got "
            f"{type(plan).__name__}"
        )
    check_budget(max_qpu_seconds)
    whole = plan if isinstance(plan, Plan) else plan.plan
    _check_covers(whole, max_qpu_seconds)
    warn_if_slow_here(whole, "the run", stacklevel=3)
    device = device_of(whole)
    check_remaining(device, max_qpu_seconds)
    run = new_run(plan, max_qpu_seconds, device) if isinstance(plan, Plan) else plan
    run.tracker.device = device
    run.tracker.post(max_qpu_seconds)
    return run


def warn_if_slow_here(plan: Plan, what: str, n_times: int = 1, *, stacklevel: int) -> None:
    """Warn where simulating a fake device takes minutes on this machine.

    Raises
    ------
    ValueError
        If the states would not fit into memory.
    """
    seconds = (plan.local_seconds or 0.0) * n_times
    if seconds < 60:
        return
    n_qubits = len(plan.device_circuit.qubits())
    check_memory(n_qubits, 2)
    warnings.warn(
        f"{what} may take {readable_seconds(seconds)} on this machine: {plan.device} is simulated "
        f"here, with noise on {n_qubits} qubits, {plan.n_circuits * n_times:,} circuits of "
        f"{plan.shots} shots. Fewer qubits, samples or shots take less",
        SlowSimulationWarning,
        stacklevel=stacklevel,
    )


def check_budget(max_qpu_seconds: Any) -> None:
    """Raise an error unless a budget is a positive number of seconds."""
    if not isinstance(max_qpu_seconds, Real) or is_flag(max_qpu_seconds):
        raise TypeError(f"max_qpu_seconds must be a number of seconds, got {max_qpu_seconds!r}")
    if not is_number(max_qpu_seconds, 1):
        raise ValueError(f"max_qpu_seconds must be at least 1, got {max_qpu_seconds!r}")


def _check_covers(plan: Plan, max_qpu_seconds: float) -> None:
    """Check a budget against the estimate: whole seconds are what the service is told."""
    needed = sum(plan.needed_seconds)
    if max_qpu_seconds >= needed:
        return
    per_execution = plan.timing.rep_delay + plan.timing.circuit
    affordable = (
        (max_qpu_seconds - 2 * len(plan.jobs)) / per_execution / plan.executions * plan.shots
    )
    fewer = f", or plan with shots={int(affordable)}" if affordable >= 1 else ""
    raise BudgetError(
        f"the plan is estimated at {plan.estimated_seconds:.1f} QPU seconds, which "
        f"max_qpu_seconds={max_qpu_seconds:g} does not cover: raise it to "
        f"{needed}{fewer}, or give fewer samples. Nothing was posted"
    )


def check_remaining(device: Device, max_qpu_seconds: float) -> None:
    """Check a budget against what the account has left.

    Raises
    ------
    BudgetError
        If the account has less left, or nothing.
    """
    left = device.remaining_seconds()
    if left is not None and max_qpu_seconds > left:
        raise BudgetError(
            f"max_qpu_seconds={max_qpu_seconds:g} is above the {left:g} QPU seconds that the "
            f"instance has left: lower it to {int(left)}, or wait for the next period; see "
            f"https://quantum.cloud.ibm.com/instances. Nothing was posted"
        )


def new_run(plan: Plan, max_qpu_seconds: float, device: Device | None = None) -> Run:
    """Return a run of which nothing is posted yet, after storing it."""
    key = store.new_key()
    jobs = [JobRecord(f"qmlplay-{key}-{number}") for number in range(len(plan.jobs))]
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
        raise store.damaged(store.path_of(key, "run.json"), repr(error)) from error
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
