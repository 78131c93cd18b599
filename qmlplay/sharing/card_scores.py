"""Scores of a shared model, each with the rows that it comes from: never of training alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import binomtest
from sklearn.base import is_classifier
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    mean_absolute_error,
    r2_score,
    root_mean_squared_error,
)

__all__ = [
    "Score",
    "answer_scores",
    "held_out_scores",
    "report_scores",
    "row_scores",
    "shown_scores",
]

#: Column of a comparison → its heading, and its name on the Hugging Face Hub.
_METRICS = {
    "test_accuracy": ("accuracy", "accuracy"),
    "balanced_accuracy": ("balanced accuracy", "balanced_accuracy"),
    "roc_auc": ("ROC AUC", "roc_auc"),
    "log_loss": ("log-loss", "log_loss"),
    "test_r2": ("R²", "r2"),
    "mae": ("MAE", "mae"),
    "rmse": ("RMSE", "rmse"),
}


@dataclass(frozen=True)
class Score:
    """One number that says how good a model is.

    Parameters
    ----------
    metric : str
        A column of `Comparison.table`, such as ``"test_accuracy"``.
    value : float
    source : str
        Which rows it comes from, in words.
    spread : str, default=""
        How far it may be off, in words; "" where that is not known.
    """

    metric: str
    value: float
    source: str
    spread: str = ""

    @property
    def heading(self) -> str:
        """The metric as people call it."""
        return _METRICS[self.metric][0]

    @property
    def shown(self) -> str:
        """The value in four digits."""
        return f"{self.value:.4g}"

    def to_dict(self) -> dict[str, Any]:
        """Return an entry of a model index."""
        name = f"{self.heading}, {self.source}{f' ({self.spread})' if self.spread else ''}"
        return {"type": _METRICS[self.metric][1], "value": self.value, "name": name}


def answer_scores(y: Any, predicted: Any, n_classes: int | None) -> dict[str, float]:
    """Return the scores of true and predicted answers, those of a regression in its units.

    Parameters
    ----------
    y, predicted : array-like of shape (n_samples,) or (n_samples, n_targets)
    n_classes : int or None
        None for a regression. Where y misses a class, there is no balanced accuracy.

    Examples
    --------
    >>> answer_scores([0, 1, 1], [0, 1, 0], n_classes=2)
    {'test_accuracy': 0.666..., 'balanced_accuracy': 0.75}
    """
    if n_classes is None:
        scores = {
            "test_r2": r2_score(y, predicted),
            "mae": mean_absolute_error(y, predicted),
            "rmse": root_mean_squared_error(y, predicted),
        }
    else:
        scores = {"test_accuracy": accuracy_score(y, predicted)}
        if len(np.unique(y)) == n_classes:
            scores["balanced_accuracy"] = balanced_accuracy_score(y, predicted)
    return {name: float(score) for name, score in scores.items()}


def held_out_scores(model: Any, X: Any, y: Any) -> list[Score]:
    """Return the scores of a model on rows that are said to be held out.

    Raises
    ------
    ValueError
        If there are no rows, or a label is none that the model knows.
    """
    answers = np.asarray(y)
    if answers.size == 0 or len(answers) != len(X):
        raise ValueError(
            f"held_out must be a pair (X, y) with as many rows, at least one; got {len(X)} rows "
            f"and {len(answers)} answers"
        )
    n_classes = len(model.classes_) if is_classifier(model) else None
    if n_classes is not None:
        unknown = sorted(set(map(str, answers.tolist())) - set(map(str, model.classes_.tolist())))
        if unknown:
            raise ValueError(
                f"held_out has labels {unknown[:5]} that the model was not trained on; it knows "
                f"{model.classes_.tolist()[:10]}"
            )
    scores = answer_scores(answers, model.predict(X), n_classes)
    source = f"{len(answers)} rows that whoever shared the model says were held out"
    return [
        Score(name, value, source, _of_share(name, value, len(answers)))
        for name, value in scores.items()
    ]


def report_scores(report: Mapping[str, Any]) -> list[Score]:
    """Return the scores of the test part of `qmlplay train --json`."""
    n_test = report.get("test_rows")
    rows = "its rows" if n_test is None else f"{n_test} rows"
    source = f"one split: {rows} that the training did not see"
    return [
        Score(name, float(report[name]), source, _of_share(name, float(report[name]), n_test))
        for name in _METRICS
        if isinstance(report.get(name), float)
    ]


def row_scores(row: Mapping[str, Any], words: str) -> list[Score]:
    """Return the scores of one row of the table of a comparison, means over its splits.

    Parameters
    ----------
    row : mapping
        Of ``Comparison.to_dict()["table"]``.
    words : str
        How the models of this row and the shared one are related.
    """
    n_splits = int(row["n_seeds"])
    splits = "one split" if n_splits == 1 else f"mean over {n_splits} splits"
    return [
        Score(
            name,
            float(row[name]),
            f"{splits}, {words}",
            f"standard deviation over the splits {row[f'{name}_std']:.2g}" if n_splits > 1 else "",
        )
        for name in _METRICS
        if isinstance(row.get(name), float)
    ]


def _of_share(metric: str, value: float, n_rows: int | None) -> str:
    """Return the interval of a share of so many rows, in words; "" for other scores."""
    if metric != "test_accuracy" or not n_rows:
        return ""
    interval = binomtest(round(value * n_rows), n_rows).proportion_ci(method="wilson")
    return f"95 % interval of these rows {interval.low:.3f} to {interval.high:.3f}"


def shown_scores(scores: Sequence[Score]) -> list[list[str]]:
    """Return scores as rows of a table: metric, value, spread, source."""
    return [[s.heading, s.shown, s.spread or "not given", s.source] for s in scores]
