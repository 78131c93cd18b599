"""The product of features."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from operator import mul
from typing import Self

import numpy as np

from qmlplay.circuit.formulas.formula import Angle, Formula
from qmlplay.typing import Real

__all__ = ["FeatureProduct"]


@dataclass(frozen=True)
class FeatureProduct(Formula):
    """A product of shifted features: scale · Π (shift − x[i]), times w[weight] if there is one.

    With shift π and scale 2 it is the pair angle of the ZZ feature map, with shift 0 that
    of an IQP encoding.

    Parameters
    ----------
    indices : tuple of int
        Which columns of X are multiplied, from 0 on.
    scale : float, default=1.0
        Factor of the product, which is then the angle in radians.
    shift : float, default=0.0
        What the features are subtracted from.
    weight : int, optional
        Index of a weight that multiplies the product.

    References
    ----------
    Havlíček et al., "Supervised learning with quantum-enhanced feature spaces",
    arXiv:1804.11326.

    Examples
    --------
    >>> import numpy as np
    >>> from qmlplay import FeatureProduct
    >>> X = np.array([[0.5, 1.0], [2.0, 3.0]])
    >>> FeatureProduct((0, 1)).value(X, np.array([]))
    array([0.5, 6. ])
    >>> FeatureProduct((0, 1), scale=2.0, shift=np.pi).value(X, np.array([])).round(3)
    array([11.314,  0.323])
    """

    indices: tuple[int, ...]
    scale: float = 1.0
    shift: float = 0.0
    weight: int | None = None

    def _product(self, X: Real, without: int | None = None) -> Real:
        factors = [self.shift - X[:, i] for k, i in enumerate(self.indices) if k != without]
        return reduce(mul, factors) if factors else np.ones(len(X))

    def _factor(self, w: Real) -> float:
        return self.scale if self.weight is None else self.scale * w[self.weight]

    def value(self, X: Real, w: Real) -> Angle:
        """Return the product for every row of X."""
        return self._factor(w) * self._product(X)

    def weight_gradient(self, gradient: Angle, X: Real, w: Real, out: Real) -> None:
        """Add the gradient by the trainable factor."""
        if self.weight is not None:
            out[self.weight] += self.scale * np.dot(gradient, self._product(X))

    def input_gradient(self, gradient: Angle, X: Real, w: Real, out: Real) -> None:
        """Add the product rule's terms, one for every factor."""
        for k, i in enumerate(self.indices):
            out[:, i] -= self._factor(w) * gradient * self._product(X, without=k)

    def shifted(self, n_weights: int) -> Self:
        """Return the formula with its weight n_weights places further on."""
        return self if self.weight is None else replace(self, weight=self.weight + n_weights)

    @property
    def weights(self) -> tuple[int, ...]:
        """The trainable factor, if there is one."""
        return () if self.weight is None else (self.weight,)

    @property
    def features(self) -> tuple[int, ...]:
        """The features multiplied."""
        return self.indices

    @property
    def scaling_weight(self) -> int | None:
        """The trainable factor, if there is one."""
        return self.weight

    def with_scaling(self, weight: int) -> Self:
        """Return the product times w[weight]."""
        return replace(self, weight=weight)
