"""Training on a device, with SPSA: two points and one job an iteration, whatever the weights.

Every iteration is a run of its own, stored before it is posted; when it is done, weights, the state
of the random generator and the job's id are written down together. Training that was interrupted
goes on from there to the weights that it would have reached otherwise (on simulated devices, to
the last digit).
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.utils import check_random_state
from sklearn.utils.validation import validate_data

from qmlplay.classifier import fitting, load_model
from qmlplay.classifier.validation import check_labels, numeric_features
from qmlplay.ibm import store
from qmlplay.ibm.device import Device, open_device
from qmlplay.ibm.errors import BudgetError, JobError, StoreError
from qmlplay.ibm.planning import Model, Plan, check_count, check_level, check_seed, make_plan
from qmlplay.ibm.records import load_plan, plan_to_dict, save_plan
from qmlplay.ibm.runs import Run, new_run, resume
from qmlplay.ibm.submission import check_budget, check_remaining
from qmlplay.training import split_numbers
from qmlplay.training.losses import LOSSES

if TYPE_CHECKING:
    from qmlplay.classifier import VariationalClassifier

__all__ = ["Checkpoint", "TrainingResult", "list_trainings", "resume_training", "train"]

Real = NDArray[np.float64]
_KIND = "training"


@dataclass(frozen=True)
class Checkpoint:
    """What is written down after every iteration.

    Parameters
    ----------
    created : str
        Date and time of the beginning, in UTC.
    iterations, batch_size : int
    learning_rate, max_qpu_seconds : float
    weights : tuple of float
        All trainable numbers: the circuit's weights, then the readout's scale and bias.
    losses : tuple of float
        Mean of the two losses of every iteration so far.
    generator : dict
        State of the random generator.
    spent_seconds : float
        QPU seconds so far; on simulated devices, what they would have been.
    run : str or None
        Key of the iteration that is under way.
    job_ids : tuple of str
        Jobs of the iterations so far.
    """

    created: str
    iterations: int
    batch_size: int
    learning_rate: float
    max_qpu_seconds: float
    weights: tuple[float, ...]
    losses: tuple[float, ...]
    generator: dict[str, Any]
    spent_seconds: float = 0.0
    run: str | None = None
    job_ids: tuple[str, ...] = ()

    @property
    def done(self) -> int:
        """Number of iterations so far."""
        return len(self.losses)


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """A classifier trained on a device.

    Parameters
    ----------
    key : str
    classifier : VariationalClassifier
        A fitted copy.
    losses : tuple of float
        Of every iteration.
    spent_seconds : float
        QPU seconds; on simulated devices, what they would have been.
    job_ids : tuple of str
    """

    key: str
    classifier: VariationalClassifier
    losses: tuple[float, ...]
    spent_seconds: float
    job_ids: tuple[str, ...]


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
    callback: Callable[[Checkpoint], Any] | None = None,
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
        Called with a `Checkpoint` after every iteration; a true answer ends training.

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
    for name, value in (("iterations", iterations), ("shots", shots), ("batch_size", batch_size)):
        check_count(name, value)
    check_level(resilience_level)
    check_budget(max_qpu_seconds)
    start = check_seed(seed)
    model, data, targets = _prepared(clf, X, y)
    batch = min(int(batch_size), len(data))
    plan = _first_plan(
        model, data[:batch], device, instance, int(shots), int(resilience_level), start
    )
    _check_total(plan, int(iterations), max_qpu_seconds)
    checkpoint = Checkpoint(
        created=store.now(),
        iterations=int(iterations),
        batch_size=batch,
        learning_rate=float(model.learning_rate_init),
        max_qpu_seconds=float(max_qpu_seconds),
        weights=tuple(map(float, fitting._all_numbers(model))),
        losses=(),
        generator=dict(np.random.default_rng(start).bit_generator.state),
    )
    training = _Training(store.new_key(), model, plan, data, targets, checkpoint)
    check_remaining(training.device, max_qpu_seconds)
    training.keep_everything()
    return training.finish(callback)


def resume_training(
    key: str,
    *,
    max_qpu_seconds: float | None = None,
    callback: Callable[[Checkpoint], Any] | None = None,
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
    """
    content = store.read_record(key, _KIND)
    arrays = store.read_arrays(key, _KIND)
    plan = load_plan(key, content.pop("plan", {}))
    try:
        content |= {name: tuple(content[name]) for name in ("weights", "losses", "job_ids")}
        checkpoint = Checkpoint(**content)
        data, targets = arrays["X"], arrays["y"]
    except (KeyError, TypeError) as error:
        raise StoreError(
            f"{store.path_of(key, 'training.json')} is damaged ({error!r}); it is left as it is"
        ) from error
    if max_qpu_seconds is not None:
        check_budget(max_qpu_seconds)
        checkpoint = replace(checkpoint, max_qpu_seconds=float(max_qpu_seconds))
    model = load_model(store.path_of(key, "training.qmlplay"))
    return _Training(key, model, plan, data, targets, checkpoint).finish(callback)


