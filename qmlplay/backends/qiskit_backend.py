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
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import Gate as QiskitGate
from qiskit.circuit import Instruction, QuantumCircuit, QuantumRegister
from qiskit.circuit import library as gates
from qiskit_aer import AerSimulator
from qiskit_aer.library import SaveStatevector, SetStatevector

from qmlplay.backends.adjoint import echo
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
        register = _BatchRegister(n_samples, circuit.n_qubits)
        norm = float(np.linalg.norm(states)) or 1.0
        aer_circuit = QuantumCircuit(QuantumRegister(register.n_total))
        register.append(aer_circuit, SetStatevector(register.pad(states / norm)))
        done = 0
        for number, cut in enumerate(cuts):
            for gate in circuit.gates[done:cut]:
                angle = None if gate.slot is None else angles[gate.slot]
                register.apply(aer_circuit, gate.name, gate.qubits, angle)
            register.append(aer_circuit, SaveStatevector(register.n_total, label=str(number)))
            done = cut
        # One thread: on a few cores OpenMP costs more than it gains at these sizes.
        simulator = AerSimulator(method="statevector", max_parallel_threads=1)
        data = simulator.run(aer_circuit).result().data(0)
        for number in range(len(cuts)):
            look: Complex = np.asarray(data[str(number)])
            yield norm * look.reshape(-1, dimension)[:n_samples]

    def _n_states(self, circuit: Circuit) -> int:
        return 8 + 2 * len(echo(circuit).cuts)  # one run returns every look at once


class _BatchRegister:
    """Where data and batch qubits sit in Aer's register, and how gates act there."""

    def __init__(self, n_samples: int, n_qubits: int) -> None:
        self._n_samples = n_samples
        self._n_qubits = n_qubits
        self._n_batch = (n_samples - 1).bit_length()
        self.n_total = n_qubits + self._n_batch
        self._batch = list(range(n_qubits, self.n_total))

    def pad(self, states: Complex) -> Complex:
        """Return the states as one vector, filled up to a power of two with zeros."""
        padded = np.zeros(1 << self.n_total, dtype=complex)
        padded[: states.size] = states.ravel()
        return padded

    def append(self, circuit: QuantumCircuit, whole: Any) -> None:
        """Append an instruction on the whole register."""
        circuit.append(whole, circuit.qubits)

    def apply(
        self, circuit: QuantumCircuit, name: str, qubits: tuple[int, ...], angle: Angle | None
    ) -> None:
        """Append one of our gates."""
        own = [self._n_qubits - 1 - qubit for qubit in qubits]
        if not isinstance(angle, np.ndarray):
            circuit.append(to_qiskit_gate(name, angle), own, copy=False)
            return
        letters = GATES[name].letters
        turns = [(q, _TO_Z[p]) for q, p in zip(own, letters, strict=True) if p in _TO_Z]
        for qubit, (there, _) in turns:
            circuit.append(_FIXED[there], [qubit], copy=False)
        circuit.append(self._multiplexed(name, angle), [*reversed(own), *self._batch], copy=False)
        for qubit, (_, back) in turns:
            circuit.append(_FIXED[back], [qubit], copy=False)

    def _multiplexed(self, name: str, angles: NDArray[np.float64]) -> Instruction:
        """Return diag(exp(−iθₙ·eigenvalue)) over the batch register and the gate's qubits."""
        padded = np.zeros(1 << self._n_batch)
        padded[: self._n_samples] = angles
        diagonal = np.exp(-1j * np.multiply.outer(padded, eigenvalues(name))).ravel()
        # A plain instruction: the library's DiagonalGate checks every entry in Python.
        n_qubits = GATES[name].n_qubits + self._n_batch
        return Instruction("diagonal", n_qubits, 0, diagonal.tolist())
