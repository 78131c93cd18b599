"""Fitted models of a comparison that went on: those in no file are trained when asked for."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from threadpoolctl import threadpool_limits

from qmlplay.compare.running import (
    Lineup,
    ModelRun,
    RunPredictions,
    fitted_scores,
    last_quantum_model,
)
from qmlplay.compare.setup import Candidate, Split

__all__ = ["FittedModels", "Refit"]

ModelKey = tuple[str, str]


@dataclass(frozen=True, eq=False)
class Refit:
    """What it takes to train a model once more.

    Parameters
    ----------
    split : Split
    candidate : Candidate
    predictions : RunPredictions
        Of its finished run.
    """

    split: Split
    candidate: Candidate
    predictions: RunPredictions

    def __call__(self) -> Any:
        """Return the model, trained again; warn where it is not the same as then."""
        with threadpool_limits(limits=1), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its run has said it
            estimator, _, predictions = fitted_scores(self.candidate, self.split)
        before, now = (np.asarray(p.predicted) for p in (self.predictions, predictions))
        is_same = np.allclose(before, now) if before.dtype.kind == "f" else (before == now).all()
        if not is_same:
            warnings.warn(
                f"{self.candidate.name} was trained again, as only qmlplay's own models are kept "
                f"in a folder, and predicts otherwise than in the table: give it a random_state",
                UserWarning,
                stacklevel=3,
            )
        return estimator


class FittedModels(Mapping[ModelKey, Any]):
    """(dataset, model) → the model of the first split, fitted.

    Those that came from no file are trained again, once, when they are first asked for.

    Parameters
    ----------
    models : dict of (str, str) to estimator or Refit
    """

    def __init__(self, models: Mapping[ModelKey, Any]) -> None:
        self._models = dict(models)

    @classmethod
    def of(cls, runs: Sequence[ModelRun], lineups: Sequence[Lineup]) -> Self:
        """Return those of runs, of which only the first split of a dataset counts."""
        first: dict[str, Split] = {}
        for split, _ in lineups:
            first.setdefault(split.dataset, split)
        candidates = {(s.dataset, c.name, s.seed): c for s, cs in lineups for c in cs}
        models: dict[ModelKey, Any] = {}
        for run in runs:
            dataset, model, seed = run.key
            split = first[dataset]
            if run.estimator is not None:
                models[dataset, model] = run.estimator
            elif seed == split.seed and run.predictions is not None:
                models[dataset, model] = Refit(split, candidates[run.key], run.predictions)
        return cls(models)

    @property
    def is_incomplete(self) -> bool:
        """Whether some would have to be trained again."""
        return any(isinstance(model, Refit) for model in self._models.values())

    def __getitem__(self, key: ModelKey) -> Any:
        model = self._models[key]
        if isinstance(model, Refit):
            model = self._models[key] = model()
        return model

    def __iter__(self) -> Iterator[ModelKey]:
        return iter(self._models)

    def __len__(self) -> int:
        return len(self._models)

    def __contains__(self, key: object) -> bool:
        return key in self._models

    def quantum(self) -> dict[ModelKey, Any]:
        """Return the quantum models, whose weights may be evaluated on every simulator."""
        kinds = {
            key: model.candidate.estimator if isinstance(model, Refit) else model
            for key, model in self._models.items()
        }
        return {key: self[key] for key in self if last_quantum_model(kinds[key]) is not None}
