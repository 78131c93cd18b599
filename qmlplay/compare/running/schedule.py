"""The tasks of a comparison: a model is trained on a split, and others may take its weights."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import islice
from math import isnan
from types import MappingProxyType
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from qmlplay.classifier import with_backend
from qmlplay.compare.running.forecast import Forecast
from qmlplay.compare.running.run_predictions import RunPredictions
from qmlplay.compare.running.scoring import fitted_scores, scores
from qmlplay.compare.running.workers import WorkerError, results
from qmlplay.compare.setup import Candidate, Split, first_splits, kind_of, preprocessing_advice
from qmlplay.progress import Progress, Verbose, progress_bar

__all__ = ["Lineup", "ModelRun", "RunKey", "Task", "make_tasks", "run_all", "run_task"]

Lineup = tuple[Split, Sequence[Candidate]]
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


def _nobody(runs: Sequence[ModelRun]) -> None:
    """Take no note of runs."""


def run_all(
    lineups: Sequence[Lineup],
    forecast: Forecast,
    *,
    n_jobs: int | None,
    verbose: Verbose,
    on_done: Callable[[Sequence[ModelRun]], None] = _nobody,
    finished: Mapping[RunKey, ModelRun] = MappingProxyType({}),
) -> list[ModelRun]:
    """Do all that was planned, or what Ctrl-C leaves of it.

    Parameters
    ----------
    lineups : sequence of (Split, sequence of Candidate)
    forecast : Forecast
    n_jobs, verbose
        As in `qmlplay.compare`.
    on_done : callable, optional
        ``on_done(runs)`` gets the runs of a task, with their estimators, as soon as it is done
        and before the next one is waited for, in this process; those that were finished come
        first. Ctrl-C among the simulators that evaluate a model leaves it the runs before.
    finished : mapping of (dataset, model, seed) to ModelRun, optional
        Runs that were done earlier, and are not done again.

    Returns
    -------
    list of ModelRun
        In the order of the line-ups, whatever the order of the work. Those of the first split of
        each dataset keep their estimators.

    Raises
    ------
    KeyboardInterrupt
        If nothing was done by then.
    WorkerError
        If nothing was done when a worker failed; afterwards it is a warning.
    """
    planned = [
        task
        for split, candidates in lineups
        for task in make_tasks(split, candidates, forecast.trained_on)
    ]
    tasks = [left for task in planned if (left := task.without(finished)) is not None]
    again = {(t.split.dataset, model.name, t.split.seed) for t in tasks for model in t.models}
    runs = [run for key, run in finished.items() if key not in again]
    if runs:
        on_done(runs)
    try:
        with closing(_work(tasks, forecast, n_jobs=n_jobs, verbose=verbose)) as work:
            for number, done in work:
                runs += done
                on_done(done)
                if len(done) < len(tasks[number].models):
                    raise KeyboardInterrupt
    except (KeyboardInterrupt, WorkerError) as error:
        if not runs:
            raise
        if isinstance(error, WorkerError):
            text = f"{error}. The comparison holds the {len(runs)} runs that were done by then"
            warnings.warn(text, RuntimeWarning, stacklevel=3)  # whoever called compare
    first = {split.dataset: split.seed for split in first_splits([s for s, _ in lineups]).values()}
    return [
        run if run.row["seed"] == first[run.row["dataset"]] else replace(run, estimator=None)
        for run in _in_order(runs, lineups)
    ]


def _work(
    tasks: Sequence[Task], forecast: Forecast, *, n_jobs: int | None, verbose: Verbose
) -> Generator[tuple[int, list[ModelRun]]]:
    """Yield the number of every task and its runs, as soon as they are done."""
    shares, waiting = _shares(tasks, forecast), dict(enumerate(tasks))
    with (
        _limits_put_back(),
        closing(results(run_task, tasks, n_jobs)) as work,
        progress_bar(len(shares), "compare", verbose=verbose, shares=shares) as progress,
    ):
        _tell(progress, waiting)
        for number, done in work:  # in one process, the work is done here
            yield number, done
            for _ in done:
                progress.advance()
            del waiting[number]
            _tell(progress, waiting)


def _tell(progress: Progress, waiting: Mapping[int, Task]) -> None:
    """Name the first of the tasks that are not done."""
    for task in islice(waiting.values(), 1):
        progress.tell(f"{task.split.dataset}: {task.trained.name}")


@contextmanager
def _limits_put_back() -> Iterator[None]:
    """Undo what tasks in several threads may leave of the limits that each sets and takes back."""
    with threadpool_limits(limits=None), warnings.catch_warnings():
        yield


def _shares(tasks: Sequence[Task], forecast: Forecast) -> list[float]:
    """Return the expected seconds of every model, the mean of the others where nobody knows."""
    seconds = [
        forecast.seconds_per_split(task.split.dataset, model.name)
        for task in tasks
        for model in task.models
    ]
    known = [value for value in seconds if not isnan(value)]
    usual = float(np.mean(known)) if known else 1.0
    return [usual if isnan(value) else value for value in seconds]


def _in_order(runs: Sequence[ModelRun], lineups: Sequence[Lineup]) -> list[ModelRun]:
    """Return runs in the order of the line-ups, whatever the order of the work."""
    keys = [
        (split.dataset, c.name, split.seed) for split, candidates in lineups for c in candidates
    ]
    places = {key: place for place, key in enumerate(keys)}
    return sorted(runs, key=lambda run: places[run.key])
