"""Samples drawn by clicking, as a setting: a class and two whole numbers each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import dist
from typing import Any

from qmlplay.checks import is_integer, is_number
from qmlplay.errors import shortened

__all__ = ["CLASS_NAMES", "SCALE", "DrawnPoints", "Points", "drawn", "erased", "lacking"]

#: The classes that can be drawn, by their numbers.
CLASS_NAMES = ("A", "B", "C", "D")
#: Steps from the middle of the plane to its edge, at 1.
SCALE = 100
_MOST = 300
_NEAR = 8  # steps: how far a sample may be from where it is erased

#: (class, x, y) of every sample, x and y in steps.
Points = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class DrawnPoints:
    """The rule of a setting: at most 300 samples of up to four classes in the plane."""

    def check(self, name: str, value: Any) -> Points:
        """Return the points as tuples, or raise ValueError."""
        if not isinstance(value, list | tuple):
            raise ValueError(f"{name}={shortened(value)}: must be a list of (class, x, y)")
        if len(value) > _MOST:
            raise ValueError(f"{name}=…: at most {_MOST} samples can be drawn, got {len(value)}")
        return tuple(_checked(name, point) for point in value)


def _checked(name: str, point: Any) -> tuple[int, int, int]:
    is_triple = isinstance(point, list | tuple) and len(point) == 3
    if not is_triple or not is_integer(point[0], 0, len(CLASS_NAMES) - 1):
        last = len(CLASS_NAMES) - 1
        raise ValueError(
            f"{name}={shortened(point)}: must be (class, x, y) with a class from 0 to {last}"
        )
    if not all(is_integer(step, -SCALE, SCALE) for step in point[1:]):
        raise ValueError(
            f"{name}={shortened(point)}: lies outside the plane, whose x and y go from {-SCALE} to "
            f"{SCALE}"
        )
    return int(point[0]), int(point[1]), int(point[2])


def lacking(points: Points) -> str:
    """Return what is lacking before a model can be trained and tested; empty when nothing is.

    Examples
    --------
    >>> lacking(((0, 5, 5), (0, -3, 4), (1, 2, 2)))[-32:]
    'so far A 2, B 1. Training waits.'
    >>> lacking(((0, 5, 5), (0, -3, 4), (1, 2, 2), (1, 3, 3)))
    ''
    """
    counts = Counter(label for label, _, _ in points)
    if len(counts) >= 2 and min(counts.values()) >= 2:
        return ""
    drawn = ", ".join(f"{CLASS_NAMES[label]} {counts[label]}" for label in sorted(counts))
    return (
        "Draw at least two samples of each class, of two or more classes: so far "
        f"{drawn or 'none'}. Training waits."
    )


def drawn(points: Points, label: Any, x: Any, y: Any) -> Points:
    """Return the points with another at (x, y), in the units of the plane.

    Raises
    ------
    ValueError
        If it lies outside the plane, or there is no such class.

    Examples
    --------
    >>> drawn((), 1, 0.5, -0.251)
    ((1, 50, -25),)
    """
    if not is_integer(label, 0, len(CLASS_NAMES) - 1):
        raise ValueError(
            f"class {shortened(label)}: must be a number from 0 to {len(CLASS_NAMES) - 1}"
        )
    return (*points, (int(label), *_steps(x, y)))


def _steps(x: Any, y: Any) -> tuple[int, int]:
    if not is_number(x, -1, 1) or not is_number(y, -1, 1):
        raise ValueError("outside the plane, whose x and y go from -1 to 1, nothing is drawn")
    return round(SCALE * x), round(SCALE * y)


def erased(points: Points, x: Any, y: Any) -> Points:
    """Return the points without the one that is nearest to (x, y), in the units of the plane.

    Raises
    ------
    ValueError
        If none is near.

    Examples
    --------
    >>> erased(((0, 5, 5), (1, 50, 50)), 0.07, 0.06)
    ((1, 50, 50),)
    """
    steps = _steps(x, y)
    distances = [dist(point[1:], steps) for point in points]
    if not distances or min(distances) > _NEAR:
        raise ValueError("there is no sample to erase at this place of the plane")
    nearest = distances.index(min(distances))
    return points[:nearest] + points[nearest + 1 :]
