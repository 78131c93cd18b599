"""The default model: what its circuit computes, where it starts, and that old names stay."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from backend_helpers import each_backend

from qmlplay import VariationalClassifier, get_backend, load_dataset
from qmlplay.backends.pauli import measurement_groups
from qmlplay.encodings import AngleEncoding, AngleSumEncoding
from qmlplay.model import InputScaling
from qmlplay.model.design import choose_n_qubits, choose_observables

WIDE = [1, 2, 3, 5, 8, 9, 16, 37, 64]


def first_model(n_features, n_classes=2, seed=0, **settings):
    design = VariationalClassifier(**settings).design(n_features, n_classes)
    random = np.random.RandomState(seed)
    classes = np.arange(n_classes)
    return design.first_model(InputScaling.identity(n_features), classes, random)


def rows(n_features, n=20, seed=1):
    return np.random.default_rng(seed).uniform(-np.pi / 2, np.pi / 2, (n, n_features))


@pytest.mark.parametrize("n_features", WIDE)
def test_at_the_identity_a_qubit_is_the_sine_of_a_weighted_sum(n_features):
    model, X = first_model(n_features, n_layers=3), rows(n_features)
    scaling = np.random.default_rng(2).normal(size=model.circuit.n_weights)
    is_scaling = np.isin(np.arange(len(scaling)), model.circuit.scaling_weights)
    weights = np.where(is_scaling, scaling, 0.0)  # no turn of its own, no entanglement
    n_qubits = min(max(n_features, 2), 8)
    angle, k = np.zeros((len(X), n_qubits)), 0
    for layer in range(3):
        for qubit in range(n_qubits):  # written out anew: feature i goes to qubit i, i + 1, …
            dealt = [
                i
                for i in range(max(n_features, n_qubits))
                if (i + layer * (i // n_qubits)) % n_qubits == qubit
            ]
            for i in dealt:
                while not is_scaling[k]:
                    k += 1
                angle[:, qubit] += min(1, 2 / n_features) * scaling[k] * X[:, i % n_features]
                k += 1
    computed = replace(model, weights=weights).expectations(X, "numpy")
    np.testing.assert_allclose(computed, -np.sin(angle), atol=1e-12)


@pytest.mark.parametrize("n_features", WIDE)
@pytest.mark.parametrize("layer", [0, 1, 5])
def test_every_layer_reads_every_feature(n_features, layer):
    operations = AngleSumEncoding(layer)(4, n_features)
    read = [i for op in operations if op.angle is not None for i in op.angle.features]
    assert set(read) == set(range(n_features))
    assert len(read) == max(4, n_features)
    assert [op.name for op in operations].count("h") == (4 if layer == 0 else 0)


def test_features_that_share_a_qubit_meet_others_in_the_next_layer():
    together = [
        {op.angle.features for op in AngleSumEncoding(layer)(8, 24) if op.name == "ry"}
        for layer in range(2)
    ]
    assert not together[0] & together[1]


def test_one_layer_only_has_hadamards_and_the_encoding_may_come_once():
    circuit = VariationalClassifier(n_layers=3, reupload=False).design(2).circuit
    assert [gate.name for gate in circuit.circuit.gates].count("h") == 2
    assert len(circuit.data_slots) == 2
    with pytest.raises(ValueError, match="layer must be an integer from 0 on"):
        AngleSumEncoding(-1)


@pytest.mark.parametrize("n_features", [2, 4, 8, 16, 64])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_start_has_a_slope_in_every_weight(n_features, n_classes):
    model, X = first_model(n_features, n_classes), rows(n_features, 40)
    random = np.random.default_rng(3)
    cotangents = random.normal(size=(len(X), len(model.observables)))
    slopes = np.abs(model.weight_gradient(X, "numpy", cotangents))
    assert slopes.min() > 1e-9
    scaling = list(model.circuit.scaling_weights)
    assert np.median(slopes[scaling]) > 0.1 * min(1, 2 / n_features)


def test_without_the_hadamards_a_small_feature_has_no_slope():
    X = np.full((1, 4), 1e-3)
    by_sine = first_model(4, n_layers=1)
    by_cosine = first_model(4, n_layers=1, encoding="angle", ansatz="hardware_efficient_rxx")
    slopes = []
    for model in (by_sine, by_cosine):
        at_identity = np.zeros(model.circuit.n_weights)
        at_identity[list(model.circuit.scaling_weights)] = 1
        at_start = replace(model, weights=at_identity)
        slopes.append(np.abs(at_start.input_gradient(X, "numpy", np.ones((1, 4)))).min())
    assert slopes[0] == pytest.approx(0.5, rel=1e-4)
    assert slopes[1] < 2e-3


def test_the_ablation_is_the_same_circuit_without_entanglers():
    full = VariationalClassifier().design(10, 3)
    ablation = VariationalClassifier(ansatz="no_entanglement").design(10, 3)
    kept = [(g.name, g.qubits) for g in full.circuit.circuit.gates if g.name != "rxx"]
    assert kept == [(g.name, g.qubits) for g in ablation.circuit.circuit.gates]
    assert full.observables == ablation.observables
    assert full.circuit.circuit.n_two_qubit_gates == 4 * 8
    assert ablation.circuit.circuit.n_two_qubit_gates == 0


@each_backend("backend", names=["qiskit", "cirq", "pennylane"])
def test_every_framework_computes_the_same(backend):
    model, X = first_model(10, 3, n_qubits=4, n_layers=2), rows(10, 5)
    cotangents = np.random.default_rng(4).normal(size=(5, len(model.observables)))
    np.testing.assert_allclose(
        model.expectations(X, backend), model.expectations(X, "numpy"), atol=1e-12
    )
    for ours, theirs in zip(
        model.gradients(X, "numpy", cotangents),
        model.gradients(X, get_backend(backend), cotangents),
        strict=True,
    ):
        np.testing.assert_allclose(theirs, ours, atol=1e-10)


@pytest.mark.parametrize("n_classes", range(2, 17))
@pytest.mark.parametrize("n_features", [1, 2, 4, 64])
def test_all_classes_are_read_in_one_measurement_setting(n_features, n_classes):
    n_qubits = choose_n_qubits(AngleSumEncoding(), n_features, n_classes)
    observables = choose_observables(n_qubits, n_classes, pairs=True)
    assert len(observables) >= n_classes - (n_classes == 2)
    assert len(set(observables)) == len(observables)
    assert len(measurement_groups(observables)) == 1
    assert n_qubits <= 8
    n_pairs = n_qubits * (n_qubits - 1) // 2 if n_classes > 2 else 0
    assert len(observables) >= n_qubits + n_pairs


def test_other_encodings_choose_as_ever():
    assert choose_n_qubits(AngleEncoding(), 2, 10) == 2
    assert choose_observables(2, 10)[:5] == ("ZI", "IZ", "ZZ", "XI", "IX")
    assert VariationalClassifier(encoding="angle").design(4, 3).observables == (
        "ZIII", "IZII", "IIZI", "IIIZ",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "options", "losses"),
    [
        (
            "moons",
            {"n_samples": 40, "random_state": 0},
            [0.953363852363693, 0.7683363395369452, 0.6346297603634071],
        ),
        ("iris", {}, [1.2281859698120092, 0.9501392543813136, 0.7795609572141742]),
    ],
)
def test_the_names_of_version_0_1_0_give_its_results(name, options, losses):
    data = load_dataset(name, **options)
    model = VariationalClassifier(
        encoding="angle", ansatz="hardware_efficient", n_layers=4, max_iter=3, random_state=0
    ).fit(data.X, data.y)
    np.testing.assert_allclose(model.loss_curve_, losses, rtol=0, atol=1e-12)
