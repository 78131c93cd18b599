"""The work of a search: trials, of whichever side had less time so far, until the time is over."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import optuna
from threadpoolctl import threadpool_limits

from qmlplay.search.abandoned_trials import fail_abandoned
from qmlplay.search.best_trials import reserve
from qmlplay.search.enough_trials import are_waiting, has_enough, turn_of_baseline
from qmlplay.search.inner_validation import inner_folds
from qmlplay.search.search_part import SearchPart
from qmlplay.search.study_file import quiet
from qmlplay.search.study_storage import close_storage, open_storage
from qmlplay.search.time_budget import spent_seconds
from qmlplay.search.trial_run import run_trial

__all__ = ["run_trials"]


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
    trials = {side: study.get_trials(deepcopy=False) for side, study in studies.items()}
    spent = {}
    for side, own in trials.items():
        if side not in closed and not has_enough(side, own, part.settings):
            is_first = side == "classical" and are_waiting(own)
            spent[side] = (not is_first, spent_seconds(own), side != "classical")
    turn = min(spent, key=lambda side: spent[side]) if spent else None
    if turn == "classical" and not are_waiting(trials[turn]):
        studies[turn].enqueue_trial({"model": turn_of_baseline(trials[turn], part.settings)})
    return turn
