"""The scaling of targets to standard units, learned from the training data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from qmlplay.model.values import ArrayValue, real_array
from qmlplay.typing import Real

__all__ = ["TargetScaling"]

#: Half the width of the middle half of a normal distribution, in standard deviations.
_QUARTILE = 0.6744897501960817


@final
@dataclass(frozen=True, eq=False)
class TargetScaling(ArrayValue):
    """Targets to standard units: (y − center) / scale.

    Parameters
    ----------
    center, scale : ndarray of shape () or (n_targets,)
        In the targets' units; of shape () where y is one column of shape (n_samples,).

    Raises
    ------
    TypeError, ValueError
        If they are no finite real numbers of one shape, or a scale is not positive.

    Examples
    --------
    >>> scaling = TargetScaling.from_data(np.array([10.0, 30.0]), np.ones(2))
    >>> scaling
    TargetScaling(center=array(20.), scale=array(10.))
    >>> scaling.standardized(np.array([25.0])), scaling.values(np.array([[0.5]]))
    (array([[0.5]]), array([25.]))
    """

    center: Real
    scale: Real

    def __post_init__(self) -> None:
        object.__setattr__(self, "center", real_array("target_center", self.center))
        object.__setattr__(self, "scale", real_array("target_scale", self.scale))
        shapes = {self.center.shape, self.scale.shape}
        if len(shapes) > 1 or self.center.ndim > 1 or self.center.size == 0:
            raise ValueError(
                f"target_center and target_scale must be numbers, or arrays of shape "
                f"(n_targets,); got shapes {self.center.shape} and {self.scale.shape}"
            )
        if not np.isfinite(self.center).all() or not (np.isfinite(self.scale).all()):
            raise ValueError("target_center and target_scale must be finite")
        if (self.scale <= 0).any():
            raise ValueError("target_scale must be positive, as targets are divided by it")
        super().__post_init__()

    @classmethod
    def from_data(
        cls, y: Real, sample_weight: Real, *, robust: bool = False, to_range: bool = False
    ) -> TargetScaling:
        """Learn the middle and the spread of every target.

        A constant one has its own size for a spread, or 1 where it is 0.

        Parameters
        ----------
        y : ndarray of shape (n_samples,) or (n_samples, n_targets)
        sample_weight : ndarray of shape (n_samples,)
            Not negative, at least one positive.
        robust : bool, default=False
            Whether to take the median, and the spread from the quartiles, which far outliers
            do not move, in place of mean and standard deviation. It is the standard deviation
            all the same where half of the values are equal.
        to_range : bool, default=False
            Whether to take the middle and half of the range, so that targets fill [−1, 1], as
            expectations do.

        Examples
        --------
        >>> y = np.array([1.0, 2.0, 3.0, 4.0, 1e9])
        >>> TargetScaling.from_data(y, np.ones(5), robust=True).center
        array(3.)
        """
        # Of the size of 1, so that no square over- or underflows.
        size = np.abs(y).max(axis=0)
        size = np.where(size > 0, size, 1.0)
        shares = sample_weight / sample_weight.sum()
        unit = y / size
        center = shares @ unit
        spread = np.sqrt(shares @ (unit - center) ** 2)
        if robust:
            first, middle, third = (_quantile(unit, shares, q) for q in (0.25, 0.5, 0.75))
            quartiles = (third - first) / (2 * _QUARTILE)
            center, spread = middle, np.where(quartiles > _rounding(middle), quartiles, spread)
        if to_range:
            low, high = unit.min(axis=0), unit.max(axis=0)
            center, spread = (low + high) / 2, (high - low) / 2
        is_constant = spread <= _rounding(center)
        spread = np.where(is_constant, 1.0, spread)
        return cls(size * center, np.maximum(size * spread, _TINY))

    @property
    def n_targets(self) -> int:
        """Number of targets."""
        return self.center.size

    def standardized(self, y: Real) -> Real:
        """Return targets (n_samples,) or (n_samples, n_targets) as (n_samples, n_targets)."""
        difference = y / 2 - self.center / 2  # halves do not overflow
        is_rounding = np.abs(difference) <= 5 * np.finfo(float).eps * np.abs(self.center)
        with np.errstate(over="ignore"):
            values = np.where(is_rounding, 0.0, difference) / (self.scale / 2)
        return np.asarray(np.clip(values, -_FARTHEST, _FARTHEST).reshape(len(y), self.n_targets))

    def values(self, decisions: Real) -> Real:
        """Return decision values (n_samples, n_targets) in the units and the shape of y."""
        rows = decisions.reshape(len(decisions), *self.center.shape)
        with np.errstate(over="ignore"):
            values = self.center + self.scale * rows
        return np.asarray(np.clip(values, -_LARGEST, _LARGEST))


_LARGEST = np.finfo(float).max
_TINY = np.finfo(float).tiny
#: Standard units beyond which a square would overflow in a sum.
_FARTHEST = 1e100


def _rounding(center: Real) -> Real:
    """Return the spread, for values of the size of 1, that is nothing but rounding."""
    return 10 * np.finfo(float).eps * np.maximum(np.abs(center), 1e-8)


def _quantile(y: Real, shares: Real, q: float) -> Real:
    """Return the weighted quantile of every column."""
    weights = shares if y.ndim == 1 else np.broadcast_to(shares[:, None], y.shape)
    return np.asarray(np.quantile(y, q, axis=0, weights=weights, method="inverted_cdf"))
