"""The design of a model before training: qubits, circuit, observables, first numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qmlplay.ansatze import Ansatz, get_ansatz
from qmlplay.backends.inputs import check_memory
from qmlplay.checks import check_count
from qmlplay.circuit import (
    CircuitBlock,
    Observable,
    Observables,
    ParametricCircuit,
    build_layers,
    fixed_n_qubits,
)
from qmlplay.encodings import Encoding, get_encoding, reads_pairs, usual_n_qubits
from qmlplay.interop.circuit_layers import check_roles
from qmlplay.model.observable_choice import choose_observables, observables_of
from qmlplay.model.readout import Readout
from qmlplay.model.scaling import InputScaling
from qmlplay.model.target_scaling import TargetScaling
from qmlplay.model.trained import TrainedModel
from qmlplay.model.trained_circuit import TrainedCircuit
from qmlplay.model.trained_regression import TrainedRegression
from qmlplay.typing import Real

__all__ = ["ModelDesign", "choose_n_qubits", "choose_observables", "first_weights"]


#: First scale of the readout, as large as an undecided model's decision values should get.
_FIRST_SCALE = 2.0
#: Spread of the first weights, in radians: near the identity gradients do not vanish
#: (Zhang et al., arXiv:2203.09376).
_FIRST_SPREAD = 0.1


@dataclass(frozen=True)
class ModelDesign:
    """A model without numbers: what there is to train.

    Parameters
    ----------
    circuit : ParametricCircuit
        The circuit and the formulas of its angles.
    observables : tuple of (str or PauliSum)
        Pauli strings, one letter per qubit, qubit 0 first, and sums of them.
    n_outputs : int
        Decision values of a sample: one for two classes, one per class for more, and one per
        target of a regression.
    readout : {"linear", "fixed"}, default="linear"
        Whether the readout is trained.
    blocks : tuple of CircuitBlock, default=()
        The encoding and the ansatz of every layer, in the order of the circuit.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier
    >>> design = VariationalClassifier(n_layers=2).design(n_features=3, n_classes=3)
    >>> design.observables, design.n_outputs, design.n_parameters
    (('ZII', 'IZI', 'IIZ', 'ZZI', 'ZIZ', 'IZZ'), 3, 45)
    """

    circuit: ParametricCircuit
    observables: Observables
    n_outputs: int
    readout: str = "linear"
    blocks: tuple[CircuitBlock, ...] = ()

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
        observables: str | Sequence[Observable] = "auto",
        readout: str = "linear",
        outputs_are: str = "classes",
        keeps_amplitudes: bool = True,
    ) -> ModelDesign:
        """Return the design for such data; parameters as in `VariationalClassifier`.

        Messages call the outputs what they are, classes or targets. Where a simulator keeps no
        amplitudes, there may be more qubits than memory has place for.

        Raises
        ------
        TypeError, ValueError
            If a number is not allowed, encoding or ansatz make no circuit that reads a feature,
            there are more outputs than observables, or the states would not fit into memory.
        """
        check_count("n_features", n_features)
        layer = get_encoding(encoding)
        trainable = get_ansatz(ansatz)
        check_roles(layer, trainable)
        n_qubits = n_qubits or choose_n_qubits(layer, n_features, n_outputs, trainable)
        if keeps_amplitudes:
            check_memory(n_qubits, 8)
        circuit, blocks = build_layers(
            layer,
            trainable,
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
        measured = observables_of(
            observables, n_qubits, n_outputs, pairs=reads_pairs(layer), outputs_are=outputs_are
        )
        return cls(circuit, measured, n_outputs, readout, blocks)

    @property
    def n_parameters(self) -> int:
        """Number of all trainable numbers, those of a linear readout included."""
        of_readout = 0 if self.readout == "fixed" else (len(self.observables) + 1) * self.n_outputs
        return self.circuit.n_weights + of_readout

    def fits(self, model: TrainedCircuit) -> bool:
        """Return whether a model has this design, whatever its numbers are."""
        is_fixed = self.readout == "fixed"
        return (self.circuit, self.observables, is_fixed) == (
            model.circuit,
            model.observables,
            model.readout.is_fixed,
        )

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
        return weights, _first_readout(
            len(self.observables), self.n_outputs, is_fixed=self.readout == "fixed"
        )


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


def choose_n_qubits(
    encoding: Encoding, n_features: int, n_classes: int = 2, ansatz: Ansatz | None = None
) -> int:
    """Return the number of qubits when the user gives none: one per feature, from 2 to 8.

    Circuits from elsewhere have a number of their own (see `fixed_n_qubits`), which counts.

    An encoding may put more than one feature on a qubit (see `usual_n_qubits`). There are
    more qubits where the observables, at most 4ⁿ − 1 on n qubits, would not suffice for the
    classes; for an encoding that reads pairs those of Z alone, 2ⁿ − 1, have to suffice, which
    are all measured at once.

    Examples
    --------
    >>> from qmlplay.encodings import AngleEncoding, DenseEncoding
    >>> choose_n_qubits(AngleEncoding(), 4), choose_n_qubits(DenseEncoding(), 4)
    (4, 2)
    """
    if (fixed := fixed_n_qubits(encoding, ansatz)) is not None:
        return fixed
    n_qubits = usual_n_qubits(encoding, n_features)
    while (2 if reads_pairs(encoding) else 4) ** n_qubits <= n_classes:
        n_qubits += 1
    return n_qubits


def _first_readout(n_observables: int, outputs: int, *, is_fixed: bool) -> Readout:
    """Let every observable vote for one output; the others' shares are left to training.

    A fixed readout has the mean of the votes.
    """
    votes = np.zeros((n_observables, outputs))
    index = np.arange(n_observables)
    votes[index, index % outputs] = 1
    if is_fixed:
        return Readout(votes / votes.sum(axis=0), np.zeros(outputs), is_fixed=True)
    scale = _FIRST_SCALE * votes / np.sqrt(-(-n_observables // outputs))
    return Readout(scale, np.zeros(outputs))
