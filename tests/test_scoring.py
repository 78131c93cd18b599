"""Scores of models that give no probabilities, or strange ones, and of parts without a class."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, LeaveOneOut
from sklearn.svm import SVC, LinearSVC

from qmlplay import compare, load_dataset

IRIS = load_dataset("iris")
NAMES = np.array(["setosa", "versicolor", "virginica"])[IRIS.y]


class Strange(ClassifierMixin, BaseEstimator):
    def __init__(self, factor=1.0):
        self.factor = factor

    def fit(self, X, y):
        self.line_ = LogisticRegression(max_iter=1000).fit(X, y)
        self.classes_ = self.line_.classes_
        return self

    def predict(self, X):
        return self.line_.predict(X)

    def predict_proba(self, X):
        return self.factor * self.line_.predict_proba(X)


@pytest.mark.parametrize("model", [LinearSVC(), RidgeClassifier(), SVC()])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_decision_function_has_an_area(model, n_classes):
    rows = IRIS.y >= 3 - n_classes
    result = compare(IRIS.X[rows][:, :2], NAMES[rows], models={"it": model}, seeds=1)
    (split,), (fitted,) = result.splits.values(), result.fitted.values()
    scores = fitted.decision_function(split.X_test)
    if n_classes == 2:
        expected = roc_auc_score(split.y_test == fitted.classes_[1], scores)
    else:
        expected = np.mean(
            [
                roc_auc_score(split.y_test == c, s)
                for c, s in zip(fitted.classes_, scores.T, strict=True)
            ]
        )
    assert result.runs["roc_auc"].item() == pytest.approx(expected, abs=1e-12)
    assert result.runs["log_loss"].isna().all()


def test_decisions_of_pairs_of_classes_have_no_area():
    model = SVC(decision_function_shape="ovo")  # three columns, but of pairs
    runs = compare(IRIS.X, IRIS.y, models={"it": model}, seeds=1).runs
    assert runs["status"].item() == "ok"
    assert runs["roc_auc"].isna().all()


def test_areas_of_probabilities_are_scikit_learns():
    result = compare(IRIS.X[:, :2], NAMES, models={"it": LogisticRegression()}, seeds=1)
    (split,), (fitted,) = result.splits.values(), result.fitted.values()
    p = fitted.predict_proba(split.X_test)
    expected = roc_auc_score(split.y_test, p, multi_class="ovr")
    assert result.runs["roc_auc"].item() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("factor", [2.0, np.nan, -1.0])
def test_what_is_no_probability_costs_the_log_loss_alone(factor):
    row = compare(IRIS.X, IRIS.y, models={"it": Strange(factor)}, seeds=1).runs.iloc[0]
    assert row["status"] == "ok"
    assert row["test_accuracy"] > 0.9
    assert np.isnan(row["log_loss"])


@pytest.mark.slow
def test_no_share_of_each_class_where_a_test_part_misses_one():
    """Left alone, a sample has one class: the mean of such shares would be the accuracy."""
    y = (np.arange(40) < 8).astype(int)
    X = np.random.default_rng(0).normal(size=(40, 2))
    result = compare(X, y, models={"it": LogisticRegression()}, cv=LeaveOneOut())
    assert result.runs["balanced_accuracy"].isna().all()
    assert result.verdicts[0].metric == "accuracy"
    assert "a test part misses a class" in result.verdict[0]
    assert "guessing has 0.800" in result.verdict[0]
    assert "balanced accuracy" not in " ".join(result.verdict)


def test_groups_are_given_as_splits():
    groups = np.arange(150) % 5
    with pytest.raises(ValueError, match=r"cv=list\(splitter.split\(X, y, groups\)\)"):
        compare(IRIS.X, IRIS.y, models="logistic_regression", cv=GroupKFold(5))
    splits = list(GroupKFold(5).split(IRIS.X, IRIS.y, groups))
    runs = compare(IRIS.X, IRIS.y, models="logistic_regression", cv=splits).runs
    assert (runs["status"] == "ok").all()
