"""The angles that make a row of features the amplitudes of a state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import sqrt

import numpy as np

from qmlplay.circuit.formulas.formula import Angle, Formula, JointAngles, array_functions
from qmlplay.typing import Booleans, Integers, Real

__all__ = ["MOST_AMPLITUDES", "AmplitudeAngle", "AmplitudeTree", "gray_code"]

#: More would take over 8,190 gates.
MOST_AMPLITUDES = 2**12
#: Models hold values that are farther out.
_FARTHEST = 1e15


def gray_code(position: int) -> int:
    """Return the number at a position of the Gray code, where neighbours differ in one bit.

    Examples
    --------
    >>> [f"{gray_code(position):02b}" for position in range(4)]
    ['00', '01', '11', '10']
    """
    return position ^ (position >> 1)


@cache
def _gray_order(size: int) -> tuple[Integers, Integers]:
    """Return the Gray code as indices (size,), and how to undo it."""
    order = np.array([gray_code(position) for position in range(size)])
    return order, np.argsort(order)


def _parity_means(values: Real) -> Real:
    """Return Σ values[:, j] · (−1)^(bits that i and j share) / size for every column i.

    The fast Walsh–Hadamard transform of every row of values (n_samples, size).
    """
    xp = array_functions(values)
    shape = values.shape
    size, step = shape[1], 1
    while step < size:
        pairs = xp.reshape(values, (shape[0], size // (2 * step), 2, step))
        even, odd = pairs[:, :, 0, :], pairs[:, :, 1, :]
        values = xp.reshape(xp.stack([even + odd, even - odd], axis=2), shape)
        step *= 2
    means: Real = values / size
    return means


@dataclass(frozen=True)
class AmplitudeTree(JointAngles):
    """The angles of all rotations of an amplitude encoding.

    A row is padded with zeros to 2**depth numbers. Level l of a binary tree above them has an
    angle for each of its 2**l nodes, 2·atan2(right, left): the norms of both halves of what is
    below, on the last level the two numbers themselves, with their signs. The rotations of a level
    are multiplexed by the qubits before; in the order of the Gray code they become rotations
    between CX gates.

    Parameters
    ----------
    n_features : int
        From 1 to 4096.

    References
    ----------
    Möttönen et al., "Transformation of quantum states using uniformly controlled rotations",
    arXiv:quant-ph/0407010.

    Examples
    --------
    >>> AmplitudeTree(4).angles(np.array([[1.0, 1.0, -1.0, -1.0]])) / np.pi
    array([[ 0.5, -0.5,  1. ]])
    """

    n_features: int

    @property
    def depth(self) -> int:
        """Number of qubits, at least 1."""
        return max(1, (self.n_features - 1).bit_length())

    @property
    def n_angles(self) -> int:
        """Number of rotations, one less than that of the amplitudes."""
        return int(2**self.depth) - 1

    def check(self, X: Real) -> None:
        """Raise ValueError for the first row that can be no state."""
        largest = np.abs(X[:, : self.n_features]).max(axis=1)
        for row in np.flatnonzero(largest == 0):
            raise ValueError(
                f"row {row} of X (counted from 0) is zero in every feature, and no state has such "
                f"amplitudes: leave out rows of zeros, X[(X != 0).any(axis=1)], or add a constant "
                f"column"
            )
        for row in np.flatnonzero(largest >= _FARTHEST):
            raise ValueError(
                f"row {row} of X (counted from 0) has values of {_FARTHEST:.0e} and more: divide "
                f"it by a number, as a factor changes no amplitude"
            )

    def angles(self, X: Real) -> Real:
        """Return the angles (n_samples, n_angles) in radians; those of a row of zeros are 0."""
        xp = array_functions(X)
        angles = [
            _parity_means(2 * xp.atan2(node.right, node.left))[:, _gray_order(2**node.level)[0]]
            for node in self._nodes(X)
        ]
        joined: Real = xp.concat(angles[::-1], axis=1)
        return joined

    def input_gradient(self, gradients: Real, X: Real, out: Real) -> None:
        """Add d loss / d X: 0 by features of a pair, or of a half, that is zero in a row."""
        by_norms = np.zeros((len(X), 1))
        for node in reversed(list(self._nodes(X))):
            start = 2**node.level - 1
            by_rotations = gradients[:, start : 2 * start + 1]
            by_branches = _parity_means(by_rotations[:, _gray_order(start + 1)[1]])
            cosine, sine = node.left / node.norms, node.right / node.norms
            slopes = 2 * by_branches / node.norms
            pairs = np.stack(
                [by_norms * cosine - slopes * sine, by_norms * sine + slopes * cosine], axis=2
            )
            pairs[node.is_zero] = 0.0
            by_norms = pairs.reshape(len(X), -1)
        n = self.n_features
        out[:, :n] += by_norms[:, :n] / _largest(X[:, :n])

    def _nodes(self, X: Real) -> Iterator[_Nodes]:
        """Yield the nodes of every level, from the last one to the first."""
        xp = array_functions(X)
        values = X[:, : self.n_features]
        values = values / _largest(values)
        padding = 2**self.depth - self.n_features
        values = xp.concat([values, *[xp.zeros_like(X[:, :1])] * padding], axis=1)
        for level in reversed(range(self.depth)):
            left, right = values[:, 0::2], values[:, 1::2]
            is_zero = xp.hypot(left, right) <= _negligible(X)
            # So that no derivative is NaN there.
            left, right = xp.where(is_zero, 1.0, left), xp.where(is_zero, 0.0, right)
            norms = xp.hypot(left, right)
            yield _Nodes(level, left, right, norms, is_zero)
            values = xp.where(is_zero, 0.0, norms)


@dataclass(frozen=True, eq=False)
class _Nodes:
    """The nodes of a level, arrays (n_samples, 2**level); where both halves are 0, left is 1."""

    level: int
    left: Real
    right: Real
    norms: Real
    is_zero: Booleans


def _largest(values: Real) -> Real:
    """Return the largest absolute value of every row (n_samples, 1), 1 for a row of zeros."""
    xp = array_functions(values)
    largest = xp.max(xp.abs(values), axis=1, keepdims=True)
    result: Real = xp.where(largest == 0, 1.0, largest)
    return result


def _negligible(X: Real) -> float:
    """Return the largest number, of those up to 1, whose square is not a normal number."""
    return sqrt(array_functions(X).finfo(X.dtype).smallest_normal)


@dataclass(frozen=True)
class AmplitudeAngle(Formula):
    """One of the angles that make a row of features the amplitudes of a state.

    Parameters
    ----------
    n_features : int
        Columns of X, from the first on: the amplitudes, but for a common factor.
    index : int
        Which rotation, from 0 on, in the order in which they act.

    Raises
    ------
    ValueError
        If there are no or more than 4096 features, or there is no such rotation.

    Examples
    --------
    >>> import numpy as np
    >>> AmplitudeAngle(2, 0).value(np.array([[1.0, 0.0], [3.0, 3.0]]), np.array([]))
    array([0.        , 1.57079633])
    """

    n_features: int
    index: int

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.n_features <= MOST_AMPLITUDES:
            raise ValueError(
                f"n_features of AmplitudeAngle must be from 1 to {MOST_AMPLITUDES}, "
                f"got {self.n_features}"
            )
        n_angles = AmplitudeTree(self.n_features).n_angles
        if self.index >= n_angles:
            raise ValueError(
                f"index of AmplitudeAngle must be below {n_angles} for {self.n_features} features, "
                f"got {self.index}"
            )

    @property
    def joint(self) -> tuple[AmplitudeTree, int]:
        """The tree of all angles, and the place of this one."""
        return AmplitudeTree(self.n_features), self.index

    def value(self, X: Real, w: Real) -> Angle:
        """Return the angle of every row of X."""
        return AmplitudeTree(self.n_features).angles(X)[:, self.index]

    def input_gradient(self, gradient: Angle, X: Real, w: Real, out: Real) -> None:
        """Add the gradient by the features that it depends on."""
        tree = AmplitudeTree(self.n_features)
        gradients = np.zeros((len(X), tree.n_angles))
        gradients[:, self.index] = gradient
        tree.input_gradient(gradients, X, out)

    @property
    def features(self) -> tuple[int, ...]:
        """All features."""
        return tuple(range(self.n_features))

    def with_scaling(self, weight: int) -> Formula:
        """Raise ValueError: there is no trainable scaling of amplitudes."""
        raise ValueError(
            "amplitudes are not multiplied by trainable weights: leave trainable_scaling at "
            "'auto' or set it to False (in kernels, leave out weights)"
        )
