"""A circuit as text, with labels that tell data (x) from weights (w)."""

from __future__ import annotations

from collections.abc import Sequence

from qmlplay.checks import is_integer
from qmlplay.circuit.parametric import ParametricCircuit
from qmlplay.circuit.picture import CircuitPicture, Column

__all__ = ["draw_text", "drawing_pieces"]

Piece = tuple[str, str]  # text and its kind; empty for wires, names and blanks


def draw_text(model: ParametricCircuit, *, max_width: int = 100) -> str:
    """Return a drawing of the circuit in Unicode characters.

    ``x0`` is feature 0 of the (scaled) data, ``w0`` trainable weight 0; a fixed angle is a number
    in radians, with four digits. ``●`` marks a control, ``⊕`` the qubit that a CX turns over,
    and ``×`` qubits that are swapped; CZ, which treats both alike, has two ``●``. Another gate
    that is symmetric in its qubits shows its angle on the last.

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
    >>> from qmlplay.circuit import Feature, Operation, Weight
    >>> operations = [
    ...     Operation("ry", 0, Feature(0)), Operation("ry", 1, Weight(0)), Operation("cx", (0, 1))]
    >>> print(draw_text(ParametricCircuit.from_operations(2, operations, n_features=1)))
    q0: ──RY(x0)──●──
                  │
    q1: ──RY(w0)──⊕──
    """
    return "".join(text for text, _ in drawing_pieces(model, max_width=max_width))


def drawing_pieces(model: ParametricCircuit, *, max_width: int = 100) -> list[Piece]:
    """Return the drawing of `draw_text` in pieces, each with its kind for a page to colour."""
    if not is_integer(max_width, 1):
        raise ValueError(f"max_width must be a positive number of characters, got {max_width!r}")
    picture = CircuitPicture.of(model)
    margin = len(f"q{model.n_qubits - 1}: ")
    pieces: list[Piece] = []
    for row in picture.rows(_width, int(max_width) - margin - 2):
        pieces += [("\n\n", "")] if pieces else []
        cells = [(_cells(column), _width(column)) for column in row]
        for line in range(2 * model.n_qubits - 1):
            pieces += [("\n", "")] if line else []
            pieces += _line(cells, line, margin)
    return pieces


def _width(column: Column) -> int:
    return 2 + max(drawn.n_letters for drawn in column)


def _cells(column: Column) -> dict[int, Piece]:
    """Return line → what is on it; line 2q is qubit q, the lines between are gaps."""
    cells: dict[int, Piece] = {}
    for drawn in column:
        low, high = drawn.span
        for line in range(2 * low + 1, 2 * high):
            cells[line] = ("│" if line % 2 else "┼", "link")
        cells |= {2 * symbol.qubit: (symbol.text, symbol.kind) for symbol in drawn.symbols}
    return cells


def _line(cells: Sequence[tuple[dict[int, Piece], int]], line: int, margin: int) -> list[Piece]:
    """Return one line of a block, every column in the width given beside it."""
    name, wire = ("", " ") if line % 2 else (f"q{line // 2}: ", "─")
    pieces = [(name.ljust(margin) + wire, "")]
    for column, width in cells:
        text, kind = column.get(line, (wire, ""))
        left, _, right = text.center(width, wire).partition(text)
        pieces += [(left, ""), (text, kind), (right, "")]
    pieces.append((wire, ""))
    while not pieces[-1][0].strip() and len(pieces) > 1:  # no blanks at the end of a line
        pieces.pop()
    return pieces if pieces[-1][0].strip() else []
