"""The budget of a search: seconds as people type them, what was used, and how it is shared."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from math import ceil, inf, log
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from qmlplay.checks import is_number

__all__ = ["forecast_seconds", "seconds_of_budget", "spent_seconds", "used_seconds"]

_UNITS = {"": 1, "s": 1, "sec": 1, "min": 60, "m": 60, "h": 3_600, "d": 86_400}


def seconds_of_budget(budget: Any) -> float:
    """Return a budget in seconds.

    Parameters
    ----------
    budget : float or str
        Seconds, or a text such as "60s", "5m", "1.5h", "2h30m".

    Raises
    ------
    TypeError, ValueError
        If it is no time above 0.

    Examples
    --------
    >>> seconds_of_budget(60), seconds_of_budget("5m"), seconds_of_budget("1h 30min")
    (60.0, 300.0, 5400.0)
    >>> seconds_of_budget("soon")
    Traceback (most recent call last):
        ...
    ValueError: budget must be a time above 0, such as 60, '60s', '5m' or '2h', got 'soon'
    """
    text = f"budget must be a time above 0, such as 60, '60s', '5m' or '2h', got {budget!r:.60}"
    if is_number(budget, 0, closed="neither"):
        return float(budget)
    if not isinstance(budget, str):
        raise (ValueError if is_number(budget) else TypeError)(text)
    part = r"(\d+(?:\.\d*)?|\.\d+)\s*([a-z]*)\s*"
    words = budget.strip().lower()
    parts = re.findall(part, words)
    if not re.fullmatch(f"(?:{part})+", words) or any(unit not in _UNITS for _, unit in parts):
        raise ValueError(text)
    if len(parts) > 1 and any(not unit for _, unit in parts):
        raise ValueError(text)
    seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if not 0 < seconds < inf:
        raise ValueError(text)
    return seconds


def spent_seconds(trials: Iterable[FrozenTrial]) -> float:
    """Return the seconds that trials took, added up, those that are running until now."""
    spent = 0.0
    for trial in trials:
        if trial.state == TrialState.RUNNING and trial.datetime_start is not None:
            spent += max(time.time() - trial.datetime_start.timestamp(), 0.0)
        else:
            spent += sum(end - start for start, end in _intervals([trial]))
    return spent


def used_seconds(trials: Iterable[FrozenTrial]) -> float:
    """Return for how many seconds any trial ran: those side by side count once.

    Examples
    --------
    >>> from datetime import datetime, timedelta
    >>> from optuna.trial import create_trial
    >>> noon = datetime(2025, 1, 1, 12)
    >>> def trial(start, end):
    ...     trial = create_trial(value=1.0)
    ...     trial.datetime_start = noon + timedelta(seconds=start)
    ...     trial.datetime_complete = noon + timedelta(seconds=end)
    ...     return trial
    >>> used_seconds([trial(0, 4), trial(1, 5), trial(100, 101)])
    6.0
    """
    used, reached = 0.0, -inf
    for start, end in sorted(_intervals(trials)):
        used += max(end - max(start, reached), 0.0)
        reached = max(reached, end)
    return used


def _intervals(trials: Iterable[FrozenTrial]) -> list[tuple[float, float]]:
    intervals = []
    for trial in trials:
        if trial.datetime_start is None or trial.state == TrialState.WAITING:
            continue
        start = trial.datetime_start.timestamp()
        if trial.state == TrialState.FAIL and "process" in trial.user_attrs:
            end = start + float(trial.user_attrs.get("seconds", 0.0))  # the rest is a gap
        elif trial.datetime_complete is None:
            continue
        else:
            end = trial.datetime_complete.timestamp()
        intervals.append((start, max(start, end)))
    return intervals


def forecast_seconds(work: float, done: Iterable[tuple[float, float]]) -> float | None:
    """Return the seconds of so much work, by what the likest work took; None where none is done.

    Parameters
    ----------
    work : float
        Amplitudes times gates times circuits.
    done : iterable of (work, seconds)

    Examples
    --------
    >>> forecast_seconds(200.0, [(100.0, 3.0), (1.0, 1.0)]), forecast_seconds(1.0, [])
    (6.0, None)
    """
    known = [pair for pair in done if min(pair) > 0]
    if not known:
        return None
    nearest, seconds = min(known, key=lambda pair: abs(log(pair[0] / work)))
    return seconds * max(work / nearest, 0.1)


def rounded_up(seconds: float) -> int:
    """Return seconds as people would set a budget: the next whole ten."""
    return 10 * ceil(seconds / 10)
