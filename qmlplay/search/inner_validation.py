"""The inner validation: a choice is fitted and scored on the folds of the training part alone."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import optuna
import pandas as pd
from sklearn.base import clone
from sklearn.metrics import accuracy_score, balanced_accuracy_score, r2_score
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import Pipeline

from qmlplay.classifier.quantum_estimator import QuantumEstimator
from qmlplay.compare.setup import ACCURACY, BALANCED_ACCURACY, R2, TASKS
from qmlplay.search.pruning import PruningCallback

__all__ = ["SCORES", "FoldScores", "inner_folds", "metric_of", "validate"]

SCORES = {
    ACCURACY: accuracy_score,
    BALANCED_ACCURACY: balanced_accuracy_score,
    R2: r2_score,
}
#: Iterations between two looks of the pruner.
_EVERY = 10
#: Classes are unbalanced where the largest has more than so many times the smallest's samples.
_UNBALANCED = 2

Rows = tuple[Any, Any]


@dataclass(frozen=True)
class FoldScores:
    """What came out on every fold.

    Parameters
    ----------
    scores, seconds : tuple of float
        Of every fold: the score, and what fitting and scoring took.
    """

    scores: tuple[float, ...]
    seconds: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The inner score."""
        return float(np.mean(self.scores))


def metric_of(task: str, y: Any) -> str:
    """Return by what a search chooses, which is what `compare` compares.

    Examples
    --------
    >>> metric_of("classification", [0, 0, 0, 1]), metric_of("classification", [0, 0, 1])
    ('balanced accuracy', 'accuracy')
    """
    if task == "regression":
        return TASKS[task].metric
    counts = np.unique(np.asarray(y), return_counts=True)[1]
    return BALANCED_ACCURACY if counts.max() > _UNBALANCED * counts.min() else ACCURACY


def inner_folds(task: str, n_folds: int, seed: int, y: Any) -> list[Rows]:
    """Return the folds of a training part, (training rows, validation rows) each.

    There are fewer of them where the largest class, or a regression, has fewer rows.

    Raises
    ------
    ValueError
        If there are too few rows to divide.

    Examples
    --------
    >>> [rows.tolist() for rows in inner_folds("classification", 3, 0, [0, 1, 0, 1])[0]]
    [[0, 3], [1, 2]]
    """
    labels = np.asarray(y)
    is_regression = task == "regression"
    counts = np.unique(labels, return_counts=True)[1]
    most = len(labels) // 2 if is_regression else int(counts.max())
    if most < 2:
        raise ValueError(
            f"{len(labels)} rows in a training part are too few for a search, which divides them "
            f"again: there must be at least {'four' if is_regression else 'two of some class'}"
        )
    n_folds = min(n_folds, most)
    if is_regression:
        return list(KFold(n_folds, shuffle=True, random_state=seed).split(labels))
    folds = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a class of fewer rows than folds
        return list(folds.split(np.zeros(len(labels)), labels))


def validate(
    estimator: Any,
    X: Any,
    y: Any,
    folds: Sequence[Rows],
    metric: str,
    trial: optuna.Trial,
    limit: float,
    first_step: int = 1_000_000,
) -> FoldScores:
    """Fit clones of an estimator to every fold, and score them; the trial may be pruned.

    A quantum model is looked at during the fit to the first fold; after each fold every model's
    mean so far is reported.

    Parameters
    ----------
    estimator : estimator
        Unfitted.
    limit : float
        Seconds after which the trial is pruned, too.
    first_step : int
        Where the end of the first fold stands in the course of a trial: beyond all iterations,
        and where it stands for others that it may be compared with.

    Raises
    ------
    optuna.TrialPruned
        If others were better at some point, or the time is over.
    KeyboardInterrupt
        If Ctrl-C ended a fit.
    """
    scores: list[float] = []
    seconds: list[float] = []
    start = perf_counter()
    for number, (train, test) in enumerate(folds):
        begun = perf_counter()
        left = limit - (begun - start)
        if number and left < seconds[-1] / 2:
            raise optuna.TrialPruned(f"out of time: {limit:.1f} s")
        parts = [_rows(X, train), y[train], _rows(X, test), y[test]]
        scores.append(_score(estimator, parts, metric, trial if number == 0 else None, left))
        seconds.append(perf_counter() - begun)
        is_last = number == len(folds) - 1
        trial.report(float(np.mean(scores)), first_step + number)
        if not is_last and trial.should_prune():
            raise optuna.TrialPruned(f"pruned after fold {number + 1} of {len(folds)}")
    return FoldScores(tuple(scores), tuple(seconds))


def _score(
    estimator: Any, parts: list[Any], metric: str, trial: optuna.Trial | None, left: float
) -> float:
    """Return the score of one fold, whose transformers learn from its training part, too."""
    X, y, X_test, y_test = parts
    model = clone(estimator)
    last = model[-1] if isinstance(model, Pipeline) else model
    if not isinstance(last, QuantumEstimator):
        predicted = model.fit(X, y).predict(X_test)
        return float(SCORES[metric](y_test, predicted))
    if last is not model:
        steps = model[:-1]
        X, X_test = steps.fit_transform(X, y), steps.transform(X_test)
    callbacks = [*(last.callbacks or ())]
    if trial is not None:
        callbacks.append(PruningCallback(trial, X_test, y_test, every=_EVERY))
    last.set_params(callbacks=callbacks, max_time=max(left, 1e-3), verbose=0)
    last.fit(X, y)
    if last.interrupted_:
        raise KeyboardInterrupt
    if last.stop_reason_ == "max_time":
        raise optuna.TrialPruned(f"out of time: {left:.1f} s")
    return float(SCORES[metric](y_test, last.predict(X_test)))


def _rows(X: Any, rows: Any) -> Any:
    return X.iloc[rows] if isinstance(X, pd.DataFrame) else X[rows]
