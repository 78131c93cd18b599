"""Curves of a run: loss and accuracy on training and test data, at the steps that were drawn."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["MOST_POINTS", "CurvePoint", "extended"]

#: Beyond, every other one of the earlier points is left out.
MOST_POINTS = 400


class CurvePoint(NamedTuple):
    """A model's scores after a step.

    Parameters
    ----------
    step : int
    train_loss, test_loss : float
        Mean log-loss.
    train_accuracy, test_accuracy : float
    """

    step: int
    train_loss: float
    test_loss: float
    train_accuracy: float
    test_accuracy: float

    def to_list(self) -> list[Any]:
        """Return the values that the page needs."""
        return [self.step, *(float(f"{value:.5g}") for value in self[1:])]


def extended(curve: tuple[CurvePoint, ...], point: CurvePoint) -> tuple[CurvePoint, ...]:
    """Return a curve with another point, instead of what was there from that step on.

    Examples
    --------
    >>> start = CurvePoint(0, 0.7, 0.7, 0.5, 0.5)
    >>> again = start._replace(step=1)
    >>> [point.step for point in extended((start, again, again._replace(step=2)), again)]
    [0, 1]
    """
    kept = tuple(earlier for earlier in curve if earlier.step < point.step)
    if len(kept) >= MOST_POINTS:
        kept = kept[::2]
    return (*kept, point)
