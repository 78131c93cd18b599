"""Encodings (feature maps): how a row of data becomes gates.

An encoding is a function ``encoding(n_qubits, n_features)`` that returns the operations of
one layer. Those here are frozen dataclasses, so that they have options, compare equal and
can be copied; a plain function of your own works, too:

>>> from qmlplay.circuit import Feature, Operation
>>> def my_encoding(n_qubits, n_features):
...     return [Operation("rx", i % n_qubits, Feature(i)) for i in range(n_features)]
>>> len(my_encoding(2, 3))
3

One that puts more than one feature on a qubit says so in an attribute ``features_per_qubit``, by
which models without a given ``n_qubits`` choose their number of qubits, or in a method
``most_features(n_qubits)`` where their number is no such multiple; one that was published to
be used in another way than to be uploaded again before every layer, in ``published_use``; one
that differs from layer to layer has a method ``at_layer(layer)``, which returns the encoding of
that layer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import pi
from typing import Any, ClassVar

from qmlplay.amplitude_encoding import AmplitudeEncoding
from qmlplay.checks import check_count, is_integer
from qmlplay.circuit import Feature, FeatureProduct, FeatureSum, Operation
from qmlplay.encoding_use import EncodingUse
from qmlplay.errors import named_function, unknown_name
from qmlplay.reuploading_encoding import ReuploadingEncoding

__all__ = [
    "ENCODINGS",
    "AmplitudeEncoding",
    "AngleEncoding",
    "AngleSumEncoding",
    "DenseEncoding",
    "Encoding",
    "EncodingUse",
    "IQPEncoding",
    "ReuploadingEncoding",
    "ZZFeatureMap",
    "features_per_qubit",
    "get_encoding",
    "most_features",
    "reads_pairs",
    "usual_n_qubits",
]

#: (n_qubits, n_features) → the operations that put a sample on the qubits.
Encoding = Callable[[int, int], Sequence[Operation]]

#: More features than this share qubits, unless n_qubits says otherwise.
MAX_AUTOMATIC_QUBITS = 8
#: A rotation about another axis, so that two features on one qubit do not just add up.
_OTHER_AXIS = {"rx": "rz", "ry": "rz", "rz": "rx"}


@dataclass(frozen=True)
class AngleEncoding:
    """One rotation per feature: feature i turns qubit i.

    Features beyond the number of qubits go to further sub-layers, which alternate between two
    axes. Qubits beyond the number of features read the features again from the first.

    Parameters
    ----------
    rotation : {"rx", "ry", "rz"}, default="ry"
        The rotation of the first sub-layer; ``"rz"`` puts a Hadamard gate first, as a turn
        about z does nothing to |0⟩.

    References
    ----------
    Schuld, Sweke and Meyer, "The effect of data encoding on the expressive power of
    variational quantum machine learning models", arXiv:2008.08605.

    Examples
    --------
    >>> [(op.name, op.qubits) for op in AngleEncoding("ry")(2, 3)]
    [('ry', (0,)), ('ry', (1,)), ('rz', (0,))]
    """

    rotation: str = "ry"

    def __post_init__(self) -> None:
        if self.rotation not in _OTHER_AXIS:
            raise unknown_name("rotation", self.rotation, _OTHER_AXIS)

    def __call__(self, n_qubits: int, n_features: int) -> list[Operation]:
        """Return the operations of one layer."""
        axes = (self.rotation, _OTHER_AXIS[self.rotation])
        start = [Operation("h", q) for q in range(n_qubits)] if self.rotation == "rz" else []
        return start + [
            Operation(axes[i // n_qubits % 2], i % n_qubits, Feature(i % n_features))
            for i in range(max(n_qubits, n_features))
        ]


@dataclass(frozen=True)
class AngleSumEncoding:
    r"""RY by a sum of features on every qubit, after Hadamards in front of the first layer.

    Features are dealt out to the qubits in turn; those that meet on a qubit are added, with a
    trainable weight each in a model. In every further layer those beyond the number of qubits
    are dealt out anew, one qubit further on, so that they meet others. Qubits beyond the number
    of features read the features again from the first.

    From an equal superposition ⟨Z⟩ = −sin(angle): it has a slope in every feature from the start,
    which it has not from |0⟩, where ⟨Z⟩ = cos(angle). So that this sine does not wrap around
    however many features there are, their sum is multiplied by min(1, 2 / n_features): the
    bandwidth of the encoding.

    Parameters
    ----------
    layer : int, default=0
        Which layer of a circuit, from 0 on.

    References
    ----------
    Pérez-Salinas et al., "Data re-uploading for a universal quantum classifier",
    arXiv:1907.02085, for weighted features as angles; Shaydulin and Wild, "Importance of kernel
    bandwidth in quantum machine learning", arXiv:2111.05451, and Canatar et al., "Bandwidth
    enables generalization in quantum kernel models", arXiv:2206.06686, for the scale.

    Examples
    --------
    >>> encoding = AngleSumEncoding()
    >>> [op.name for op in encoding(2, 4)], [op.name for op in encoding.at_layer(1)(2, 4)]
    (['h', 'h', 'ry', 'ry'], ['ry', 'ry'])
    >>> [op.angle.features for op in encoding.at_layer(1)(2, 4)]
    [(0, 3), (1, 2)]
    """

    layer: int = 0
    #: With more than two classes models read ⟨ZZ⟩ of every pair of qubits, too.
    reads_pairs: ClassVar[bool] = True
    #: How it is used unless the estimator's parameters say otherwise.
    published_use: ClassVar[EncodingUse] = EncodingUse(alpha=0.002)

    def __post_init__(self) -> None:
        if not is_integer(self.layer, 0):
            raise ValueError(f"layer must be an integer from 0 on, got {self.layer!r}")

    def at_layer(self, layer: int) -> AngleSumEncoding:
        """Return the encoding of another layer."""
        return replace(self, layer=layer)

    def __call__(self, n_qubits: int, n_features: int) -> list[Operation]:
        """Return the operations of one layer."""
        reads: list[list[int]] = [[] for _ in range(n_qubits)]
        for i in range(max(n_qubits, n_features)):
            reads[(i + self.layer * (i // n_qubits)) % n_qubits].append(i % n_features)
        scale = min(1.0, 2 / n_features)
        start = [] if self.layer else [Operation("h", q) for q in range(n_qubits)]
        return start + [
            Operation("ry", q, FeatureSum(tuple(features), scale))
            for q, features in enumerate(reads)
        ]


@dataclass(frozen=True)
class DenseEncoding:
    """Two features per qubit: RY by the first, RZ by the second.

    References
    ----------
    LaRose and Coyle, "Robust data encodings for quantum classifiers", arXiv:2003.01695.

    Examples
    --------
    >>> [(op.name, op.qubits) for op in DenseEncoding()(2, 4)]
    [('ry', (0,)), ('rz', (0,)), ('ry', (1,)), ('rz', (1,))]
    """

    features_per_qubit: ClassVar[int] = 2

    def __call__(self, n_qubits: int, n_features: int) -> list[Operation]:
        """Return the operations of one layer."""
        return [
            Operation("rz" if i % 2 else "ry", i // 2 % n_qubits, Feature(i % n_features))
            for i in range(max(2 * n_qubits, n_features))
        ]


@dataclass(frozen=True)
class _PairwiseEncoding:
    """Hadamards, a phase per feature and a phase per pair of features, repeated."""

    repetitions: int = 2

    def __post_init__(self) -> None:
        if not is_integer(self.repetitions, 1):
            raise ValueError(f"repetitions must be at least 1, got {self.repetitions!r}")

    def _single(self, qubit: int, feature: int) -> Operation:
        raise NotImplementedError

    def _pair(self, qubits: tuple[int, int], features: tuple[int, int]) -> Operation:
        raise NotImplementedError

    def __call__(self, n_qubits: int, n_features: int) -> list[Operation]:
        """Return the operations of one layer."""
        n_reads = max(n_qubits, n_features)
        sub_layers = [range(i, min(i + n_qubits, n_reads)) for i in range(0, n_reads, n_qubits)]
        operations: list[Operation] = []
        for sub_layer in [layer for layer in sub_layers for _ in range(self.repetitions)]:
            operations += [Operation("h", q) for q in range(n_qubits)]
            reads = [(i % n_qubits, i % n_features) for i in sub_layer]
            operations += [self._single(qubit, feature) for qubit, feature in reads]
            operations += [
                self._pair((q, r), (i, j)) for (q, i), (r, j) in combinations(reads, 2) if i != j
            ]
        return operations


@dataclass(frozen=True)
class ZZFeatureMap(_PairwiseEncoding):
    """Qiskit's ZZ feature map: H, P(2xᵢ), and the phase 2(π − xᵢ)(π − xⱼ) on every pair.

    Qiskit writes the pair as CX · P · CX; RZZ is the same up to a global phase, and one gate.
    As in the publication, models encode the data once and take features that fill a turn as
    radians; others are scaled to [0, 1], as in Qiskit's tutorials.

    Parameters
    ----------
    repetitions : int, default=2
        How often a layer repeats the whole, at least 1.

    References
    ----------
    Havlíček et al., "Supervised learning with quantum-enhanced feature spaces",
    arXiv:1804.11326.

    Examples
    --------
    >>> [op.name for op in ZZFeatureMap(repetitions=1)(2, 2)]
    ['h', 'h', 'p', 'p', 'rzz']
    """

    #: How it is used unless the estimator's parameters say otherwise.
    published_use: ClassVar[EncodingUse] = EncodingUse(
        reupload=False, trainable_scaling=False, input_range=(0.0, 1.0), keeps_turns=True
    )

    def _single(self, qubit: int, feature: int) -> Operation:
        return Operation("p", qubit, Feature(feature, scale=2.0))

    def _pair(self, qubits: tuple[int, int], features: tuple[int, int]) -> Operation:
        return Operation("rzz", qubits, FeatureProduct(features, scale=2.0, shift=pi))


@dataclass(frozen=True)
class IQPEncoding(_PairwiseEncoding):
    """Instantaneous quantum polynomial circuits: H, RZ(xᵢ), and RZZ(xᵢxⱼ) on every pair.

    The same as PennyLane's ``IQPEmbedding``. Models encode the data once, scaled to [−π/2, π/2],
    as in arXiv:2403.07059.

    Parameters
    ----------
    repetitions : int, default=2
        How often a layer repeats the whole, at least 1.

    References
    ----------
    Havlíček et al., arXiv:1804.11326; Bremner, Montanaro and Shepherd, "Average-case
    complexity versus approximate simulation of commuting quantum computations",
    arXiv:1504.07999.

    Examples
    --------
    >>> [op.name for op in IQPEncoding(repetitions=1)(2, 2)]
    ['h', 'h', 'rz', 'rz', 'rzz']
    """

    #: How it is used unless the estimator's parameters say otherwise.
    published_use: ClassVar[EncodingUse] = EncodingUse(reupload=False, trainable_scaling=False)

    def _single(self, qubit: int, feature: int) -> Operation:
        return Operation("rz", qubit, Feature(feature))

    def _pair(self, qubits: tuple[int, int], features: tuple[int, int]) -> Operation:
        return Operation("rzz", qubits, FeatureProduct(features))


#: Name → encoding, as the parameter ``encoding`` takes them.
ENCODINGS: dict[str, Encoding] = {
    "angle": AngleEncoding(),
    "angle_rx": AngleEncoding("rx"),
    "angle_ry": AngleEncoding("ry"),
    "angle_rz": AngleEncoding("rz"),
    "angle_sum": AngleSumEncoding(),
    "dense": DenseEncoding(),
    "zz": ZZFeatureMap(),
    "iqp": IQPEncoding(),
    "reuploading": ReuploadingEncoding(),
    "amplitude": AmplitudeEncoding(),
}


def get_encoding(encoding: str | Encoding) -> Encoding:
    """Return the encoding of that name, or the function itself.

    Raises
    ------
    ValueError
        If there is no encoding of that name.
    TypeError
        If it is neither a name nor a function.

    Examples
    --------
    >>> get_encoding("iqp")
    IQPEncoding(repetitions=2)
    """
    signature = "(n_qubits, n_features) → list of Operation"
    return named_function("encoding", encoding, ENCODINGS, signature)


def features_per_qubit(encoding: Encoding) -> int:
    """Return how many features an encoding puts on a qubit: 1, unless it says otherwise.

    Raises
    ------
    TypeError, ValueError
        If its attribute ``features_per_qubit`` is no integer of at least 1.

    Examples
    --------
    >>> features_per_qubit(DenseEncoding()), features_per_qubit(AngleEncoding())
    (2, 1)
    """
    number: Any = getattr(encoding, "features_per_qubit", 1)
    check_count("features_per_qubit of an encoding", number)
    return int(number)


def most_features(encoding: Encoding, n_qubits: int) -> int:
    """Return how many features an encoding puts on so many qubits, each in a place of its own.

    Examples
    --------
    >>> most_features(DenseEncoding(), 3), most_features(AmplitudeEncoding(), 3)
    (6, 8)
    """
    given: Any = getattr(encoding, "most_features", None)
    return n_qubits * features_per_qubit(encoding) if given is None else int(given(n_qubits))


def usual_n_qubits(encoding: Encoding, n_features: int) -> int:
    """Return on how many qubits an encoding puts so many features when the user gives no number.

    From 2 to 8; where it has a method ``most_features``, as many as it needs.

    Examples
    --------
    >>> usual_n_qubits(AngleEncoding(), 30), usual_n_qubits(AmplitudeEncoding(), 30)
    (8, 5)
    """
    if not hasattr(encoding, "most_features"):
        return min(max(-(-n_features // features_per_qubit(encoding)), 2), MAX_AUTOMATIC_QUBITS)
    n_qubits = 1
    while most_features(encoding, n_qubits) < n_features:
        n_qubits += 1
    return n_qubits


def reads_pairs(encoding: Encoding) -> bool:
    """Return whether more than two classes are told by ⟨ZZ⟩ of every pair of qubits, too.

    Examples
    --------
    >>> reads_pairs(AngleSumEncoding()), reads_pairs(AngleEncoding())
    (True, False)
    """
    return bool(getattr(encoding, "reads_pairs", False))
