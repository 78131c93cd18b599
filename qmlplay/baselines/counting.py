"""The number of parameters of a fitted baseline: how many numbers it has learned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC, SVR
from sklearn.utils.validation import check_is_fitted

from qmlplay.baselines.svc import KernelSVC

__all__ = ["COUNTABLE", "count_parameters"]


def count_parameters(fitted_estimator: Any) -> int | None:
    """Return how many numbers a fitted baseline has learned; its scaler is left out.

    What counts: logistic and ridge regression, coefficients and intercepts; MLP, weights and
    biases; SVC and SVR, support vectors, their dual coefficients, intercepts, and two numbers per
    calibrating sigmoid; trees, a feature and a threshold per split and the values of each leaf
    (one per class in a forest, one in boosting, where the starting priors come on top, and in
    regression); nearest neighbours, every stored row with its label; dummy, the class priors or
    the mean. The numbers tell the size of what is kept, not how flexible a model is.

    Parameters
    ----------
    fitted_estimator : estimator
        A fitted baseline: its Pipeline, or the classifier or regressor alone.

    Returns
    -------
    int or None
        None for an estimator of another kind.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If it is not fitted.

    Examples
    --------
    >>> from qmlplay.baselines import make_baseline
    >>> from qmlplay.datasets import load_dataset
    >>> iris = load_dataset("iris")
    >>> count_parameters(make_baseline("logistic_regression").fit(iris.X, iris.y))  # 3 · (4 + 1)
    15
    """
    check_is_fitted(fitted_estimator)
    classifier = (
        fitted_estimator[-1] if isinstance(fitted_estimator, Pipeline) else fitted_estimator
    )
    if isinstance(classifier, TransformedTargetRegressor):  # its scaler is left out, too
        classifier = classifier.regressor_
    count = _COUNTS.get(type(classifier))
    return None if count is None else count(classifier)


def _sizes(*arrays: Any) -> int:
    return sum(int(np.size(array)) for array in arrays)


def _count_svc(model: SVC | SVR) -> int:
    return _sizes(model.support_vectors_, model.dual_coef_, model.intercept_)


def _count_kernel_svc(model: KernelSVC) -> int:
    return _count_svc(model.svc_) + 2 * model.n_sigmoids_  # a slope and an offset each


def _count_forest(model: Any) -> int:
    return sum(_tree_size(tree.tree_, len(model.classes_)) for tree in model.estimators_)


def _count_regression_forest(model: RandomForestRegressor) -> int:
    return sum(_tree_size(tree.tree_, 1) for tree in model.estimators_)


def _count_boosting(model: Any) -> int:
    trees = sum(_tree_size(tree.tree_, 1) for tree in model.estimators_.ravel())
    return trees + (count_parameters(model.init_) or 0)


def _tree_size(tree: Any, values_per_leaf: int) -> int:
    return int(2 * (tree.node_count - tree.n_leaves) + values_per_leaf * tree.n_leaves)


_COUNTS: Mapping[type, Callable[[Any], int]] = MappingProxyType(
    {
        DummyClassifier: lambda model: _sizes(model.class_prior_),
        DummyRegressor: lambda model: _sizes(model.constant_),
        LogisticRegression: lambda model: _sizes(model.coef_, model.intercept_),
        Ridge: lambda model: _sizes(model.coef_, model.intercept_),
        SVC: _count_svc,
        SVR: _count_svc,
        KernelSVC: _count_kernel_svc,
        KNeighborsClassifier: lambda m: int(m.n_samples_fit_ * (m.n_features_in_ + 1)),
        RandomForestClassifier: _count_forest,
        RandomForestRegressor: _count_regression_forest,
        GradientBoostingClassifier: _count_boosting,
        GradientBoostingRegressor: _count_boosting,
        MLPClassifier: lambda model: _sizes(*model.coefs_, *model.intercepts_),
        MLPRegressor: lambda model: _sizes(*model.coefs_, *model.intercepts_),
    }
)

#: The classes whose parameters can be counted.
COUNTABLE = tuple(_COUNTS)
