"""Labels as numbers 0, 1, …, for classifiers that know no others, such as XGBoost's."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.metaestimators import available_if

__all__ = ["NumberedLabels", "are_numbered"]


def are_numbered(labels: Any) -> bool:
    """Return whether labels (n_samples,) are the numbers 0, 1, … up to the number of classes.

    Examples
    --------
    >>> are_numbered(np.array([1, 0, 2])), are_numbered(np.array(["ash", "oak"]))
    (True, False)
    """
    classes = np.unique(labels)
    return classes.dtype.kind in "iu" and np.array_equal(classes, np.arange(len(classes)))


def _has(name: str) -> Any:
    return available_if(lambda outer: hasattr(outer.estimator, name))


class NumberedLabels(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier that gets labels of any kind as numbers, in their order, and gives them back.

    Parameters
    ----------
    estimator : classifier
        Unfitted.

    Attributes
    ----------
    estimator_ : classifier
        Fitted to the numbers.
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.

    Examples
    --------
    >>> from sklearn.svm import SVC
    >>> model = NumberedLabels(SVC()).fit([[0.0], [1.0]], ["ash", "oak"])
    >>> model.predict([[0.9]]).tolist(), model.estimator_.classes_.tolist()
    (['oak'], [0, 1])
    """

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def fit(self, X: Any, y: Any) -> Self:
        """Fit a copy of the classifier to X (n_samples, n_features) and labels y (n_samples,)."""
        self.classes_, numbers = np.unique(y, return_inverse=True)
        self.estimator_ = clone(self.estimator).fit(X, numbers)
        return self

    def predict(self, X: Any) -> Any:
        """Return a label per row of X (n_samples, n_features)."""
        return self.classes_[np.asarray(self.estimator_.predict(X), dtype=np.intp)]

    @_has("predict_proba")  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> Any:
        """Return the classifier's own probabilities."""
        return self.estimator_.predict_proba(X)

    @_has("decision_function")  # type: ignore[untyped-decorator]
    def decision_function(self, X: Any) -> Any:
        """Return the classifier's own decision values."""
        return self.estimator_.decision_function(X)
