"""SHAP: every explainer in one call, without warnings, against Shapley values known by hand."""

from __future__ import annotations

from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd
import pytest
from own_circuits import additive_regressor, interaction_regressor
from sklearn.pipeline import make_pipeline

from qmlplay import (
    QuantumKernelClassifier,
    QuantumKernelRegressor,
    TablePreprocessor,
    VariationalClassifier,
    VariationalRegressor,
    load_dataset,
)
from qmlplay.diagnostics import integrated_gradients

pytestmark = pytest.mark.needs("shap")
random = np.random.default_rng(4)
ROWS, BACKGROUND = random.uniform(-3, 3, (12, 3)), random.uniform(-3, 3, (25, 3))
IRIS = load_dataset("iris")
FRAME = pd.DataFrame(IRIS.X, columns=["sepal length", "sepal width", "petal length", "petal width"])
QUICK = {"n_layers": 2, "max_iter": 5, "random_state": 0}
EXPLAINERS = ["ExactExplainer", "PermutationExplainer", "KernelExplainer"]


@pytest.fixture(scope="module")
def shap():
    return pytest.importorskip("shap")


@pytest.fixture(scope="module")
def models():
    """Fitted to a table with names: what to ask, by the kind of model."""
    numbers = IRIS.X[:, 0] + IRIS.y
    classifier = VariationalClassifier(**QUICK).fit(FRAME, IRIS.y)
    kernel = QuantumKernelClassifier(bandwidth=0.5, random_state=0).fit(FRAME, IRIS.y)
    pipeline = make_pipeline(TablePreprocessor(), VariationalClassifier(**QUICK))
    return {
        "classifier": classifier.predict_proba,
        "decisions": classifier.decision_function,
        "regressor": VariationalRegressor(**QUICK).fit(FRAME, numbers).predict,
        "kernel classifier": kernel.predict_proba,
        "kernel regressor": QuantumKernelRegressor(bandwidth=0.5).fit(FRAME, numbers).predict,
        "pipeline": pipeline.fit(FRAME, IRIS.y).predict_proba,
    }


def by_enumeration(function, rows, background):
    """Return Shapley values from their definition: a mean over all orders of the features."""
    n = rows.shape[1]

    def value(row, present):
        mixed = background.copy()
        mixed[:, present] = row[present]
        return function(mixed).mean(axis=0)

    result = np.zeros((*rows.shape, *function(rows[:1]).shape[1:]))
    for i, row in enumerate(rows):
        for k in range(n):
            others = [j for j in range(n) if j != k]
            for size in range(n):
                weight = factorial(size) * factorial(n - size - 1) / factorial(n)
                for some in map(list, combinations(others, size)):
                    result[i, k] += weight * (value(row, [*some, k]) - value(row, some))
    return result


@pytest.mark.parametrize("name", ["Explainer", *EXPLAINERS])
def test_a_sum_of_cosines_is_explained_term_by_term(shap, name):
    scales = np.array([1.0, -2.0, 0.5])
    model = additive_regressor(tuple(scales))
    explained = getattr(shap, name)(model.predict, BACKGROUND)(ROWS)
    expected = scales * (np.cos(ROWS) - np.cos(BACKGROUND).mean(axis=0))
    np.testing.assert_allclose(explained.values, expected, atol=1e-10)
    np.testing.assert_allclose(
        explained.base_values, (scales * np.cos(BACKGROUND)).sum(axis=1).mean(), atol=1e-10
    )


@pytest.mark.parametrize("name", ["Explainer", *EXPLAINERS])
def test_a_product_of_cosines_is_shared_between_its_features(shap, name):
    x, b = np.cos(ROWS[:, :2]), np.cos(BACKGROUND[:, :2])
    nothing, both = (b[:, 0] * b[:, 1]).mean(), x[:, 0] * x[:, 1]
    first, second = x[:, 0] * b[:, 1].mean(), x[:, 1] * b[:, 0].mean()
    expected = (
        np.stack([first - nothing + both - second, second - nothing + both - first], axis=1) / 2
    )
    explained = getattr(shap, name)(interaction_regressor().predict, BACKGROUND[:, :2])(ROWS[:, :2])
    np.testing.assert_allclose(explained.values, expected, atol=1e-10)
    assert np.abs(expected - (x - b.mean(axis=0))).max() > 0.1  # it is no sum


