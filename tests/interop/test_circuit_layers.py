"""Models made of circuits from elsewhere: their sizes, their files, and what is refused."""

import json
import pickle
import warnings

import cirq
import numpy as np
import pennylane as qml
import pytest
import sympy
from backend_helpers import CORE_BACKENDS, each_backend
from qiskit.circuit.library import efficient_su2, real_amplitudes, zz_feature_map
from qiskit.quantum_info import Statevector
from sklearn.base import clone

from qmlplay import VariationalClassifier, VariationalRegressor, load_dataset, load_model
from qmlplay.circuit import Feature, Operation, ParametricCircuit, Weight
from qmlplay.encodings import EncodingUse
from qmlplay.interop import (
    CircuitAnsatz,
    CircuitEncoding,
    from_cirq,
    from_pennylane,
    from_qiskit,
    to_openqasm,
)
from qmlplay.kernels import QuantumKernel, QuantumKernelClassifier

DATA = load_dataset("moons", n_samples=40, random_state=0)
X, y = DATA.X, DATA.y
MAP = from_qiskit(zz_feature_map(2), features="x")
AMPLITUDES = from_qiskit(real_amplitudes(2, reps=1))


def trainable_encoding():
    """An encoding with a weight of its own, which multiplies a feature."""
    q = cirq.LineQubit.range(2)
    x, w = sympy.symbols("x0 x1"), sympy.symbols("w0 w1")
    return from_cirq(
        cirq.Circuit(cirq.rx(w[0] * x[0])(q[0]), cirq.ry(x[1] + w[1])(q[1]), cirq.CX(*q)),
        features="x",
    )


def model(**settings):
    chosen = {"encoding": MAP, "ansatz": AMPLITUDES, "n_layers": 2, "max_iter": 3}
    return VariationalClassifier(**chosen | {"random_state": 0} | settings)


@pytest.mark.parametrize(
    "layer", [MAP, AMPLITUDES, trainable_encoding()], ids=["map", "ansatz", "w"]
)
def test_layers_are_values(layer):
    again = type(layer).from_dict(json.loads(json.dumps(layer.to_dict())))
    assert again == layer
    assert hash(again) == hash(layer)
    assert pickle.loads(pickle.dumps(layer)) == layer
    assert MAP != AMPLITUDES


def test_data_are_encoded_once_and_every_layer_has_new_weights():
    circuit = model(n_layers=3).design(n_features=2).circuit
    assert circuit.n_weights == 3 * 4
    assert sum(gate.name == "p" for gate in circuit.circuit.gates) == 2 * 3
    again = model(n_layers=3, reupload=True, trainable_scaling=True).design(n_features=2).circuit
    assert sum(gate.name == "p" for gate in again.circuit.gates) == 3 * 2 * 3
    assert again.n_weights == 3 * (4 + 6)
    assert len(again.scaling_weights) == 3 * 6
    assert MAP.published_use == EncodingUse(
        reupload=False, trainable_scaling=False, keeps_turns=True
    )


def test_weights_of_an_encoding_are_trained_with_the_others():
    clf = model(encoding=trainable_encoding(), max_iter=1).fit(X, y)
    assert clf.circuit_.n_weights == 2 + 2 * 4
    first = clf.design(2).first_model(clf.scaling_, clf.classes_, np.random.RandomState(0))
    assert first.weights[0] == 1  # it multiplies a feature
    assert abs(first.weights[1]) < 0.5  # it is an angle
    assert (clf.weights_[:2] != first.weights[:2]).all()


@each_backend()
def test_gradients_of_polynomials_on_every_backend(name):
    clf = model(encoding=trainable_encoding(), max_iter=1).fit(X, y)
    cotangents = np.random.default_rng(3).normal(size=(5, 2))
    by_weights, by_X = clf.model_.gradients(X[:5], name, cotangents)

    def total(weights, rows):
        changed = clf.model_.with_numbers(np.concatenate([weights, clf.readout_.numbers]))
        return np.sum(cotangents * changed.expectations(rows, "numpy"))

    w = clf.weights_
    for found, place in zip(by_weights, np.eye(len(w)) * 1e-5, strict=True):
        slope = (total(w + place, X[:5]) - total(w - place, X[:5])) / 2e-5
        assert found == pytest.approx(slope, abs=1e-7)
    for k in range(2):
        step = np.zeros_like(X[:5])
        step[2, k] = 1e-5
        slope = (total(w, X[:5] + step) - total(w, X[:5] - step)) / 2e-5
        assert by_X[2, k] == pytest.approx(slope, abs=1e-7)


def test_files_hold_them_and_move_between_backends(tmp_path):
    clf = model(encoding=trainable_encoding()).fit(X, y)
    clf.save(tmp_path / "model.qmlplay")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nothing is left out
        for name in CORE_BACKENDS:
            again = load_model(tmp_path / "model.qmlplay", backend=name)
            np.testing.assert_allclose(
                again.decision_function(X), clf.decision_function(X), atol=1e-12
            )
            assert (again.encoding, again.ansatz) == (clf.encoding, clf.ansatz)
    refitted = load_model(tmp_path / "model.qmlplay").fit(X, y)
    np.testing.assert_array_equal(refitted.weights_, clf.weights_)


def test_kernels_and_regressors_take_them(tmp_path):
    kernel = QuantumKernelClassifier(encoding=MAP).fit(X, y)
    assert kernel.score(X, y) > 0.7
    kernel.save(tmp_path / "kernel.qmlplay")
    assert load_model(tmp_path / "kernel.qmlplay").encoding == MAP
    regressor = VariationalRegressor(encoding=MAP, ansatz=AMPLITUDES, max_iter=2).fit(X, X[:, 0])
    assert regressor.n_qubits_ == 2
    with pytest.raises(ValueError, match="no trainable weights of its own"):
        QuantumKernelClassifier(encoding=trainable_encoding()).fit(X, y)


