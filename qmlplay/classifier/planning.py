"""How a classifier will be trained, and what that will cost, before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qmlplay.backends import Backend
from qmlplay.circuit import ParametricCircuit
from qmlplay.model.design import n_outputs
from qmlplay.training import TrainingCost
from qmlplay.training.cost import shift_circuits_per_sample, training_cost
from qmlplay.training.gradients import choose_gradient_method

if TYPE_CHECKING:
    from qmlplay.classifier.variational import VariationalEstimator

__all__ = ["plan", "samples_per_step"]


def samples_per_step(batch_size: int | str, n_samples: int) -> int:
    """Return how many samples a step of adam or sgd sees."""
    if isinstance(batch_size, str):
        return n_samples if n_samples <= 512 else 256
    return min(batch_size, n_samples)


def plan(
    clf: VariationalEstimator,
    backend: Backend,
    circuit: ParametricCircuit,
    observables: tuple[str, ...],
    *,
    n_samples: int,
    n_validation: int,
    n_classes: int,
    max_iter: int,
) -> TrainingCost:
    """Choose how gradients are found, and return what the training costs at most."""
    n_step = samples_per_step(clf.batch_size, n_samples)
    if clf.optimizer == "lbfgs":
        n_step = n_samples
    per_sample = shift_circuits_per_sample(circuit, observables, backend.shots)
    method = choose_gradient_method(
        clf.gradient_method, backend, clf.optimizer, n_step * per_sample
    )
    return training_cost(
        circuit,
        observables,
        optimizer=clf.optimizer,
        gradient_method=method,
        n_samples=n_samples,
        n_validation=n_validation,
        max_iter=max_iter,
        shots=backend.shots,
        n_readout=(len(observables) + 1) * n_outputs(n_classes),
    )
