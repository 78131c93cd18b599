"""The classical baselines of a regression."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone, is_regressor
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from qmlplay import compare, load_dataset
from qmlplay.baselines import count_parameters, list_baselines, make_baseline
from qmlplay.compare import list_models

DATA = load_dataset("friedman1", n_samples=150, random_state=0)
X, y = DATA.X, DATA.y
NAMES = list_baselines("regression")


@pytest.mark.parametrize("name", NAMES)
def test_fit_repeat_and_units(name):
    model = make_baseline(name, random_state=0, task="regression")
    assert is_regressor(model)
    first = model.fit(X, y).predict(X)
    np.testing.assert_array_equal(clone(model).fit(X, y).predict(X), first)
    other = clone(model).fit(X, 2.0**20 * y).predict(X)  # without rounding, which decides ties
    np.testing.assert_allclose(other / 2.0**20, first, rtol=1e-3)
    assert model.score(X, y) > 0.7 or name == "dummy"


def test_dummy_is_the_mean():
    model = make_baseline("dummy", task="regression").fit(X, y)
    np.testing.assert_allclose(model.predict(X), y.mean())


def test_svr_is_a_plain_one_on_scaled_targets():
    z = (y - y.mean()) / y.std()
    plain = SVR().fit(StandardScaler().fit_transform(X), z)
    expected = y.mean() + y.std() * plain.predict(StandardScaler().fit_transform(X))
    model = make_baseline("svr_rbf", task="regression").fit(X, y)
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-9)
    assert count_parameters(model) == len(plain.support_) * (10 + 1) + 1


def count_by_walking(tree, node=0):
    if tree.children_left[node] < 0:
        return 1
    return 2 + sum(
        count_by_walking(tree, c[node]) for c in (tree.children_left, tree.children_right)
    )


def test_counts_with_closed_forms():
    fitted = {
        name: make_baseline(name, random_state=0, task="regression").fit(X, y) for name in NAMES
    }
    assert count_parameters(fitted["dummy"]) == 1
    assert count_parameters(fitted["ridge"]) == 10 + 1
    assert count_parameters(fitted["mlp"]) == 16 * (10 + 1) + 16 + 1
    trees = [tree.tree_ for tree in fitted["random_forest"][-1].estimators_]
    assert count_parameters(fitted["random_forest"]) == sum(map(count_by_walking, trees))
    trees = [tree.tree_ for tree in fitted["gradient_boosting"][-1].estimators_.ravel()]
    assert count_parameters(fitted["gradient_boosting"]) == 1 + sum(map(count_by_walking, trees))


def test_mlp_is_matched():
    model = make_baseline("mlp", random_state=0, n_parameters=50, n_features=10, task="regression")
    assert abs(count_parameters(model.fit(X, y)) - 50) <= 6


def test_unknown_names():
    with pytest.raises(ValueError, match="unknown baseline 'logistic_regression'"):
        make_baseline("logistic_regression", task="regression")
    with pytest.raises(ValueError, match="unknown task 'ranking'"):
        make_baseline("ridge", task="ranking")
    with pytest.raises(ValueError, match="unknown baseline 'ridge'"):
        make_baseline("ridge")
    assert not set(NAMES) - {"dummy", "random_forest", "gradient_boosting", "mlp"} & set(
        list_models()
    )


@pytest.mark.parametrize("cv", [None, 3])
def test_compare_takes_classes_where_these_are_asked_for(cv):
    with pytest.raises(ValueError, match="sine is a regression, but task='classification'"):
        compare("sine", cv=cv, task="classification")
    table = load_dataset("diabetes")
    with pytest.raises(
        ValueError, match=r"continuous.* qmlplay\.VariationalRegressor|different in"
    ):
        compare(table.X, table.y + 0.5, task="classification")
