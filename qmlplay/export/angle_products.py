"""The data angles of a model: sums of products of features, as a few arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import mul
from typing import Any, final

import numpy as np

from qmlplay.circuit import FeatureProduct, Formula, Polynomial
from qmlplay.model.values import ArrayValue
from qmlplay.typing import Integers, Real

__all__ = ["AngleProducts", "split_formula"]

#: sign · radians[feature] + shift.
Factor = tuple[int, float, float]
#: What multiplies what: (coefficient, factors).
AngleTerm = tuple[float, tuple[Factor, ...]]


def split_formula(formula: Formula, w: Real) -> tuple[tuple[AngleTerm, ...], float]:
    """Return the terms of an angle that depend on features, and the rest, a number in radians.

    Raises
    ------
    ValueError
        If the angle is no sum of products of features.

    Examples
    --------
    >>> from qmlplay.circuit import OffsetFeature
    >>> split_formula(OffsetFeature(1, offset=0, scale=2.0), np.array([0.5]))
    (((2.0, ((1, 1.0, 0.0),)),), 0.5)
    """
    terms: list[AngleTerm] = []
    constant = 0.0
    if isinstance(formula, FeatureProduct):
        factor = formula.scale if formula.weight is None else formula.scale * w[formula.weight]
        product = float(factor), tuple((i, -1.0, formula.shift) for i in formula.indices)
        return ((product,) if factor else ()), 0.0
    for coefficient, features, weights in _monomials(formula):
        value = float(reduce(mul, (w[j] for j in weights), coefficient))
        if features and value:
            terms.append((value, tuple((i, 1.0, 0.0) for i in features)))
        elif not features:
            constant += value
    return tuple(terms), constant


def _monomials(formula: Formula) -> list[tuple[float, tuple[int, ...], tuple[int, ...]]]:
    if isinstance(formula, Polynomial):
        return list(formula.terms)
    if formula.bilinear_terms is None:
        raise ValueError(
            f"an angle of this circuit is {formula!r}, which is no sum of products of features: "
            f"what can be exported are circuits whose angles are such sums, and an amplitude "
            f"encoding at the beginning of a circuit"
        )
    return [
        (coefficient, () if i is None else (i,), () if j is None else (j,))
        for coefficient, j, i in formula.bilinear_terms
    ]


@final
@dataclass(frozen=True, eq=False)
class AngleProducts(ArrayValue):
    """Angles as sums of products: coefficients · (products of factors), of every row of features.

    A factor is sign · radians[feature] + shift.

    Parameters
    ----------
    features : ndarray of int of shape (n_factors,)
        Which feature (in radians) is in a factor.
    signs, shifts : ndarray of shape (n_factors,)
        1 or −1, and radians.
    products : ndarray of int of shape (n_products, order)
        Which factors are multiplied; the number n_factors stands for 1.
    coefficients : ndarray of shape (n_angles, n_products)
        What the products are multiplied by before they are added up.

    Examples
    --------
    >>> angles = AngleProducts.of([((2.0, ((0, 1.0, 0.0), (1, 1.0, 0.0))),)])  # 2·x0·x1
    >>> angles.products, angles.coefficients, angles.is_linear
    (array([[0, 1]]), array([[2.]]), False)
    """

    features: Integers
    signs: Real
    shifts: Real
    products: Integers
    coefficients: Real

    @classmethod
    def of(cls, angles: Sequence[tuple[AngleTerm, ...]]) -> AngleProducts:
        """Return the angles of so many sums of terms."""
        factors: dict[Factor, int] = {}
        products: dict[tuple[int, ...], int] = {}
        entries: dict[tuple[int, int], float] = {}
        for row, terms in enumerate(angles):
            for coefficient, multiplied in terms:
                which = tuple(factors.setdefault(factor, len(factors)) for factor in multiplied)
                column = products.setdefault(which, len(products))
                entries[row, column] = entries.get((row, column), 0.0) + coefficient
        coefficients = np.zeros((len(angles), len(products)))
        for place, coefficient in entries.items():
            coefficients[place] = coefficient
        order = max(map(len, products), default=1)
        filled = [which + (len(factors),) * (order - len(which)) for which in products]
        columns = list(zip(*factors, strict=True)) or [(), (), ()]
        return cls(
            np.array(columns[0], dtype=int),
            np.array(columns[1], dtype=float),
            np.array(columns[2], dtype=float),
            np.array(filled, dtype=int).reshape(len(products), order),
            coefficients,
        )

    @property
    def is_linear(self) -> bool:
        """Whether the products are features in radians, each alone."""
        return self.products.shape[1] == 1 and bool(
            (self.signs == 1).all() and not any(self.shifts)
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the arrays as lists, ready for JSON."""
        return {
            "features": self.features.tolist(),
            "signs": self.signs.tolist(),
            "shifts": self.shifts.tolist(),
            "products": self.products.tolist(),
            "coefficients": self.coefficients.tolist(),
        }
