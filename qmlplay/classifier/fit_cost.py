"""The cost of a fit, known before it begins."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike
from sklearn.utils import check_array, check_consistent_length

from qmlplay.backends import Backend
from qmlplay.backends.duration import warn_if_slow
from qmlplay.classifier.start import FitStart, training_backend
from qmlplay.classifier.validation import numeric_features
from qmlplay.model import ModelDesign, TrainedCircuit
from qmlplay.training import TrainingCost
from qmlplay.training.cost import n_settings, plan

if TYPE_CHECKING:
    from qmlplay.classifier.variational import VariationalEstimator

__all__ = ["cost_of_fit", "planned_cost", "warn_if_training_is_slow"]


def planned_cost(
    clf: VariationalEstimator,
    backend: Backend,
    model: TrainedCircuit | ModelDesign,
    *,
    n_samples: int,
    n_validation: int,
    max_iter: int,
) -> TrainingCost:
    """Return what a training would cost at most, and how it finds gradients."""
    return plan(
        clf.optimizer,
        clf.gradient_method,
        backend,
        model.circuit,
        model.observables,
        n_parameters=model.n_parameters,
        n_samples=n_samples,
        max_iter=max_iter,
        batch_size=clf.batch_size,
        n_validation=n_validation,
    )


def warn_if_training_is_slow(start: FitStart, cost: TrainingCost) -> None:
    """Say beforehand where training with noise takes long, all measurements off one simulation."""
    circuit, shots = start.model.circuit.circuit, cost.shots
    n_circuits = cost.max_circuits or len(start.data.X) * cost.circuits_per_sample
    n_runs = n_circuits // n_settings(start.model.observables, shots)
    warn_if_slow(start.backend, circuit, n_runs, "training")


def cost_of_fit(clf: VariationalEstimator, X: ArrayLike, y: ArrayLike | None) -> TrainingCost:
    """Return what `fit` would cost at most (see `training_cost`)."""
    backend = training_backend(clf)
    with numeric_features(X):
        n_samples, n_features = check_array(X, dtype=float).shape
    if y is not None:
        check_consistent_length(X, y)
    n_validation = ceil(clf.validation_fraction * n_samples) if clf.early_stopping else 0
    return planned_cost(
        clf,
        backend,
        clf._design_of(n_features, clf._outputs_for(y)),
        n_samples=n_samples - n_validation,
        n_validation=n_validation,
        max_iter=clf.max_iter,
    )
