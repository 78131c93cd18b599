"""The best answer that does not look at the features, for any loss: found numerically."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from qmlplay.training.losses import Loss
from qmlplay.typing import Real

__all__ = ["best_constant_loss"]


def best_constant_loss(
    loss: Loss,
    y: NDArray[Any],
    sample_weight: Real,
    n_outputs: int,
    limits: tuple[Real, Real] | None = None,
) -> float | None:
    """Return the least weighted mean loss of the same decision values for all samples.

    Of a loss that is not convex it may be a local minimum.

    Parameters
    ----------
    loss : callable
        As in `qmlplay.training.losses`.
    y : ndarray of shape (n_samples,) or (n_samples, n_targets)
        Class indices, or numbers in standard units.
    sample_weight : ndarray of shape (n_samples,)
        Positive weights.
    n_outputs : int
        Decision values of a sample.
    limits : pair of ndarray of shape (n_outputs,), optional
        The smallest and the largest decision values that there can be.

    Returns
    -------
    float or None
        None where the loss is nowhere finite. 0 where there is but one class.

    Examples
    --------
    >>> from qmlplay.training.losses import hinge
    >>> y = np.array([0, 0, 0, 1])
    >>> round(best_constant_loss(hinge, y, np.ones(4), n_outputs=1), 6)  # 2 · 1/4
    0.5
    """
    answers, shares = _distinct(y, sample_weight)
    if y.ndim == 1 and len(answers) == 1:
        return 0.0
    low, high = limits or (np.full(n_outputs, -np.inf), np.full(n_outputs, np.inf))

    def mean(decisions: Real) -> tuple[float, Real]:
        rows = np.broadcast_to(decisions, (len(answers), n_outputs)).copy()
        losses, slopes = loss(rows, answers)
        return float(shares @ losses), shares @ slopes

    found = []
    bounds = list(zip(low, high, strict=True))
    with np.errstate(all="ignore"):
        for start in _starts(answers, n_outputs):
            inside = np.clip(start, low, high)
            smooth = minimize(mean, inside, jac=True, method="L-BFGS-B", bounds=bounds)
            found += [(mean(w)[0], w) for w in (inside, np.clip(smooth.x, low, high))]
        finite = [pair for pair in found if np.isfinite(pair[0])]
        if not finite:
            return None
        least, best = min(finite, key=lambda pair: pair[0])
        # The minimum of a loss with kinks is at one of them.
        options = {"xatol": 1e-10, "fatol": 1e-14, "maxiter": 200 * n_outputs}
        last = minimize(
            lambda w: mean(w)[0], best, method="Nelder-Mead", bounds=bounds, options=options
        )
    return float(min(least, last.fun)) if np.isfinite(last.fun) else least


def _distinct(y: NDArray[Any], sample_weight: Real) -> tuple[NDArray[Any], Real]:
    """Return the different answers, and their shares."""
    answers, index = np.unique(y, axis=0, return_inverse=True)
    return answers, np.bincount(index.ravel(), weights=sample_weight) / np.sum(sample_weight)


def _starts(answers: NDArray[Any], n_outputs: int) -> list[Real]:
    """Return where to begin: nothing said, each output alone, and middles of the targets."""
    starts = [np.zeros(n_outputs), *np.eye(n_outputs), *-np.eye(n_outputs)]
    if answers.ndim > 1:
        starts += [answers.mean(axis=0), np.median(answers, axis=0)]
    return starts
