"""The sum of features."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import mul
from typing import Self

import numpy as np

from qmlplay.circuit.formulas.formula import Angle, BilinearTerm, Formula, array_functions
from qmlplay.typing import Real

__all__ = ["FeatureSum"]


@dataclass(frozen=True)
class FeatureSum(Formula):
    """A sum of features on one gate: scale · Σ x[i], each times a weight where there are weights.

    Turns about one axis add up, so this is what a turn per feature would be, as one gate.

    Parameters
    ----------
    indices : tuple of int
        Which columns of X are added, from 0 on, each once.
    scale : float, default=1.0
        Factor of the sum, which is then the angle in radians.
    weight : int, optional
        Index of the weight that multiplies the first feature; those of the others follow it.

    Raises
    ------
    ValueError
        If a column comes twice.

    Examples
    --------
    >>> import numpy as np
    >>> from qmlplay.circuit import FeatureSum
    >>> X = np.array([[0.5, 1.0], [2.0, 3.0]])
    >>> FeatureSum((0, 1), scale=0.5).value(X, np.array([]))
    array([0.75, 2.5 ])
    >>> FeatureSum((0, 1), weight=0).value(X, np.array([1.0, -1.0]))
    array([-0.5, -1. ])
    """

    indices: tuple[int, ...]
    scale: float = 1.0
    weight: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(set(self.indices)) < len(self.indices):
            raise ValueError(f"indices of FeatureSum must differ, got {self.indices!r}")

    def _factors(self, w: Real) -> Real:
        if self.weight is None:
            return np.full(len(self.indices), self.scale)
        return self.scale * w[self.weight : self.weight + len(self.indices)]

    def value(self, X: Real, w: Real) -> Angle:
        """Return the sum for every row of X."""
        if array_functions(X) is np:
            angle: Angle = X[:, self.indices] @ self._factors(w)
            return angle
        columns = [X[:, i] for i in self.indices]
        factors = [w[i] for i in self.weights] or [1.0] * len(columns)
        return self.scale * sum(map(mul, factors, columns), start=0.0)

    @property
    def bilinear_terms(self) -> tuple[BilinearTerm, ...]:
        """A term for every feature."""
        weights = self.weights or (None,) * len(self.indices)
        return tuple(
            (self.scale, weight, i) for weight, i in zip(weights, self.indices, strict=True)
        )

    def weight_gradient(self, gradient: Angle, X: Real, w: Real, out: Real) -> None:
        """Add the gradient by every weight."""
        if self.weight is not None:
            by_weight = self.scale * (np.asarray(gradient) @ X[:, self.indices])
            out[self.weight : self.weight + len(self.indices)] += by_weight

    def input_gradient(self, gradient: Angle, X: Real, w: Real, out: Real) -> None:
        """Add factor · gradient to every feature's column."""
        out[:, self.indices] += np.multiply.outer(gradient, self._factors(w))

    def shifted(self, n_weights: int) -> Self:
        """Return the formula with its weights n_weights places further on."""
        return self if self.weight is None else replace(self, weight=self.weight + n_weights)

    @property
    def weights(self) -> tuple[int, ...]:
        """The trainable factors, if there are any."""
        return self.scaling_weights

    @property
    def features(self) -> tuple[int, ...]:
        """The features added."""
        return self.indices

    @property
    def scaling_weight(self) -> int | None:
        """The first of the trainable factors, if there are any."""
        return self.weight

    @property
    def scaling_weights(self) -> tuple[int, ...]:
        """The trainable factors, if there are any."""
        if self.weight is None:
            return ()
        return tuple(range(self.weight, self.weight + len(self.indices)))

    def with_scaling(self, weight: int) -> Self:
        """Return the sum with a weight for every feature, numbered from that on."""
        return replace(self, weight=weight)
