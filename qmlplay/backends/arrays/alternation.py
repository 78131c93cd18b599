"""Gates on a few qubits as diagonals between constant matrices: U = C₂·D₂(θ)·C₁·D₁(θ)·C₀.

A rotation is diagonal in the basis of its Pauli letters. Neighbouring rotations that agree on
every qubit's letter share one diagonal, so that a layer of RY on all qubits is one; fixed gates
and the changes of basis melt into the constants between. Few operations on whole arrays are left,
which frameworks differentiate and compile fast.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from qmlplay.backends.numpy.fusion import Draft
from qmlplay.backends.numpy.steps import DiagonalStep
from qmlplay.circuit import GATES, Gate, embed, gate_matrix
from qmlplay.typing import Complex, Real

__all__ = ["Alternation", "alternate"]

#: The +1 and −1 eigenvectors of every letter, as columns.
_EIGENVECTORS = {
    "X": gate_matrix("h"),
    "Y": gate_matrix("s") @ gate_matrix("h"),
    "Z": np.eye(2, dtype=complex),
}


@dataclass(frozen=True, eq=False)
class Alternation:
    """Constants, and diagonals exp(−i·Σ angle·eigenvalues) between them.

    Parameters
    ----------
    constants : list of ndarray of shape (size, size)
        From the first to act to the last, one more than diagonals.
    diagonals : list of dict of int to ndarray of shape (size,)
        For every diagonal, slot → eigenvalues.
    """

    constants: list[Complex]
    diagonals: list[dict[int, Real]]


@dataclass
class _Moment:
    """Fixed gates one after the other, or rotations that are diagonal in one product basis."""

    turns: bool
    gates: list[Gate] = field(default_factory=list)
    letters: dict[int, str] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)

    def takes(self, gate: Gate) -> bool:
        """Return whether the gate may be among these."""
        return self.turns == bool(gate.slots) and all(
            self.letters.get(qubit, letter) == letter for qubit, letter in _letters(gate).items()
        )

    def add(self, gate: Gate) -> None:
        self.gates.append(gate)
        self.letters.update(_letters(gate))
        self.touched.update(gate.qubits)


def _letters(gate: Gate) -> dict[int, str]:
    letters = GATES[gate.name].letters if gate.slots else ""
    return dict(zip(gate.qubits, letters, strict=False))


def alternate(draft: Draft, n_qubits: int) -> Alternation:
    """Return the gates of a unitary step as diagonals between constants.

    Examples
    --------
    >>> from qmlplay.circuit import Gate
    >>> gates = [Gate("ry", (0,), 0), Gate("rz", (0,), 1), Gate("ry", (1,), 2)]
    >>> found = alternate(Draft("unitary", 0, 2, gates), 2)
    >>> [sorted(diagonal) for diagonal in found.diagonals]
    [[0, 2], [1]]
    """
    moments: list[_Moment] = []
    for gate in draft.gates:
        _place(moments, gate)
    width = draft.last - draft.first
    constants, diagonals = [], []
    waiting: Complex = np.eye(1 << width, dtype=complex)
    for moment in moments:
        if not moment.turns:
            for gate in moment.gates:
                waiting = embed(gate_matrix(gate.name), draft.places(gate), width) @ waiting
            continue
        letters = (moment.letters.get(draft.first + place, "Z") for place in range(width))
        basis = reduce(np.kron, (_EIGENVECTORS[letter] for letter in letters))
        constants.append(basis.conj().T @ waiting)
        diagonals.append(_eigenvalues(moment, draft, n_qubits))
        waiting = basis
    return Alternation([*constants, waiting], diagonals)


def _place(moments: list[_Moment], gate: Gate) -> None:
    """Add the gate to the earliest moment that it can reach, or to a new one."""
    home = None
    for moment in reversed(moments):
        if moment.takes(gate):
            home = moment
        commutes = moment.turns and moment.takes(gate)
        if not commutes and moment.touched & set(gate.qubits):
            break
    if home is None:
        home = _Moment(turns=bool(gate.slots))
        moments.append(home)
    home.add(gate)


def _eigenvalues(moment: _Moment, draft: Draft, n_qubits: int) -> dict[int, Real]:
    gates = [(gate.name, draft.places(gate), gate.slots[0]) for gate in moment.gates]
    step = DiagonalStep(draft.window(n_qubits), gates)
    values: dict[int, Real] = {}
    for slot, row in zip(step.slots, step.eigenvalues, strict=True):
        values[slot] = values.get(slot, 0.0) + row
    return values
