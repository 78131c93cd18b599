"""What the classifier decides for itself: qubits, observables and input scaling."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import pi

import numpy as np
from numpy.typing import NDArray

from qmlplay.encodings import DenseEncoding, Encoding

__all__ = ["InputScaling", "choose_n_qubits", "choose_observables"]

Real = NDArray[np.float64]

#: More features than this share qubits, unless n_qubits says otherwise.
MAX_AUTOMATIC_QUBITS = 8
_FARTHEST = 1e15  # radians


def choose_n_qubits(encoding: Encoding, n_features: int) -> int:
    """Return the number of qubits when the user gives none: one per feature, from 2 to 8.

    A dense encoding puts two features on a qubit.

    Examples
    --------
    >>> from qmlplay.encodings import AngleEncoding, DenseEncoding
    >>> choose_n_qubits(AngleEncoding(), 4), choose_n_qubits(DenseEncoding(), 4)
    (4, 2)
    """
    per_qubit = 2 if isinstance(encoding, DenseEncoding) else 1
    return min(max(-(-n_features // per_qubit), 2), MAX_AUTOMATIC_QUBITS)


def choose_observables(n_qubits: int, n_classes: int) -> tuple[str, ...]:
    """Return what is measured: Z on every qubit, and more where there are more classes.

    First Z on one qubit after the other, then products of Z on more and more qubits, then
    the same with X and with Y: at least one observable per class.

    Raises
    ------
    ValueError
        If there are more classes than such observables.

    Examples
    --------
    >>> choose_observables(2, 2)
    ('ZI', 'IZ')
    >>> choose_observables(2, 4)
    ('ZI', 'IZ', 'ZZ', 'XI')
    """
    wanted = max(n_qubits, n_classes)
    found: list[str] = []
    for letter in "ZXY":
        for size in range(1, n_qubits + 1):
            for qubits in combinations(range(n_qubits), size):
                if len(found) == wanted:
                    return tuple(found)
                found.append("".join(letter if q in qubits else "I" for q in range(n_qubits)))
    if len(found) < wanted:
        raise ValueError(
            f"{n_classes} classes need {wanted} observables, but {n_qubits} qubit(s) have only "
            f"{len(found)} here: use a larger n_qubits"
        )
    return tuple(found)


@dataclass(frozen=True)
class InputScaling:
    """Features to radians: the range seen in training becomes [−π/2, π/2].

    Parameters
    ----------
    center, half_range : ndarray of shape (n_features,)
        Middle and half width of every feature's range; a constant feature becomes 0.
    """

    center: Real
    half_range: Real

    @classmethod
    def from_data(cls, X: Real) -> InputScaling:
        """Learn the range of every column."""
        # Halve before adding, so that values near the largest float do not overflow.
        low, high = X.min(axis=0) / 2, X.max(axis=0) / 2
        half_range = high - low
        return cls(low + high, np.where(half_range > 0, half_range, 1.0))

    @classmethod
    def identity(cls, n_features: int) -> InputScaling:
        """Return the scaling that changes nothing: features are radians already."""
        return cls(np.zeros(n_features), np.full(n_features, pi / 2))

    def radians(self, X: Real) -> Real:
        """Return X (n_samples, n_features) in radians.

        Values so far outside the training range that a float no longer resolves an angle stay
        finite: they are held at ±1e15.
        """
        with np.errstate(over="ignore"):
            radians = (X - self.center) / self.half_range * (pi / 2)
        return np.clip(radians, -_FARTHEST, _FARTHEST)
