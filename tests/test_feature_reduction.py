"""Fewer columns: against scikit-learn's scaler and PCA, and against eigenvectors by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from qmlplay import FeatureReduction, load_dataset


def test_the_same_as_scikit_learn():
    X = load_dataset("breast_cancer").X
    train, test = X[:400], X[400:]
    expected = make_pipeline(StandardScaler(), PCA(8, svd_solver="full")).fit(train)
    reduction = FeatureReduction(8).fit(train)
    np.testing.assert_allclose(reduction.transform(test), expected.transform(test), atol=1e-9)
    np.testing.assert_allclose(
        reduction.explained_variance_ratio_, expected[-1].explained_variance_ratio_
    )


def test_components_are_eigenvectors_of_the_correlations():
    X = load_dataset("wine").X
    correlations = np.corrcoef(X.T)
    values, vectors = np.linalg.eigh(correlations)
    reduced = FeatureReduction(3).fit(X).transform(X)
    standard = (X - X.mean(axis=0)) / X.std(axis=0)
    by_hand = standard @ vectors[:, ::-1][:, :3]
    np.testing.assert_allclose(np.abs(reduced), np.abs(by_hand), atol=1e-9)
    np.testing.assert_allclose(reduced.var(axis=0), values[::-1][:3])
    np.testing.assert_allclose(np.corrcoef(reduced.T), np.eye(3), atol=1e-9)


def test_units_do_not_matter():
    X = load_dataset("wine").X
    reduced = FeatureReduction(4).fit(X).transform(X)
    other = X * np.logspace(-6, 6, X.shape[1]) + 3
    np.testing.assert_allclose(FeatureReduction(4).fit(other).transform(other), reduced, atol=1e-6)


def test_the_test_part_changes_nothing():
    X = load_dataset("wine").X
    reduction = FeatureReduction(4).fit(X[:100])
    before = reduction.transform(X[:100])
    reduction.transform(X[100:] * 1e6)
    np.testing.assert_array_equal(reduction.transform(X[:100]), before)
    assert np.abs(FeatureReduction(4).fit(X).transform(X[:100]) - before).max() > 1e-3


def test_constant_columns_do_not_count():
    X = np.random.default_rng(0).normal(size=(30, 5))
    with_constants = np.hstack([X, np.full((30, 1), 0.1 + 0.2), np.zeros((30, 1))])
    expected = FeatureReduction(3).fit(X).transform(X)
    reduction = FeatureReduction(3).fit(with_constants)
    np.testing.assert_allclose(reduction.transform(with_constants), expected, atol=1e-12)
    moved = with_constants + np.r_[np.zeros(5), 9, 9]  # other constants in the test part
    np.testing.assert_allclose(reduction.transform(moved), expected, atol=1e-12)
    with pytest.raises(ValueError, match="all samples are the same"):
        FeatureReduction(2).fit(np.ones((4, 3)))


@pytest.mark.parametrize(("shape", "n_components"), [((3, 40), 2), ((20, 5), 5), ((6, 9), 5)])
def test_never_more_components_than_there_are_directions(shape, n_components):
    X = np.random.default_rng(1).normal(size=shape)
    reduction = FeatureReduction(8).fit(X)
    assert reduction.transform(X).shape == (shape[0], n_components)
    assert reduction.n_components_ == n_components
    twice = np.hstack([X, 2 * X, -X])  # the same directions again
    assert FeatureReduction(50).fit(twice).n_components_ == n_components


def test_signs_are_always_the_same():
    X = load_dataset("wine").X
    shuffled = X[np.random.default_rng(0).permutation(len(X))]
    first, second = (FeatureReduction(8).fit(data).matrix_ for data in (X, shuffled))
    np.testing.assert_allclose(first, second, atol=1e-9)
    signs = np.sign(first[np.abs(first * X.std(axis=0)[:, None]).argmax(axis=0), range(8)])
    assert signs.tolist() == [1] * 8


@pytest.mark.parametrize("wrong", [0, 2.5, "8", None, True])
def test_wrong_numbers_of_components(wrong):
    with pytest.raises((TypeError, ValueError), match="n_components"):
        FeatureReduction(wrong).fit([[0.0, 1.0], [1.0, 0.0]])


@pytest.mark.parametrize("method", ["pca", "pls"])
def test_parts_and_back(method):
    data = load_dataset("wine")
    X = pd.DataFrame(data.X[:, :5], columns=list("abcde"))
    reduction = FeatureReduction(2, method).fit(X, data.y)
    again = FeatureReduction.from_parts(*reduction.to_parts())
    np.testing.assert_array_equal(again.transform(X), reduction.transform(X))
    assert again.method == method
    assert again.feature_names_in_.tolist() == list("abcde")
    assert again.get_feature_names_out().tolist() == ["featurereduction0", "featurereduction1"]


@pytest.mark.parametrize("name", ["breast_cancer", "wine"])
def test_partial_least_squares_has_the_subspaces_of_scikit_learn(name):
    data = load_dataset(name)
    X, y = data.X, data.y
    labels = (y == 0) if name == "breast_cancer" else y == 1  # one column of labels: one PLS
    reduction = FeatureReduction(6, method="pls").fit(X, labels)
    expected = PLSRegression(6, scale=True).fit(X, labels.astype(float)).transform(X)
    ours = reduction.transform(X)
    for k in range(1, 7):  # both span the same, one component after the other
        rest = ours[:, :k] - expected[:, :k] @ np.linalg.lstsq(expected[:, :k], ours[:, :k])[0]
        assert np.abs(rest).max() < 1e-6 * np.abs(ours).max()
    np.testing.assert_allclose(ours.T @ ours, np.diag(np.diag(ours.T @ ours)), atol=1e-6)


def test_the_first_direction_has_the_largest_covariance_with_the_labels():
    data = load_dataset("wine")
    standard = (data.X - data.X.mean(axis=0)) / data.X.std(axis=0)
    first = FeatureReduction(1, method="pls").fit(data.X, data.y).transform(data.X)[:, 0]
    classes = np.eye(3)[data.y] - np.eye(3)[data.y].mean(axis=0)
    best = np.linalg.norm(classes.T @ first)
    random = np.random.default_rng(0).normal(size=(13, 5_000))
    others = np.linalg.norm(
        classes.T @ standard @ (random / np.linalg.norm(random, axis=0)), axis=0
    )
    assert (others <= best * (1 + 1e-12)).all()


def test_a_few_telling_columns_among_many():
    random = np.random.default_rng(0)
    X = random.normal(size=(300, 30))
    y = X[:, :3].sum(axis=1) > 0
    scores = {
        method: cross_val_score(
            make_pipeline(FeatureReduction(8, method), LogisticRegression()), X, y, cv=5
        ).mean()
        for method in ("pca", "pls")
    }
    assert scores["pls"] > 0.88
    assert scores["pca"] < 0.8


def test_components_end_where_the_labels_have_no_more_to_say():
    X = np.random.default_rng(0).normal(size=(40, 5))
    twice = np.hstack([X, X, np.ones((40, 1))])
    y = np.arange(40) % 3
    assert FeatureReduction(8, method="pls").fit(twice, y).n_components_ == 5
    with pytest.raises(ValueError, match="no column varies with the labels"):
        FeatureReduction(2, method="pls").fit([[0.0], [1.0], [0.0], [1.0]], [0, 0, 1, 1])
    with pytest.raises(ValueError, match="requires y"):
        FeatureReduction(2, method="pls").fit(X)
    with pytest.raises(ValueError, match="method"):
        FeatureReduction(2, method="lda").fit(X, y)


@pytest.mark.parametrize("n_targets", [1, 2])
def test_partial_least_squares_of_numbers_is_scikit_learns(n_targets):
    random = np.random.default_rng(0)
    X = random.normal(size=(60, 8)) * np.arange(1, 9)
    y = X @ random.normal(size=(8, n_targets)) + random.normal(size=(60, n_targets))
    given = y[:, 0] if n_targets == 1 else y
    reduced = FeatureReduction(3, method="pls_regression").fit(X, given).transform(X)
    # SIMPLS and NIPALS agree for one target; for several their first components do.
    expected = PLSRegression(3, scale=True).fit(X, given).transform(X)
    n_same = 3 if n_targets == 1 else 0
    for one, other in zip(reduced.T[:n_same], expected.T[:n_same], strict=True):
        assert abs(np.corrcoef(one, other)[0, 1]) > 1 - 1e-9
    # Units of a single target do not matter, and classes coded 0 and 1 are the same as labels.
    if n_targets == 1:
        other = FeatureReduction(3, method="pls_regression").fit(X, 1e6 * given + 5).transform(X)
        np.testing.assert_allclose(other, reduced, atol=1e-9)
        labels = (given > 0).astype(int)
        as_classes = FeatureReduction(2, method="pls").fit(X, labels).transform(X)
        as_numbers = FeatureReduction(2, method="pls_regression").fit(X, labels).transform(X)
        for one, other in zip(as_classes.T, as_numbers.T, strict=True):
            assert abs(np.corrcoef(one, other)[0, 1]) > 1 - 1e-9


def test_partial_least_squares_of_numbers_needs_numbers():
    X = np.random.default_rng(0).normal(size=(10, 3))
    with pytest.raises(ValueError, match="method='pls_regression' requires y"):
        FeatureReduction(2, method="pls_regression").fit(X)
    with pytest.raises(ValueError, match="could not convert string"):
        FeatureReduction(2, method="pls_regression").fit(X, ["a", "b"] * 5)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        FeatureReduction(2, method="pls_regression").fit(X, np.arange(9.0))
    with pytest.raises(ValueError, match="no column varies"):
        FeatureReduction(2, method="pls_regression").fit(X, np.ones(10))
    saved = FeatureReduction(2, method="pls_regression").fit(X, X[:, 0])
    again = FeatureReduction.from_parts(*saved.to_parts())
    assert again.method == "pls_regression"
    np.testing.assert_array_equal(again.transform(X), saved.transform(X))
