"""Losses of one's own: a pair of functions, and a check of it before anything is trained."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from qmlplay.checks import check_choice
from qmlplay.typing import Real

__all__ = ["LossFunctions", "LossPair", "check_loss", "check_loss_pair", "loss_pair"]

LossFunction = Callable[[Real, NDArray[Any]], Any]
#: The losses of the samples, and their derivatives, by decision values and answers.
LossFunctions = tuple[LossFunction, LossFunction]

#: Samples at which a derivative is compared with differences.
_N_COMPARED = 5
#: How far decision values are moved for that, and how far slopes may be off, relative to 1.
_STEP, _TOLERANCE = 1e-5, 1e-4


@final
@dataclass(frozen=True)
class LossPair:
    """A loss that somebody wrote, as training takes one.

    Parameters
    ----------
    value : callable
        ``value(decisions, y)`` returns the losses of the samples, shape (n_samples,).
    derivative : callable
        ``derivative(decisions, y)`` returns their derivatives by the decision values, shape
        (n_samples, n_outputs).

    Examples
    --------
    >>> pair = LossPair(lambda d, y: ((d - y) ** 4).sum(axis=1), lambda d, y: 4 * (d - y) ** 3)
    >>> pair(np.array([[2.0]]), np.array([[1.0]]))
    (array([1.]), array([[4.]]))
    """

    value: LossFunction
    derivative: LossFunction

    def __call__(self, decisions: Real, y: NDArray[Any]) -> tuple[Real, Real]:
        """Return the losses of the samples, and their derivatives."""
        losses = np.asarray(self.value(decisions, y), dtype=float)
        return losses, np.asarray(self.derivative(decisions, y), dtype=float)


def check_loss(name: str, value: Any, allowed: Collection[str]) -> None:
    """Raise TypeError or ValueError unless a value is one of the names, or a pair of functions.

    Examples
    --------
    >>> check_loss("loss", "hing", ["hinge", "log_loss"])
    Traceback (most recent call last):
    ValueError: unknown loss 'hing': did you mean 'hinge'? Allowed: 'hinge', 'log_loss'
    """
    if isinstance(value, str):
        check_choice(name, value, allowed)
    elif loss_pair(value) is None:
        raise TypeError(
            f"{name} must be one of {sorted(allowed)}, or a pair of functions: (loss, derivative), "
            f"loss(decisions, y) for the losses of the samples, shape (n_samples,), and "
            f"derivative(decisions, y), shape (n_samples, n_outputs); got {value!r}"
        )


def loss_pair(value: Any) -> LossPair | None:
    """Return the pair of functions that somebody gave, if it is one."""
    is_pair = isinstance(value, tuple | list) and len(value) == 2 and all(map(callable, value))
    return LossPair(*value) if is_pair else None


def check_loss_pair(pair: LossPair, y: NDArray[Any], n_outputs: int) -> None:
    """Try a pair on the answers of the training data, at random decision values in (−0.9, 0.9).

    Parameters
    ----------
    pair : LossPair
    y : ndarray of shape (n_samples,) or (n_samples, n_targets)
        As training gives it: class indices, or targets in standard units.
    n_outputs : int
        Decision values of a sample.

    Raises
    ------
    ValueError
        If shapes are wrong, something is not finite, or the derivative is not that of the loss.

    Examples
    --------
    >>> wrong = LossPair(lambda d, y: d[:, 0] ** 2, lambda d, y: d)
    >>> check_loss_pair(wrong, np.array([0, 1]), n_outputs=1)
    Traceback (most recent call last):
    ValueError: the second function of loss is not the derivative of the first: for y=0 and the
    decision values [0.247] it gives [0.247], and differences of the loss give [0.493]
    """
    decisions = np.random.default_rng(0).uniform(-0.9, 0.9, (len(y), n_outputs))
    of = f"for decisions of shape {decisions.shape} and y of shape {y.shape}"
    losses, slopes = pair(decisions.copy(), y)
    if losses.shape != (len(y),) or not np.isfinite(losses).all():
        raise ValueError(
            f"the first function of loss must return one finite number per sample, shape "
            f"({len(y)},), {of}; got {_described(losses)}"
        )
    if slopes.shape != decisions.shape or not np.isfinite(slopes).all():
        raise ValueError(
            f"the second function of loss must return finite derivatives by every decision value, "
            f"shape {decisions.shape}, {of}; got {_described(slopes)}"
        )
    rows = np.linspace(0, len(y) - 1, min(len(y), _N_COMPARED)).astype(int)
    _compare(pair, decisions[rows], y[rows])


def _compare(pair: LossPair, decisions: Real, y: NDArray[Any]) -> None:
    here, slopes = pair(decisions.copy(), y)
    below, above = np.empty((2, *decisions.shape))
    for k in range(decisions.shape[1]):
        step = _STEP * np.eye(decisions.shape[1])[k]
        above[:, k] = (pair(decisions + step, y)[0] - here) / _STEP
        below[:, k] = (here - pair(decisions - step, y)[0]) / _STEP
    # At a kink any slope between those of both sides will do.
    allowed = _TOLERANCE * np.maximum(1, np.abs(above))
    low, high = np.minimum(below, above) - allowed, np.maximum(below, above) + allowed
    is_wrong = ((slopes < low) | (slopes > high)).any(axis=1)
    if is_wrong.any():
        row = int(is_wrong.argmax())
        numeric = (below + above)[row] / 2
        raise ValueError(
            f"the second function of loss is not the derivative of the first: for y={y[row]} and "
            f"the decision values {_shown(decisions[row])} it gives {_shown(slopes[row])}, and "
            f"differences of the loss give {_shown(numeric)}"
        )


def _described(values: Real) -> str:
    return f"shape {values.shape}" + ("" if np.isfinite(values).all() else ", some not finite")


def _shown(values: Real) -> str:
    return str([float(f"{value:.3g}") for value in values])
