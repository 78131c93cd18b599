"""The model being trained: its trainable numbers, its loss on data, and the gradient."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qmlplay.backends import Backend
from qmlplay.backends.shift import n_shift_evaluations
from qmlplay.circuit import ParametricCircuit
from qmlplay.training.losses import LOSSES
from qmlplay.training.optimizers import Rows

__all__ = [
    "Model",
    "Readout",
    "TrainingProblem",
    "split_numbers",
]

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Readout:
    """From expectations to decision values: Σ scale · expectation + bias.

    Every output sees every observable, so that a model whose qubits never meet is not blind to
    all qubits but one.

    Parameters
    ----------
    scale : ndarray of shape (n_observables, n_outputs)
    bias : ndarray of shape (n_outputs,)
        One output for two classes, one per class for more.

    Examples
    --------
    >>> import numpy as np
    >>> from qmlplay.training import Readout
    >>> readout = Readout(scale=np.array([[2.0], [1.0]]), bias=np.array([0.5]))
    >>> readout.decisions(np.array([[1.0, -1.0], [0.0, 0.25]]))
    array([[1.5 ],
           [0.75]])
    """

    scale: Real
    bias: Real

    def decisions(self, expectations: Real) -> Real:
        """Return decision values, shape (n_samples, n_outputs)."""
        return np.asarray(expectations @ self.scale + self.bias)

    @property
    def numbers(self) -> Real:
        """Scale and bias in one row."""
        return np.concatenate([self.scale.ravel(), self.bias])


def split_numbers(w: Real, n_weights: int, n_observables: int) -> tuple[Real, Readout]:
    """Split all trainable numbers into a circuit's weights and the readout's scale and bias.

    Parameters
    ----------
    w : ndarray of shape (n_weights + (n_observables + 1) · n_outputs,)
        The circuit's weights in radians, then the scale row by row, then the bias.
    n_weights : int
        Number of the circuit's weights.
    n_observables : int
        Number of observables.

    Returns
    -------
    weights : ndarray of shape (n_weights,)
    readout : Readout

    Examples
    --------
    >>> import numpy as np
    >>> from qmlplay.training import split_numbers
    >>> split_numbers(np.array([0.1, 0.2, 1.0, -1.0, 0.5]), n_weights=2, n_observables=2)
    (array([0.1, 0.2]), Readout(scale=array([[ 1.],
           [-1.]]), bias=array([0.5])))
    """
    readout = w[n_weights:].reshape(n_observables + 1, -1)
    return w[:n_weights], Readout(readout[:-1], readout[-1])


@dataclass(frozen=True)
class Model:
    """A circuit with its observables, on a backend: decision values from data and weights.

    The vector of all trainable numbers is the circuit's weights, then the readout's scale,
    then its bias.

    Parameters
    ----------
    backend : Backend
        The simulator.
    circuit : ParametricCircuit
        The circuit and the formulas of its angles.
    observables : tuple of str
        Pauli strings, one letter per qubit, qubit 0 first.

    Examples
    --------
    >>> import numpy as np
    >>> from qmlplay import Feature, Operation, Weight, get_backend
    >>> from qmlplay.circuit import ParametricCircuit
    >>> from qmlplay.training import Model
    >>> turns = [Operation("ry", 0, Feature(0)), Operation("ry", 0, Weight(0))]
    >>> circuit = ParametricCircuit.from_operations(1, turns, n_features=1)
    >>> model = Model(get_backend("numpy"), circuit, ("Z",))
    >>> w = np.array([0.0, 2.0, 0.5])  # a weight, a scale, a bias
    >>> model.decisions(np.array([[0.0], [np.pi]]), w).round(6)  # 2 cos(x + 0) + 0.5
    array([[ 2.5],
           [-1.5]])
    """

    backend: Backend
    circuit: ParametricCircuit
    observables: tuple[str, ...]

    def split(self, w: Real) -> tuple[Real, Readout]:
        """Split all trainable numbers into the circuit's weights and the readout."""
        return split_numbers(w, self.circuit.n_weights, len(self.observables))

    def decisions(self, angles_data: Real, w: Real) -> Real:
        """Return decision values (n_samples, n_outputs) of data scaled to radians."""
        weights, readout = self.split(w)
        angles = self.circuit.angles(angles_data, weights)
        values = self.backend.expectations(self.circuit.circuit, angles, self.observables)
        return readout.decisions(np.broadcast_to(values, (len(angles_data), values.shape[1])))


