"""The course of a fit: from checked data to a trained model and its history."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.metrics import accuracy_score
from sklearn.utils import check_array, check_consistent_length, check_random_state

from qmlplay.backends import Backend
from qmlplay.classifier.validation import (
    TrainingData,
    check_labels,
    check_not_mixed,
    check_parameters,
    checked_data,
    numeric_features,
)
from qmlplay.model import InputScaling, Model, TrainedModel
from qmlplay.progress import is_loud, progress_bar
from qmlplay.training import (
    Monitor,
    OptimizerSettings,
    TrainingCost,
    TrainingHistory,
    TrainingProblem,
    train,
)
from qmlplay.training.cost import plan, samples_per_step
from qmlplay.training.optimizer_state import OptimizerState
from qmlplay.training.optimizers import OPTIMIZERS, get_optimizer

if TYPE_CHECKING:
    from qmlplay.classifier.estimator import VariationalClassifier

__all__ = [
    "all_or_nothing",
    "cost_of_fit",
    "first_model",
    "fit",
    "partial_fit",
    "prepared",
    "training_backend",
]

Real = NDArray[np.float64]
Estimator = TypeVar("Estimator", bound="VariationalClassifier")
Fit = tuple[TrainedModel, TrainingHistory]
Show = Callable[[TrainedModel, TrainingHistory], None]


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
    clf: VariationalClassifier,
    X: ArrayLike,
    y: ArrayLike,
    sample_weight: ArrayLike | None,
    show: Show,
) -> Fit:
    """Return a trained model and its history (see `VariationalClassifier.fit`).

    The model and what is known so far are shown before training and after every step.
    """
    before = _before(clf) if clf.warm_start else None
    backend = training_backend(clf, before)
    samples = checked_data(clf, X, y, sample_weight, reset=before is None)
    check_labels(samples.labels)
    classes = np.unique(samples.labels)
    random = check_random_state(clf.random_state)
    held_out = None
    if clf.early_stopping:
        samples, held_out = samples.split(clf.validation_fraction, random)
    model, history = before or (
        first_model(clf, samples.X, classes, random),
        TrainingHistory(),
    )
    if before is not None:
        _check_same_design(clf, model, classes)
    return _train(clf, backend, samples, model, history, random, show, held_out=held_out)


def partial_fit(
    clf: VariationalClassifier,
    X: ArrayLike,
    y: ArrayLike,
    classes: ArrayLike | None,
    sample_weight: ArrayLike | None,
    show: Show,
) -> Fit:
    """Do one iteration (see `VariationalClassifier.partial_fit`)."""
    before = _before(clf)
    backend = training_backend(clf, before)
    if not get_optimizer(clf.optimizer).resumable:
        names = [name for name, optimizer in OPTIMIZERS.items() if optimizer.resumable]
        raise ValueError(
            f"partial_fit needs an optimizer that can be resumed, one of {names} or an "
            f"Optimizer(…, resumable=True), got optimizer={clf.optimizer!r}"
        )
    if before is None and classes is None:
        raise ValueError("the first call of partial_fit needs classes=…, all labels that will come")
    samples = checked_data(clf, X, y, sample_weight, reset=before is None)
    check_not_mixed("classes", classes)
    known = np.unique(np.asarray(classes)) if classes is not None else clf.classes_
    if before is None:
        check_labels(known)
    elif not np.array_equal(known, clf.classes_):
        raise ValueError(f"classes={known.tolist()} differ from {clf.classes_.tolist()} before")
    unknown = np.setdiff1d(samples.labels, known)
    if len(unknown):
        raise ValueError(f"y has labels {unknown.tolist()} that are not among the classes")
    random = check_random_state(clf.random_state)
    model, history = before or (first_model(clf, samples.X, known, random), TrainingHistory())
    if before is not None:
        _check_same_design(clf, model, known)
    return _train(clf, backend, samples, model, history, random, show, one_iteration=True)


def _before(clf: VariationalClassifier) -> Fit | None:
    """Return what an earlier fit left."""
    return (clf.model_, clf._history) if "model_" in vars(clf) else None


def training_backend(clf: VariationalClassifier, before: Fit | None = None) -> Backend:
    """Check a classifier's parameters, and return the simulator to train on."""
    check_parameters(clf)
    if not clf.shots:
        return clf.make_backend()
    # Further steps need other shots than those before.
    done = before[1].n_steps if before else 0
    return clf.make_backend(check_random_state(clf.random_state).randint(2**31 - 1) + done)


