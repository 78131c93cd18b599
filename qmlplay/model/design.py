"""The design of a model before training: qubits, circuit, observables, first numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qmlplay.ansatze import Ansatz, get_ansatz
from qmlplay.backends.inputs import check_memory
from qmlplay.checks import check_count
from qmlplay.circuit import ParametricCircuit, build_circuit
from qmlplay.encodings import Encoding, features_per_qubit, get_encoding, reads_pairs
from qmlplay.model.readout import Readout, n_outputs
from qmlplay.model.scaling import InputScaling
from qmlplay.model.target_scaling import TargetScaling
from qmlplay.model.trained import TrainedModel
from qmlplay.model.trained_regression import TrainedRegression
from qmlplay.typing import Real

__all__ = ["ModelDesign", "choose_n_qubits", "choose_observables", "first_weights"]


#: First scale of the readout, as large as an undecided model's decision values should get.
_FIRST_SCALE = 2.0
#: Spread of the first weights, in radians: near the identity gradients do not vanish
#: (Zhang et al., arXiv:2203.09376).
_FIRST_SPREAD = 0.1
#: More features than this share qubits, unless n_qubits says otherwise.
MAX_AUTOMATIC_QUBITS = 8


@dataclass(frozen=True)
class ModelDesign:
    """A model without numbers: what there is to train.

    Parameters
    ----------
    circuit : ParametricCircuit
        The circuit and the formulas of its angles.
    observables : tuple of str
        Pauli strings, one letter per qubit, qubit 0 first.
    n_outputs : int
        Decision values of a sample: one for two classes, one per class for more, and one per
        target of a regression.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier
    >>> design = VariationalClassifier(n_layers=2).design(n_features=3, n_classes=3)
    >>> design.observables, design.n_outputs, design.n_parameters
    (('ZII', 'IZI', 'IIZ', 'ZZI', 'ZIZ', 'IZZ'), 3, 45)
    """

    circuit: ParametricCircuit
    observables: tuple[str, ...]
    n_outputs: int

    @classmethod
    def make(
        cls,
        n_features: int,
        n_outputs: int,
        *,
        encoding: str | Encoding,
        ansatz: str | Ansatz,
        n_qubits: int | None,
        n_layers: int,
        reupload: bool,
        trainable_scaling: bool,
        outputs_are: str = "classes",
    ) -> ModelDesign:
        """Return the design for such data; parameters as in `VariationalClassifier`.

        Messages call the outputs what they are, classes or targets.

        Raises
        ------
        TypeError, ValueError
            If a number is not allowed, encoding or ansatz make no circuit that reads a feature,
            there are more outputs than observables, or the states would not fit into memory.
        """
        check_count("n_features", n_features)
        layer = get_encoding(encoding)
        n_qubits = n_qubits or choose_n_qubits(layer, n_features, n_outputs)
        check_memory(n_qubits, 8)
        circuit = build_circuit(
            layer,
            get_ansatz(ansatz),
            n_qubits=n_qubits,
            n_features=n_features,
            n_layers=n_layers,
            reupload=reupload,
            trainable_scaling=trainable_scaling,
        )
        if not any(formula.features for formula in circuit.formulas):
            raise ValueError(
                "the circuit reads no feature: the encoding must return at least one operation "
                "such as Operation('ry', 0, Feature(0))"
            )
        pairs = reads_pairs(layer)
        observables = _observables(n_qubits, n_outputs, pairs=pairs, outputs_are=outputs_are)
        return cls(circuit, observables, n_outputs)

    @property
    def n_parameters(self) -> int:
        """Number of all trainable numbers, the readout's included."""
        return self.circuit.n_weights + (len(self.observables) + 1) * self.n_outputs

    def first_model(
        self, scaling: InputScaling, classes: NDArray[Any], random: np.random.RandomState
    ) -> TrainedModel:
        """Return the model of a classifier with the numbers that training starts from."""
        numbers = self._first_numbers(random, 1.0)
        return TrainedModel(self.circuit, self.observables, scaling, *numbers, classes)

    def first_regression(
        self,
        scaling: InputScaling,
        target_scaling: TargetScaling,
        random: np.random.RandomState,
        n_uploads: int,
    ) -> TrainedRegression:
        """Return the model of a regressor with the numbers that training starts from.

        All `n_uploads` encodings together turn by the features once: it starts from the lowest
        frequency, as curves are smoother than boundaries.
        """
        numbers = self._first_numbers(random, 1 / n_uploads)
        return TrainedRegression(self.circuit, self.observables, scaling, *numbers, target_scaling)

    def _first_numbers(
        self, random: np.random.RandomState, frequency: float
    ) -> tuple[Real, Readout]:
        """Return weights and readout; a weight that multiplies features is the frequency."""
        weights = first_weights(self.circuit, random, frequency)
        return weights, _first_readout(len(self.observables), self.n_outputs)


