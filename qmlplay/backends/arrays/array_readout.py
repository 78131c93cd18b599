"""Observables as array operations: strings of I and Z are signs, the others move rows as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qmlplay.backends import pauli
from qmlplay.circuit import PauliSum
from qmlplay.typing import Complex, Integers, Real

__all__ = ["ArrayReadout", "Reading", "make_readout"]


@dataclass(frozen=True, eq=False)
class Reading:
    """Pauli strings with X and Y on the same qubits: ⟨ψ|P|ψ⟩ = Σ phase · ψ*[i] · ψ[source[i]].

    Parameters
    ----------
    source : ndarray of shape (2**n_qubits,) or None
        None where there is no X or Y.
    phases : ndarray of shape (n_strings, 2**n_qubits)
        Real where source is None.
    """

    source: Integers | None
    phases: Complex | Real


@dataclass(frozen=True, eq=False)
class ArrayReadout:
    """What is read off final states.

    Parameters
    ----------
    readings : list of Reading
    coefficients : ndarray of shape (n_observables, n_strings)
        Of every string, in the order of the readings, in every observable.
    is_trivial : bool
        Whether that is the identity.
    """

    readings: list[Reading]
    coefficients: Real
    is_trivial: bool


def make_readout(observables: Sequence[str | PauliSum]) -> ArrayReadout:
    """Return how observables are read.

    Examples
    --------
    >>> readout = make_readout(["ZI", "XX", "IZ"])
    >>> [len(reading.phases) for reading in readout.readings]
    [2, 1]
    """
    sums = [o.to_dict() if isinstance(o, PauliSum) else {o: 1.0} for o in observables]
    strings = {string: None for terms in sums for string in terms}
    groups: dict[bytes, list[str]] = {}
    for string in strings:
        source, _ = pauli.action(string)
        groups.setdefault(b"" if source is None else source.tobytes(), []).append(string)
    order = {string: k for k, string in enumerate(s for group in groups.values() for s in group)}
    coefficients = np.zeros((len(sums), len(order)))
    for row, terms in enumerate(sums):
        for string, coefficient in terms.items():
            coefficients[row, order[string]] += coefficient
    readings = [_reading(group) for group in groups.values()]
    return ArrayReadout(
        readings, coefficients, np.array_equal(coefficients, np.eye(*coefficients.shape))
    )


def _reading(strings: list[str]) -> Reading:
    actions = [pauli.action(string) for string in strings]
    phases = np.stack([phase for _, phase in actions])
    source = actions[0][0]
    return Reading(source, phases.real.copy() if source is None else phases)
