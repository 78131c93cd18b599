"""A circuit as a picture: data, weights and entanglers differ in colour and in shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Polygon, Rectangle

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
from qmlplay.palette import GATE_COLORS
from qmlplay.plots.display import Display
from qmlplay.plots.fitted import quantum_classifier
from qmlplay.plots.style import figure_of, single_axes

__all__ = ["CircuitDisplay"]

_WIDTHS = (5.0, 7.0, 9.0, 12.0, 15.0, 18.0, 24.0, 30.0)  # rows that are tried on small axes
_USUAL_WIDTH = 18.0


@dataclass(eq=False, repr=False)
class CircuitDisplay(Display):
    """A circuit that shows at a glance what carries data and what is trained.

    Gates that read features are blue hexagons (with a thick orange edge where a weight multiplies
    the feature), trainable gates are orange rectangles, fixed gates white ones; two-qubit gates
    hang on a thick purple line. ``x0`` is feature 0 in radians, ``w0`` is weight 0.

    Parameters
    ----------
    circuit : ParametricCircuit
    max_width : float, optional
        Longer circuits go on in another row below; 1 is the distance between qubits. By default
        18, or on given axes what makes the letters largest.
    title : str

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        After `plot`; ``figure_.savefig(path)`` writes it.
    ax_ : matplotlib.axes.Axes
        After `plot`.

    Examples
    --------
    >>> from qmlplay import Feature, Operation, Weight
    >>> from qmlplay.plots import CircuitDisplay
    >>> turns = [Operation("ry", 0, Feature(0)), Operation("ry", 1, Weight(0))]
    >>> operations = [*turns, Operation("cx", (0, 1))]
    >>> display = CircuitDisplay.from_operations(2, operations, n_features=1).plot()
    >>> [text.get_text() for text in display.ax_.texts]
    ['circuit', 'q0', 'q1', 'RY(x0)', 'RY(w0)']
    """

    circuit: ParametricCircuit
    max_width: float | None = None
    title: str = "circuit"
    ax_: Axes = field(init=False, repr=False)

    @classmethod
    def from_estimator(cls, estimator: Any, *, max_width: float | None = None) -> Self:
        """Take the circuit of a fitted classifier, or of a pipeline that ends with one.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If it is not fitted.
        TypeError
            If it has no circuit.
        """
        circuit = quantum_classifier(estimator).model_.circuit
        return cls(circuit, max_width, f"circuit of {type(estimator).__name__}")

    @classmethod
    def from_operations(cls, n_qubits: int, operations: Any, n_features: int) -> Self:
        """Take a list of operations, as encodings and ansätze return them."""
        return cls(ParametricCircuit.from_operations(n_qubits, operations, n_features))

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw the circuit.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; letters shrink where it is small. A new figure by default.
        """
        picture = CircuitPicture.of(self.circuit)
        gates, ends = self._rows(picture, ax)
        width, height = _size(ends, picture.n_qubits)
        axes = single_axes(ax, max(0.55 * width, 5), 0.55 * height, layout="none")
        axes.set_xlim(-1.0, width - 1.0)
        axes.set_ylim(height - 1.7, -1.7)
        axes.set_aspect("equal")
        axes.set_axis_off()
        self.ax_, self.figure_ = axes, figure_of(axes)
        unit = _inches_per_unit(axes, width, height)
        pen = _Pen(axes, picture.n_qubits, min(max(16 * unit, 2.0), 10.0))
        pen.write_title(self.title)
        for row, end in enumerate(ends):
            pen.draw_wires(row, end + 0.2)
        for gate in gates:
            pen.draw_gate(gate)
        pen.draw_legend(picture.kinds)
        return self

    def _rows(
        self, picture: CircuitPicture, ax: Axes | None
    ) -> tuple[list[PlacedGate], list[float]]:
        """Return the gates at their places, and where every row ends."""
        widths = _WIDTHS if self.max_width is None else (self.max_width,)
        if ax is None and self.max_width is None:
            widths = (_USUAL_WIDTH,)
        rows = [(gates, _ends(gates)) for gates in map(picture.placed, widths)]
        if ax is None:
            return rows[0]
        return max(rows, key=lambda row: _inches_per_unit(ax, *_size(row[1], picture.n_qubits)))


def _ends(gates: list[PlacedGate]) -> list[float]:
    """Return the length of every row."""
    ends = [0.5] * (1 + max((gate.row for gate in gates), default=0))
    for gate in gates:
        ends[gate.row] = max(ends[gate.row], gate.x + gate.drawn.width / 2)
    return ends


def _size(ends: list[float], n_qubits: int) -> tuple[float, float]:
    """Return width and height of the picture in units of the distance between qubits."""
    return max(ends) + 1.4, len(ends) * (n_qubits + 0.6) + 1.6


def _inches_per_unit(ax: Axes, width: float, height: float) -> float:
    box = ax.get_window_extent()
    return float(min(box.width / width, box.height / height) / figure_of(ax).dpi)


