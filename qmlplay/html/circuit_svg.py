"""A circuit as a picture in a page: the gates of `CircuitPicture` at their places, for SVG."""

from __future__ import annotations

from dataclasses import dataclass

from qmlplay.circuit import ParametricCircuit
from qmlplay.circuit.picture import (
    BOX_HALF,
    BOX_TIP,
    CONTROL_RADIUS,
    CROSS_REACH,
    GAP,
    KINDS,
    TARGET_RADIUS,
    CircuitPicture,
    PlacedGate,
    Symbol,
)

__all__ = ["CircuitSvg", "circuit_svg"]

#: Pixels between neighbouring qubits; a row of gates is no longer than so many of these.
_UNIT, _ROW = 52.0, 17.0
_LEFT, _TOP, _BETWEEN_ROWS = 34.0, 24.0, 0.3
_MOST_GATES = 300


@dataclass(frozen=True)
class SvgMark:
    """What a gate shows on one qubit.

    Parameters
    ----------
    shape : {"box", "hexagon", "control", "target", "cross"}
    kind : str
        A key of `KINDS`.
    text : str
    x, y : float
        Its middle.
    points : str
        Corners of a box or hexagon, as in SVG's ``points``.
    """

    shape: str
    kind: str
    text: str
    x: float
    y: float
    points: str = ""


@dataclass(frozen=True)
class SvgGate:
    """A gate: its stroke between qubits, if it has one, and a mark on each of them."""

    title: str
    stroke: tuple[float, float, float] | None
    marks: tuple[SvgMark, ...]


@dataclass(frozen=True)
class CircuitSvg:
    """A circuit in pixels.

    Parameters
    ----------
    width, height : float
    label : str
        The picture in a few words.
    wires : list of (str, float, float)
        Name, height and end of every qubit's line, in every row.
    gates : list of SvgGate
    kinds : list of (str, str)
        Kinds of gates that are there, and what the legend calls them.
    sizes : dict of str to float
        Lengths of the marks.
    """

    width: float
    height: float
    label: str
    wires: list[tuple[str, float, float]]
    gates: list[SvgGate]
    kinds: list[tuple[str, str]]
    sizes: dict[str, float]


def circuit_svg(circuit: ParametricCircuit) -> CircuitSvg | None:
    """Return a circuit as a picture, None where there are too many gates for one.

    Examples
    --------
    >>> from qmlplay import Feature, Operation
    >>> operations = [Operation("ry", 0, Feature(0)), Operation("cx", (0, 1))]
    >>> svg = circuit_svg(ParametricCircuit.from_operations(2, operations, 1))
    >>> [[mark.shape for mark in gate.marks] for gate in svg.gates]
    [['hexagon'], ['control', 'target']]
    """
    picture = CircuitPicture.of(circuit)
    if len(picture) > _MOST_GATES:
        return None
    placed = picture.placed(_ROW)
    ends: dict[int, float] = {0: 0.5}
    for gate in placed:
        ends[gate.row] = max(ends.get(gate.row, 0.5), gate.x + gate.drawn.width / 2)
    wires = [
        (f"q{qubit}", _y(row, qubit, circuit.n_qubits), _x(end) + 10)
        for row, end in ends.items()
        for qubit in range(circuit.n_qubits)
    ]
    return CircuitSvg(
        _x(max(ends.values())) + 16,
        wires[-1][1] + _TOP,
        _label(circuit.n_qubits, len(picture)),
        wires,
        [_gate(gate, circuit.n_qubits) for gate in placed],
        [(kind, KINDS[kind]) for kind in picture.kinds],
        {
            "control": _UNIT * CONTROL_RADIUS,
            "target": _UNIT * TARGET_RADIUS,
            "cross": _UNIT * CROSS_REACH,
        },
    )


def _label(n_qubits: int, n_gates: int) -> str:
    return (
        f"Circuit of {n_qubits} qubit{'s' * (n_qubits > 1)} and {n_gates} gate{'s' * (n_gates > 1)}"
    )


def _x(place: float) -> float:
    return round(_LEFT + _UNIT * place, 1)


def _y(row: int, qubit: int, n_qubits: int) -> float:
    return round(_TOP + _UNIT * (row * (n_qubits + _BETWEEN_ROWS) + qubit), 1)


def _gate(gate: PlacedGate, n_qubits: int) -> SvgGate:
    low, high = (_y(gate.row, qubit, n_qubits) for qubit in gate.drawn.span)
    marks = tuple(
        _mark(symbol, _x(gate.x), _y(gate.row, symbol.qubit, n_qubits), gate.drawn.width - GAP)
        for symbol in gate.drawn.symbols
    )
    title = ", ".join(f"{symbol.text} on q{symbol.qubit}" for symbol in gate.drawn.symbols)
    return SvgGate(title, None if low == high else (_x(gate.x), low, high), marks)


def _mark(symbol: Symbol, x: float, y: float, width: float) -> SvgMark:
    if symbol.kind == "link":
        shapes = {"●": "control", "⊕": "target"}
        return SvgMark(shapes.get(symbol.text, "cross"), "link", symbol.text, x, y)
    half, up, tip = _UNIT * width / 2, _UNIT * BOX_HALF, _UNIT * BOX_TIP
    has_data = symbol.kind in ("data", "scaled")
    tip = tip if has_data else 0.0
    corners = [
        (x - half, y), (x - half + tip, y - up), (x + half - tip, y - up),
        (x + half, y), (x + half - tip, y + up), (x - half + tip, y + up),
    ]  # fmt: skip
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in corners)
    return SvgMark("hexagon" if has_data else "box", symbol.kind, symbol.text, x, y, points)
