"""The penalty on weights that multiply features: whom it concerns, and what it does."""

import numpy as np
import pytest
from sklearn.base import clone

from qmlplay import VariationalClassifier, load_dataset


@pytest.fixture(scope="module")
def data():
    return load_dataset("xor", n_samples=60, random_state=3)


def fitted(data, **parameters):
    clf = VariationalClassifier(max_iter=30, n_iter_no_change=None, random_state=0, **parameters)
    return clf.fit(data.X, data.y)


def test_the_default_is_a_penalty(data):
    assert fitted(data, alpha=0.002).model_ == fitted(data).model_ != fitted(data, alpha=0).model_


def test_only_weights_that_multiply_features_are_drawn_to_zero(data):
    free, bound = fitted(data, alpha=0).model_, fitted(data, alpha=1.0).model_
    scaling = list(free.circuit.scaling_weights)
    others = np.setdiff1d(np.arange(free.circuit.n_weights), scaling)
    assert abs(bound.weights[scaling]).mean() < 0.5 * abs(free.weights[scaling]).mean()
    assert abs(bound.weights[others]).mean() > 0.5 * abs(free.weights[others]).mean()


def test_weights_that_do_not_multiply_features_are_free(data):
    given = {"trainable_scaling": False}
    assert fitted(data, alpha=9, **given).model_ == fitted(data, alpha=0, **given).model_


@pytest.mark.parametrize(("n_features", "expected"), [(2, 0.002), (8, 0.002), (16, 0.0005)])
def test_the_automatic_strength(n_features, expected):
    X = np.random.default_rng(0).normal(size=(30, n_features))
    y = (X[:, 0] > 0).astype(int)
    clf = VariationalClassifier(max_iter=4, random_state=0)
    automatic, given = clone(clf).fit(X, y), clone(clf).set_params(alpha=expected).fit(X, y)
    assert automatic.model_ == given.model_
    assert automatic.model_ != clone(clf).set_params(alpha=2 * expected).fit(X, y).model_


@pytest.mark.parametrize("encoding", ["angle", "zz"])
def test_other_encodings_have_none_of_their_own(data, encoding):
    given = {"encoding": encoding, "trainable_scaling": True}
    assert fitted(data, **given).model_ == fitted(data, alpha=0, **given).model_
    assert fitted(data, **given).model_ != fitted(data, alpha=1, **given).model_


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_partial_fits_follow_it_as_one_fit_does(data, optimizer):
    clf = VariationalClassifier(
        optimizer=optimizer, alpha=0.5, max_iter=6, n_iter_no_change=None, random_state=0
    )
    whole, parts = clone(clf).fit(data.X, data.y), clone(clf)
    for _ in range(6):
        parts.partial_fit(data.X, data.y, classes=np.unique(data.y))
    np.testing.assert_allclose(parts.model_.numbers, whole.model_.numbers, atol=1e-12)


@pytest.mark.slow
def test_it_lowers_the_accuracy_in_training_and_raises_it_on_new_data():
    """One straight cut, 5 features, a seventh of the labels wrong: six tables."""
    lead = []
    for seed in range(6):
        random = np.random.default_rng(seed)
        X = random.normal(size=(1000, 5))
        y = (X @ random.normal(size=5) > 0) ^ (random.random(1000) < 1 / 7)
        scores = []
        for alpha in (0, "auto"):
            clf = VariationalClassifier(alpha=alpha, random_state=seed).fit(X[:150], y[:150])
            scores.append((clf.score(X[:150], y[:150]), clf.score(X[150:], y[150:])))
        lead.append(np.subtract(scores[1], scores[0]))
    in_training, on_new_data = np.mean(lead, axis=0)
    assert in_training < 0
    assert on_new_data > 0.005
