"""Scores of one run: a model is fitted to one training part and judged on its test part."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.metrics import accuracy_score, balanced_accuracy_score, log_loss

from qmlplay.baselines import count_parameters
from qmlplay.classifier import VariationalClassifier
from qmlplay.compare.named_models import column_counts
from qmlplay.compare.splits import Split

__all__ = ["scores"]


def scores(estimator: Any, split: Split, *, with_fit: bool = True) -> dict[str, Any]:
    """Fit an estimator and return its metrics, seconds and sizes by their column in the table.

    One that has its weights from elsewhere is not fitted: there are no seconds and no circuits
    of a training then.

    Raises
    ------
    KeyboardInterrupt
        If its training was interrupted.
    """
    if isinstance(estimator, VariationalClassifier):
        estimator.make_backend()  # importing the framework is no part of training
    start = perf_counter()
    if with_fit:
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
        "fit_seconds": fitted - start if with_fit else np.nan,
        "predict_seconds": done - fitted,
    }
    if hasattr(estimator, "predict_proba"):
        p = estimator.predict_proba(split.X_test)
        values["log_loss"] = log_loss(split.y_test, p, labels=np.unique(split.y_train))
    values |= _size(estimator) | column_counts(estimator, split.X_train)
    return values if with_fit else values | {"circuit_evaluations": None}


def _size(estimator: Any) -> dict[str, Any]:
    if not isinstance(estimator, VariationalClassifier):
        try:
            return {"n_parameters": count_parameters(estimator)}
        except (NotFittedError, TypeError):  # an estimator that leaves no trace of its fit
            return {"n_parameters": None}
    return estimator.model_.sizes | {"circuit_evaluations": estimator.n_circuit_evaluations_}
