"""Hierarchical ansätze: which qubits meet, shared weights, and pooling as a measurement."""

import numpy as np
import pytest

from qmlplay import VariationalClassifier, get_backend, load_dataset
from qmlplay.ansatze import ANSATZE, Convolutional, TreeTensor, get_ansatz
from qmlplay.circuit import build_circuit, embed, gate_matrix

NUMPY = get_backend("numpy")


def weights_of(operations):
    return {i for op in operations for formula in op.formulas for i in formula.weights}


def pairs_of(operations, *names):
    return [op.qubits for op in operations if op.name in names]


@pytest.mark.parametrize("name", ["tree_tensor", "convolutional"])
@pytest.mark.parametrize("n_qubits", range(1, 9))
def test_everything_flows_to_qubit_0(name, n_qubits):
    """Going back from qubit 0, every qubit is reached through the gates on two qubits."""
    operations = get_ansatz(name)(n_qubits, 0)
    reached = {0}
    for operation in reversed(operations):
        if reached & set(operation.qubits):
            reached |= set(operation.qubits)
    assert reached == set(range(n_qubits))
    assert weights_of(operations) == set(range(len(weights_of(operations))))
    assert get_ansatz(name)(n_qubits, 3) == operations  # every layer is the whole hierarchy


def test_a_tree_of_8():
    operations = TreeTensor()(8, 0)
    assert pairs_of(operations, "cx") == [(1, 0), (3, 2), (5, 4), (7, 6), (2, 0), (6, 4), (4, 0)]
    assert len(weights_of(operations)) == 2 * 8 - 1
    assert operations[-1].qubits == (0,)
    assert len(weights_of(TreeTensor(("ry", "rz"))(8, 0))) == 2 * (2 * 8 - 1)


def test_a_tree_of_5_keeps_the_qubit_without_a_partner():
    operations = TreeTensor()(5, 0)
    assert pairs_of(operations, "cx") == [(1, 0), (3, 2), (2, 0), (4, 0)]
    assert [op.qubits[0] for op in operations if op.name == "ry"] == [0, 1, 2, 3, 0, 2, 0, 4, 0]


def test_convolutions_act_on_every_pair_of_neighbours_with_the_same_weights():
    operations = Convolutional()(6, 0)
    first_level = operations[: [op.name for op in operations].index("crz")]
    assert pairs_of(first_level, "rxx") == [(0, 1), (2, 3), (4, 5), (1, 2), (3, 4), (5, 0)]
    assert weights_of(first_level) == set(range(7))
    angles = [op.angle for op in first_level if op.name == "rxx"]
    assert len(set(angles)) == 1
    assert pairs_of(operations, "crz") == [(1, 0), (3, 2), (5, 4), (2, 0), (4, 0)]
    assert len(weights_of(operations)) == 3 * 9 + 2  # 6 → 3 → 2 → 1 qubits


def test_numbers_of_weights_grow_with_the_levels_alone():
    numbers = [len(weights_of(Convolutional()(2**k, 0))) for k in range(5)]
    assert numbers == [2, 11, 20, 29, 38]


def test_pooling_is_a_measurement_and_a_turn_by_its_result():
    """A density matrix measured in the middle, against the gates at the end."""
    random = np.random.default_rng(0)
    operations = Convolutional()(2, 0)
    start = [op.name for op in operations].index("crz")
    w = random.uniform(-3, 3, len(weights_of(operations)))
    state = random.normal(size=4) + 1j * random.normal(size=4)
    state /= np.linalg.norm(state)

    pooled = np.zeros((2, 2), dtype=complex)  # of qubit 0
    for result, (name, weight) in enumerate((("rx", w[8]), ("rz", w[7]))):
        branch = gate_matrix(name, weight) @ state.reshape(2, 2)[:, result]
        pooled += np.outer(branch, branch.conj())

    for operation in operations[start : start + 3]:
        angle = operation.angle and w[operation.angle.index]
        state = embed(gate_matrix(operation.name, angle), operation.qubits, 2) @ state
    left = state.reshape(2, 2)
    np.testing.assert_allclose(left @ left.conj().T, pooled, atol=1e-12)


def test_a_shared_weight_gets_the_sum_of_its_derivatives():
    circuit = build_circuit(
        lambda n, f: [], get_ansatz("convolutional"), n_qubits=4, n_features=1, n_layers=1
    )
    w, X = np.random.default_rng(1).normal(size=circuit.n_weights), np.zeros((1, 1))

    def value(weights):
        return NUMPY.expectations(circuit.circuit, circuit.angles(X, weights), ["ZIII"])[0, 0]

    slopes = NUMPY.gradients(circuit.circuit, circuit.angles(X, w), ["ZIII"], np.ones((1, 1)))
    steps = 1e-6 * np.eye(len(w))
    expected = [(value(w + step) - value(w - step)) / 2e-6 for step in steps]
    np.testing.assert_allclose(circuit.weight_gradient(X, w, slopes), expected, atol=1e-8)


@pytest.mark.parametrize("name", ["tree_tensor", "convolutional"])
@pytest.mark.parametrize("n_layers", [2, 3])
def test_they_learn_with_any_encoding_and_several_layers(name, n_layers):
    data = load_dataset("moons", n_samples=60, random_state=0)
    clf = VariationalClassifier(ansatz=name, n_layers=n_layers, max_iter=40, random_state=0)
    assert clf.fit(data.X, data.y).score(data.X, data.y) > 0.85
    per_layer = len(weights_of(ANSATZE[name](2, 0)))
    assert clf.circuit_.n_weights == n_layers * (2 + per_layer)  # and two input scalings
