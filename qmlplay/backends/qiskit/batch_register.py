"""The batch register: qubits of Aer's that hold the index of the sample, and gates on them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import CircuitInstruction, Instruction, QuantumRegister
from qiskit.circuit import Gate as QiskitGate
from qiskit.circuit.library import UnitaryGate
from qiskit.quantum_info import Operator

from qmlplay.backends.qiskit.aer import aer_simulator
from qmlplay.backends.qiskit.translation import to_qiskit_gate
from qmlplay.circuit import GATES, Gate
from qmlplay.circuit.gate_types import GateType
from qmlplay.circuit.gates import eigenvalues
from qmlplay.typing import Complex

__all__ = ["BatchRegister", "Diagonal", "batch_register"]

#: Gates that turn the eigenbasis of a Pauli letter into that of Z, and back.
_TO_Z = {"X": ("h", "h"), "Y": ("sx", "sxdg")}


class Diagonal(Instruction):  # type: ignore[misc]
    """Aer's ``diagonal``, which gets its entries when the circuit is complete.

    Qiskit looks at every parameter of an instruction that enters a circuit, which takes as long
    as the simulation. (The library's DiagonalGate looks at them once more.)
    """

    def __init__(self, entries: Complex) -> None:
        super().__init__("diagonal", len(entries).bit_length() - 1, 0, [])
        self._entries = entries

    def fill(self) -> None:
        """Enter the entries."""
        self.params.extend(self._entries.tolist())


class BatchRegister:
    """Where data and batch qubits sit in Aer's register, and how gates act there."""

    def __init__(self, n_samples: int, n_qubits: int) -> None:
        self._n_samples = n_samples
        self._n_batch = (n_samples - 1).bit_length()
        self.n_total = n_qubits + self._n_batch
        self.qubits = list(QuantumRegister(self.n_total))
        self._data = self.qubits[:n_qubits][::-1]  # ours: qubit 0 is the most significant
        self._batch = self.qubits[n_qubits:]
        self._fixed: dict[tuple[str, tuple[int, ...]], tuple[GateType, CircuitInstruction]] = {}

    def pad(self, states: Complex) -> Complex:
        """Return the states as one vector, filled up to a power of two with zeros."""
        padded = np.zeros(1 << self.n_total, dtype=complex)
        padded[: states.size] = states.ravel()
        return padded

    def on_all(self, whole: Instruction) -> CircuitInstruction:
        """Return an instruction on the whole register."""
        return CircuitInstruction(whole, self.qubits)

    def translate(
        self, gate: Gate, angle: Any, diagonals: list[Diagonal]
    ) -> list[CircuitInstruction]:
        """Return one of our gates, for all samples, and add to the diagonals to be filled."""
        if angle is None:
            return [self._fixed_gate(gate.name, gate.qubits)]
        own = [self._data[qubit] for qubit in gate.qubits]
        if not isinstance(angle, np.ndarray):
            return [CircuitInstruction(_known(to_qiskit_gate(gate.name, angle)), own)]
        diagonals.append(self._multiplexed(gate.name, angle))
        parts = [CircuitInstruction(diagonals[-1], own[::-1] + self._batch)]
        for qubit, letter in zip(gate.qubits, GATES[gate.name].letters, strict=True):
            if letter in _TO_Z:
                there, back = (self._fixed_gate(turn, (qubit,)) for turn in _TO_Z[letter])
                parts = [there, *parts, back]
        return parts

    def _fixed_gate(self, name: str, qubits: tuple[int, ...]) -> CircuitInstruction:
        """Return a gate without an angle, the same object every time."""
        kind, instruction = self._fixed.get((name, qubits), (None, None))
        if kind is not GATES[name]:  # new here, or defined anew
            data = [self._data[qubit] for qubit in qubits]
            instruction = CircuitInstruction(_known(to_qiskit_gate(name)), data)
            self._fixed[name, qubits] = GATES[name], instruction
        return instruction

    def _multiplexed(self, name: str, angles: NDArray[np.float64]) -> Diagonal:
        """Return diag(exp(−iθₙ·eigenvalue)) over the gate's qubits and the batch register."""
        padded = np.zeros(1 << self._n_batch)
        padded[: self._n_samples] = angles
        return Diagonal(np.exp(-1j * np.multiply.outer(padded, eigenvalues(name))).ravel())


@lru_cache(maxsize=1)
def _known_names() -> frozenset[str]:
    return frozenset(aer_simulator("statevector", "CPU").configuration().basis_gates)


def _known(gate: QiskitGate) -> QiskitGate:
    """Return a gate as Aer knows it: by its matrix where it has no name there."""
    return gate if gate.name in _known_names() else UnitaryGate(Operator(gate))


@lru_cache(maxsize=64)
def batch_register(n_samples: int, n_qubits: int) -> BatchRegister:
    """Return the register of so many samples."""
    return BatchRegister(n_samples, n_qubits)
