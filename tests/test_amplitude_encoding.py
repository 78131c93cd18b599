"""Amplitude encoding against the vectors themselves, PennyLane, Qiskit and scikit-learn."""

import numpy as np
import pennylane as qml
import pytest
from backend_helpers import each_backend
from qiskit import QuantumCircuit
from qiskit.circuit.library import StatePreparation
from qiskit.quantum_info import Statevector
from sklearn.datasets import load_iris
from sklearn.metrics.pairwise import cosine_similarity

from qmlplay import (
    QuantumKernel,
    QuantumKernelClassifier,
    QuantumKernelRegressor,
    VariationalClassifier,
    VariationalRegressor,
    compare,
    get_backend,
    load_model,
)
from qmlplay.circuit import AmplitudeAngle, ParametricCircuit
from qmlplay.circuit.formulas import formula_from_dict
from qmlplay.encodings import AmplitudeEncoding, usual_n_qubits

IRIS = load_iris()
LENGTHS = [1, 2, 3, 4, 5, 7, 8, 13, 16, 31, 32, 50, 64]
NO_WEIGHTS = np.zeros(0)


def circuit_for(n_features, n_qubits=None):
    encoding = AmplitudeEncoding()
    n_qubits = n_qubits or usual_n_qubits(encoding, n_features)
    operations = encoding(n_qubits, n_features)
    return ParametricCircuit.from_operations(n_qubits, operations, n_features)


def states(backend, X, n_qubits=None):
    circuit = circuit_for(X.shape[1], n_qubits)
    return backend.statevector(circuit.circuit, circuit.angles(X, NO_WEIGHTS))


