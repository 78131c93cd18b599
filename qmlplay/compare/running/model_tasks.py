"""The tasks of a comparison: a model is trained on a split, and others may take its weights."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from threadpoolctl import threadpool_limits

from qmlplay.classifier import with_backend
from qmlplay.compare.running.run_predictions import RunPredictions
from qmlplay.compare.running.scoring import fitted_scores, scores
from qmlplay.compare.setup import Candidate, Split, kind_of, preprocessing_advice

__all__ = ["ModelRun", "RunKey", "Task", "make_tasks", "run_task"]

#: Dataset, model and seed.
RunKey = tuple[str, str, int]


@dataclass(frozen=True)
class Task:
    """What is done in one go.

    Parameters
    ----------
    split : Split
    trained : Candidate
        The model that is trained.
    evaluated : tuple of Candidate
        The same model on other simulators, which evaluate its weights.
    source : ModelRun, optional
        The run of the trained model, where it was done earlier.
    """

    split: Split
    trained: Candidate
    evaluated: tuple[Candidate, ...] = ()
    source: ModelRun | None = None

    @property
    def models(self) -> tuple[Candidate, ...]:
        """The models that are still to be judged, in that order."""
        return self.evaluated if self.source else (self.trained, *self.evaluated)

    def without(self, finished: Mapping[RunKey, ModelRun]) -> Task | None:
        """Return what is left of it after some runs; None where that is nothing.

        Weights that are lost are trained again.
        """

        def run_of(candidate: Candidate) -> ModelRun | None:
            return finished.get((self.split.dataset, candidate.name, self.split.seed))

        left = tuple(candidate for candidate in self.evaluated if run_of(candidate) is None)
        source = run_of(self.trained)
        if source is not None and not left:
            return None
        is_lost = source is None or (source.row["status"] == "ok" and source.estimator is None)
        return replace(self, evaluated=left, source=None if is_lost else source)


@dataclass(frozen=True, eq=False)
class ModelRun:
    """What came out for one model on one split.

    Parameters
    ----------
    row : dict
        Its row of `Comparison.runs`.
    estimator : estimator, optional
        Fitted; None if it failed.
    predictions : RunPredictions, optional
        What it predicted.
    """

    row: dict[str, Any]
    estimator: Any = None
    predictions: RunPredictions | None = None

    @property
    def key(self) -> RunKey:
        """Dataset, model and seed."""
        return self.row["dataset"], self.row["model"], self.row["seed"]


def make_tasks(
    split: Split, candidates: Sequence[Candidate], trained_on: Mapping[tuple[str, str], str]
) -> list[Task]:
    """Return the tasks of one split, so that models follow the one whose weights they take.

    Parameters
    ----------
    split : Split
    candidates : sequence of Candidate
        Its models.
    trained_on : mapping of (dataset, model) to str
        Models that are not trained, and the name of the one whose weights they take.
    """
    sources = {c.name: trained_on.get((split.dataset, c.name)) for c in candidates}
    return [
        Task(split, model, tuple(c for c in candidates if sources[c.name] == model.name))
        for model in candidates
        if sources[model.name] is None
    ]


def run_task(task: Task) -> list[ModelRun]:
    """Train and judge one model, then judge its weights elsewhere; failures become rows.

    Ctrl-C among the latter leaves their runs out: what was trained by then is kept.
    """
    # One thread for all: with many, times of small matrix products vary at random, and
    # several processes would compete for the cores.
    with threadpool_limits(limits=1), warnings.catch_warnings():
        # A warning, of slow convergence for instance, is no failure; it would only break up
        # the progress bar.
        warnings.simplefilter("ignore")
        source = task.source or _run(task, task.trained)
        runs = [] if task.source else [source]
        with suppress(KeyboardInterrupt):
            for candidate in task.evaluated:
                runs.append(_run(task, candidate, source))
        return runs


def _run(task: Task, candidate: Candidate, source: ModelRun | None = None) -> ModelRun:
    """Train a model, or take the weights of another run, and judge it."""
    row = {
        "dataset": task.split.dataset,
        "model": candidate.name,
        "kind": candidate.kind,
        "seed": task.split.seed,
        "status": "ok",
    }
    try:
        if source is None:
            estimator, values, predictions = fitted_scores(candidate, task.split)
            if (
                candidate.kind == "classical" and not candidate.is_kind_given
            ):  # it may have made a quantum model in `fit`
                row["kind"] = kind_of(estimator)
            return ModelRun(row | values, estimator, predictions)
        row["trained_on"] = source.row.get("trained_on")
        if source.estimator is None:
            reason = f"no weights came from {source.row['model']}, which failed"
            return ModelRun(row | {"status": reason})
        estimator = with_backend(source.estimator, candidate.name)
        values, predictions = scores(estimator, task.split, with_fit=False)
        return ModelRun(row | values, estimator, predictions)
    except Exception as error:
        reason = " ".join(str(error).split())
        status = f"{type(error).__name__}: {reason}".removesuffix(": ")
        status += preprocessing_advice(error, candidate.estimator, task.split.X_train)
        return ModelRun(row | {"status": status})
