"""Colours that colour-blind readers can tell apart, and figures without global state."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

__all__ = [
    "CLASS_COLORS",
    "KIND_COLORS",
    "KIND_LABELS",
    "add_legend",
    "class_colors",
    "figure_of",
    "new_figure",
]

#: Okabe and Ito's palette, in an order in which neighbours differ in lightness too.
CLASS_COLORS = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#F0E442",
    "#666666",
    "#332288",
    "#882255",
)
KIND_COLORS = {"quantum": "#0072B2", "ablation": "#E69F00", "classical": "#009E73"}
KIND_LABELS = {
    "quantum": "quantum model",
    "ablation": "the same without entanglement",
    "classical": "classical model",
}


def class_colors(n_classes: int) -> NDArray[np.float64]:
    """Return a colour per class, shape (n_classes, 3); they repeat after ten."""
    return np.array([to_rgb(CLASS_COLORS[k % len(CLASS_COLORS)]) for k in range(n_classes)])


def new_figure(width: float, height: float) -> Figure:
    """Return a figure (inches) that no global registry of matplotlib keeps alive."""
    return Figure(figsize=(width, height), layout="constrained")


def figure_of(ax: Axes) -> Figure:
    """Return the figure, not the part of one, that axes belong to."""
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("ax belongs to no figure any more: make new axes")
    return figure


def add_legend(figure: Figure, handles: Sequence[Line2D]) -> None:
    """Put a legend below a figure, in as many columns as fit beside each other."""
    longest = max(len(str(handle.get_label())) for handle in handles)
    inches = 0.5 + 0.085 * longest  # of one entry in 9-point letters
    n_columns = max(1, min(len(handles), int(figure.get_figwidth() / inches)))
    figure.legend(handles=handles, loc="outside lower center", ncols=n_columns, fontsize=9)
