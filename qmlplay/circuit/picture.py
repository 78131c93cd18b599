"""The picture of a circuit: what stands where, whichever way it is drawn.

Text, matplotlib, HTML and the playground draw what is laid out here. Every gate stands as far
left as it can; a gate on several qubits also takes those between them, so that its vertical
stroke never runs through another gate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from types import MappingProxyType

from qmlplay.circuit.circuit import Gate
from qmlplay.circuit.formulas import Formula
from qmlplay.circuit.gates import GATES
from qmlplay.circuit.labels import formula_label
from qmlplay.circuit.parametric import ParametricCircuit

__all__ = [
    "BOX_HALF",
    "BOX_TIP",
    "CONTROL_RADIUS",
    "CROSS_REACH",
    "GAP",
    "KINDS",
    "TARGET_RADIUS",
    "CircuitPicture",
    "DrawnGate",
    "PlacedGate",
    "Symbol",
    "gate_symbols",
]

#: Lengths in every picture, where neighbouring qubits are 1 apart: half the height of a box, the
#: tip of one with data, the gap after a gate, and the marks of links.
BOX_HALF, BOX_TIP, GAP = 0.29, 0.155, 0.2
CONTROL_RADIUS, TARGET_RADIUS, CROSS_REACH = 0.106, 0.23, 0.135

#: Kind of a symbol → what a legend says. A link stands on the stroke between qubits, without a box.
KINDS = MappingProxyType(
    {
        "data": "data",
        "scaled": "data times weight",
        "weight": "weight (trainable)",
        "fixed": "fixed gate",
        "link": "entangler",
    }
)
_CONTROL, _TARGET, _CROSS = "●", "⊕", "\N{MULTIPLICATION SIGN}"
#: What stands on the qubits of a gate, where that does not follow from its name.
_SYMBOLS = MappingProxyType(
    {"cx": (_CONTROL, _TARGET), "cz": (_CONTROL, _CONTROL), "swap": (_CROSS, _CROSS)}
)
_LETTER = 0.125  # width of a letter, where neighbouring qubits are 1 apart


@dataclass(frozen=True)
class Symbol:
    """What a gate shows on one of its qubits.

    Parameters
    ----------
    qubit : int
    text : str
        A label, or ``●``, ``⊕`` or ``×`` for a link.
    kind : str
        A key of `KINDS`.
    """

    qubit: int
    text: str
    kind: str


@dataclass(frozen=True)
class DrawnGate:
    """A gate and its symbols, one per qubit.

    Parameters
    ----------
    gate : Gate
    symbols : tuple of Symbol
    index : int
        Which gate of the circuit it is, from 0 on.
    weights : tuple of int
        The weights that its angles read.
    """

    gate: Gate
    symbols: tuple[Symbol, ...]
    index: int = 0
    weights: tuple[int, ...] = ()

    @classmethod
    def of(cls, gate: Gate, formulas: Sequence[Formula], index: int = 0) -> DrawnGate:
        """Return a gate whose angles have the given formulas, with the angles on its last box."""
        angles = [formulas[slot] for slot in gate.slots]
        texts = list(gate_symbols(gate.name))
        if angles:
            texts[-1] += f"({', '.join(map(formula_label, angles))})"
        kind = _kind(angles)
        links = (_CONTROL, _TARGET, _CROSS)
        symbols = tuple(
            Symbol(qubit, text, "link" if text in links else kind)
            for qubit, text in zip(gate.qubits, texts, strict=True)
        )
        weights = {weight for angle in angles for weight in angle.weights}
        return cls(gate, symbols, index, tuple(sorted(weights)))

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last qubit of its stroke."""
        return min(self.gate.qubits), max(self.gate.qubits)

    @property
    def n_letters(self) -> int:
        """Length of the longest text."""
        return max(len(symbol.text) for symbol in self.symbols)

    @property
    def width(self) -> float:
        """Width where neighbouring qubits are 1 apart, the gap to the next gate included."""
        return max(0.8, 0.5 + _LETTER * self.n_letters)


@dataclass(frozen=True)
class PlacedGate:
    """A gate in its row of the picture, with the middle of its column."""

    drawn: DrawnGate
    row: int
    x: float


