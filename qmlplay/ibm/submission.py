"""submit(): the only function that posts jobs (train() goes through the same door)."""

from __future__ import annotations

from numbers import Real
from typing import Any

from qmlplay.checks import is_flag, is_number
from qmlplay.ibm.catalogue import new_run
from qmlplay.ibm.device import Device
from qmlplay.ibm.errors import BudgetError
from qmlplay.ibm.opening import open_device
from qmlplay.ibm.plans import Plan
from qmlplay.ibm.runs import Run

__all__ = ["check_budget", "check_remaining", "submit"]


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
    device = open_device(
        whole.device, whole.instance, whole.model.circuit.n_qubits, whole.executions
    )
    check_remaining(device, max_qpu_seconds)
    run = new_run(plan, max_qpu_seconds, device) if isinstance(plan, Plan) else plan
    run._tracker.device = device
    run._tracker.post(max_qpu_seconds)
    return run


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
