"""Small charts as numbers for SVG: cheap enough for every display of an object.

Coordinates are those of the viewBox, in which y grows downwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qmlplay.palette import class_color
from qmlplay.typing import Real

__all__ = ["SHAPES", "LineChart", "ScatterChart", "line_chart", "scatter_chart"]

#: Sizes of the plotted areas, and the largest numbers of points drawn.
_LINE, _PLANE = (260.0, 90.0), (170.0, 150.0)
_MOST_ON_LINE, _MOST_IN_PLANE = 400, 400
#: A shape beside each colour, for readers who cannot distinguish the colours.
SHAPES = {
    "circle": "M-2.5,0a2.5,2.5 0 1,0 5,0a2.5,2.5 0 1,0 -5,0z",
    "square": "M-2.2,-2.2h4.4v4.4h-4.4z",
    "triangle": "M0,-2.9l2.8,4.8h-5.6z",
    "diamond": "M0,-3.1l2.6,3.1l-2.6,3.1l-2.6,-3.1z",
}


@dataclass(frozen=True)
class LineChart:
    """A curve over iterations.

    Parameters
    ----------
    title : str
    points : str
        As in SVG's ``points``.
    last : tuple of float
        Where the curve ends.
    low, high : str
        The smallest and the largest value.
    n_values : int
    """

    title: str
    points: str
    last: tuple[float, float]
    low: str
    high: str
    n_values: int
    width: float = _LINE[0]
    height: float = _LINE[1]


@dataclass(frozen=True)
class ScatterChart:
    """Points in a plane, a group per class.

    Parameters
    ----------
    x_name, y_name : str
        What the axes show.
    marks : tuple of (str, str, list of (float, float))
        Colour, shape and places of every class.
    """

    x_name: str
    y_name: str
    marks: tuple[tuple[str, str, list[tuple[float, float]]], ...]
    width: float = _PLANE[0]
    height: float = _PLANE[1]


def line_chart(title: str, values: Sequence[float]) -> LineChart | None:
    """Return a curve, None where there is nothing to draw.

    Examples
    --------
    >>> line_chart("loss", [3.0, 1.0, 2.0]).points
    '0.0,0.0 130.0,90.0 260.0,45.0'
    """
    y = np.asarray(values, dtype=float)
    if len(y) == 0 or not np.isfinite(y).all():
        return None
    drawn = _evenly(len(y), _MOST_ON_LINE)
    xs = _scaled(drawn.astype(float), _LINE[0])
    ys = _LINE[1] - _scaled(y, _LINE[1])[drawn]
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(xs, ys, strict=True))
    last = round(float(xs[-1]), 1), round(float(ys[-1]), 1)
    return LineChart(title, points, last, f"{y.min():.4g}", f"{y.max():.4g}", len(y))


def scatter_chart(X: ArrayLike, groups: ArrayLike, names: Sequence[str]) -> ScatterChart | None:
    """Return the first two features as a plane, None where that makes no picture.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
    groups : array-like of shape (n_samples,)
        0, 1, … for every sample.
    names : sequence of str
        Of the features.

    Examples
    --------
    >>> chart = scatter_chart([[0, 0], [1, 2]], [0, 1], ["a", "b"])
    >>> [places for _, _, places in chart.marks]
    [[(0.0, 150.0)], [(170.0, 0.0)]]
    """
    points, numbers = np.asarray(X, dtype=float), np.asarray(groups)
    if points.shape[1] < 2 or len(points) == 0 or not np.isfinite(points[:, :2]).all():
        return None
    xs = _scaled(points[:, 0], _PLANE[0])
    ys = _PLANE[1] - _scaled(points[:, 1], _PLANE[1])
    drawn = _evenly(len(points), _MOST_IN_PLANE)
    places = np.column_stack([xs, ys]).round(1)[drawn]
    shapes = list(SHAPES.values())
    marks = tuple(
        (
            class_color(k),
            shapes[k % len(shapes)],
            [(float(x), float(y)) for x, y in places[numbers[drawn] == k]],
        )
        for k in range(int(numbers.max()) + 1)
    )
    return ScatterChart(names[0], names[1], marks)


def _scaled(values: Real, length: float) -> Real:
    """Return values between 0 and the length; half of it where they are all the same."""
    values = values / (np.abs(values).max() or 1.0)  # differences of the largest floats overflow
    low, high = values.min(), values.max()
    if low == high:
        return np.full(len(values), length / 2)
    return np.asarray((values - low) / (high - low) * length)


def _evenly(count: int, most: int) -> NDArray[np.intp]:
    """Return at most so many indices, evenly spread, the first and the last included."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.intp))
