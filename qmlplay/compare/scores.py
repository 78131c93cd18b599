"""Scores of one run: a model is fitted to one training part and judged on its test part."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.metrics import accuracy_score, balanced_accuracy_score, log_loss
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from qmlplay.baselines import count_parameters
from qmlplay.classifier import VariationalClassifier
from qmlplay.compare.splits import Split
from qmlplay.tables import TablePreprocessor

__all__ = ["scores"]


def scores(estimator: Any, split: Split) -> dict[str, Any]:
    """Fit an estimator and return its metrics, seconds and sizes by their column in the table.

    Raises
    ------
    KeyboardInterrupt
        If its training was interrupted.
    """
    if isinstance(estimator, VariationalClassifier):
        estimator.make_backend()  # importing the framework is no part of training
    start = perf_counter()
    estimator.fit(split.X_train, split.y_train)
    fitted = perf_counter()
    predicted = estimator.predict(split.X_test)
    done = perf_counter()
    if getattr(estimator, "interrupted_", False):
        raise KeyboardInterrupt  # Ctrl-C ends the comparison, not only this model
    values = {
        "test_accuracy": accuracy_score(split.y_test, predicted),
        "train_accuracy": accuracy_score(split.y_train, estimator.predict(split.X_train)),
        "balanced_accuracy": balanced_accuracy_score(split.y_test, predicted),
        "log_loss": np.nan,
        "fit_seconds": fitted - start,
        "predict_seconds": done - fitted,
    }
    if hasattr(estimator, "predict_proba"):
        p = estimator.predict_proba(split.X_test)
        values["log_loss"] = log_loss(split.y_test, p, labels=np.unique(split.y_train))
    return values | _size(estimator) | column_counts(estimator, split.X_train)


def column_counts(estimator: Any, X: Any) -> dict[str, Any]:
    """Return how many columns of numbers a table has, and how many of them reach the model.

    Parameters
    ----------
    estimator : estimator
        Fitted.
    X : ndarray or DataFrame, shape (n_samples, n_features)

    Returns
    -------
    dict
        ``n_columns``, counted after preprocessing where it comes first in a pipeline, and
        ``n_inputs``, those of the last step.
    """
    n_columns = n_inputs = X.shape[1]
    model = estimator.best_estimator_ if isinstance(estimator, GridSearchCV) else estimator
    if isinstance(model, Pipeline):
        if isinstance(model[0], TablePreprocessor):
            n_columns = model[0].n_outputs_
        n_inputs = getattr(model[-1], "n_features_in_", n_columns)
    return {"n_columns": n_columns, "n_inputs": n_inputs}


def _size(estimator: Any) -> dict[str, Any]:
    if not isinstance(estimator, VariationalClassifier):
        try:
            return {"n_parameters": count_parameters(estimator)}
        except (NotFittedError, TypeError):  # an estimator that leaves no trace of its fit
            return {"n_parameters": None}
    return estimator.model_.sizes | {"circuit_evaluations": estimator.n_circuit_evaluations_}
