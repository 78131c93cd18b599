"""Scores of one run: a model is fitted to one training part and judged on its test part."""

from __future__ import annotations

from contextlib import suppress
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    log_loss,
    mean_absolute_error,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)

from qmlplay.compare.running.run_predictions import (
    Predictions,
    RegressionPredictions,
    RunPredictions,
)
from qmlplay.compare.setup import (
    Candidate,
    NumberedLabels,
    Split,
    are_numbered,
    column_counts,
    quantum_models,
    sizes,
)
from qmlplay.typing import Real

__all__ = ["fitted_scores", "predictions", "recorded_predictions", "scores"]


def fitted_scores(candidate: Candidate, split: Split) -> tuple[Any, dict[str, Any], RunPredictions]:
    """Fit a copy of a candidate; return it, and what `scores` returns.

    A classifier of the user's own that fails on labels other than 0, 1, … is tried with these.

    Raises
    ------
    Exception
        Whatever it raised with the labels as they are, where it fails with numbers as well.
    """
    estimator = clone(candidate.estimator)
    try:
        return estimator, *scores(estimator, split)
    except (TypeError, ValueError):
        if candidate.is_by_name or split.has_numbers or are_numbered(split.y_train):
            raise
        numbered = NumberedLabels(candidate.estimator)
        with suppress(Exception):  # the first reason is the better one
            return numbered, *scores(numbered, split)
        raise


def scores(
    estimator: Any, split: Split, *, with_fit: bool = True
) -> tuple[dict[str, Any], RunPredictions]:
    """Fit an estimator; return its metrics, seconds and sizes by column, and its predictions.

    One that has its weights from elsewhere is not fitted: there are no seconds and no circuits
    of a training then.

    Raises
    ------
    KeyboardInterrupt
        If its training was interrupted.
    """
    for model in quantum_models(estimator):
        model.make_backend()  # importing the framework is no part of training
    start = perf_counter()
    if with_fit:
        estimator.fit(split.X_train, split.y_train)
    fitted = perf_counter()
    predicted = estimator.predict(split.X_test)
    done = perf_counter()
    if any(getattr(model, "interrupted_", False) for model in quantum_models(estimator)):
        raise KeyboardInterrupt  # Ctrl-C ends the comparison, not only this model
    in_training = estimator.predict(split.X_train)
    if split.has_numbers:
        predicted, in_training = (_numbers(p) for p in (predicted, in_training))
        values: dict[str, Any] = _number_scores(split, predicted, in_training)
    else:
        values = {**_class_scores(split, predicted, in_training)}
        values |= _probability_scores(estimator, split)
    values |= {
        "fit_seconds": fitted - start if with_fit else np.nan,
        "predict_seconds": done - fitted,
    }
    values |= sizes(estimator) | column_counts(estimator, split.X_train)
    if with_fit:
        values["trained_on"] = _backend_name(estimator)
    else:
        values["circuit_evaluations"] = None
    return values, predictions(split, predicted, in_training)


def _backend_name(estimator: Any) -> str | None:
    """Return where an estimator's quantum models were trained, None if it has none."""
    backends = [model.backend for model in quantum_models(estimator)]
    names = [backend if isinstance(backend, str) else str(backend.name) for backend in backends]
    return ", ".join(dict.fromkeys(names)) or None


def _class_scores(split: Split, predicted: Any, in_training: Any) -> dict[str, float]:
    return {
        "test_accuracy": accuracy_score(split.y_test, predicted),
        "train_accuracy": accuracy_score(split.y_train, in_training),
        "balanced_accuracy": _balanced_accuracy(split, predicted),
    }


def _number_scores(split: Split, predicted: Any, in_training: Any) -> dict[str, float]:
    return {
        "test_r2": r2_score(split.y_test, predicted),
        "train_r2": r2_score(split.y_train, in_training),
        "mae": mean_absolute_error(split.y_test, predicted),
        "rmse": root_mean_squared_error(split.y_test, predicted),
    }


