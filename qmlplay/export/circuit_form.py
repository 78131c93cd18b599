"""A trained circuit as steps on a state vector: small matrices, row moves and data phases.

The steps are those of the NumPy backend (`qmlplay.backends.numpy.fusion`) with the trained weights
put in: what does not depend on the data melts into few small matrices, and what comes before the
first data into the state that the circuit starts from. Rotations by data are diagonal between
changes of basis, which melt into the matrices around them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from qmlplay.backends.numpy.fusion import Draft, draft_steps, finish
from qmlplay.backends.numpy.steps import DiagonalStep, PermutationStep
from qmlplay.circuit import Circuit, embed, gate_matrix
from qmlplay.export.circuit_steps import (
    CircuitStep,
    DataPhases,
    RowMoves,
    WindowMatrix,
    complex_lists,
)
from qmlplay.typing import Complex, Real

__all__ = ["MAX_WIDTH", "CircuitForm", "SlotAngles"]

#: For every slot of a circuit: which data angle is added to which number of radians.
SlotAngles = Sequence[tuple[int | None, float]]
#: Widest window of a matrix, in qubits: up to here one window, up to twice as many qubits two.
MAX_WIDTH = 5
#: What the operators of a step are about as long as in a file.
_NUMBERS_PER_STEP = 50


@final
@dataclass(frozen=True, eq=False)
class CircuitForm:
    """What a circuit does to a state vector, sample by sample.

    Parameters
    ----------
    n_qubits : int
    start : complex ndarray of shape (2**n_qubits,) or None
        The state before the first step; None where it is made of the features.
    n_amplitudes : int
        Where the start is None: so many features, divided by their norm, are its first amplitudes,
        and the others are 0.
    steps : tuple of WindowMatrix, RowMoves and DataPhases
    """

    n_qubits: int
    start: Complex | None
    n_amplitudes: int
    steps: tuple[CircuitStep, ...]

    @classmethod
    def of(cls, circuit: Circuit, angles: SlotAngles, n_amplitudes: int = 0) -> CircuitForm:
        """Return the form of a circuit.

        Parameters
        ----------
        circuit : Circuit
            Gates with one angle or none.
        angles : sequence of (int or None, float)
            For every slot, which of the data angles is added to which number of radians.
        n_amplitudes : int, default=0
            How many features are the first amplitudes of the state that the gates start from,
            or 0 where that is |0…0⟩.
        """
        per_sample = tuple(column is not None for column, _ in angles)
        start: Complex | None = None
        if not n_amplitudes:
            start = np.eye(1, 1 << circuit.n_qubits, dtype=complex)[0]
        steps: list[CircuitStep] = []
        for draft in draft_steps(circuit, per_sample, MAX_WIDTH):
            step = _step(draft, circuit.n_qubits, angles)
            if start is not None and not steps and not isinstance(step, DataPhases):
                start = step.apply(start)
            elif steps and isinstance(step, RowMoves) and isinstance(steps[-1], RowMoves):
                steps[-1] = step.after(steps[-1])
            else:
                steps.append(step)
        return cls(circuit.n_qubits, start, n_amplitudes, tuple(steps))

    @property
    def n_numbers(self) -> int:
        """About how many real numbers the form is long, the operators of its steps included."""
        total = (2 << self.n_qubits) + _NUMBERS_PER_STEP * len(self.steps)
        for step in self.steps:
            if isinstance(step, WindowMatrix):
                total += 2 * step.matrix.size
            elif isinstance(step, RowMoves):
                total += 3 * step.source.size
            else:
                total += step.eigenvalues.size + step.constants.size
        return total

    def to_dict(self) -> dict[str, Any]:
        """Return the form as lists, complex numbers as pairs, ready for JSON."""
        return {
            "type": "circuit",
            "n_qubits": self.n_qubits,
            "start": None if self.start is None else complex_lists(self.start),
            "n_amplitudes": self.n_amplitudes,
            "steps": [step.to_dict() for step in self.steps],
        }


def _step(draft: Draft, n_qubits: int, angles: SlotAngles) -> CircuitStep:
    """Return the step of a draft, its numbers put in."""
    if draft.kind == "unitary":
        return _matrix(draft, angles)
    step = finish(draft, n_qubits)
    if isinstance(step, PermutationStep):
        ones: Complex = np.ones(len(step.source), dtype=complex)
        return RowMoves(step.source, ones if step.phase is None else step.phase)
    assert isinstance(step, DiagonalStep)
    return _phases(draft, step, n_qubits, angles)


def _matrix(draft: Draft, angles: SlotAngles) -> WindowMatrix:
    width = draft.last - draft.first
    product: Complex = np.eye(1 << width, dtype=complex)
    for gate in draft.gates:
        angle = angles[gate.slots[0]][1] if gate.slots else None
        product = embed(gate_matrix(gate.name, angle), draft.places(gate), width) @ product
    return WindowMatrix(draft.first, width, product)


def _phases(
    draft: Draft, step: DiagonalStep, n_qubits: int, angles: SlotAngles
) -> DataPhases | RowMoves:
    """Return the phases of a diagonal; without data they are those of row moves."""
    by_column: dict[int, Real] = {}
    constants = np.zeros(step.eigenvalues.shape[1])
    for slot, values in zip(step.slots, step.eigenvalues, strict=True):
        column, constant = angles[slot]
        constants = constants + constant * values
        if column is not None:
            by_column[column] = by_column.get(column, 0.0) + values
    if by_column:
        eigenvalues = np.stack(list(by_column.values()))
        width = step.window.width
        return DataPhases(draft.first, width, np.array(list(by_column)), eigenvalues, constants)
    view = np.empty(
        (1 << step.window.before, len(constants), 1 << step.window.after), dtype=complex
    )
    view[:] = np.exp(-1j * constants)[:, None]
    return RowMoves(np.arange(1 << n_qubits), view.ravel())
