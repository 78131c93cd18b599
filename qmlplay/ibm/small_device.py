"""A snapshot as a device of Qiskit, from which Aer makes a noisy simulator.

Simulating a whole device is out of reach; a circuit's own qubits are few.
"""

from __future__ import annotations

from typing import Any, final

from qiskit.circuit.library import get_standard_gate_name_mapping
from qiskit.providers import BackendV2, Options
from qiskit.transpiler import InstructionProperties, QubitProperties, Target
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel

from qmlplay.ibm.snapshot import Snapshot

__all__ = ["noisy_simulator"]


def noisy_simulator(snapshot: Snapshot) -> AerSimulator:
    """Return a simulator with the noise of a snapshot: gates, relaxation, readout."""
    return AerSimulator(noise_model=NoiseModel.from_backend(_SmallDevice(snapshot)))


@final
class _SmallDevice(BackendV2):  # type: ignore[misc]
    """Some qubits of a device, numbered from 0; it says what they are like and runs nothing."""

    max_circuits = None

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(name="snapshot")
        self._target = _target(snapshot)

    @property
    def target(self) -> Target:
        """The qubits and gates."""
        return self._target

    @classmethod
    def _default_options(cls) -> Options:
        return Options()

    def run(self, run_input: Any, **options: Any) -> Any:
        """Refuse: Aer runs circuits."""
        raise NotImplementedError


def _target(snapshot: Snapshot) -> Target:
    known = get_standard_gate_name_mapping()
    qubits = [QubitProperties(t1=t1, t2=t2) for t1, t2 in snapshot.times]
    target = Target(num_qubits=len(qubits), dt=snapshot.dt, qubit_properties=qubits)
    for name in dict.fromkeys(gate.name for gate in snapshot.gates):
        own = {
            gate.qubits: InstructionProperties(gate.duration, gate.error)
            for gate in snapshot.gates
            if gate.name == name
        }
        target.add_instruction(known[name], own)
    return target
