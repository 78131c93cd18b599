"""Fitted quantum classifiers, alone or at the end of a pipeline, as pictures take them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from qmlplay.model.classifiers import check_quantum_model
from qmlplay.plots.feature_plane import named_rows
from qmlplay.tables.transformers import check_numeric_columns
from qmlplay.typing import Real

__all__ = ["expectations", "features", "quantum_classifier", "sample"]


def quantum_classifier(estimator: Any) -> Any:
    """Return the quantum classifier or regressor, with its ``model_`` and ``backend_``.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If it is not fitted.
    TypeError
        If it has no circuit.
    """
    if isinstance(estimator, Pipeline):
        check_is_fitted(estimator)
        estimator = estimator[-1]
    check_quantum_model(estimator)
    return estimator


def features(estimator: Any, X: ArrayLike) -> Real:
    """Return X as it reaches the quantum classifier, shape (n_samples, n_features).

    Raises
    ------
    TypeError, ValueError
        If X has another number of features, or holds dates, categories or text.
    """
    classifier = quantum_classifier(estimator)
    is_frame = isinstance(X, pd.DataFrame)
    rows: Any = X if is_frame else np.atleast_2d(np.asarray(X))
    if classifier is estimator:
        check_numeric_columns(rows)
    rows = rows if is_frame else rows.astype(float)
    if classifier is not estimator and len(estimator) > 1:
        steps = estimator[:-1]
        rows = steps.transform(rows if is_frame else named_rows(steps, rows))
    n_features = classifier.model_.n_features
    if np.shape(rows)[1:] != (n_features,):
        raise ValueError(f"X must have {n_features} features, got shape {np.shape(X)}")
    return np.asarray(rows, dtype=float)


def sample(estimator: Any, x: ArrayLike) -> Real:
    """Return one sample's features, shape (n_features,).

    Raises
    ------
    ValueError
        If x is not one sample.
    """
    if np.ndim(x) != 1:
        raise ValueError(f"one sample is needed, such as X[0]; got shape {np.shape(x)}")
    return np.asarray(features(estimator, x)[0])


def expectations(estimator: Any, X: ArrayLike, observables: list[str]) -> Real:
    """Return expectations (n_samples, n_observables) of the states for X."""
    classifier = quantum_classifier(estimator)
    rows = features(estimator, X)
    return np.asarray(
        classifier.model_.expectations(rows, classifier.backend_, observables=observables)
    )
