"""The regressor: losses, gradients, units, several targets, files, and what it refuses."""

from __future__ import annotations

import json
import pickle
import zipfile

import numpy as np
import pandas as pd
import pytest
import scipy.special
from backend_helpers import each_backend
from scipy.optimize import minimize_scalar
from sklearn.base import clone, is_regressor
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline

from qmlplay import (
    FeatureReduction,
    TablePreprocessor,
    VariationalClassifier,
    VariationalRegressor,
    get_backend,
    load_dataset,
    load_model,
    save_model,
)
from qmlplay.ansatze import get_ansatz
from qmlplay.backends import list_backends
from qmlplay.circuit import build_circuit
from qmlplay.diagnostics import saliency
from qmlplay.encodings import get_encoding
from qmlplay.errors import ModelFileWarning
from qmlplay.model import TargetScaling, TrainedRegression
from qmlplay.plots import (
    CurvesDisplay,
    ParityDisplay,
    ProbabilitiesDisplay,
    RegressionDisplay,
    TrainingFramesDisplay,
)
from qmlplay.training import Model, TrainingProblem
from qmlplay.training.losses import constant_loss
from qmlplay.training.regression_losses import huber, regression_loss, squared_distance

GENERATOR = np.random.default_rng(7)
X = GENERATOR.uniform(-1, 1, size=(40, 2))
y = 5 + 2 * np.sin(2 * X[:, 0]) - X[:, 1] + 0.1 * GENERATOR.normal(size=40)
BOTH = np.column_stack([y, -1000 * X[:, 1] ** 2])


def regressor(**parameters):
    return VariationalRegressor(**({"max_iter": 15, "n_layers": 2, "random_state": 0} | parameters))


class TestLosses:
    values = GENERATOR.normal(size=(30, 2)) * 3
    targets = GENERATOR.normal(size=(30, 2))

    def test_huber_is_that_of_scipy_doubled(self):
        found, _ = huber(self.values, self.targets, epsilon=1.35)
        expected = 2 * scipy.special.huber(1.35, self.values - self.targets).mean(axis=1)
        np.testing.assert_allclose(found, expected, rtol=1e-12)

    def test_huber_far_out_is_the_squared_error(self):
        for one, other in zip(
            huber(self.values, self.targets, epsilon=1e6),
            squared_distance(self.values, self.targets),
            strict=True,
        ):
            np.testing.assert_allclose(one, other, rtol=1e-12)

    @pytest.mark.parametrize("name", ["squared_error", "huber"])
    def test_derivatives(self, name):
        loss, step = regression_loss(name, 1.35), 1e-6
        _, slope = loss(self.values, self.targets)
        for column in range(2):
            move = step * np.eye(2)[column]
            up, down = (loss(self.values + s * move, self.targets)[0] for s in (1, -1))
            np.testing.assert_allclose(slope[:, column], (up - down) / (2 * step), atol=1e-6)

    def test_the_best_constant(self):
        weights = GENERATOR.uniform(0.1, 2, 30)
        variance = np.average(
            (self.targets - np.average(self.targets, axis=0, weights=weights)) ** 2,
            axis=0,
            weights=weights,
        ).mean()
        found = constant_loss(squared_distance, self.targets, weights)
        assert found == pytest.approx(variance, rel=1e-12)
        loss = regression_loss("huber", 0.5)
        least = [
            minimize_scalar(
                lambda c, t=t: np.average(loss(np.full_like(t, c), t)[0], weights=weights)
            ).fun
            for t in (self.targets[:, :1], self.targets[:, 1:])
        ]
        assert constant_loss(loss, self.targets, weights) == pytest.approx(np.mean(least), rel=1e-9)


def make_problem(loss, n_targets, backend="numpy", **settings):
    circuit = build_circuit(
        get_encoding("angle_sum"),
        get_ansatz("hardware_efficient_rxx"),
        n_qubits=2,
        n_features=2,
        n_layers=2,
        reupload=True,
        trainable_scaling=True,
    )
    observables = ("ZI", "IZ", "ZZ")
    random = np.random.default_rng(3)
    problem = TrainingProblem(
        Model(get_backend(backend, **settings), circuit, observables),
        random.uniform(-1, 1, (6, 2)),
        random.normal(size=(6, n_targets)),
        random.uniform(0.5, 1, 6),
        regression_loss(loss, 0.6),
    )
    return problem, random.normal(size=circuit.n_weights + 4 * n_targets)


