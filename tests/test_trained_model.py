"""The trained model: one value for everything that reads a trained circuit."""

import pickle
from copy import copy, deepcopy
from dataclasses import FrozenInstanceError, replace

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from qmlplay import (
    Feature,
    Fixed,
    Operation,
    VariationalClassifier,
    Weight,
    get_backend,
    ibm,
    load_dataset,
    load_model,
)
from qmlplay.circuit import ParametricCircuit
from qmlplay.classifier.attributes import FittedAttributes
from qmlplay.diagnostics import saliency
from qmlplay.mitigation import mitigation_table
from qmlplay.model import InputScaling, Model, Readout, TrainedModel, class_indices
from qmlplay.model.files import ModelFile
from qmlplay.plots import CurvesDisplay, ParityDisplay, TrainingFramesDisplay

MOONS = load_dataset("moons", n_samples=40, random_state=0)


def one_qubit(weight=0.0, scale=2.0, bias=0.5, classes=("a", "b")):
    """RY(x) RY(w) on one qubit: ⟨Z⟩ = cos(x + w)."""
    turns = [Operation("ry", 0, Feature(0)), Operation("ry", 0, Weight(0))]
    return TrainedModel(
        ParametricCircuit.from_operations(1, turns, n_features=1),
        ("Z",),
        InputScaling(np.array([1.0]), np.array([np.pi])),  # radians: (x − 1) / 2
        np.array([weight]),
        Readout(np.array([[scale]]), np.array([bias])),
        np.array(classes),
    )


@pytest.fixture(scope="module")
def fitted():
    settings = {"n_layers": 2, "max_iter": 3, "random_state": 0}
    return VariationalClassifier(**settings).fit(MOONS.X, MOONS.y)


@pytest.fixture(scope="module")
def three_classes():
    data = load_dataset("blobs", n_samples=40, random_state=0)
    return data, VariationalClassifier(n_layers=1, max_iter=2, random_state=0).fit(data.X, data.y)


X = np.array([[0.3], [1.0], [4.0]])
TURN = (X[:, 0] - 1) / 2


def test_closed_forms():
    model = one_qubit(weight=0.7)
    cosine = np.cos(TURN + 0.7)
    assert np.allclose(model.expectations(X, "numpy")[:, 0], cosine, atol=1e-14)
    assert np.allclose(model.decisions(X, "numpy")[:, 0], 2 * cosine + 0.5, atol=1e-14)
    p = 1 / (1 + np.exp(-(2 * cosine + 0.5)))
    assert np.allclose(model.probabilities(X, "numpy"), np.stack([1 - p, p], axis=1), atol=1e-14)
    assert model.predict(X, "numpy").tolist() == ["b" if share > 0.5 else "a" for share in p]
    first, second = model.angles(X)
    assert np.allclose(first, TURN)
    assert second == 0.7
    assert model.sample_angles(X[2]) == [1.5, 0.7]


@pytest.mark.parametrize("settings", [{}, {"noise": "medium"}])
def test_gradients_have_closed_forms(settings):
    model = one_qubit(weight=0.7)
    backend = get_backend("numpy", **settings)
    cotangents = np.array([[1.0], [-2.0], [0.5]])
    slopes = -np.sin(TURN + 0.7) * cotangents[:, 0]
    by_weights, by_X = model.gradients(X, backend, cotangents)
    if not settings:
        assert np.allclose(by_weights, [slopes.sum()], atol=1e-13)
        assert np.allclose(by_X[:, 0], slopes / 2, atol=1e-13)
    step = np.array([1e-5])

    def total(model, X):
        return (model.expectations(X, backend) * cotangents).sum()

    up, down = (replace(model, weights=model.weights + sign * step) for sign in (1, -1))
    assert by_weights[0] == pytest.approx((total(up, X) - total(down, X)) / 2e-5, abs=1e-8)
    for row in range(len(X)):
        moved = np.zeros_like(X)
        moved[row] = 1e-5
        difference = (total(model, X + moved) - total(model, X - moved)) / 2e-5
        assert by_X[row, 0] == pytest.approx(difference, abs=1e-8)
    assert np.array_equal(model.weight_gradient(X, backend, cotangents), by_weights)
    assert np.array_equal(model.input_gradient(X, backend, cotangents), by_X)


