"""Steps on a state vector: small matrices, moves of its rows, and phases by data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np

from qmlplay.model.values import ArrayValue
from qmlplay.typing import Complex, Integers, Real

__all__ = ["CircuitStep", "DataPhases", "RowMoves", "WindowMatrix", "complex_lists"]


@final
@dataclass(frozen=True, eq=False)
class WindowMatrix(ArrayValue):
    """A unitary matrix on the `width` neighboring qubits from `first` on.

    Parameters
    ----------
    first, width : int
    matrix : complex ndarray of shape (2**width, 2**width)
    """

    first: int
    width: int
    matrix: Complex

    def apply(self, state: Complex) -> Complex:
        """Return a state (2**n_qubits,) after the step."""
        view = state.reshape(1 << self.first, 1 << self.width, -1)
        return np.asarray(self.matrix @ view).ravel()

    def to_dict(self) -> dict[str, Any]:
        """Return the step as lists, complex numbers as pairs, ready for JSON."""
        return {
            "type": "matrix",
            "first": self.first,
            "width": self.width,
            "matrix": complex_lists(self.matrix),
        }


@final
@dataclass(frozen=True, eq=False)
class RowMoves(ArrayValue):
    """Amplitudes that change places and phases: new[j] = phases[j] · old[source[j]].

    Parameters
    ----------
    source : ndarray of int of shape (2**n_qubits,)
    phases : complex ndarray of shape (2**n_qubits,)
    """

    source: Integers
    phases: Complex

    def apply(self, state: Complex) -> Complex:
        """Return a state (2**n_qubits,) after the step."""
        return state[self.source] * self.phases

    def after(self, earlier: RowMoves) -> RowMoves:
        """Return one step for an earlier one and this one."""
        return RowMoves(earlier.source[self.source], self.phases * earlier.phases[self.source])

    def to_dict(self) -> dict[str, Any]:
        """Return the step as lists, complex numbers as pairs, ready for JSON."""
        return {
            "type": "moves",
            "source": self.source.tolist(),
            "phases": complex_lists(self.phases),
        }


@final
@dataclass(frozen=True, eq=False)
class DataPhases(ArrayValue):
    """Factors exp(−i·(Σ eigenvalues·angles + constants)) of the basis states of a window.

    Parameters
    ----------
    first, width : int
        The neighboring qubits.
    angles : ndarray of int of shape (n,)
        Which of the data angles.
    eigenvalues : ndarray of shape (n, 2**width)
    constants : ndarray of shape (2**width,)
        In radians.
    """

    first: int
    width: int
    angles: Integers
    eigenvalues: Real
    constants: Real

    def to_dict(self) -> dict[str, Any]:
        """Return the step as lists, ready for JSON."""
        return {
            "type": "phases",
            "first": self.first,
            "width": self.width,
            "angles": self.angles.tolist(),
            "eigenvalues": self.eigenvalues.tolist(),
            "constants": self.constants.tolist(),
        }


CircuitStep = WindowMatrix | RowMoves | DataPhases


def complex_lists(array: Complex) -> list[Any]:
    """Return an array as nested lists in which every complex number is a pair.

    Examples
    --------
    >>> complex_lists(np.array([1j, 2.0]))
    [[0.0, 1.0], [2.0, 0.0]]
    """
    pairs: list[Any] = np.stack([array.real, array.imag], axis=-1).tolist()
    return pairs
