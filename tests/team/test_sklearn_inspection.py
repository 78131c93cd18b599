"""scikit-learn's own ways of looking at a model: importances, dependences, curves, calibration."""

from __future__ import annotations

import matplotlib
import numpy as np
import pandas as pd
import polars as pl
import pytest
from own_circuits import additive_regressor, interaction_regressor
from sklearn.calibration import CalibratedClassifierCV, CalibrationDisplay
from sklearn.inspection import (
    DecisionBoundaryDisplay,
    PartialDependenceDisplay,
    partial_dependence,
    permutation_importance,
)
from sklearn.metrics import (
    ConfusionMatrixDisplay,
    DetCurveDisplay,
    PrecisionRecallDisplay,
    PredictionErrorDisplay,
    RocCurveDisplay,
)
from sklearn.model_selection import (
    LearningCurveDisplay,
    TunedThresholdClassifierCV,
    ValidationCurveDisplay,
    cross_val_predict,
    learning_curve,
    validation_curve,
)
from sklearn.pipeline import make_pipeline

from qmlplay import (
    QuantumKernelClassifier,
    QuantumKernelRegressor,
    TablePreprocessor,
    VariationalClassifier,
    VariationalRegressor,
    load_dataset,
)

MOONS = load_dataset("moons", n_samples=60, random_state=0)
FRAME = pd.DataFrame(MOONS.X, columns=["east", "north"])
NUMBERS = MOONS.X[:, 0] ** 2 + MOONS.X[:, 1]
QUICK = {"n_layers": 1, "max_iter": 8, "random_state": 0}
CLASSIFIERS = {
    "variational": lambda: VariationalClassifier(**QUICK),
    "kernel": lambda: QuantumKernelClassifier(bandwidth=0.5, random_state=0),
    "pipeline": lambda: make_pipeline(TablePreprocessor(), VariationalClassifier(**QUICK)),
}
REGRESSORS = {
    "variational": lambda: VariationalRegressor(**QUICK),
    "kernel": lambda: QuantumKernelRegressor(bandwidth=0.5, random_state=0),
}
MODELS = {f"{name} classifier": (make, MOONS.y) for name, make in CLASSIFIERS.items()} | {
    f"{name} regressor": (make, NUMBERS) for name, make in REGRESSORS.items()
}
#: The same table, as an array and in frames.
TABLES = {"array": MOONS.X, "pandas": FRAME, "polars": pl.from_pandas(FRAME)}

each_model = pytest.mark.parametrize("name", MODELS)
each_classifier = pytest.mark.parametrize("name", CLASSIFIERS)
each_table = pytest.mark.parametrize("table", TABLES)


@pytest.fixture(autouse=True)
def _no_windows():
    before = matplotlib.get_backend()
    matplotlib.use("Agg")
    yield
    from matplotlib import pyplot

    pyplot.close("all")
    matplotlib.use(before)


@each_table
@each_model
def test_permutation_importance(name, table):
    make, y = MODELS[name]
    noise = np.random.default_rng(0).normal(size=60)
    X = TABLES[table]
    if table == "array":
        X = np.column_stack([X, noise])
    elif table == "pandas":
        X = X.assign(noise=noise)
    else:
        X = X.with_columns(noise=noise)
    found = permutation_importance(make().fit(X, y), X, y, n_repeats=3, random_state=0)
    assert found.importances_mean.shape == (3,)
    assert found.importances_mean[:2].max() > found.importances_mean[2]


def test_permuting_a_term_of_a_sum_costs_twice_its_variance():
    scales = np.array([1.0, -2.0, 0.5])
    model = additive_regressor(tuple(scales))
    X = np.random.default_rng(1).uniform(-3, 3, size=(400, 3))
    y = model.predict(X)
    found = permutation_importance(
        model, X, y, scoring="neg_mean_squared_error", n_repeats=20, random_state=0
    )
    expected = 2 * scales**2 * np.cos(X).var(axis=0)
    np.testing.assert_allclose(found.importances_mean, expected, rtol=0.05)


def test_partial_dependence_of_a_product_by_hand():
    X = np.random.default_rng(2).uniform(-2, 2, size=(50, 2))
    found = partial_dependence(interaction_regressor(), X, [0], grid_resolution=9, kind="average")
    (grid,) = found["grid_values"]
    expected = np.cos(grid) * np.cos(X[:, 1]).mean()
    np.testing.assert_allclose(found["average"][0], expected, atol=1e-12)


