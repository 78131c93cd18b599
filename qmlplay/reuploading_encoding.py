"""The encoding of data re-uploading: general rotations by weighted features."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from qmlplay.circuit import Formula, OffsetFeature, Operation, Weight

__all__ = ["ReuploadingEncoding"]


@dataclass(frozen=True)
class ReuploadingEncoding:
    """A general rotation U(θ + x) on every qubit, in models U(θ + w∘x) with trainable weights.

    U(φ) = RZ(φ₂) RY(φ₁) RZ(φ₃), where the right one acts first. A rotation takes three features,
    and there are as many in a row as all features need; angles without a feature are θ alone.
    Every qubit reads all features, so that one qubit is enough, and is what models take. As θ is
    trainable, kernels, which have no weights, cannot take it.

    References
    ----------
    Pérez-Salinas et al., "Data re-uploading for a universal quantum classifier",
    arXiv:1907.02085.

    Examples
    --------
    >>> [op.name for op in ReuploadingEncoding()(1, 2)]
    ['rz', 'ry', 'rz']
    >>> [op.angle.features for op in ReuploadingEncoding()(1, 2)]
    [(), (0,), (1,)]
    """

    def most_features(self, n_qubits: int) -> int:
        """Return how many features so many qubits take: any number.

        Examples
        --------
        >>> ReuploadingEncoding().most_features(1) > 10**6
        True
        """
        return sys.maxsize

    def __call__(self, n_qubits: int, n_features: int) -> list[Operation]:
        """Return the operations of one layer."""
        operations: list[Operation] = []
        for k in range(0, n_features, 3):
            for name, feature in (("rz", k + 2), ("ry", k), ("rz", k + 1)):
                for qubit in range(n_qubits):
                    angle = _angle(feature, n_features, len(operations))
                    operations.append(Operation(name, qubit, angle))
        return operations


def _angle(feature: int, n_features: int, weight: int) -> Formula:
    return OffsetFeature(feature, weight) if feature < n_features else Weight(weight)
