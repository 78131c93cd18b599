"""The published use of encodings: what "auto" stands for, and what a model then looks like."""

from math import pi

import numpy as np
import pytest
from cli_helpers import run
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.model_selection import cross_val_score, train_test_split

from qmlplay import Feature, Operation, VariationalClassifier, load_dataset, load_model
from qmlplay.ansatze import get_ansatz
from qmlplay.circuit import build_circuit
from qmlplay.encodings import ENCODINGS, EncodingUse, get_encoding
from qmlplay.errors import InputRangeWarning
from qmlplay.model.scaling import fills_a_turn
from qmlplay.widget.playing.models import model_parameters
from qmlplay.widget.settings.configuration import Configuration

IRIS = load_iris()
PUBLISHED_ONCE = ("zz", "iqp", "amplitude")


def classifier(**parameters):
    return VariationalClassifier(**({"random_state": 0} | parameters))


def circuit(encoding, **how):
    """Return the circuit that `how` makes, put together without the classifier."""
    sizes = {"n_qubits": 3, "n_features": 3, "n_layers": 4}
    return build_circuit(get_encoding(encoding), get_ansatz(classifier().ansatz), **sizes, **how)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_auto_is_the_published_use(encoding):
    is_once = encoding in PUBLISHED_ONCE
    expected = circuit(encoding, reupload=not is_once, trainable_scaling=not is_once)
    assert classifier(encoding=encoding, n_qubits=3).design(3).circuit == expected


@pytest.mark.parametrize("encoding", ["angle", "zz", "iqp"])
@pytest.mark.parametrize("reupload", [True, False])
@pytest.mark.parametrize("trainable_scaling", [True, False])
def test_what_is_given_counts(encoding, reupload, trainable_scaling):
    how = {"reupload": reupload, "trainable_scaling": trainable_scaling}
    assert classifier(encoding=encoding, n_qubits=3, **how).design(3).circuit == circuit(
        encoding, **how
    )


@pytest.mark.parametrize("encoding", [name for name in ENCODINGS if name != "amplitude"])
def test_the_range_of_the_angles(encoding):
    low, high = (0, 1) if encoding == "zz" else (-pi / 2, pi / 2)
    model = classifier(encoding=encoding, max_iter=1).fit(IRIS.data, IRIS.target)
    radians = model.scaling_.radians(IRIS.data)
    np.testing.assert_allclose(radians.min(axis=0), low, atol=1e-12)
    np.testing.assert_allclose(radians.max(axis=0), high, atol=1e-12)


@pytest.mark.parametrize("encoding", ["angle", "zz"])
def test_true_and_false_scale_as_they_always_did(encoding):
    scaled = classifier(encoding=encoding, scale_inputs=True, max_iter=1).fit(
        IRIS.data, IRIS.target
    )
    low, high = IRIS.data.min(axis=0), IRIS.data.max(axis=0)
    np.testing.assert_allclose(scaled.scaling_.center, (low + high) / 2, rtol=1e-15)
    np.testing.assert_allclose(scaled.scaling_.half_range, (high - low) / 2, rtol=1e-14)
    raw = classifier(encoding=encoding, scale_inputs=False, max_iter=1).fit(IRIS.data, IRIS.target)
    np.testing.assert_allclose(raw.scaling_.radians(IRIS.data), IRIS.data, rtol=1e-15)


TURN = np.linspace(0.05, 2 * pi - 0.05, 40).reshape(20, 2)


@pytest.mark.parametrize(
    ("features", "fills"),
    [
        (TURN, True),
        (TURN - pi, True),
        (np.array([[0, pi], [2 * pi, 1]], dtype=np.float32).astype(float), True),
        (np.hstack([TURN, np.ones((20, 1))]), True),
        (TURN / (2 * pi), False),  # scaled by the user
        (TURN - pi / 2, False),
        (TURN / 2, False),
        (np.degrees(TURN), False),
        (np.hstack([TURN, 20 * np.ones((20, 1))]), False),  # one column is something else
        (np.arange(7.0)[:, None], False),  # answers from 0 to 6
        (np.zeros((5, 2)), False),
        (IRIS.data, False),
    ],
)
def test_angles_are_told_from_other_numbers(features, fills):
    assert fills_a_turn(features) is fills
    labels = np.arange(len(features)) % 2
    model = classifier(encoding="zz", n_layers=1, n_qubits=2, max_iter=1).fit(features, labels)
    is_raw = np.allclose(model.scaling_.radians(features), features, rtol=0, atol=1e-12)
    assert is_raw is fills


