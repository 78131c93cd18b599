"""Polynomials of features and weights, for angles that no simpler formula has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add, mul
from typing import Any, Self

import numpy as np

from qmlplay.circuit.formulas.formula import Angle, BilinearTerm, Formula, shared_angle
from qmlplay.typing import Real

__all__ = ["Polynomial", "Term"]

#: (coefficient, features, weights): an index that comes twice stands for a square, and so on.
Term = tuple[float, tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True)
class Polynomial(Formula):
    """A sum of terms: Σ coefficient · Π x[i] · Π w[j].

    Circuits from elsewhere have such angles: 2·w[0] + π/2, say, or w[0]·(x[0]² − x[1]).

    Parameters
    ----------
    terms : tuple of (float, tuple of int, tuple of int)
        Coefficient in radians, the features multiplied, and the weights multiplied; an index
        given twice is a square. Terms and indices are put into a fixed order.

    Raises
    ------
    ValueError
        If there is no term, a coefficient is not finite, an index is no integer from 0 on, or two
        terms multiply the same.

    Examples
    --------
    >>> import numpy as np
    >>> from qmlplay.circuit import Polynomial
    >>> X, w = np.array([[0.5, 1.0], [2.0, 3.0]]), np.array([10.0])
    >>> Polynomial(((1.0, (0, 0), ()), (2.0, (), (0,)))).value(X, w)  # x0² + 2·w0
    array([20.25, 24.  ])
    """

    terms: tuple[Term, ...]

    def __post_init__(self) -> None:
        came: Any = self.terms
        if not isinstance(came, Iterable) or not (rows := list(came)):
            raise ValueError(
                f"terms of Polynomial must be a tuple of (coefficient, features, weights), such as "
                f"((1.0, (0, 0), ()),) for x0²; got {came!r}"
            )
        terms = sorted((self._term(row) for row in rows), key=lambda term: term[1:])
        if len({term[1:] for term in terms}) < len(terms):
            raise ValueError(f"terms of Polynomial must multiply different things, got {came!r}")
        object.__setattr__(self, "terms", tuple(terms))

    def _term(self, row: Any) -> Term:
        if not isinstance(row, tuple | list) or len(row) != 3:
            raise ValueError(
                f"a term of Polynomial is (coefficient, features, weights), got {row!r}"
            )
        features, weights = (
            tuple(sorted(self._index(name, i) for i in indices))
            for name, indices in zip(("features", "weights"), row[1:], strict=True)
        )
        return float(self._number("coefficient", row[0])), features, weights

    def value(self, X: Real, w: Real) -> Angle:
        """Return the sum for every row of X, or one number where it reads no feature."""
        products = (_product(c, features, weights, X, w) for c, features, weights in self.terms)
        angle: Angle = shared_angle(reduce(add, products))
        return angle

    @property
    def bilinear_terms(self) -> tuple[BilinearTerm, ...] | None:
        """The terms, where each has one weight and one feature at most, and no feature two."""
        is_bilinear = all(len(x) <= 1 and len(w) <= 1 for _, x, w in self.terms)
        if not is_bilinear or len({x for _, x, _ in self.terms}) < len(self.terms):
            return None
        return tuple((c, _only(w), _only(x)) for c, x, w in self.terms)

    def weight_gradient(self, gradient: Angle, X: Real, w: Real, out: Real) -> None:
        """Add the derivatives of every term by its weights."""
        for coefficient, features, weights in self.terms:
            for place, j in enumerate(weights):
                others = weights[:place] + weights[place + 1 :]
                slope = _product(coefficient, features, others, X, w)
                out[j] += np.sum(gradient * slope)

    def input_gradient(self, gradient: Angle, X: Real, w: Real, out: Real) -> None:
        """Add the derivatives of every term by its features."""
        for coefficient, features, weights in self.terms:
            for place, i in enumerate(features):
                others = features[:place] + features[place + 1 :]
                out[:, i] += gradient * _product(coefficient, others, weights, X, w)

    def shifted(self, n_weights: int) -> Self:
        """Return the polynomial with its weights n_weights places further on."""
        return type(self)(
            tuple((c, features, tuple(j + n_weights for j in w)) for c, features, w in self.terms)
        )

    @property
    def weights(self) -> tuple[int, ...]:
        """Every weight in it, once."""
        return tuple(sorted({j for _, _, weights in self.terms for j in weights}))

    @property
    def features(self) -> tuple[int, ...]:
        """Every feature in it, once."""
        return tuple(sorted({i for _, features, _ in self.terms for i in features}))

    @property
    def scaling_weight(self) -> int | None:
        """The first weight that multiplies a feature, if there is one."""
        return next(iter(self.scaling_weights), None)

    @property
    def scaling_weights(self) -> tuple[int, ...]:
        """Every weight that multiplies a feature."""
        return tuple(sorted({j for _, features, w in self.terms if features for j in w}))

    def with_scaling(self, weight: int) -> Self:
        """Return the polynomial with w[weight] in every term that reads features."""
        return type(self)(
            tuple((c, features, (*w, weight) if features else w) for c, features, w in self.terms)
        )


def _product(
    coefficient: float, features: tuple[int, ...], weights: tuple[int, ...], X: Real, w: Real
) -> Any:
    """Return coefficient · Π w[j] · Π X[:, i]."""
    factor = reduce(mul, (w[j] for j in weights), coefficient)
    return reduce(mul, (X[:, i] for i in features), factor)


def _only(indices: tuple[int, ...]) -> int | None:
    return indices[0] if indices else None
