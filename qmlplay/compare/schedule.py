"""The tasks of a comparison: a model is trained on a split, and others may take its weights."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sklearn.base import clone
from threadpoolctl import threadpool_limits

from qmlplay.compare.candidates import Candidate
from qmlplay.compare.scores import evaluated, scores
from qmlplay.compare.simulators import last_quantum_model, with_backend
from qmlplay.compare.splits import Split

__all__ = ["Run", "Task", "make_tasks", "run_task"]


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
    """

    split: Split
    trained: Candidate
    evaluated: tuple[Candidate, ...] = ()


@dataclass(frozen=True, eq=False)
class Run:
    """What came out for one model on one split.

    Parameters
    ----------
    row : dict
        Its row of `Comparison.runs`.
    estimator : estimator or None
        Fitted; None if it failed.
    """

    row: dict[str, Any]
    estimator: Any


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


def run_task(task: Task) -> list[Run]:
    """Train and judge one model, then judge its weights elsewhere; failures become rows."""
    # One thread for all: with many, times of small matrix products vary at random, and
    # several processes would compete for the cores.
    with threadpool_limits(limits=1), warnings.catch_warnings():
        # A warning, of slow convergence for instance, is no failure; it would only break up
        # the progress bar.
        warnings.simplefilter("ignore")
        first = _run(task, task.trained)
        return [first, *(_run(task, candidate, first) for candidate in task.evaluated)]


def _run(task: Task, candidate: Candidate, source: Run | None = None) -> Run:
    """Train a model, or take the weights of another run, and judge it."""
    model = last_quantum_model(candidate.estimator)
    row = {
        "dataset": task.split.dataset,
        "model": candidate.name,
        "kind": candidate.kind,
        "seed": task.split.seed,
        "status": "ok",
        "trained_on": None if model is None else _backend_name(model),
    }
    try:
        if source is None:
            estimator = clone(candidate.estimator)
            return Run(row | scores(estimator, task.split), estimator)
        row["trained_on"] = source.row["trained_on"]
        if source.estimator is None:
            return Run(
                row | {"status": f"no weights from {source.row['model']}, which failed"}, None
            )
        estimator = with_backend(source.estimator, candidate.name)
        return Run(row | evaluated(estimator, task.split), estimator)
    except Exception as error:
        reason = " ".join(str(error).split())
        return Run(row | {"status": f"{type(error).__name__}: {reason}".removesuffix(": ")}, None)


def _backend_name(model: Any) -> str:
    return model.backend if isinstance(model.backend, str) else str(model.backend.name)