def _numbers(predicted: Any) -> Real:
    """Return one predicted number per sample, (n_samples,).

    Raises
    ------
    ValueError
        If something else was predicted, or a number is not finite.
    """
    values = np.asarray(predicted)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1 or values.dtype.kind not in "biuf":
        raise ValueError(
            f"it predicts {values.dtype} of shape {values.shape}, not one number per sample: it "
            "must be a regressor"
        )
    if not np.isfinite(values).all():
        raise ValueError("it predicts numbers that are not finite")
    return np.asarray(values, dtype=np.float64)


def predictions(split: Split, predicted: Any, in_training: Any) -> RunPredictions:
    """Return the record of what was predicted for the test part and for the training part."""
    score = r2_score if split.has_numbers else balanced_accuracy_score
    return recorded_predictions(split, predicted, float(score(split.y_train, in_training)))


def recorded_predictions(split: Split, predicted: Any, training_score: float) -> RunPredictions:
    """Return the same, where the score of the training part is known."""
    shared = {
        "table": split.table,
        "rows": split.test_rows,
        "labels": split.y_test,
        "predicted": np.asarray(predicted),
        "n_train": len(split.y_train),
    }
    if split.has_numbers:
        guess = float(np.mean(split.y_train))
        return RegressionPredictions(guess=guess, train_r2=training_score, **shared)
    classes, counts = np.unique(split.y_train, return_counts=True)
    return Predictions(
        guess=classes[counts.argmax()], train_balanced_accuracy=training_score, **shared
    )


def _has_all_classes(split: Split) -> bool:
    return len(np.unique(split.y_test)) == len(np.unique(split.y_train))


def _balanced_accuracy(split: Split, predicted: Any) -> float:
    """Return the mean share found of each class, NaN where the test part misses one."""
    return balanced_accuracy_score(split.y_test, predicted) if _has_all_classes(split) else np.nan


def _probability_scores(estimator: Any, split: Split) -> dict[str, float]:
    """Return log-loss and the area under the ROC curve, NaN where there are no probabilities.

    With more than two classes the area is the mean over the classes, each against the rest.
    Without probabilities a decision function ranks the samples as well. The area is NaN where the
    test part misses a class.
    """
    classes = np.unique(split.y_train)
    values = {"log_loss": np.nan, "roc_auc": np.nan}
    scores = None
    if hasattr(estimator, "predict_proba"):
        scores = np.asarray(estimator.predict_proba(split.X_test))
        if _are_probabilities(scores, len(classes)):
            values["log_loss"] = log_loss(split.y_test, scores, labels=classes)
    elif hasattr(estimator, "decision_function"):
        scores = np.asarray(estimator.decision_function(split.X_test))
        if scores.ndim == 1:  # of the second class
            scores = np.column_stack([-scores, scores])
    if scores is None or scores.shape[1:] != (len(classes),) or _is_of_pairs(estimator):
        return values
    if _has_all_classes(split) and np.isfinite(scores).all():
        areas = [
            roc_auc_score(split.y_test == c, s) for c, s in zip(classes, scores.T, strict=True)
        ]
        values["roc_auc"] = float(np.mean(areas))
    return values


def _are_probabilities(p: Real, n_classes: int) -> bool:
    """Tell whether rows are probabilities of all classes: a model of the user's may do anything."""
    is_whole = p.shape[1:] == (n_classes,) and bool(np.isfinite(p).all())
    return is_whole and bool((p >= 0).all() and np.allclose(p.sum(axis=1), 1, atol=1e-3))


def _is_of_pairs(estimator: Any) -> bool:
    """Tell whether a decision function has a column per pair of classes, and no probabilities."""
    shapes = [v for k, v in estimator.get_params().items() if k.endswith("decision_function_shape")]
    return "ovo" in shapes and not hasattr(estimator, "predict_proba")
