"""The work of a search: trials, of whichever side had less time so far, until the time is over."""

from __future__ import annotations

import time
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Any

import numpy as np
import optuna
from optuna.trial import FrozenTrial, TrialState
from threadpoolctl import threadpool_limits

from qmlplay.search.abandoned_trials import fail_abandoned
from qmlplay.search.best_trials import reserve
from qmlplay.search.classical_space import next_baseline
from qmlplay.search.inner_validation import inner_folds
from qmlplay.search.search_part import SearchPart
from qmlplay.search.search_settings import SearchSettings
from qmlplay.search.study_file import quiet
from qmlplay.search.study_storage import close_storage, open_storage
from qmlplay.search.time_budget import spent_seconds
from qmlplay.search.trial_run import FINISHED, run_trial

__all__ = ["run_trials"]

#: Trials without a better score, of quantum models and per baseline, after which it is enough.
_ENOUGH, _ENOUGH_PER_BASELINE = 50, 20


def run_trials(
    part: SearchPart, worker: int = 0, tell: Callable[[Mapping[str, Any]], None] | None = None
) -> bool:
    """Run trials until the time is over, or there is nothing left to try.

    Parameters
    ----------
    worker : int, default=0
        The number of this process, so that no two draw the same random numbers.
    tell : callable, optional
        Is told the studies after every trial.

    Returns
    -------
    bool
        Whether it was interrupted by Ctrl-C; what was finished is in the studies.
    """
    with quiet(), threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _run_trials(part, worker, tell)


def _run_trials(part: SearchPart, worker: int, tell: Any) -> bool:
    storage = part.storage if part.path is None else open_storage(part.path)
    try:
        n_before = sum(len(s.get_trials(False)) for s in part.open(storage, 0).values())
        seed = np.random.SeedSequence([part.settings.random_state, worker, n_before])
        studies = part.open(storage, int(seed.generate_state(1)[0]))
        _work(part, studies, tell)
        return False
    except KeyboardInterrupt:
        return True
    finally:
        close_storage(storage)


def _work(part: SearchPart, studies: Mapping[str, optuna.Study], tell: Any) -> None:
    settings = part.settings
    folds = inner_folds(settings.task, settings.n_folds, settings.random_state, part.y)
    closed: set[str] = set()
    while True:
        for study in studies.values():
            fail_abandoned(study)
        side = _next_side(part, studies, closed)
        left = part.deadline - time.time() - reserve(part, studies)
        if side is None or left <= 0:
            return
        if not run_trial(part, side, studies[side], folds, left):
            closed.add(side)
        if tell is not None:
            tell(studies)


def _next_side(
    part: SearchPart, studies: Mapping[str, optuna.Study], closed: set[str]
) -> str | None:
    """Return whose turn it is: the side that had less time, unless it has had enough.

    The usual settings of all baselines come first: there is to be a row for each. Then, on the
    classical side, it is the turn of the baseline that had the least time.
    """
    spent = {}
    for side, study in studies.items():
        trials = study.get_trials(deepcopy=False)
        if side not in closed and not _has_enough(side, trials, part.settings):
            is_first = side == "classical" and _are_waiting(trials)
            spent[side] = (not is_first, spent_seconds(trials), side != "classical")
    turn = min(spent, key=lambda side: spent[side]) if spent else None
    if turn != "classical":
        return turn
    trials = studies[turn].get_trials(deepcopy=False)
    if not _are_waiting(trials):
        left = _baselines_left(part.settings, trials)
        # What takes its time into account cannot repeat itself exactly.
        name = next_baseline(left, trials, by_time=part.settings.n_trials is None)
        if name is None:
            closed.add(turn)
            return _next_side(part, studies, closed)
        studies[turn].enqueue_trial({"model": name})
    return turn


def _are_waiting(trials: Sequence[FrozenTrial]) -> bool:
    return any(trial.state == TrialState.WAITING for trial in trials)


def _tried(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Return the trials that came to an end of their own."""
    ended = (*FINISHED, TrialState.FAIL)
    return [t for t in trials if t.state in ended and "abandoned" not in t.user_attrs]


def _baselines_left(settings: SearchSettings, trials: Sequence[FrozenTrial]) -> tuple[str, ...]:
    counts = Counter(trial.params.get("model") for trial in _tried(trials))
    most = inf if settings.n_trials is None else settings.n_trials
    return tuple(name for name in settings.baselines if counts[name] < most)


def _has_enough(side: str, trials: Sequence[FrozenTrial], settings: SearchSettings) -> bool:
    """Return whether a side has had all its trials, or so many in vain."""
    tried = _tried(trials)
    is_quantum = side == "quantum"
    if is_quantum and settings.n_trials is not None and len(tried) >= settings.n_trials:
        return True
    if _are_waiting(trials):
        return False
    enough = _ENOUGH if is_quantum else _ENOUGH_PER_BASELINE * len(settings.baselines)
    values = [t.value for t in tried if t.state == TrialState.COMPLETE and t.value is not None]
    first_best = next((i for i, t in enumerate(tried) if values and t.value == max(values)), -1)
    return len(tried) - 1 - first_best >= enough
