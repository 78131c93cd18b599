"""The circuit as each framework draws it itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from qmlplay.errors import unknown_name
from qmlplay.framework_names import simulator_label
from qmlplay.plots.display import Display
from qmlplay.plots.fitted import quantum_classifier, sample
from qmlplay.plots.style import figure_of, single_axes

__all__ = ["NativeCircuitDisplay"]

_WIDTH = 110  # characters per line


@dataclass(eq=False, repr=False)
class NativeCircuitDisplay(Display):
    """A circuit drawn by Qiskit, Cirq or PennyLane, with the numbers of one sample as angles.

    Parameters
    ----------
    text : str
        The framework's own drawing.
    framework : str
        Its name, for the title.

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        After `plot`; ``figure_.savefig(path)`` writes it.
    ax_ : matplotlib.axes.Axes
        After `plot`.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier
    >>> from qmlplay.plots import NativeCircuitDisplay
    >>> model = VariationalClassifier(n_layers=1, max_iter=1).fit([[0.0], [1.0]], ["a", "b"])
    >>> display = NativeCircuitDisplay.from_estimator(model, [0.5], "cirq")
    >>> display.text.splitlines()[0].startswith("0: ───H───Ry(0)───Ry(")
    True
    """

    text: str
    framework: str
    ax_: Axes = field(init=False, repr=False)

    @classmethod
    def from_estimator(cls, estimator: Any, x: ArrayLike, framework: str) -> Self:
        """Export a fitted model's circuit for one sample and have the framework draw it.

        Parameters
        ----------
        estimator : estimator
            Fitted, or a pipeline that ends with a quantum classifier.
        x : array-like of shape (n_features,)
            One sample, such as ``X[0]``.
        framework : {"qiskit", "cirq", "pennylane"}

        Raises
        ------
        ValueError
            If the framework is unknown, or x is not one sample.
        ImportError
            If the framework is not installed; the text is the command to type.
        """
        if framework not in _DRAWERS:
            raise unknown_name("framework", framework, _DRAWERS)
        drawing = _DRAWERS[framework](quantum_classifier(estimator), sample(estimator, x))
        return cls(drawing, framework)

    def plot(self, ax: Axes | None = None) -> Self:
        """Show the drawing in letters of one width.

        Parameters
        ----------
        ax : Axes, optional
            Where to draw; letters shrink where it is small. A new figure by default.
        """
        lines = self.text.splitlines()
        columns = max(map(len, lines))
        width, height = 0.072 * columns + 0.2, 0.118 * (len(lines) + 2) + 0.1
        axes = single_axes(ax, max(width, 3), height, layout="none")
        axes.set_axis_off()
        self.ax_, self.figure_ = axes, figure_of(axes)
        box = axes.get_window_extent()
        letter = min(box.width / (columns + 2) / 0.63, box.height / (len(lines) + 2) / 1.04)
        points = min(max(72 * letter / self.figure_.dpi, 3), 8.0)
        heading = f"drawn by {simulator_label(self.framework)}\n"
        axes.text(
            0.01,
            0.98,
            heading + self.text,
            transform=axes.transAxes,
            family="DejaVu Sans Mono",
            fontsize=points,
            va="top",
            parse_math=False,
            linespacing=1.0,
        )
        return self


def _qiskit(classifier: Any, x: ArrayLike) -> str:
    return str(classifier.to_qiskit(x).draw("text", fold=_WIDTH, vertical_compression="low"))


def _cirq(classifier: Any, x: ArrayLike) -> str:
    lines = classifier.to_cirq(x).to_text_diagram(precision=3).splitlines()
    return "\n\n".join(_folded(lines, _WIDTH))


def _folded(lines: list[str], width: int) -> list[str]:
    """Cut a drawing into blocks, for Cirq has no line breaks: between its gates, never inside one.

    Every block begins with the names of the qubits.
    """
    margin = max(line.find(": ") + 2 for line in lines)
    names = [line[:margin] if ":" in line[:margin] else " " * margin for line in lines]
    wires = [":" in name for name in names]
    rest = [line[margin:].ljust(max(map(len, lines)) - margin, " ") for line in lines]
    blocks = []
    while any(line.strip(" ─") for line in rest):
        cut = _cut(rest, wires, width - margin)
        block = zip(names, (line[:cut] for line in rest), strict=True)
        blocks.append("\n".join(f"{name}{part}".rstrip() for name, part in block))
        rest = [line[cut:] for line in rest]
    return blocks


def _cut(lines: list[str], wires: list[bool], width: int) -> int:
    """Return the last place up to `width` where nothing but wires is cut, or else no gate."""
    if len(lines[0]) <= width:
        return len(lines[0])
    columns = [tuple(line[k - 1 : k + 1] for line in lines) for k in range(1, width + 1)]
    bare = [k for k, column in enumerate(columns, 1) if _is_bare(column, wires, "──", "  ")]
    clear = [k for k, column in enumerate(columns, 1) if _is_bare(column, wires, "─┼", " │─")]
    return max(bare or clear or [width])


def _is_bare(column: tuple[str, ...], wires: list[bool], on_wire: str, beside: str) -> bool:
    return all(
        set(pair) <= set(on_wire if is_wire else beside)
        for pair, is_wire in zip(column, wires, strict=True)
    )


def _pennylane(classifier: Any, x: ArrayLike) -> str:
    qfunc = classifier.to_pennylane(x)
    import pennylane as qml

    return str(qml.draw(qfunc, decimals=2, max_length=_WIDTH)())


_DRAWERS = {"qiskit": _qiskit, "cirq": _cirq, "pennylane": _pennylane}
