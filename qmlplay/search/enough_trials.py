"""Enough trials: when a side of a search had all that were asked for, or many in vain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import inf

from optuna.trial import FrozenTrial, TrialState

from qmlplay.search.classical_space import next_baseline
from qmlplay.search.search_settings import SearchSettings
from qmlplay.search.trial_run import FINISHED

__all__ = ["are_waiting", "has_enough", "turn_of_baseline"]

#: Trials without a better score, of quantum models and per baseline, after which it is enough.
_ENOUGH, _ENOUGH_PER_BASELINE = 50, 20


def are_waiting(trials: Sequence[FrozenTrial]) -> bool:
    """Return whether there are settings to be tried first."""
    return any(trial.state == TrialState.WAITING for trial in trials)


def has_enough(side: str, trials: Sequence[FrozenTrial], settings: SearchSettings) -> bool:
    """Return whether a side has had all its trials or, without a number of them, many in vain."""
    is_quantum = side == "quantum"
    if is_quantum and settings.n_trials is not None:
        return len(_tried(trials)) >= settings.n_trials
    if are_waiting(trials):
        return False
    if not is_quantum and turn_of_baseline(trials, settings) is None:
        return True
    enough = _ENOUGH if is_quantum else _ENOUGH_PER_BASELINE * len(settings.baselines)
    return settings.n_trials is None and _n_in_vain(trials) >= enough


def turn_of_baseline(trials: Sequence[FrozenTrial], settings: SearchSettings) -> str | None:
    """Return the baseline whose turn it is; None where all had enough."""
    counts = Counter(trial.params.get("model") for trial in _tried(trials))
    most = inf if settings.n_trials is None else settings.n_trials
    left = tuple(name for name in settings.baselines if counts[name] < most)
    # What takes its time into account cannot repeat itself exactly.
    return next_baseline(left, trials, by_time=settings.n_trials is None)


def _tried(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Return the trials that came to an end of their own."""
    ended = (*FINISHED, TrialState.FAIL)
    return [t for t in trials if t.state in ended and "abandoned" not in t.user_attrs]


def _n_in_vain(trials: Sequence[FrozenTrial]) -> int:
    """Return how many trials there were since the first of the best score."""
    tried = _tried(trials)
    scores = {
        number: trial.value
        for number, trial in enumerate(tried)
        if trial.state == TrialState.COMPLETE and trial.value is not None
    }
    first_best = max(scores, key=lambda number: scores[number], default=-1)
    return len(tried) - 1 - first_best