Column = tuple[DrawnGate, ...]


@dataclass(frozen=True)
class CircuitPicture:
    """Gates in columns.

    Parameters
    ----------
    n_qubits : int
    columns : tuple of tuple of DrawnGate
        From left to right.

    Examples
    --------
    >>> from qmlplay import Feature, Operation
    >>> operations = [Operation("ry", 0, Feature(0)), Operation("h", 1), Operation("cx", (0, 1))]
    >>> picture = CircuitPicture.of(ParametricCircuit.from_operations(2, operations, 1))
    >>> [[symbol.text for drawn in column for symbol in drawn.symbols]
    ...     for column in picture.columns]
    [['RY(x0)', 'H'], ['●', '⊕']]
    """

    n_qubits: int
    columns: tuple[Column, ...]

    @classmethod
    def of(cls, circuit: ParametricCircuit) -> CircuitPicture:
        """Put every gate into the leftmost column where its qubits are free."""
        free = [0] * circuit.n_qubits  # the first free column of each qubit
        columns: list[list[DrawnGate]] = []
        for place, gate in enumerate(circuit.circuit.gates):
            drawn = DrawnGate.of(gate, circuit.formulas, place)
            low, high = drawn.span
            index = max(free[low : high + 1])
            free[low : high + 1] = [index + 1] * (high + 1 - low)
            columns += [[] for _ in range(index + 1 - len(columns))]
            columns[index].append(drawn)
        return cls(circuit.n_qubits, tuple(map(tuple, columns)))

    def __len__(self) -> int:
        """Return the number of gates."""
        return sum(map(len, self.columns))

    @cached_property
    def kinds(self) -> list[str]:
        """The kinds of symbols that are there, in the order of `KINDS`."""
        present = {s.kind for column in self.columns for drawn in column for s in drawn.symbols}
        if any(drawn.span[0] < drawn.span[1] for column in self.columns for drawn in column):
            present.add("link")
        return [kind for kind in KINDS if kind in present]

    def rows(self, width: Callable[[Column], float], max_width: float) -> list[list[Column]]:
        """Divide the columns into rows no wider than `max_width`, or of one column."""
        rows: list[list[Column]] = [[]]
        filled = 0.0
        for column in self.columns:
            filled += width(column)
            if filled > max_width and rows[-1]:
                rows.append([])
                filled = width(column)
            rows[-1].append(column)
        return rows

    def placed(self, max_width: float = inf) -> list[PlacedGate]:
        """Return the gates at their places, where neighbouring qubits are 1 apart."""
        gates = []
        for row, columns in enumerate(self.rows(_column_width, max_width)):
            x = 0.0
            for column in columns:
                middle = x + _column_width(column) / 2
                gates += [PlacedGate(drawn, row, middle) for drawn in column]
                x += _column_width(column)
        return gates


def gate_symbols(name: str) -> tuple[str, ...]:
    """Return what stands on each qubit of a gate, without angles.

    A gate called ``c…`` after another on one qubit fewer is that gate, controlled.

    Examples
    --------
    >>> gate_symbols("cx"), gate_symbols("crx"), gate_symbols("rzz"), gate_symbols("sdg")
    (('●', '⊕'), ('●', 'RX'), ('RZZ', 'RZZ'), ('S†',))
    """
    if name in _SYMBOLS:
        return _SYMBOLS[name]
    n_qubits = GATES[name].n_qubits
    target = name[1:]
    if name[0] == "c" and target in GATES and GATES[target].n_qubits == n_qubits - 1:
        return (_CONTROL, *gate_symbols(target))
    text = name.removesuffix("dg").upper() + ("†" if name.endswith("dg") else "")
    return (text,) * n_qubits


def _kind(angles: Sequence[Formula]) -> str:
    """Return the kind of the boxes of a gate with these angles."""
    if any(angle.features for angle in angles):
        return "scaled" if any(angle.weights for angle in angles) else "data"
    return "weight" if any(angle.weights for angle in angles) else "fixed"


def _column_width(column: Column) -> float:
    return max(drawn.width for drawn in column)
