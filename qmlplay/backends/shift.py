"""Parameter shift: exact gradients from expectations alone, as a quantum device could do it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from qmlplay.circuit import Angle, Circuit, Gate, shift_rule

__all__ = ["n_shift_evaluations", "shift_gradients"]

Real = NDArray[np.float64]
Expectations = Callable[[Circuit, Sequence[Angle], Sequence[str]], Real]


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
    return sum(len(shift_rule(gate.name)) for gate in circuit.gates if gate.slot in slots)


def _with_own_slot(circuit: Circuit, place: int) -> Circuit:
    """Return the circuit with the gate at `place` reading one new slot, the last."""
    gates = list(circuit.gates)
    gates[place] = Gate(gates[place].name, gates[place].qubits, circuit.n_slots)
    return Circuit(circuit.n_qubits, tuple(gates))


def shift_gradients(
    expectations: Expectations,
    circuit: Circuit,
    angles: Sequence[Angle],
    observables: Sequence[str],
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
    A slot that several gates read is shifted one gate at a time and the derivatives added,
    as the rule holds for a gate, not for a shared angle.
    """
    shared_slots = _slots_read_more_than_once(circuit)
    result: list[Angle] = [np.zeros(a.shape) if isinstance(a, np.ndarray) else 0.0 for a in angles]
    for place, gate in enumerate(circuit.gates):
        if gate.slot is None or (wanted is not None and gate.slot not in wanted):
            continue
        split = gate.slot in shared_slots
        shifted_circuit = _with_own_slot(circuit, place) if split else circuit
        for coefficient, shift in shift_rule(gate.name):
            shifted = list(angles)
            if split:
                shifted.append(angles[gate.slot] + shift)
            else:
                shifted[gate.slot] = angles[gate.slot] + shift
            values = expectations(shifted_circuit, shifted, observables)
            per_sample = coefficient * np.sum(cotangents * values, axis=1)
            is_array = isinstance(angles[gate.slot], np.ndarray)
            result[gate.slot] += per_sample if is_array else float(per_sample.sum())
    return result


def _slots_read_more_than_once(circuit: Circuit) -> set[int]:
    slots = [gate.slot for gate in circuit.gates if gate.slot is not None]
    return {slot for slot in slots if slots.count(slot) > 1}