def first_weights(
    circuit: ParametricCircuit, random: np.random.RandomState, frequency: float = 1.0
) -> Real:
    """Return the weights (n_weights,) that training starts from; those of features are given.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier
    >>> circuit = VariationalClassifier(n_layers=1).design(n_features=1).circuit
    >>> first_weights(circuit, np.random.RandomState(0)).round(2)
    array([ 1.  ,  1.  ,  0.1 ,  0.22,  0.19, -0.1 ,  0.1 ])
    """
    weights = random.normal(0, _FIRST_SPREAD, circuit.n_weights)
    weights[list(circuit.scaling_weights)] = frequency
    return weights


def choose_n_qubits(encoding: Encoding, n_features: int, n_classes: int = 2) -> int:
    """Return the number of qubits when the user gives none: one per feature, from 2 to 8.

    An encoding may put more than one feature on a qubit (see `features_per_qubit`). There are
    more qubits where the observables, at most 4ⁿ − 1 on n qubits, would not suffice for the
    classes; for an encoding that reads pairs those of Z alone, 2ⁿ − 1, have to suffice, which
    are all measured at once.

    Examples
    --------
    >>> from qmlplay.encodings import AngleEncoding, DenseEncoding
    >>> choose_n_qubits(AngleEncoding(), 4), choose_n_qubits(DenseEncoding(), 4)
    (4, 2)
    """
    n_qubits = min(max(-(-n_features // features_per_qubit(encoding)), 2), MAX_AUTOMATIC_QUBITS)
    while (2 if reads_pairs(encoding) else 4) ** n_qubits <= n_classes:
        n_qubits += 1
    return n_qubits


def choose_observables(n_qubits: int, n_classes: int, *, pairs: bool = False) -> tuple[str, ...]:
    """Return what is measured: Z on every qubit, and more where there are more classes.

    First Z on one qubit after the other, then products of Z on more and more qubits, then
    the same with X and with Y, then all other Pauli strings: at least one observable per class.

    Parameters
    ----------
    n_qubits, n_classes : int
    pairs : bool, default=False
        Whether more than two classes get the ZZ of every pair of qubits in any case.

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
    >>> choose_observables(2, 3, pairs=True)
    ('ZI', 'IZ', 'ZZ')
    """
    return _observables(n_qubits, n_outputs(n_classes), pairs=pairs, outputs_are="classes")


def _observables(
    n_qubits: int, n_outputs: int, *, pairs: bool, outputs_are: str
) -> tuple[str, ...]:
    """Return what is measured for so many decision values."""
    n_simplest = n_qubits * (n_qubits + 1) // 2 if pairs and n_outputs > 1 else n_qubits
    wanted = max(n_simplest, n_outputs)
    strings = tuple(islice(_pauli_strings(n_qubits), wanted))
    if len(strings) < wanted:
        raise ValueError(
            f"{n_outputs} {outputs_are} need {wanted} observables, but {n_qubits} qubit(s) have "
            f"only {len(strings)} here: use a larger n_qubits"
        )
    return strings


def _pauli_strings(n_qubits: int) -> Iterator[str]:
    """Yield every Pauli string but the identity, the simplest to measure first."""
    for letter in "ZXY":
        for size in range(1, n_qubits + 1):
            for qubits in combinations(range(n_qubits), size):
                yield "".join(letter if q in qubits else "I" for q in range(n_qubits))
    for letters in product("IZXY", repeat=n_qubits):
        if len(set(letters) - {"I"}) > 1:
            yield "".join(letters)


def _first_readout(n_observables: int, outputs: int) -> Readout:
    """Let every observable vote for one output; the others' shares are left to training."""
    scale = np.zeros((n_observables, outputs))
    index = np.arange(n_observables)
    scale[index, index % outputs] = _FIRST_SCALE
    return Readout(scale / np.sqrt(-(-n_observables // outputs)), np.zeros(outputs))
