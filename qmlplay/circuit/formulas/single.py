"""Formulas of a constant, a weight or one feature."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from qmlplay.circuit.formulas.formula import Angle, BilinearTerm, Formula, shared_angle
from qmlplay.typing import Real

__all__ = ["Feature", "Fixed", "OffsetFeature", "Weight", "WeightedFeature"]


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

    @property
    def bilinear_terms(self) -> tuple[BilinearTerm, ...]:
        """The constant."""
        return ((self.angle, None, None),)


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
        angle: Angle = shared_angle(w[self.index])
        return angle

    @property
    def bilinear_terms(self) -> tuple[BilinearTerm, ...]:
        """The weight."""
        return ((1.0, self.index, None),)

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

    @property
    def bilinear_terms(self) -> tuple[BilinearTerm, ...]:
        """The one product."""
        return ((self.scale, None, self.index),)

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
class OffsetFeature(Formula):
    """A feature and a trainable angle: scale · x[index] + w[offset].

    Parameters
    ----------
    index : int
        Which column of X, from 0 on.
    offset : int
        Index of the weight, in radians, that is added.
    scale : float, default=1.0
        Radians per unit of the feature.

    Examples
    --------
    >>> import numpy as np
    >>> OffsetFeature(0, offset=1).value(np.array([[0.5], [1.0]]), np.array([3.0, 0.25]))
    array([0.75, 1.25])
    """

    index: int
    offset: int
    scale: float = 1.0

    def value(self, X: Real, w: Real) -> Angle:
        """Return scale · X[:, index] + w[offset]."""
        angle: Real = self.scale * X[:, self.index] + w[self.offset]
        return angle

    @property
    def bilinear_terms(self) -> tuple[BilinearTerm, ...]:
        """The feature and the offset."""
        return ((self.scale, None, self.index), (1.0, self.offset, None))

    def weight_gradient(self, gradient: Angle, X: Real, w: Real, out: Real) -> None:
        """Add the gradient by the offset."""
        out[self.offset] += np.sum(gradient)

    def input_gradient(self, gradient: Angle, X: Real, w: Real, out: Real) -> None:
        """Add scale · gradient to the feature's column."""
        out[:, self.index] += self.scale * gradient

    def shifted(self, n_weights: int) -> Self:
        """Return the formula with its offset n_weights places further on."""
        return replace(self, offset=self.offset + n_weights)

    @property
    def weights(self) -> tuple[int, ...]:
        """The offset."""
        return (self.offset,)

    @property
    def features(self) -> tuple[int, ...]:
        """The one feature."""
        return (self.index,)

    def with_scaling(self, weight: int) -> WeightedFeature:
        """Return w[weight] · scale · x[index] + w[offset]."""
        return WeightedFeature(self.index, weight, self.scale, self.offset)


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

    @property
    def bilinear_terms(self) -> tuple[BilinearTerm, ...]:
        """The product, and the offset if there is one."""
        product: BilinearTerm = (self.scale, self.weight, self.index)
        return (product,) if self.offset is None else (product, (1.0, self.offset, None))

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
