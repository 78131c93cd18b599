"""The start of a fit: checked data, the model to begin with, and the simulator to train on."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone
from sklearn.utils import check_random_state

from qmlplay.backends import Backend
from qmlplay.classifier.ranges import (
    check_same_range,
    first_scaling,
    keeps_turn,
    noticed,
    range_source,
)
from qmlplay.classifier.validation import (
    TrainingData,
    check_labels,
    check_parameters,
    checked_data,
)
from qmlplay.classifier.weights import refuse_balanced
from qmlplay.model import TrainedModel
from qmlplay.model.class_labels import check_known, check_not_mixed, check_one_column
from qmlplay.training import TrainingHistory
from qmlplay.training.optimizers import OPTIMIZERS, get_optimizer
from qmlplay.typing import Real

if TYPE_CHECKING:
    from qmlplay.classifier.estimator import VariationalClassifier

__all__ = ["FitStart", "prepared", "start_of_fit", "start_of_partial_fit", "training_backend"]

Estimator = TypeVar("Estimator", bound="VariationalClassifier")


@dataclass(frozen=True, eq=False)
class FitStart:
    """All that training starts from.

    Parameters
    ----------
    model : TrainedModel
        With the numbers to begin with.
    history : TrainingHistory
        Of earlier calls.
    backend : Backend
    data : TrainingData
    generator : numpy.random.Generator
        For batches and directions.
    held_out : TrainingData or None, default=None
        What early stopping looks at.
    is_partial : bool, default=False
        Whether one iteration is wanted, as by `partial_fit`.
    """

    model: TrainedModel
    history: TrainingHistory
    backend: Backend
    data: TrainingData
    generator: np.random.Generator
    held_out: TrainingData | None = None
    is_partial: bool = False


def start_of_fit(
    clf: VariationalClassifier, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None
) -> FitStart:
    """Return where `VariationalClassifier.fit` starts, after all checks."""
    before = _before(clf) if clf.warm_start else None
    backend = training_backend(clf, before)
    data = checked_data(clf, X, y, sample_weight, reset=before is None)
    check_labels(data.labels)
    classes = np.unique(data.labels)
    data = data.weighted(clf.class_weight, classes)
    random = check_random_state(clf.random_state)
    held_out = None
    if clf.early_stopping:
        data, held_out = data.split(clf.validation_fraction, random)
    model, history = before or first_fit(clf, data.X, classes, random)
    if before is not None:
        advice = "fit a new classifier, or set warm_start=False"
        _check_same_design(clf, model, classes, advice)
        check_same_range(clf.scale_inputs, clf.encoding_use(), model, history, advice)
    history = noticed(data.X, clf.encoding_use(), model, history, _names(clf))
    return FitStart(model, history, backend, data, _generator(random, history), held_out)


def start_of_partial_fit(
    clf: VariationalClassifier,
    X: ArrayLike,
    y: ArrayLike,
    classes: ArrayLike | None,
    sample_weight: ArrayLike | None,
) -> FitStart:
    """Return where `VariationalClassifier.partial_fit` starts, after all checks."""
    before = _before(clf)
    backend = training_backend(clf, before)
    if not get_optimizer(clf.optimizer).resumable:
        names = [name for name in OPTIMIZERS if get_optimizer(name).resumable]
        raise ValueError(
            f"partial_fit needs an optimizer that can be resumed, one of {names} or an "
            f"Optimizer(…, resumable=True), got optimizer={clf.optimizer!r}"
        )
    if before is None and classes is None:
        raise ValueError("the first call of partial_fit needs classes=…, all labels that will come")
    refuse_balanced(clf.class_weight)
    data = checked_data(clf, X, y, sample_weight, reset=before is None)
    known = _known_classes(classes, before, data)
    data = data.weighted(clf.class_weight, known)
    random = check_random_state(clf.random_state)
    model, history = before or first_fit(clf, data.X, known, random)
    if before is not None:
        advice = "fit a new classifier, such as sklearn.base.clone(clf)"
        _check_same_design(clf, model, known, advice)
        check_same_range(clf.scale_inputs, clf.encoding_use(), model, history, advice)
    history = noticed(data.X, clf.encoding_use(), model, history, _names(clf))
    generator = _generator(random, history)
    return FitStart(model, history, backend, data, generator, is_partial=True)


def _known_classes(
    classes: ArrayLike | None,
    before: tuple[TrainedModel, TrainingHistory] | None,
    data: TrainingData,
) -> NDArray[Any]:
    """Return all labels that may come, those given or those of earlier calls."""
    check_one_column(classes)
    check_not_mixed("classes", classes)
    if before is None:
        known = np.unique(np.asarray(classes))
        check_labels(known)
    else:
        known = before[0].classes
        came = known if classes is None else np.unique(np.asarray(classes))
        if not np.array_equal(came, known):
            raise ValueError(f"classes={came.tolist()} differ from {known.tolist()} before")
    unknown = np.setdiff1d(data.labels, known)
    if len(unknown):
        raise ValueError(f"y has labels {unknown.tolist()} that are not among the classes")
    return known


def _before(clf: VariationalClassifier) -> tuple[TrainedModel, TrainingHistory] | None:
    """Return what an earlier fit left."""
    return (clf.model_, clf._history) if "model_" in vars(clf) else None


def _generator(random: np.random.RandomState, history: TrainingHistory) -> np.random.Generator:
    return np.random.default_rng([random.randint(2**31 - 1), history.n_steps])


def training_backend(
    clf: VariationalClassifier, before: tuple[TrainedModel, TrainingHistory] | None = None
) -> Backend:
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
    scaling = first_scaling(clf.scale_inputs, X, clf.encoding_use())
    return design.first_model(scaling, classes, random)


def first_fit(
    clf: VariationalClassifier, X: Real, classes: NDArray[Any], random: np.random.RandomState
) -> tuple[TrainedModel, TrainingHistory]:
    """Return the model that training starts from, and its history, which begins here."""
    use = clf.encoding_use()
    source = "none" if keeps_turn(X, use) else range_source(clf.scale_inputs, use)
    return first_model(clf, X, classes, random), TrainingHistory(range_source=source)


def _names(clf: VariationalClassifier) -> tuple[Any, ...]:
    return tuple(getattr(clf, "feature_names_in_", ()))


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
        classes = np.unique(samples.labels)
        return other.with_model(*first_fit(other, samples.X, classes, random)), samples
    check_known(samples.labels, other.classes_)
    return other, samples


def _check_same_design(
    clf: VariationalClassifier, model: TrainedModel, classes: NDArray[Any], advice: str
) -> None:
    """Check that a warm start finds the model that the parameters and the data ask for."""
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