@dataclass(frozen=True)
class TrainingProblem:
    """The mean loss of a model on training data, as optimisers see it.

    Parameters
    ----------
    model : Model
    X : ndarray of shape (n_samples, n_features)
        Data, scaled to radians.
    y : ndarray of shape (n_samples,)
        Class indices.
    sample_weight : ndarray of shape (n_samples,)
        Positive weights.
    loss_name : {"log_loss", "squared_error"}
    circuits : Counter
        Samples whose expectations ("values") and whose gradients were asked for.

    Examples
    --------
    >>> import numpy as np
    >>> from qmlplay import Feature, Operation, Weight, get_backend
    >>> from qmlplay.circuit import ParametricCircuit
    >>> from qmlplay.training import Model, TrainingProblem
    >>> turns = [Operation("ry", 0, Feature(0)), Operation("ry", 0, Weight(0))]
    >>> circuit = ParametricCircuit.from_operations(1, turns, n_features=1)
    >>> model = Model(get_backend("numpy"), circuit, ("Z",))
    >>> X, y = np.array([[0.0], [np.pi]]), np.array([1, 0])
    >>> problem = TrainingProblem(model, X, y, np.ones(2), "log_loss")
    >>> w = np.array([0.0, 1.0, 0.0])  # a weight, a scale, a bias
    >>> loss, gradient = problem.loss_and_gradient(w)
    >>> round(loss, 3), gradient.shape  # log(1 + exp(−1))
    (0.313, (3,))
    """

    model: Model
    X: Real
    y: NDArray[np.intp]
    sample_weight: Real
    loss_name: str
    circuits: Counter[str] = field(default_factory=Counter)

    @property
    def n_samples(self) -> int:
        """Number of training samples."""
        return len(self.X)

    @property
    def n_circuit_evaluations(self) -> int:
        """Circuits run so far, had every sample and every parameter shift been one circuit."""
        circuit = self.model.circuit
        per_gradient = 1 + n_shift_evaluations(circuit.circuit, circuit.trainable_slots)
        return self.circuits["values"] + per_gradient * self.circuits["gradients"]

    def loss(self, w: Real) -> float:
        """Return the weighted mean loss over all samples."""
        self.circuits["values"] += self.n_samples
        losses, _ = LOSSES[self.loss_name](self.model.decisions(self.X, w), self.y)
        return float(np.average(losses, weights=self.sample_weight))

    def loss_and_gradient(self, w: Real, rows: Rows = None) -> tuple[float, Real]:
        """Return the weighted mean loss over some samples (None: all) and its gradient."""
        X, y, shares = self.X, self.y, self.sample_weight
        if rows is not None:
            X, y, shares = X[rows], y[rows], shares[rows]
        self.circuits["gradients"] += len(X)
        shares = shares / shares.sum()
        circuit = self.model.circuit
        weights, readout = self.model.split(w)
        losses, slopes = np.empty(len(X)), np.empty((len(X), len(readout.bias)))

        def cotangents(values: Real, part: slice) -> Real:
            own, derivative = LOSSES[self.loss_name](readout.decisions(values), y[part])
            losses[part] = own
            slopes[part] = derivative * shares[part, None]
            return np.asarray(slopes[part] @ readout.scale.T)

        angles = circuit.angles(X, weights)
        values, gradients = self.model.backend.expectations_and_gradients(
            circuit.circuit,
            angles,
            self.model.observables,
            cotangents,
            slots=circuit.trainable_slots,
        )
        by_weights = circuit.weight_gradient(X, weights, gradients)
        by_readout = Readout(values.T @ slopes, slopes.sum(axis=0))
        return float(losses @ shares), np.concatenate([by_weights, by_readout.numbers])
