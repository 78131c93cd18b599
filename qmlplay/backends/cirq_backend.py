"""The Cirq backend: Cirq's own gates, applied by its unitary protocol to a whole batch.

The batch is one more axis in front of the qubits. A gate with a shared angle is Cirq's
ordinary gate on its qubits' axes: it acts on all samples at once. A gate with one angle per
sample is a small `cirq.Gate` on the batch axis (a qudit with one level per sample) and its
qubits: a *multiplexed* rotation.

Density matrices have two axes per qubit, and gates act on the left and on the right one. All
the noise after a gate is one superoperator, made of Cirq's own channels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, ClassVar, final

import cirq
import numpy as np
import sympy
from numpy.typing import NDArray

from qmlplay.backends.base import Backend
from qmlplay.backends.inputs import translation
from qmlplay.backends.noise import NoiseModel
from qmlplay.circuit import Angle, Circuit, Gate, embed, gate_matrix
from qmlplay.typing import Complex, Real

__all__ = ["CirqBackend", "to_cirq_gate"]


_FIXED: dict[str, cirq.Gate] = {
    "h": cirq.H,
    "x": cirq.X,
    "y": cirq.Y,
    "z": cirq.Z,
    "s": cirq.S,
    "sdg": cirq.S**-1,
    "t": cirq.T,
    "tdg": cirq.T**-1,
    "sx": cirq.X**0.5,
    "sxdg": cirq.X**-0.5,
    "cx": cirq.CX,
    "cy": cirq.ControlledGate(cirq.Y),
    "cz": cirq.CZ,
    "ch": cirq.ControlledGate(cirq.H),
    "swap": cirq.SWAP,
    "iswap": cirq.ISWAP,
    "iswapdg": cirq.ISWAP**-1,
    "ccx": cirq.CCX,
    "cswap": cirq.CSWAP,
}


def _exponent(angle: Any) -> Any:
    """Return angle / π, of a number or a symbol, which Cirq's powers take."""
    return angle / (sympy.pi if isinstance(angle, sympy.Basic) else np.pi)


def _interaction(gate: cirq.EigenGate, angle: Any) -> cirq.Gate:
    """Return exp(−i angle/2 PP): Cirq's XX**t is that for angle = πt, up to a global phase."""
    return type(gate)(exponent=_exponent(angle), global_shift=-0.5)


def _by_matrix(name: str, angles: Sequence[float]) -> cirq.Gate:
    """Return a gate that Cirq has only up to a global phase."""
    text = ", ".join(f"{angle:.3g}" for angle in angles)
    return cirq.MatrixGate(gate_matrix(name, angles), name=f"{name.upper()}({text})")


_ROTATIONS: dict[str, Callable[[Any], cirq.Gate]] = {
    "rx": cirq.rx,
    "ry": cirq.ry,
    "rz": cirq.rz,
    "p": lambda angle: cirq.ZPowGate(exponent=_exponent(angle)),
    "rxx": lambda angle: _interaction(cirq.XX, angle),
    "ryy": lambda angle: _interaction(cirq.YY, angle),
    "rzz": lambda angle: _interaction(cirq.ZZ, angle),
    "crx": lambda angle: cirq.ControlledGate(cirq.rx(angle)),
    "cry": lambda angle: cirq.ControlledGate(cirq.ry(angle)),
    "crz": lambda angle: cirq.ControlledGate(cirq.rz(angle)),
    "cp": lambda angle: cirq.CZPowGate(exponent=_exponent(angle)),
    "u": lambda angles: _by_matrix("u", angles),
}


def to_cirq_gate(name: str, angle: float | Sequence[float] | None = None) -> cirq.Gate:
    """Return Cirq's gate for one of ours; `angle` is a tuple where it takes several.

    Examples
    --------
    >>> to_cirq_gate("cx")
    cirq.CNOT
    """
    if angle is None:
        return translation(_FIXED, name, "qmlplay.backends.cirq_backend._FIXED")
    return translation(_ROTATIONS, name, "qmlplay.backends.cirq_backend._ROTATIONS")(angle)


class MultiplexedGate(cirq.Gate):  # type: ignore[misc]
    """One gate for a whole batch: sample n is acted on by its own matrix.

    Parameters
    ----------
    matrices : ndarray of shape (n_samples, 2**n_qubits, 2**n_qubits)
        A unitary per sample.
    """

    def __init__(self, matrices: Complex) -> None:
        self._matrices = matrices

    def _qid_shape_(self) -> tuple[int, ...]:
        n_samples, dimension = self._matrices.shape[:2]
        return (int(n_samples), *(2,) * (int(dimension).bit_length() - 1))

    def _apply_unitary_(self, args: cirq.ApplyUnitaryArgs) -> Complex:
        batch_axis, *qubit_axes = args.axes
        state, result = args.target_tensor, args.available_buffer
        places = [
            cirq.slice_for_qubits_equal_to(qubit_axes, big_endian_qureg_value=value)
            for value in range(self._matrices.shape[1])
        ]
        # Fixing the qubits' values leaves the batch axis and the other qubits' axes.
        shape = [1] * (state.ndim - len(qubit_axes))
        shape[batch_axis - sum(axis < batch_axis for axis in qubit_axes)] = -1
        filled = set()
        for row, column in np.argwhere(self._matrices.any(axis=0)):
            entries = self._matrices[:, row, column]
            factors = (entries if entries.imag.any() else entries.real).reshape(shape)
            target = result[places[row]]
            if row in filled:
                target += factors * state[places[column]]
            else:
                np.multiply(factors, state[places[column]], out=target)
                filled.add(row)
        return np.asarray(result)


