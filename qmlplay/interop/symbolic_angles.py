"""Angles as expressions of features and weights, which may be symbols, numbers or tensors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add, mul
from typing import Any

from qmlplay.circuit import (
    Feature,
    FeatureProduct,
    FeatureSum,
    Fixed,
    Formula,
    OffsetFeature,
    ParametricCircuit,
    Polynomial,
    Weight,
)
from qmlplay.circuit.formulas import WeightedFeature
from qmlplay.typing import Real

__all__ = ["Units", "expressions"]

#: Center and slope of every feature, arrays (n_features,): radians are (x − center) · slope.
Units = tuple[Real, Real]


def expressions(
    circuit: ParametricCircuit, x: Sequence[Any], w: Sequence[Any], units: Units | None = None
) -> list[Any]:
    """Return the angle of every slot, made of features and weights by + − and ·.

    Parameters
    ----------
    circuit : ParametricCircuit
    x : sequence
        One entry per feature: a symbol, or whatever else can be added and multiplied.
    w : sequence
        One entry per weight.
    units : (ndarray, ndarray), optional
        Center and slope of every feature, where x is not in radians.

    Raises
    ------
    ValueError
        If an angle is no polynomial.

    Examples
    --------
    >>> import numpy as np, sympy
    >>> from qmlplay.circuit import Operation
    >>> turn = Operation("rx", 0, WeightedFeature(0, weight=0))
    >>> circuit = ParametricCircuit.from_operations(1, [turn], n_features=1)
    >>> expressions(circuit, sympy.symbols("x:1"), sympy.symbols("w:1"))
    [w0*x0]
    """
    if units is not None:
        scaled = zip(x, units[0].tolist(), units[1].tolist(), strict=True)
        x = [_times(slope, value - center if center else value) for value, center, slope in scaled]
    return [_expression(formula, x, w) for formula in circuit.formulas]


def _expression(formula: Formula, x: Sequence[Any], w: Sequence[Any]) -> Any:
    value: Any
    match formula:
        case Fixed(angle):
            value = angle
        case Weight(index):
            value = w[index]
        case Feature(index, scale):
            value = _times(scale, x[index])
        case OffsetFeature(index, offset, scale):
            value = _times(scale, x[index]) + w[offset]
        case WeightedFeature(index, weight, scale, offset):
            value = _times(scale, w[weight] * x[index])
            value = value if offset is None else value + w[offset]
        case FeatureSum(indices, scale, None):
            value = _times(scale, reduce(add, [x[i] for i in indices]))
        case FeatureSum(indices, scale, int(weight)):
            value = _times(
                scale, reduce(add, [w[weight + k] * x[i] for k, i in enumerate(indices)])
            )
        case FeatureProduct(indices, scale, shift, weight):
            factors = [shift - x[i] if shift else x[i] for i in indices]
            factors += [] if weight is None else [w[weight]]
            sign = 1 if shift else (-1) ** len(indices)
            value = _times(sign * scale, reduce(mul, factors))
        case Polynomial(terms):
            value = reduce(add, [_term(*term, x, w) for term in terms])
        case _:
            raise ValueError(
                f"an angle of kind {type(formula).__name__} cannot be written with symbols, as it "
                f"is no polynomial of the features: export the circuit of one sample, with x"
            )
    return value


def _term(
    coefficient: float,
    features: tuple[int, ...],
    weights: tuple[int, ...],
    x: Sequence[Any],
    w: Sequence[Any],
) -> Any:
    factors = [*(w[j] for j in weights), *(x[i] for i in features)]
    return _times(coefficient, reduce(mul, factors)) if factors else coefficient


def _times(scale: float, value: Any) -> Any:
    return value if scale == 1 else scale * value