@pytest.mark.parametrize("n_targets", [1, 3])
@pytest.mark.parametrize("loss", ["squared_error", "huber"])
def test_the_gradient_of_all_numbers(loss, n_targets):
    problem, w = make_problem(loss, n_targets)
    value, gradient = problem.loss_and_gradient(w)
    assert value == pytest.approx(problem.loss(w), rel=1e-12)
    step = 1e-6
    numeric = [
        (problem.loss(w + step * e) - problem.loss(w - step * e)) / (2 * step)
        for e in np.eye(len(w))
    ]
    np.testing.assert_allclose(gradient, numeric, atol=1e-7)
    some, _ = problem.loss_and_gradient(w, np.array([1, 4]))
    assert some != value


@each_backend("backend")
def test_gradients_on_every_backend(backend):
    (reference, w), (problem, _) = make_problem("huber", 2), make_problem("huber", 2, backend)
    for found, expected in zip(
        problem.loss_and_gradient(w), reference.loss_and_gradient(w), strict=True
    ):
        np.testing.assert_allclose(found, expected, atol=1e-10)


@each_backend("backend")
def test_the_same_model_on_every_backend(backend):
    model = regressor().fit(X, BOTH)
    other = model.with_backend(backend)
    scale = np.abs(BOTH).max(axis=0)
    np.testing.assert_allclose(other.predict(X) / scale, model.predict(X) / scale, atol=1e-10)


def test_it_learns_what_it_should():
    model = regressor(max_iter=100).fit(X, y)
    assert is_regressor(model)
    assert model.score(X, y) > 0.95
    assert model.score(X, y) == pytest.approx(r2_score(y, model.predict(X)))
    assert model.prior_loss_ == pytest.approx(1, rel=1e-12)
    # The loss is 1 − R² in training.
    last = model.loss_curve_[-1]
    assert 1 - last == pytest.approx(model.score(X, y), abs=0.02)
    assert cross_val_score(regressor(max_iter=60), X, y, cv=3).mean() > 0.8


def test_one_target_has_the_shape_that_it_came_in():
    row, column = regressor().fit(X, y), regressor().fit(X, y[:, None])
    assert row.predict(X).shape == (40,)
    assert column.predict(X).shape == (40, 1)
    np.testing.assert_array_equal(column.predict(X)[:, 0], row.predict(X))
    np.testing.assert_array_equal(column.weights_, row.weights_)
    assert regressor().fit(X, pd.Series(y, name="price")).predict(X).shape == (40,)
    assert regressor().fit(X, pd.DataFrame(BOTH)).predict(X).shape == (40, 2)


def test_several_targets():
    model = regressor(max_iter=100).fit(X, BOTH)
    assert model.readout_.scale.shape[1] == 2
    assert model.score(X, BOTH) > 0.9
    assert min(r2_score(BOTH, model.predict(X), multioutput="raw_values")) > 0.85
    assert regressor(n_qubits=1).design(2, 3).n_outputs == 3
    with pytest.raises(ValueError, match=r"4 targets need 4 observables"):
        regressor(n_qubits=1).fit(X, np.column_stack([y] * 4))


UNITS = [(1e6, 0.0), (1e-9, 0.0), (1.0, 1e6), (1e300, 0.0), (1e-300, 0.0), (3.0, -4000.0)]


@pytest.mark.parametrize("loss", ["squared_error", "huber"])
@pytest.mark.parametrize(("factor", "offset"), UNITS, ids=map(str, UNITS))
def test_units_do_not_matter(factor, offset, loss):
    plain = regressor(loss=loss).fit(X, y)
    other = regressor(loss=loss).fit(X, factor * y + offset)
    back = (other.predict(X) - offset) / factor
    np.testing.assert_allclose(back, plain.predict(X), rtol=1e-6)
    np.testing.assert_allclose(other.loss_curve_, plain.loss_curve_, rtol=1e-6)


