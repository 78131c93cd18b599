"""The models of one dataset as a verdict sees them: their kinds, scores and times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from qmlplay.compare.evidence.guessing import guessed_score
from qmlplay.compare.evidence.statistics import Runs
from qmlplay.compare.running import RunPredictions
from qmlplay.compare.setup import (
    ACCURACY,
    BALANCED_ACCURACY,
    CLASSIFICATION,
    REGRESSION,
    LearningTask,
)

__all__ = ["DUMMY", "Contest", "contest_of"]

#: The baseline that guesses; it takes part in no ranking.
DUMMY = "dummy"
#: Classes are unbalanced where the largest has more than so many times the smallest's samples.
_UNBALANCED = 2


@dataclass(frozen=True, eq=False)
class Contest:
    """One dataset's successful runs.

    Parameters
    ----------
    runs : DataFrame
        Rows of `Comparison.runs`.
    models : dict of str to dict of int to Predictions
        Model → seed → what was predicted.
    task : LearningTask, optional
    """

    runs: pd.DataFrame
    models: Mapping[str, Runs]
    task: LearningTask = CLASSIFICATION

    @cached_property
    def kinds(self) -> dict[str, str]:
        """Model → quantum, ablation, classical or hybrid."""
        return dict(zip(self.runs["model"], self.runs["kind"], strict=True))

    @cached_property
    def trained(self) -> dict[str, Runs]:
        """All models but the one that guesses."""
        return {name: runs for name, runs in self.models.items() if name != DUMMY}

    @cached_property
    def _splits(self) -> dict[int, RunPredictions]:
        return {seed: run for runs in self.models.values() for seed, run in runs.items()}

    @property
    def n_splits(self) -> int:
        """How many splits any model finished."""
        return len(self._splits)

    @cached_property
    def _counts(self) -> pd.Series[int]:
        """How many test samples each class has, the largest first."""
        labels = np.concatenate([np.asarray(run.labels) for run in self._splits.values()])
        return pd.Series(labels).value_counts()

    @property
    def commonest(self) -> tuple[Any, float]:
        """The largest class of the test parts and its share."""
        label = self._counts.index[0]
        return getattr(label, "item", lambda: label)(), self._counts.iloc[0] / self._counts.sum()

    @property
    def is_unbalanced(self) -> bool:
        """Whether one class is so large that accuracy says little."""
        if self.task is REGRESSION:
            return False
        return bool(self._counts.iloc[0] > _UNBALANCED * self._counts.iloc[-1])

    @cached_property
    def misses_classes(self) -> bool:
        """Whether a test part has not every class, so that there is no share found of each."""
        labels = [np.unique(run.labels) for run in self._splits.values()]
        return any(len(of_split) < len(self._counts) for of_split in labels)

    @property
    def metric(self) -> str:
        """By what models are ranked: balanced accuracy where classes are unbalanced."""
        if self.task is REGRESSION:
            return self.task.metric
        has_shares = bool(self.models) and not self.misses_classes
        return BALANCED_ACCURACY if has_shares and self.is_unbalanced else ACCURACY

    @property
    def guessed(self) -> float:
        """What the commonest class alone, or the mean of the training part, would score."""
        return guessed_score(self._splits, self.metric)

    def is_guessing(self, name: str) -> bool:
        """Return whether a model scores no better than the guess."""
        return self._score(name) <= guessed_score(self.models[name], self.metric) + 1e-12

    def group(self, *kinds: str) -> dict[str, Runs]:
        """Return the models of some kinds that finished the most splits.

        One that failed on some takes part only where none has more of them, as its splits may
        have been the easy ones.
        """
        models = {m: r for m, r in self.trained.items() if self.kinds[m] in kinds}
        most = max(map(len, models.values()), default=0)
        return {name: runs for name, runs in models.items() if len(runs) == most}

    def best(self, *kinds: str) -> str | None:
        """Return the best model of some kinds, None if there is none."""
        names = self.group(*kinds)
        return self.best_of(names) if names else None

    def best_of(self, names: Iterable[str]) -> str:
        """Return the model with the highest mean score, the quickest of equals."""
        return min(names, key=lambda name: (-round(self._score(name), 9), self._seconds(name)))

    def mean(self, name: str, column: str) -> float:
        """Return the mean of a column of `runs` over a model's splits, NaN where there is none."""
        values = self.runs.loc[self.runs["model"] == name, column]
        return float(values.astype(float).mean())

    def _score(self, name: str) -> float:
        return float(np.mean([run.score(self.metric) for run in self.models[name].values()]))

    def _seconds(self, name: str) -> float:
        """Return the median time to fit; infinite where only another model's weights were tried."""
        seconds = self.runs.loc[self.runs["model"] == name, "fit_seconds"].median()
        return float("inf") if pd.isna(seconds) else float(seconds)

    def scored(self, name: str, *, beside: str | None = None) -> str:
        """Return mean ± spread over the splits that another model has, too."""
        others = self.models[name if beside is None else beside]
        values = [
            run.score(self.metric) for seed, run in self.models[name].items() if seed in others
        ]
        name_of_score = f"{self.metric} " if self.task is REGRESSION else ""
        spread = f" ± {np.std(values):.3f}" if len(values) > 1 else ""
        return f"{name_of_score}{np.mean(values):.3f}{spread}".replace("-", "−")

    def times(self, slower: str, quicker: str) -> str:
        """Say how the second model's time to fit compares with the first one's."""
        first, second = self._time(slower), self._seconds(quicker)
        if not np.isfinite([first, second]).all():
            return ""
        ratio = max(first, 1e-9) / max(second, 1e-9)
        if ratio >= 2:
            return f", trained {ratio:,.0f} times faster"
        return (
            f", trained {1 / ratio:,.0f} times slower"
            if ratio <= 0.5
            else ", trained in about the same time"
        )

    def _time(self, name: str) -> float:
        """Return the time of the model whose weights these are."""
        if np.isfinite(self._seconds(name)):
            return self._seconds(name)
        trained_on = self.runs.loc[self.runs["model"] == name, "trained_on"].dropna()
        source = trained_on.iloc[0] if len(trained_on) else name
        return self._seconds(source)


def contest_of(
    runs: pd.DataFrame,
    predictions: Mapping[tuple[str, str, int], RunPredictions],
    dataset: str,
    task: LearningTask = CLASSIFICATION,
) -> Contest:
    """Return the successful runs of one dataset."""
    good = runs[(runs["dataset"] == dataset) & (runs["status"] == "ok")]
    models: dict[str, dict[int, RunPredictions]] = {}
    for model, seed in zip(good["model"], good["seed"], strict=True):
        if (dataset, model, seed) in predictions:
            models.setdefault(model, {})[seed] = predictions[dataset, model, seed]
    return Contest(good, models, task)