@pytest.mark.parametrize("backend", ["numpy", "qiskit", "cirq", "pennylane"])
def test_gradients_of_a_fitted_model_on_every_backend(three_classes, backend):
    data, clf = three_classes
    model, rows = clf.model_, data.X[:6]
    cotangents = np.random.default_rng(0).normal(size=(6, len(model.observables)))
    by_weights, by_X = model.gradients(rows, backend, cotangents)

    def total(model, X):
        return (model.expectations(X, "numpy") * cotangents).sum()

    for k in range(len(model.weights)):
        step = 1e-5 * np.eye(len(model.weights))[k]
        up, down = (replace(model, weights=model.weights + sign * step) for sign in (1, -1))
        slope = (total(up, rows) - total(down, rows)) / 2e-5
        assert by_weights[k] == pytest.approx(slope, abs=1e-7)
    for place in np.ndindex(rows.shape):
        step = np.zeros_like(rows)
        step[place] = 1e-5
        slope = (total(model, rows + step) - total(model, rows - step)) / 2e-5
        assert by_X[place] == pytest.approx(slope, abs=1e-7)


def test_it_is_what_the_classifier_predicts_with(fitted, three_classes):
    for X, clf in ((MOONS.X, fitted), (three_classes[0].X, three_classes[1])):
        model, backend = clf.model_, clf.backend_
        assert np.array_equal(model.probabilities(X, backend), clf.predict_proba(X))
        assert np.array_equal(model.predict(X, backend), clf.predict(X))
        assert np.array_equal(model.expectations(X, backend), clf.expectations(X))
        assert clf.n_parameters_ == len(model.numbers) == model.n_parameters
        assert clf.design(model.n_features, len(model.classes)).n_parameters == model.n_parameters
        for name in ("weights", "circuit", "observables", "scaling", "readout", "classes"):
            assert getattr(clf, f"{name}_") is getattr(model, name)


def close(found, expected, tolerance=1e-12):
    for one, other in zip(found, expected, strict=True):
        assert np.shape(one) == np.shape(other)
        assert np.allclose(one, other, rtol=0, atol=tolerance)


def test_a_pullback_has_closed_forms():
    model = one_qubit(weight=0.7)
    angle = TURN + 0.7
    values, pullback = model.vjp(X, "numpy")
    assert np.allclose(values[:, 0], np.cos(angle), atol=1e-14)
    for weights in ([1.0, -2.0, 0.5], [0.0, 3.0, 0.0], [0.0, 0.0, 0.0]):
        slopes = -np.sin(angle) * weights
        close(pullback(np.array(weights)[:, None]), ([slopes.sum()], slopes[:, None] / 2))
    decisions, pullback = model.decisions_vjp(X, "numpy")
    assert np.allclose(decisions[:, 0], 2 * np.cos(angle) + 0.5, atol=1e-14)
    weights = np.array([1.0, -2.0, 0.5])
    slopes = -2 * np.sin(angle) * weights
    by_numbers = [slopes.sum(), np.cos(angle) @ weights, weights.sum()]  # weight, scale, bias
    close(pullback(weights[:, None]), (by_numbers, slopes[:, None] / 2))
    close(pullback(0 * weights[:, None]), (np.zeros(3), np.zeros((3, 1))))


@pytest.mark.parametrize("settings", [{}, {"encoding": "zz"}, {"encoding": "dense", "n_qubits": 3}])
@pytest.mark.parametrize("backend", ["numpy", "qiskit", "cirq", "pennylane"])
def test_pullbacks_of_every_encoding_against_differences(backend, settings):
    data = load_dataset("blobs", n_samples=40, random_state=0)
    settings = {"n_layers": 1, "max_iter": 1, "random_state": 0} | settings
    model = VariationalClassifier(**settings).fit(data.X, data.y).model_
    rows, numbers = data.X[:4], model.numbers
    decisions, pullback = model.decisions_vjp(rows, backend)
    cotangents = np.random.default_rng(0).normal(size=(2, *decisions.shape))

    def total(numbers, rows, weights):
        return (model.with_numbers(numbers).decisions(rows, "numpy") * weights).sum()

    for weights in cotangents:
        by_numbers, by_X = pullback(weights)
        for found, moved, other in ((by_numbers, numbers, rows), (by_X, rows, numbers)):
            assert found.shape == moved.shape
            for place in np.ndindex(moved.shape):
                step = np.zeros(moved.shape)
                step[place] = 1e-5
                ends = [(moved + step, other), (moved - step, other)]
                if moved is rows:
                    ends = [end[::-1] for end in ends]
                up, down = (total(*end, weights) for end in ends)
                assert found[place] == pytest.approx((up - down) / 2e-5, abs=1e-6)


