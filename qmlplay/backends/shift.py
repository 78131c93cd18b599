"""Parameter shift: exact gradients from expectations alone, as a quantum device could do it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from qmlplay.backends.cotangents import (
    Cotangents,
    Pullback,
    check_cotangents,
    cotangents_of,
    finite_cotangents,
    make_unknown,
    zeros_like,
)
from qmlplay.circuit import Angle, Circuit, Gate, Observable, shift_rule
from qmlplay.typing import Real

__all__ = [
    "n_shift_evaluations",
    "shift_expectations_and_gradients",
    "shift_gradients",
    "shift_vjp",
]

Expectations = Callable[[Circuit, Sequence[Angle], Sequence[Observable]], Real]

#: Amplitudes of one call: enough to outweigh its fixed cost, and more would gain nothing, as
#: angles that are shared within a call are cheaper.
_AMPLITUDES = 2**13


class _Shift(NamedTuple):
    """A term of the derivative by one angle of one gate: coefficient · E(angle + radians)."""

    slot: int
    coefficient: float
    radians: float


def n_shift_evaluations(circuit: Circuit, wanted: Collection[int] | None = None) -> int:
    """Return how many circuits per sample one parameter-shift gradient needs.

    Parameters
    ----------
    circuit : Circuit
        The circuit.
    wanted : collection of int, optional
        The slots whose derivatives are needed; all by default.

    Examples
    --------
    >>> n_shift_evaluations(Circuit(2, (Gate("ry", (0,), 0), Gate("crx", (0, 1), 1))))
    6
    """
    slots = range(circuit.n_slots) if wanted is None else wanted
    return sum(
        len(shift_rule(gate.name, k))
        for gate in circuit.gates
        for k, slot in enumerate(gate.slots)
        if slot in slots
    )


@lru_cache(maxsize=64)
def _one_slot_per_gate(circuit: Circuit) -> tuple[Circuit, tuple[int, ...]]:
    """Return the circuit with a slot of its own for every angle, and each slot's original.

    The rule holds for an angle of one gate, not for a slot that is read several times.
    """
    gates: list[Gate] = []
    origins: list[int] = []
    for gate in circuit.gates:
        new = tuple(range(len(origins), len(origins) + len(gate.slots)))
        origins += gate.slots
        gates.append(Gate.reading(gate.name, gate.qubits, new))
    return Circuit(circuit.n_qubits, tuple(gates)), tuple(origins)


def shift_gradients(
    expectations: Expectations,
    circuit: Circuit,
    angles: Sequence[Angle],
    observables: Sequence[Observable],
    cotangents: Real,
    wanted: Collection[int] | None = None,
) -> list[Angle]:
    """Return the derivatives of Σ cotangents · E by the angles, from shifted circuits.

    Parameters
    ----------
    expectations : callable
        ``expectations(circuit, angles, observables)`` → (n_samples, n_observables).
    circuit, angles, observables, cotangents
        As in `Backend.gradients`.
    wanted : collection of int, optional
        The slots whose derivatives are needed; all by default.

    Returns
    -------
    list of float or ndarray of shape (n_samples,)
        Like `angles`; 0 for the slots that are not wanted.

    Notes
    -----
    A slot that several gates read is shifted one gate at a time and the derivatives added.
    Small batches are shifted several ways in one call, as more rows of one larger batch. Where
    all cotangents are 0, no circuit is run.
    """
    own, origins = _one_slot_per_gate(circuit)
    slots = range(circuit.n_slots) if wanted is None else wanted
    weights, unknown = finite_cotangents(cotangents)
    shifts = [
        _Shift(slot, coefficient, radians)
        for gate in own.gates
        for k, slot in enumerate(gate.slots)
        if origins[slot] in slots and weights.any()
        for coefficient, radians in shift_rule(gate.name, k)
    ]
    own_angles = [angles[origin] for origin in origins]
    result = zeros_like(angles)
    together = max(1, _AMPLITUDES // (len(weights) << circuit.n_qubits))
    for first in range(0, len(shifts), together):
        group = shifts[first : first + together]
        shifted = _shifted(own_angles, group, len(weights))
        values = expectations(own, shifted, observables).reshape(len(group), *weights.shape)
        for shift, derivatives in zip(group, (values * weights).sum(axis=2), strict=True):
            slot = origins[shift.slot]
            is_shared = not isinstance(result[slot], np.ndarray)
            result[slot] += shift.coefficient * (derivatives.sum() if is_shared else derivatives)
    return make_unknown(result, unknown, slots)


def shift_expectations_and_gradients(
    expectations: Expectations,
    circuit: Circuit,
    angles: Sequence[Angle],
    observables: Sequence[Observable],
    cotangents: Cotangents,
    slots: Collection[int] | None = None,
) -> tuple[Real, list[Angle]]:
    """Return what `Backend.expectations_and_gradients` returns, from shifted circuits."""
    values = expectations(circuit, angles, observables)
    weights = cotangents_of(cotangents, values, slice(0, len(values)))
    return values, shift_gradients(expectations, circuit, angles, observables, weights, slots)


def shift_vjp(
    expectations: Expectations,
    circuit: Circuit,
    angles: Sequence[Angle],
    observables: Sequence[Observable],
    slots: Collection[int],
) -> tuple[Real, Pullback]:
    """Return what `Backend.vjp` returns, from shifted circuits, which `pullback` runs."""
    values = expectations(circuit, angles, observables)
    shape = values.shape

    def pullback(cotangents: ArrayLike) -> list[Angle]:
        weights = check_cotangents(cotangents, shape)
        return shift_gradients(expectations, circuit, angles, observables, weights, slots)

    return values, pullback


def _shifted(angles: Sequence[Angle], group: Sequence[_Shift], n_samples: int) -> list[Angle]:
    """Return angles of one batch that holds a block of n_samples rows for every shift."""
    moved = {shift.slot for shift in group}
    result: list[Angle] = [
        np.tile(np.broadcast_to(angle, n_samples), len(group))
        if isinstance(angle, np.ndarray) or slot in moved
        else angle
        for slot, angle in enumerate(angles)
    ]
    for block, shift in enumerate(group):
        rows = slice(block * n_samples, (block + 1) * n_samples)
        result[shift.slot][rows] += shift.radians  # type: ignore[index]
    return result