def first_model(
    clf: VariationalClassifier, X: Real, classes: NDArray[Any], random: np.random.RandomState
) -> TrainedModel:
    """Return the model that training starts from."""
    design = clf.design(X.shape[1], len(classes))
    scaling = InputScaling.from_data(X) if clf.scale_inputs else InputScaling.identity(X.shape[1])
    return design.first_model(scaling, classes, random)


def prepared(clf: Estimator, X: ArrayLike, y: ArrayLike) -> tuple[Estimator, TrainingData]:
    """Return a copy ready to be trained elsewhere, and its checked data.

    A fitted classifier goes on from its numbers; another one gets those that `fit` starts from.

    Raises
    ------
    TypeError, ValueError
        If the data or a parameter is not allowed.
    """
    check_parameters(clf)
    before = _before(clf)
    other = copy(clf) if before else clone(clf)
    samples = checked_data(other, X, y, None, reset=before is None)
    if before is None:
        check_labels(samples.labels)
        random = check_random_state(other.random_state)
        model = first_model(other, samples.X, np.unique(samples.labels), random)
        return other.with_model(model), samples
    unknown = np.setdiff1d(samples.labels, other.classes_)
    if len(unknown):
        raise ValueError(
            f"y has labels {unknown.tolist()[:5]} that the model does not know: its classes are "
            f"{other.classes_.tolist()}"
        )
    return other, samples


def _check_same_design(
    clf: VariationalClassifier, model: TrainedModel, classes: NDArray[Any]
) -> None:
    """Check that a warm start finds the model that the parameters and the data ask for."""
    advice = "fit a new classifier, or set warm_start=False"
    if not np.array_equal(classes, model.classes):
        raise ValueError(
            f"warm_start=True goes on with classes {model.classes.tolist()}, but y has "
            f"{classes.tolist()}: {advice}"
        )
    design = clf.design(model.n_features, len(classes))
    if (design.circuit, design.observables) != (model.circuit, model.observables):
        raise ValueError(
            f"training would go on with the weights of another circuit: a parameter such as "
            f"n_layers, n_qubits, encoding or ansatz has changed; {advice}"
        )


def cost_of_fit(clf: VariationalClassifier, X: ArrayLike, y: ArrayLike | None) -> TrainingCost:
    """Return what `fit` would cost at most (see `VariationalClassifier.training_cost`)."""
    backend = training_backend(clf)
    with numeric_features():
        n_samples, n_features = check_array(X, dtype=float).shape
    n_classes = 2
    if y is not None:
        check_consistent_length(X, y)
        check_labels(y)
        n_classes = len(np.unique(np.asarray(y)))
    design = clf.design(n_features, n_classes)
    n_validation = ceil(clf.validation_fraction * n_samples) if clf.early_stopping else 0
    return plan(
        clf.optimizer,
        clf.gradient_method,
        backend,
        design.circuit,
        design.observables,
        n_samples=n_samples - n_validation,
        max_iter=clf.max_iter,
        batch_size=clf.batch_size,
        n_validation=n_validation,
        n_readout=design.n_readout_numbers,
    )


def _settings(
    clf: VariationalClassifier,
    n_samples: int,
    generator: np.random.Generator,
    state: OptimizerState,
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
        state=state if one_iteration else state.restarted(),
        planned_iter=clf.max_iter,
    )


