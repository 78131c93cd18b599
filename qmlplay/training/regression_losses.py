"""Losses of decision values against numbers, with exact derivatives.

Decision values and targets are ``(n_samples, n_targets)``, both in standard units (see
`qmlplay.model.TargetScaling`); the loss of a sample is the mean over its targets.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from qmlplay.training.losses import Loss
from qmlplay.typing import Real

__all__ = ["REGRESSION_LOSSES", "huber", "regression_loss", "squared_distance"]


def squared_distance(decisions: Real, y: Real) -> tuple[Real, Real]:
    """Return (decision − y)² of every sample, and its derivatives by the decision values.

    Parameters
    ----------
    decisions, y : ndarray of shape (n_samples, n_targets)

    Returns
    -------
    loss : ndarray of shape (n_samples,)
    derivative : ndarray of shape (n_samples, n_targets)

    Examples
    --------
    >>> squared_distance(np.array([[3.0]]), np.array([[1.0]]))
    (array([4.]), array([[4.]]))
    """
    error = decisions - y
    return np.mean(error**2, axis=1), 2 * error / error.shape[1]


def huber(decisions: Real, y: Real, *, epsilon: float) -> tuple[Real, Real]:
    """Return the squared error where it is at most ε², and beyond a line that goes on from there.

    Parameters and returns are those of `squared_distance`. As in
    ``sklearn.linear_model.HuberRegressor``, the line is 2 ε |decision − y| − ε².

    Parameters
    ----------
    decisions, y : ndarray of shape (n_samples, n_targets)
    epsilon : float
        Where the line begins, in standard units.

    References
    ----------
    Huber, "Robust Estimation of a Location Parameter", Ann. Math. Stat. 35 (1964).

    Examples
    --------
    >>> huber(np.array([[0.5], [3.0]]), np.zeros((2, 1)), epsilon=1.0)
    (array([0.25, 5.  ]), array([[1.],
           [2.]]))
    """
    error = decisions - y
    near = np.clip(error, -epsilon, epsilon)
    return np.mean(near * (2 * error - near), axis=1), 2 * near / error.shape[1]


REGRESSION_LOSSES = ("squared_error", "huber")


def regression_loss(name: str, huber_epsilon: float) -> Loss:
    """Return the function of a name of REGRESSION_LOSSES.

    Examples
    --------
    >>> regression_loss("squared_error", 1.35) is squared_distance
    True
    """
    return squared_distance if name == "squared_error" else partial(huber, epsilon=huber_epsilon)
