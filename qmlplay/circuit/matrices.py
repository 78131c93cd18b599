"""Matrices on some qubits: Pauli strings, and small matrices made wide."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qmlplay.typing import Complex

__all__ = ["embed", "pauli_matrix"]


_PAULI = {
    "I": np.eye(2, dtype=complex),
    "X": np.array([[0, 1], [1, 0]], dtype=complex),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1.0 + 0j, -1.0]),
}


def pauli_matrix(string: str) -> Complex:
    """Return the matrix of a Pauli string, its first letter on the most significant qubit."""
    matrix = np.eye(1, dtype=complex)
    for letter in string:
        matrix = np.kron(matrix, _PAULI[letter])
    return matrix


def embed(matrix: Complex, places: Sequence[int], n_qubits: int) -> Complex:
    """Return a gate's matrix on n_qubits qubits, acting on the given places.

    Parameters
    ----------
    matrix : ndarray of shape (..., 2**k, 2**k)
        One matrix, or a stack of them.
    places : sequence of int
        The k qubits that it acts on, in the gate's order.
    n_qubits : int
        Number of qubits.

    Returns
    -------
    ndarray of shape (..., 2**n_qubits, 2**n_qubits)

    Examples
    --------
    >>> embed(pauli_matrix("X"), (1,), 2).real.astype(int)
    array([[0, 1, 0, 0],
           [1, 0, 0, 0],
           [0, 0, 0, 1],
           [0, 0, 1, 0]])
    """
    others = [qubit for qubit in range(n_qubits) if qubit not in places]
    wide = np.einsum("...ij,kl->...ikjl", matrix, np.eye(2 ** len(others)))
    batch = matrix.shape[:-2]
    axes = len(batch) + np.argsort([*places, *others])
    tensor = wide.reshape(*batch, *(2,) * 2 * n_qubits)
    moved = tensor.transpose(*range(len(batch)), *axes, *axes + n_qubits)
    return np.ascontiguousarray(moved.reshape(*batch, 2**n_qubits, 2**n_qubits))
