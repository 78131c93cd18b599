"""The PennyLane backend: default.qubit with its native broadcasting over a batch.

PennyLane's gates take an array where they take a number, so a per-sample angle is passed
as it is. Each stretch of gates between two looks at the states is one quantum script.

Noise runs on default.mixed, which broadcasts as well, with PennyLane's own channels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, ClassVar, final

import numpy as np
import pennylane as qml
from numpy.typing import NDArray
from pennylane.devices import DefaultMixed, DefaultQubit, ExecutionConfig
from pennylane.devices.qubit.sampling import sample_probs

from qmlplay.backends.base import Backend
from qmlplay.backends.inputs import translation
from qmlplay.backends.noise import NoiseModel
from qmlplay.backends.noise.channels import kraus_operators
from qmlplay.circuit import Angle, Circuit, Gate
from qmlplay.typing import Complex, Real

__all__ = ["PennylaneBackend", "to_pennylane_operation"]


_GATES: dict[str, Callable[..., qml.operation.Operator]] = {
    "h": qml.Hadamard,
    "x": qml.PauliX,
    "y": qml.PauliY,
    "z": qml.PauliZ,
    "s": qml.S,
    "sdg": lambda wires: qml.adjoint(qml.S(wires)),
    "t": qml.T,
    "tdg": lambda wires: qml.adjoint(qml.T(wires)),
    "sx": qml.SX,
    "sxdg": lambda wires: qml.adjoint(qml.SX(wires)),
    "cx": qml.CNOT,
    "cy": qml.CY,
    "cz": qml.CZ,
    "ch": qml.CH,
    "swap": qml.SWAP,
    "iswap": qml.ISWAP,
    "iswapdg": lambda wires: qml.adjoint(qml.ISWAP(wires)),
    "ccx": qml.Toffoli,
    "cswap": qml.CSWAP,
    "rx": qml.RX,
    "ry": qml.RY,
    "rz": qml.RZ,
    "p": qml.PhaseShift,
    "rxx": qml.IsingXX,
    "ryy": qml.IsingYY,
    "rzz": qml.IsingZZ,
    "crx": qml.CRX,
    "cry": qml.CRY,
    "crz": qml.CRZ,
    "cp": qml.ControlledPhaseShift,
    "u": lambda angles, wires: qml.U3(*angles, wires=wires),
}


def to_pennylane_operation(
    name: str, qubits: Sequence[int], angle: Angle | Sequence[Angle] | None = None
) -> qml.operation.Operator:
    """Return PennyLane's operation for one of our gates; `angle` may be a tuple of several.

    Examples
    --------
    >>> to_pennylane_operation("rxx", (0, 2), 0.5)
    IsingXX(0.5, wires=[0, 2])
    """
    parameters = () if angle is None else (angle,)
    operation = translation(_GATES, name, "qmlplay.backends.pennylane_backend._GATES")
    return operation(*parameters, wires=list(qubits))


@lru_cache(maxsize=1024)
def _fixed_operation(gate: Gate) -> qml.operation.Operator:
    # Making an operation costs as much as running it. (For export it must be a new one: only
    # that enters the quantum function being recorded.)
    return to_pennylane_operation(gate.name, gate.qubits)


_CHANNELS: dict[str, Callable[..., qml.operation.Channel]] = {
    "depolarizing_1q": qml.DepolarizingChannel,
    # PennyLane has none of two qubits.
    "depolarizing_2q": lambda p, wires: qml.QubitChannel(
        kraus_operators("depolarizing_2q", p), wires=wires
    ),
    "amplitude_damping": qml.AmplitudeDamping,
    "phase_damping": qml.PhaseDamping,
    "bit_flip": qml.BitFlip,
    "phase_flip": qml.PhaseFlip,
}


@lru_cache(maxsize=1024)
def _noise(noise: NoiseModel, qubits: tuple[int, ...]) -> list[qml.operation.Channel]:
    return [
        _CHANNELS[channel.name](
            channel.probability, wires=[qubits[place] for place in channel.places]
        )
        for channel in noise.channels(len(qubits))
    ]


#: Entries of density matrices that are simulated at a time: a fraction of a second.
_ENTRIES = 2**12
#: Devices draw nothing here; without a seed of their own they take one from NumPy's global state.
_SEED = 0


@final
class PennylaneBackend(Backend):
    """Exact batched simulation on PennyLane's default.qubit.

    Examples
    --------
    >>> from qmlplay.circuit import Circuit, Gate
    >>> bell = Circuit(2, (Gate("h", (0,)), Gate("cx", (0, 1))))
    >>> PennylaneBackend().probabilities(bell, []).round(3)
    array([[0.5, 0. , 0. , 0.5]])
    """

    name: ClassVar[str] = "pennylane"
    seconds_per_entry: ClassVar[float] = 8e-7
    capabilities: ClassVar[frozenset[str]] = frozenset({"states", "densities"})
    precisions: ClassVar[tuple[str, ...]] = ("double",)  # default.qubit knows no other

    def _run(
        self, circuit: Circuit, angles: Sequence[Angle], states: Complex, cuts: tuple[int, ...]
    ) -> Iterator[Complex]:
        device = DefaultQubit(wires=circuit.n_qubits, seed=_SEED)
        done, current = 0, states
        for cut in cuts:
            operations = [_operation(gate, angles) for gate in circuit.gates[done:cut]]
            if operations:
                current = _evolve(device, operations, current)
            yield current
            done = cut

    def _densities(self, circuit: Circuit, angles: Sequence[Angle], n_samples: int) -> Complex:
        n_runs = n_samples if any(isinstance(angle, np.ndarray) for angle in angles) else 1
        together = max(1, _ENTRIES >> 2 * circuit.n_qubits)
        parts = []
        for start in range(0, n_runs, together):
            rows = slice(start, start + together)
            part = [angle[rows] if isinstance(angle, np.ndarray) else angle for angle in angles]
            parts.append(self._densities_together(circuit, part))
            self._tell()
        size = 2**circuit.n_qubits
        return np.broadcast_to(np.concatenate(parts), (n_samples, size, size))

    def _densities_together(self, circuit: Circuit, angles: Sequence[Angle]) -> Complex:
        assert isinstance(self.noise, NoiseModel)
        operations = []
        for gate in circuit.gates:
            operations += [_operation(gate, angles), *_noise(self.noise, gate.qubits)]
        wires = range(circuit.n_qubits)
        script = qml.tape.QuantumScript(operations, [qml.density_matrix(wires=wires)])
        device = DefaultMixed(wires=circuit.n_qubits, seed=_SEED)
        found = device.execute(script, ExecutionConfig())
        size = 2**circuit.n_qubits
        return np.reshape(found, (-1, size, size))

    def _sample(
        self, probabilities: Real, shots: int, generator: np.random.Generator
    ) -> NDArray[np.integer[Any]]:
        n_rows, size = probabilities.shape
        n_qubits = size.bit_length() - 1
        bits = sample_probs(probabilities, shots, n_qubits, is_state_batched=True, rng=generator)
        index = bits @ (1 << np.arange(n_qubits)[::-1])  # (n_rows, shots)
        flat = (index + size * np.arange(n_rows)[:, None]).ravel()
        return np.bincount(flat, minlength=n_rows * size).reshape(n_rows, size)


def _operation(gate: Gate, angles: Sequence[Angle]) -> qml.operation.Operator:
    angle = gate.angle(angles)
    if angle is None:
        return _fixed_operation(gate)
    return to_pennylane_operation(gate.name, gate.qubits, angle)


def _evolve(device: DefaultQubit, operations: list[Any], states: Complex) -> Complex:
    n_qubits = len(device.wires)
    # The map is linear, so states of any norm may pass unchecked.
    start = qml.StatePrep(states, wires=range(n_qubits), validate_norm=False)
    script = qml.tape.QuantumScript([start, *operations], [qml.state()])
    result: Complex = device.execute(script, ExecutionConfig())
    return np.asarray(result).reshape(states.shape)
