"""The metrics of a training that MLflow's autologging has for every classifier and regressor."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
from sklearn import metrics
from sklearn.base import is_classifier

__all__ = ["usual_metrics"]


def usual_metrics(estimator: Any, X: Any, y: Any, pos_label: Any = None) -> dict[str, float]:
    """Return metrics on the training data under the names that MLflow gives them.

    Parameters
    ----------
    estimator : estimator
        Fitted.
    X, y : array-like
        Training data.
    pos_label : label, optional
        Class whose precision, recall and F1 are taken; None takes means weighted by frequency.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> model = LogisticRegression().fit([[0.0], [1.0]], ["a", "b"])
    >>> sorted(usual_metrics(model, [[0.0], [1.0]], ["a", "b"]))[:2]
    ['training_accuracy_score', 'training_f1_score']
    """
    predicted = estimator.predict(X)
    if is_classifier(estimator):
        measures = _of_classes(y, predicted, pos_label) | _of_probabilities(estimator, X, y)
    else:
        names = ("mean_squared_error", "mean_absolute_error", "r2_score", "root_mean_squared_error")
        measures = {name: partial(getattr(metrics, name), y, predicted) for name in names}
    values = {}
    for name, measure in measures.items():
        with suppress(ValueError, TypeError):  # of one class alone there is no ROC curve
            values[f"training_{name}"] = float(measure())
    return values


def _of_classes(y: Any, predicted: Any, pos_label: Any) -> dict[str, Callable[[], Any]]:
    mean = {"average": "weighted"} if pos_label is None else {"pos_label": pos_label}
    names = ("precision_score", "recall_score", "f1_score")
    measures = {name: partial(getattr(metrics, name), y, predicted, **mean) for name in names}
    measures["precision_score"] = partial(measures["precision_score"], zero_division=0)
    return {**measures, "accuracy_score": partial(metrics.accuracy_score, y, predicted)}


def _of_probabilities(estimator: Any, X: Any, y: Any) -> dict[str, Callable[[], Any]]:
    if not hasattr(estimator, "predict_proba"):
        return {}
    p, classes = estimator.predict_proba(X), estimator.classes_
    scores = p[:, 1] if len(classes) == 2 else p
    several = {} if len(classes) == 2 else {"multi_class": "ovo", "labels": classes}
    return {
        "log_loss": partial(metrics.log_loss, np.asarray(y), p, labels=classes),
        "roc_auc": partial(metrics.roc_auc_score, y, scores, average="weighted", **several),
    }
