"""Qiskit's gates for ours."""

from __future__ import annotations

from qiskit.circuit import Gate as QiskitGate
from qiskit.circuit import ParameterExpression
from qiskit.circuit import library as gates

__all__ = ["FIXED", "ROTATIONS", "to_qiskit_gate"]

FIXED: dict[str, QiskitGate] = {
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
    "swap": gates.SwapGate(),
}
ROTATIONS: dict[str, type[QiskitGate]] = {
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
}


def to_qiskit_gate(name: str, angle: float | ParameterExpression | None = None) -> QiskitGate:
    """Return Qiskit's gate for one of ours.

    Examples
    --------
    >>> to_qiskit_gate("crx", 0.5).name
    'crx'
    """
    return FIXED[name] if angle is None else ROTATIONS[name](angle)
