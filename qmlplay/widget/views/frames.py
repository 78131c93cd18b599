"""Frames: a model at one moment, its probabilities over the plane and its scores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score

from qmlplay.circuit import Observables, ParametricCircuit
from qmlplay.classifier import VariationalClassifier
from qmlplay.training.cost import n_settings, shift_circuits_per_sample
from qmlplay.training.optimizers import get_optimizer
from qmlplay.widget.data.plane import Plane

__all__ = ["Frame", "hardware_circuits", "make_frame", "quantum_frame"]

#: Points along each side of the picture, and with many qubits.
_RESOLUTION, _COARSE = 48, 24
_QUICK_NOISY_QUBITS = 3


@dataclass(frozen=True, eq=False)
class Frame:
    """One model at one moment.

    Parameters
    ----------
    estimator : estimator
        Fitted so far; it stays as it is.
    step : int
        Training steps made.
    train_accuracy, test_accuracy : float
    probabilities : ndarray of uint8, shape (resolution, resolution, n_classes)
        In 255ths, from the top left.
    """

    estimator: Any
    step: int
    train_accuracy: float
    test_accuracy: float
    probabilities: NDArray[np.uint8]

    def to_dict(self) -> dict[str, Any]:
        """Return the values that the page needs."""
        return {
            "step": self.step,
            "train": self.train_accuracy,
            "test": self.test_accuracy,
            "resolution": self.probabilities.shape[0],
            "probabilities": self.probabilities.tobytes(),
        }


def make_frame(
    estimator: Any,
    plane: Plane,
    step: int = 0,
    *,
    drawn: Any = None,
    resolution: int = _RESOLUTION,
    score: Callable[[Any, Any], float] | None = None,
) -> Frame:
    """Return the frame of a fitted estimator.

    Parameters
    ----------
    estimator : estimator
        Its predictions are scored.
    plane : Plane
    step : int
    drawn : estimator, optional
        The one whose probabilities are drawn, itself by default.
    resolution : int
    score : callable, optional
        ``score(X, y)`` instead of the estimator's own.
    """
    split, score = plane.split, score or estimator.score
    p = (estimator if drawn is None else drawn).predict_proba(plane.grid(resolution))
    return Frame(
        estimator,
        step,
        float(score(split.X_train, split.y_train)),
        float(score(split.X_test, split.y_test)),
        np.round(255 * p).astype(np.uint8).reshape(resolution, resolution, -1),
    )


def quantum_frame(
    model: VariationalClassifier,
    plane: Plane,
    step: int,
    watch: Callable[[int], None] | None = None,
) -> Frame:
    """Return the frame of a quantum model: scored as it is, drawn by NumPy without shot noise.

    So the picture of the boundary costs little, whichever simulator trains the model with however
    many shots. The device's noise is drawn as long as that is quick. A simulator is watched while
    it computes the scores (see `Simulator.watch`), so that nobody has to wait for a slow one.
    """

    def score(X: Any, y: Any) -> float:
        backend = model.backend_  # a new one for each part, as in the model's own score
        backend.watch = watch
        return float(accuracy_score(y, model.model_.predict(X, backend)))

    noise = model.noise if model.n_qubits_ <= _QUICK_NOISY_QUBITS else None
    drawn = model.with_backend("numpy", shots=None, noise=noise)
    resolution = _RESOLUTION if model.n_qubits_ <= 4 else _COARSE
    return make_frame(model, plane, step, drawn=drawn, resolution=resolution, score=score)


def hardware_circuits(
    circuit: ParametricCircuit, observables: Observables, optimizer: str, n_samples: int
) -> int:
    """Return how many circuits a quantum computer would have to run for one training step.

    One per sample and measurement setting for every value of the loss; for its gradient, by
    parameter shift, as many more as there are shifts. Optimisers with a line search or a simplex
    may take several of these.

    Examples
    --------
    >>> from qmlplay import Operation, Weight
    >>> circuit = ParametricCircuit.from_operations(1, [Operation("ry", 0, Weight(0))], 1)
    >>> [hardware_circuits(circuit, ("Z",), name, 100) for name in ("adam", "spsa", "cobyla")]
    [300, 200, 100]
    """
    chosen = get_optimizer(optimizer)
    per_evaluation = (
        shift_circuits_per_sample(circuit, observables, shots=1)
        if chosen.needs_gradients
        else n_settings(observables, shots=1)
    )
    # How often a line search or a simplex evaluates the samples is not known beforehand.
    evaluations = None if chosen.stops_itself else chosen.n_evaluations(circuit.n_weights)
    return n_samples * per_evaluation * (1 if evaluations is None else evaluations[1])
