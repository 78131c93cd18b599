"""Circuits that go out with symbols: one circuit for all samples, in the units of the features."""

import cirq
import numpy as np
import pennylane as qml
import pytest
import sympy
from native_states import cirq_state
from qiskit.circuit.library import zz_feature_map
from qiskit.primitives import StatevectorEstimator
from qiskit.quantum_info import Statevector

from qmlplay import VariationalClassifier, get_backend, load_dataset
from qmlplay.circuit import Circuit, Gate, Operation, ParametricCircuit, Polynomial, Weight
from qmlplay.interop import (
    from_cirq,
    from_openqasm,
    from_pennylane,
    from_qiskit,
    to_cirq,
    to_openqasm,
    to_pennylane,
    to_qiskit,
)

IRIS = load_dataset("iris")
X = IRIS.X[::5]  # 30 rows
ENCODINGS = {
    "angle_sum": "angle_sum",
    "angle": "angle",
    "dense": "dense",
    "reuploading": "reuploading",
    "zz": "zz",
    "iqp": "iqp",
    "from elsewhere": from_qiskit(zz_feature_map(4, reps=1), features="x"),
}
MODELS = pytest.mark.parametrize("model", ENCODINGS, indirect=True)


@pytest.fixture(scope="module")
def model(request):
    clf = VariationalClassifier(
        encoding=ENCODINGS[request.param], n_layers=2, max_iter=2, random_state=0
    )
    return clf.fit(IRIS.X, IRIS.y)


def states(model):
    return get_backend("numpy").statevector(model.circuit_.circuit, model.model_.angles(X))


def by_name(model, row):
    x = {f"x[{k}]": float(value) for k, value in enumerate(X[row])}
    return x | {f"w[{k}]": float(value) for k, value in enumerate(model.weights_)}


@pytest.mark.slow
@MODELS
def test_thirty_rows_in_one_pub(model):
    circuit = model.to_qiskit()
    w = {p: model.weights_[p.index] for p in circuit.parameters if p.vector.name == "w"}
    observables = [[string[::-1]] for string in model.observables_]
    pub = (circuit.assign_parameters(w), observables, X)
    values = StatevectorEstimator().run([pub]).result()[0].data.evs.T
    decisions = values @ model.readout_.scale + model.readout_.bias
    np.testing.assert_allclose(decisions, model.decision_function(X), rtol=0, atol=1e-13)


@MODELS
def test_cirq(model):
    circuit = model.to_cirq()
    assert {str(s) for s in cirq.parameter_symbols(circuit)} == set(by_name(model, 0))
    for row in (0, 7, 29):
        state = cirq_state(circuit, by_name(model, row))
        np.testing.assert_allclose(state, states(model)[row], rtol=0, atol=1e-12)


