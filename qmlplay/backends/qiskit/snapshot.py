"""Snapshots: what is known of the qubits that a circuit runs on, enough to simulate their noise."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qiskit.transpiler import Target

__all__ = ["GateRecord", "Snapshot", "take_snapshot"]


@dataclass(frozen=True)
class GateRecord:
    """One gate of a device: its qubits (in the snapshot's numbering), error and seconds."""

    name: str
    qubits: tuple[int, ...]
    error: float | None
    duration: float | None


@dataclass(frozen=True)
class Snapshot:
    """Calibration of some qubits of a device on one day. Plain values, free of Qiskit's objects.

    Parameters
    ----------
    qubits : tuple of int
        The device's numbers of these qubits, ascending; here they are 0, 1, …
    gates : tuple of GateRecord
        Gates among them, the measurement included.
    times : tuple of (float or None, float or None)
        T1 and T2 of every qubit, in seconds.
    dt : float or None
        Seconds of the device's clock.
    """

    qubits: tuple[int, ...]
    gates: tuple[GateRecord, ...]
    times: tuple[tuple[float | None, float | None], ...]
    dt: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists and numbers, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Snapshot:
        """Return the snapshot that `to_dict` wrote."""
        gates = tuple(
            GateRecord(gate["name"], tuple(gate["qubits"]), gate["error"], gate["duration"])
            for gate in data["gates"]
        )
        times = tuple((t1, t2) for t1, t2 in data["times"])
        return cls(tuple(data["qubits"]), gates, times, data["dt"])

    def target(self) -> Target:
        """Return these qubits, numbered from 0, as a device that Qiskit knows what to do with."""
        from qiskit.circuit.library import get_standard_gate_name_mapping
        from qiskit.transpiler import InstructionProperties, QubitProperties, Target

        known = get_standard_gate_name_mapping()
        qubits = [QubitProperties(t1=t1, t2=t2) for t1, t2 in self.times]
        target = Target(num_qubits=len(qubits), dt=self.dt, qubit_properties=qubits)
        for name in dict.fromkeys(gate.name for gate in self.gates):
            properties = {
                gate.qubits: InstructionProperties(gate.duration, gate.error)
                for gate in self.gates
                if gate.name == name
            }
            target.add_instruction(known[name], properties)
        return target


def take_snapshot(target: Target, qubits: tuple[int, ...]) -> Snapshot:
    """Return what a device says of some of its qubits."""
    from qiskit.circuit.library import get_standard_gate_name_mapping

    numbers = {qubit: i for i, qubit in enumerate(qubits)}
    gates = []
    for name in sorted(set(target.operation_names) & set(get_standard_gate_name_mapping())):
        for where, properties in (target[name] or {}).items():
            if where is not None and set(where) <= set(qubits):
                error = None if properties is None else properties.error
                duration = None if properties is None else properties.duration
                gates.append(GateRecord(name, tuple(numbers[q] for q in where), error, duration))
    known = target.qubit_properties
    times = [(None, None) if known is None else (known[q].t1, known[q].t2) for q in qubits]
    return Snapshot(qubits, tuple(gates), tuple(times), target.dt)
