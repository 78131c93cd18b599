"""Angles as SymPy has them, as formulas of features and weights: the simplest that fits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import isfinite
from typing import Any

from qmlplay.checks import is_number
from qmlplay.circuit import Feature, FeatureProduct, FeatureSum, Fixed, Formula, Polynomial, Weight
from qmlplay.circuit.formulas import OffsetFeature, WeightedFeature
from qmlplay.circuit.formulas.polynomials import Term

__all__ = ["angle_formula", "simplest_formula"]

#: Coefficients of a product that was multiplied out and put together again agree to this.
_ROUNDING = 1e-14


def angle_formula(angle: Any, places: Mapping[str, tuple[bool, int]]) -> Formula:
    """Return the formula of an angle.

    Parameters
    ----------
    angle : float or sympy.Expr
        In radians.
    places : mapping of str to (bool, int)
        Name of a symbol → whether it is a feature, and its index.

    Raises
    ------
    ValueError
        If the angle is no polynomial of the symbols with finite real coefficients.

    Examples
    --------
    >>> import sympy
    >>> x, w = sympy.symbols("x w")
    >>> places = {"x": (True, 0), "w": (False, 0)}
    >>> angle_formula(2 * x * w, places)
    WeightedFeature(index=0, weight=0, scale=2.0, offset=None)
    >>> angle_formula(sympy.pi - w, places)
    Polynomial(terms=((3.141592653589793, (), ()), (-1.0, (), (0,))))
    """
    import sympy

    if is_number(angle):
        return Fixed(float(angle))
    expression = sympy.sympify(angle)
    symbols = sorted(expression.free_symbols, key=str)
    if not symbols:
        return Fixed(_real(expression))
    try:
        polynomial = sympy.Poly(expression, *symbols)
    except sympy.PolynomialError as error:
        raise ValueError(
            f"{expression} is no polynomial of {', '.join(map(str, symbols))}: apply other "
            f"functions to the data beforehand, as columns of their own"
        ) from error
    # Powers of symbols; of two with one name (and other assumptions) the terms come together.
    sums: Counter[tuple[tuple[int, ...], tuple[int, ...]]] = Counter()
    for powers, coefficient in polynomial.terms():
        indices: dict[bool, list[int]] = {True: [], False: []}
        for symbol, power in zip(symbols, powers, strict=True):
            is_feature, index = places[str(symbol)]
            indices[is_feature] += [index] * int(power)
        key = (tuple(sorted(indices[True])), tuple(sorted(indices[False])))
        sums[key] += _real(coefficient)  # type: ignore[assignment]
    terms = [(float(c), x, w) for (x, w), c in sums.items() if c]
    return simplest_formula(terms)


def _real(number: Any) -> float:
    value = complex(number)
    if value.imag or not isfinite(value.real):
        raise ValueError(f"{number} is no finite real number, as angles have to be")
    return value.real


def simplest_formula(terms: list[Term]) -> Formula:
    """Return the simplest formula of a sum of terms (coefficient, features, weights).

    Examples
    --------
    >>> simplest_formula([(0.5, (0,), ()), (0.5, (2,), ())])
    FeatureSum(indices=(0, 2), scale=0.5, weight=None)
    """
    terms = sorted(terms, key=lambda term: term[1:]) or [(0.0, (), ())]
    return _single(terms) or _sum(terms) or _product(terms) or Polynomial(tuple(terms))


def _single(terms: list[Term]) -> Formula | None:
    """Return the formula where at most one weight and one feature are in it, or None."""
    formula: Formula | None = None
    match terms:
        case [(c, (), ())]:
            formula = Fixed(c)
        case [(1.0, (), (weight,))]:
            formula = Weight(weight)
        case [(c, (feature,), ())]:
            formula = Feature(feature, c)
        case [(1.0, (), (offset,)), (c, (feature,), ())]:
            formula = OffsetFeature(feature, offset, c)
        case [(c, (feature,), (weight,))]:
            formula = WeightedFeature(feature, weight, c)
        case [(1.0, (), (offset,)), (c, (feature,), (weight,))]:
            formula = WeightedFeature(feature, weight, c, offset)
    return formula


def _sum(terms: list[Term]) -> FeatureSum | None:
    """Return the formula where the terms are one number times features, or None."""
    scales = {coefficient for coefficient, _, _ in terms}
    if len(scales) > 1 or not all(len(x) == 1 for _, x, _ in terms):
        return None
    indices, weights = tuple(x[0] for _, x, _ in terms), [w for _, _, w in terms]
    if not any(weights):
        return FeatureSum(indices, scales.pop())
    first = weights[0][0] if weights[0] else 0
    if weights == [(first + k,) for k in range(len(terms))]:
        return FeatureSum(indices, scales.pop(), first)
    return None


def _product(terms: list[Term]) -> FeatureProduct | None:
    """Return the formula where the terms are scale · Π (shift − x[i]) multiplied out, or None."""
    coefficient, indices, weights = max(terms, key=lambda term: len(term[1]))
    n = len(indices)
    if n < 2 or len(set(indices)) < n or len(weights) > 1:
        return None
    scale = coefficient * (-1) ** n
    given = {x: c for c, x, w in terms if w == weights}
    shift = given.get(indices[1:], 0.0) / -coefficient or 0.0  # no −0.0
    expected = _multiplied_out(indices, scale, shift)
    largest = max(map(abs, expected.values()))
    is_same = len(given) == len(terms) and given.keys() == expected.keys()
    if is_same and all(abs(given[x] - c) <= _ROUNDING * largest for x, c in expected.items()):
        return FeatureProduct(indices, scale, shift, *weights)
    return None


def _multiplied_out(
    indices: tuple[int, ...], scale: float, shift: float
) -> dict[tuple[int, ...], float]:
    """Return the coefficients of scale · Π (shift − x[i]), by the features of each."""
    products: dict[tuple[int, ...], float] = {(): scale}
    for i in indices:
        kept = {x: c * shift for x, c in products.items()} if shift else {}
        products = kept | {(*x, i): -c for x, c in products.items()}
    return products
