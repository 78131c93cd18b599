"""The base of all angle formulas."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from qmlplay.checks import is_integer, is_number
from qmlplay.typing import Real

__all__ = [
    "Angle",
    "BilinearTerm",
    "Formula",
    "JointAngles",
    "array_functions",
    "formula_values",
    "shared_angle",
]

#: An angle in radians: a float that the whole batch shares, or an array with one per sample.
Angle = float | Real
#: (coefficient, index of a weight or None, index of a feature or None): None stands for 1.
BilinearTerm = tuple[float, int | None, int | None]

#: Fields in radians, or that become so; the others are indices.
_IN_RADIANS = ("angle", "scale", "shift")


def array_functions(array: Any) -> Any:
    """Return the functions of an array's framework, by their names in the array API standard.

    Examples
    --------
    >>> import numpy as np
    >>> array_functions(np.zeros(2)).__name__
    'numpy'
    """
    if isinstance(array, np.ndarray):
        return np
    from array_api_compat import array_namespace

    return array_namespace(array)


def shared_angle(value: Any) -> Any:
    """Return a number made of weights as the angle of all samples: a float, or as it came.

    Examples
    --------
    >>> import numpy as np
    >>> shared_angle(np.array([0.5])[0])
    0.5
    """
    return float(value) if isinstance(value, np.floating) else value


class JointAngles(ABC):
    """Angles of several gates that are computed together, as each alone would cost as much.

    Objects are hashable, and equal where they compute the same.
    """

    @property
    @abstractmethod
    def n_angles(self) -> int:
        """Number of angles."""

    @abstractmethod
    def angles(self, X: Real) -> Real:
        """Return all of them for every row of X: (n_samples, n_angles)."""

    @abstractmethod
    def input_gradient(self, gradients: Real, X: Real, out: Real) -> None:
        """Add d loss / d X to `out` (n_samples, n_features), given those by the angles."""

    @abstractmethod
    def check(self, X: Real) -> None:
        """Raise ValueError, naming the row, where a row of X has no such angles."""


@dataclass(frozen=True)
class Formula(ABC):
    """How one angle (radians) is computed; X is (n_samples, n_features), w is (n_weights,).

    This is the common base of `Fixed`, `Weight`, `Feature`, `WeightedFeature`, `FeatureSum`,
    `FeatureProduct` and `Polynomial`, and abstract.

    `value` takes the arrays of any framework: NumPy's, or tensors of PyTorch and JAX, which it is
    differentiated and compiled through. It is therefore written with operators and methods that
    all of them have (``X[:, i]``, ``w[i]``, ``+ − * ** @``, `functools.reduce`), without NumPy's
    functions, without ``float(w[i])`` (`shared_angle` makes a float of NumPy's numbers), and
    without a decision that depends on a number in X or w. Where that is not enough, take the
    functions of `array_functions(X)`. Gradients are for NumPy alone.

    Examples
    --------
    >>> import numpy as np
    >>> from qmlplay import Feature, Fixed, Weight
    >>> X, w = np.array([[0.1], [0.2]]), np.array([3.0])
    >>> [formula.value(X, w) for formula in (Fixed(0.5), Weight(0), Feature(0))]
    [0.5, 3.0, array([0.1, 0.2])]
    >>> Weight(0).to_dict()
    {'type': 'Weight', 'index': 0}
    """

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in _IN_RADIANS:
                value = self._number(field.name, value)
            elif field.name == "indices":
                value = self._indices(value)
            elif value is not None or field.default is not None:
                value = self._index(field.name, value)
            object.__setattr__(self, field.name, value)

    # What is returned are Python's own numbers: those of other libraries would not go into JSON.

    def _number(self, name: str, value: Any) -> float:
        if not is_number(value):
            raise ValueError(
                f"{name} of {type(self).__name__} must be a finite number, got {value!r}"
            )
        return int(value) if is_integer(value) else float(value)

    def _index(self, name: str, value: Any) -> int:
        if not is_integer(value, 0):
            raise ValueError(
                f"{name} of {type(self).__name__} must be integers, from 0 on, got {value!r}"
            )
        return int(value)

    def _indices(self, values: Any) -> tuple[int, ...]:
        if (
            isinstance(values, str)
            or not isinstance(values, Iterable)
            or not (numbers := tuple(values))
        ):
            raise ValueError(
                f"indices of {type(self).__name__} must be a tuple of integers, from 0 on, such as "
                f"(0, 1), got {values!r}"
            )
        return tuple(self._index("indices", number) for number in numbers)

    @abstractmethod
    def value(self, X: Real, w: Real) -> Angle:
        """Return the angle: a float shared by the batch, or an array (n_samples,)."""

    @property
    def bilinear_terms(self) -> tuple[BilinearTerm, ...] | None:
        """The angle as Σ coefficient · w[weight] · x[feature], or None where it is no such sum.

        All such angles of a circuit are one matrix product on PyTorch and JAX; the others are
        computed one by one. No two terms have the same feature.
        """
        return None

    def weight_gradient(self, gradient: Angle, X: Real, w: Real, out: Real) -> None:
        """Add d loss / d w to `out` (n_weights,), given gradient = d loss / d angle."""

    def input_gradient(self, gradient: Angle, X: Real, w: Real, out: Real) -> None:
        """Add d loss / d X to `out` (n_samples, n_features)."""

    @property
    def joint(self) -> tuple[JointAngles, int] | None:
        """Where it is one of several angles computed together: all of them, and its place there."""
        return None

    def shifted(self, n_weights: int) -> Formula:
        """Return the formula with its weight indices moved up by n_weights."""
        return self

    @property
    def weights(self) -> tuple[int, ...]:
        """Indices of the weights that the formula reads."""
        return ()

    @property
    def features(self) -> tuple[int, ...]:
        """Indices of the features that the formula reads."""
        return ()

    @property
    def scaling_weight(self) -> int | None:
        """Index of the (first) weight that multiplies a feature, which starts at 1; or None."""
        return None

    @property
    def scaling_weights(self) -> tuple[int, ...]:
        """Indices of all weights that multiply features."""
        return () if self.scaling_weight is None else (self.scaling_weight,)

    def with_scaling(self, weight: int) -> Formula:
        """Return the formula multiplied by a trainable weight, where it reads features."""
        return self

    def to_dict(self) -> dict[str, Any]:
        """Return the formula as plain numbers, ready for JSON."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {"type": type(self).__name__} | values


def formula_values(formulas: Iterable[Formula], X: Real, w: Real) -> list[Angle]:
    """Return the angles of several formulas, those that belong together computed once."""
    joint: dict[JointAngles, Real] = {}
    values: list[Angle] = []
    for formula in formulas:
        if formula.joint is None:
            values.append(formula.value(X, w))
            continue
        together, place = formula.joint
        if together not in joint:
            joint[together] = together.angles(X)
        values.append(joint[together][:, place])
    return values