def test_a_pullback_gives_what_gradients_give(three_classes):
    data, clf = three_classes
    model, rows = clf.model_, data.X[:6]
    shape = (6, len(model.observables))
    first, second = np.random.default_rng(1).normal(size=(2, *shape))
    for settings in ({}, {"noise": "low"}):
        backend = get_backend("numpy", **settings)
        values, pullback = model.vjp(rows, backend)
        close([values], [model.expectations(rows, backend)])
        for cotangents in (first, second, 0 * first):
            by_weights, by_X = model.gradients(rows, backend, cotangents)
            close(pullback(cotangents), (by_weights, by_X))
            for by, expected in (
                ("weights", (by_weights, 0 * by_X)),
                (["X"], (0 * by_weights, by_X)),
                ([], (0 * by_weights, 0 * by_X)),
                ({"X", "weights"}, (by_weights, by_X)),
            ):
                close(model.vjp(rows, backend, by=by)[1](cotangents), expected)
                slopes = cotangents @ model.readout.scale
                _, by_decisions = model.decisions_vjp(rows, backend, by=by)
                n_weights = len(by_weights)
                found = by_decisions(slopes)
                _, by_expectations = model.vjp(rows, backend, by=by)
                through_readout = by_expectations(slopes @ model.readout.scale.T)
                close((found[0][:n_weights], found[1]), through_readout)
                assert found[0][n_weights:].any() == ("weights" in by and slopes.any())


def test_unknown_cotangents_make_unknown_derivatives(three_classes):
    data, clf = three_classes
    model, rows = clf.model_, data.X[:5]
    for value in (np.nan, np.inf, -np.inf):
        for ask in (model.vjp, model.decisions_vjp):
            values, pullback = ask(rows, "numpy")
            cotangents = np.ones(values.shape)
            expected = pullback(cotangents)[1]
            cotangents[2, 1] = value
            by_numbers, by_X = pullback(cotangents)
            assert np.isnan(by_numbers[: len(model.weights)]).all()
            assert np.isnan(by_X).all(axis=1).tolist() == [False, False, True, False, False]
            known = [0, 1, 3, 4]
            close([by_X[known]], [expected[known]])


def test_a_pullback_remembers_its_data(fitted):
    clf, rows = copy(fitted), MOONS.X[:5].copy()
    model = clf.model_
    values, pullback = model.decisions_vjp(rows, "numpy")
    expected = pullback(np.ones((5, 1)))
    rows[:] = 0
    values[:] = 9
    close(pullback(np.ones((5, 1))), expected)
    evaluated = Model(get_backend("numpy"), model.circuit, model.observables)
    radians, numbers = model.scaling.radians(MOONS.X[:5]), model.numbers
    decisions, pullback = evaluated.decisions_vjp(radians, numbers)
    close([decisions], [evaluated.decisions(radians, numbers)])
    radians[:], numbers[:] = 0, 0
    by_numbers, by_radians = pullback(np.ones((5, 1)))
    close((by_numbers, by_radians * model.scaling.slope), expected)


def test_what_a_pullback_does_not_take():
    model = one_qubit()
    for ask in (model.vjp, model.decisions_vjp):
        for by in ("x", ["weights", "bias"]):
            with pytest.raises(ValueError, match=r"unknown name in by .*Allowed: 'X', 'weights'"):
                ask(X, "numpy", by=by)
        with pytest.raises(ValueError, match="X must be finite"):
            ask([[np.nan]], "numpy")
        _, pullback = ask(X, "numpy")
        for wrong in (np.ones(3), np.ones((3, 2)), np.ones((2, 1))):
            with pytest.raises(ValueError, match=r"cotangents must have shape \(3, 1\)"):
                pullback(wrong)