def _train(
    clf: VariationalClassifier,
    backend: Backend,
    samples: TrainingData,
    model: TrainedModel,
    history: TrainingHistory,
    random: np.random.RandomState,
    show: Show,
    *,
    held_out: TrainingData | None = None,
    one_iteration: bool = False,
) -> Fit:
    """Train a model from its numbers on, and return it with the whole history."""
    max_iter = 1 if one_iteration else clf.max_iter
    cost = plan(
        clf.optimizer,
        clf.gradient_method,
        backend,
        model.circuit,
        model.observables,
        n_samples=len(samples.X),
        max_iter=max_iter,
        batch_size=clf.batch_size,
        n_validation=0 if held_out is None else len(held_out.X),
        n_readout=len(model.readout.numbers),
    )
    if is_loud(clf.verbose):
        print(cost, file=sys.stderr)  # where the progress bar is, too
    generator = np.random.default_rng([random.randint(2**31 - 1), history.n_steps])
    problem = TrainingProblem(
        Model(backend, model.circuit, model.observables),
        model.scaling.radians(samples.X),
        np.searchsorted(model.classes, samples.labels),
        samples.weights,
        loss_name=clf.loss,
        gradient_method=cost.gradient_method,
        generator=generator,
    )
    settings = _settings(
        clf, problem.n_samples, generator, history.state, one_iteration=one_iteration
    )
    optimizer = get_optimizer(clf.optimizer)
    batch_size = settings.batch_size if optimizer.in_batches else problem.n_samples
    # A callback may look at it, and save it.
    history = replace(history, cost=cost, batch_size=batch_size, stop_reason=None)
    numbers = model.numbers

    def publish(w: Real) -> None:
        nonlocal numbers
        numbers = w
        if clf.callbacks:  # nobody else looks before the end
            show(model.with_numbers(w), history)

    def score() -> float:
        assert held_out is not None
        problem.circuits["values"] += len(held_out.X)
        predicted = model.with_numbers(numbers).predict(held_out.X, backend)
        return float(accuracy_score(held_out.labels, predicted, sample_weight=held_out.weights))

    show(model, history)
    waits = clf.early_stopping or not optimizer.stops_itself
    with progress_bar(max_iter, f"fit ({backend.name})", verbose=clf.verbose) as progress:
        monitor = Monitor(
            publish=publish,
            estimator=clf,
            callbacks=clf.callbacks or (),
            tol=clf.tol,
            n_iter_no_change=clf.n_iter_no_change if waits else None,
            max_time=clf.max_time,
            validate=None if held_out is None else score,
            progress=progress,
        )
        interrupted = train(problem, model.numbers, clf.optimizer, settings, monitor)
    if held_out is not None and monitor.best_w is not None:
        numbers = monitor.best_w
    goes_on = clf.warm_start or one_iteration
    losses = (*history.loss_curve, *monitor.losses) if goes_on else tuple(monitor.losses)
    used_up = "partial_fit" if one_iteration else "max_iter"
    return model.with_numbers(numbers), replace(
        history,
        loss_curve=losses,
        validation_scores=tuple(monitor.scores),
        n_iter=len(losses) if one_iteration else max(len(monitor.losses), 1),
        n_steps=history.n_steps + monitor.step,
        n_circuit_evaluations=history.n_circuit_evaluations + problem.n_circuit_evaluations,
        stop_reason=_stop_reason(monitor, used_up, max_iter, interrupted=interrupted),
        interrupted=interrupted,
        state=monitor.state or settings.state,
    )


def _stop_reason(monitor: Monitor, used_up: str, max_iter: int, *, interrupted: bool) -> str:
    if interrupted:
        return "interrupted"
    own_end = used_up if len(monitor.losses) >= max_iter else "optimizer"
    return monitor.stop_reason or own_end
