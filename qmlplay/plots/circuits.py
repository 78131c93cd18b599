"""A circuit as a picture: data, weights and entanglers differ in colour and in shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Polygon, Rectangle

from qmlplay.circuit import ParametricCircuit
from qmlplay.plots.circuit_layout import PlacedGate, gate_kind, gate_symbols, place_gates
from qmlplay.plots.display import Display
from qmlplay.plots.fitted import quantum_classifier
from qmlplay.plots.style import figure_of, one_axes

__all__ = ["CircuitDisplay"]

#: Kind of gate → (face colour, edge colour, edge width in points, what the legend says).
_KINDS = {
    "data": ("#9ACDEE", "#0072B2", 1.4, "data"),
    "scaled": ("#9ACDEE", "#D55E00", 2.8, "data times weight"),
    "weight": ("#F2B233", "#8A5A00", 1.4, "weight (trainable)"),
    "fixed": ("#FFFFFF", "#333333", 1.4, "fixed gate"),
}
_LINK = "#7A1F5C"  # entanglers
_WIDTHS = (5.0, 7.0, 9.0, 12.0, 15.0, 18.0, 24.0, 30.0)  # rows that are tried on small axes
_HALF = 0.3  # half the height of a gate; neighbouring qubits are 1 apart


@dataclass(eq=False, repr=False)
class CircuitDisplay(Display):
    """A circuit in which one sees at a glance what carries data and what is trained.

    Gates that read features are blue hexagons (with a thick orange edge where a weight multiplies
    the feature), trainable gates are orange rectangles, fixed gates white ones; two-qubit gates
    hang on a thick purple line. ``x0`` is feature 0 in radians, ``w0`` is weight 0.

    Parameters
    ----------
    circuit : ParametricCircuit
    max_width : float, optional
        Longer circuits go on in another row below; 1 is the distance between qubits. By default
        18, or on axes of the user's what makes the letters largest.
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
            Where to draw; letters shrink where it is small. A figure of its own by default.
        """
        placed, ends = self._rows(ax)
        width, height = _size(ends, self.circuit.n_qubits)
        one = one_axes(ax, max(0.55 * width, 5), 0.55 * height, layout="none")
        one.set_xlim(-1.0, width - 1.0)
        one.set_ylim(height - 1.7, -1.7)
        one.set_aspect("equal")
        one.set_axis_off()
        self.ax_, self.figure_ = one, figure_of(one)
        unit = _inches_per_unit(one, width, height)
        pen = _Pen(one, self.circuit, min(max(16 * unit, 2.0), 10.0))
        pen.write_title(self.title)
        for row, end in enumerate(ends):
            pen.draw_wires(row, end + 0.2)
        for each in placed:
            pen.draw_gate(each)
        pen.draw_legend()
        return self

    def _rows(self, ax: Axes | None) -> tuple[list[PlacedGate], list[float]]:
        """Return the gates at their places, and where every row ends."""
        fixed = 18.0 if self.max_width is None else self.max_width
        if ax is None or self.max_width is not None:
            placed = place_gates(self.circuit, fixed)
            return placed, _ends(placed)
        choices = [place_gates(self.circuit, width) for width in _WIDTHS]
        rows = [(placed, _ends(placed)) for placed in choices]
        n_qubits = self.circuit.n_qubits
        return max(rows, key=lambda row: _inches_per_unit(ax, *_size(row[1], n_qubits)))


def _ends(placed: list[PlacedGate]) -> list[float]:
    """Return the length of every row."""
    n_rows = 1 + max((one.row for one in placed), default=0)
    return [max([0.5, *(p.x + p.width / 2 for p in placed if p.row == r)]) for r in range(n_rows)]


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
    circuit: ParametricCircuit
    points: float

    def _line(self, width: float) -> float:
        return width * self.points / 8

    def _y(self, row: int, qubit: int) -> float:
        return row * (self.circuit.n_qubits + 0.6) + qubit

    def write_title(self, title: str) -> None:
        middle: dict[str, Any] = {"x": 0.5, "y": -1.15, "transform": self.ax.get_yaxis_transform()}
        size = min(10, 1.25 * self.points)
        self.ax.text(s=title, ha="center", va="center", fontsize=size, parse_math=False, **middle)

    def draw_legend(self) -> None:
        """Draw an entry for every kind of gate that is there."""
        circuit = self.circuit.circuit
        kinds = {gate_kind(gate, self.circuit.formulas) for gate in circuit.gates}
        handles: list[Any] = []
        for kind, (face, edge, line, label) in _KINDS.items():
            style: dict[str, Any] = {"color": face, "markeredgecolor": edge, "linestyle": ""}
            style |= {"markersize": self._line(10), "markeredgewidth": self._line(line)}
            marker = "H" if kind in ("data", "scaled") else "s"
            if kind in kinds:
                handles.append(Line2D([], [], marker=marker, label=label, **style))
        if circuit.n_two_qubit_gates:
            link: dict[str, Any] = {"linewidth": self._line(2.5), "markersize": self._line(6)}
            handles.append(Line2D([], [], color=_LINK, marker="o", label="entangler", **link))
        place: dict[str, Any] = {"loc": "lower center", "borderpad": 0.1, "frameon": False}
        space: dict[str, Any] = {"columnspacing": 1.4, "handlelength": 1.6}
        self.ax.legend(handles=handles, ncols=5, fontsize=self.points, **place, **space)

    def draw_wires(self, row: int, end: float) -> None:
        for qubit in range(self.circuit.n_qubits):
            y = self._y(row, qubit)
            line: dict[str, Any] = {"color": "#666666", "linewidth": self._line(0.8), "zorder": 0}
            self.ax.plot([-0.3, end], [y, y], **line)
            self.ax.text(-0.4, y, f"q{qubit}", ha="right", va="center", fontsize=self.points)

    def draw_gate(self, placed: PlacedGate) -> None:
        gate, x = placed.gate, placed.x
        kind = gate_kind(gate, self.circuit.formulas)
        ys = [self._y(placed.row, qubit) for qubit in gate.qubits]
        if len(ys) == 2:
            (link,) = self.ax.plot([x, x], ys, color=_LINK, linewidth=self._line(2.5), zorder=1)
            link.set_gid("entangler")
        for y, symbol in zip(ys, gate_symbols(gate, self.circuit.formulas), strict=True):
            if symbol in "●×⊕":
                self._draw_mark(x, y, symbol)
            else:
                self._draw_box(x, y, placed.width - 0.2, kind, symbol)

    def _draw_mark(self, x: float, y: float, symbol: str) -> None:
        """Draw a control, an end of a swap, or the target of a CX."""
        line: dict[str, Any] = {"color": _LINK, "zorder": 3}
        if symbol == "●":
            self.ax.add_patch(Circle((x, y), 0.11, **line))
            return
        reach = 0.14 if symbol == "×" else 0.24
        line["linewidth"] = self._line(2)
        if symbol == "×":
            self.ax.plot([x - reach, x + reach], [y - reach, y + reach], **line)
            self.ax.plot([x - reach, x + reach], [y + reach, y - reach], **line)
            return
        ring: dict[str, Any] = {"facecolor": "white", "edgecolor": _LINK, "zorder": 2}
        self.ax.add_patch(Circle((x, y), reach, linewidth=self._line(2), **ring))
        self.ax.plot([x - reach, x + reach], [y, y], **line)
        self.ax.plot([x, x], [y - reach, y + reach], **line)

    def _draw_box(self, x: float, y: float, width: float, kind: str, label: str) -> None:
        face, edge, line, _ = _KINDS[kind]
        left, right = x - width / 2, x + width / 2
        style: dict[str, Any] = {"facecolor": face, "edgecolor": edge, "zorder": 4}
        style |= {"linewidth": self._line(line), "gid": kind}
        if kind in ("data", "scaled"):
            tip, top, bottom = 0.16, y - _HALF, y + _HALF
            upper = [(left, y), (left + tip, top), (right - tip, top)]
            lower = [(right, y), (right - tip, bottom), (left + tip, bottom)]
            box: Any = Polygon(upper + lower, closed=True, **style)
        else:
            box = Rectangle((left, y - _HALF), width, 2 * _HALF, **style)
        self.ax.add_patch(box)
        self.ax.text(x, y, label, ha="center", va="center", fontsize=self.points, zorder=5)
