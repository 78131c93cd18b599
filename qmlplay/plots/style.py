"""Lines and markers that differ in print without colours, and figures without global state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from qmlplay.palette import class_color
from qmlplay.typing import Real

__all__ = [
    "KIND_LABELS",
    "KIND_MARKERS",
    "MARKERS",
    "add_legend",
    "axes_of",
    "class_colors",
    "figure_of",
    "line_style",
    "new_figure",
    "plain",
    "shortened",
    "single_axes",
]

KIND_MARKERS = {"quantum": "D", "ablation": "s", "hybrid": "^", "classical": "o"}
KIND_LABELS = {
    "quantum": "quantum model",
    "ablation": "the same without entangling ansatz",
    "hybrid": "hybrid of both",
    "classical": "classical model",
}
#: Markers and dashes repeat at different lengths, so that lines differ in print without colours.
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
_MOST_LETTERS = 48  # of a name beside axes: longer ones leave the axes no room
_DASHES = ("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)))


def class_colors(n_classes: int) -> Real:
    """Return a colour per class, shape (n_classes, 3); they repeat after ten."""
    return np.array([to_rgb(class_color(k)) for k in range(n_classes)])


def new_figure(width: float, height: float, *, layout: str = "constrained") -> Figure:
    """Return a figure (inches) that no global registry of matplotlib keeps alive.

    The layout "compressed" suits axes of a fixed aspect, "none" axes that are placed by hand.
    """
    return Figure(figsize=(width, height), layout=layout)  # type: ignore[arg-type]


def figure_of(ax: Axes) -> Figure:
    """Return the figure, not the part of one, that axes belong to."""
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ValueError("ax belongs to no figure any more: make new axes")
    return figure


def axes_of(ax: Axes | Iterable[Axes] | None, count: int, purpose: str) -> list[Axes] | None:
    """Return the user's axes as a list of the right length, None where there are none.

    Raises
    ------
    ValueError
        If there are more or fewer than `count`.
    """
    if ax is None:
        return None
    axes = [ax] if isinstance(ax, Axes) else list(np.ravel(np.asarray(ax, dtype=object)))
    if len(axes) != count:
        raise ValueError(f"ax must be {count} axes ({purpose}), got {len(axes)}")
    return axes


def single_axes(
    ax: Axes | None, width: float, height: float, *, layout: str = "constrained"
) -> Axes:
    """Return the user's axes, or axes in a new figure (inches); "none" fills it to the edges."""
    given = axes_of(ax, 1, "one for the whole picture")
    if given is not None:
        return given[0]
    figure = new_figure(width, height, layout=layout)
    return figure.add_axes((0, 0, 1, 1)) if layout == "none" else figure.subplots()


def line_style(index: int, n_lines: int, n_points: int) -> dict[str, Any]:
    """Return a style by which line `index` of `n_lines` differs from others, also in grey.

    Later lines are thinner and their markers stand elsewhere, so that lines that coincide, as
    those of exact backends do, can all be seen.
    """
    gap = max(n_points // 6, 1)
    return {
        "color": class_color(index),
        "linestyle": _DASHES[index % len(_DASHES)],
        "marker": MARKERS[index % len(MARKERS)],
        "linewidth": 1.4 + 0.6 * min(n_lines - 1 - index, 4),
        "markersize": 5,
        "markevery": (index * gap // 5 % gap, gap),
    }


def plain(label: object) -> str:
    """Return a label as text in which a dollar sign starts no formula."""
    return str(label).replace("$", r"\$")


def shortened(name: str) -> str:
    """Return a name that leaves room for the axes beside it, cut where it is too long."""
    return name if len(name) <= _MOST_LETTERS else f"{name[: _MOST_LETTERS - 1]}…"


def add_legend(figure: Figure, handles: Sequence[Any]) -> None:
    """Put a legend below a figure, in as many columns as fit beside each other."""
    longest = max(len(str(handle.get_label())) for handle in handles)
    inches = 0.5 + 0.085 * longest  # of one entry in 9-point letters
    most = max(1, min(len(handles), int(figure.get_figwidth() / inches)))
    n_rows = -(-len(handles) // most)
    n_columns = -(-len(handles) // n_rows)  # rows of about one length
    figure.legend(handles=handles, loc="outside lower center", ncols=n_columns, fontsize=9)