@MODELS
def test_pennylane_takes_a_sample_or_a_batch(model):
    qfunc = model.to_pennylane()

    @qml.qnode(qml.device("default.qubit", wires=model.n_qubits_))
    def state(x, w):
        qfunc(x, w)
        return qml.state()

    expected = states(model)
    np.testing.assert_allclose(state(X, model.weights_), expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(state(X[3], model.weights_), expected[3], rtol=0, atol=1e-12)


@MODELS
def test_round_trips(model):
    """Out and in again: the same states of the same features and weights."""
    expected, n = states(model), len(model.weights_)
    for layer in (
        from_qiskit(model.to_qiskit(), "x", weights="w"),
        from_cirq(model.to_cirq(), "x", weights="w"),
        from_openqasm(model.to_openqasm(), "x", weights="w"),
        from_pennylane(model.to_pennylane(), 4, n),
    ):
        circuit = layer.circuit
        found = get_backend("numpy").statevector(circuit.circuit, circuit.angles(X, model.weights_))
        phases = np.sum(found.conj() * expected, axis=1, keepdims=True)
        np.testing.assert_allclose(found * phases, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("encoding", ["angle", "dense", "zz", "iqp"])
def test_round_trips_in_radians_give_the_same_circuit(encoding):
    """Gates, formulas, and the order of both; Cirq sorts gates into moments."""
    clf = VariationalClassifier(encoding=encoding, ansatz="strongly_entangling", n_layers=2)
    circuit = clf.design(n_features=3).circuit
    n = circuit.n_weights
    assert from_qiskit(to_qiskit(circuit), "x", weights="w").circuit == circuit
    assert from_pennylane(to_pennylane(circuit), 3, n).circuit == circuit
    again = from_cirq(to_cirq(circuit), "x", weights="w").circuit
    assert sorted(map(repr, again.formulas)) == sorted(map(repr, circuit.formulas))


def test_pennylane_differentiates_by_features_and_weights():
    model = VariationalClassifier(n_layers=1, max_iter=1, random_state=0).fit(IRIS.X, IRIS.y)
    qfunc = model.to_pennylane()

    @qml.qnode(qml.device("default.qubit", wires=4), diff_method="backprop")
    def expectation(x, w):
        qfunc(x, w)
        return qml.expval(qml.Z(1))

    x = qml.numpy.array(X[0], requires_grad=True)
    w = qml.numpy.array(model.weights_, requires_grad=True)
    by_x, by_w = qml.grad(expectation)(x, w)
    cotangents = np.array([[s == "IZII" for s in model.observables_]], dtype=float)
    expected_w, expected_x = model.model_.gradients(X[:1], "numpy", cotangents)
    np.testing.assert_allclose(by_x, expected_x[0], atol=1e-12)
    np.testing.assert_allclose(by_w, expected_w, atol=1e-12)


def test_features_have_the_units_of_the_training_data():
    clf = VariationalClassifier(
        encoding="angle", ansatz="no_entanglement", trainable_scaling=False, n_layers=1, max_iter=1
    ).fit([[10.0], [30.0]], ["a", "b"])
    angle = sympy.sympify(clf.to_cirq().moments[0].operations[0].gate.exponent * sympy.pi)
    assert float(angle.subs("x[0]", 20.0)) == pytest.approx(0)
    assert float(angle.subs("x[0]", 30.0)) == pytest.approx(np.pi / 2)
    assert to_qiskit(clf.circuit_).data[0].operation.params[0].name == "x[0]"  # radians


def test_values_held_at_a_limit_have_to_be_held_beforehand():
    data = np.append(np.arange(20.0, 61.0), 1e6)[:, None]
    clf = VariationalClassifier(n_layers=1, max_iter=1).fit(data, np.arange(42) % 2)
    circuit = clf.to_qiskit()
    x, w = ([p for p in circuit.parameters if p.vector.name == name] for name in ("x", "w"))
    bound = circuit.assign_parameters(dict(zip(w, clf.weights_, strict=True)))
    held = float(np.clip(1e6, clf.scaling_.low, clf.scaling_.high)[0])
    state = Statevector(bound.assign_parameters({x[0]: held}).reverse_bits()).data
    expected = get_backend("numpy").statevector(clf.circuit_.circuit, clf.model_.angles(data[-1:]))[
        0
    ]
    np.testing.assert_allclose(state, expected, atol=1e-12)


def test_several_angles_of_one_gate_have_symbols_in_cirq():
    turn = Operation("u", 0, (Weight(0), Polynomial(((2.0, (), (1,)),)), Weight(2)))
    circuit = ParametricCircuit.from_operations(1, [turn], n_features=0)
    w = np.array([0.3, 1.2, -0.7])
    expected = get_backend("numpy").statevector(
        circuit.circuit, circuit.angles(np.zeros((1, 0)), w)
    )
    state = cirq_state(to_cirq(circuit), {f"w[{k}]": v for k, v in enumerate(w)})
    np.testing.assert_allclose(state, expected[0], atol=1e-12)


def test_openqasm_declares_inputs():
    clf = VariationalClassifier(encoding="angle", n_layers=1, max_iter=1).fit(
        [[0.0], [1.0]], [0, 1]
    )
    lines = clf.to_openqasm().splitlines()
    assert "input float[64] x_0;" in lines
    assert f"input float[64] w_{len(clf.weights_) - 1};" in lines


@pytest.mark.parametrize("export", ["to_qiskit", "to_cirq", "to_openqasm"])
def test_angles_that_are_no_polynomials_have_no_symbols(export):
    clf = VariationalClassifier(encoding="amplitude", n_layers=1, max_iter=1)
    clf.fit(IRIS.X, IRIS.y)
    with pytest.raises(ValueError, match="AmplitudeAngle cannot be written with symbols"):
        getattr(clf, export)()
    getattr(clf, export)(X[0])


@pytest.mark.parametrize("export", [to_qiskit, to_cirq, to_pennylane, to_openqasm])
def test_symbols_need_formulas(export):
    with pytest.raises(ValueError, match="takes 1 angles: give them, or a ParametricCircuit"):
        export(Circuit(1, (Gate("rx", (0,), 0),)))
    export(Circuit(1, (Gate("h", (0,)),)))


def test_numbers_may_come_with_a_parametric_circuit():
    circuit = ParametricCircuit.from_operations(1, [Operation("rx", 0, Weight(0))], 0)
    assert to_qiskit(circuit, [0.5]) == to_qiskit(circuit.circuit, [0.5])
    assert [parameter.name for parameter in to_qiskit(circuit).parameters] == ["w[0]"]
