"""The scaling of features to angles, learned from the training data."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np

from qmlplay.model.values import ArrayValue, real_array
from qmlplay.typing import Real

__all__ = ["InputScaling"]


_FARTHEST = 1e15  # radians


@dataclass(frozen=True, eq=False)
class InputScaling(ArrayValue):
    """Features to radians: the range seen in training becomes [−π/2, π/2].

    Parameters
    ----------
    center, half_range : ndarray of shape (n_features,)
        Middle and half width of every feature's range; a constant feature becomes 0.

    Raises
    ------
    TypeError, ValueError
        If they are no real numbers, or a half range is not positive.

    Examples
    --------
    >>> scaling = InputScaling.from_data(np.array([[0.0, 5.0], [10.0, 5.0]]))
    >>> scaling.radians(np.array([[2.5, 5.0]])) / pi
    array([[-0.25,  0.  ]])
    """

    center: Real
    half_range: Real

    def __post_init__(self) -> None:
        object.__setattr__(self, "center", real_array("scaling_center", self.center))
        object.__setattr__(self, "half_range", real_array("scaling_half_range", self.half_range))
        if (self.half_range <= 0).any():
            raise ValueError("scaling_half_range must be positive, as features are divided by it")
        super().__post_init__()

    @classmethod
    def from_data(cls, X: Real) -> InputScaling:
        """Learn the range of every column."""
        # Halve before adding, so that values near the largest float do not overflow.
        low, high = X.min(axis=0) / 2, X.max(axis=0) / 2
        half_range = high - low
        return cls(low + high, np.where(half_range > 0, half_range, 1.0))

    @classmethod
    def from_range(cls, low: Real, high: Real) -> InputScaling:
        """Return the scaling of a known range, low < high of shape (n_features,).

        Examples
        --------
        >>> InputScaling.from_range(np.zeros(1), np.full(1, 10.0)).radians(np.array([[5.0]]))
        array([[0.]])
        """
        return cls(low / 2 + high / 2, high / 2 - low / 2)

    @classmethod
    def identity(cls, n_features: int) -> InputScaling:
        """Return the scaling that changes nothing: features are radians already."""
        return cls(np.zeros(n_features), np.full(n_features, pi / 2))

    @property
    def slope(self) -> Real:
        """Radians per unit of every feature, shape (n_features,)."""
        return np.asarray(pi / 2 / self.half_range)

    def radians(self, X: Real) -> Real:
        """Return X (n_samples, n_features) in radians.

        Values so far outside the training range that a float no longer resolves an angle stay
        finite: they are held at ±1e15.
        """
        with np.errstate(over="ignore"):
            radians = (X - self.center) / self.half_range * (pi / 2)
        return np.clip(radians, -_FARTHEST, _FARTHEST)
