"""The start of a fit: checked data, the model to begin with, and the simulator to train on."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import clone, is_classifier
from sklearn.utils import check_random_state

from qmlplay.backends import Backend
from qmlplay.classifier.ranges import (
    check_same_range,
    first_scaling,
    keeps_turn,
    noticed,
    range_source,
)
from qmlplay.classifier.validation import TrainingData, check_parameters
from qmlplay.model import TrainedCircuit
from qmlplay.model.class_labels import check_known
from qmlplay.training import TrainingHistory
from qmlplay.training.optimizers import OPTIMIZERS, get_optimizer
from qmlplay.typing import Real

if TYPE_CHECKING:
    from qmlplay.classifier.variational import VariationalEstimator

__all__ = ["FitStart", "prepared", "start_of_fit", "start_of_partial_fit", "training_backend"]

Variational = TypeVar("Variational", bound="VariationalEstimator")


@dataclass(frozen=True, eq=False)
class FitStart:
    """All that training starts from.

    Parameters
    ----------
    model : TrainedModel or TrainedRegression
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

    model: TrainedCircuit
    history: TrainingHistory
    backend: Backend
    data: TrainingData
    generator: np.random.Generator
    held_out: TrainingData | None = None
    is_partial: bool = False


def start_of_fit(
    clf: VariationalEstimator, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None
) -> FitStart:
    """Return where `fit` starts, after all checks."""
    before = _before(clf) if clf.warm_start else None
    backend = training_backend(clf, before)
    checked = clf._checked(X, y, sample_weight, reset=before is None)
    answers = clf._possible_answers(checked.y)
    data = checked.weighted(clf._weight_factors(checked, answers))
    random = check_random_state(clf.random_state)
    held_out = None
    if clf.early_stopping:
        fraction, stratified = clf.validation_fraction, is_classifier(clf)
        data, held_out = data.split(fraction, random, stratified=stratified)
    model, history = before or first_fit(clf, data, answers, random)
    if before is not None:
        advice = f"fit a new {_noun(clf)}, or set warm_start=False"
        _check_same_design(clf, model, answers, advice)
        check_same_range(clf.scale_inputs, clf.encoding_use(), model, history, advice)
    model.circuit.check_rows(model.scaling.radians(checked.X))
    history = noticed(data.X, clf.encoding_use(), model, history, _names(clf))
    return FitStart(model, history, backend, data, _generator(random, history), held_out)


def start_of_partial_fit(
    clf: VariationalEstimator,
    X: ArrayLike,
    y: ArrayLike,
    sample_weight: ArrayLike | None,
    known_answers: Callable[[TrainingData, TrainedCircuit | None], Any],
) -> FitStart:
    """Return where `partial_fit` starts, after all checks.

    `known_answers` returns the `possible_answers` of all calls, from the data and the model of
    earlier calls.
    """
    before = _before(clf)
    backend = training_backend(clf, before)
    if not get_optimizer(clf.optimizer).resumable:
        names = [name for name in OPTIMIZERS if get_optimizer(name).resumable]
        raise ValueError(
            f"partial_fit needs an optimizer that can be resumed, one of {names} or an "
            f"Optimizer(…, resumable=True), got optimizer={clf.optimizer!r}"
        )
    checked = clf._checked(X, y, sample_weight, reset=before is None)
    answers = known_answers(checked, before[0] if before else None)
    data = checked.weighted(clf._weight_factors(checked, answers))
    random = check_random_state(clf.random_state)
    model, history = before or first_fit(clf, data, answers, random)
    if before is not None:
        advice = f"fit a new {_noun(clf)}, such as sklearn.base.clone(clf)"
        _check_same_design(clf, model, answers, advice)
        check_same_range(clf.scale_inputs, clf.encoding_use(), model, history, advice)
    model.circuit.check_rows(model.scaling.radians(checked.X))
    history = noticed(data.X, clf.encoding_use(), model, history, _names(clf))
    generator = _generator(random, history)
    return FitStart(model, history, backend, data, generator, is_partial=True)


def _before(clf: VariationalEstimator) -> tuple[TrainedCircuit, TrainingHistory] | None:
    """Return what an earlier fit left."""
    return (clf.model_, clf._history) if "model_" in vars(clf) else None


def _generator(random: np.random.RandomState, history: TrainingHistory) -> np.random.Generator:
    return np.random.default_rng([random.randint(2**31 - 1), history.n_steps])


def training_backend(
    clf: VariationalEstimator, before: tuple[TrainedCircuit, TrainingHistory] | None = None
) -> Backend:
    """Check an estimator's parameters, and return the simulator to train on."""
    check_parameters(clf)
    if not clf.shots:
        return clf.make_backend()
    # Further steps need other shots than those before.
    done = before[1].n_steps if before else 0
    return clf.make_backend(check_random_state(clf.random_state).randint(2**31 - 1) + done)


def first_fit(
    clf: VariationalEstimator, data: TrainingData, answers: Any, random: np.random.RandomState
) -> tuple[TrainedCircuit, TrainingHistory]:
    """Return the model that training starts from, and its history, which begins here."""
    use = clf.encoding_use()
    source = "none" if keeps_turn(data.X, use) else range_source(clf.scale_inputs, use)
    scaling = first_scaling(clf.scale_inputs, data.X, use)
    model = clf._first_model(data, scaling, answers, random)
    if clf.initial_weights is not None:
        model = replace(model, weights=_given_weights(clf.initial_weights, model))
    return model, TrainingHistory(range_source=source)


def _given_weights(initial_weights: ArrayLike, model: TrainedCircuit) -> Real:
    weights = np.asarray(initial_weights, dtype=float)
    if weights.shape != model.weights.shape:
        n_weights, n_features = model.circuit.n_weights, model.n_features
        raise ValueError(
            f"initial_weights must have shape ({n_weights},), one per weight of the circuit (its "
            f"design({n_features}).circuit.n_weights), got shape {weights.shape}"
        )
    return weights


def _names(clf: VariationalEstimator) -> tuple[Any, ...]:
    return tuple(getattr(clf, "feature_names_in_", ()))


def prepared(clf: Variational, X: ArrayLike, y: ArrayLike) -> tuple[Variational, TrainingData]:
    """Return a copy ready to be trained elsewhere, and its checked data.

    A fitted estimator goes on from its numbers; another one gets those that `fit` starts from.

    Raises
    ------
    TypeError, ValueError
        If the data or a parameter is not allowed.
    """
    check_parameters(clf)
    before = _before(clf)
    other = copy(clf) if before else clone(clf)
    samples = other._checked(X, y, None, reset=before is None)
    if before is None:
        classes = other._possible_answers(samples.y)
        random = check_random_state(other.random_state)
        other = other.with_model(*first_fit(other, samples, classes, random))
    elif is_classifier(other):
        check_known(samples.y, before[0].classes)  # type: ignore[attr-defined]
    other.model_.circuit.check_rows(other.scaling_.radians(samples.X))
    return other, samples


def _noun(clf: VariationalEstimator) -> str:
    return "classifier" if is_classifier(clf) else "regressor"


def _check_same_design(
    clf: VariationalEstimator, model: TrainedCircuit, answers: Any, advice: str
) -> None:
    """Check that a warm start finds the model that the parameters and the data ask for."""
    clf._check_same_answers(model, answers, advice)
    design = clf._design_of(model.n_features, model.n_outputs)
    if not design.fits(model):
        raise ValueError(
            f"training would go on with the weights of another circuit or readout: a parameter "
            f"such as n_layers, n_qubits, encoding, ansatz, observables or readout has changed; "
            f"{advice}"
        )
