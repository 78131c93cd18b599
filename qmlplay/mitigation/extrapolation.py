"""Extrapolation to zero noise from values at several noise levels.

Both ways are linear in the values: a weight for each, and the weights sum to 1. So the price is
plain to see: shot noise grows by the square root of the sum of the squared weights.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from qmlplay.errors import unknown_name
from qmlplay.typing import Real

__all__ = ["EXTRAPOLATIONS", "extrapolate", "extrapolation_weights"]


def _linear(scale_factors: Real) -> Real:
    """Weights of the intercept of the straight line of least squares."""
    centered = scale_factors - scale_factors.mean()
    weights = 1 / len(centered) - scale_factors.mean() * centered / np.sum(centered**2)
    return np.asarray(weights)


def _richardson(scale_factors: Real) -> Real:
    """Weights of the value at 0 of the polynomial through all points: Lagrange's."""
    diagonal = np.eye(len(scale_factors), dtype=bool)
    gaps = np.where(diagonal, 1, scale_factors - scale_factors[:, None])  # [i, j]: s_j − s_i
    return np.asarray(np.prod(np.where(diagonal, 1, scale_factors / gaps), axis=1))


EXTRAPOLATIONS: dict[str, Callable[[Real], Real]] = {"linear": _linear, "richardson": _richardson}


def extrapolation_weights(scale_factors: Sequence[float], extrapolation: str) -> Real:
    """Return the weight of every value in the estimate at zero noise.

    Parameters
    ----------
    scale_factors : sequence of float
        Noise levels, at least two different ones.
    extrapolation : {"linear", "richardson"}
        "linear" is the straight line of least squares: robust, biased where the decay is curved.
        "richardson" is the polynomial through all points (Temme, Bravyi and Gambetta,
        arXiv:1612.02058): less bias, and more shot noise.

    Returns
    -------
    ndarray of shape (n_scale_factors,)
        They sum to 1.

    Raises
    ------
    ValueError
        If the name is unknown, or the scale factors are fewer than two, not finite, or repeated.

    Examples
    --------
    >>> extrapolation_weights([1, 3], "linear"), extrapolation_weights([1, 2, 3], "richardson")
    (array([ 1.5, -0.5]), array([ 3., -3.,  1.]))
    """
    if extrapolation not in EXTRAPOLATIONS:
        raise unknown_name("extrapolation", extrapolation, EXTRAPOLATIONS)
    levels = np.asarray(scale_factors, dtype=float)
    if levels.ndim != 1 or len(levels) < 2 or not np.isfinite(levels).all():
        raise ValueError(
            f"scale_factors must be at least two finite numbers, such as (1, 3, 5); "
            f"got {scale_factors!r}"
        )
    if len(np.unique(levels)) < len(levels):
        raise ValueError(f"scale_factors must differ from each other; got {scale_factors!r}")
    return EXTRAPOLATIONS[extrapolation](levels)


def extrapolate(
    scale_factors: Sequence[float], values: ArrayLike, extrapolation: str = "linear"
) -> Real:
    """Return the estimate at zero noise.

    Parameters
    ----------
    scale_factors : sequence of float
        Noise levels, at least two different ones.
    values : array-like of shape (n_scale_factors, ...)
        The value at each.
    extrapolation : {"linear", "richardson"}, default="linear"
        As in `extrapolation_weights`.

    Returns
    -------
    ndarray of shape (...)

    Raises
    ------
    ValueError
        As in `extrapolation_weights`, or if there is not one value per scale factor.

    Examples
    --------
    >>> float(extrapolate([1, 2, 3], [0.9, 0.8, 0.7]).round(6))
    1.0
    """
    weights = extrapolation_weights(scale_factors, extrapolation)
    array = np.asarray(values, dtype=float)
    if array.ndim == 0 or len(array) != len(weights):
        raise ValueError(
            f"values must have one entry per scale factor, {len(weights)}; got shape {array.shape}"
        )
    return np.asarray(np.tensordot(weights, array, axes=1))
