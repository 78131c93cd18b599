"""The scaling of features to angles, learned from the training data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import pi
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from qmlplay.model.values import ArrayValue, real_array
from qmlplay.typing import Real

__all__ = ["FARTHEST", "MOST_OUTLIERS", "InputScaling", "fills_a_turn"]


#: Share of a column that may be far from the rest before its most frequent value is left out.
MOST_OUTLIERS = 0.05
#: Share of a column from which on one value is too frequent to show how far others usually are.
_FREQUENT = 0.25
#: So many different values, or fewer, are levels rather than measurements: none is an outlier.
_MOST_LEVELS = 10
#: Radians at which angles are held; beyond, a float no longer resolves an angle.
FARTHEST = 1e15
#: How near to the ends of a turn angles have to come that fill it, in radians.
_NEAR = 0.1 * 2 * pi
_LARGEST = np.finfo(float).max


@dataclass(frozen=True, eq=False)
class InputScaling(ArrayValue):
    """Features to radians: center ± half_range becomes ±π/2, after far outliers are held.

    Parameters
    ----------
    center, half_range : ndarray of shape (n_features,)
        In the features' units. They are the middle and half the width of the range seen in
        training where that becomes [−π/2, π/2].
    low, high : ndarray of shape (n_features,), optional
        In the features' units: values below low count as low, and those above high as high; −∞
        and ∞ where nothing is held, as in all features when these are left out.

    Raises
    ------
    TypeError, ValueError
        If they are no real numbers, a half range is not positive, or low is not below high.

    Examples
    --------
    >>> scaling = InputScaling.from_data(np.array([[0.0, 5.0], [10.0, 5.0]]))
    >>> scaling.radians(np.array([[2.5, 5.0]])) / pi
    array([[-0.25,  0.  ]])
    >>> held = InputScaling(np.zeros(1), np.ones(1), low=np.array([-2.0]), high=np.array([3.0]))
    >>> held.radians(np.array([[-9.0], [0.5], [9.0]])).ravel() / pi
    array([-1.  ,  0.25,  1.5 ])
    """

    center: Real
    half_range: Real
    low: Real = None  # type: ignore[assignment]  # from None to an array once it is made
    high: Real = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        object.__setattr__(self, "center", real_array("scaling_center", self.center))
        object.__setattr__(self, "half_range", real_array("scaling_half_range", self.half_range))
        if (self.half_range <= 0).any():
            raise ValueError("scaling_half_range must be positive, as features are divided by it")
        self._check_limits()
        super().__post_init__()

    def _check_limits(self) -> None:
        for name, nowhere in (("low", -np.inf), ("high", np.inf)):
            limit = getattr(self, name)
            if limit is None:
                limit = np.full(self.center.shape, nowhere)
            limit = real_array(f"scaling_{name}", limit)
            if limit.shape != self.center.shape:
                raise ValueError(
                    f"scaling_{name} must have the shape of its center, {self.center.shape}, "
                    f"got {limit.shape}"
                )
            object.__setattr__(self, name, limit)
        if not (self.low < self.high).all():  # nor are they where one is NaN
            raise ValueError("scaling_low must be below scaling_high, as values are held between")

    @classmethod
    def from_data(
        cls, X: Real, input_range: tuple[float, float] = (-pi / 2, pi / 2)
    ) -> InputScaling:
        """Learn the range of every column, which becomes that in radians; a constant its middle.

        Values far outside all others, such as errors of typing or the largest incomes, are held
        at the nearest of Tukey's outer fences, three interquartile ranges from the quartiles.
        Else all others would be squeezed into a few degrees, or the angles of these would wrap
        around. In a column that has too many of them (more than one in twenty, or no
        interquartile range), the quartiles are those of all values but the most frequent one, if
        that makes up more than a quarter; so zeros do not decide which amounts are large. Where
        there are at most ten others, nothing is held.

        Examples
        --------
        >>> scaling = InputScaling.from_data(np.array([[10.0], [30.0]]), input_range=(0, 1))
        >>> scaling.radians(np.array([[10.0], [15.0], [30.0]])).ravel().round(12)
        array([0.  , 0.25, 1.  ])
        >>> incomes = np.append(np.arange(20.0, 61.0), 1e6)[:, None]  # fences: -31.25 and 112.25
        >>> scaling = InputScaling.from_data(incomes)
        >>> scaling.high, scaling.radians(np.array([[20.0], [112.25], [5e5]])).ravel() / pi
        (array([112.25]), array([-0.5,  0.5,  0.5]))
        """
        halves = X / 2  # so that values near the largest float do not overflow when added
        lower, upper = _holding_limits(halves)
        low, high = np.maximum(halves.min(axis=0), lower), np.minimum(halves.max(axis=0), upper)
        half_range = high - low
        scaling = cls._onto(low + high, np.where(half_range > 0, half_range, 1.0), input_range)
        with np.errstate(over="ignore"):
            return replace(scaling, low=2 * lower, high=2 * upper)

    @classmethod
    def from_range(
        cls, low: Real, high: Real, input_range: tuple[float, float] = (-pi / 2, pi / 2)
    ) -> InputScaling:
        """Return the scaling of a known range, low < high of shape (n_features,); it holds nothing.

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

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return what a model file keeps; limits, unknown before version 3, where it has some."""
        names = ("center", "half_range", *(("low", "high") if self.holds else ()))
        return {f"scaling_{name}": getattr(self, name) for name in names}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> InputScaling:
        """Return the scaling of a model file, and take its arrays out of those given."""
        center, half_range = arrays.pop("scaling_center"), arrays.pop("scaling_half_range")
        limits = {
            name: arrays.pop(f"scaling_{name}")
            for name in ("low", "high")
            if f"scaling_{name}" in arrays
        }
        return cls(center, half_range, **limits)

    @classmethod
    def identity(cls, n_features: int) -> InputScaling:
        """Return the scaling that changes nothing: features are radians already."""
        return cls(np.zeros(n_features), np.full(n_features, pi / 2))

    def times(self, bandwidth: float) -> InputScaling:
        """Return the scaling whose angles are so many times those of this one."""
        return self if bandwidth == 1 else replace(self, half_range=self.half_range / bandwidth)

    @property
    def holds(self) -> bool:
        """Whether values of any feature are held at a limit."""
        return bool(np.isfinite(self.low).any() or np.isfinite(self.high).any())

    @property
    def slope(self) -> Real:
        """Radians per unit of every feature between its limits, shape (n_features,)."""
        return np.asarray(pi / 2 / self.half_range)

    def is_held(self, X: Real) -> NDArray[np.bool_]:
        """Return which values of X (n_samples, n_features) are held at a limit."""
        return np.asarray((self.low > X) | (self.high < X))

    def slopes(self, X: Real) -> Real:
        """Return radians per unit of the features at X (n_samples, n_features), in its shape.

        They are 0 where a value is held.

        Examples
        --------
        >>> scaling = InputScaling(np.zeros(1), np.full(1, 10.0), high=np.array([3.0]))
        >>> scaling.slopes(np.array([[2.0], [4.0]])).ravel() / pi
        array([0.05, 0.  ])
        """
        return np.where(self.is_held(X), 0.0, self.slope)

    def radians(self, X: Real) -> Real:
        """Return X (n_samples, n_features) in radians.

        Values so far outside the training range that a float no longer resolves an angle stay
        finite: they are held at ±1e15.
        """
        with np.errstate(over="ignore"):
            held = np.clip(X, self.low, self.high)
            radians = (held - self.center) / self.half_range * (pi / 2)
        return np.clip(radians, -FARTHEST, FARTHEST)


def _holding_limits(X: Real) -> tuple[Real, Real]:
    """Return where far outliers are held, of shape (n_features,) each; ±∞ where there are none."""
    lower, upper = _outer_fences(X)
    share_far = ((lower > X) | (upper < X)).mean(axis=0)
    is_few = (lower < upper) & (share_far <= MOST_OUTLIERS)
    for k in np.flatnonzero(~is_few & (X.min(axis=0) < X.max(axis=0))):
        lower[k], upper[k] = _fences_of_many(X[:, k])
    is_far = (lower > X.min(axis=0)) | (upper < X.max(axis=0))
    is_limited = (lower < upper) & is_far
    return np.where(is_limited, lower, -np.inf), np.where(is_limited, upper, np.inf)


def _outer_fences(X: Real) -> tuple[Real, Real]:
    """Return the values three interquartile ranges from the quartiles of every column."""
    first, third = np.percentile(X, [25, 75], axis=0)
    with np.errstate(over="ignore"):
        reach = 3 * (third - first)
        return first - reach, third + reach


def _fences_of_many(column: Real) -> tuple[float, float]:
    """Return the fences of a column (n_samples,) of which too much is far, or nothing is usual.

    Its most frequent value, zero in most counts and amounts, is inside them whatever the others.
    """
    values, counts = np.unique(column, return_counts=True)
    frequent, is_frequent = values[counts.argmax()], counts.max() > _FREQUENT * len(column)
    others = column[column != frequent] if is_frequent else column
    if len(values) - is_frequent <= _MOST_LEVELS:
        return -np.inf, np.inf
    lower, upper = (float(fence) for fence in _outer_fences(others))
    if lower == upper:
        return -np.inf, np.inf
    return (min(lower, frequent), max(upper, frequent)) if is_frequent else (lower, upper)


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
