"""Measurements: probabilities in a basis, bits read wrongly, and what frequencies tell.

A *basis* is a Pauli string such as ``"ZXI"`` that says how each qubit is read; I and Z both
mean the computational basis. Turning the qubits is part of the measurement, free of noise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qmlplay.backends import pauli
from qmlplay.circuit import Observables, gate_matrix
from qmlplay.typing import Complex, Real

__all__ = [
    "Setting",
    "apply_matrix",
    "basis_probabilities",
    "frequencies",
    "misread",
    "settings_of",
    "variances",
]


Sampler = Callable[[Real, int, np.random.Generator], NDArray[np.integer[Any]]]

#: Measurements asked of a sampler at a time: frameworks write each one down.
_AT_A_TIME = 2**20
#: The matrices that turn the eigenbasis of X and of Y into that of Z.
_TURNS = {"X": gate_matrix("h"), "Y": gate_matrix("h") @ gate_matrix("sdg")}
_TO_Z = str.maketrans("XY", "ZZ")


def apply_matrix(
    matrix: Complex | Real, tensor: NDArray[np.inexact], axes: Sequence[int], xp: Any = np
) -> NDArray[np.inexact]:
    """Multiply some axes of a batch of tensors, each axis of length 2, by a matrix.

    Parameters
    ----------
    matrix : ndarray of shape (d, d) or (n_samples, d, d), d = 2**len(axes)
        One matrix for all samples, or one per sample.
    tensor : ndarray of shape (n_samples, 2, …, 2)
        The batch; an n_samples of 1 stands for every sample.
    axes : sequence of int
        The axes, the most significant first; axis 0 is the batch.
    xp : module, optional
        The functions of the framework whose arrays they are.
    """
    places = tuple(range(1, len(axes) + 1))
    moved = xp.moveaxis(tensor, tuple(axes), places)
    product = matrix @ moved.reshape(len(moved), 2 ** len(axes), -1)
    multiplied: NDArray[np.inexact] = xp.moveaxis(
        product.reshape(-1, *moved.shape[1:]), places, tuple(axes)
    )
    return multiplied


def basis_probabilities(final: Complex, basis: str) -> Real:
    """Return the probability of every bit string when the qubits are read in a basis.

    Parameters
    ----------
    final : ndarray of shape (n_samples, 2**n) or (n_samples, 2**n, 2**n)
        State vectors or density matrices.
    basis : str
        How to read each qubit, qubit 0 first.

    Returns
    -------
    ndarray of shape (n_samples, 2**n)

    Examples
    --------
    >>> basis_probabilities(np.array([[1, 1j]]) / np.sqrt(2), "Y").round(6) + 0.0
    array([[1., 0.]])
    """
    is_density = final.ndim == 3
    n_qubits = len(basis)
    tensor: NDArray[np.inexact] = final.reshape(
        (len(final),) + (2,) * (n_qubits * final.ndim - n_qubits)
    )
    for qubit, letter in enumerate(basis):
        if letter in _TURNS:
            tensor = apply_matrix(_TURNS[letter], tensor, [1 + qubit])
            if is_density:
                tensor = apply_matrix(_TURNS[letter].conj(), tensor, [1 + n_qubits + qubit])
    turned = tensor.reshape(final.shape)
    if is_density:
        return np.asarray(np.einsum("nii->ni", turned).real)
    return np.asarray(turned.real**2 + turned.imag**2)


def misread(probabilities: Real, confusions: Sequence[Real]) -> Real:
    """Return the probabilities of what is read, from those of what is there.

    Parameters
    ----------
    probabilities : ndarray of shape (n_samples, 2**n)
        Of every bit string.
    confusions : sequence of ndarray of shape (2, 2)
        For every qubit, P(read | true) as a matrix [read, true].

    Examples
    --------
    >>> misread(np.array([[0.0, 1.0]]), [np.array([[1.0, 0.1], [0.0, 0.9]])])
    array([[0.1, 0.9]])
    """
    tensor: NDArray[np.inexact] = probabilities.reshape(-1, *(2,) * len(confusions))
    for qubit, confusion in enumerate(confusions):
        tensor = apply_matrix(confusion, tensor, [1 + qubit])
    return np.asarray(tensor.reshape(probabilities.shape))


def frequencies(
    sample: Sampler, probabilities: Real, shots: int, generator: np.random.Generator
) -> Real:
    """Return how often each bit string is seen in so many shots, of 1.

    Parameters
    ----------
    sample : callable
        `Backend._sample`.
    probabilities : ndarray of shape (..., 2**n_qubits)
        Of every bit string; rounding errors are put right.
    shots : int
        Measurements of each row.
    generator : numpy.random.Generator
        The source of all that is random.
    """
    clipped = np.maximum(probabilities.astype(np.float64, copy=False), 0)
    rows = (clipped / clipped.sum(axis=-1, keepdims=True)).reshape(-1, clipped.shape[-1])
    counts = np.zeros(rows.shape)
    n_rows = max(1, _AT_A_TIME // shots)
    for start in range(0, len(rows), n_rows):
        part = slice(start, start + n_rows)
        for done in range(0, shots, _AT_A_TIME):
            counts[part] += sample(rows[part], min(_AT_A_TIME, shots - done), generator)
    return np.asarray((counts / shots).reshape(probabilities.shape))


class Setting(NamedTuple):
    """A basis to measure in, and what a bit string that is read there tells of observables.

    Parameters
    ----------
    basis : str
        How to read each qubit, qubit 0 first.
    members : list of int
        The observables that have a part in what is read.
    readings : ndarray of shape (2**n_qubits, n_members)
        Their values, or their parts of it: a bit string's parity, or a sum of such.
    """

    basis: str
    members: list[int]
    readings: Real


def settings_of(observables: Observables) -> list[Setting]:
    """Return the settings in which observables are measured, as few as strings share.

    Examples
    --------
    >>> (setting,) = settings_of(("ZI", "IZ"))
    >>> setting.basis, setting.members, setting.readings.T.tolist()
    ('ZZ', [0, 1], [[1.0, 1.0, -1.0, -1.0], [1.0, -1.0, 1.0, -1.0]])
    """
    strings, coefficients = pauli.expanded(observables)
    settings = []
    for basis, group in pauli.measurement_groups(strings):
        signs = [pauli.action(strings[k].translate(_TO_Z))[1].real for k in group]
        members, readings = group, np.stack(signs, axis=1)
        if coefficients is not None:
            members = np.flatnonzero(coefficients[group].any(axis=0)).tolist()
            readings = readings @ coefficients[np.ix_(group, members)]
        settings.append(Setting(basis, members, readings))
    return settings


def variances(seen: Real, readings: Real, shots: int) -> Real:
    """Return the squares of the standard errors of estimates, as the same shots show them.

    The mean of a sum's readings, not those of its strings one by one, tells its spread: strings
    that share shots are not independent. A reading of two values r ± a has the standard error
    √((a² − (mean − r)²)/(shots − 1)). A single shot tells nothing about the spread: half the
    distance of the largest and the smallest value is given, which is the most that it can be.

    Parameters
    ----------
    seen : ndarray of shape (n_samples, 2**n)
        Frequencies of bit strings.
    readings : ndarray of shape (2**n, n_members)
        As in `Setting`.
    shots : int
        Readings per mean.

    Examples
    --------
    >>> variances(np.array([[0.5, 0.5]]), np.array([[1.0], [-1.0]]), shots=101)
    array([[0.01]])
    """
    low, high = readings.min(axis=0), readings.max(axis=0)
    largest = np.broadcast_to(((high - low) / 2) ** 2, (len(seen), readings.shape[1]))
    if shots == 1:
        return largest
    centered = readings - (high + low) / 2
    has_two = (np.abs(centered) == (high - low) / 2).all(axis=0)
    squares = np.where(has_two, largest, seen @ centered**2)
    return np.asarray(np.maximum(squares - (seen @ centered) ** 2, 0) / (shots - 1))
