"""Training on a device, with SPSA: two points and one job an iteration, whatever the weights.

Every iteration is a run of its own, stored before it is posted; when it is done, weights, the state
of the random generator and the job's id are written down together. Training that was interrupted
goes on from there to the weights that it would have reached otherwise (on simulated devices, to
the last digit).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from qmlplay.checks import check_count
from qmlplay.classifier import VariationalClassifier, load_model
from qmlplay.classifier.start import prepared
from qmlplay.ibm import store
from qmlplay.ibm.errors import BudgetError, StoreError
from qmlplay.ibm.plans import Plan, angle_columns
from qmlplay.ibm.preparation import check_level, check_seed, make_plan
from qmlplay.ibm.records import load_plan
from qmlplay.ibm.spsa import KIND, DeviceCheckpoint, DeviceTraining, TrainingResult
from qmlplay.ibm.submission import check_budget, check_remaining, warn_if_slow_here
from qmlplay.model import TrainedModel
from qmlplay.typing import Real

if TYPE_CHECKING:
    from qmlplay.classifier import VariationalClassifier

__all__ = ["list_trainings", "resume_training", "train"]


def train(
    clf: VariationalClassifier,
    X: ArrayLike,
    y: ArrayLike,
    *,
    device: str | None = None,
    instance: str | None = None,
    iterations: int = 50,
    shots: int = 128,
    batch_size: int = 20,
    max_qpu_seconds: float,
    resilience_level: int = 0,
    seed: int | None = None,
    callback: Callable[[DeviceCheckpoint], Any] | None = None,
) -> TrainingResult:
    """Train a classifier on a device with SPSA, one job an iteration. This spends QPU time.

    Parameters
    ----------
    clf : VariationalClassifier
        It stays as it is. A fitted one goes on from its weights; of another one the circuit,
        learning_rate_init, loss and random_state count.
    X : array-like of shape (n_samples, n_features)
    y : array-like of shape (n_samples,)
    device, instance, shots, resilience_level, seed
        As in `plan`; the seed also draws the batches and directions.
    iterations : int, default=50
    batch_size : int, default=20
        Samples per iteration; each is measured at two points.
    max_qpu_seconds : float
        What all iterations together may spend.
    callback : callable, optional
        Called with a `DeviceCheckpoint` after every iteration; the answer True ends training.

    Returns
    -------
    TrainingResult

    Raises
    ------
    TypeError, ValueError
        If the data or a setting is not allowed, or the device is unknown or too small.
    BudgetError
        If the estimate is above the budget, or what was spent comes to it; then the checkpoint
        stays for `resume_training`.
    ServiceError
        As in `submit` and `Run.wait`; the checkpoint stays.

    Notes
    -----
    Data and checkpoints are kept in the folder of the runs. Tested against an emulator of the
    service and simulated devices, not against IBM's machines.

    References
    ----------
    J. C. Spall, IEEE Trans. Aerosp. Electron. Syst. 34 (1998) 817.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier, ibm
    >>> result = ibm.train(
    ...     VariationalClassifier(n_layers=1, random_state=0), [[0.0], [1.0]], ["a", "b"],
    ...     device="fake_manila", iterations=2, max_qpu_seconds=10, seed=1)
    >>> len(result.losses), result.classifier.predict([[0.5]]).shape
    (2, (1,))
    """
    if not isinstance(clf, VariationalClassifier):
        raise TypeError(f"clf must be a VariationalClassifier, got {type(clf).__name__}")
    for name, value in (("iterations", iterations), ("shots", shots), ("batch_size", batch_size)):
        check_count(name, value)
    check_level(resilience_level)
    check_budget(max_qpu_seconds)
    start = check_seed(seed)
    learning_rate = clf.learning_rate_init
    if callable(learning_rate):
        raise TypeError(
            "learning_rate_init is a schedule, which a checkpoint cannot keep: give a number, such "
            "as clf.set_params(learning_rate_init=0.1), whose steps shrink by themselves"
        )
    if not isinstance(clf.loss, str):
        raise TypeError(
            "loss is a pair of functions, which a checkpoint cannot keep: name one, such as "
            "clf.set_params(loss='hinge')"
        )
    if clf.class_weight is not None:
        raise ValueError(
            "class_weight does not count in training on a device: set it to None, such as "
            "clf.set_params(class_weight=None)"
        )
    copy, samples = prepared(clf, X, y)
    model = copy.model_
    data = model.scaling.radians(samples.X)
    targets = model.label_indices(samples.y)
    batch = min(int(batch_size), len(data))
    plan = _first_plan(
        model,
        data[:batch],
        shots=int(shots),
        device=device,
        instance=instance,
        resilience_level=int(resilience_level),
        seed=start,
    )
    _check_total(plan, int(iterations), max_qpu_seconds)
    warn_if_slow_here(plan, "training", int(iterations), stacklevel=3)
    checkpoint = DeviceCheckpoint(
        created=store.now(),
        iterations=int(iterations),
        batch_size=batch,
        learning_rate=float(learning_rate),
        max_qpu_seconds=float(max_qpu_seconds),
        weights=tuple(map(float, model.numbers)),
        losses=(),
        generator=dict(np.random.default_rng(start).bit_generator.state),
    )
    training = DeviceTraining(store.new_key(), copy, plan, data, targets, checkpoint)
    check_remaining(training.device, max_qpu_seconds)
    training.keep_everything()
    return training.finish(callback)


def resume_training(
    key: str,
    *,
    max_qpu_seconds: float | None = None,
    callback: Callable[[DeviceCheckpoint], Any] | None = None,
) -> TrainingResult:
    """Go on with training that was interrupted, from its last checkpoint. This spends QPU time.

    Parameters
    ----------
    key : str
        One of `list_trainings`.
    max_qpu_seconds : float, optional
        A new budget for all iterations together, those before included.
    callback : callable, optional
        As in `train`.

    Returns
    -------
    TrainingResult
        That of the whole training; at once, where it had ended.

    Raises
    ------
    UnknownRunError, StoreError
        If there is no such training, or its files are damaged or from a newer version.
    BudgetError, ServiceError
        As in `train`.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier, ibm
    >>> done = ibm.train(
    ...     VariationalClassifier(n_layers=1, random_state=0), [[0.0], [1.0]], ["a", "b"],
    ...     device="fake_manila", iterations=1, max_qpu_seconds=10, seed=1)
    >>> again = ibm.resume_training(done.key)  # in any process; here there is nothing left to do
    >>> again.losses == done.losses
    True
    """
    content = store.read_record(key, KIND)
    arrays = store.read_arrays(key, KIND)
    plan = load_plan(key, content.pop("plan", {}))
    try:
        content |= {name: tuple(content[name]) for name in ("weights", "losses", "job_ids")}
        checkpoint = DeviceCheckpoint(**content)
        data, targets = arrays["X"], arrays["y"]
    except (KeyError, TypeError) as error:
        raise store.damaged(store.path_of(key, "training.json"), repr(error)) from error
    if max_qpu_seconds is not None:
        check_budget(max_qpu_seconds)
        checkpoint = replace(checkpoint, max_qpu_seconds=float(max_qpu_seconds))
    clf = load_model(store.path_of(key, "training.qmlplay"))
    return DeviceTraining(key, clf, plan, data, targets, checkpoint).finish(callback)


def _first_plan(model: TrainedModel, data: Real, **settings: Any) -> Plan:
    """Return the plan of one iteration: every angle that may change is a parameter."""
    angles = angle_columns(model.circuit.angles(data, model.weights), len(data))
    shared = [not formula.weights and not formula.features for formula in model.circuit.formulas]
    return make_plan(model, np.tile(angles, (2, 1)), np.array(shared), None, **settings)


def _check_total(plan: Plan, iterations: int, max_qpu_seconds: float) -> None:
    needed = sum(plan.needed_seconds)
    if iterations * needed > max_qpu_seconds:
        affordable = int(max_qpu_seconds // needed)
        fewer = f", lower iterations to {affordable}" if affordable else ""
        raise BudgetError(
            f"{iterations} iterations of {needed} QPU seconds each are {iterations * needed}, "
            f"above max_qpu_seconds={max_qpu_seconds:g}: raise it{fewer}, or lower shots or "
            f"batch_size. Nothing was posted"
        )


def list_trainings() -> pd.DataFrame:
    """Return all trainings on devices, the newest first.

    Returns
    -------
    pandas.DataFrame
        Columns key, created, device, done, iterations, loss and spent_seconds.

    Examples
    --------
    >>> from qmlplay import ibm
    >>> list(ibm.list_trainings())[:4]
    ['key', 'created', 'device', 'done']
    """
    columns = ["key", "created", "device", "done", "iterations", "loss", "spent_seconds"]
    return pd.DataFrame([_summary(key) for key in store.stored_keys(KIND)], columns=columns)


def _summary(key: str) -> dict[str, Any]:
    try:
        content = store.read_record(key, KIND)
        kept = {name: content[name] for name in ("created", "iterations", "spent_seconds")}
        losses = content["losses"]
        return kept | {
            "key": key,
            "device": content["plan"]["device"],
            "done": len(losses),
            "loss": losses[-1] if losses else None,
        }
    except (KeyError, TypeError, StoreError):
        return {"key": key, "device": "damaged, or from a newer version"}