def test_expectations_of_other_observables(fitted):
    values = fitted.model_.expectations(MOONS.X[:5], "numpy", observables=["XY", "ZI"])
    assert np.array_equal(values[:, 1], fitted.expectations(MOONS.X[:5])[:, 0])
    _, std = fitted.model_.expectations(
        MOONS.X[:5], get_backend("numpy", shots=100, seed=0), observables=["XY"], return_std=True
    )
    assert std.shape == (5, 1)
    assert (std > 0).all()


@pytest.mark.parametrize("settings", [{}, {"shots": 4000, "seed": 1}, {"noise": "low"}])
def test_a_circuit_that_reads_no_feature_has_gradients(settings):
    turns = [Operation("rz", 0, Fixed(1)), Operation("ry", 0, Weight(0))]
    circuit = ParametricCircuit.from_operations(1, turns, n_features=1)
    model = replace(one_qubit(weight=0.7), circuit=circuit)
    backend, cotangents = get_backend("numpy", **settings), np.array([[1.0], [2.0], [-0.5]])
    by_weights, by_X = model.gradients(X, backend, cotangents)
    assert by_weights == pytest.approx([-2.5 * np.sin(0.7)], abs=0.1 if settings else 1e-12)
    assert np.array_equal(by_X, np.zeros((3, 1)))
    values, pullback = model.vjp(X, backend)
    assert values.shape == (3, 1)
    by_weights, by_X = pullback(cotangents)
    assert by_weights == pytest.approx([-2.5 * np.sin(0.7)], abs=0.1 if settings else 1e-12)
    assert np.array_equal(by_X, np.zeros((3, 1)))
    decisions, pullback = model.decisions_vjp(X, backend)
    assert decisions.shape == (3, 1)
    by_scale = 2.5 * np.cos(0.7)
    assert pullback(cotangents)[0][1:] == pytest.approx([by_scale, 2.5], abs=0.3)


def test_a_circuit_that_reads_no_feature_has_a_row_per_sample():
    circuit = ParametricCircuit.from_operations(1, [Operation("ry", 0, Weight(0))], n_features=1)
    model = replace(one_qubit(), circuit=circuit)
    assert model.probabilities(X, "numpy").shape == (3, 2)


class TestViews:
    """Attributes of the classifier that show parts of its model."""

    def test_setting_one_makes_another_model(self, fitted):
        clf = copy(fitted)
        before = clf.model_
        clf.weights_ = 2 * clf.weights_
        assert np.array_equal(clf.model_.weights, 2 * before.weights)
        assert fitted.model_ is before
        assert not np.array_equal(clf.predict_proba(MOONS.X), fitted.predict_proba(MOONS.X))
        clf.weights_ = list(before.weights)
        assert clf.model_ == before
        clf.n_iter_ = 7
        assert (clf.n_iter_, fitted.n_iter_) == (7, 3)

    @pytest.mark.parametrize("weights", [[1.0], "abc", [np.nan] * 12])
    def test_what_does_not_fit_changes_nothing(self, fitted, weights):
        clf = copy(fitted)
        with pytest.raises((TypeError, ValueError), match="weights"):
            clf.weights_ = weights
        assert clf.model_ is fitted.model_

    def test_there_are_none_before_fit(self):
        clf = VariationalClassifier()
        names = [name for name in dir(FittedAttributes) if name.endswith("_") and name[0] != "_"]
        assert len(names) > 15
        assert [name for name in names if hasattr(clf, name)] == []