@final
class CirqBackend(Backend):
    """Exact batched simulation with Cirq's gates, in complex128.

    Examples
    --------
    >>> from qmlplay.circuit import Circuit, Gate
    >>> bell = Circuit(2, (Gate("h", (0,)), Gate("cx", (0, 1))))
    >>> CirqBackend().probabilities(bell, []).round(3)
    array([[0.5, 0. , 0. , 0.5]])
    """

    name: ClassVar[str] = "cirq"
    seconds_per_entry: ClassVar[float] = 1.5e-7
    capabilities: ClassVar[frozenset[str]] = frozenset({"states", "densities"})

    def _run(
        self, circuit: Circuit, angles: Sequence[Angle], states: Complex, cuts: tuple[int, ...]
    ) -> Iterator[Complex]:
        state = states.reshape((len(states),) + (2,) * circuit.n_qubits).astype(self.dtype)
        spare = np.empty_like(state)
        done = 0
        for cut in cuts:
            for gate in circuit.gates[done:cut]:
                cirq_gate, batch_axes = _translate(gate, angles)
                axes = batch_axes + [1 + qubit for qubit in gate.qubits]
                args = cirq.ApplyUnitaryArgs(state, spare, axes)
                result = cirq.apply_unitary(cirq_gate, args)
                if result is spare:
                    spare = state
                state = result
                self._tell()
            yield state.reshape(states.shape).copy()
            done = cut

    def _densities(self, circuit: Circuit, angles: Sequence[Angle], n_samples: int) -> Complex:
        n = circuit.n_qubits
        density = np.zeros((n_samples,) + (2,) * 2 * n, dtype=complex)
        density[(slice(None),) + (0,) * 2 * n] = 1
        assert isinstance(self.noise, NoiseModel)
        for gate in circuit.gates:
            cirq_gate, batch = _translate(gate, angles)
            left = [1 + qubit for qubit in gate.qubits]
            right = [axis + n for axis in left]
            # UρU† is U on the left axes, and then on the right ones between two conjugations.
            for axes in (left, right):
                args = cirq.ApplyUnitaryArgs(density, np.empty_like(density), batch + axes)
                density = np.conjugate(cirq.apply_unitary(cirq_gate, args))
            noise = _noise(self.noise, len(left))
            if noise is not None:
                density = cirq.targeted_left_multiply(noise, density, left + right)
            self._tell()
        return np.asarray(density.reshape(n_samples, 2**n, 2**n))

    def _sample(
        self, probabilities: Real, shots: int, generator: np.random.Generator
    ) -> NDArray[np.integer[Any]]:
        state = np.random.RandomState(generator.bit_generator)  # the same stream, as Cirq takes it
        size = probabilities.shape[1]
        # Cirq writes every shot out, digit by digit: eight qubits make one digit of a byte.
        n_bytes, rest = divmod(size.bit_length() - 1, 8)
        shape = (2**rest, *(256,) * n_bytes)
        counts = []
        for amplitudes in np.sqrt(probabilities).astype(complex):
            digits = cirq.sample_state_vector(
                amplitudes, range(len(shape)), qid_shape=shape, repetitions=shots, seed=state
            )
            index = digits.astype(int) @ 256 ** np.arange(n_bytes, -1, -1)
            counts.append(np.bincount(index, minlength=size))
            self._tell()
        return np.stack(counts)


_CHANNELS: dict[str, Callable[[float], cirq.Gate]] = {
    "depolarizing_1q": cirq.depolarize,
    "depolarizing_2q": lambda p: cirq.depolarize(p, n_qubits=2),
    "amplitude_damping": cirq.amplitude_damp,
    "phase_damping": cirq.phase_damp,
    "bit_flip": cirq.bit_flip,
    "phase_flip": cirq.phase_flip,
}


@lru_cache(maxsize=64)
def _noise(noise: NoiseModel, n_qubits: int) -> Complex | None:
    """Return all that follows a gate as a tensor with 4·n_qubits axes of length 2, or None."""
    channels = noise.channels(n_qubits)
    total: Complex = np.eye(4**n_qubits, dtype=complex)
    for channel in channels:
        operators = cirq.kraus(_CHANNELS[channel.name](channel.probability))
        wide = [embed(kraus, channel.places, n_qubits) for kraus in operators]
        total = cirq.kraus_to_superoperator(wide) @ total
    return total.reshape((2,) * 4 * n_qubits) if channels else None


def _translate(gate: Gate, angles: Sequence[Angle]) -> tuple[cirq.Gate, list[int]]:
    """Return a Cirq gate, and the axes it acts on before those of its qubits: the batch or none."""
    angle: Any = gate.angle(angles)
    several = angle if isinstance(angle, tuple) else ()
    if isinstance(angle, np.ndarray) or any(isinstance(turn, np.ndarray) for turn in several):
        return MultiplexedGate(gate_matrix(gate.name, angle)), [0]
    return to_cirq_gate(gate.name, angle), []
