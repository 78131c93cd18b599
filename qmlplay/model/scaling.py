"""The scaling of features to angles, learned from the training data."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import Self

import numpy as np

from qmlplay.model.values import ArrayValue, real_array
from qmlplay.typing import Real

__all__ = ["MOST_OUTLIERS", "InputScaling", "fills_a_turn"]


#: Share of a column that may be far from the rest without a say in its range.
MOST_OUTLIERS = 0.05
_FARTHEST = 1e15  # radians
#: How near to the ends of a turn angles have to come that fill it, in radians.
_NEAR = 0.1 * 2 * pi
_LARGEST = np.finfo(float).max


@dataclass(frozen=True, eq=False)
class InputScaling(ArrayValue):
    """Features to radians: center ± half_range becomes ±π/2.

    Parameters
    ----------
    center, half_range : ndarray of shape (n_features,)
        In the features' units. They are the middle and half the width of the range seen in
        training where that becomes [−π/2, π/2].

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
    def from_data(
        cls, X: Real, input_range: tuple[float, float] = (-pi / 2, pi / 2)
    ) -> InputScaling:
        """Learn the range of every column, which becomes that in radians; a constant its middle.

        Few values far outside all others, such as errors of typing, do not count: at most one in
        twenty, beyond Tukey's outer fences (three interquartile ranges from the quartiles). Else
        all others would be squeezed into a few degrees.

        Examples
        --------
        >>> scaling = InputScaling.from_data(np.array([[10.0], [30.0]]), input_range=(0, 1))
        >>> scaling.radians(np.array([[10.0], [15.0], [30.0]])).ravel().round(12)
        array([0.  , 0.25, 1.  ])
        """
        # Halve before adding, so that values near the largest float do not overflow.
        low, high = _usual_range(X / 2)
        half_range = high - low
        return cls._onto(low + high, np.where(half_range > 0, half_range, 1.0), input_range)

    @classmethod
    def from_range(
        cls, low: Real, high: Real, input_range: tuple[float, float] = (-pi / 2, pi / 2)
    ) -> InputScaling:
        """Return the scaling of a known range, low < high of shape (n_features,).

        Examples
        --------
        >>> InputScaling.from_range(np.zeros(1), np.full(1, 10.0)).radians(np.array([[5.0]]))
        array([[0.]])
        """
        return cls._onto(low / 2 + high / 2, high / 2 - low / 2, input_range)

    @classmethod
    def _onto(cls, middle: Real, half_width: Real, input_range: tuple[float, float]) -> Self:
        start, end = input_range
        with np.errstate(over="ignore"):
            center = middle - half_width * ((start + end) / (end - start))
            half_range = half_width * (pi / (end - start))
        return cls(np.clip(center, -_LARGEST, _LARGEST), np.minimum(half_range, _LARGEST))

    def seen(self, input_range: tuple[float, float]) -> tuple[Real, Real]:
        """Return the features that become the ends of a range in radians."""
        start, end = (self.center + angle / (pi / 2) * self.half_range for angle in input_range)
        return start, end

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


def _usual_range(X: Real) -> tuple[Real, Real]:
    """Return the smallest and the largest value of every column, far outliers left out."""
    low, high = X.min(axis=0), X.max(axis=0)
    first, third = np.percentile(X, [25, 75], axis=0)
    reach = 3 * (third - first)
    lower_fence, upper_fence = first - reach, third + reach
    is_far = (lower_fence > X) | (upper_fence < X)
    has_outliers = (reach > 0) & (is_far.mean(axis=0) <= MOST_OUTLIERS)
    return (
        np.where(has_outliers, np.maximum(low, lower_fence), low),
        np.where(has_outliers, np.minimum(high, upper_fence), high),
    )


def fills_a_turn(X: Real) -> bool:
    """Return whether features (n_samples, n_features) look like angles in radians.

    They do where all of them lie in [0, 2π], or all in [−π, π], the smallest and the largest
    come within a tenth of a turn of its ends, and they are not all whole numbers.

    Examples
    --------
    >>> fills_a_turn(np.array([[0.2, 1.0], [6.1, 3.0]])), fills_a_turn(np.array([[0.2], [3.0]]))
    (True, False)
    """
    low, high = X.min(), X.max()
    is_turn = any(
        start - 1e-6 <= low <= start + _NEAR and end - _NEAR <= high <= end + 1e-6  # float32
        for start, end in ((0, 2 * pi), (-pi, pi))
    )
    return bool(is_turn and (X % 1).any())