class TestValue:
    def test_equal_and_hashable(self, fitted):
        model = fitted.model_
        again = pickle.loads(pickle.dumps(model))
        assert model == again == deepcopy(model)
        assert hash(model) == hash(again)
        assert len({model, again}) == 1
        other = model.with_numbers(model.numbers + 1e-9)
        assert model != other
        assert hash(model) != hash(other)
        assert model != "a model"
        for name, value in (
            ("observables", ("ZI", "XX")),
            ("scaling", InputScaling.identity(2)),
            ("readout", Readout(-model.readout.scale, model.readout.bias)),
            ("classes", np.array(["0", "1"])),
        ):
            assert model != replace(model, **{name: value})

    def test_labels_of_any_type(self):
        for classes in (("a", "b"), (0, 1), (False, True), (1.5, 2.5)):
            assert one_qubit(classes=classes) == one_qubit(classes=classes)
        mixed = replace(one_qubit(), classes=np.array(["a", "b"], dtype=object))
        assert hash(mixed) == hash(replace(mixed, classes=mixed.classes.copy()))

    def test_frozen_down_to_its_arrays(self):
        weights = np.array([0.7])
        model = replace(one_qubit(), weights=weights)
        weights[0] = 9.0
        assert model.weights[0] == 0.7
        with pytest.raises(FrozenInstanceError):
            model.weights = weights
        for array in (model.weights, model.readout.scale, model.scaling.center, model.classes):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = array[0]

    def test_copies_are_frozen_too(self, fitted, tmp_path):
        joblib.dump(fitted, tmp_path / "fitted.joblib")
        pickled, dumped = (
            pickle.loads(pickle.dumps(fitted)),
            joblib.load(tmp_path / "fitted.joblib"),
        )
        for model in (pickled.model_, deepcopy(fitted).model_, dumped.model_, copy(fitted.model_)):
            assert model == fitted.model_
            for array in (model.weights, model.readout.bias, model.scaling.center, model.classes):
                assert not array.flags.writeable

    def test_a_view_of_what_changes_is_copied(self):
        numbers = np.array([0.7, 1.0])
        view = numbers[:1]
        view.flags.writeable = False
        model = replace(one_qubit(), weights=view)
        numbers[0] = 9.0
        assert model.weights[0] == 0.7

    def test_other_numbers(self, fitted):
        model = fitted.model_
        numbers = np.arange(model.n_parameters, dtype=float)
        assert np.array_equal(model.with_numbers(numbers).numbers, numbers)
        assert model.with_numbers(model.numbers) == model
        assert model.with_numbers(model.numbers.tolist()) == model

    @pytest.mark.parametrize("n", [0, 16, 18, 20])
    def test_too_few_or_too_many_numbers(self, fitted, n):
        with pytest.raises(ValueError, match=rf"numbers must have shape \(17,\), got \({n},\)"):
            fitted.model_.with_numbers(np.zeros(n))

    @pytest.mark.parametrize(
        "numbers", [np.ones(17, dtype=complex), ["1"] * 17, None, [[1], [1, 2]]]
    )
    def test_numbers_that_are_none(self, fitted, numbers):
        with pytest.raises(TypeError, match="numbers must be an array of real numbers"):
            fitted.model_.with_numbers(numbers)

    def test_sizes(self, fitted):
        assert fitted.model_.sizes == {
            "n_parameters": 2 * (2 * 3 + 1) + 3,
            "n_qubits": 2,
            "depth": 1 + 2 * 4,
            "two_qubit_gates": 2,
        }


