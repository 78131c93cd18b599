"""The Cirq backend: Cirq's own gates, applied by its unitary protocol to a whole batch.

The batch is one more axis in front of the qubits. A gate with a shared angle is Cirq's
ordinary gate on its qubits' axes: it acts on all samples at once. A gate with one angle per
sample is a small `cirq.Gate` on the batch axis (a qudit with one level per sample) and its
qubits: a *multiplexed* rotation, diagonal between two changes of basis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, final

import cirq
import numpy as np
from numpy.typing import NDArray

from qmlplay.backends.base import Backend
from qmlplay.circuit import GATES, Angle, Circuit
from qmlplay.circuit.gates import eigenvalues

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
#: Gates that turn the eigenbasis of a Pauli letter into that of Z, and back.
_TO_Z = {"X": (cirq.H, cirq.H), "Y": (cirq.X**0.5, cirq.X**-0.5)}


def to_cirq_gate(name: str, angle: float | None = None) -> cirq.Gate:
    """Return Cirq's gate for one of ours.

    Examples
    --------
    >>> to_cirq_gate("cx")
    cirq.CNOT
    """
    return _FIXED[name] if angle is None else _ROTATIONS[name](angle)


class MultiplexedDiagonal(cirq.Gate):  # type: ignore[misc]
    """exp(−iθₙG) on sample n, with G diagonal: one gate for a whole batch.

    Parameters
    ----------
    angles : ndarray of shape (n_samples,)
        θₙ in radians.
    values : ndarray of shape (2**n_qubits,)
        The diagonal of G.
    """

    def __init__(self, angles: NDArray[np.float64], values: NDArray[np.float64]) -> None:
        self._n_qubits = len(values).bit_length() - 1
        self._phases = np.exp(-1j * np.multiply.outer(angles, values))  # (n_samples, 2**n_qubits)

    def _qid_shape_(self) -> tuple[int, ...]:
        return (len(self._phases),) + (2,) * self._n_qubits

    def _apply_unitary_(self, args: cirq.ApplyUnitaryArgs) -> Complex:
        axes = list(args.axes)
        state = args.target_tensor
        # Bring the gate's axes into the order of the phases, then stretch over the others.
        order = np.argsort(axes)
        phases = self._phases.reshape(self._qid_shape_()).transpose(order)
        shape = [1] * state.ndim
        for axis in axes:
            shape[axis] = state.shape[axis]
        state *= phases.reshape(shape)
        result: Complex = state
        return result


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
        state = states.reshape((len(states),) + (2,) * circuit.n_qubits).astype(complex)
        spare = np.empty_like(state)
        done = 0
        for cut in cuts:
            for gate in circuit.gates[done:cut]:
                angle = None if gate.slot is None else angles[gate.slot]
                axes = [1 + qubit for qubit in gate.qubits]
                for cirq_gate, own_axes in _translate(gate.name, angle, axes):
                    args = cirq.ApplyUnitaryArgs(state, spare, own_axes)
                    result = cirq.apply_unitary(cirq_gate, args)
                    if result is spare:
                        spare = state
                    state = result
            yield state.reshape(states.shape)
            done = cut


def _translate(
    name: str, angle: Angle | None, axes: list[int]
) -> list[tuple[cirq.Gate, list[int]]]:
    """Return Cirq gates and the axes they act on; axis 0 is the batch."""
    if not isinstance(angle, np.ndarray):
        return [(to_cirq_gate(name, angle), axes)]
    parts: list[tuple[cirq.Gate, list[int]]] = [
        (MultiplexedDiagonal(angle, eigenvalues(name)), [0, *axes])
    ]
    for axis, letter in zip(axes, GATES[name].letters, strict=True):
        if letter in _TO_Z:
            there, back = _TO_Z[letter]
            parts = [(there, [axis]), *parts, (back, [axis])]
    return parts
