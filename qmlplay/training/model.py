"""The model being trained: a circuit on a backend, and what is read out of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qmlplay.backends import Backend
from qmlplay.circuit import ParametricCircuit

__all__ = ["Model", "Readout", "split_numbers"]

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

    def expectations(self, angles_data: Real, weights: Real) -> Real:
        """Return expectations (n_samples, n_observables) of data scaled to radians."""
        angles = self.circuit.angles(angles_data, weights)
        values = self.backend.expectations(self.circuit.circuit, angles, self.observables)
        return np.broadcast_to(values, (len(angles_data), len(self.observables)))

    def expectations_and_errors(self, angles_data: Real, weights: Real) -> tuple[Real, Real]:
        """Return expectations and their standard errors, (n_samples, n_observables) each."""
        angles = self.circuit.angles(angles_data, weights)
        values, std = self.backend.expectations(
            self.circuit.circuit, angles, self.observables, return_std=True
        )
        shape = (len(angles_data), len(self.observables))
        return np.broadcast_to(values, shape), np.broadcast_to(std, shape)

    def decisions(self, angles_data: Real, w: Real) -> Real:
        """Return decision values (n_samples, n_outputs) of data scaled to radians."""
        weights, readout = self.split(w)
        return readout.decisions(self.expectations(angles_data, weights))