class TestParts:
    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"weights": np.zeros(2)}, "'weights' should hold finite numbers of shape"),
            ({"weights": np.array([np.nan])}, "'weights' should hold finite numbers"),
            ({"readout": Readout(np.ones((2, 1)), np.zeros(1))}, "'readout_scale' should hold"),
            ({"readout": Readout(np.ones((1, 1)), np.zeros(2))}, "'readout_bias' should hold"),
            ({"scaling": InputScaling.identity(2)}, "'scaling_center' should hold"),
            ({"classes": np.array([0])}, "at least 2 labels"),
            ({"classes": np.array(["a", "a"])}, "classes must differ, got"),
            ({"classes": np.zeros((2, 2))}, "at least 2 labels"),
            ({"observables": ("ZZ",)}, "observable 'ZZ' must have one letter"),
            ({"observables": ()}, "observables is empty"),
        ],
    )
    def test_parts_that_do_not_fit(self, change, message):
        with pytest.raises(ValueError, match=message):
            replace(one_qubit(), **change)

    @pytest.mark.parametrize("part", ["circuit", "scaling", "readout"])
    def test_parts_of_another_kind(self, part):
        with pytest.raises(TypeError, match=f"{part} must be an object of .*, got NoneType"):
            replace(one_qubit(), **{part: None})

    def test_parts_as_lists(self):
        model = replace(
            one_qubit(weight=2.0), weights=[2], classes=["a", "b"], readout=Readout([[2]], [0.5])
        )
        assert model == one_qubit(weight=2.0)

    def test_parts_that_are_no_real_numbers(self):
        with pytest.raises(TypeError, match="weights must be an array of real numbers"):
            replace(one_qubit(), weights=np.array([1j]))
        with pytest.raises(TypeError, match="readout_scale must be an array of real numbers"):
            Readout(np.array([["2"]]), np.zeros(1))

    @pytest.mark.parametrize("half_range", [0.0, -1.0])
    def test_a_range_of_no_width(self, half_range):
        with pytest.raises(ValueError, match="scaling_half_range must be positive"):
            InputScaling(np.zeros(1), np.array([half_range]))

    @pytest.mark.parametrize(
        ("X", "message"),
        [
            ([[1.0, 2.0]], r"X must have shape \(n_samples, 1\), got shape \(1, 2\)"),
            ([1.0], r"X must have shape"),
            ([[np.nan]], "X must be finite"),
            ([[np.inf]], "X must be finite"),
            (np.empty((0, 1)), "X has no row"),
            ([["a"]], "X must be a table of real numbers"),
            ([[1.0], [1.0, 2.0]], "X must be a table of real numbers"),
        ],
    )
    def test_data_that_do_not_fit(self, X, message):
        for ask in (one_qubit().angles, lambda X: one_qubit().probabilities(X, "numpy")):
            with pytest.raises(ValueError, match=message):
                ask(X)

    @pytest.mark.parametrize("X", [[[1j]], np.array([["2020-01-01"]], dtype="M8[D]")])
    def test_data_of_another_kind(self, X):
        with pytest.raises(TypeError, match="X must be a table of real numbers, but it holds"):
            one_qubit().angles(X)
        with pytest.raises(TypeError, match="X must be a table of real numbers, but it holds"):
            one_qubit().sample_angles(X[0])

    def test_a_sample_that_is_none(self):
        with pytest.raises(ValueError, match=r"one sample of shape \(1,\) is needed"):
            one_qubit().sample_angles([[0.5]])

    @pytest.mark.parametrize("cotangents", [np.ones(3), np.ones((3, 2)), np.ones((2, 1))])
    def test_cotangents_that_do_not_fit(self, cotangents):
        with pytest.raises(ValueError, match=r"cotangents must have shape \(3, 1\)"):
            one_qubit().gradients(X, "numpy", cotangents)

    def test_an_unknown_backend(self):
        with pytest.raises(ValueError, match="backend"):
            one_qubit().decisions(X, "nump")


def test_a_design_begins_undecided():
    design = VariationalClassifier(n_layers=1).design(3, 4)
    scaling = InputScaling.identity(3)
    model = design.first_model(scaling, np.arange(4), np.random.RandomState(0))
    again = design.first_model(scaling, np.arange(4), np.random.RandomState(0))
    assert model == again
    assert model.n_parameters == design.n_parameters
    assert (model.weights[list(design.circuit.scaling_weights)] == 1).all()
    assert class_indices(np.zeros((1, 4))).tolist() == [0]


def test_a_file_keeps_the_model_and_what_is_unknown(tmp_path, three_classes):
    _, clf = three_classes
    path = tmp_path / "model.qmlplay"
    ModelFile(clf.model_, {"n_layers": 1, "encoding": print}, {"loss_curve": [0.5]}).write(path)
    file = ModelFile.read(path)
    assert file.model == clf.model_
    assert dict(file.parameters) == {"n_layers": 1}  # a function is left out
    assert file.history["loss_curve"] == [0.5]


