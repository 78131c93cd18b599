"""Cotangents and the gradients made of them: the weights of a sum, and lists like the angles.

A sample whose cotangents hold NaN or infinity has the derivative NaN by every angle that is asked
for, and so has a shared angle; the other samples' own angles do not notice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from math import isfinite

import numpy as np
from numpy.typing import ArrayLike

from qmlplay.circuit import Angle
from qmlplay.typing import Integers, Real

__all__ = [
    "Cotangents",
    "Pullback",
    "add_rows",
    "added",
    "check_cotangents",
    "cotangents_of",
    "finite_cotangents",
    "make_unknown",
    "zeros_like",
]

Cotangents = Real | Callable[[Real, slice], Real]
#: From cotangents (n_samples, n_observables) to gradients like the angles.
Pullback = Callable[[ArrayLike], list[Angle]]


def check_cotangents(cotangents: ArrayLike, shape: tuple[int, ...]) -> Real:
    """Return cotangents as floats.

    Raises
    ------
    ValueError
        If they have another shape, or are complex.
    """
    if np.shape(cotangents) != shape:
        raise ValueError(f"cotangents must have shape {shape}, got {np.shape(cotangents)}")
    if np.iscomplexobj(cotangents):
        raise ValueError("cotangents are complex: they are real numbers, as expectations are")
    return np.asarray(cotangents, dtype=float)


def cotangents_of(cotangents: Cotangents, values: Real, rows: slice) -> Real:
    """Return the cotangents of the samples `rows`, whose expectations are `values`."""
    return cotangents(values, rows) if callable(cotangents) else cotangents[rows]


def finite_cotangents(weights: Real) -> tuple[Real, Integers]:
    """Return cotangents with 0 in rows that hold NaN or infinity, and the numbers of these rows.

    Examples
    --------
    >>> finite_cotangents(np.array([[1.0, 2.0], [np.nan, 3.0]]))
    (array([[1., 2.],
           [0., 0.]]), array([1]))
    """
    # One NaN or infinity spoils the sum of squares: the common case costs one product.
    if isfinite(np.vdot(weights, weights)):
        return weights, _NO_ROWS
    is_known = np.asarray(np.isfinite(weights).all(axis=1))
    return np.where(is_known[:, None], weights, 0.0), np.flatnonzero(~is_known)


_NO_ROWS = np.zeros(0, dtype=np.intp)


def make_unknown(gradients: list[Angle], rows: Integers, wanted: Collection[int]) -> list[Angle]:
    """Return gradients with NaN where some samples have a part in them, by the slots wanted.

    Examples
    --------
    >>> make_unknown([1.0, np.ones(3), 2.0], np.array([2]), {0, 1})
    [nan, array([ 1.,  1., nan]), 2.0]
    """
    if len(rows):
        for slot in wanted:
            gradient = gradients[slot]
            if isinstance(gradient, np.ndarray):
                gradient[rows] = np.nan
            else:
                gradients[slot] = np.nan
    return gradients


def zeros_like(angles: Sequence[Angle]) -> list[Angle]:
    """Return gradients of 0: a float for a float, an array for an array."""
    return [np.zeros(a.shape) if isinstance(a, np.ndarray) else 0.0 for a in angles]


def add_rows(total: list[Angle], gradients: Sequence[Angle], rows: slice) -> None:
    """Add gradients found on the samples `rows` to those of the whole batch."""
    for slot, gradient in enumerate(gradients):
        if isinstance(gradient, np.ndarray):
            total[slot][rows] += gradient  # type: ignore[index]
        else:
            total[slot] += gradient


def added(gradients: Sequence[Sequence[Angle]]) -> list[Angle]:
    """Return the sum of several lists of gradients, angle by angle.

    Examples
    --------
    >>> added([[1.0, np.zeros(2)], [2.0, np.ones(2)]])
    [3.0, array([1., 1.])]
    """
    first, *others = gradients
    return [sum(others, start=one) for one, *others in zip(first, *others, strict=True)]