def list_trainings() -> pd.DataFrame:
    """Return all trainings on devices, the newest first.

    Returns
    -------
    pandas.DataFrame
        Columns key, created, device, done, iterations, loss and spent_seconds.
    """
    columns = ["key", "created", "device", "done", "iterations", "loss", "spent_seconds"]
    return pd.DataFrame([_summary(key) for key in store.stored_keys(_KIND)], columns=columns)


def _summary(key: str) -> dict[str, Any]:
    try:
        content = store.read_record(key, _KIND)
        found = {name: content[name] for name in ("created", "iterations", "spent_seconds")}
        losses = content["losses"]
        return found | {
            "key": key,
            "device": content["plan"]["device"],
            "done": len(losses),
            "loss": losses[-1] if losses else None,
        }
    except (KeyError, TypeError, StoreError):
        return {"key": key, "device": "damaged, or from a newer version"}


def _prepared(
    clf: VariationalClassifier, X: ArrayLike, y: ArrayLike
) -> tuple[VariationalClassifier, Real, NDArray[np.intp]]:
    """Return a copy with circuit and weights, data in radians, and class indices."""
    if fitting._is_fitted(clf):
        model = copy(clf)
        with numeric_features():
            data, labels = validate_data(model, X, y, reset=False, dtype=float)
        unknown = np.setdiff1d(labels, model.classes_)
        if len(unknown):
            raise ValueError(
                f"y has labels {unknown.tolist()[:5]} that the model does not know: its classes "
                f"are {model.classes_.tolist()}"
            )
    else:
        model = clone(clf)
        data, labels, _ = fitting._checked_data(model, X, y, None, reset=True)
        check_labels(labels)
        random = check_random_state(model.random_state)
        fitting._set_up(model, data, np.unique(labels), random)
        model.training_cost_ = model.gradient_method_ = None
    return model, model.scaling_.radians(data), np.searchsorted(model.classes_, labels)


def _first_plan(
    clf: VariationalClassifier,
    data: Real,
    device: str | None,
    instance: str | None,
    shots: int,
    level: int,
    seed: int,
) -> Plan:
    """Return the plan of one iteration: every angle that may change is a parameter."""
    formulas = clf.circuit_.formulas
    return make_plan(
        Model(clf.circuit_.circuit, clf.observables_, clf.readout_, clf.classes_),
        np.tile(_columns(clf, data, clf.weights_), (2, 1)),
        np.array([not formula.weights and not formula.features for formula in formulas]),
        None,
        shots=shots,
        device=device,
        instance=instance,
        resilience_level=level,
        seed=seed,
    )


def _columns(clf: VariationalClassifier, data: Real, weights: Real) -> Real:
    """Return the angles (n_samples, n_slots)."""
    angles = clf.circuit_.angles(data, weights)
    return np.column_stack([np.broadcast_to(angle, len(data)) for angle in angles])


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


