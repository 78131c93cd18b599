"""Trained models for the tests of exports: of every kind, with numbers far from the first ones."""

import numpy as np

from qmlplay import VariationalClassifier
from qmlplay.circuit import (
    Feature,
    FeatureProduct,
    FeatureSum,
    Fixed,
    OffsetFeature,
    Operation,
    ParametricCircuit,
    PauliSum,
    Polynomial,
    Weight,
    WeightedFeature,
)
from qmlplay.circuit.gates import GATES
from qmlplay.model import InputScaling, Readout, TrainedModel

ENCODINGS = ("angle", "angle_sum", "dense", "zz", "iqp", "amplitude", "reuploading")
ANSATZE = (
    "hardware_efficient",
    "hardware_efficient_rxx",
    "strongly_entangling",
    "real_amplitudes",
    "no_entanglement",
    "tree_tensor",
    "convolutional",
)


def trained(rng, n_features=3, n_classes=2, **parameters):
    """Return a fitted classifier with random numbers, and its samples."""
    X, y = rng.normal(size=(20, n_features)), np.arange(20) % n_classes
    clf = VariationalClassifier(max_iter=1, random_state=0, **{"n_layers": 2} | parameters)
    model = clf.fit(X, y).model_
    return clf.with_model(model.with_numbers(rng.normal(size=model.n_parameters))), X


def random_model(seed):
    """Return a classifier's model of random gates of the table, formulas and observables."""
    rng = np.random.default_rng(seed)
    n_qubits, n_classes = int(rng.integers(1, 8)), int(rng.integers(2, 5))
    circuit = random_circuit(rng, n_qubits, n_gates=int(rng.integers(1, 25)))
    strings = ["".join(rng.choice(list("IXYZ"), n_qubits)) for _ in range(3)]
    observables = (strings[0], PauliSum.from_dict({strings[1]: 0.7, strings[2]: -0.4}))
    n_outputs = 1 if n_classes == 2 else n_classes
    return TrainedModel(
        circuit,
        observables,
        InputScaling(rng.normal(size=2), np.ones(2), low=np.array([-2.0, -np.inf])),
        rng.normal(size=circuit.n_weights),
        Readout(rng.normal(size=(2, n_outputs)), rng.normal(size=n_outputs)),
        np.arange(n_classes),
    )


def random_circuit(rng, n_qubits, n_gates):
    """Return a circuit of two features that reads at least one."""
    names = sorted(name for name, kind in GATES.items() if kind.n_qubits <= n_qubits)
    formulas = _Formulas(rng)
    operations = [Operation("ry", 0, Feature(1))]
    for name in rng.choice(names, n_gates):
        kind = GATES[name]
        angles = tuple(formulas.drawn() for _ in range(kind.n_angles))
        qubits = tuple(int(qubit) for qubit in rng.permutation(n_qubits)[: kind.n_qubits])
        angle = None if not angles else angles[0] if len(angles) == 1 else angles
        operations.append(Operation(str(name), qubits, angle))
    return ParametricCircuit.from_operations(n_qubits, operations, 2)


class _Formulas:
    """Formulas of every kind, their weights numbered as they come."""

    def __init__(self, rng):
        self._rng = rng
        self._n_weights = 0

    def _weight(self):
        self._n_weights += 1
        return self._n_weights - 1

    def drawn(self):
        i, j = (int(k) for k in self._rng.integers(0, 2, 2))
        scale = float(self._rng.choice([1, 2, 0.5, 3, -1]))
        kinds = (
            lambda: Fixed(scale),
            lambda: Weight(self._weight()),
            lambda: Weight(self._weight()),
            lambda: Feature(i, scale),
            lambda: OffsetFeature(i, self._weight(), scale),
            lambda: WeightedFeature(i, self._weight(), scale),
            lambda: FeatureSum((0, 1), scale),
            lambda: FeatureProduct((i, j), scale, float(self._rng.choice([0, np.pi]))),
            lambda: Polynomial(
                (
                    (1.0, (i, j), ()),
                    (0.5, (i,), (self._weight(),)),
                    (0.3, (), ()),
                    (-0.7, (), (self._weight(),)),
                )
            ),
        )
        return kinds[self._rng.integers(0, len(kinds))]()
