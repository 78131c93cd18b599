"""The drawings of a circuit in a folder: one of text, and a picture, unless it is too large."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qmlplay.circuit import ParametricCircuit
from qmlplay.circuit.drawing import draw_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["text_drawing", "write_picture"]

#: Gates of a circuit that anybody would look at.
_MOST_GATES = 500


def text_drawing(circuit: ParametricCircuit) -> str:
    """Return a drawing of text, or a line that says why there is none."""
    if len(circuit.circuit.gates) > _MOST_GATES:
        return f"{len(circuit.circuit.gates)} gates are too many to be drawn"
    return draw_text(circuit)


def write_picture(circuit: ParametricCircuit, path: Path) -> bool:
    """Write the picture of a circuit as PNG; return whether it is small enough for one."""
    if len(circuit.circuit.gates) > _MOST_GATES:
        return False
    from qmlplay.plots import CircuitDisplay  # matplotlib is loaded where something is drawn

    figure: Figure = CircuitDisplay(circuit).plot().figure_
    figure.savefig(path, dpi=180, bbox_inches="tight", metadata={"Software": None})
    return True
