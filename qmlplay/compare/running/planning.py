"""The plan of a comparison: every model timed once, and who is trained by that."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from math import nan
from typing import Literal

from joblib import cpu_count
from numpy import nansum
from threadpoolctl import threadpool_limits

from qmlplay.backends import list_backends
from qmlplay.checks import is_flag
from qmlplay.compare.running.forecast import Forecast, ModelForecast
from qmlplay.compare.running.simulators import last_quantum_model
from qmlplay.compare.running.timing import FitTime, baseline_time, kernel_time, quantum_time
from qmlplay.compare.setup import KERNEL, TASKS, Candidate, Split

__all__ = ["LONG", "TrainEverywhere", "check_train_everywhere", "make_forecast"]

TrainEverywhere = bool | Literal["auto"]

#: Seconds in all beyond which the quantum model is trained on the fastest simulator only.
LONG = 30.0
#: How many times a search among the baselines fits each of them, in whole trainings.
_SEARCH = 3


def check_train_everywhere(value: object) -> TrainEverywhere:
    """Return a value that says where to train.

    Raises
    ------
    ValueError
        If it is neither True, False nor "auto".

    Examples
    --------
    >>> check_train_everywhere("auto"), check_train_everywhere(True)
    ('auto', True)
    """
    if isinstance(value, str) and value == "auto":
        return "auto"
    if is_flag(value):
        return bool(value)
    raise ValueError(
        f"train_everywhere must be True, False or 'auto' (only where that is quick), got {value!r}"
    )


def make_forecast(
    lineups: Iterable[tuple[Split, Sequence[Candidate]]],
    *,
    train_everywhere: TrainEverywhere = "auto",
    n_jobs: int = 1,
) -> Forecast:
    """Time a step of every model on the first split of its dataset, and plan who is trained.

    Parameters
    ----------
    lineups : iterable of (Split, sequence of Candidate)
        Every split with its models. Of those by name, simulators can stand in for each other and
        baselines are known; other classical models are not touched.
    train_everywhere : bool or "auto", default="auto"
        Whether each simulator trains for itself; "auto" where all would take up to `LONG` seconds.
    n_jobs : int, default=1
        Processes.
    """
    first: dict[str, tuple[Split, Sequence[Candidate]]] = {}
    n_splits: dict[str, int] = defaultdict(int)
    for split, candidates in lineups:
        first.setdefault(split.dataset, (split, candidates))
        n_splits[split.dataset] += 1
    models = tuple(
        ModelForecast(
            dataset,
            candidate.name,
            time,
            n_splits[dataset],
            candidate.name if candidate.is_by_name and candidate.name in list_backends() else None,
        )
        for dataset, (split, candidates) in first.items()
        for candidate, time in zip(candidates, _times(candidates, split), strict=True)
    )
    n_runs = sum(n_splits[model.dataset] for model in models)
    forecast = Forecast(models, max(1, min(n_jobs, n_runs, cpu_count())))
    is_long = train_everywhere == "auto" and forecast.seconds > LONG
    return forecast.trained_once() if is_long or train_everywhere is False else forecast


def _times(candidates: Sequence[Candidate], split: Split) -> list[FitTime]:
    """Return the seconds of every model on a split, NaN where they cannot be told."""
    times = [_time(candidate, split) for candidate in candidates]
    # What is classical by name and yet no baseline chooses among these, in cross-validation.
    is_baseline = [_is_baseline(candidate, split) for candidate in candidates]
    seconds = nansum([t.fit for t, is_known in zip(times, is_baseline, strict=True) if is_known])
    search = FitTime(_SEARCH * float(seconds))
    return [
        search if c.is_by_name and c.kind == "classical" and not is_known else time
        for c, time, is_known in zip(candidates, times, is_baseline, strict=True)
    ]


def _is_baseline(candidate: Candidate, split: Split) -> bool:
    return candidate.is_by_name and candidate.name in TASKS[split.task].baselines


def _time(candidate: Candidate, split: Split) -> FitTime:
    if last_quantum_model(candidate.estimator) is not None:
        look = partial(quantum_time, n_test=len(split.y_test))
    elif candidate.is_by_name and candidate.name == KERNEL:
        look = partial(kernel_time, n_test=len(split.y_test))
    elif _is_baseline(candidate, split):
        look = partial(baseline_time, candidate.name)
    else:
        return FitTime(nan)
    try:
        with threadpool_limits(limits=1), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the run itself will say it
            return look(candidate.estimator, split.X_train, split.y_train)
    except Exception:  # its own row will say what is wrong
        return FitTime(nan)
