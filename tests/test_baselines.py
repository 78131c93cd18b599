"""The baselines predict, repeat themselves, and are counted rightly."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import log_loss
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from qmlplay.baselines import count_parameters, list_baselines, make_baseline, matched_hidden_units
from qmlplay.datasets import load_dataset

MOONS = load_dataset("moons", n_samples=120, random_state=0)
IRIS = load_dataset("iris")
LEARNERS = sorted(set(list_baselines()) - {"dummy"})


def fitted(name, data, **options):
    return make_baseline(name, random_state=0, **options).fit(data.X, data.y)


def last(model):
    return model[-1]


def test_names():
    assert set(list_baselines()) == {
        *("dummy", "logistic_regression", "svc_rbf", "k_nearest_neighbours"),
        *("random_forest", "gradient_boosting", "mlp"),
    }


@pytest.mark.parametrize("labels", [["no", "yes"], [-1, 1], [True, False], [7.0, 3.0]])
@pytest.mark.parametrize("name", list_baselines())
def test_labels_of_any_kind(name, labels):
    y = np.array(labels)[MOONS.y]
    model = make_baseline(name, random_state=0).fit(MOONS.X, y)
    assert isinstance(model, Pipeline)
    assert isinstance(model[0], StandardScaler)
    assert model.predict(MOONS.X).dtype.kind == y.dtype.kind
    assert set(model.predict(MOONS.X)) <= set(labels)
    assert sorted(model.classes_) == sorted(labels)


@pytest.mark.parametrize("data", [MOONS, IRIS], ids=["moons", "iris"])
@pytest.mark.parametrize("name", LEARNERS)
def test_learners_beat_the_dummy(name, data):
    model, dummy = fitted(name, data), fitted("dummy", data)
    probabilities = model.predict_proba(data.X)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert model.score(data.X, data.y) > 0.8
    assert log_loss(data.y, probabilities) < 0.6 * log_loss(data.y, dummy.predict_proba(data.X))


def test_dummy_knows_only_the_shares():
    y = np.array([0] * 30 + [1] * 90)
    model = make_baseline("dummy").fit(MOONS.X, y)
    np.testing.assert_allclose(model.predict_proba(MOONS.X), [[0.25, 0.75]] * 120)
    assert set(model.predict(MOONS.X)) == {1}


@pytest.mark.parametrize("name", list_baselines())
def test_seed_repeats_and_clones(name):
    first = fitted(name, MOONS)
    again = clone(first).fit(MOONS.X, MOONS.y)
    np.testing.assert_array_equal(first.predict_proba(MOONS.X), again.predict_proba(MOONS.X))


def test_units_of_the_features_do_not_matter():
    scaled = MOONS.X * [1000.0, 0.001]
    for name in ("svc_rbf", "k_nearest_neighbours", "logistic_regression"):
        plain = fitted(name, MOONS)
        other = make_baseline(name, random_state=0).fit(scaled, MOONS.y)
        np.testing.assert_array_equal(plain.predict(MOONS.X), other.predict(scaled))


def mlp_size(units, n_features, n_classes):
    outputs = 1 if n_classes == 2 else n_classes
    return n_features * units + units + units * outputs + outputs


@pytest.mark.parametrize("n_classes", [2, 3, 10])
@pytest.mark.parametrize("n_features", [1, 2, 13])
def test_matched_hidden_units_is_the_nearest(n_features, n_classes):
    for wanted in range(1, 400, 7):
        units = matched_hidden_units(wanted, n_features, n_classes)
        gaps = [abs(mlp_size(h, n_features, n_classes) - wanted) for h in range(1, 400)]
        assert gaps[units - 1] == min(gaps)


@pytest.mark.parametrize(("data", "n_classes"), [(MOONS, 2), (IRIS, 3)], ids=["moons", "iris"])
def test_mlp_is_matched(data, n_classes):
    n_features = data.X.shape[1]
    shape = {"n_features": n_features, "n_classes": n_classes}
    model = fitted("mlp", data, n_parameters=60, **shape)
    units = matched_hidden_units(60, **shape)
    assert last(model).hidden_layer_sizes == (units,)
    assert count_parameters(model) == mlp_size(units, n_features, n_classes)
    one_unit = 1 + n_features + (1 if n_classes == 2 else n_classes)
    assert abs(count_parameters(model) - 60) <= one_unit / 2


def test_counts_with_closed_forms():
    assert count_parameters(fitted("dummy", IRIS)) == 3
    assert count_parameters(fitted("logistic_regression", MOONS)) == 2 + 1
    assert count_parameters(fitted("logistic_regression", IRIS)) == 3 * (4 + 1)
    assert count_parameters(fitted("mlp", MOONS)) == mlp_size(16, 2, 2)
    assert count_parameters(fitted("k_nearest_neighbours", IRIS)) == 150 * (4 + 1)


@pytest.mark.parametrize(("data", "n_classes"), [(MOONS, 2), (IRIS, 3)], ids=["moons", "iris"])
def test_svc_count(data, n_classes):
    model = fitted("svc_rbf", data)
    n_vectors = last(model).svc_.n_support_.sum()
    pairs, sigmoids = n_classes * (n_classes - 1) // 2, 1 if n_classes == 2 else n_classes
    expected = n_vectors * (data.X.shape[1] + n_classes - 1) + pairs + 2 * sigmoids
    assert count_parameters(model) == expected


@pytest.mark.parametrize("data", [MOONS, IRIS], ids=["moons", "iris"])
def test_svc_predicts_as_a_plain_one(data):
    model, plain = fitted("svc_rbf", data), make_pipeline(StandardScaler(), SVC())
    plain.fit(data.X, data.y)
    again = pickle.loads(pickle.dumps(model))
    for other in (plain, again):
        np.testing.assert_array_equal(model.predict(data.X), other.predict(data.X))
        scores = other.decision_function(data.X)
        np.testing.assert_array_equal(model.decision_function(data.X), scores)
    np.testing.assert_array_equal(model.predict_proba(data.X), again.predict_proba(data.X))


@pytest.mark.parametrize("labels", [["a", "b", "b"], ["a", "b", "c", "a", "b"]])
def test_svc_on_tiny_data(labels):
    X = np.arange(2.0 * len(labels)).reshape(-1, 2)
    model = make_baseline("svc_rbf").fit(X, labels)
    probabilities = model.predict_proba(X)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert probabilities.shape == (len(labels), len(set(labels)))
    assert set(model.predict(X)) <= set(labels)
    assert last(model).n_sigmoids_ == 0
    assert count_parameters(model) == count_parameters(last(model).svc_)


def count_by_walking(tree, node, values_per_leaf):
    if tree.children_left[node] < 0:
        return values_per_leaf
    children = (tree.children_left[node], tree.children_right[node])
    return 2 + sum(count_by_walking(tree, child, values_per_leaf) for child in children)


def test_tree_counts():
    forest, boosting = fitted("random_forest", IRIS), fitted("gradient_boosting", IRIS)
    walked = sum(count_by_walking(tree.tree_, 0, 3) for tree in last(forest).estimators_)
    assert count_parameters(forest) == walked
    trees = last(boosting).estimators_.ravel()
    assert count_parameters(boosting) == 3 + sum(count_by_walking(t.tree_, 0, 1) for t in trees)


def test_count_works_on_the_classifier_alone():
    model = fitted("logistic_regression", MOONS)
    assert count_parameters(last(model)) == count_parameters(model)
    assert count_parameters(DecisionTreeClassifier().fit(MOONS.X, MOONS.y)) is None


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: make_baseline("svm_rbf"), "unknown baseline 'svm_rbf': did you mean 'svc_rbf'"),
        (lambda: make_baseline("mlp", n_parameters=9), "n_parameters=9 needs n_features and n_cl"),
        (lambda: matched_hidden_units(0, 2, 2), "n_parameters=0: must be .* at least 1"),
        (lambda: matched_hidden_units(9, 2.5, 2), r"n_features=2\.5"),
        (lambda: matched_hidden_units(9, 2, 1), "n_classes=1: must be .* at least 2"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_counting_an_unfitted_baseline():
    with pytest.raises(NotFittedError):
        count_parameters(make_baseline("mlp"))