@dataclass(frozen=True, eq=False)
class _Pen:
    """Draws with letters of some points, and lines that suit them."""

    ax: Axes
    n_qubits: int
    points: float

    def _line(self, width: float) -> float:
        return width * self.points / 8

    def _y(self, row: int, qubit: int) -> float:
        return row * (self.n_qubits + 0.6) + qubit

    def write_title(self, title: str) -> None:
        middle: dict[str, Any] = {"x": 0.5, "y": -1.15, "transform": self.ax.get_yaxis_transform()}
        size = min(10, 1.25 * self.points)
        self.ax.text(s=title, ha="center", va="center", fontsize=size, parse_math=False, **middle)

    def draw_legend(self, kinds: list[str]) -> None:
        """Draw an entry for every kind of symbol that is there."""
        handles: list[Any] = []
        for kind in kinds:
            color = GATE_COLORS[kind]
            style: dict[str, Any] = {"color": color.fill, "label": KINDS[kind]}
            if kind == "link":
                style |= {"linewidth": self._line(2.5), "markersize": self._line(6), "marker": "o"}
            else:
                style |= {"marker": "H" if kind in ("data", "scaled") else "s", "linestyle": ""}
                style |= {"markeredgecolor": color.edge, "markersize": self._line(10)}
                style |= {"markeredgewidth": self._line(color.edge_width)}
            handles.append(Line2D([], [], **style))
        box: dict[str, Any] = {"loc": "lower center", "borderpad": 0.1, "frameon": False}
        space: dict[str, Any] = {"columnspacing": 1.4, "handlelength": 1.6}
        self.ax.legend(handles=handles, ncols=5, fontsize=self.points, **box, **space)

    def draw_wires(self, row: int, end: float) -> None:
        for qubit in range(self.n_qubits):
            y = self._y(row, qubit)
            line: dict[str, Any] = {"color": "#666666", "linewidth": self._line(0.8), "zorder": 0}
            self.ax.plot([-0.3, end], [y, y], **line)
            self.ax.text(-0.4, y, f"q{qubit}", ha="right", va="center", fontsize=self.points)

    def draw_gate(self, gate: PlacedGate) -> None:
        drawn, x = gate.drawn, gate.x
        low, high = drawn.span
        if low < high:
            ys = [self._y(gate.row, low), self._y(gate.row, high)]
            line: dict[str, Any] = {"color": GATE_COLORS["link"].edge, "zorder": 1}
            self.ax.plot([x, x], ys, linewidth=self._line(2.5), gid="entangler", **line)
        for symbol in drawn.symbols:
            y = self._y(gate.row, symbol.qubit)
            if symbol.kind == "link":
                self._draw_mark(x, y, symbol.text)
            else:
                self._draw_box(x, y, drawn.width - GAP, symbol)

    def _draw_mark(self, x: float, y: float, text: str) -> None:
        """Draw a control, an end of a swap, or the target of a CX."""
        color = GATE_COLORS["link"].edge
        line: dict[str, Any] = {"color": color, "zorder": 3}
        if text == "●":
            self.ax.add_patch(Circle((x, y), CONTROL_RADIUS, **line))
            return
        reach = CROSS_REACH if text == "×" else TARGET_RADIUS
        line["linewidth"] = self._line(2)
        if text == "×":
            self.ax.plot([x - reach, x + reach], [y - reach, y + reach], **line)
            self.ax.plot([x - reach, x + reach], [y + reach, y - reach], **line)
            return
        ring: dict[str, Any] = {"facecolor": "white", "edgecolor": color, "zorder": 2}
        self.ax.add_patch(Circle((x, y), reach, linewidth=self._line(2), **ring))
        self.ax.plot([x - reach, x + reach], [y, y], **line)
        self.ax.plot([x, x], [y - reach, y + reach], **line)

    def _draw_box(self, x: float, y: float, width: float, symbol: Symbol) -> None:
        color = GATE_COLORS[symbol.kind]
        left, right = x - width / 2, x + width / 2
        style: dict[str, Any] = {"facecolor": color.fill, "edgecolor": color.edge, "zorder": 4}
        style |= {"linewidth": self._line(color.edge_width), "gid": symbol.kind}
        if symbol.kind in ("data", "scaled"):
            tip, top, bottom = BOX_TIP, y - BOX_HALF, y + BOX_HALF
            upper = [(left, y), (left + tip, top), (right - tip, top)]
            lower = [(right, y), (right - tip, bottom), (left + tip, bottom)]
            box: Any = Polygon(upper + lower, closed=True, **style)
        else:
            box = Rectangle((left, y - BOX_HALF), width, 2 * BOX_HALF, **style)
        self.ax.add_patch(box)
        middle: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 5}
        self.ax.text(x, y, symbol.text, fontsize=self.points, color=color.ink, **middle)
