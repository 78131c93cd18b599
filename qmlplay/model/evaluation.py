"""The evaluation of a circuit: expectations and decision values of data, on a backend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qmlplay.backends import Backend
from qmlplay.circuit import ParametricCircuit
from qmlplay.model.readout import Readout, split_numbers
from qmlplay.typing import Real

__all__ = ["Model"]


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
