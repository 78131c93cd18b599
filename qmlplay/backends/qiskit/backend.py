"""The Qiskit backend: one Aer circuit simulates a whole batch.

A state-vector simulator does not care what its qubits mean. The sample's index is put into
extra qubits, the *batch register*, and the run starts from all samples' states side by side.
A gate with a shared angle is Qiskit's ordinary gate on its data qubits: it acts on all
samples at once. A gate with one angle per sample is a *multiplexed* rotation: one
``diagonal`` over its qubits and the batch register, between two changes of basis.

Noise is simulated by Aer's density matrices, a circuit per sample
(`qmlplay.backends.qiskit.densities`); shots are drawn by Aer's measurements.

Qiskit numbers qubits from the least significant end; ours is turned here and nowhere else:
data qubit q is Aer's qubit n − 1 − q, and the batch register sits above.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import sqrt
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import CircuitInstruction, Instruction, QuantumCircuit, QuantumRegister
from qiskit.circuit import Gate as QiskitGate
from qiskit.circuit.library import UnitaryGate
from qiskit.quantum_info import Operator
from qiskit_aer import AerSimulator
from qiskit_aer.library import SaveStatevector, SetStatevector

from qmlplay.backends.base import Backend
from qmlplay.backends.noise import NoiseModel
from qmlplay.backends.qiskit.densities import noisy_densities
from qmlplay.backends.qiskit.fake_device import FakeDevice, fake_device, is_device_name
from qmlplay.backends.qiskit.sampler import measured_counts
from qmlplay.backends.qiskit.translation import to_qiskit_gate
from qmlplay.circuit import GATES, Angle, Circuit, Gate
from qmlplay.circuit.gate_types import GateType
from qmlplay.circuit.gates import eigenvalues
from qmlplay.typing import Complex, Real

__all__ = ["QiskitBackend"]


#: Gates that turn the eigenbasis of a Pauli letter into that of Z, and back.
_TO_Z = {"X": ("h", "h"), "Y": ("sx", "sxdg")}


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
    seconds_per_entry: ClassVar[float] = 2e-8
    capabilities: ClassVar[frozenset[str]] = frozenset({"states", "densities"})

    def _run(
        self, circuit: Circuit, angles: Sequence[Angle], states: Complex, cuts: tuple[int, ...]
    ) -> Iterator[Complex]:
        n_samples, dimension = states.shape
        register = _register(n_samples, circuit.n_qubits)
        start, norm = _normalized(states)
        if norm == 0:  # no state that Aer would take
            yield from (np.zeros(states.shape, self.dtype) for _ in cuts)
            return
        instructions = [register.on_all(SetStatevector(register.pad(start)))]
        diagonals: list[_Diagonal] = []
        done = 0
        for number, cut in enumerate(cuts):
            for gate in circuit.gates[done:cut]:
                instructions += register.translate(gate, gate.angle(angles), diagonals)
            look = SaveStatevector(register.n_total, label=str(number))
            instructions.append(register.on_all(look))
            done = cut
        aer_circuit = QuantumCircuit.from_instructions(instructions, qubits=register.qubits)
        for diagonal in diagonals:
            diagonal.fill()
        # One thread: on a few cores OpenMP costs more than it gains at these sizes. No fusion:
        # the looks keep gates apart, and searching for what to fuse takes longer than it saves.
        simulator = AerSimulator(
            method="statevector",
            precision=self.precision,
            max_parallel_threads=1,
            fusion_enable=False,
        )
        data = simulator.run(aer_circuit).result().data(0)
        for number in range(len(cuts)):
            amplitudes: Complex = np.asarray(data[str(number)], self.dtype)
            yield norm * amplitudes.reshape(-1, dimension)[:n_samples]

    def _check_noise(self, noise: object) -> NoiseModel | str | None:
        if is_device_name(noise):
            return fake_device(noise).name
        return super()._check_noise(noise)

    @property
    def _device(self) -> FakeDevice | None:
        return fake_device(self.noise) if isinstance(self.noise, str) else None

    def _densities(self, circuit: Circuit, angles: Sequence[Angle], n_samples: int) -> Complex:
        if self._device is not None:
            return self._device.densities(circuit, angles, n_samples)
        assert isinstance(self.noise, NoiseModel)
        return noisy_densities(circuit, angles, n_samples, self.noise)

    def noisy_qubits(self, circuit: Circuit) -> int:
        """Return how many qubits the density matrices have: on a device, those on the way too."""
        return circuit.n_qubits if self._device is None else self._device.n_in_use(circuit)

    def _confusions(self, circuit: Circuit) -> list[Real]:
        if self._device is not None:
            return self._device.confusions(circuit)
        return super()._confusions(circuit)

    def _sample(
        self, probabilities: Real, shots: int, generator: np.random.Generator
    ) -> NDArray[np.integer[Any]]:
        return measured_counts(probabilities, shots, int(generator.integers(2**31)))


def _normalized(states: Complex) -> tuple[Complex, float]:
    """Return states scaled to norm 1 together, and their norm; it is 0 below 1e-290."""
    square = float(np.vdot(states, states).real)
    if 1e-200 < square < 1e200:
        return states / sqrt(square), sqrt(square)
    # Squares of such numbers are not what they should be.
    largest = float(np.abs(states).max())
    if largest < 1e-290:
        return states, 0.0
    norm = float(np.linalg.norm(states / largest))
    return states / largest / norm, largest * norm


class _Diagonal(Instruction):  # type: ignore[misc]
    """Aer's ``diagonal``, which gets its entries when the circuit is complete.

    Qiskit looks at every parameter of an instruction that enters a circuit, which takes as long
    as the simulation. (The library's DiagonalGate looks at them once more.)
    """

    def __init__(self, entries: Complex) -> None:
        super().__init__("diagonal", len(entries).bit_length() - 1, 0, [])
        self._entries = entries

    def fill(self) -> None:
        self.params.extend(self._entries.tolist())


class _BatchRegister:
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
        self, gate: Gate, angle: Any, diagonals: list[_Diagonal]
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

    def _multiplexed(self, name: str, angles: NDArray[np.float64]) -> _Diagonal:
        """Return diag(exp(−iθₙ·eigenvalue)) over the gate's qubits and the batch register."""
        padded = np.zeros(1 << self._n_batch)
        padded[: self._n_samples] = angles
        return _Diagonal(np.exp(-1j * np.multiply.outer(padded, eigenvalues(name))).ravel())


@lru_cache(maxsize=1)
def _known_names() -> frozenset[str]:
    return frozenset(AerSimulator(method="statevector").configuration().basis_gates)


def _known(gate: QiskitGate) -> QiskitGate:
    """Return a gate as Aer knows it: by its matrix where it has no name there."""
    return gate if gate.name in _known_names() else UnitaryGate(Operator(gate))


@lru_cache(maxsize=64)
def _register(n_samples: int, n_qubits: int) -> _BatchRegister:
    return _BatchRegister(n_samples, n_qubits)
