"""Reduced states: what is left of a register when one looks at one or two of its qubits alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qmlplay.checks import is_integer
from qmlplay.typing import Complex, Real

__all__ = ["bloch_vectors", "concurrence", "pair_concurrences", "reduced_states"]

#: σy ⊗ σy, which turns a state of two qubits into its spin flip.
_SPIN_FLIP = np.array([[0, 0, 0, -1], [0, 0, 1, 0], [0, 1, 0, 0], [-1, 0, 0, 0]], dtype=float)


def reduced_states(states: ArrayLike, qubits: Sequence[int]) -> Complex:
    """Return the density matrices of some qubits alone: the others are traced out.

    Parameters
    ----------
    states : array-like of shape (n_samples, 2**n_qubits) or (n_samples, 2**n_qubits, 2**n_qubits)
        State vectors of norm 1, or density matrices of trace 1, qubit 0 most significant; a
        single state vector may be a row.
    qubits : sequence of int
        Which to keep, in the order in which the result has them.

    Returns
    -------
    ndarray of shape (n_samples, 2**n_kept, 2**n_kept)
        complex128.

    Raises
    ------
    TypeError, ValueError
        If the states have another shape or size, or the qubits are not there.

    Examples
    --------
    Each half of a Bell pair alone is as mixed as can be:

    >>> reduced_states(np.array([1, 0, 0, 1]) / np.sqrt(2), [0])[0].real.round(6)
    array([[0.5, 0. ],
           [0. , 0.5]])
    """
    batch, n_qubits = _checked(states)
    kept = _kept(qubits, n_qubits)
    rest = [qubit for qubit in range(n_qubits) if qubit not in kept]
    size = 2 ** len(kept)
    shape = (len(batch),) + (2,) * (n_qubits * (batch.ndim - 1))
    left = [1 + qubit for qubit in (*kept, *rest)]
    if batch.ndim == 2:
        halves = batch.reshape(shape).transpose(0, *left)
        halves = halves.reshape(len(batch), size, 2 ** len(rest))
        return np.asarray(halves @ halves.conj().transpose(0, 2, 1))
    right = [axis + n_qubits for axis in left]
    split = batch.reshape(shape).transpose(0, *left, *right)
    split = split.reshape(len(batch), size, 2 ** len(rest), size, 2 ** len(rest))
    return np.asarray(np.einsum("naibi->nab", split))


def bloch_vectors(states: ArrayLike) -> Real:
    """Return the Bloch vector of every qubit: (⟨X⟩, ⟨Y⟩, ⟨Z⟩) of its reduced state.

    Its length is 1 where the qubit alone is in a pure state. Shorter ones belong to qubits that
    are entangled with others, or suffer noise: the purity of the reduced state is (1 + length²)/2.

    Parameters
    ----------
    states : array-like
        As in `reduced_states`.

    Returns
    -------
    ndarray of shape (n_samples, n_qubits, 3)
        In [−1, 1].

    Raises
    ------
    ValueError
        As in `reduced_states`.

    Examples
    --------
    |0⟩ beside |+⟩, and a Bell pair:

    >>> bell = np.array([1, 0, 0, 1]) / np.sqrt(2)
    >>> bloch_vectors([np.array([1, 1, 0, 0]) / np.sqrt(2), bell]).round(6).tolist()
    [[[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]]
    """
    batch, n_qubits = _checked(states)
    vectors = np.empty((len(batch), n_qubits, 3))
    for qubit in range(n_qubits):
        zero, one, coherence = _one_qubit(batch, qubit, n_qubits)
        vectors[:, qubit, 0] = 2 * coherence.real
        vectors[:, qubit, 1] = 2 * coherence.imag
        vectors[:, qubit, 2] = zero - one
    return vectors


def concurrence(densities: ArrayLike) -> Real:
    """Return Wootters' concurrence of states of two qubits: how entangled they are.

    Parameters
    ----------
    densities : array-like of shape (n_samples, 4, 4)
        Density matrices of two qubits, pure or mixed, of trace 1.

    Returns
    -------
    ndarray of shape (n_samples,)
        From 0, for states without entanglement, to 1 for Bell pairs.

    Raises
    ------
    ValueError
        If they have another shape, or another trace.

    References
    ----------
    Wootters, "Entanglement of formation of an arbitrary state of two qubits",
    arXiv:quant-ph/9709029.

    Examples
    --------
    Bell pairs in white noise are entangled as long as more than a third of them are left:

    >>> bell = np.outer([1, 0, 0, 1], [1, 0, 0, 1]) / 2
    >>> concurrence([p * bell + (1 - p) * np.eye(4) / 4 for p in (1, 2 / 3, 1 / 3)]).round(6)
    array([1. , 0.5, 0. ])
    """
    rho = np.asarray(densities, dtype=complex)
    if rho.ndim != 3 or rho.shape[1:] != (4, 4):
        raise ValueError(
            f"densities must have shape (n_samples, 4, 4), got {rho.shape}: take two qubits with "
            "reduced_states"
        )
    values, vectors = np.linalg.eigh(_checked(rho)[0])
    return _from_columns(vectors * np.sqrt(np.maximum(values, 0))[:, None, :])


def pair_concurrences(states: ArrayLike) -> Real:
    """Return the concurrence of every two qubits, the others traced out.

    Three or more qubits may be entangled although no two of them are, as in a GHZ state; their
    Bloch vectors are short then.

    Parameters
    ----------
    states : array-like
        As in `reduced_states`.

    Returns
    -------
    ndarray of shape (n_samples, n_qubits, n_qubits)
        Symmetric, from 0 to 1; the diagonal is 0.

    Raises
    ------
    ValueError
        As in `reduced_states`.

    Examples
    --------
    >>> bell_and_zero = np.array([1, 0, 0, 0, 0, 0, 1, 0]) / np.sqrt(2)
    >>> pair_concurrences(bell_and_zero)[0].round(6)
    array([[0., 1., 0.],
           [1., 0., 0.],
           [0., 0., 0.]])
    """
    batch, n_qubits = _checked(states)
    values = np.zeros((len(batch), n_qubits, n_qubits))
    has_few_columns = batch.ndim == 2 and n_qubits <= 4
    for first, second in combinations(range(n_qubits), 2):
        if has_few_columns:
            tensor = batch.reshape(len(batch), *(2,) * n_qubits)
            pair_first = np.moveaxis(tensor, (1 + first, 1 + second), (1, 2))
            found = _from_columns(pair_first.reshape(len(batch), 4, 2 ** (n_qubits - 2)))
        else:
            found = concurrence(reduced_states(batch, [first, second]))
        values[:, first, second] = values[:, second, first] = found
    return values


def _from_columns(columns: Complex) -> Real:
    """Return the concurrence of ρ = A A†, given A of shape (n_samples, 4, n_columns).

    Wootters' numbers, the square roots of the eigenvalues of ρ ρ̃, are the singular values of the
    symmetric matrix Aᵀ (σy ⊗ σy) A, whose size is the number of columns.
    """
    overlaps = columns.transpose(0, 2, 1) @ (_SPIN_FLIP @ columns)
    if overlaps.shape[1] == 1:
        return np.asarray(np.minimum(np.abs(overlaps[:, 0, 0]), 1))
    if overlaps.shape[1] == 2:  # the difference of two singular values in closed form
        total = (np.abs(overlaps) ** 2).sum(axis=(1, 2))
        determinant = overlaps[:, 0, 0] * overlaps[:, 1, 1] - overlaps[:, 0, 1] * overlaps[:, 1, 0]
        return np.asarray(np.sqrt(np.clip(total - 2 * np.abs(determinant), 0, 1)))
    singular = np.linalg.svd(overlaps, compute_uv=False)  # falling
    return np.asarray(np.clip(2 * singular[:, 0] - singular.sum(axis=1), 0, 1))


def _one_qubit(batch: Complex, qubit: int, n_qubits: int) -> tuple[Real, Real, Complex]:
    """Return ρ₀₀, ρ₁₁ and ρ₁₀ of one qubit alone, each of shape (n_samples,)."""
    if batch.ndim == 3:
        rho = reduced_states(batch, [qubit])
        return rho[:, 0, 0].real, rho[:, 1, 1].real, rho[:, 1, 0]
    split = batch.reshape(len(batch), 2**qubit, 2, 2 ** (n_qubits - 1 - qubit))
    zero, one = split[:, :, 0], split[:, :, 1]
    coherence = np.einsum("nab,nab->n", zero.conj(), one)
    return _norms(zero), _norms(one), np.asarray(coherence)


def _norms(part: Complex) -> Real:
    return np.asarray((part.real**2 + part.imag**2).sum(axis=(1, 2)))


def _checked(states: ArrayLike) -> tuple[Complex, int]:
    """Return state vectors (n_samples, d) or density matrices (n_samples, d, d), and log₂ d."""
    batch: NDArray[Any] = np.asarray(states, dtype=complex)
    batch = np.atleast_2d(batch)
    size = batch.shape[-1]
    n_qubits = size.bit_length() - 1
    is_square = batch.ndim == 2 or (batch.ndim == 3 and batch.shape[1] == size)
    if not is_square or n_qubits < 1 or size != 2**n_qubits:
        raise ValueError(
            "states must be state vectors (n_samples, 2**n_qubits) or density matrices (n_samples, "
            f"2**n_qubits, 2**n_qubits), got shape {np.shape(states)}"
        )
    traces = _traces(batch)
    if not np.allclose(traces, 1, atol=1e-4):
        raise ValueError(
            "states must have norm 1, and density matrices trace 1; they go from "
            f"{np.min(traces):.4g} to {np.max(traces):.4g}"
        )
    return batch, n_qubits


def _traces(batch: Complex) -> Real:
    if batch.ndim == 3:
        return np.asarray(np.einsum("nii->n", batch).real)
    return np.asarray((batch.real**2 + batch.imag**2).sum(axis=1))


def _kept(qubits: Sequence[int], n_qubits: int) -> list[int]:
    given: Any = [qubits] if is_integer(qubits) else list(qubits)
    if not all(is_integer(qubit) for qubit in given):
        raise TypeError(f"qubits must be whole numbers, such as [0, 1]; got {qubits!r}")
    if not given or len(set(given)) < len(given) or not all(0 <= q < n_qubits for q in given):
        raise ValueError(
            f"qubits must be different ones of 0 to {n_qubits - 1}, such as [0]; got {qubits!r}"
        )
    return [int(qubit) for qubit in given]
