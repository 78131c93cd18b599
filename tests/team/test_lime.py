"""LIME: one call for every kind of model, without warnings of ours."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from own_circuits import additive_regressor
from sklearn.pipeline import make_pipeline

from qmlplay import (
    QuantumKernelClassifier,
    QuantumKernelRegressor,
    TablePreprocessor,
    VariationalClassifier,
    VariationalRegressor,
    load_dataset,
)

pytestmark = pytest.mark.needs("lime")
IRIS = load_dataset("iris")
FRAME = pd.DataFrame(IRIS.X, columns=["a", "b", "c", "d"])
NUMBERS = IRIS.X[:, 0] + IRIS.y
QUICK = {"n_layers": 2, "max_iter": 5, "random_state": 0}


@pytest.fixture(scope="module")
def explainers():
    """The explainers of both tasks."""
    module = pytest.importorskip("lime.lime_tabular")
    return {
        mode: module.LimeTabularExplainer(
            FRAME.to_numpy(), feature_names=list(FRAME), mode=mode, random_state=0
        )
        for mode in ("classification", "regression")
    }


CLASSIFIERS = {
    "variational": lambda: VariationalClassifier(**QUICK),
    "kernel": lambda: QuantumKernelClassifier(bandwidth=0.5, random_state=0),
    "pipeline": lambda: make_pipeline(TablePreprocessor(), VariationalClassifier(**QUICK)),
}
REGRESSORS = {
    "variational": lambda: VariationalRegressor(**QUICK),
    "kernel": lambda: QuantumKernelRegressor(bandwidth=0.5, random_state=0),
}


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_classifiers_that_were_fitted_to_a_table(explainers, kind):
    model = CLASSIFIERS[kind]().fit(FRAME, IRIS.y)
    row = FRAME.to_numpy()[0]
    explained = explainers["classification"].explain_instance(
        row, model.predict_proba, labels=(0, 1, 2)
    )
    assert len(explained.as_list(label=2)) == 4
    np.testing.assert_allclose(explained.predict_proba, model.predict_proba(FRAME[:1])[0])


@pytest.mark.parametrize("kind", REGRESSORS)
def test_regressors_that_were_fitted_to_a_table(explainers, kind):
    model = REGRESSORS[kind]().fit(FRAME, NUMBERS)
    explained = explainers["regression"].explain_instance(FRAME.to_numpy()[0], model.predict)
    assert len(explained.as_list()) == 4
    np.testing.assert_allclose(explained.predicted_value, model.predict(FRAME[:1])[0])


def test_the_slopes_of_a_sum_of_cosines():
    module = pytest.importorskip("lime.lime_tabular")
    model = additive_regressor((1.0, -2.0, 0.1))
    X = np.random.default_rng(0).normal(1.0, 0.05, size=(200, 3))
    explainer = module.LimeTabularExplainer(
        X, mode="regression", discretize_continuous=False, random_state=0
    )
    explained = explainer.explain_instance(
        X.mean(axis=0), model.predict, num_samples=5000, num_features=3
    )
    found = dict(explained.local_exp[1])
    expected = np.array([-1.0, 2.0, -0.1]) * np.sin(1.0) * X.std(axis=0)  # per standard deviation
    np.testing.assert_allclose([found[k] for k in range(3)], expected, rtol=0.02)


def test_text_columns_as_codes():
    module = pytest.importorskip("lime.lime_tabular")
    colors = np.array(["red", "green", "blue"])
    table = FRAME.assign(color=colors[np.arange(150) % 3])
    pipeline = make_pipeline(TablePreprocessor(), VariationalClassifier(**QUICK))
    pipeline.fit(table, IRIS.y)
    codes = FRAME.assign(color=np.arange(150) % 3).to_numpy()

    def probabilities(rows):
        decoded = pd.DataFrame(rows, columns=list(table))
        return pipeline.predict_proba(decoded.assign(color=colors[rows[:, 4].astype(int)]))

    explainer = module.LimeTabularExplainer(
        codes,
        feature_names=list(table),
        categorical_features=[4],
        categorical_names={4: list(colors)},
        random_state=0,
    )
    explained = explainer.explain_instance(codes[0], probabilities, labels=(0,))
    assert any(name.startswith("color=red") for name, _ in explained.as_list(label=0))