@pytest.mark.parametrize("value", [0.0, 7.0, 1e308, -1e-308])
@pytest.mark.parametrize("loss", ["squared_error", "huber"])
def test_a_constant_target(value, loss):
    model = regressor(max_iter=60, loss=loss).fit(X, np.full(40, value))
    assert model.target_scaling_.center == pytest.approx(value)
    assert model.prior_loss_ == pytest.approx(0, abs=1e-12)
    assert np.isfinite(model.predict(X)).all()
    np.testing.assert_allclose(model.predict(X), value, rtol=1e-9)
    mixed = regressor(max_iter=60, loss=loss).fit(X, np.column_stack([np.full(40, value), y]))
    np.testing.assert_allclose(mixed.predict(X)[:, 0], value, rtol=1e-9, atol=1e-300)
    assert r2_score(y, mixed.predict(X)[:, 1]) > 0.8
    mixed.partial_fit(X, np.column_stack([y, y]))  # what was constant may vary later
    assert np.isfinite(mixed.predict(X)).all()


def test_targets_at_the_ends_of_what_a_float_holds():
    wide = np.where(np.arange(40) % 2 == 0, 1e306, -1e306)
    model = regressor(max_iter=3).fit(X, wide)
    assert np.isfinite(model.predict(X)).all()
    assert np.isfinite(model.loss_curve_).all()


def test_scaling_by_weights_is_that_of_repeated_samples():
    values, counts = GENERATOR.normal(size=(20, 2)), GENERATOR.integers(1, 4, 20)
    for robust in (False, True):
        one = TargetScaling.from_data(values, counts.astype(float), robust=robust)
        many = np.repeat(values, counts, axis=0)
        other = TargetScaling.from_data(many, np.ones(len(many)), robust=robust)
        np.testing.assert_allclose(one.center, other.center, rtol=1e-12)
        np.testing.assert_allclose(one.scale, other.scale, rtol=1e-12)


@pytest.mark.parametrize("loss", ["squared_error", "huber"])
def test_sample_weights_count_as_repeated_samples(loss):
    counts = GENERATOR.integers(0, 3, 40)
    weighted = regressor(loss=loss).fit(X, y, sample_weight=counts)
    rows = np.repeat(np.arange(40), counts)
    repeated = regressor(loss=loss).fit(X[rows], y[rows])
    np.testing.assert_allclose(weighted.predict(X), repeated.predict(X), rtol=1e-6)
    with pytest.raises(ValueError, match=r"weights (are 0|must contain)"):
        regressor().fit(X, y, sample_weight=np.zeros(40))


def test_huber_forgives_errors_of_typing():
    wrong = y.copy()
    wrong[::10] *= 1e4
    rest = np.arange(40) % 10 != 0
    robust = regressor(max_iter=100, loss="huber").fit(X, wrong)
    plain = regressor(max_iter=100).fit(X, wrong)
    assert robust.score(X[rest], y[rest]) > 0.6
    assert plain.score(X[rest], y[rest]) < 0


def test_warm_start_and_partial_fit_go_on():
    whole = regressor(max_iter=6, warm_start=True).fit(X, y)
    steps = regressor(max_iter=6)
    for _ in range(6):
        steps.partial_fit(X, y)
    np.testing.assert_allclose(steps.predict(X), whole.predict(X), rtol=1e-9)
    before = whole.target_scaling_
    whole.fit(X, 2 * y)
    assert whole.target_scaling_ == before
    for call in (whole.fit, steps.partial_fit):
        with pytest.raises(ValueError, match=r"whose y has shape \(\), but got \(2,\): fit a new"):
            call(X, BOTH)
    assert whole.predict(X).shape == (40,)  # nothing is lost


def test_early_stopping_watches_r2():
    model = regressor(max_iter=30, early_stopping=True, validation_fraction=0.25).fit(X, y)
    assert len(model.validation_scores_) == len(model.loss_curve_)
    assert max(model.validation_scores_) > 0.5
    with pytest.raises(ValueError, match="too few here: the score R² needs at least 2 samples"):
        regressor(early_stopping=True, validation_fraction=0.01).fit(X, y)


def test_callbacks_see_a_model_that_predicts():
    seen = []
    regressor(callbacks=[lambda state: seen.append(state.estimator.predict(X[:3]))]).fit(X, y)
    assert len(seen) == 15
    assert seen[0].shape == (3,)


def test_nothing_learned_is_said():
    noise = np.random.default_rng(0).normal(size=(60, 2))
    with pytest.warns(ConvergenceWarning, match=r"predicting one number for all alone gives 1\.0"):
        regressor(max_iter=50, learning_rate_init=1e-9).fit(noise, noise[:, 0] ** 2)