def test_a_kernel_is_that_of_qiskits_states():
    circuit = zz_feature_map(2)
    states = [Statevector(circuit.assign_parameters(x)).data for x in X[:6]]
    expected = np.abs(np.conj(states) @ np.transpose(states)) ** 2
    np.testing.assert_allclose(QuantumKernel(encoding=MAP)(X[:6]), expected, atol=1e-12)


def test_the_number_of_qubits_is_that_of_the_circuit():
    three = from_qiskit(real_amplitudes(3))
    assert model(encoding="angle", ansatz=three).design(n_features=2).circuit.n_qubits == 3
    su2 = from_qiskit(efficient_su2(4))
    wide = from_qiskit(zz_feature_map(4), "x")
    assert model(encoding=wide, ansatz=su2).design(n_features=4).circuit.n_qubits == 4
    assert model(encoding=wide, ansatz="real_amplitudes").design(4).circuit.n_qubits == 4


def test_clone_and_grid_parameters_keep_them():
    assert clone(model()).get_params()["encoding"] == MAP


def test_our_own_circuits_take_the_same_way_in_and_out():
    text = to_openqasm(model(encoding="angle").design(2).circuit)
    assert text.count("input float[64]") == 2 + 2 * (2 + 4)


@qml.qnode(qml.device("default.qubit"))
def node(x):
    qml.RX(x, 0)
    return qml.expval(qml.Z(0))


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        (
            {"encoding": from_qiskit(zz_feature_map(3), "x")},
            ValueError,
            r"reads 3 feature\(s\) \(x\[0\], x\[1\], x\[2\]\), but X has 2 column",
        ),
        (
            {"ansatz": from_qiskit(real_amplitudes(3))},
            ValueError,
            r"of 3 qubit\(s\), but the model has 2: leave out n_qubits or give n_qubits=3",
        ),
        ({"n_qubits": 4}, ValueError, r"of 2 qubit\(s\), but the model has 4: leave out n_qubits"),
        ({"encoding": AMPLITUDES}, TypeError, "has only weights .*say which of its symbols are"),
        ({"ansatz": MAP}, TypeError, r"reads features \('x\[0\]', 'x\[1\]'\): leave out features="),
        ({"encoding": zz_feature_map(2)}, TypeError, "encoding=from_qiskit.circuit, features='x'"),
        ({"ansatz": real_amplitudes}, TypeError, r"ansatz=from_qiskit\(circuit\)"),
        ({"encoding": cirq.Circuit()}, TypeError, "encoding=from_cirq.circuit, features='x'."),
        ({"ansatz": qml.StronglyEntanglingLayers}, TypeError, r"ansatz=from_pennylane\(function"),
        ({"ansatz": node}, TypeError, r"ansatz=from_pennylane\(function"),
        ({"encoding": "OPENQASM 3.0; qubit q;"}, TypeError, "encoding=from_openqasm.text"),
        (
            {"ansatz": lambda n, layer: qml.StronglyEntanglingLayers(layer, wires=range(n))},
            TypeError,
            r"failed inside another framework \(IndexError.*ansatz=from_pennylane",
        ),
        (
            {"ansatz": lambda n, layer: [qml.RX(0.1, 0)]},
            TypeError,
            r"it returned \[RX.*ansatz=from_pennylane",
        ),
        (
            {"encoding": lambda n, n_features: zz_feature_map(n)},
            TypeError,
            "it returned <qiskit.*encoding=from_qiskit",
        ),
    ],
)
def test_what_is_not_right_says_what_to_type(settings, error, message):
    with pytest.raises(error, match=message):
        model(**settings).fit(X, y)


def test_errors_of_ones_own_function_pass_through():
    def ansatz(n_qubits, layer):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        model(ansatz=ansatz).fit(X, y)


def test_names_must_fit():
    circuit = ParametricCircuit.from_operations(
        1, [Operation("rx", 0, Feature(0)), Operation("rx", 0, Weight(0))], 1
    )
    with pytest.raises(ValueError, match="feature_names must be 1 names"):
        CircuitEncoding(circuit, (), ("w",))
    with pytest.raises(ValueError, match="weight_names must be 1 names"):
        CircuitEncoding(circuit, ("x",))
    with pytest.raises(ValueError, match="feature_names must be 1 names"):
        CircuitAnsatz(circuit, weight_names=("w",))


def test_a_pennylane_model_is_the_qnode():
    """Expectations of an untrained model against PennyLane's own."""

    def encode(x):
        qml.AngleEmbedding(x, wires=range(2), rotation="Y")

    def layer(w):
        qml.StronglyEntanglingLayers(w, wires=range(2))

    shape = (1, 2, 3)
    clf = model(
        encoding=from_pennylane(encode, features=2),
        ansatz=from_pennylane(layer, weights=shape),
        scale_inputs=False,
        n_layers=1,
        max_iter=1,
    ).fit(X, y)

    @qml.qnode(qml.device("default.qubit", wires=2))
    def expectations(x):
        encode(x)
        layer(clf.weights_.reshape(shape))
        return qml.expval(qml.Z(0)), qml.expval(qml.Z(1))

    np.testing.assert_allclose(
        clf.model_.expectations(X[:4], "numpy"), [expectations(x) for x in X[:4]], atol=1e-12
    )