def test_an_encoding_says_how_many_features_go_on_a_qubit():
    def three_to_a_qubit(n_qubits, n_features):
        return [Operation("ry", k // 3 % n_qubits, Feature(k)) for k in range(n_features)]

    assert VariationalClassifier(encoding=three_to_a_qubit).design(9).circuit.n_qubits == 8
    three_to_a_qubit.features_per_qubit = 3
    assert VariationalClassifier(encoding=three_to_a_qubit).design(9).circuit.n_qubits == 3
    three_to_a_qubit.features_per_qubit = 0
    with pytest.raises(ValueError, match="features_per_qubit of an encoding must be an integer"):
        VariationalClassifier(encoding=three_to_a_qubit).design(9)
    three_to_a_qubit.features_per_qubit = "3"
    with pytest.raises(TypeError, match="got '3'"):
        VariationalClassifier(encoding=three_to_a_qubit).design(9)


def test_another_model_for_a_classifier(fitted, three_classes, tmp_path):
    names = ["height", "width"]
    named = VariationalClassifier(n_layers=1, max_iter=1).fit(
        pd.DataFrame(MOONS.X, columns=names), MOONS.y
    )
    assert named.with_model(fitted.model_).feature_names_in_.tolist() == names
    other = named.with_model(one_qubit())  # its one feature is neither height nor width
    assert not hasattr(other, "feature_names_in_")
    other.save(tmp_path / "other.qmlplay")
    assert load_model(tmp_path / "other.qmlplay").predict([[0.3]]).tolist() == ["b"]
    with pytest.raises(TypeError, match="model must be a TrainedModel"):
        named.with_model(three_classes[1])


@pytest.mark.parametrize(
    "ask",
    [
        lambda clf: saliency(clf, MOONS.X),
        lambda clf: mitigation_table(clf, MOONS.X),
        lambda clf: ibm.plan(clf, MOONS.X, device="fake_manila"),
        lambda clf: ParityDisplay.from_estimator(clf, MOONS.X),
    ],
)
def test_whoever_asks_says_who_has_no_model(ask, fitted):
    for estimator in (
        make_pipeline(StandardScaler(), fitted),
        StandardScaler().fit(MOONS.X),
        fitted.model_,
        VariationalClassifier,
        None,
    ):
        with pytest.raises(
            TypeError,
            match=r"a fitted VariationalClassifier (or VariationalRegressor )?is needed, got",
        ):
            ask(estimator)
    with pytest.raises(NotFittedError, match="not fitted"):
        ask(VariationalClassifier())


def test_training_and_its_pictures_say_what_they_cannot_take(fitted):
    with pytest.raises(TypeError, match="clf must be a VariationalClassifier, got Pipeline"):
        ibm.train(make_pipeline(fitted), MOONS.X, MOONS.y, device="fake_manila", max_qpu_seconds=9)
    with pytest.raises(TypeError, match="'scaler' has no loss curve: StandardScaler"):
        CurvesDisplay.from_estimators({"scaler": StandardScaler().fit(MOONS.X)})
    with pytest.raises(TypeError, match="NoneType has no parameter callbacks"):
        TrainingFramesDisplay.from_estimator(None, MOONS.X, MOONS.y)


def test_a_design_says_what_it_cannot_be():
    clf = VariationalClassifier()
    for n_features, n_classes in ((0, 2), ("a", 2), (1.5, 2), (2, 1), (2, 2.5), (2, None)):
        with pytest.raises(
            (TypeError, ValueError), match=r"n_(features|classes) must be an integer"
        ):
            clf.design(n_features, n_classes)
    for parameters in ({"n_layers": 0}, {"n_qubits": "a"}, {"reupload": 1}):
        with pytest.raises((TypeError, ValueError), match=f"{next(iter(parameters))} must be"):
            VariationalClassifier(**parameters).design(2)


def test_classes_in_any_order_are_trained_alike(fitted):
    labels = np.array(["low", "high"])  # not sorted: 0 and 1 stay the model's outputs
    renamed = fitted.with_model(replace(fitted.model_, classes=labels))
    assert renamed.model_.label_indices(["high", "low", "low"]).tolist() == [1, 0, 0]
    renamed.partial_fit(MOONS.X, labels[MOONS.y])
    numbered = fitted.with_model(fitted.model_).partial_fit(MOONS.X, MOONS.y)
    assert np.array_equal(renamed.weights_, numbered.weights_)
    assert np.array_equal(renamed.predict(MOONS.X), labels[numbered.predict(MOONS.X)])