def signed_rows(n_features, seed=0):
    """Rows with both signs, with zeros, with one entry alone, and of very different lengths."""
    random = np.random.default_rng([n_features, seed])
    X = random.normal(size=(6, n_features)) * np.array([1, 1, 1e-9, 1e9, 1, 1])[:, None]
    X[1] = np.where(random.random(n_features) < 0.5, 0, X[1])
    X[1, 0] = X[1, 0] or -1.0
    X[4], X[5] = 0, 0
    X[4, -1], X[5, n_features // 2] = -2.0, 3.0
    return X


def padded(X, n_qubits):
    wide = np.zeros((len(X), 2**n_qubits))
    wide[:, : X.shape[1]] = X / np.linalg.norm(X, axis=1, keepdims=True)
    return wide


@each_backend("backend")
@pytest.mark.parametrize("n_features", LENGTHS)
def test_the_state_is_the_row_with_norm_1_signs_included(backend, n_features):
    X = signed_rows(n_features)
    expected = padded(X, usual_n_qubits(AmplitudeEncoding(), n_features))
    np.testing.assert_allclose(states(get_backend(backend), X), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("n_qubits", [3, 5])
def test_further_qubits_stay_zero_in_front(n_qubits):
    X = signed_rows(5)
    found = states(get_backend("numpy"), X, n_qubits)
    np.testing.assert_allclose(found, padded(X, n_qubits), rtol=0, atol=1e-12)


@pytest.mark.parametrize("n_features", [2, 4, 6, 16])
def test_pennylane_and_qiskit_prepare_the_same_states(n_features):
    X = signed_rows(n_features)
    ours = states(get_backend("numpy"), X)
    n_qubits = usual_n_qubits(AmplitudeEncoding(), n_features)

    @qml.qnode(qml.device("default.qubit", wires=n_qubits))
    def theirs(x):
        qml.AmplitudeEmbedding(x, wires=range(n_qubits), normalize=True, pad_with=0.0)
        return qml.state()

    for x, state in zip(X, ours, strict=True):
        np.testing.assert_allclose(state, theirs(x), atol=1e-9)
        circuit = QuantumCircuit(n_qubits)
        circuit.append(StatePreparation(padded(x[None], n_qubits)[0]), range(n_qubits))
        np.testing.assert_allclose(state, Statevector(circuit).data, atol=1e-9)


def test_the_gates_are_as_few_as_published():
    for n_qubits in range(1, 7):
        names = [gate.name for gate in circuit_for(2**n_qubits).circuit.gates]
        assert names.count("ry") == 2**n_qubits - 1
        assert names.count("cx") == 2**n_qubits - 2
        assert len(names) == 2 ** (n_qubits + 1) - 3


@pytest.mark.parametrize("n_features", [1, 2, 3, 5, 8, 12])
def test_derivatives_by_the_features_against_differences(n_features):
    """Away from zeros; also by one angle after the other, and for a positive factor."""
    random = np.random.default_rng(n_features)
    X = random.normal(size=(3, n_features))
    circuit = circuit_for(n_features)
    cotangents = [random.normal(size=3) for _ in circuit.formulas]

    def loss(values):
        pairs = zip(cotangents, circuit.angles(values, NO_WEIGHTS), strict=True)
        return sum(c @ angle for c, angle in pairs)

    expected = np.zeros(X.shape)
    for place in np.ndindex(X.shape):
        step = np.zeros(X.shape)
        step[place] = 1e-6
        expected[place] = (loss(X + step) - loss(X - step)) / 2e-6
    found = circuit.input_gradient(X, NO_WEIGHTS, cotangents)
    np.testing.assert_allclose(found, expected, atol=1e-7)
    np.testing.assert_allclose((found * X).sum(axis=1), 0, atol=1e-12)  # only directions count
    one_by_one = np.zeros(X.shape)
    for formula, cotangent in zip(circuit.formulas, cotangents, strict=True):
        formula.input_gradient(cotangent, X, NO_WEIGHTS, one_by_one)
    np.testing.assert_allclose(one_by_one, found, atol=1e-12)
    scaled = circuit.input_gradient(100 * X, NO_WEIGHTS, cotangents)
    np.testing.assert_allclose(100 * scaled, found, atol=1e-10)


def test_derivatives_are_finite_beside_zeros_and_0_where_a_half_is_zero():
    circuit = circuit_for(4)
    X = np.array([[1.0, 2.0, 0.0, 0.0], [0.0, 0.0, 0.0, -1.0], [0.0, 0.0, 0.0, 0.0]])
    gradients = [np.ones(3)] * 3
    found = circuit.input_gradient(X, NO_WEIGHTS, gradients)
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(found[0, 2:], 0)
    np.testing.assert_array_equal(found[1, :2], 0)
    np.testing.assert_array_equal(found[2], 0)


def test_very_small_and_large_numbers_are_amplitudes_like_others():
    X = np.array([[3.0, -4.0, 0.0, 12.0]])
    expected = states(get_backend("numpy"), X)
    for factor in (1e-300, 1e-160, 1e160, 1e300):
        np.testing.assert_allclose(states(get_backend("numpy"), factor * X), expected, atol=1e-12)


def test_the_formula_remembers_itself_and_refuses_nonsense():
    formula = AmplitudeAngle(5, 6)
    assert formula_from_dict(formula.to_dict()) == formula
    assert hash(formula) == hash(AmplitudeAngle(5, 6))
    assert formula.features == (0, 1, 2, 3, 4)
    with pytest.raises(ValueError, match="index of AmplitudeAngle must be below 7 for 5 features"):
        AmplitudeAngle(5, 7)
    for n_features in (0, 10**9):
        with pytest.raises(ValueError, match="n_features of AmplitudeAngle must be from 1 to 4096"):
            AmplitudeAngle(n_features, 0)
    with pytest.raises(ValueError, match="must be integers, from 0 on"):
        AmplitudeAngle(2, -1)


# In models


def amplitude_classifier(**parameters):
    settings = {"encoding": "amplitude", "n_layers": 2, "max_iter": 3, "random_state": 0}
    return VariationalClassifier(**settings | parameters)


def test_it_is_used_as_published_with_as_few_qubits_as_needed():
    clf = amplitude_classifier().fit(IRIS.data, IRIS.target)
    assert clf.n_qubits_ == 2
    np.testing.assert_allclose(clf.scaling_.radians(IRIS.data), IRIS.data, rtol=1e-15)
    assert not clf.circuit_.scaling_weights
    assert sum(bool(formula.features) for formula in clf.circuit_.formulas) == 3  # once
    same = clf.decision_function(37 * IRIS.data)
    np.testing.assert_allclose(same, clf.decision_function(IRIS.data), atol=1e-12)
    sizes = {n: amplitude_classifier().design(n).circuit.n_qubits for n in (1, 2, 3, 9, 300)}
    assert sizes == {1: 1, 2: 1, 3: 2, 9: 4, 300: 9}


@pytest.mark.parametrize(
    ("scale_inputs", "low", "high"),
    [(True, -np.pi / 2, np.pi / 2), ((0, 10), None, None), (False, None, None)],
)
def test_scaling_is_done_where_it_is_asked_for(scale_inputs, low, high):
    clf = amplitude_classifier(scale_inputs=scale_inputs).fit(IRIS.data, IRIS.target)
    radians = clf.scaling_.radians(IRIS.data)
    if low is not None:
        np.testing.assert_allclose(radians.min(axis=0), low)
        np.testing.assert_allclose(radians.max(axis=0), high)
    elif scale_inputs is False:
        np.testing.assert_allclose(radians, IRIS.data, rtol=1e-15)
    else:
        np.testing.assert_allclose(radians, (IRIS.data / 10 - 0.5) * np.pi)


@each_backend("backend")
def test_a_model_moves_between_simulators_and_files(backend, tmp_path):
    clf = amplitude_classifier().fit(IRIS.data, IRIS.target)
    expected = clf.decision_function(IRIS.data[:8])
    moved = clf.with_backend(backend)
    np.testing.assert_allclose(moved.decision_function(IRIS.data[:8]), expected, atol=1e-10)
    moved.save(tmp_path / "model.qmlplay")
    again = load_model(tmp_path / "model.qmlplay")
    assert again.encoding == "amplitude"
    np.testing.assert_allclose(again.decision_function(IRIS.data[:8]), expected, atol=1e-10)
    sampled = clf.with_backend(backend, shots=200, noise="low")
    assert np.isfinite(sampled.decision_function(IRIS.data[:2])).all()


def test_exports_prepare_the_same_state():
    clf = amplitude_classifier().fit(IRIS.data, IRIS.target)
    x = IRIS.data[3]
    angles = clf.model_.sample_angles(x)
    ours = get_backend("numpy").statevector(clf.circuit_.circuit, angles)[0]
    theirs = Statevector(clf.to_qiskit(x)).reverse_qargs().data
    assert abs(np.vdot(ours, theirs)) == pytest.approx(1)
    assert "ry(" in clf.to_openqasm(x)
    assert abs(np.vdot(ours, clf.to_cirq(x).final_state_vector(dtype=np.complex128))) == (
        pytest.approx(1)
    )


def test_too_many_features_say_how_many_qubits_to_take():
    with pytest.raises(ValueError, match=r"at most 2\*\*2 = 4 features on 2 qubit.*n_qubits=3"):
        amplitude_classifier(n_qubits=2).design(5)
    with pytest.raises(ValueError, match="takes at most 4096 features, got 4097"):
        amplitude_classifier().design(4097)


def test_trainable_scaling_is_refused():
    with pytest.raises(ValueError, match="leave trainable_scaling at 'auto'"):
        amplitude_classifier(trainable_scaling=True).fit(IRIS.data, IRIS.target)


ZERO_ROW = IRIS.data.copy()
ZERO_ROW[17] = 0
MESSAGE = r"row 17 of X \(counted from 0\) is zero in every feature.*leave out rows of zeros"


@pytest.mark.parametrize(
    "estimator",
    [
        amplitude_classifier(),
        amplitude_classifier(early_stopping=True),
        VariationalRegressor(encoding="amplitude", max_iter=1),
        QuantumKernelClassifier(encoding="amplitude"),
        QuantumKernelRegressor(encoding="amplitude"),
    ],
    ids=["classifier", "early_stopping", "regressor", "kernel_classifier", "kernel_regressor"],
)
def test_a_row_of_zeros_is_named(estimator):
    with pytest.raises(ValueError, match=MESSAGE):
        estimator.fit(ZERO_ROW, IRIS.target)
    estimator.fit(IRIS.data, IRIS.target)
    with pytest.raises(ValueError, match=MESSAGE):
        estimator.predict(ZERO_ROW)


def test_a_row_of_zeros_is_named_wherever_rows_come_in():
    clf = amplitude_classifier()
    with pytest.raises(ValueError, match=MESSAGE):
        clf.partial_fit(ZERO_ROW, IRIS.target, classes=[0, 1, 2])
    clf.fit(IRIS.data, IRIS.target)
    for method in (clf.decision_function, clf.predict_proba, clf.expectations):
        with pytest.raises(ValueError, match=MESSAGE):
            method(ZERO_ROW)
    for function in (clf.model_.vjp, clf.model_.decisions_vjp):
        with pytest.raises(ValueError, match=MESSAGE):
            function(ZERO_ROW, "numpy")
    with pytest.raises(ValueError, match="row 0 of X"):
        clf.to_qiskit(ZERO_ROW[17])
    kernel = QuantumKernel("amplitude")
    for arguments in ((ZERO_ROW,), (IRIS.data, ZERO_ROW)):
        with pytest.raises(ValueError, match=MESSAGE):
            kernel(*arguments)


@pytest.mark.parametrize("row", [0, 17, 149])
def test_compare_names_the_row_of_the_table(row):
    X = IRIS.data.copy()
    X[row] = 0
    message = rf"row {row} of X"
    quick = amplitude_classifier(max_iter=1)
    with pytest.raises(ValueError, match=message):
        compare(X, IRIS.target, models=["numpy", "dummy"], classifier=quick, seeds=1)
    with pytest.raises(ValueError, match=message):
        compare(X, IRIS.target, models={"mine": quick}, seeds=1, cv=3)
    result = compare(X, IRIS.target, models=["dummy"], classifier=quick, seeds=1)
    assert list(result.table["status"]) == ["ok"]


def test_rows_of_zeros_are_states_for_other_encodings_and_scaled_ones():
    VariationalClassifier(max_iter=1).fit(ZERO_ROW, IRIS.target).predict(ZERO_ROW)
    amplitude_classifier(scale_inputs=True).fit(ZERO_ROW, IRIS.target).predict(ZERO_ROW)


def test_values_that_models_would_hold_are_refused():
    clf = amplitude_classifier().fit(IRIS.data, IRIS.target)
    with pytest.raises(ValueError, match=r"row 1 of X .* values of 1e\+15 and more: divide"):
        clf.predict(np.array([[1.0, 2, 3, 4], [1e20, 2e20, 3e20, 4e20]]))


@pytest.mark.parametrize("backend", ["numpy", "cirq"])
def test_the_fidelity_kernel_is_the_squared_cosine(backend):
    X, Y = IRIS.data[:30] - 3, IRIS.data[60:80] - 3  # both signs
    found = QuantumKernel("amplitude", backend=backend)(X, Y)
    np.testing.assert_allclose(found, cosine_similarity(X, Y) ** 2, atol=1e-10)


def test_a_kernel_with_weights_is_refused():
    with pytest.raises(ValueError, match="in kernels, leave out weights"):
        QuantumKernel("amplitude", weights=[1.0])(IRIS.data)
