"""A refined grid: a classifier asked on a coarse grid, and on a fine one where classes meet."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from qmlplay.typing import Real
from qmlplay.widget.data.plane import Plane

__all__ = ["refined"]

#: Cells along each side of the coarse grid, and fine ones in each.
_CELLS, _FINER = 60, 4
#: Points along each side for a classifier with steps, some of which are close together.
_POINTS_WITH_STEPS = 301
#: Points along each side that are asked twice, and how far from each other, of the side.
_PROBES, _HAIR = 12, 1e-7


def refined(predict_proba: Callable[[Real], Real], plane: Plane) -> tuple[Real, bool]:
    """Return class probabilities on a fine grid over the plane, and whether they have steps.

    Where the corners of a coarse cell, or of one beside it, are not of one class, all fine points
    are asked; elsewhere they follow from the corners in straight lines. Trees and neighbours
    have steps, some close together, and a straight line across one would be wrong on both sides:
    they are asked everywhere, and each answer holds as far as half-way to the next.

    Parameters
    ----------
    predict_proba : callable
        ``predict_proba(X)`` of points (n, 2) returns (n, n_classes).
    plane : Plane

    Returns
    -------
    probabilities : ndarray of shape (resolution, resolution, n_classes)
        From the top left.
    has_steps : bool
    """
    if not _has_steps(predict_proba, plane):
        return _asked_near_edges(predict_proba, plane, _CELLS, _FINER), False
    side = _POINTS_WITH_STEPS
    p = np.asarray(predict_proba(plane.grid(side)), dtype=float)
    return p.reshape(side, side, -1), True


def _has_steps(predict_proba: Callable[[Real], Real], plane: Plane) -> bool:
    """Return whether probabilities mostly stay the same a hair's breadth away, yet not across."""
    X = plane.grid(_PROBES)
    hair = _HAIR * (X.max(axis=0) - X.min(axis=0))
    here, beside = (np.asarray(predict_proba(points)) for points in (X, X + hair))
    is_same = (here == beside).all(axis=1)
    return bool(np.ptp(here, axis=0).max() > 0 and is_same.mean() > 0.5)


def _asked_near_edges(
    predict_proba: Callable[[Real], Real], plane: Plane, cells: int, finer: int
) -> Real:
    side = cells * finer + 1
    X = plane.grid(side)
    coarse = np.arange(0, side, finer)
    corners = (coarse[:, None] * side + coarse).ravel()
    known = np.asarray(predict_proba(X[corners]), dtype=float).reshape(cells + 1, cells + 1, -1)
    p = _between(known, finer)
    asked = _near_edges(known.argmax(axis=2), finer).ravel()
    if asked.any():
        p.reshape(side**2, -1)[asked] = predict_proba(X[asked])
    return p


def _between(corners: Real, finer: int) -> Real:
    """Return values (n, n, k) of corners with others in straight lines between them."""
    side = (len(corners) - 1) * finer + 1
    places = np.arange(side) / finer
    low = np.minimum(places.astype(int), len(corners) - 2)
    share = (places - low)[:, None, None]
    rows = corners[low] * (1 - share) + corners[low + 1] * share
    share = share.transpose(1, 0, 2)
    return np.asarray(rows[:, low] * (1 - share) + rows[:, low + 1] * share)


def _near_edges(classes: NDArray[np.intp], finer: int) -> NDArray[np.bool_]:
    """Return which fine points are in a coarse cell where classes meet, or in one beside it."""
    around = np.stack([classes[:-1, :-1], classes[1:, :-1], classes[:-1, 1:], classes[1:, 1:]])
    mixed = maximum_filter(around.min(axis=0) != around.max(axis=0), size=3)
    cell = np.minimum(np.arange(len(mixed) * finer + 1) // finer, len(mixed) - 1)
    return np.asarray(mixed[np.ix_(cell, cell)])