@pytest.mark.slow
@pytest.mark.parametrize("unit", [1.0, 10.0, 1e-6, 1e6])
def test_zz_reads_features_of_any_unit(unit):
    X, X_test, y, y_test = train_test_split(
        IRIS.data, IRIS.target, stratify=IRIS.target, random_state=0
    )
    known = classifier(encoding="zz").fit(X, y)
    model = classifier(encoding="zz").fit(unit * X + 7 * unit, y)
    moved = unit * X_test + 7 * unit
    np.testing.assert_allclose(model.predict_proba(moved), known.predict_proba(X_test), atol=1e-4)
    assert model.score(moved, y_test) > 0.75  # 0.28 where it is re-uploaded from [−π/2, π/2]


@pytest.mark.parametrize("largest", [1e300, 3e307, 5e-324])
def test_zz_survives_the_largest_and_the_smallest_numbers(largest):
    X = np.array([[-largest, 0.0], [largest, 1.0], [0.0, 2.0]])
    model = classifier(encoding="zz", n_layers=1, max_iter=1).fit(X, [0, 1, 0])
    assert np.isfinite(model.predict_proba(X)).all()


def test_a_range_of_features_becomes_the_published_angles():
    model = classifier(encoding="zz", scale_inputs=(0, [10, 5, 10, 5]), max_iter=1)
    model.fit(IRIS.data, IRIS.target)
    np.testing.assert_allclose(model.scaling_.radians(IRIS.data), IRIS.data / [10, 5, 10, 5])
    turn = classifier(encoding="zz", scale_inputs=(0, 2 * pi), max_iter=1).fit(TURN, [0, 1] * 10)
    np.testing.assert_allclose(turn.scaling_.radians(TURN), TURN / (2 * pi))  # as it is asked for


def test_data_that_leave_the_range_of_the_angles_are_told():
    X, y = np.linspace(0, 1, 20)[:, None], np.arange(20) % 2
    model = classifier(encoding="zz").partial_fit(X, y, classes=[0, 1])
    model.partial_fit(X + 0.49, y)  # not by more than half the range
    with pytest.warns(InputRangeWarning, match=r"up to 1.6 rad, .*0: 0\.6 to 1\.6, range 0 to 1\)"):
        model.partial_fit(X + 0.6, y)
    turn = classifier(encoding="zz", warm_start=True, max_iter=1).fit(TURN, [0, 1] * 10)
    turn.fit(TURN, [0, 1] * 10).partial_fit(3 * TURN, [0, 1] * 10)  # radians are never too large


def test_going_on_with_other_angles_is_refused():
    model = classifier(encoding="zz", warm_start=True, max_iter=1).fit(IRIS.data, IRIS.target)
    model.fit(IRIS.data, IRIS.target)
    for other in (True, False, (0.0, 8.0)):
        with pytest.raises(ValueError, match=r"scale_inputs=.* is not what the model was first"):
            model.set_params(scale_inputs=other).fit(IRIS.data, IRIS.target)
    usual = classifier(warm_start=True, max_iter=1).fit(IRIS.data, IRIS.target)
    usual.set_params(scale_inputs=True).fit(IRIS.data, IRIS.target)  # the same as "auto"


def test_a_function_of_ones_own_says_how_it_is_used():
    def once(n_qubits, n_features):
        return [Operation("rx", i % n_qubits, Feature(i)) for i in range(n_features)]

    def n_readings(model):
        return sum(gate.name == "rx" for gate in model.design(2).circuit.circuit.gates)

    assert n_readings(classifier(encoding=once)) == 8
    once.published_use = EncodingUse(reupload=False, input_range=(0.0, pi))
    assert n_readings(classifier(encoding=once)) == 2
    model = classifier(encoding=once, max_iter=1).fit(IRIS.data, IRIS.target)
    assert model.scaling_.radians(IRIS.data).max() == pytest.approx(pi)
    assert n_readings(classifier(encoding=once, reupload=True)) == 8
    once.published_use = {"reupload": False}
    with pytest.raises(TypeError, match=r"published_use .* must be an EncodingUse.*got \{"):
        classifier(encoding=once).fit(IRIS.data, IRIS.target)


