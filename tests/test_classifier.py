"""The fitted classifier: its attributes, labels and predictions."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from qmlplay import VariationalClassifier, get_backend, load_dataset
from qmlplay.encodings import DenseEncoding
from qmlplay.model import InputScaling
from qmlplay.model.design import choose_n_qubits, choose_observables

MOONS = load_dataset("moons", n_samples=40, random_state=0)
IRIS = load_dataset("iris")
X, y = MOONS.X, MOONS.y


def classifier(**parameters):
    return VariationalClassifier(**({"max_iter": 5, "n_layers": 2, "random_state": 0} | parameters))


def test_attributes_of_a_binary_model():
    model = classifier().fit(X, y)
    np.testing.assert_array_equal(model.classes_, [0, 1])
    assert model.n_features_in_ == 2
    assert not hasattr(model, "feature_names_in_")
    assert model.n_qubits_ == model.circuit_.n_qubits == 2
    assert model.observables_ == ("ZI", "IZ")
    assert (
        model.weights_.shape == (model.circuit_.n_weights,) == (14,)
    )  # 2 × (2 scale, 2 ry, 2 rz, rxx)
    assert model.readout_.scale.shape == (2, 1)
    assert model.readout_.bias.shape == (1,)
    assert model.n_parameters_ == 14 + 3
    assert model.n_iter_ == model.n_steps_ == len(model.loss_curve_) == 5
    assert model.loss_curve_[-1] < model.loss_curve_[0]
    assert model.validation_scores_ == []
    assert model.interrupted_ is False
    assert model.n_circuit_evaluations_ == 5 * 40 * (1 + 2 * 14)


def test_attributes_of_a_multiclass_model():
    model = classifier().fit(IRIS.X, IRIS.y)
    assert model.n_qubits_ == 4
    singles, pairs = ("ZIII", "IZII", "IIZI", "IIIZ"), ("ZZII", "ZIZI", "ZIIZ")
    assert model.observables_ == (*singles, *pairs, "IZZI", "IZIZ", "IIZZ")
    assert model.readout_.scale.shape == (10, 3)
    assert model.n_parameters_ == len(model.weights_) + 33
    assert model.predict_proba(IRIS.X[:6]).shape == (6, 3)
    assert model.decision_function(IRIS.X[:6]).shape == (6, 3)


def test_the_scaling_maps_the_training_range_to_a_half_turn():
    model = classifier().fit(X, y)
    radians = model.scaling_.radians(X)
    np.testing.assert_allclose(radians.min(axis=0), -np.pi / 2)
    np.testing.assert_allclose(radians.max(axis=0), np.pi / 2)
    as_it_is = classifier(scale_inputs=False).fit(X, y)
    np.testing.assert_allclose(as_it_is.scaling_.radians(X), X)


def test_scaling_of_constant_and_of_extreme_features_stays_finite():
    data = np.array([[3.0, -1e308, 0.0], [3.0, 1e308, 5e-324]])
    scaling = InputScaling.from_data(data)
    np.testing.assert_allclose(
        scaling.radians(data)[:, :2], [[0, -np.pi / 2], [0, np.pi / 2]], atol=1e-12
    )
    assert np.isfinite(scaling.radians(data)).all()
    narrow = InputScaling.from_data(np.array([[0.0], [1e-10]]))
    assert np.isfinite(narrow.radians(np.array([[1e308], [-1e308]]))).all()


def test_predictions_far_outside_the_training_data_are_probabilities():
    model = classifier().fit(X * 1e-10, y)
    p = model.predict_proba(np.array([[1e308, -1e308], [1e20, 0.0]]))
    assert np.isfinite(p).all()
    np.testing.assert_allclose(p.sum(axis=1), 1)


@pytest.mark.parametrize(
    "names",
    [
        ["no", "yes"],
        ["β", "α"],
        [-3, -1],
        [-1, 1],
        [False, True],
        [1.0, 2.0],
        [np.uint8(3), np.uint8(200)],
        ["a", "much longer"],
        ["x", "y", "z"],
        [5, -5, 0],
    ],
)
@pytest.mark.parametrize("kind", [list, np.array, pd.Series])
def test_labels_of_any_type(names, kind):
    data, classes = (IRIS.X[::5], IRIS.y[::5]) if len(names) == 3 else (X, y)
    labels = kind([names[i] for i in classes])
    model = classifier(max_iter=15).fit(data, labels)
    assert model.classes_.tolist() == sorted(names)
    predicted = model.predict(data)
    assert set(predicted.tolist()) <= set(names)
    assert predicted.dtype == model.classes_.dtype
    assert model.score(data, labels) > 0.6
    # The names change nothing but the order of the classes.
    column = sorted(names).index(names[0])
    plain = classifier(max_iter=15).fit(data, np.searchsorted(sorted(names), names)[classes])
    np.testing.assert_allclose(
        model.predict_proba(data)[:, column], plain.predict_proba(data)[:, column]
    )


def test_labels_that_are_measurements_are_refused():
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        classifier().fit(X, X[:, 0])


def test_column_names_are_kept_and_checked():
    frame = pd.DataFrame(X, columns=["width", "height"])
    model = classifier().fit(frame, y)
    assert model.feature_names_in_.tolist() == ["width", "height"]
    np.testing.assert_allclose(model.predict_proba(frame), classifier().fit(X, y).predict_proba(X))
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(frame.rename(columns={"width": "length"}))
    with pytest.raises(ValueError, match="must be in the same order"):
        model.predict(frame[["height", "width"]])
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(frame[["width"]])


@pytest.mark.parametrize("data", [(X, y), (IRIS.X[::5], IRIS.y[::5])])
def test_decisions_probabilities_and_labels_agree(data):
    X, y = data
    model = classifier().fit(X, y)
    decisions, p = model.decision_function(X), model.predict_proba(X)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    np.testing.assert_array_equal(model.predict(X), model.classes_[p.argmax(axis=1)])
    if decisions.ndim == 1:
        np.testing.assert_allclose(p[:, 1], expit(decisions))
    else:
        np.testing.assert_allclose(p, np.exp(decisions) / np.exp(decisions).sum(1, keepdims=True))
    one_by_one = [model.predict_proba(X[[i]])[0] for i in range(len(X))]
    np.testing.assert_allclose(one_by_one, p, atol=1e-12)


def test_decisions_are_scaled_expectations_plus_bias():
    model = classifier().fit(IRIS.X, IRIS.y)
    angles = model.circuit_.angles(model.scaling_.radians(IRIS.X), model.weights_)
    values = get_backend("cirq").expectations(model.circuit_.circuit, angles, model.observables_)
    expected = values @ model.readout_.scale + model.readout_.bias
    np.testing.assert_allclose(model.decision_function(IRIS.X), expected, atol=1e-10)


@pytest.mark.parametrize("n_features", [1, 2, 5, 8, 11])
def test_one_qubit_per_feature_from_two_to_eight(n_features):
    data = np.random.default_rng(0).normal(size=(6, n_features))
    model = classifier(n_layers=1, max_iter=1).fit(data, [0, 1] * 3)
    assert model.n_qubits_ == min(max(n_features, 2), 8)
    assert choose_n_qubits(DenseEncoding(), n_features) == min(max((n_features + 1) // 2, 2), 8)


@pytest.mark.parametrize("n_qubits", [1, 2, 3, 5])
def test_the_number_of_qubits_is_as_given(n_qubits):
    model = classifier(n_qubits=n_qubits).fit(X, y)
    assert model.n_qubits_ == n_qubits
    assert len(model.observables_) == n_qubits


def test_six_classes_on_two_qubits():
    data = np.random.default_rng(0).normal(size=(60, 2))
    model = classifier(n_qubits=2, max_iter=2).fit(data, np.arange(60) % 6)
    assert model.observables_ == ("ZI", "IZ", "ZZ", "XI", "IX", "XX")
    assert model.readout_.scale.shape == (6, 6)
    assert model.predict_proba(data).shape == (60, 6)


def test_a_third_class_can_be_predicted_on_one_qubit():
    data = np.repeat([[0.0], [1.0], [2.0]], 10, axis=0)
    labels = np.repeat(["low", "middle", "high"], 10)
    model = VariationalClassifier(n_qubits=1, max_iter=60, random_state=0).fit(data, labels)
    assert model.observables_ == ("Z", "X", "Y")
    assert model.score(data, labels) == 1


def test_more_classes_than_observables():
    with pytest.raises(ValueError, match=r"4 classes need 4 observables, .* only 3 .* n_qubits"):
        classifier(n_qubits=1).fit(X, np.arange(40) % 4)
    assert len(choose_observables(2, 9)) == len(set(choose_observables(2, 9))) == 9


def test_draw_shows_every_qubit():
    text = classifier().fit(X, y).draw()
    lines = [line for line in text.splitlines() if line.strip()]
    assert len(lines) >= 2
    assert "x[0]" in text or "x0" in text
