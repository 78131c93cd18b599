"""What the classifier decides for itself: qubits, observables, first weights, input scaling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice, product
from math import pi
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qmlplay.ansatze import get_ansatz
from qmlplay.backends.inputs import check_memory
from qmlplay.circuit import ParametricCircuit, build_circuit
from qmlplay.encodings import DenseEncoding, Encoding, get_encoding
from qmlplay.training import Readout

if TYPE_CHECKING:
    from qmlplay.classifier.estimator import VariationalClassifier

__all__ = [
    "InputScaling",
    "choose_n_qubits",
    "choose_observables",
    "design",
    "first_numbers",
    "n_outputs",
]

Real = NDArray[np.float64]

#: First scale of the readout, as large as an undecided model's decision values should get.
_FIRST_SCALE = 2.0
#: Spread of the first weights, in radians: near the identity gradients do not vanish
#: (Zhang et al., arXiv:2203.09376).
_FIRST_SPREAD = 0.1
#: More features than this share qubits, unless n_qubits says otherwise.
MAX_AUTOMATIC_QUBITS = 8
_FARTHEST = 1e15  # radians


def choose_n_qubits(encoding: Encoding, n_features: int, n_classes: int = 2) -> int:
    """Return the number of qubits when the user gives none: one per feature, from 2 to 8.

    A dense encoding puts two features on a qubit. There are more where the observables, at most
    4ⁿ − 1 on n qubits, would not suffice for the classes.

    Examples
    --------
    >>> from qmlplay.encodings import AngleEncoding, DenseEncoding
    >>> choose_n_qubits(AngleEncoding(), 4), choose_n_qubits(DenseEncoding(), 4)
    (4, 2)
    """
    per_qubit = 2 if isinstance(encoding, DenseEncoding) else 1
    n_qubits = min(max(-(-n_features // per_qubit), 2), MAX_AUTOMATIC_QUBITS)
    while 4**n_qubits <= n_classes:
        n_qubits += 1
    return n_qubits


def choose_observables(n_qubits: int, n_classes: int) -> tuple[str, ...]:
    """Return what is measured: Z on every qubit, and more where there are more classes.

    First Z on one qubit after the other, then products of Z on more and more qubits, then
    the same with X and with Y, then all other Pauli strings: at least one observable per class.

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
    wanted = max(n_qubits, n_outputs(n_classes))
    strings = islice(_pauli_strings(n_qubits), wanted)
    found = tuple(strings)
    if len(found) < wanted:
        raise ValueError(
            f"{n_classes} classes need {wanted} observables, but {n_qubits} qubit(s) have only "
            f"{len(found)} here: use a larger n_qubits"
        )
    return found


def _pauli_strings(n_qubits: int) -> Iterator[str]:
    """Yield every Pauli string but the identity, the simplest to measure first."""
    for letter in "ZXY":
        for size in range(1, n_qubits + 1):
            for qubits in combinations(range(n_qubits), size):
                yield "".join(letter if q in qubits else "I" for q in range(n_qubits))
    for letters in product("IZXY", repeat=n_qubits):
        if len(set(letters) - {"I"}) > 1:
            yield "".join(letters)


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

    @property
    def slope(self) -> Real:
        """Radians per unit of every feature, shape (n_features,)."""
        return np.asarray(pi / 2 / self.half_range)

    def radians(self, X: Real) -> Real:
        """Return X (n_samples, n_features) in radians.

        Values so far outside the training range that a float no longer resolves an angle stay
        finite: they are held at ±1e15.
        """
        with np.errstate(over="ignore"):
            radians = (X - self.center) / self.half_range * (pi / 2)
        return np.clip(radians, -_FARTHEST, _FARTHEST)


def n_outputs(n_classes: int) -> int:
    """Return the number of decision values: one for two classes, one per class for more."""
    return 1 if n_classes == 2 else n_classes


def design(
    clf: VariationalClassifier, n_features: int, n_classes: int
) -> tuple[ParametricCircuit, tuple[str, ...]]:
    """Return the circuit and the observables that a classifier would take for such data."""
    encoding = get_encoding(clf.encoding)
    n_qubits = clf.n_qubits or choose_n_qubits(encoding, n_features, n_classes)
    check_memory(n_qubits, 8)
    circuit = build_circuit(
        encoding,
        get_ansatz(clf.ansatz),
        n_qubits=n_qubits,
        n_features=n_features,
        n_layers=clf.n_layers,
        reupload=clf.reupload,
        trainable_scaling=clf.trainable_scaling,
    )
    if not any(formula.features for formula in circuit.formulas):
        raise ValueError(
            "the circuit reads no feature: the encoding must return at least one operation such "
            "as Operation('ry', 0, Feature(0))"
        )
    return circuit, choose_observables(n_qubits, n_classes)


def _first_readout(n_observables: int, outputs: int) -> Readout:
    """Let every observable vote for one output; the others' shares are left to training."""
    scale = np.zeros((n_observables, outputs))
    place = np.arange(n_observables)
    scale[place, place % outputs] = _FIRST_SCALE
    return Readout(scale / np.sqrt(-(-n_observables // outputs)), np.zeros(outputs))


def first_numbers(
    circuit: ParametricCircuit, n_observables: int, n_classes: int, random: np.random.RandomState
) -> Real:
    """Return all trainable numbers to start from: the circuit's weights, then the readout's."""
    weights = random.normal(0, _FIRST_SPREAD, circuit.n_weights)
    weights[list(circuit.scaling_weights)] = 1
    readout = _first_readout(n_observables, n_outputs(n_classes))
    return np.concatenate([weights, readout.numbers])
