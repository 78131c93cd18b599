"""Fusion of a circuit into few large steps: what makes the NumPy backend fast.

The register is cut into windows of neighbouring qubits. Fixed gates and gates with shared
angles inside a window melt into one small unitary; gates with one angle per sample become
one diagonal step between two changes of basis, which melt into the unitaries around it;
fixed gates across windows with one entry per row become one permutation, and others are brought
into one window by swaps before and after. A gate joins the earliest step it can reach by passing
only steps on other qubits. What a gate is follows from its entry in the table, never from its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

import numpy as np

from qmlplay.backends.numpy.steps import DiagonalStep, PermutationStep, Step, Window
from qmlplay.backends.numpy.unitaries import UnitaryStep
from qmlplay.circuit import GATES, Circuit, Gate, gate_matrix

__all__ = ["Draft", "draft_steps", "finish", "fuse", "n_steps"]

#: Widest window, in qubits. Its unitary has 2**width rows: one more qubit makes two windows'
#: products one, at twice the cost of each.
MAX_WIDTH = 4
#: Gates that turn the eigenbasis of a Pauli letter into that of Z, and back.
#: H is the only one that costs a product of matrices, and it is real: half the work.
_TO_Z = {"X": (("h",), ("h",)), "Y": (("sdg", "h"), ("h", "s"))}

#: What a gate becomes: (gate, kind of step, first qubit of the window, its end).
Part = tuple[Gate, str, int, int]
Windows = Sequence[tuple[int, int]]


@dataclass
class Draft:
    """A step in the making: its kind, the window's first and last qubit, and its gates."""

    kind: str
    first: int
    last: int
    gates: list[Gate] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)

    def add(self, gate: Gate) -> None:
        """Add a gate after the others."""
        self.gates.append(gate)
        self.touched.update(gate.qubits)

    def window(self, n_qubits: int) -> Window:
        """Return where it acts in a register."""
        return Window(self.first, self.last - self.first, n_qubits - self.last)

    def places(self, gate: Gate) -> tuple[int, ...]:
        """Return where a gate acts inside the window."""
        return tuple(qubit - self.first for qubit in gate.qubits)


@lru_cache(maxsize=256)
def fuse(circuit: Circuit, per_sample: tuple[bool, ...]) -> tuple[Step, ...]:
    """Return the steps that run a circuit.

    Parameters
    ----------
    circuit : Circuit
        The circuit.
    per_sample : tuple of bool
        For every slot, whether its angle has one value per sample.
    """
    return tuple(finish(draft, circuit.n_qubits) for draft in draft_steps(circuit, per_sample))


def n_steps(circuit: Circuit, per_sample: tuple[bool, ...]) -> int:
    """Return how many steps `fuse` makes, which builds no matrix.

    Examples
    --------
    >>> n_steps(Circuit(2, (Gate("h", (0,)), Gate("cx", (0, 1)), Gate("rz", (1,), 0))), (True,))
    2
    """
    return len(draft_steps(circuit, per_sample))