@pytest.mark.parametrize("loss", ["squared_error", "huber"])
@pytest.mark.parametrize("target", [y, BOTH], ids=["one", "two"])
def test_files_bit_for_bit(tmp_path, target, loss):
    model = regressor(loss=loss, max_iter=5).fit(pd.DataFrame(X, columns=["a", "b"]), target)
    model.save(tmp_path / "m.qmlplay")
    again = load_model(tmp_path / "m.qmlplay")
    assert type(again) is VariationalRegressor
    assert again.model_ == model.model_
    assert again.get_params() == model.get_params()
    frame = pd.DataFrame(X, columns=["a", "b"])
    np.testing.assert_array_equal(again.predict(frame), model.predict(frame))
    model.partial_fit(frame, target)
    again.partial_fit(frame, target)
    assert again.model_ == model.model_
    again.save(tmp_path / "again.qmlplay")
    model.save(tmp_path / "m.qmlplay")
    assert (tmp_path / "m.qmlplay").read_bytes() == (tmp_path / "again.qmlplay").read_bytes()
    assert load_model(tmp_path / "m.qmlplay", backend="cirq").backend == "cirq"


def test_earlier_programs_refuse_the_file_of_a_regressor_and_read_that_of_a_classifier(tmp_path):
    regressor(max_iter=1).fit(X, y).save(tmp_path / "r")
    VariationalClassifier(max_iter=1).fit(X, y > 5).save(tmp_path / "c")
    versions = []
    for name in "rc":
        with zipfile.ZipFile(tmp_path / name) as file:
            versions.append(json.loads(file.read("model.json"))["format_version"])
    assert versions == [4, 1]


@pytest.mark.parametrize(
    "change",
    [
        {"target_scale": -1.0},
        {"target_scale": np.nan},
        {"target_center": np.zeros(3)},
        {"target_center": None},
    ],
)
def test_a_damaged_file(tmp_path, change):
    from qmlplay.model.archive import read_archive, write_archive

    regressor(max_iter=1).fit(X, y).save(tmp_path / "m")
    content, arrays = read_archive(tmp_path / "m")
    arrays |= {key: np.asarray(value) for key, value in change.items() if value is not None}
    arrays = {k: v for k, v in arrays.items() if change.get(k, "") is not None}
    write_archive(tmp_path / "m", content, arrays)
    with pytest.raises(ValueError, match="no model file of qmlplay"):
        load_model(tmp_path / "m")


def test_what_a_file_cannot_hold_is_said(tmp_path):
    regressor(max_iter=1, callbacks=[print]).fit(X, y).save(tmp_path / "m")
    with pytest.warns(ModelFileWarning, match="callbacks"):
        load_model(tmp_path / "m")


