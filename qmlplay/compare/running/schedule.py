"""The schedule of a comparison: its tasks, done one after the other or side by side."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import islice
from math import isnan
from types import MappingProxyType

import numpy as np
from threadpoolctl import threadpool_limits

from qmlplay.compare.running.forecast import Forecast
from qmlplay.compare.running.model_tasks import ModelRun, RunKey, Task, make_tasks, run_task
from qmlplay.compare.running.workers import WorkerError, results
from qmlplay.compare.setup import Candidate, Split, first_splits
from qmlplay.progress import Progress, Verbose, progress_bar

__all__ = ["Lineup", "run_all"]

Lineup = tuple[Split, Sequence[Candidate]]


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
