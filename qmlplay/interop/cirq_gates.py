"""Cirq's gates in ours, symbols in their exponents kept, up to global phases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import pi
from typing import Any

import cirq
import numpy as np
import sympy

from qmlplay.interop.controlled import controlled_rotation
from qmlplay.interop.translated_gates import TranslatedGate, refusal

__all__ = ["translated_operation"]

Gates = Iterator[TranslatedGate]

#: Gates of one exponent that have a name of their own.
_NAMED: dict[tuple[type[cirq.Gate], float | None], str] = {
    (cirq.XPowGate, 1.0): "x",
    (cirq.XPowGate, 0.5): "sx",
    (cirq.XPowGate, -0.5): "sxdg",
    (cirq.YPowGate, 1.0): "y",
    (cirq.ZPowGate, 1.0): "z",
    (cirq.ZPowGate, 0.5): "s",
    (cirq.ZPowGate, -0.5): "sdg",
    (cirq.ZPowGate, 0.25): "t",
    (cirq.ZPowGate, -0.25): "tdg",
    (cirq.HPowGate, 1.0): "h",
    (cirq.CXPowGate, 1.0): "cx",
    (cirq.CZPowGate, 1.0): "cz",
    (cirq.SwapPowGate, 1.0): "swap",
    (cirq.ISwapPowGate, 1.0): "iswap",
    (cirq.ISwapPowGate, -1.0): "iswapdg",
    (cirq.CCXPowGate, 1.0): "ccx",
}
#: Gates that are ours with the angle π · exponent.
_TURNS: dict[type[cirq.Gate], str] = {
    cirq.XPowGate: "rx",
    cirq.YPowGate: "ry",
    cirq.ZPowGate: "p",
    cirq.CZPowGate: "cp",
    cirq.XXPowGate: "rxx",
    cirq.YYPowGate: "ryy",
    cirq.ZZPowGate: "rzz",
}
_CONTROLLED: dict[type[cirq.Gate], str] = {
    cirq.XPowGate: "crx",
    cirq.YPowGate: "cry",
    cirq.ZPowGate: "crz",
}
#: Gates without an angle that get a control: (gate, exponent) → ours.
_CONTROLLED_NAMED: dict[tuple[type[cirq.Gate], float | None], str] = {
    (cirq.XPowGate, 1.0): "cx",
    (cirq.YPowGate, 1.0): "cy",
    (cirq.ZPowGate, 1.0): "cz",
    (cirq.HPowGate, 1.0): "ch",
    (cirq.SwapPowGate, 1.0): "cswap",
    (cirq.CXPowGate, 1.0): "ccx",
}
_ADVICE = "leave it out, or write it in gates such as cirq.rx(angle) and cirq.CX"


def translated_operation(
    operation: cirq.Operation, places: dict[cirq.Qid, int], source: str
) -> Gates:
    """Yield one of Cirq's operations as gates of our table, up to a global phase.

    Raises
    ------
    ValueError
        If it is no unitary gate, or Cirq has no decomposition of it that we know.

    Examples
    --------
    >>> q = cirq.LineQubit(0)
    >>> [(gate.name, gate.angles) for gate in translated_operation(cirq.rx(0.5)(q), {q: 0}, "")]
    [('rx', (0.5,))]
    """
    operation = operation.untagged
    _check(operation, source)
    qubits = tuple(places[qubit] for qubit in operation.qubits)
    if isinstance(operation, cirq.CircuitOperation):
        for inner in operation.mapped_circuit(deep=True).all_operations():
            yield from translated_operation(inner, places, source)
        return
    gate = operation.gate
    if isinstance(gate, cirq.IdentityGate | cirq.WaitGate | cirq.GlobalPhaseGate):
        return
    if (gates := _known(gate, qubits, source)) is not None:
        yield from gates
    elif len(qubits) == 1 and cirq.has_unitary(operation):
        yield TranslatedGate("u", qubits, _angles_of_u(cirq.unitary(operation)), source)
    else:
        for inner in _decomposed(operation, source):
            yield from translated_operation(inner, places, source)


def _check(operation: cirq.Operation, source: str) -> None:
    if isinstance(operation, cirq.ClassicallyControlledOperation):
        raise refusal(
            source,
            "classical control: what it does depends on a measurement",
            "control it by a qubit, with operation.controlled_by(qubit)",
        )
    if any(qubit.dimension != 2 for qubit in operation.qubits):
        raise refusal(source, "it acts on more than two levels", "models have qubits only")
    if cirq.is_measurement(operation):
        raise refusal(source, "a measurement in the middle", "models measure at the end alone")
    if isinstance(operation.gate, cirq.ResetChannel) or (
        cirq.has_kraus(operation)
        and not cirq.is_parameterized(operation)
        and not cirq.has_unitary(operation)
    ):
        raise refusal(
            source,
            "it is a channel, no unitary gate",
            "leave it out (models start from |0⟩); noise is the estimator's noise=",
        )


def _decomposed(operation: cirq.Operation, source: str) -> list[cirq.Operation]:
    try:
        inner = cirq.decompose_once(operation, default=None, flatten=True)
    except (TypeError, ValueError) as error:  # of a gate whose symbols it cannot decompose
        raise refusal(source, f"Cirq does not decompose it: {error}", _ADVICE) from error
    if inner is None or operation in inner:
        raise refusal(source, "Cirq has no decomposition of it into gates we know", _ADVICE)
    return list(inner)


def _known(gate: cirq.Gate, qubits: tuple[int, ...], source: str) -> Gates | None:
    """Return the gates for one that is translated here, or None."""
    if isinstance(gate, cirq.CSwapGate):
        return iter([TranslatedGate("cswap", qubits, (), source)])
    if isinstance(gate, cirq.PhasedXPowGate):
        phase = _turn(gate.phase_exponent)
        steps = [("rz", -phase), ("rx", _turn(gate.exponent)), ("rz", phase)]
        return iter([TranslatedGate(name, qubits, (angle,), source) for name, angle in steps])
    if isinstance(gate, cirq.ControlledGate):
        return _controlled(gate, qubits, source)
    if isinstance(gate, cirq.EigenGate):
        return _power(gate, qubits, source)
    return None


def _power(gate: cirq.EigenGate, qubits: tuple[int, ...], source: str) -> Gates | None:
    """Return the gates for one with an exponent; its global shift is a global phase."""
    kind = _kind(gate, (*_TURNS, *_MADE_OF, *(kind for kind, _ in _NAMED)))
    if kind is None:
        return None
    is_rotation = gate._global_shift == -0.5 and kind in _CONTROLLED  # cirq.rx, ry or rz
    name = None if is_rotation else _NAMED.get((kind, _number(gate.exponent)))
    if name is not None:
        return iter([TranslatedGate(name, qubits, (), source)])
    turn = _turn(gate.exponent)
    if kind in _TURNS:
        name = "rz" if is_rotation and kind is cirq.ZPowGate else _TURNS[kind]
        return iter([TranslatedGate(name, qubits, (turn,), source)])
    if kind in _MADE_OF:
        parts = _MADE_OF[kind](turn)
        return (
            TranslatedGate(name, tuple(qubits[p] for p in at), (angle,), source)
            for name, at, angle in parts
        )
    return None


Parts = list[tuple[str, tuple[int, ...], Any]]

#: Powers of gates as several of ours, given π · exponent.
_MADE_OF: dict[type[cirq.Gate], Callable[[Any], Parts]] = {
    cirq.HPowGate: lambda turn: [("ry", (0,), -pi / 4), ("rz", (0,), turn), ("ry", (0,), pi / 4)],
    cirq.CXPowGate: lambda turn: [("crx", (0, 1), turn), ("p", (0,), turn / 2)],
    cirq.ISwapPowGate: lambda turn: [("rxx", (0, 1), -turn / 2), ("ryy", (0, 1), -turn / 2)],
}


def _controlled(gate: cirq.ControlledGate, qubits: tuple[int, ...], source: str) -> Gates | None:
    """Return the gates for one with control qubits, whose global shift is a phase of theirs."""
    inner, values = gate.sub_gate, list(gate.control_values.expand())
    if not isinstance(inner, cirq.EigenGate) or len(values) != 1:
        return None
    n_controls = gate.num_controls()
    if n_controls > 1:
        kind = _kind(inner, tuple(_CONTROLLED))
        if kind is None or inner._global_shift != -0.5:
            return None
        controls, target = qubits[:n_controls], qubits[-1]
        angle, on = _turn(inner.exponent), [bool(value) for value in values[0]]
        return controlled_rotation(_CONTROLLED[kind][1:], controls, on, target, angle, source)
    steps = _one_control(inner, qubits, source)
    if steps is None or values == [(1,)]:
        return None if steps is None else iter(steps)
    flip = TranslatedGate("x", qubits[:1], (), source)
    return iter([flip, *steps, flip])


def _one_control(
    inner: cirq.EigenGate, qubits: tuple[int, ...], source: str
) -> list[TranslatedGate] | None:
    kind = _kind(inner, (*_CONTROLLED, *(kind for kind, _ in _CONTROLLED_NAMED)))
    if kind is None:
        return None
    shift, exponent = inner._global_shift, inner.exponent
    name = _CONTROLLED_NAMED.get((kind, _number(exponent)))
    if name is not None and shift == 0:
        return [TranslatedGate(name, qubits, (), source)]
    if kind not in _CONTROLLED:
        return None
    if kind is cirq.ZPowGate and shift == 0:
        return [TranslatedGate("cp", qubits, (_turn(exponent),), source)]
    steps = [TranslatedGate(_CONTROLLED[kind], qubits, (_turn(exponent),), source)]
    if shift != -0.5:
        phase = _turn(exponent) * (shift + 0.5)
        steps.append(TranslatedGate("p", qubits[:1], (phase,), source))
    return steps


def _kind(gate: cirq.Gate, kinds: tuple[type[cirq.Gate], ...]) -> type[cirq.Gate] | None:
    """Return which of some classes a gate belongs to, or None."""
    return next((kind for kind in kinds if isinstance(gate, kind)), None)


def _number(exponent: Any) -> float | None:
    return None if isinstance(exponent, sympy.Basic) else float(exponent)


def _turn(exponent: Any) -> Any:
    """Return π · exponent, a number or an expression."""
    return sympy.pi * exponent if isinstance(exponent, sympy.Basic) else pi * float(exponent)


def _angles_of_u(matrix: Any) -> tuple[float, float, float]:
    """Return θ, φ and λ of a matrix on one qubit, which is U(θ, φ, λ) up to a global phase."""
    (a, b), (c, d) = np.asarray(matrix, dtype=complex)
    theta = 2 * np.arctan2(np.hypot(abs(b), abs(c)), np.hypot(abs(a), abs(d)))
    if abs(a) >= abs(c):  # the larger ones have the better known phases
        total, difference = np.angle(d * a.conj()), np.angle(-c * b.conj()) if abs(c) else 0.0
    else:
        total, difference = np.angle(d * a.conj()) if abs(a) else 0.0, np.angle(-c * b.conj())
    # φ + λ = arg(d/a), φ − λ = arg(−c/b); halves may be off by π, both together.
    phi, lam = (total + difference) / 2, (total - difference) / 2
    if abs(a) and abs(c) and np.real(c * a.conj() * np.exp(-1j * phi)) < 0:
        phi, lam = phi + np.pi, lam - np.pi
    return float(theta), float(phi), float(lam)
