"""Angle formulas: how an angle follows from one row of data and the trainable weights.

The set is small and closed on purpose: every formula can be evaluated for a whole batch,
differentiated by weights and by features, compared, hashed and written as JSON.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np

from qmlplay.checks import is_integer, is_number
from qmlplay.errors import unknown_name
from qmlplay.typing import Real

__all__ = [
    "Feature",
    "FeatureProduct",
    "FeatureSum",
    "Fixed",
    "Formula",
    "Weight",
    "WeightedFeature",
    "formula_from_dict",
]

Angle = float | Real

#: Fields in radians, or that become so; the others are indices.
_IN_RADIANS = ("angle", "scale", "shift")


@dataclass(frozen=True)
class Formula(ABC):
    """How one angle (radians) is computed; X is (n_samples, n_features), w is (n_weights,).

    This is the common base of `Fixed`, `Weight`, `Feature`, `WeightedFeature`, `FeatureSum` and
    `FeatureProduct`, and abstract.

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

    def weight_gradient(self, gradient: Angle, X: Real, w: Real, out: Real) -> None:
        """Add d loss / d w to `out` (n_weights,), given gradient = d loss / d angle."""

    def input_gradient(self, gradient: Angle, X: Real, w: Real, out: Real) -> None:
        """Add d loss / d X to `out` (n_samples, n_features)."""

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


@dataclass(frozen=True)
class Fixed(Formula):
    """A constant angle.

    Parameters
    ----------
    angle : float
        The angle in radians.

    Examples
    --------
    >>> import numpy as np
    >>> from qmlplay import Fixed, Operation
    >>> Operation("ry", 0, Fixed(np.pi / 2))  # an equal superposition, without training
    Operation(name='ry', qubits=(0,), angle=Fixed(angle=1.5707963267948966))
    """

    angle: float

    def value(self, X: Real, w: Real) -> Angle:
        """Return the constant."""
        return self.angle


@dataclass(frozen=True)
class Weight(Formula):
    """A trainable angle: w[index].

    Parameters
    ----------
    index : int
        Which weight, from 0 on; the weight is the angle in radians. Formulas with the same
        index share their weight.

    Examples
    --------
    >>> import numpy as np
    >>> from qmlplay import Operation, Weight
    >>> layer = [Operation("ry", qubit, Weight(qubit)) for qubit in range(2)]
    >>> layer[1].angle.value(np.zeros((3, 2)), np.array([0.5, 0.7]))
    0.7
    """

    index: int

    def value(self, X: Real, w: Real) -> Angle:
        """Return w[index]."""
        return float(w[self.index])

    def weight_gradient(self, gradient: Angle, X: Real, w: Real, out: Real) -> None:
        """Add the gradient itself."""
        out[self.index] += gradient

    def shifted(self, n_weights: int) -> Self:
        """Return the weight n_weights places further on."""
        return replace(self, index=self.index + n_weights)

    @property
    def weights(self) -> tuple[int, ...]:
        """The one weight."""
        return (self.index,)


@dataclass(frozen=True)
class Feature(Formula):
    """A feature times a constant: scale · x[index].

    Parameters
    ----------
    index : int
        Which column of X, from 0 on.
    scale : float, default=1.0
        Radians per unit of the feature.

    Examples
    --------
    >>> import numpy as np
    >>> from qmlplay import Feature
    >>> X = np.array([[0.1, 0.5], [0.2, 0.25]])
    >>> Feature(1, scale=2.0).value(X, np.array([]))
    array([1. , 0.5])
    """

    index: int
    scale: float = 1.0

    def value(self, X: Real, w: Real) -> Angle:
        """Return scale · X[:, index]."""
        return self.scale * X[:, self.index]

    def input_gradient(self, gradient: Angle, X: Real, w: Real, out: Real) -> None:
        """Add scale · gradient to the feature's column."""
        out[:, self.index] += self.scale * gradient

    @property
    def features(self) -> tuple[int, ...]:
        """The one feature."""
        return (self.index,)

    def with_scaling(self, weight: int) -> WeightedFeature:
        """Return w[weight] · scale · x[index]."""
        return WeightedFeature(self.index, weight, self.scale)


@dataclass(frozen=True)
class WeightedFeature(Formula):
    """Trainable input scaling: w[weight] · scale · x[index], plus w[offset] if there is one.

    Parameters
    ----------
    index : int
        Which column of X, from 0 on.
    weight : int
        Index of the weight that multiplies the feature.
    scale : float, default=1.0
        Radians per unit of the feature when that weight is 1.
    offset : int, optional
        Index of a weight, in radians, that is added.

    Examples
    --------
    >>> import numpy as np
    >>> from qmlplay.circuit import WeightedFeature
    >>> X, w = np.array([[0.5], [1.0]]), np.array([3.0, 0.25])
    >>> WeightedFeature(0, weight=0, offset=1).value(X, w)
    array([1.75, 3.25])
    """

    index: int
    weight: int
    scale: float = 1.0
    offset: int | None = None

    def value(self, X: Real, w: Real) -> Angle:
        """Return w[weight] · scale · X[:, index] (+ w[offset])."""
        angle: Real = (w[self.weight] * self.scale) * X[:, self.index]
        return angle if self.offset is None else angle + w[self.offset]

    def weight_gradient(self, gradient: Angle, X: Real, w: Real, out: Real) -> None:
        """Add the gradients by the factor and the offset."""
        out[self.weight] += self.scale * np.dot(gradient, X[:, self.index])
        if self.offset is not None:
            out[self.offset] += np.sum(gradient)

    def input_gradient(self, gradient: Angle, X: Real, w: Real, out: Real) -> None:
        """Add w[weight] · scale · gradient to the feature's column."""
        out[:, self.index] += w[self.weight] * self.scale * gradient

    def shifted(self, n_weights: int) -> Self:
        """Return the formula with both weights n_weights places further on."""
        offset = None if self.offset is None else self.offset + n_weights
        return replace(self, weight=self.weight + n_weights, offset=offset)

    @property
    def weights(self) -> tuple[int, ...]:
        """The factor and the offset."""
        return (self.weight,) if self.offset is None else (self.weight, self.offset)

    @property
    def features(self) -> tuple[int, ...]:
        """The one feature."""
        return (self.index,)

    @property
    def scaling_weight(self) -> int:
        """The factor."""
        return self.weight


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
        return np.multiply.reduce(factors) if factors else np.ones(len(X))

    def _factor(self, w: Real) -> float:
        return self.scale if self.weight is None else self.scale * float(w[self.weight])

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
        angle: Real = X[:, self.indices] @ self._factors(w)
        return angle

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


_FORMULAS: dict[str, type[Formula]] = {
    kind.__name__: kind
    for kind in (Fixed, Weight, Feature, WeightedFeature, FeatureSum, FeatureProduct)
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
