"""The Qiskit backend: one Aer circuit simulates a whole batch.

A state-vector simulator does not care what its qubits mean. The sample's index is put into
extra qubits, the *batch register*, and the run starts from all samples' states side by side.
A gate with a shared angle is Qiskit's ordinary gate on its data qubits: it acts on all
samples at once. A gate with one angle per sample is a *multiplexed* rotation: one
``diagonal`` over its qubits and the batch register, between two changes of basis.

Qiskit numbers qubits from the least significant end; ours is turned here and nowhere else:
data qubit q is Aer's qubit n − 1 − q, and the batch register sits above.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import ClassVar, final

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import CircuitInstruction, Instruction, QuantumCircuit, QuantumRegister
from qiskit.circuit import Gate as QiskitGate
from qiskit.circuit import library as gates
from qiskit_aer import AerSimulator
from qiskit_aer.library import SaveStatevector, SetStatevector

from qmlplay.backends.base import Backend
from qmlplay.circuit import GATES, Angle, Circuit
from qmlplay.circuit.gates import eigenvalues

__all__ = ["QiskitBackend", "to_qiskit_gate"]

Complex = NDArray[np.complex128]

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
    "swap": gates.SwapGate(),
}
_ROTATIONS: dict[str, type[QiskitGate]] = {
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
#: Gates that turn the eigenbasis of a Pauli letter into that of Z, and back.
_TO_Z = {"X": ("h", "h"), "Y": ("sx", "sxdg")}


def to_qiskit_gate(name: str, angle: float | None = None) -> QiskitGate:
    """Return Qiskit's gate for one of ours.

    Examples
    --------
    >>> to_qiskit_gate("crx", 0.5).name
    'crx'
    """
    return _FIXED[name] if angle is None else _ROTATIONS[name](angle)


@final
class QiskitBackend(Backend):
    """Exact batched simulation on Qiskit Aer's state-vector simulator.

    Examples
    --------
    >>> from qmlplay.circuit import Circuit, Gate
    >>> bell = Circuit(2, (Gate("h", (0,)), Gate("cx", (0, 1))))
    >>> QiskitBackend().probabilities(bell, []).round(3)
    array([[0.5, 0. , 0. , 0.5]])
    """

    name: ClassVar[str] = "qiskit"

    def _run(
        self, circuit: Circuit, angles: Sequence[Angle], states: Complex, cuts: tuple[int, ...]
    ) -> Iterator[Complex]:
        n_samples, dimension = states.shape
        register = _register(n_samples, circuit.n_qubits)
        norm = float(np.linalg.norm(states)) or 1.0
        instructions = [register.on_all(SetStatevector(register.pad(states / norm)))]
        done = 0
        for number, cut in enumerate(cuts):
            for gate in circuit.gates[done:cut]:
                angle = None if gate.slot is None else angles[gate.slot]
                instructions += register.translate(gate.name, gate.qubits, angle)
            look = SaveStatevector(register.n_total, label=str(number))
            instructions.append(register.on_all(look))
            done = cut
        aer_circuit = QuantumCircuit.from_instructions(instructions, qubits=register.qubits)
        # One thread: on a few cores OpenMP costs more than it gains at these sizes. No fusion:
        # the looks keep gates apart, and searching for what to fuse takes longer than it saves.
        simulator = AerSimulator(method="statevector", max_parallel_threads=1, fusion_enable=False)
        data = simulator.run(aer_circuit).result().data(0)
        for number in range(len(cuts)):
            amplitudes: Complex = np.asarray(data[str(number)])
            yield norm * amplitudes.reshape(-1, dimension)[:n_samples]


class _BatchRegister:
    """Where data and batch qubits sit in Aer's register, and how gates act there."""

    def __init__(self, n_samples: int, n_qubits: int) -> None:
        self._n_samples = n_samples
        self._n_batch = (n_samples - 1).bit_length()
        self.n_total = n_qubits + self._n_batch
        self.qubits = list(QuantumRegister(self.n_total))
        self._data = self.qubits[:n_qubits][::-1]  # ours: qubit 0 is the most significant
        self._batch = self.qubits[n_qubits:]
        self._fixed: dict[tuple[str, tuple[int, ...]], CircuitInstruction] = {}

    def pad(self, states: Complex) -> Complex:
        """Return the states as one vector, filled up to a power of two with zeros."""
        padded = np.zeros(1 << self.n_total, dtype=complex)
        padded[: states.size] = states.ravel()
        return padded

    def on_all(self, whole: Instruction) -> CircuitInstruction:
        """Return an instruction on the whole register."""
        return CircuitInstruction(whole, self.qubits)

    def translate(
        self, name: str, qubits: tuple[int, ...], angle: Angle | None
    ) -> list[CircuitInstruction]:
        """Return one of our gates, for all samples."""
        if angle is None:
            return [self._fixed_gate(name, qubits)]
        own = [self._data[qubit] for qubit in qubits]
        if not isinstance(angle, np.ndarray):
            return [CircuitInstruction(to_qiskit_gate(name, angle), own)]
        parts = [CircuitInstruction(self._multiplexed(name, angle), own[::-1] + self._batch)]
        for qubit, letter in zip(qubits, GATES[name].letters, strict=True):
            if letter in _TO_Z:
                there, back = (self._fixed_gate(turn, (qubit,)) for turn in _TO_Z[letter])
                parts = [there, *parts, back]
        return parts

    def _fixed_gate(self, name: str, qubits: tuple[int, ...]) -> CircuitInstruction:
        """Return a gate without an angle, the same object every time."""
        if (name, qubits) not in self._fixed:
            own = [self._data[qubit] for qubit in qubits]
            self._fixed[name, qubits] = CircuitInstruction(_FIXED[name], own)
        return self._fixed[name, qubits]

    def _multiplexed(self, name: str, angles: NDArray[np.float64]) -> Instruction:
        """Return diag(exp(−iθₙ·eigenvalue)) over the gate's qubits and the batch register."""
        padded = np.zeros(1 << self._n_batch)
        padded[: self._n_samples] = angles
        diagonal = np.exp(-1j * np.multiply.outer(padded, eigenvalues(name))).ravel()
        # A plain instruction, and filled afterwards: the library's DiagonalGate and the
        # constructor look at every entry in Python.
        instruction = Instruction("diagonal", GATES[name].n_qubits + self._n_batch, 0, [])
        instruction.params.extend(diagonal.tolist())
        return instruction


@lru_cache(maxsize=64)
def _register(n_samples: int, n_qubits: int) -> _BatchRegister:
    return _BatchRegister(n_samples, n_qubits)
