"""Readout correction: what would have been seen if every bit had been read as it was.

Bits are read wrongly one by one, so the probabilities that are seen are the true ones times a
tensor product of confusion matrices, one per qubit. Its inverse is a tensor product, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import ArrayLike

from qmlplay.backends import Backend
from qmlplay.backends.measurement import misread
from qmlplay.backends.noise import NoiseModel
from qmlplay.backends.pauli import check_observables, expanded
from qmlplay.circuit import Angle, Circuit, Observable
from qmlplay.typing import Real

__all__ = [
    "ReadoutError",
    "confusion_matrices",
    "corrected_expectations",
    "corrected_probabilities",
    "correction",
    "seen_and_corrected",
]

ReadoutError = float | tuple[float, float]


def confusion_matrices(
    backend: Backend, circuit: Circuit, readout_error: ReadoutError | None = None
) -> list[Real]:
    """Return the confusion matrix of every qubit, [read, true], shape (2, 2) each.

    Parameters
    ----------
    backend : Backend
        Its noise gives the matrices, where readout_error is None.
    circuit : Circuit
        What will be measured.
    readout_error : float or (float, float), optional
        As in `qmlplay.NoiseModel`, the same for all qubits.

    Raises
    ------
    TypeError, ValueError
        If readout_error is no probability, or reading tells nothing about the bit.

    Examples
    --------
    >>> from qmlplay import get_backend
    >>> from qmlplay.circuit import Circuit, Gate
    >>> confusion_matrices(get_backend("numpy"), Circuit(1, (Gate("h", (0,)),)), (0.0, 0.1))
    [array([[1. , 0.1],
           [0. , 0.9]])]
    """
    if readout_error is not None:
        confusions = [NoiseModel(readout_error=readout_error).confusion] * circuit.n_qubits
    else:
        confusions = backend._confusions(circuit) or [np.eye(2)] * circuit.n_qubits
    for qubit, matrix in enumerate(confusions):
        if np.isclose(np.linalg.det(matrix), 0):
            raise ValueError(
                f"readout cannot be corrected: what is read on qubit {qubit} does not depend on "
                f"its bit (readout errors {matrix[1, 0]:.3g} and {matrix[0, 1]:.3g} sum to 1)"
            )
    return confusions


def corrected_probabilities(probabilities: ArrayLike, confusions: Sequence[ArrayLike]) -> Real:
    """Return the probabilities of bit strings before they were read wrongly.

    Parameters
    ----------
    probabilities : array-like of shape (n_samples, 2**n_qubits)
        As they were read, qubit 0 most significant.
    confusions : sequence of array-like of shape (2, 2)
        P(read | true) of every qubit, [read, true], as from `confusion_matrices`.

    Returns
    -------
    ndarray of shape (n_samples, 2**n_qubits)
        Every row sums to 1. From frequencies of few shots, some entries can be slightly below 0:
        they are left so, as expectations are then unbiased.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> corrected_probabilities([[0.9, 0.1]], [[[0.9, 0.1], [0.1, 0.9]]]).round(6) + 0.0
    array([[1., 0.]])
    """
    seen = np.asarray(probabilities, dtype=float)
    n_qubits = len(confusions)
    if seen.ndim != 2 or seen.shape[1] != 2**n_qubits:
        raise ValueError(
            f"probabilities must have shape (n_samples, {2**n_qubits}) for {n_qubits} confusion "
            f"matrices; got {seen.shape}"
        )
    return misread(seen, [np.linalg.inv(np.asarray(matrix)) for matrix in confusions])


def correction(
    observables: Sequence[str], confusions: Sequence[Real]
) -> tuple[tuple[str, ...], Real, Real]:
    """Return how true expectations follow from those that are seen.

    A bit read with the errors e₀ (of a 0) and e₁ (of a 1) shows z as (1 − e₀ − e₁) z + e₁ − e₀ on
    average. Solved for z and multiplied out, a Pauli string's expectation needs those of its
    parts: with ZZ those of ZI and IZ, which the same measurements show.

    Parameters
    ----------
    observables : sequence of str
        Pauli strings.
    confusions : sequence of ndarray of shape (2, 2)
        P(read | true) of every qubit.

    Returns
    -------
    strings : tuple of str
        What to measure: the observables, and their parts where these are needed.
    matrix : ndarray of shape (n_strings, n_observables)
    offset : ndarray of shape (n_observables,)
        true = seen @ matrix + offset.

    Examples
    --------
    >>> import numpy as np
    >>> confusion = np.array([[0.9, 0.1], [0.1, 0.9]])  # ⟨Z⟩ shrinks to 0.8 of it
    >>> strings, matrix, offset = correction(["ZI", "ZZ"], [confusion, confusion])
    >>> strings, matrix.round(4).tolist(), offset.tolist()
    (('ZI', 'ZZ'), [[1.25, 0.0], [0.0, 1.5625]], [0.0, 0.0])
    """
    columns = [_parts(string, confusions) for string in observables]
    needed = [string for column in columns for string in column if set(string) != {"I"}]
    strings = tuple(dict.fromkeys([*observables, *needed]))
    matrix = np.array([[column.get(string, 0.0) for column in columns] for string in strings])
    identity = "I" * len(confusions)
    # Where the identity is among the strings, the matrix says what is added.
    offset = np.array([0.0 if identity in strings else c.get(identity, 0.0) for c in columns])
    return strings, matrix, offset


def _parts(string: str, confusions: Sequence[Real]) -> dict[str, float]:
    """Return a string's parts and the factors of their expectations in its true one."""
    per_qubit: list[dict[str, float]] = []
    for letter, confusion in zip(string, confusions, strict=True):
        shrink, shift = np.linalg.det(confusion), confusion[0, 1] - confusion[1, 0]
        per_qubit.append(
            {"I": 1.0} if letter == "I" else {letter: 1 / shrink, "I": -shift / shrink}
        )
    parts: dict[str, float] = {}
    for choice in product(*(factors.items() for factors in per_qubit)):
        factor = float(np.prod([f for _, f in choice]))
        if factor:
            parts["".join(letter for letter, _ in choice)] = factor
    return parts