class _Training:
    """Training under way: a checkpoint, and what never changes."""

    def __init__(
        self,
        key: str,
        model: VariationalClassifier,
        plan: Plan,
        data: Real,
        targets: NDArray[np.intp],
        checkpoint: Checkpoint,
    ) -> None:
        self.key = key
        self.checkpoint = checkpoint
        self._model, self._plan = model, plan
        self._data, self._targets = data, targets
        self._opened: Device | None = None

    @property
    def device(self) -> Device:
        """The device, opened once."""
        if self._opened is None:
            plan = self._plan
            n_qubits = plan.model.circuit.n_qubits
            self._opened = open_device(plan.device, plan.instance, n_qubits, plan.executions)
        return self._opened

    def keep_everything(self) -> None:
        """Write down all that `resume_training` needs."""
        save_plan(self.key, self._plan)
        store.write_arrays(self.key, _KIND, {"X": self._data, "y": self._targets})
        self._model.save(store.path_of(self.key, "training.qmlplay"))
        self._keep(self.checkpoint)

    def finish(self, callback: Callable[[Checkpoint], Any] | None) -> TrainingResult:
        """Do the iterations that are left."""
        try:
            while self.checkpoint.done < self.checkpoint.iterations:
                self._step()
                if callback is not None and callback(self.checkpoint):
                    break
        except BaseException as error:  # Ctrl-C as well
            error.add_note(
                f"{self.checkpoint.done} of {self.checkpoint.iterations} iterations are kept: "
                f"qmlplay.ibm.resume_training({self.key!r}) goes on"
            )
            raise
        done = self.checkpoint
        return TrainingResult(
            self.key, self._trained(), done.losses, done.spent_seconds, done.job_ids
        )

    def _step(self) -> None:
        """Do one iteration; the gains fall as in `qmlplay.training.optimizers.spsa`."""
        before = self.checkpoint
        generator = np.random.default_rng()
        generator.bit_generator.state = before.generator
        rows = np.sort(generator.permutation(len(self._data))[: before.batch_size])
        w, k, stability = np.array(before.weights), before.done, 0.1 * before.iterations
        direction = generator.choice([-1.0, 1.0], w.shape)
        gain = before.learning_rate * ((1 + stability) / (1 + k + stability)) ** 0.602
        width = 0.2 / (1 + k) ** 0.101
        points = (w + width * direction, w - width * direction)
        run = self._run(rows, points)
        up, down = self._losses(run, rows, points)
        w = w - gain * (up - down) / (2 * width) * direction
        spent = run.used_seconds
        if self._plan.is_fake or spent is None:
            spent = run.plan.estimated_seconds
        self._keep(
            replace(
                before,
                weights=tuple(map(float, w)),
                losses=(*before.losses, (up + down) / 2),
                generator=dict(generator.bit_generator.state),
                spent_seconds=before.spent_seconds + spent,
                run=None,
                job_ids=before.job_ids + run.job_ids,
            )
        )
        store.remove(run.key)  # all that counts of it is in the checkpoint now

    def _run(self, rows: NDArray[np.intp], points: tuple[Real, Real]) -> Run:
        """Return the finished run of both points: taken up where there is one, or posted."""
        if self.checkpoint.run is not None:
            run = resume(self.checkpoint.run)
            run._device = self.device
        else:
            n_weights = self._model.circuit_.n_weights
            angles = [_columns(self._model, self._data[rows], w[:n_weights]) for w in points]
            seed = (self._plan.seed + self.checkpoint.done) % 2**31
            plan = replace(self._plan, angles=np.concatenate(angles), seed=seed)
            run = new_run(plan, self._limit(plan), self.device)
            self._keep(replace(self.checkpoint, run=run.key))
        if any(job.state == "planned" for job in run.jobs):
            run._post(run.max_qpu_seconds)
        try:
            return run.wait()
        except JobError:  # the next attempt needs a job of its own
            self._keep(replace(self.checkpoint, run=None))
            raise

    def _limit(self, plan: Plan) -> float:
        """Return what one iteration may spend, or say that nothing is left for it."""
        needed = sum(plan.needed_seconds)
        left = int(self.checkpoint.max_qpu_seconds - self.checkpoint.spent_seconds)
        if left < needed:
            raise BudgetError(
                f"{self.checkpoint.spent_seconds:.1f} of max_qpu_seconds="
                f"{self.checkpoint.max_qpu_seconds:g} are spent, and an iteration takes {needed}: "
                f"qmlplay.ibm.resume_training({self.key!r}, max_qpu_seconds=...) with more goes on"
            )
        return min(left, 2 * needed)

    def _losses(
        self, run: Run, rows: NDArray[np.intp], points: tuple[Real, Real]
    ) -> tuple[float, float]:
        circuit, observables = self._model.circuit_, self._model.observables_
        halves = np.split(run.result().expectations, 2)
        losses = []
        for values, w in zip(halves, points, strict=True):
            readout = split_numbers(w, circuit.n_weights, len(observables))[1]
            found, _ = LOSSES[self._model.loss](readout.decisions(values), self._targets[rows])
            losses.append(float(np.mean(found)))
        return losses[0], losses[1]

    def _trained(self) -> VariationalClassifier:
        model = copy(self._model)
        fitting._publish(model)(np.array(self.checkpoint.weights))
        done = self.checkpoint.done
        model.loss_curve_ = list(self.checkpoint.losses)
        model.n_iter_ = model.n_steps_ = done
        model.n_circuit_evaluations_ = 2 * self.checkpoint.batch_size * done
        return model

    def _keep(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        content = asdict(checkpoint) | {"plan": plan_to_dict(self._plan)}
        store.write_record(self.key, content, _KIND)