def test_pipelines_are_saved_and_moved(tmp_path):
    table = pd.DataFrame({"size": X[:, 0], "color": np.where(X[:, 1] > 0, "red", "blue")})
    model = make_pipeline(TablePreprocessor(), FeatureReduction(2), regressor()).fit(table, y)
    save_model(model, tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert [name for name, _ in again.steps][-1] == "variationalregressor"
    np.testing.assert_array_equal(again.predict(table), model.predict(table))


def test_copies_and_searches():
    model = regressor(max_iter=2).fit(X, BOTH)
    assert pickle.loads(pickle.dumps(model)).model_ == model.model_
    assert not hasattr(clone(model), "model_")
    assert not hasattr(model, "classes_")
    search = GridSearchCV(regressor(max_iter=3), {"n_layers": [1, 2]}, cv=2).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_exports_and_displays():
    model = regressor(max_iter=2).fit(X, y)
    assert model.to_qiskit(X[0]).num_qubits == 2
    assert len(model.to_cirq(X[0]).all_qubits()) == 2
    assert model.to_openqasm(X[0]).startswith("OPENQASM 3")
    assert callable(model.to_pennylane(X[0]))
    assert "q1" in model.draw()
    html = model._repr_html_inner()
    assert "<dt>targets</dt>" in html
    assert "<dt>classes</dt>" not in html
    assert str(model.training_cost(X, BOTH)).startswith("adam")
    assert model.expectations(X).shape == (40, 2)


@pytest.mark.parametrize("parameters", [{"shots": 200}, {"noise": "low"}], ids=str)
def test_shots_and_noise(parameters):
    model = regressor(max_iter=2, n_layers=1, **parameters).fit(X[:8], y[:8])
    assert np.isfinite(model.predict(X)).all()


BAD = {
    "text": (["red", "blue"] * 20, TypeError, "y must hold real numbers, got text"),
    "text and numbers": (["red", 1] * 20, TypeError, "y must hold real numbers, got text"),
    "complex": (y + 1j, ValueError, "Complex data not supported"),
    "dates": (pd.date_range("2020", periods=40), TypeError, "got dates"),
    "times": (pd.timedelta_range("1s", periods=40), TypeError, "got times"),
    "NaN": (np.where(y > 5, np.nan, y), ValueError, "contains NaN"),
    "None": ([None, *y[1:]], ValueError, "contains NaN"),
    "infinite": (np.where(y > 5, np.inf, y), ValueError, "contains infinity"),
    "three dimensions": (np.zeros((40, 2, 2)), ValueError, "dim 3"),
    "no column": (np.zeros((40, 0)), ValueError, "y has no column"),
    "lengths": (y[:-1], ValueError, "inconsistent numbers of samples"),
}


@pytest.mark.parametrize(("bad", "error", "message"), BAD.values(), ids=BAD.keys())
def test_bad_targets(bad, error, message):
    model = regressor()
    with pytest.raises(error, match=message):
        model.fit(X, bad)
    assert not hasattr(model, "model_")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"loss": "log_loss"}, "loss must be .*'huber'|'log_loss'"),
        ({"huber_epsilon": 0}, "huber_epsilon"),
        ({"huber_epsilon": np.nan}, "huber_epsilon"),
        ({"alpha": -1}, "alpha"),
    ],
)
def test_bad_parameters(parameters, message):
    with pytest.raises(ValueError, match=message):
        regressor(**parameters).fit(X, y)


def test_what_needs_classes_refuses_a_regressor():
    model = regressor(max_iter=1).fit(X, y)
    with pytest.raises(TypeError, match="got VariationalRegressor, which predicts numbers"):
        ParityDisplay.from_estimator(model, X, backends=["numpy", "cirq"])
    assert saliency(model, X).shape == X.shape  # numbers have slopes, too
    with pytest.raises(TypeError, match="a TrainedRegression, such as"):
        model.with_model(VariationalClassifier(max_iter=1).fit(X, y > 5).model_)
    with pytest.raises(NotFittedError):
        regressor().predict(X)
    with pytest.raises(TypeError, match="frames show the classes of a plane"):
        TrainingFramesDisplay.from_estimator(regressor(), X, y)
    curves = CurvesDisplay.from_training({"a": regressor(max_iter=2)}, X, y).plot()
    assert curves.axes_[1].get_title() == "train R²"
    assert ProbabilitiesDisplay.from_estimator(model, X[0]) is not None  # it needs a circuit only


def test_a_model_of_its_parts():
    model = regressor(max_iter=1).fit(X, y).model_
    assert isinstance(model, TrainedRegression)
    for center, scale in ((0.0, 0.0), (np.zeros(2), np.ones(3)), (np.zeros((1, 1)), 1.0),
                          (np.inf, 1.0), (np.zeros(0), np.zeros(0))):  # fmt: skip
        with pytest.raises(ValueError, match="target_"):
            TargetScaling(np.asarray(center), np.asarray(scale))


def test_the_picture_of_a_fit():
    data = load_dataset("sine", random_state=0)
    model = regressor(max_iter=40).fit(data.X, data.y)
    curve = RegressionDisplay.from_estimator(model, data.X, data.y).plot()
    assert len(curve.figure_.axes) == 2  # predicted against observed, and the curve
    two = RegressionDisplay.from_estimator(regressor(max_iter=1).fit(X, y), X, y).plot()
    assert len(two.figure_.axes) == 1
    assert f"R² {two.r2:.3f}" in two.figure_.axes[0].get_title()
    assert two.r2 == pytest.approx(r2_score(two.observed, two.predicted))
    with pytest.raises(ValueError, match="one target"):
        RegressionDisplay.from_estimator(regressor(max_iter=1).fit(X, BOTH), X, BOTH)


def test_every_backend_is_here():
    assert list_backends() == ["numpy", "qiskit", "cirq", "pennylane", "torch", "jax"]
