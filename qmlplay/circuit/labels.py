"""Labels of angle formulas, short enough for a gate in a picture."""

from __future__ import annotations

from collections import Counter
from math import pi

from qmlplay.circuit.formulas import (
    AmplitudeAngle,
    Feature,
    FeatureProduct,
    FeatureSum,
    Fixed,
    Formula,
    OffsetFeature,
    Polynomial,
    Weight,
    WeightedFeature,
)
from qmlplay.circuit.formulas.polynomials import Term

__all__ = ["formula_label"]

_MINUS = "\N{MINUS SIGN}"
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def formula_label(formula: Formula) -> str:
    """Return a short label of an angle formula.

    Parameters
    ----------
    formula : Formula
        One of the formulas of `qmlplay.circuit`.

    Returns
    -------
    str

    Raises
    ------
    TypeError
        If it is not one of them.

    Examples
    --------
    >>> formula_label(WeightedFeature(index=1, weight=0, offset=2))
    'w0·x1+w2'
    >>> formula_label(FeatureProduct((0, 1), scale=2.0, shift=pi))
    '2·(π−x0)(π−x1)'
    >>> formula_label(Polynomial(((pi, (), ()), (-2.0, (0, 0), (1,)))))
    'π−2·w1·x0²'
    """
    label: str
    match formula:
        case Fixed(angle):
            label = _number(angle)
        case Weight(index) | AmplitudeAngle(index=index):
            label = f"w{index}" if isinstance(formula, Weight) else f"θ{index}(x)"
        case Feature(index, scale) | OffsetFeature(index=index, scale=scale):
            end = f"+w{formula.offset}" if isinstance(formula, OffsetFeature) else ""
            label = _times(scale, f"x{index}") + end
        case WeightedFeature(index, weight, scale, offset):
            end = "" if offset is None else f"+w{offset}"
            label = _times(scale, f"w{weight}·x{index}") + end
        case FeatureSum(indices, scale, weight):
            terms = _terms(indices, weight)
            label = _times(scale, terms if scale == 1 or len(indices) == 1 else f"({terms})")
        case FeatureProduct():
            label = _product(formula)
        case Polynomial(terms):
            label = _polynomial(terms)
        case _:
            raise TypeError(f"{formula!r} is not one of the formulas of qmlplay.circuit")
    return label


def _product(formula: FeatureProduct) -> str:
    indices, scale, shift = formula.indices, formula.scale, formula.shift
    factor = "" if formula.weight is None else f"w{formula.weight}·"
    if shift == 0:  # (0 − x0)(0 − x1) is x0·x1
        product = "·".join(f"x{i}" for i in indices)
        return _times(scale * (-1) ** len(indices), factor + product)
    brackets = "".join(f"({_number(shift)}{_MINUS}x{i})" for i in indices)
    return _times(scale, factor + brackets)


def _polynomial(polynomial: tuple[Term, ...]) -> str:
    """Return a sum of products; one of more than three is cut short."""
    terms = [_monomial(*term) for term in polynomial]
    shown = terms if len(terms) <= 3 else [terms[0], "…", terms[-1]]
    return "+".join(shown).replace(f"+{_MINUS}", _MINUS)


def _monomial(coefficient: float, features: tuple[int, ...], weights: tuple[int, ...]) -> str:
    factors = [
        f"{letter}{index}" + ("" if power == 1 else str(power).translate(_RAISED))
        for letter, indices in (("w", weights), ("x", features))
        for index, power in Counter(indices).items()
    ]
    return _times(coefficient, "·".join(factors)) if factors else _number(coefficient)


def _terms(indices: tuple[int, ...], weight: int | None) -> str:
    """Return a sum of features; one of more than three is cut short."""
    terms = [
        f"x{index}" if weight is None else f"w{weight + k}·x{index}"
        for k, index in enumerate(indices)
    ]
    return "+".join(terms if len(terms) <= 3 else [terms[0], "…", terms[-1]])


def _times(scale: float, text: str) -> str:
    if abs(scale) == 1:
        return text if scale > 0 else _MINUS + text
    return f"{_number(scale)}·{text}"


def _number(value: float) -> str:
    return "π" if value == pi else f"{value:.4g}".replace("-", _MINUS)
