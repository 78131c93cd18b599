"""Pauli strings on state vectors: expectations of a whole batch, and their derivatives.

States are ``(n_samples, 2**n_qubits)``, qubit 0 most significant. A Pauli string maps every
basis state to one other with a phase, so that no matrix is ever built.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qmlplay.typing import Complex, Real

__all__ = ["action", "check_observables", "expectations", "measurement_groups", "weighted_sum"]


def check_observables(observables: Sequence[str], n_qubits: int) -> tuple[str, ...]:
    """Return the observables as a tuple, or say what is wrong with them.

    Raises
    ------
    TypeError
        If a single string came instead of a list of strings.
    ValueError
        If there is none, or one has the wrong length or a letter other than I, X, Y, Z.
    """
    if isinstance(observables, str):
        raise TypeError(f"observables must be a list of Pauli strings, such as [{observables!r}]")
    strings = tuple(observables)
    if not strings:
        raise ValueError("observables is empty: give at least one Pauli string, such as 'ZI'")
    for string in strings:
        if len(string) != n_qubits or set(string) - set("IXYZ"):
            raise ValueError(
                f"observable {string!r} must have one letter I, X, Y or Z for each of the "
                f"{n_qubits} qubits, qubit 0 first"
            )
    return strings


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


def expectations(states: Complex, observables: tuple[str, ...]) -> Real:
    """Return ⟨ψ|P|ψ⟩ for every state and observable, shape (n_samples, n_observables)."""
    result = np.empty((len(states), len(observables)))
    diagonal = [k for k, string in enumerate(observables) if _is_diagonal(string)]
    if diagonal:
        probabilities = states.real**2 + states.imag**2
        signs = _signs(tuple(observables[k] for k in diagonal))
        result[:, diagonal] = probabilities @ signs.T
    for k in set(range(len(observables))) - set(diagonal):
        source, phase = action(observables[k])
        moved = states if source is None else np.take(states, source, axis=1)
        result[:, k] = ((states.conj() * moved) @ phase).real
    return result


def weighted_sum(states: Complex, observables: tuple[str, ...], weights: Real) -> Complex:
    """Return Σₖ weights[n, k] · Pₖ|ψₙ⟩, the state the adjoint method walks back with."""
    diagonal = [k for k, string in enumerate(observables) if _is_diagonal(string)]
    if diagonal:
        factors = weights[:, diagonal] @ _signs(tuple(observables[k] for k in diagonal))
        total: Complex = states * factors
    else:
        total = np.zeros_like(states)
    for k in set(range(len(observables))) - set(diagonal):
        source, phase = action(observables[k])
        moved = states if source is None else np.take(states, source, axis=1)
        total += (weights[:, k, None] * phase) * moved
    return total


def measurement_groups(observables: tuple[str, ...]) -> list[tuple[str, list[int]]]:
    """Group observables that one measurement setting serves: (basis, indices of the group).

    Observables share a setting when no qubit is read in two ways. Finding the fewest settings
    is graph colouring; those with most conflicts choose first (Welsh and Powell, 1967), which
    is rarely more than the fewest.

    Examples
    --------
    >>> measurement_groups(("ZI", "IZ", "XI"))
    [('ZZ', [0, 1]), ('XI', [2])]
    """
    conflicts = [sum(not _compatible(one, other) for other in observables) for one in observables]
    groups: list[tuple[str, list[int]]] = []
    for k in sorted(range(len(observables)), key=lambda k: -conflicts[k]):
        string = observables[k]
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
