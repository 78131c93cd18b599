"""Colours that colour-blind readers can tell apart, and figures without global state."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray

__all__ = ["CLASS_COLORS", "KIND_COLORS", "class_colors", "new_figure"]

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