def test_a_trained_classifier_against_the_definition(shap):
    data = load_dataset("moons", n_samples=80, random_state=0)
    X = np.column_stack([data.X, data.X[::-1, 0]])
    model = VariationalClassifier(**QUICK).fit(X, data.y)
    explained = shap.Explainer(model.predict_proba, X[:20])(X[20:24])
    expected = by_enumeration(model.predict_proba, X[20:24], X[:20])
    np.testing.assert_allclose(explained.values, expected, atol=1e-10)
    assert np.abs(expected).max() > 0.05


def test_integrated_gradients_agree_where_features_do_not_interact(shap):
    model = additive_regressor()
    explained = shap.Explainer(model.predict, BACKGROUND)(ROWS)
    ours = integrated_gradients(model, ROWS, BACKGROUND)
    np.testing.assert_allclose(ours.values, explained.values, atol=1e-10)
    np.testing.assert_allclose(ours.base_values, explained.base_values[0], atol=1e-10)


KINDS = (
    "classifier",
    "decisions",
    "regressor",
    "kernel classifier",
    "kernel regressor",
    "pipeline",
)


@pytest.mark.parametrize("as_array", [False, True], ids=["frame", "array"])
@pytest.mark.parametrize("kind", KINDS)
def test_one_call_without_a_warning(shap, models, kind, as_array):
    function = models[kind]
    rows = FRAME.to_numpy() if as_array else FRAME
    explained = shap.Explainer(function, rows[:10])(rows[::50])
    assert explained.values.shape[:2] == (3, 4)
    whole = explained.base_values + explained.values.sum(axis=1)
    np.testing.assert_allclose(whole, function(FRAME[::50]), atol=1e-9)
    if not as_array:
        assert list(explained.feature_names) == list(FRAME)


@pytest.mark.parametrize("name", EXPLAINERS)
@pytest.mark.parametrize("kind", KINDS[:5])
def test_every_explainer_without_a_warning(shap, models, kind, name):
    function = models[kind]
    explained = getattr(shap, name)(function, FRAME[:8])(FRAME[::75])
    whole = explained.base_values + explained.values.sum(axis=1)
    np.testing.assert_allclose(whole, function(FRAME[::75]), atol=1e-6)


def test_a_model_is_as_it_was_afterwards(shap, tmp_path):
    model = VariationalClassifier(**QUICK).fit(FRAME, IRIS.y)
    shap.KernelExplainer(model.predict_proba, FRAME[:5])(FRAME[:1])
    assert list(model.feature_names_in_) == list(FRAME)
    model.save(tmp_path / "model.qmlplay")


def test_names_of_columns_without_any_in_training(shap):
    model = VariationalClassifier(**QUICK).fit(IRIS.X, IRIS.y)
    explained = shap.Explainer(model.predict_proba, FRAME[:5])(FRAME[:1])
    assert list(explained.feature_names) == list(FRAME)


def test_text_columns_by_what_the_preprocessor_makes_of_them(shap):
    table = FRAME.assign(color=np.array(["red", "green", "blue"])[np.arange(150) % 3])
    pipeline = make_pipeline(TablePreprocessor(), VariationalClassifier(**QUICK))
    pipeline.fit(table, IRIS.y)
    numbers = pd.DataFrame(
        pipeline[:-1].transform(table), columns=pipeline[:-1].get_feature_names_out()
    )
    explained = shap.Explainer(pipeline[-1].predict_proba, numbers[:10])(numbers[:2])
    whole = explained.base_values + explained.values.sum(axis=1)
    np.testing.assert_allclose(whole, pipeline.predict_proba(table[:2]), atol=1e-9)
    assert "color=red" in explained.feature_names


def test_text_columns_as_codes(shap):
    colors = np.array(["red", "green", "blue"])
    table = FRAME.assign(color=colors[np.arange(150) % 3])
    pipeline = make_pipeline(TablePreprocessor(), VariationalClassifier(**QUICK))
    pipeline.fit(table, IRIS.y)
    codes = FRAME.assign(color=np.arange(150) % 3)

    def probabilities(rows):
        return pipeline.predict_proba(rows.assign(color=colors[rows["color"].astype(int)]))

    explained = shap.Explainer(probabilities, codes[:10])(codes[:2])
    whole = explained.base_values + explained.values.sum(axis=1)
    np.testing.assert_allclose(whole, pipeline.predict_proba(table[:2]), atol=1e-9)
    assert explained.values.shape == (2, 5, 3)
