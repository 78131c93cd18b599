"""States layer by layer: what a trained circuit makes of each sample, block after block."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qmlplay.backends import Backend
from qmlplay.circuit import CircuitBlock, circuit_blocks
from qmlplay.diagnostics.input_slopes import asked_model
from qmlplay.diagnostics.reduced_states import bloch_vectors, pair_concurrences
from qmlplay.model import TrainedCircuit
from qmlplay.typing import Complex, Real

__all__ = ["LayerStates", "layer_states", "model_blocks", "states_of_model"]


@dataclass(frozen=True, eq=False)
class LayerStates:
    """States of a batch after every block of a circuit.

    Parameters
    ----------
    blocks : tuple of CircuitBlock
        The encoding and the ansatz of every layer.
    states : ndarray of shape (n_blocks, n_samples, 2**n_qubits)
        The states after each block, qubit 0 most significant; with noise density matrices,
        (n_blocks, n_samples, 2**n_qubits, 2**n_qubits).
    """

    blocks: tuple[CircuitBlock, ...]
    states: Complex

    @property
    def names(self) -> list[str]:
        """The names of the blocks, such as ``"encoding 1"``."""
        return [block.name for block in self.blocks]

    @property
    def has_densities(self) -> bool:
        """Whether the states are density matrices, as with noise."""
        return self.states.ndim == 4

    @cached_property
    def bloch_vectors(self) -> Real:
        """(⟨X⟩, ⟨Y⟩, ⟨Z⟩) of every qubit alone, (n_blocks, n_samples, n_qubits, 3)."""
        vectors = bloch_vectors(self._rows)
        return vectors.reshape(*self.states.shape[:2], *vectors.shape[1:])

    @property
    def lengths(self) -> Real:
        """Lengths of the Bloch vectors, (n_blocks, n_samples, n_qubits): 1 is pure, 0 mixed."""
        return np.asarray(np.linalg.norm(self.bloch_vectors, axis=-1))

    @cached_property
    def concurrences(self) -> Real:
        """Entanglement of every two qubits, (n_blocks, n_samples, n_qubits, n_qubits).

        See `qmlplay.diagnostics.pair_concurrences`.
        """
        values = pair_concurrences(self._rows)
        return values.reshape(*self.states.shape[:2], *values.shape[1:])

    @property
    def _rows(self) -> Complex:
        return self.states.reshape(-1, *self.states.shape[2:])


def layer_states(estimator: Any, X: ArrayLike) -> LayerStates:
    """Return the states of samples after the encoding and the ansatz of every layer.

    They come from one run of the circuit. Where the layers of a circuit are not known, its blocks
    are those of `qmlplay.circuit.circuit_blocks`.

    Parameters
    ----------
    estimator : VariationalClassifier or VariationalRegressor
        A fitted model. Its backend and its noise count; as nothing is measured, shots do not.
    X : array-like of shape (n_samples, n_features)
        In the units of the training data.

    Returns
    -------
    LayerStates

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the model is not fitted.
    TypeError
        If it has no circuit.
    ValueError
        If X has another number of features, or entries that are not finite, or the backend
        simulates no states.

    Examples
    --------
    The encoding alone entangles nothing here, so that every qubit is in a pure state of its own:

    >>> from qmlplay import VariationalClassifier, load_dataset
    >>> data = load_dataset("moons", n_samples=60, random_state=0)
    >>> model = VariationalClassifier(n_layers=2, max_iter=10, random_state=0)
    >>> grown = layer_states(model.fit(data.X, data.y), data.X)
    >>> grown.names
    ['encoding 1', 'ansatz 1', 'encoding 2', 'ansatz 2']
    >>> grown.states.shape, grown.bloch_vectors.shape
    ((4, 60, 4), (4, 60, 2, 3))
    >>> bool(np.allclose(grown.lengths[0], 1)), bool(grown.concurrences[3].max() > 0.01)
    (True, True)
    """
    model, rows, backend = asked_model(estimator, X)
    return states_of_model(model, rows, backend, model_blocks(estimator))


def states_of_model(
    model: TrainedCircuit, rows: Real, backend: Backend, blocks: tuple[CircuitBlock, ...]
) -> LayerStates:
    """Return the states of rows (n_samples, n_features) after the blocks of a model."""
    cuts = [block.stop for block in blocks]
    states = backend.states_after(model.circuit.circuit, model.angles(rows), cuts)
    return LayerStates(blocks, np.broadcast_to(states, (len(cuts), len(rows), *states.shape[2:])))


def model_blocks(estimator: Any) -> tuple[CircuitBlock, ...]:
    """Return the blocks of a fitted estimator's circuit: those of its layers, where it has any.

    A circuit that its parameters do not make, such as one out of which a gate was taken, is divided
    by `qmlplay.circuit.circuit_blocks`.
    """
    model = estimator.model_
    try:
        design = estimator._design_of(model.n_features, model.n_outputs)
    except (TypeError, ValueError):  # its parameters were changed after fitting
        return circuit_blocks(model.circuit)
    if design.circuit == model.circuit and design.blocks:
        return tuple(design.blocks)
    return circuit_blocks(model.circuit)
