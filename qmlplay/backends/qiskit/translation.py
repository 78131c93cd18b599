"""Qiskit's gates for ours, and the one function from our circuits to Qiskit's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from qiskit.circuit import Gate as QiskitGate
from qiskit.circuit import Instruction, ParameterExpression, QuantumCircuit
from qiskit.circuit import library as gates

from qmlplay.backends.inputs import translation
from qmlplay.circuit import Circuit

__all__ = ["to_qiskit_circuit", "to_qiskit_gate"]

#: A number of radians, or a parameter that stands for it.
Value: TypeAlias = float | ParameterExpression

_FIXED: dict[str, QiskitGate] = {
    "h": gates.HGate(),
    "x": gates.XGate(),
    "y": gates.YGate(),
    "z": gates.ZGate(),
    "s": gates.SGate(),
    "sdg": gates.SdgGate(),
    "t": gates.TGate(),
    "tdg": gates.TdgGate(),
    "sx": gates.SXGate(),
    "sxdg": gates.SXdgGate(),
    "cx": gates.CXGate(),
    "cy": gates.CYGate(),
    "cz": gates.CZGate(),
    "ch": gates.CHGate(),
    "swap": gates.SwapGate(),
    "iswap": gates.iSwapGate(),
    "iswapdg": gates.iSwapGate().inverse(),
    "ccx": gates.CCXGate(),
    "cswap": gates.CSwapGate(),
}
_ROTATIONS: dict[str, Callable[[Any], QiskitGate]] = {
    "rx": gates.RXGate,
    "ry": gates.RYGate,
    "rz": gates.RZGate,
    "p": gates.PhaseGate,
    "rxx": gates.RXXGate,
    "ryy": gates.RYYGate,
    "rzz": gates.RZZGate,
    "crx": gates.CRXGate,
    "cry": gates.CRYGate,
    "crz": gates.CRZGate,
    "cp": gates.CPhaseGate,
    "u": lambda angles: gates.UGate(*angles),
}


def to_qiskit_gate(name: str, angle: Value | Sequence[Value] | None = None) -> QiskitGate:
    """Return Qiskit's gate for one of ours; `angle` is a tuple where it takes several.

    A gate without an angle is the same object every time.

    Examples
    --------
    >>> to_qiskit_gate("crx", 0.5).name
    'crx'
    """
    if angle is None:
        return translation(_FIXED, name, "qmlplay.backends.qiskit.translation._FIXED")
    return translation(_ROTATIONS, name, "qmlplay.backends.qiskit.translation._ROTATIONS")(angle)


def to_qiskit_circuit(
    circuit: Circuit,
    angles: Sequence[Value],
    *,
    reverse: bool = False,
    errors: Mapping[int, Instruction] | None = None,
    keep_folds: bool = False,
) -> QuantumCircuit:
    """Return Qiskit's circuit for one of ours.

    Parameters
    ----------
    circuit : Circuit
        Our circuit.
    angles : sequence of float or qiskit.circuit.ParameterExpression
        One per slot, in radians.
    reverse : bool, default=False
        Whether our qubit q becomes Qiskit's n − 1 − q, so that states and density matrices are
        in our order, rather than Qiskit's q.
    errors : dict of int to qiskit.circuit.Instruction, optional
        What follows a gate on that many qubits.
    keep_folds : bool, default=False
        Whether to put a barrier before a gate that may undo the one before, so that a
        transpiler does not cancel what was folded to amplify noise.

    Examples
    --------
    >>> from qmlplay.circuit import Gate
    >>> bell = Circuit(2, (Gate("h", (0,)), Gate("cx", (0, 1))))
    >>> print(to_qiskit_circuit(bell, []))
         ┌───┐
    q_0: ┤ H ├──■──
         └───┘┌─┴─┐
    q_1: ─────┤ X ├
              └───┘
    """
    native = QuantumCircuit(circuit.n_qubits)
    before = None
    for gate in circuit.gates:
        if keep_folds and (gate.name, gate.qubits) == before:
            native.barrier()
        before = (gate.inverse.name, gate.qubits)
        qubits = gate.qubits
        if reverse:
            qubits = tuple(circuit.n_qubits - 1 - qubit for qubit in qubits)
        native.append(to_qiskit_gate(gate.name, gate.angle(angles)), qubits)
        if errors and len(qubits) in errors:
            native.append(errors[len(qubits)], qubits)
    return native
