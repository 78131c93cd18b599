"""PennyLane's operations in our gates, symbols in their angles kept, up to global phases."""

from __future__ import annotations

from collections.abc import Iterator
from math import pi
from typing import Any

import numpy as np
import pennylane as qml
import sympy

from qmlplay.interop.controlled import controlled_rotation
from qmlplay.interop.translated_gates import TranslatedGate, refusal

__all__ = ["translated_operation"]

#: Operations that are gates of ours, with the same angles.
_SAME: dict[type[qml.operation.Operator], str] = {
    qml.Hadamard: "h",
    qml.PauliX: "x",
    qml.PauliY: "y",
    qml.PauliZ: "z",
    qml.S: "s",
    qml.T: "t",
    qml.SX: "sx",
    qml.CNOT: "cx",
    qml.CY: "cy",
    qml.CZ: "cz",
    qml.CH: "ch",
    qml.SWAP: "swap",
    qml.ISWAP: "iswap",
    qml.Toffoli: "ccx",
    qml.CSWAP: "cswap",
    qml.RX: "rx",
    qml.RY: "ry",
    qml.RZ: "rz",
    qml.PhaseShift: "p",
    qml.U1: "p",
    qml.IsingXX: "rxx",
    qml.IsingYY: "ryy",
    qml.IsingZZ: "rzz",
    qml.CRX: "crx",
    qml.CRY: "cry",
    qml.CRZ: "crz",
    qml.ControlledPhaseShift: "cp",
    qml.U3: "u",
}
_ADJOINT: dict[type[qml.operation.Operator], str] = {
    qml.S: "sdg",
    qml.T: "tdg",
    qml.SX: "sxdg",
    qml.ISWAP: "iswapdg",
}
_WITHOUT_EFFECT = (qml.Identity, qml.Barrier, qml.Snapshot, qml.GlobalPhase, qml.WireCut)
_ROTATIONS = {qml.RX: "rx", qml.RY: "ry", qml.RZ: "rz", qml.PhaseShift: "p"}
_ADVICE = "leave it out, or write it in gates such as qml.RX and qml.CNOT"


def translated_operation(
    operation: Any, places: dict[Any, int], source: str, *, comes_first: bool = False
) -> Iterator[TranslatedGate]:
    """Yield one of PennyLane's operations as gates of our table, up to a global phase.

    Only a circuit that comes first may prepare a state, from |0⟩.

    Raises
    ------
    ValueError
        If it is no unitary gate, or PennyLane has no decomposition of it that we know.

    Examples
    --------
    >>> [gate.name for gate in translated_operation(qml.Rot(0.1, 0.2, 0.3, wires=0), {0: 0}, "")]
    ['rz', 'ry', 'rz']
    """
    _check(operation, source)
    if isinstance(operation, qml.operation.StatePrepBase) and not comes_first:
        raise refusal(
            source,
            "it prepares a state, whatever came before, and an ansatz comes after an encoding",
            "leave it out, or give the circuit as an encoding, with features=",
        )
    if isinstance(operation, _WITHOUT_EFFECT):
        return
    qubits = tuple(places[wire] for wire in operation.wires)
    if (gate := _known(operation, qubits, source)) is not None:
        yield gate
        return
    if (gates := _controlled(operation, qubits, source)) is not None:
        yield from gates
        return
    for inner in _decomposed(operation, source):
        yield from translated_operation(inner, places, source, comes_first=comes_first)


def _known(operation: Any, qubits: tuple[int, ...], source: str) -> TranslatedGate | None:
    """Return the one gate that an operation is, or None."""
    kind, angles = type(operation), tuple(map(_scalar, operation.data))
    if kind is qml.U2:
        return TranslatedGate("u", qubits, (pi / 2, *angles), source)
    if kind in _SAME:
        return TranslatedGate(_SAME[kind], qubits, angles, source)
    if isinstance(operation, qml.ops.Adjoint) and type(operation.base) in _ADJOINT:
        return TranslatedGate(_ADJOINT[type(operation.base)], qubits, (), source)
    return None


def _scalar(angle: Any) -> Any:
    """Return an angle, which may be an array without dimensions."""
    return angle.item() if isinstance(angle, np.ndarray) and angle.ndim == 0 else angle


def _controlled(
    operation: Any, qubits: tuple[int, ...], source: str
) -> Iterator[TranslatedGate] | None:
    """Return the gates of a rotation with control qubits, or None."""
    if not isinstance(operation, qml.ops.Controlled):
        return None
    name = _ROTATIONS.get(type(operation.base))
    if name is None:
        return None
    n_controls = len(operation.control_wires)
    angle = _scalar(operation.base.data[0])
    values = [bool(value) for value in operation.control_values]
    return controlled_rotation(name, qubits[:n_controls], values, qubits[-1], angle, source)


def _check(operation: Any, source: str) -> None:
    if isinstance(operation, qml.ops.Conditional | qml.ops.MidMeasure):
        raise refusal(
            source,
            "a measurement in the middle, or what depends on one: a model is one unitary circuit "
            "that is measured at its end",
            "take it out, or control by the qubit, with qml.ctrl",
        )
    if isinstance(operation, qml.operation.Channel):
        raise refusal(
            source, "it is a channel, no unitary gate", "leave it out; noise is the estimator's"
        )
    if getattr(operation, "batch_size", None) is not None:
        raise refusal(
            source, "it has an array as angle", "give one number or symbol per angle, no batches"
        )


def _decomposed(operation: Any, source: str) -> list[Any]:
    if isinstance(operation, qml.ops.op_math.Exp):
        return _pauli_rotation(operation, source)
    try:
        inner = list(operation.decomposition())
    except Exception as error:  # decompositions are not written with symbols in mind
        reason = f"PennyLane does not decompose it: {error or type(error).__name__}"
        raise refusal(source, reason, _ADVICE) from error
    if any(part is operation for part in inner):
        raise refusal(source, "PennyLane has no decomposition of it into gates we know", _ADVICE)
    return inner


def _pauli_rotation(operation: Any, source: str) -> list[Any]:
    """Return exp(coefficient · Pauli string) as a rotation about that string."""
    terms = dict(operation.base.pauli_rep or {})
    if len(terms) != 1:
        raise refusal(
            source,
            "the exponent is more than one Pauli string",
            "take qml.TrotterProduct or qml.ApproxTimeEvolution",
        )
    ((word, coefficient),) = terms.items()
    if not word:  # a global phase
        return []
    # exp(−iθ/2 · P): θ = 2i · coefficient of P.
    angle = sympy.simplify(2 * sympy.I * sympy.sympify(operation.coeff) * coefficient)
    return [qml.PauliRot(angle, "".join(word.values()), wires=list(word))]
