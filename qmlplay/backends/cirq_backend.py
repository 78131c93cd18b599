"""The Cirq backend: Cirq's own gates, applied by its unitary protocol to a whole batch.

The batch is one more axis in front of the qubits. A gate with a shared angle is Cirq's
ordinary gate on its qubits' axes: it acts on all samples at once. A gate with one angle per
sample is a small `cirq.Gate` on the batch axis (a qudit with one level per sample) and its
qubits: a *multiplexed* rotation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, final

import cirq
import numpy as np
from numpy.typing import NDArray

from qmlplay.backends.base import Backend
from qmlplay.circuit import Angle, Circuit, gate_matrix

__all__ = ["CirqBackend", "to_cirq_gate"]

Complex = NDArray[np.complex128]

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
    "swap": cirq.SWAP,
}


def _interaction(gate: cirq.EigenGate, angle: float) -> cirq.Gate:
    """Return exp(−i angle/2 PP): Cirq's XX**t is that for angle = πt, up to a global phase."""
    return type(gate)(exponent=angle / np.pi, global_shift=-0.5)


_ROTATIONS: dict[str, Callable[[float], cirq.Gate]] = {
    "rx": cirq.rx,
    "ry": cirq.ry,
    "rz": cirq.rz,
    "p": lambda angle: cirq.ZPowGate(exponent=angle / np.pi),
    "rxx": lambda angle: _interaction(cirq.XX, angle),
    "ryy": lambda angle: _interaction(cirq.YY, angle),
    "rzz": lambda angle: _interaction(cirq.ZZ, angle),
    "crx": lambda angle: cirq.ControlledGate(cirq.rx(angle)),
    "cry": lambda angle: cirq.ControlledGate(cirq.ry(angle)),
    "crz": lambda angle: cirq.ControlledGate(cirq.rz(angle)),
    "cp": lambda angle: cirq.CZPowGate(exponent=angle / np.pi),
}


def to_cirq_gate(name: str, angle: float | None = None) -> cirq.Gate:
    """Return Cirq's gate for one of ours.

    Examples
    --------
    >>> to_cirq_gate("cx")
    cirq.CNOT
    """
    return _FIXED[name] if angle is None else _ROTATIONS[name](angle)


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

    def _run(
        self, circuit: Circuit, angles: Sequence[Angle], states: Complex, cuts: tuple[int, ...]
    ) -> Iterator[Complex]:
        state = states.reshape((len(states),) + (2,) * circuit.n_qubits).astype(self.dtype)
        spare = np.empty_like(state)
        done = 0
        for cut in cuts:
            for gate in circuit.gates[done:cut]:
                angle = None if gate.slot is None else angles[gate.slot]
                axes = [1 + qubit for qubit in gate.qubits]
                cirq_gate, own_axes = _translate(gate.name, angle, axes)
                args = cirq.ApplyUnitaryArgs(state, spare, own_axes)
                result = cirq.apply_unitary(cirq_gate, args)
                if result is spare:
                    spare = state
                state = result
            yield state.reshape(states.shape).copy()
            done = cut


def _translate(name: str, angle: Angle | None, axes: list[int]) -> tuple[cirq.Gate, list[int]]:
    """Return a Cirq gate and the axes it acts on; axis 0 is the batch."""
    if isinstance(angle, np.ndarray):
        return MultiplexedGate(gate_matrix(name, angle)), [0, *axes]
    return to_cirq_gate(name, angle), axes
