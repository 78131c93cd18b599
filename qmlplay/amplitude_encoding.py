"""Amplitude encoding: the features of a row become the amplitudes of a state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from qmlplay.circuit import AmplitudeAngle, Operation
from qmlplay.circuit.formulas.amplitudes import MOST_AMPLITUDES, AmplitudeTree, gray_code
from qmlplay.encoding_use import EncodingUse

__all__ = ["AmplitudeEncoding"]


@dataclass(frozen=True)
class AmplitudeEncoding:
    """The features, divided by their norm, as the amplitudes of a state.

    2ⁿ features need n qubits, and fewer are padded with zeros at the end: feature i belongs to the
    basis state whose bits, qubit 0 first, are the number i. Further qubits, in front of those,
    stay |0⟩. Signs are kept; a positive factor of a row makes no difference, and a row of zeros
    is an error. The gates are 2ⁿ − 1 RY and 2ⁿ − 2 CX.

    As published, models encode the data once, with neither scaling nor trainable weights. The
    fidelity kernel is the squared cosine of the angle between two rows; a bandwidth other than 1
    multiplies the angles of the RY gates.

    References
    ----------
    Möttönen et al., "Transformation of quantum states using uniformly controlled rotations",
    arXiv:quant-ph/0407010, for the gates; Schuld, Bocharov, Svore and Wiebe, "Circuit-centric
    quantum classifiers", arXiv:1804.00633, for their use.

    Examples
    --------
    >>> [(op.name, op.qubits) for op in AmplitudeEncoding()(2, 4)]
    [('ry', (0,)), ('ry', (1,)), ('cx', (0, 1)), ('ry', (1,)), ('cx', (0, 1))]
    """

    #: How it is used unless the estimator's parameters say otherwise.
    published_use: ClassVar[EncodingUse] = EncodingUse(
        reupload=False, trainable_scaling=False, input_range=None
    )

    def most_features(self, n_qubits: int) -> int:
        """Return how many features so many qubits take.

        Examples
        --------
        >>> AmplitudeEncoding().most_features(3)
        8
        """
        return int(2**n_qubits)

    def __call__(self, n_qubits: int, n_features: int) -> list[Operation]:
        """Return the operations of one layer.

        Raises
        ------
        ValueError
            If there are more features than amplitudes, or more than 4096.
        """
        if n_features > MOST_AMPLITUDES:
            raise ValueError(
                f"encoding='amplitude' takes at most {MOST_AMPLITUDES} features, got {n_features}: "
                f"reduce them, such as by sklearn.decomposition.PCA({MOST_AMPLITUDES})"
            )
        depth = AmplitudeTree(n_features).depth
        if depth > n_qubits:
            raise ValueError(
                f"encoding='amplitude' takes at most 2**{n_qubits} = {2**n_qubits} features on "
                f"{n_qubits} qubit(s), got {n_features}: use n_qubits={depth}, or None"
            )
        operations: list[Operation] = []
        for level in range(depth):
            operations += self._multiplexed(n_features, level, n_qubits - depth)
        return operations

    def _multiplexed(self, n_features: int, level: int, first: int) -> Iterator[Operation]:
        """Yield the RY of a qubit that depends on the qubits before it, from the first one on."""
        size = 2**level
        for i in range(size):
            yield Operation("ry", first + level, AmplitudeAngle(n_features, size - 1 + i))
            if level:
                changed_bit = gray_code(i) ^ gray_code((i + 1) % size)
                control = first + level - changed_bit.bit_length()
                yield Operation("cx", (control, first + level))