@pytest.mark.parametrize(
    ("parameters", "error", "text"),
    [
        ({"reupload": "auto"}, TypeError, "reupload must be True or False"),
        ({"input_range": (1, 0)}, ValueError, r"two rising angles .* got \(1, 0\)"),
        ({"input_range": (0, "x")}, ValueError, "two rising angles"),
        ({"input_range": 3}, ValueError, "two rising angles"),
    ],
)
def test_a_use_that_is_none_is_refused(parameters, error, text):
    with pytest.raises(error, match=text):
        EncodingUse(**parameters)


def test_parameters_stay_as_they_were_given(tmp_path):
    names = ("reupload", "trainable_scaling", "scale_inputs")
    model = classifier(encoding="zz", max_iter=2, scale_inputs=np.True_).fit(IRIS.data, IRIS.target)
    model.save(tmp_path / "m")
    again = load_model(tmp_path / "m")
    for other in (model, clone(model), again):
        assert [getattr(other, name) for name in names] == ["auto", "auto", True]
    refitted = again.fit(IRIS.data, IRIS.target)
    np.testing.assert_array_equal(refitted.weights_, model.weights_)


def test_the_page_shows_what_was_taken():
    model = classifier(encoding="zz", ansatz="real_amplitudes", max_iter=1)
    page = model.fit(IRIS.data, IRIS.target)._repr_html_()
    assert "zz encoding, 4 × real_amplitudes ansatz" in page


def test_the_playground_uses_encodings_as_a_classifier_does():
    parameters = model_parameters(Configuration(encoding="zz"))
    expected = classifier(encoding="zz", n_qubits=2).design(2).circuit
    assert VariationalClassifier(**parameters).design(2).circuit == expected


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("n_samples", [100, 300])
def test_ad_hoc_is_separated_by_its_own_feature_map(seed, n_samples):
    data = load_dataset("ad_hoc", n_samples=n_samples, random_state=seed)
    parts = train_test_split(data.X, data.y, test_size=0.3, stratify=data.y, random_state=seed)
    X, X_test, y, y_test = parts
    assert classifier(encoding="zz", random_state=seed).fit(X, y).score(X_test, y_test) > 0.95
    assert LogisticRegression().fit(X, y).score(X_test, y_test) < 0.75


def test_ad_hoc_of_three_features_is_separated_as_well():
    data = load_dataset("ad_hoc", n_features=3, random_state=0)
    parts = train_test_split(data.X, data.y, test_size=0.3, stratify=data.y, random_state=0)
    X, X_test, y, y_test = parts
    assert classifier(encoding="zz", max_iter=200).fit(X, y).score(X_test, y_test) > 0.95


@pytest.mark.slow
def test_the_command_line_needs_no_other_option(capsys, tmp_path):
    arguments = ["ad_hoc", "--encoding", "zz", "--models", "numpy,dummy", "--seeds", 1]
    table = run(capsys, "compare", *arguments, "--out", tmp_path)
    (row,) = (line for line in table.splitlines() if line.strip().startswith("quantum (NumPy) "))
    assert float(row.split()[2]) > 0.98


def test_what_datasets_promise_of_other_models():
    separable = load_dataset("linearly_separable", random_state=0)
    assert (
        Perceptron(max_iter=2000, tol=None)
        .fit(separable.X, separable.y)
        .score(separable.X, separable.y)
        == 1
    )
    circles = load_dataset("circles", random_state=0)
    assert cross_val_score(LogisticRegression(), circles.X, circles.y).mean() < 0.6
    iris = load_dataset("iris")
    X, X_test, y, y_test = train_test_split(iris.X, iris.y, stratify=iris.y, random_state=0)
    assert classifier().fit(X, y).score(X_test, y_test) > 0.9