@lru_cache(maxsize=256)
def draft_steps(
    circuit: Circuit, per_sample: tuple[bool, ...], max_width: int = MAX_WIDTH
) -> list[Draft]:
    """Return which gates every step of `fuse` holds: the plan, before any matrix is built."""
    n_windows = -(-circuit.n_qubits // max_width)
    edges = [circuit.n_qubits * i // n_windows for i in range(n_windows + 1)]
    windows = list(pairwise(edges))
    drafts: list[Draft] = []
    for gate in circuit.gates:
        for part in _parts(gate, windows, per_sample):
            _place(drafts, *part)
    return drafts


def _parts(gate: Gate, windows: Windows, per_sample: tuple[bool, ...]) -> list[Part]:
    """Return what a gate becomes."""
    inside = [w for w in windows if w[0] <= min(gate.qubits) and max(gate.qubits) < w[1]]
    whole = (0, windows[-1][1])
    if gate.slots:
        if inside and not per_sample[gate.slots[0]]:
            return [(gate, "unitary", *inside[0])]
        return _diagonalised(gate, windows, inside[0] if inside else whole)
    is_small = bool(inside) and (len(windows) == 1 or len(gate.qubits) == 1)
    if GATES[gate.name].is_monomial and not is_small:
        return [(gate, "permutation", *whole)]
    return [(gate, "unitary", *inside[0])] if inside else _brought_together(gate, windows)


def _diagonalised(gate: Gate, windows: Windows, where: tuple[int, int]) -> list[Part]:
    """Return a gate with an angle as a diagonal between changes of basis."""
    parts: list[Part] = [(gate, "diagonal", *where)]
    for qubit, letter in zip(gate.qubits, GATES[gate.name].letters, strict=True):
        if letter in _TO_Z:
            window = next(w for w in windows if w[0] <= qubit < w[1])
            there, back = (
                [(Gate(name, (qubit,)), "unitary", *window) for name in names]
                for names in _TO_Z[letter]
            )
            parts = [*there, *parts, *back]
    return parts


def _brought_together(gate: Gate, windows: Windows) -> list[Part]:
    """Return a fixed gate across windows as one inside a window, between swaps."""
    n_places = len(gate.qubits)
    wide = [w for w in windows if w[1] - w[0] >= n_places] or [(0, n_places)]
    first, end = max(wide, key=lambda w: sum(w[0] <= qubit < w[1] for qubit in gate.qubits))
    free = [qubit for qubit in range(first, end) if qubit not in gate.qubits]
    outside = [qubit for qubit in gate.qubits if not first <= qubit < end]
    new = dict(zip(outside, free, strict=False))
    swaps: list[Part] = [
        (Gate("swap", pair), "permutation", 0, windows[-1][1]) for pair in new.items()
    ]
    moved = Gate(gate.name, tuple(new.get(qubit, qubit) for qubit in gate.qubits))
    return [*swaps, (moved, "unitary", first, end), *swaps]


def _place(drafts: list[Draft], gate: Gate, kind: str, first: int, end: int) -> None:
    """Add the gate to the earliest step of its kind that it can reach, or to a new one."""
    home = None
    for draft in reversed(drafts):
        if draft.kind == "permutation" and GATES[gate.name].is_monomial:
            home = draft  # costs nothing there
            break
        if (draft.kind, draft.first, draft.last) == (kind, first, end):
            home = draft
        commutes = kind == draft.kind == "diagonal"
        if not commutes and draft.touched & set(gate.qubits):
            break
    if home is None:
        home = Draft(kind, first, end)
        drafts.append(home)
    home.add(gate)


def finish(draft: Draft, n_qubits: int) -> Step:
    """Return the step of a draft."""
    if draft.kind == "permutation":
        return _permutation(draft.gates, n_qubits)
    window = draft.window(n_qubits)
    names = [gate.name for gate in draft.gates]
    places = [draft.places(gate) for gate in draft.gates]
    if draft.kind == "unitary":
        slots = [gate.slots[0] if gate.slots else None for gate in draft.gates]
        return UnitaryStep(window, list(zip(names, places, slots, strict=True)))
    angled = [gate.slots[0] for gate in draft.gates]
    return DiagonalStep(window, list(zip(names, places, angled, strict=True)))


def _permutation(gates: Sequence[Gate], n_qubits: int) -> PermutationStep:
    """Compose gates whose matrices have one entry per row into a permutation with phases."""
    source = np.arange(1 << n_qubits)
    phase = np.ones(1 << n_qubits, dtype=complex)
    for gate in gates:
        matrix = gate_matrix(gate.name)
        column = np.abs(matrix).argmax(axis=1)
        entry = matrix[np.arange(len(matrix)), column]
        index = np.arange(1 << n_qubits)
        places = [n_qubits - 1 - qubit for qubit in gate.qubits]
        key = sum((index >> place & 1) << i for i, place in enumerate(reversed(places)))
        start = index & ~sum(1 << place for place in places)
        new = column[key]
        for i, place in enumerate(reversed(places)):
            start = start | ((new >> i & 1) << place)
        # new state: out[i] = entry[key[i]] · in[start[i]]
        source, phase = source[start], entry[key] * phase[start]
    return PermutationStep(source, None if np.all(phase == 1) else phase)
