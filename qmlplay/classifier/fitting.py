"""How a classifier is fitted: from checked data to published weights."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.utils import check_array, check_consistent_length, check_random_state
from sklearn.utils.validation import _check_sample_weight, validate_data

from qmlplay.backends import Backend
from qmlplay.classifier.design import InputScaling, design, first_numbers, n_outputs
from qmlplay.classifier.simulators import checked_backend, make_backend
from qmlplay.classifier.validation import check_labels, check_not_mixed, numeric_features
from qmlplay.progress import is_loud, progress_bar
from qmlplay.training import (
    Model,
    Monitor,
    OptimizerSettings,
    OptimizerState,
    TrainingCost,
    TrainingProblem,
    split_numbers,
    train,
)
from qmlplay.training.cost import plan, samples_per_step
from qmlplay.training.losses import class_indices
from qmlplay.training.optimizers import OPTIMIZERS, get_optimizer

if TYPE_CHECKING:
    from qmlplay.classifier.estimator import VariationalClassifier

__all__ = [
    "all_or_nothing",
    "cost_of_fit",
    "fit",
    "make_backend",
    "partial_fit",
]

Real = NDArray[np.float64]
Rows = tuple[Real, NDArray[np.intp], Real]


@contextmanager
def all_or_nothing(clf: VariationalClassifier) -> Iterator[None]:
    """Give a classifier back everything that it had when fitting it fails."""
    before = dict(vars(clf))
    try:
        yield
    except BaseException:
        clf.__dict__ = before
        raise


def fit(
    clf: VariationalClassifier, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None
) -> None:
    """Fit a classifier (see `VariationalClassifier.fit`)."""
    goes_on = clf.warm_start and _is_fitted(clf)
    backend = checked_backend(clf, goes_on=goes_on)
    X, y, sample_weight = _checked_data(clf, X, y, sample_weight, reset=not goes_on)
    check_labels(y)
    classes, targets = np.unique(np.asarray(y), return_inverse=True)
    random = check_random_state(clf.random_state)
    rows: Rows = (X, targets, sample_weight)
    held_out: Rows | None = None
    if clf.early_stopping:
        rows, held_out = _split(rows, clf.validation_fraction, random)
    if goes_on:
        _check_same_model(clf, X, classes)
    else:
        _set_up(clf, rows[0], classes, random)
    _run(clf, backend, rows, random, held_out=held_out)


def partial_fit(
    clf: VariationalClassifier,
    X: ArrayLike,
    y: ArrayLike,
    classes: ArrayLike | None,
    sample_weight: ArrayLike | None,
) -> None:
    """Do one iteration (see `VariationalClassifier.partial_fit`)."""
    first = not _is_fitted(clf)
    backend = checked_backend(clf, goes_on=not first)
    if not get_optimizer(clf.optimizer).resumable:
        names = [name for name in OPTIMIZERS if get_optimizer(name).resumable]
        raise ValueError(
            f"partial_fit needs an optimizer that can be resumed, one of {names} or an "
            f"Optimizer(…, resumable=True), got optimizer={clf.optimizer!r}"
        )
    if first and classes is None:
        raise ValueError("the first call of partial_fit needs classes=…, all labels that will come")
    X, y, sample_weight = _checked_data(clf, X, y, sample_weight, reset=first)
    check_not_mixed("classes", classes)
    known = np.unique(np.asarray(classes)) if classes is not None else clf.classes_
    if first:
        check_labels(known)
    elif not np.array_equal(known, clf.classes_):
        raise ValueError(f"classes={known.tolist()} differ from {clf.classes_.tolist()} before")
    unknown = np.setdiff1d(y, known)
    if len(unknown):
        raise ValueError(f"y has labels {unknown.tolist()} that are not among the classes")
    random = check_random_state(clf.random_state)
    if first:
        _set_up(clf, X, known, random)
    else:
        _check_same_model(clf, X, known)
    rows: Rows = (X, np.searchsorted(known, y), sample_weight)
    _run(clf, backend, rows, random, one_iteration=True)


def _is_fitted(clf: VariationalClassifier) -> bool:
    return "weights_" in vars(clf)


def _checked_data(
    clf: VariationalClassifier, X: Any, y: Any, sample_weight: Any, *, reset: bool
) -> tuple[Real, NDArray[Any], Real]:
    """Return checked data without the samples of weight 0."""
    check_not_mixed("y", y)
    with numeric_features():
        X, y = validate_data(clf, X, y, reset=reset, dtype=float)
    weights = _check_sample_weight(sample_weight, X, dtype=float, ensure_non_negative=True)
    weights = weights / max(weights.max(), np.finfo(float).tiny)  # so that no sum overflows
    kept = weights > 0
    if not kept.any():
        raise ValueError("all sample weights are 0: at least some must be positive")
    return X[kept], y[kept], weights[kept]


def _check_same_model(clf: VariationalClassifier, X: Real, classes: NDArray[Any]) -> None:
    """Check that a warm start finds the model that the parameters and the data ask for."""
    advice = "fit a new classifier, or set warm_start=False"
    if not np.array_equal(classes, clf.classes_):
        raise ValueError(
            f"warm_start=True goes on with classes {clf.classes_.tolist()}, but y has "
            f"{classes.tolist()}: {advice}"
        )
    if design(clf, X.shape[1], len(classes)) != (clf.circuit_, clf.observables_):
        raise ValueError(
            f"training would go on with the weights of another circuit: a parameter such as "
            f"n_layers, n_qubits, encoding or ansatz has changed; {advice}"
        )


def _set_up(
    clf: VariationalClassifier, X: Real, classes: NDArray[Any], random: np.random.RandomState
) -> None:
    """Choose circuit, observables and input scaling, and draw the first weights."""
    circuit, observables = design(clf, X.shape[1], len(classes))
    numbers = first_numbers(circuit, len(observables), len(classes), random)
    clf.classes_ = classes
    clf.n_qubits_, clf.observables_, clf.circuit_ = circuit.n_qubits, observables, circuit
    clf.n_parameters_ = len(numbers)
    clf.scaling_ = (
        InputScaling.from_data(X) if clf.scale_inputs else InputScaling.identity(X.shape[1])
    )
    clf._optimizer_state = OptimizerState()
    clf.loss_curve_, clf.validation_scores_ = [], []
    clf.n_iter_, clf.n_steps_, clf.n_circuit_evaluations_, clf.interrupted_ = 0, 0, 0, False
    _publish(clf)(numbers)


def _publish(clf: VariationalClassifier) -> Callable[[Real], None]:
    """Return the function that gives a classifier its trainable numbers."""

    def publish(w: Real) -> None:
        clf.weights_, clf.readout_ = split_numbers(w, clf.circuit_.n_weights, len(clf.observables_))

    return publish


def _all_numbers(clf: VariationalClassifier) -> Real:
    return np.concatenate([clf.weights_, clf.readout_.numbers])


def _settings(
    clf: VariationalClassifier,
    n_samples: int,
    generator: np.random.Generator,
    *,
    one_iteration: bool,
) -> OptimizerSettings:
    return OptimizerSettings(
        learning_rate=clf.learning_rate_init,
        max_iter=1 if one_iteration else clf.max_iter,
        batch_size=samples_per_step(clf.batch_size, n_samples),
        momentum=clf.momentum,
        tol=clf.tol,
        generator=generator,
        state=clf._optimizer_state if one_iteration else clf._optimizer_state.restarted(),
        planned_iter=clf.max_iter,
    )


def _run(
    clf: VariationalClassifier,
    backend: Backend,
    rows: Rows,
    random: np.random.RandomState,
    *,
    held_out: Rows | None = None,
    one_iteration: bool = False,
) -> None:
    """Train from the published weights on, and write down the history."""
    model = Model(backend, clf.circuit_, clf.observables_)
    X, y, weights = rows
    max_iter = 1 if one_iteration else clf.max_iter
    cost = plan(
        clf.optimizer,
        clf.gradient_method,
        backend,
        clf.circuit_,
        clf.observables_,
        n_samples=len(X),
        max_iter=max_iter,
        batch_size=clf.batch_size,
        n_validation=0 if held_out is None else len(held_out[0]),
        n_readout=len(clf.readout_.numbers),
    )
    clf.training_cost_, clf.gradient_method_ = cost, cost.gradient_method
    if is_loud(clf.verbose):
        print(cost, file=sys.stderr)  # where the progress bar is, too
    generator = np.random.default_rng([random.randint(2**31 - 1), clf.n_steps_])
    problem = TrainingProblem(
        model,
        clf.scaling_.radians(X),
        y,
        weights,
        loss_name=clf.loss,
        gradient_method=cost.gradient_method,
        generator=generator,
    )
    optimizer = get_optimizer(clf.optimizer)
    waits = clf.early_stopping or not optimizer.stops_itself
    settings = _settings(clf, problem.n_samples, generator, one_iteration=one_iteration)
    clf.batch_size_ = settings.batch_size if optimizer.in_batches else problem.n_samples
    clf.stop_reason_ = None  # so that a callback can save the model
    with progress_bar(max_iter, f"fit ({backend.name})", verbose=clf.verbose) as progress:
        monitor = Monitor(
            publish=_publish(clf),
            estimator=clf,
            callbacks=clf.callbacks or (),
            tol=clf.tol,
            n_iter_no_change=clf.n_iter_no_change if waits else None,
            max_time=clf.max_time,
            validate=None if held_out is None else _validation(clf, problem, held_out),
            progress=progress,
        )
        clf.interrupted_ = train(problem, _all_numbers(clf), clf.optimizer, settings, monitor)
    if held_out is not None and monitor.best_w is not None:
        monitor.publish(monitor.best_w)
    history = list(clf.loss_curve_) if clf.warm_start or one_iteration else []
    clf.loss_curve_ = history + monitor.losses
    clf.validation_scores_ = monitor.scores
    clf.n_iter_ = len(clf.loss_curve_) if one_iteration else max(len(monitor.losses), 1)
    clf.n_steps_ += monitor.step
    used_up = "partial_fit" if one_iteration else "max_iter"
    clf.stop_reason_ = _stop_reason(clf, monitor, used_up, max_iter)
    clf.n_circuit_evaluations_ += problem.n_circuit_evaluations
    clf._optimizer_state = monitor.state or settings.state


def _stop_reason(clf: VariationalClassifier, monitor: Monitor, used_up: str, max_iter: int) -> str:
    if clf.interrupted_:
        return "interrupted"
    own_end = used_up if len(monitor.losses) >= max_iter else "optimizer"
    return monitor.stop_reason or own_end


def _split(rows: Rows, fraction: float, random: np.random.RandomState) -> tuple[Rows, Rows]:
    """Set a stratified part of the training data aside."""
    X, y, weights = rows
    try:
        parts = train_test_split(X, y, weights, test_size=fraction, stratify=y, random_state=random)
    except ValueError as error:
        raise ValueError(
            f"early_stopping sets validation_fraction={fraction} of {len(y)} samples aside, which "
            f"is too few here: {error}"
        ) from error
    return (parts[0], parts[2], parts[4]), (parts[1], parts[3], parts[5])


def _validation(
    clf: VariationalClassifier, problem: TrainingProblem, rows: Rows
) -> Callable[[], float]:
    X, y, weights = clf.scaling_.radians(rows[0]), *rows[1:]
    model = problem.model

    def score() -> float:
        problem.circuits["values"] += len(X)
        chosen = class_indices(model.decisions(X, _all_numbers(clf)))
        return float(accuracy_score(y, chosen, sample_weight=weights))

    return score


def cost_of_fit(clf: VariationalClassifier, X: ArrayLike, y: ArrayLike | None) -> TrainingCost:
    """Return what `fit` would cost at most (see `VariationalClassifier.training_cost`)."""
    backend = checked_backend(clf)
    with numeric_features():
        n_samples, n_features = check_array(X, dtype=float).shape
    n_classes = 2
    if y is not None:
        check_consistent_length(X, y)
        check_labels(y)
        n_classes = len(np.unique(np.asarray(y)))
    circuit, observables = design(clf, n_features, n_classes)
    n_validation = ceil(clf.validation_fraction * n_samples) if clf.early_stopping else 0
    return plan(
        clf.optimizer,
        clf.gradient_method,
        backend,
        circuit,
        observables,
        n_samples=n_samples - n_validation,
        max_iter=clf.max_iter,
        batch_size=clf.batch_size,
        n_validation=n_validation,
        n_readout=(len(observables) + 1) * n_outputs(n_classes),
    )
