"""Angle formulas: how an angle follows from one row of data and the trainable weights.

The set is small and closed on purpose: every formula can be evaluated for a whole batch,
differentiated by weights and by features, compared, hashed and written as JSON.
"""

from __future__ import annotations

from typing import Any

from qmlplay.circuit.formulas.amplitudes import AmplitudeAngle
from qmlplay.circuit.formulas.formula import (
    Angle,
    Formula,
    JointAngles,
    array_functions,
    formula_values,
)
from qmlplay.circuit.formulas.polynomials import Polynomial
from qmlplay.circuit.formulas.products import FeatureProduct
from qmlplay.circuit.formulas.single import (
    Feature,
    Fixed,
    OffsetFeature,
    Weight,
    WeightedFeature,
)
from qmlplay.circuit.formulas.sums import FeatureSum
from qmlplay.errors import unknown_name

__all__ = [
    "AmplitudeAngle",
    "Angle",
    "Feature",
    "FeatureProduct",
    "FeatureSum",
    "Fixed",
    "Formula",
    "JointAngles",
    "OffsetFeature",
    "Polynomial",
    "Weight",
    "WeightedFeature",
    "array_functions",
    "formula_from_dict",
    "formula_values",
]

_FORMULAS: dict[str, type[Formula]] = {
    kind.__name__: kind
    for kind in (
        Fixed,
        Weight,
        Feature,
        OffsetFeature,
        WeightedFeature,
        FeatureSum,
        FeatureProduct,
        AmplitudeAngle,
        Polynomial,
    )
}


def formula_from_dict(data: dict[str, Any]) -> Formula:
    """Return the formula that `Formula.to_dict` wrote.

    Examples
    --------
    >>> formula_from_dict({"type": "Weight", "index": 3})
    Weight(index=3)
    """
    values = {key: tuple(v) if isinstance(v, list) else v for key, v in data.items()}
    name = values.pop("type")
    if name not in _FORMULAS:
        raise unknown_name("angle formula", name, _FORMULAS)
    return _FORMULAS[name](**values)