@pytest.mark.parametrize("table", ["array", "pandas"])
@each_model
def test_partial_dependence_display(name, table):
    make, y = MODELS[name]
    X = TABLES[table]
    features = [0, (0, 1)] if table == "array" else ["east", ("east", "north")]
    display = PartialDependenceDisplay.from_estimator(
        make().fit(X, y), X, features, grid_resolution=5
    )
    assert len(display.lines_.ravel()) == 2


@pytest.mark.parametrize("response", ["predict_proba", "decision_function", "predict"])
@each_classifier
def test_decision_boundary_display(name, response):
    model = CLASSIFIERS[name]().fit(FRAME, MOONS.y)
    display = DecisionBoundaryDisplay.from_estimator(
        model, FRAME, response_method=response, grid_resolution=8
    )
    assert display.response.shape == (8, 8)
    assert display.xlabel == "east"


def test_decision_boundary_of_a_regressor():
    model = VariationalRegressor(**QUICK).fit(MOONS.X, NUMBERS)
    display = DecisionBoundaryDisplay.from_estimator(model, MOONS.X, grid_resolution=8)
    points = np.column_stack([display.xx0.ravel(), display.xx1.ravel()])
    np.testing.assert_allclose(display.response.ravel(), model.predict(points), atol=1e-12)


@pytest.mark.slow
@each_table
@each_classifier
def test_calibration_display_and_curves(name, table):
    X = TABLES[table]
    model = CLASSIFIERS[name]().fit(X, MOONS.y)
    display = CalibrationDisplay.from_estimator(model, X, MOONS.y, n_bins=4)
    np.testing.assert_allclose(np.sort(display.y_prob), np.sort(model.predict_proba(X)[:, 1]))
    for kind in (RocCurveDisplay, PrecisionRecallDisplay, DetCurveDisplay):
        assert kind.from_estimator(model, X, MOONS.y).line_ is not None
    matrix = ConfusionMatrixDisplay.from_estimator(model, X, MOONS.y).confusion_matrix
    assert matrix.sum() == 60


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
@each_classifier
def test_calibrated_classifiers(name, method):
    model = CalibratedClassifierCV(CLASSIFIERS[name](), method=method, cv=3)
    p = model.fit(FRAME, MOONS.y).predict_proba(FRAME)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert model.score(FRAME, MOONS.y) > 0.7


def test_thresholds_are_tuned():
    model = TunedThresholdClassifierCV(VariationalClassifier(**QUICK), cv=3, random_state=0)
    assert 0 < model.fit(FRAME, MOONS.y).best_threshold_ < 1


@each_table
@each_model
def test_learning_curves(name, table):
    make, y = MODELS[name]
    X = TABLES[table]
    sizes, train, test = learning_curve(
        make(), X, y, train_sizes=[0.5, 1.0], cv=2, shuffle=True, random_state=0
    )
    assert sizes.tolist() == [15, 30]
    assert np.isfinite(train).all()
    assert np.isfinite(test).all()


def test_learning_curve_step_by_step():
    model = VariationalClassifier(**QUICK)
    _, train, _ = learning_curve(
        model,
        MOONS.X,
        MOONS.y,
        train_sizes=[0.5, 1.0],
        cv=2,
        exploit_incremental_learning=True,
        shuffle=True,
        random_state=0,
    )
    assert np.isfinite(train).all()


def test_curve_displays():
    model = VariationalClassifier(**QUICK)
    LearningCurveDisplay.from_estimator(
        model, FRAME, MOONS.y, train_sizes=[0.5, 1.0], cv=2, shuffle=True, random_state=0
    )
    display = ValidationCurveDisplay.from_estimator(
        model, FRAME, MOONS.y, param_name="n_layers", param_range=[1, 2], cv=2
    )
    train, _ = validation_curve(
        model, FRAME, MOONS.y, param_name="n_layers", param_range=[1, 2], cv=2
    )
    np.testing.assert_array_equal(display.train_scores, train)


@pytest.mark.parametrize("name", REGRESSORS)
def test_prediction_errors(name):
    model = REGRESSORS[name]().fit(FRAME, NUMBERS)
    display = PredictionErrorDisplay.from_estimator(model, FRAME, NUMBERS)
    np.testing.assert_allclose(np.sort(display.y_pred), np.sort(model.predict(FRAME)))
    held_out = cross_val_predict(REGRESSORS[name](), FRAME, NUMBERS, cv=3)
    assert held_out.shape == (60,)
