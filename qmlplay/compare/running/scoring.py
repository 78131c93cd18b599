"""Scores of one run: a model is fitted to one training part and judged on its test part."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.metrics import accuracy_score, balanced_accuracy_score, log_loss, roc_auc_score

from qmlplay.compare.setup import Split, column_counts, quantum_models, sizes
from qmlplay.typing import Real

__all__ = ["ACCURACY", "BALANCED_ACCURACY", "Predictions", "predictions", "scores"]

ACCURACY, BALANCED_ACCURACY = "accuracy", "balanced accuracy"


@dataclass(frozen=True, eq=False)
class Predictions:
    """What one run predicted for the samples of its test part.

    Parameters
    ----------
    table : int
        The number of the table that was divided.
    rows : ndarray of int, shape (n_test,)
        The samples' numbers in it.
    labels, predicted : ndarray of shape (n_test,)
    guess : label
        The commonest class of the training part.
    n_train : int
    train_balanced_accuracy : float
    """

    table: int
    rows: Any
    labels: Any
    predicted: Any
    guess: Any
    n_train: int
    train_balanced_accuracy: float

    @property
    def is_correct(self) -> Any:
        """Which samples were predicted right, an array of bool."""
        return np.asarray(self.predicted == self.labels)

    @property
    def samples(self) -> Any:
        """A number for each sample that no sample of another table has."""
        return np.asarray(self.rows, dtype=np.int64) + (self.table << 40)

    def weights(self, metric: str) -> Real:
        """Return what each sample counts for in a metric, (n_test,); their sum is 1."""
        if metric == ACCURACY:
            return np.full(len(self.labels), 1 / len(self.labels))
        _, inverse, counts = np.unique(self.labels, return_inverse=True, return_counts=True)
        return np.asarray(1 / (len(counts) * counts[inverse]))

    def score(self, metric: str) -> float:
        """Return accuracy or balanced accuracy."""
        return float(self.weights(metric) @ self.is_correct)

    def guessed(self, metric: str) -> float:
        """Return the score of the commonest class of the training part."""
        return float(self.weights(metric) @ (self.labels == self.guess))


def scores(
    estimator: Any, split: Split, *, with_fit: bool = True
) -> tuple[dict[str, Any], Predictions]:
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
    values = {
        "test_accuracy": accuracy_score(split.y_test, predicted),
        "train_accuracy": accuracy_score(split.y_train, in_training),
        "balanced_accuracy": _balanced_accuracy(split, predicted),
        "fit_seconds": fitted - start if with_fit else np.nan,
        "predict_seconds": done - fitted,
    }
    values |= _probability_scores(estimator, split) | sizes(estimator)
    values |= column_counts(estimator, split.X_train)
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


def predictions(split: Split, predicted: Any, in_training: Any) -> Predictions:
    """Return the record of what was predicted for the test part and for the training part."""
    classes, counts = np.unique(split.y_train, return_counts=True)
    return Predictions(
        table=split.table,
        rows=split.test_rows,
        labels=split.y_test,
        predicted=np.asarray(predicted),
        guess=classes[counts.argmax()],
        n_train=len(split.y_train),
        train_balanced_accuracy=float(balanced_accuracy_score(split.y_train, in_training)),
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
