"""Pauli strings on state vectors: expectations of a whole batch, and their derivatives.

States are ``(n_samples, 2**n_qubits)``, qubit 0 most significant. A Pauli string maps every
basis state to one other with a phase, so that no matrix is ever built.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qmlplay.circuit import Observables, PauliSum
from qmlplay.circuit.pauli_sum import check_observables
from qmlplay.typing import Complex, Real

__all__ = [
    "action",
    "check_observables",
    "expanded",
    "expectations",
    "measurement_groups",
    "weighted_sum",
]


@lru_cache(maxsize=256)
def expanded(observables: Observables) -> tuple[tuple[str, ...], Real | None]:
    """Return the strings that observables are sums of, each once, and the coefficients.

    Here alone sums are taken apart: an expectation of theirs is that of the strings, times the
    matrix; a derivative by them, times its transpose, is that by the strings.

    Parameters
    ----------
    observables : tuple of (str or PauliSum)
        As `check_observables` returns them.

    Returns
    -------
    strings : tuple of str
    coefficients : ndarray of shape (n_strings, n_observables) or None
        None where the observables are the strings.

    Examples
    --------
    >>> from qmlplay.circuit import PauliSum
    >>> expanded(("ZI", PauliSum.from_dict({"ZI": 2, "XX": 0.5})))
    (('ZI', 'XX'), array([[1. , 2. ],
           [0. , 0.5]]))
    """
    if not any(isinstance(observable, PauliSum) for observable in observables):
        return tuple(map(str, observables)), None
    columns = [{o: 1.0} if isinstance(o, str) else o.to_dict() for o in observables]
    strings = tuple(dict.fromkeys(string for column in columns for string in column))
    matrix = np.array([[column.get(string, 0.0) for column in columns] for string in strings])
    matrix.flags.writeable = False
    return strings, matrix


def action(string: str) -> tuple[NDArray[np.intp] | None, Complex]:
    """Return (source, phase) with (Pψ)[i] = phase[i] · ψ[source[i]]; source None means i itself.

    Examples
    --------
    >>> source, phase = action("X")
    >>> source
    array([1, 0])
    """
    return _remembered(string) if len(string) <= _REMEMBERED else _computed(string)


def _computed(string: str) -> tuple[NDArray[np.intp] | None, Complex]:
    n_qubits = len(string)
    index = np.arange(2**n_qubits)
    phase = np.ones(2**n_qubits, dtype=complex)
    flips = 0
    for qubit, letter in enumerate(string):
        place = n_qubits - 1 - qubit
        if letter in "XY":
            flips |= 1 << place
        if letter in "YZ":
            phase *= 1 - 2 * ((index >> place) & 1)
        if letter == "Y":
            phase *= -1j
    phase.flags.writeable = False
    return (index ^ flips if flips else None), phase


#: On more qubits than this, remembering would cost more memory than time is saved.
_REMEMBERED = 12
_remembered = lru_cache(maxsize=1024)(_computed)


@lru_cache(maxsize=64)
def _signs(strings: tuple[str, ...]) -> Real:
    """Return the diagonals (n_strings, 2**n_qubits) of strings of I and Z."""
    return np.stack([action(string)[1].real for string in strings])


def _is_diagonal(string: str) -> bool:
    return not set(string) & set("XY")


def expectations(states: Complex, observables: Observables) -> Real:
    """Return ⟨ψ|O|ψ⟩ for every state and observable, shape (n_samples, n_observables)."""
    strings, coefficients = expanded(observables)
    result = np.empty((len(states), len(strings)))
    diagonal = [k for k, string in enumerate(strings) if _is_diagonal(string)]
    if diagonal:
        probabilities = states.real**2 + states.imag**2
        signs = _signs(tuple(strings[k] for k in diagonal))
        result[:, diagonal] = probabilities @ signs.T
    for k in set(range(len(strings))) - set(diagonal):
        source, phase = action(strings[k])
        moved = states if source is None else np.take(states, source, axis=1)
        result[:, k] = ((states.conj() * moved) @ phase).real
    return result if coefficients is None else result @ coefficients


def weighted_sum(states: Complex, observables: Observables, weights: Real) -> Complex:
    """Return Σₖ weights[n, k] · Oₖ|ψₙ⟩, the state the adjoint method walks back with."""
    strings, coefficients = expanded(observables)
    if coefficients is not None:
        weights = weights @ coefficients.T
    diagonal = [k for k, string in enumerate(strings) if _is_diagonal(string)]
    if diagonal:
        factors = weights[:, diagonal] @ _signs(tuple(strings[k] for k in diagonal))
        total: Complex = states * factors
    else:
        total = np.zeros_like(states)
    for k in set(range(len(strings))) - set(diagonal):
        source, phase = action(strings[k])
        moved = states if source is None else np.take(states, source, axis=1)
        total += (weights[:, k, None] * phase) * moved
    return total


def measurement_groups(strings: tuple[str, ...]) -> list[tuple[str, list[int]]]:
    """Group Pauli strings that one measurement setting serves: (basis, indices of the group).

    Strings share a setting when no qubit is read in two ways. Finding the fewest settings
    is graph colouring; those with most conflicts choose first (Welsh and Powell, 1967), which
    is rarely more than the fewest.

    Examples
    --------
    >>> measurement_groups(("ZI", "IZ", "XI"))
    [('ZZ', [0, 1]), ('XI', [2])]
    """
    conflicts = [sum(not _compatible(one, other) for other in strings) for one in strings]
    groups: list[tuple[str, list[int]]] = []
    for k in sorted(range(len(strings)), key=lambda k: -conflicts[k]):
        string = strings[k]
        for place, (basis, members) in enumerate(groups):
            if _compatible(basis, string):
                merged = "".join(max(a, b) for a, b in zip(basis, string, strict=True))
                groups[place] = (merged, sorted([*members, k]))
                break
        else:
            groups.append((string, [k]))
    return groups


def _compatible(one: str, other: str) -> bool:
    return all(a == b or "I" in (a, b) for a, b in zip(one, other, strict=True))
