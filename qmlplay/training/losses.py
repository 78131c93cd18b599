"""Losses of decision values, with exact derivatives.

Decision values are ``(n_samples, 1)`` for two classes, the log-odds of class 1, and
``(n_samples, n_classes)`` for more, whose softmax is the probabilities.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_softmax, softmax

from qmlplay.model.readout import probabilities
from qmlplay.typing import Real

__all__ = [
    "LOSSES",
    "PROPER",
    "Loss",
    "beats_prior",
    "constant_loss",
    "hinge",
    "log_loss",
    "prior_loss",
    "squared_error",
]

#: (decision values, class indices or numbers) → losses of the samples, and their derivatives.
Loss = Callable[[Real, NDArray[Any]], tuple[Real, Real]]


def log_loss(decisions: Real, y: NDArray[np.intp]) -> tuple[Real, Real]:
    """Return −log p(y) of every sample, and its derivatives by the decision values.

    Parameters
    ----------
    decisions : ndarray of shape (n_samples, 1) or (n_samples, n_classes)
        Decision values.
    y : ndarray of shape (n_samples,)
        Class indices.

    Returns
    -------
    loss : ndarray of shape (n_samples,)
    derivative : ndarray of the shape of `decisions`

    Examples
    --------
    >>> loss, slope = log_loss(np.array([[0.0]]), np.array([1]))
    >>> loss.round(3), slope
    (array([0.693]), array([[-0.5]]))
    """
    if decisions.shape[1] == 1:
        value = decisions[:, 0]
        loss = np.logaddexp(0, np.where(y == 1, -value, value))
        return loss, (expit(value) - y)[:, None]
    rows = np.arange(len(y))
    derivative = softmax(decisions, axis=1)
    derivative[rows, y] -= 1
    return -log_softmax(decisions, axis=1)[rows, y], derivative


def squared_error(decisions: Real, y: NDArray[np.intp]) -> tuple[Real, Real]:
    """Return Σ (p − target)² of every sample (the Brier score), and its derivatives.

    Parameters and returns are those of `log_loss`. The derivative goes through the whole
    Jacobian of the softmax, not its diagonal alone.

    Examples
    --------
    >>> loss, slope = squared_error(np.array([[0.0]]), np.array([1]))
    >>> loss, slope
    (array([0.5]), array([[-0.5]]))
    """
    p = probabilities(decisions)
    error = p.copy()
    error[np.arange(len(y)), y] -= 1
    derivative = 2 * p * (error - np.sum(p * error, axis=1, keepdims=True))
    if decisions.shape[1] == 1:
        derivative = derivative[:, 1:]  # the decision value is that of class 1 alone
    return np.sum(error**2, axis=1), derivative


def hinge(decisions: Real, y: NDArray[np.intp]) -> tuple[Real, Real]:
    """Return max(0, 1 − margin) of every sample, and its derivatives by the decision values.

    The margin is the decision value of two classes, with the sign of the true one; of more
    classes that of the true class less the largest other one (Crammer and Singer), as in
    ``sklearn.metrics.hinge_loss``. At the kink the derivative is 0.

    Parameters and returns are those of `log_loss`.

    References
    ----------
    Crammer and Singer, "On the Algorithmic Implementation of Multiclass Kernel-based Vector
    Machines", JMLR 2 (2001) 265.

    Examples
    --------
    >>> hinge(np.array([[0.25], [2.0]]), np.array([1, 1]))
    (array([0.75, 0.  ]), array([[-1.],
           [ 0.]]))
    """
    if decisions.shape[1] == 1:
        sign = np.where(y == 1, 1.0, -1.0)
        margin = sign * decisions[:, 0]
        return np.maximum(1 - margin, 0), np.where(margin < 1, -sign, 0.0)[:, None]
    rows = np.arange(len(y))
    others = decisions.copy()
    others[rows, y] = -np.inf
    rival = others.argmax(axis=1)
    margin = decisions[rows, y] - decisions[rows, rival]
    derivative = np.zeros_like(decisions)
    derivative[rows, rival] = margin < 1
    derivative[rows, y] = -derivative[rows, rival]
    return np.maximum(1 - margin, 0), derivative


LOSSES: dict[str, Loss] = {"log_loss": log_loss, "squared_error": squared_error, "hinge": hinge}
#: Those whose best constant answer is the shares of the classes.
PROPER = ("log_loss", "squared_error")


#: Share of the prior loss that a loss has to be below, so that noise alone does not count.
_CLEARLY_BELOW = 0.95
#: As many as a float has binary places.
_HALVINGS = 60


def prior_loss(loss_name: str, y: NDArray[np.intp], sample_weight: Real) -> float:
    """Return the weighted mean loss of predicting the shares of the classes for every sample.

    Nothing that does not look at the features has a lower one. For ``"log_loss"`` it is the
    entropy of the classes.

    Parameters
    ----------
    loss_name : {"log_loss", "squared_error"}
    y : ndarray of shape (n_samples,)
        Class indices.
    sample_weight : ndarray of shape (n_samples,)
        Positive weights.

    Examples
    --------
    >>> y = np.array([0, 1, 1, 1])
    >>> round(prior_loss("log_loss", y, np.ones(4)), 4)  # −¼ log ¼ − ¾ log ¾
    0.5623
    >>> prior_loss("squared_error", y, np.array([3.0, 1.0, 1.0, 1.0]))
    0.5
    """
    _, classes = np.unique(y, return_inverse=True)
    shares = np.bincount(classes, weights=sample_weight) / np.sum(sample_weight)
    if len(shares) == 1:
        return 0.0
    logits = np.log(shares)
    decisions = np.diff(logits) if len(logits) == 2 else logits
    losses, _ = LOSSES[loss_name](np.tile(decisions, (len(y), 1)), classes)
    return float(np.average(losses, weights=sample_weight))


def constant_loss(loss: Loss, y: Real, sample_weight: Real) -> float:
    """Return the weighted mean loss of the best constant for every target.

    Parameters
    ----------
    loss : callable
        Convex in the decision values, such as `qmlplay.training.regression_losses.huber`.
    y : ndarray of shape (n_samples, n_targets)
    sample_weight : ndarray of shape (n_samples,)
        Positive weights.

    Examples
    --------
    >>> from qmlplay.training.regression_losses import squared_distance
    >>> y = np.array([[1.0], [2.0], [6.0]])
    >>> round(constant_loss(squared_distance, y, np.ones(3)), 12)  # the variance
    4.666666666667
    """
    low, high = y.min(axis=0), y.max(axis=0)
    for _ in range(_HALVINGS):  # the slope of a convex loss changes its sign once
        middle = low / 2 + high / 2
        _, derivative = loss(np.broadcast_to(middle, y.shape), y)
        is_beyond = sample_weight @ derivative > 0
        low, high = np.where(is_beyond, low, middle), np.where(is_beyond, middle, high)
    losses, _ = loss(np.broadcast_to(low / 2 + high / 2, y.shape), y)
    return float(np.average(losses, weights=sample_weight))


def beats_prior(loss: float, prior: float) -> bool:
    """Return whether a loss is clearly below, by 5 %, the `prior_loss`: something is learned.

    Where there is but one class there is nothing to learn.

    Examples
    --------
    >>> beats_prior(0.67, np.log(2)), beats_prior(0.65, np.log(2))
    (False, True)
    """
    clearly_below = _CLEARLY_BELOW * prior if prior > 0 else prior / _CLEARLY_BELOW
    return bool(prior == 0 or loss < clearly_below)