def corrected_expectations(
    backend: Backend,
    circuit: Circuit,
    angles: Sequence[Angle],
    observables: Sequence[Observable],
    *,
    readout_error: ReadoutError | None = None,
) -> Real:
    """Return expectations free of readout errors, from those that a backend measures.

    Parameters
    ----------
    backend : Backend
        Any backend, with or without shots.
    circuit, angles, observables
        As in `Backend.expectations`.
    readout_error : float or (float, float), optional
        As in `qmlplay.NoiseModel`; None takes the errors of the backend's noise.

    Returns
    -------
    ndarray of shape (n_samples, n_observables)
        With shots, values can leave [−1, 1] a little, and shot noise is larger than before: by
        1/(1 − e₀ − e₁) per qubit that an observable reads.

    Raises
    ------
    TypeError, ValueError
        As in `Backend.expectations`, or if readout_error is no probability, or so large that
        reading tells nothing.

    References
    ----------
    Maciejewski, Zimborás and Oszmaniec, "Mitigation of readout noise in near-term quantum
    devices", arXiv:1907.08518.

    Examples
    --------
    >>> import numpy as np
    >>> from qmlplay import NoiseModel, get_backend
    >>> from qmlplay.circuit import Circuit, Gate
    >>> circuit = Circuit(1, (Gate("ry", (0,), slot=0),))
    >>> noisy = get_backend("numpy", noise=NoiseModel(readout_error=(0.02, 0.08)))
    >>> noisy.expectations(circuit, [np.pi / 3], ["Z"]).round(6)  # 0.5 without errors
    array([[0.51]])
    >>> corrected_expectations(noisy, circuit, [np.pi / 3], ["Z"]).round(6)
    array([[0.5]])
    """
    return seen_and_corrected(backend, circuit, angles, observables, readout_error)[1]


def seen_and_corrected(
    backend: Backend,
    circuit: Circuit,
    angles: Sequence[Angle],
    observables: Sequence[Observable],
    readout_error: ReadoutError | None = None,
) -> tuple[Real, Real]:
    """Return expectations as they are measured, and corrected, from the same run.

    Parameters are those of `corrected_expectations`; both arrays are (n_samples, n_observables).
    """
    wanted, coefficients = expanded(check_observables(observables, circuit.n_qubits))
    confusions = confusion_matrices(backend, circuit, readout_error)
    strings, matrix, offset = correction(wanted, confusions)
    values = backend.expectations(circuit, angles, strings)
    seen = values[:, [strings.index(string) for string in wanted]]
    corrected = values @ matrix + offset
    if coefficients is None:
        return seen, corrected
    return seen @ coefficients, corrected @ coefficients
