"""The finalists: the best of every kind of model, trained again and judged on the test part."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import optuna
from optuna.trial import FrozenTrial
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from qmlplay.classifier.quantum_estimator import QuantumEstimator
from qmlplay.compare.running import RunPredictions, scores
from qmlplay.compare.setup import ABLATION, Split
from qmlplay.search.best_trials import best_trials
from qmlplay.search.classical_space import classical_estimator
from qmlplay.search.search_part import SearchPart
from qmlplay.search.search_settings import SearchSettings
from qmlplay.search.space import quantum_estimator

__all__ = ["Finalist", "estimator_of_choice", "judged", "kind_of_row", "last_model", "spread_of"]

#: Resamples of the test part, for the spread of a score on a single one.
_RESAMPLES = 500


@dataclass(frozen=True, eq=False)
class Finalist:
    """The best of one kind of model on one outer split.

    Parameters
    ----------
    name : str
        Its row in the leaderboard.
    params : dict
        What was chosen.
    inner_scores : tuple of float
        Of the folds.
    row : dict
        Its scores in the test part, and sizes, as in `Comparison.runs`.
    estimator : estimator or None
        Trained on the training part; None if that failed.
    predictions : RunPredictions or None
    """

    name: str
    params: Mapping[str, Any]
    inner_scores: tuple[float, ...]
    row: dict[str, Any]
    estimator: Any = None
    predictions: RunPredictions | None = None

    @property
    def inner(self) -> float:
        """The inner score, by which alone models are chosen."""
        return float(np.mean(self.inner_scores))


def kind_of_row(name: str) -> str:
    """Return the kind of a row: quantum, ablation or classical."""
    return {"quantum": "quantum", ABLATION: "ablation"}.get(name, "classical")


def estimator_of_choice(params: Mapping[str, Any], settings: SearchSettings) -> Any:
    """Return the unfitted estimator of a choice, as trials had it."""
    if "model" in params:
        return classical_estimator(params, settings.shape, settings.random_state)
    return quantum_estimator(params, settings.prototype, settings.shape)


def last_model(estimator: Any) -> Any:
    """Return the model at the end of a pipeline."""
    return estimator[-1] if isinstance(estimator, Pipeline) else estimator


def judged(part: SearchPart, split: Split, studies: Mapping[str, optuna.Study]) -> list[Finalist]:
    """Train the best of every kind on the whole training part, and look at the test part, once.

    The time of a quantum model is bounded by what is left. Ctrl-C leaves those that are done.
    """
    best = best_trials(studies)
    finalists: list[Finalist] = []
    with threadpool_limits(limits=1), warnings.catch_warnings(), suppress(KeyboardInterrupt):
        warnings.simplefilter("ignore")
        for name in sorted(best, key=_quick_first):
            finalists.append(_judged(part, split, name, best[name]))
    return finalists


def _quick_first(name: str) -> tuple[bool, str]:
    return kind_of_row(name) != "classical", name


def _judged(part: SearchPart, split: Split, name: str, trial: FrozenTrial) -> Finalist:
    estimator = estimator_of_choice(trial.params, part.settings)
    model = last_model(estimator)
    is_quantum = isinstance(model, QuantumEstimator)
    row = {
        "dataset": split.dataset,
        "model": name,
        "kind": kind_of_row(name),
        "seed": split.seed,
        "status": "ok",
    }
    inner = tuple(map(float, trial.user_attrs["fold_scores"]))
    params = dict(trial.params)
    if is_quantum:
        # Twice what a fold took is bearable even where the budget is used up.
        least = 3 * max(trial.user_attrs["fold_seconds"])
        model.set_params(max_time=max(part.deadline - time.time(), least, 1.0), verbose=0)
    try:
        values, predictions = scores(estimator, split)
    except Exception as error:
        reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
        return Finalist(name, params, inner, row | {"status": reason})
    if is_quantum:
        if model.stop_reason_ == "max_time":
            row["status"] = "its training was ended by the budget"
        model.set_params(max_time=part.settings.prototype.max_time)
    return Finalist(name, params, inner, row | values, estimator, predictions)


def spread_of(predictions: RunPredictions, metric: str) -> float:
    """Return the standard deviation of a score over resamples of the test part.

    It says how far the choice of test samples may have moved the score; not what another training
    part would change.
    """
    generator = np.random.default_rng(0)
    n = len(predictions.labels)
    values = []
    for _ in range(_RESAMPLES):
        rows = generator.integers(0, n, n)
        part = _taken(predictions, rows)
        values.append(part.score(metric))
    return float(np.std(values))


def _taken(predictions: RunPredictions, rows: Any) -> RunPredictions:
    return replace(
        predictions,
        rows=predictions.rows[rows],
        labels=predictions.labels[rows],
        predicted=predictions.predicted[rows],
    )
