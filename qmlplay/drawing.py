"""A circuit as text, with labels that tell data (x) from weights (w).

Every qubit has a line, and gates stand as far left as they can. A gate on two qubits also
takes the lines between them, so that its vertical stroke never runs through another gate.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import pi

from qmlplay.circuit import (
    Feature,
    FeatureProduct,
    Fixed,
    Formula,
    Gate,
    ParametricCircuit,
    Weight,
    WeightedFeature,
)

__all__ = ["draw_text", "formula_label"]

_CROSS = "\N{MULTIPLICATION SIGN}"
_MINUS = "\N{MINUS SIGN}"
#: What stands on the first and the last qubit of a gate, where that is not the name in capitals.
_SYMBOLS: dict[str, tuple[str, ...]] = {
    "sdg": ("S†",),
    "tdg": ("T†",),
    "sxdg": ("SX†",),
    "cx": ("●", "X"),
    "cy": ("●", "Y"),
    "cz": ("●", "Z"),
    "swap": (_CROSS, _CROSS),
    "crx": ("●", "RX"),
    "cry": ("●", "RY"),
    "crz": ("●", "RZ"),
    "cp": ("●", "P"),
}

Column = dict[int, str]  # line → text; line 2q is qubit q, the lines between are gaps


def draw_text(model: ParametricCircuit, *, max_width: int = 100) -> str:
    """Return a drawing of the circuit in Unicode characters.

    ``x0`` is feature 0 of the (scaled) data, ``w0`` trainable weight 0; a fixed angle is a number
    in radians, with four digits. ``●`` marks a control. A gate that is symmetric in its qubits
    shows its angle on the second.

    Parameters
    ----------
    model : ParametricCircuit
        The circuit and the formulas of its angles.
    max_width : int, default=100
        Characters per line: longer circuits go on in another block below, as in a musical score.
        A gate whose label alone is wider still gets its line.

    Returns
    -------
    str
        A line per qubit, and the lines between them with the strokes of two-qubit gates.

    Raises
    ------
    ValueError
        If max_width is not positive.

    Examples
    --------
    >>> from qmlplay.circuit import Operation
    >>> operations = [
    ...     Operation("ry", 0, Feature(0)), Operation("ry", 1, Weight(0)), Operation("cx", (0, 1))]
    >>> print(draw_text(ParametricCircuit.from_operations(2, operations, n_features=1)))
    q0: ──RY(x0)──●──
                  │
    q1: ──RY(w0)──X──
    """
    if max_width < 1:
        raise ValueError(f"max_width must be a positive number of characters, got {max_width!r}")
    names = [f"q{qubit}: " for qubit in range(model.n_qubits)]
    margin = max(map(len, names))
    columns = [_widen(column, model.n_qubits) for column in _columns(model)]
    blocks = []
    for block in _blocks(columns, max_width - margin - 2):
        lines = []
        for line in range(2 * model.n_qubits - 1):
            name = "" if line % 2 else names[line // 2]
            wire = " " if line % 2 else "─"
            cells = "".join(column[line] for column in block)
            lines.append((name.ljust(margin) + wire + cells + wire).rstrip())
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def formula_label(formula: Formula) -> str:
    """Return a short label of an angle formula.

    Parameters
    ----------
    formula : Formula
        One of the formulas of `qmlplay.circuit`.

    Returns
    -------
    str

    Examples
    --------
    >>> formula_label(WeightedFeature(index=1, weight=0, offset=2))
    'w0·x1+w2'
    >>> formula_label(FeatureProduct((0, 1), scale=2.0, shift=pi))
    '2·(π−x0)(π−x1)'
    """
    match formula:
        case Fixed(angle):
            return _number(angle)
        case Weight(index):
            return f"w{index}"
        case Feature(index, scale):
            return _times(scale, f"x{index}")
        case WeightedFeature(index, weight, scale, offset):
            end = "" if offset is None else f"+w{offset}"
            return _times(scale, f"w{weight}·x{index}") + end
        case FeatureProduct(indices, scale, shift, weight):
            factor = "" if weight is None else f"w{weight}·"
            if shift == 0:  # (0 − x0)(0 − x1) is x0·x1
                product = "·".join(f"x{i}" for i in indices)
                return _times(scale * (-1) ** len(indices), factor + product)
            brackets = "".join(f"({_number(shift)}{_MINUS}x{i})" for i in indices)
            return _times(scale, factor + brackets)
        case _:
            raise TypeError(f"{formula!r} is not one of the formulas of qmlplay.circuit")


def _times(scale: float, text: str) -> str:
    if abs(scale) == 1:
        return text if scale > 0 else _MINUS + text
    return f"{_number(scale)}·{text}"


def _number(value: float) -> str:
    return "π" if value == pi else f"{value:.4g}".replace("-", _MINUS)


def _symbols(gate: Gate, formulas: Sequence[Formula]) -> list[str]:
    """Return the text on each qubit of a gate, the angle on the last."""
    symbols = list(_SYMBOLS.get(gate.name, (gate.name.upper(),) * len(gate.qubits)))
    if gate.slots:
        labels = ", ".join(formula_label(formulas[slot]) for slot in gate.slots)
        symbols[-1] += f"({labels})"
    return symbols


def _columns(model: ParametricCircuit) -> list[Column]:
    """Place every gate in the leftmost column where its lines are free."""
    free = [0] * model.n_qubits  # the first free column of each qubit
    columns: list[Column] = []
    for gate in model.circuit.gates:
        low, high = min(gate.qubits), max(gate.qubits)
        place = max(free[low : high + 1])
        free[low : high + 1] = [place + 1] * (high + 1 - low)
        columns += [{} for _ in range(place + 1 - len(columns))]
        column = columns[place]
        for line in range(2 * low + 1, 2 * high):
            column[line] = "│" if line % 2 else "┼"
        for qubit, symbol in zip(gate.qubits, _symbols(gate, model.formulas), strict=True):
            column[2 * qubit] = symbol
    return columns


def _widen(column: Column, n_qubits: int) -> list[str]:
    """Return the column's text on every line, all of one width, a wire before and after."""
    width = 2 + max(map(len, column.values()))
    lines = range(2 * n_qubits - 1)
    return [column.get(line, "").center(width, " " if line % 2 else "─") for line in lines]


def _blocks(columns: list[list[str]], max_width: int) -> list[list[list[str]]]:
    """Cut the columns into blocks whose widths keep to max_width."""
    blocks: list[list[list[str]]] = [[]]
    width = 0
    for column in columns:
        width += len(column[0])
        if width > max_width and blocks[-1]:
            blocks.append([])
            width = len(column[0])
        blocks[-1].append(column)
    return blocks
