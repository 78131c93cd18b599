"""The best trials of a search, a row of the leaderboard each, and the time to train them again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from qmlplay.compare.setup import ABLATION
from qmlplay.search.search_part import SearchPart

__all__ = ["best_trials", "family_of", "merit", "reserve"]

#: How much longer training takes than in a trial, for the scores and for a busy machine.
_LONGER = 1.3


def family_of(side: str, params: Mapping[str, Any]) -> str:
    """Return the row of the leaderboard that a choice belongs to."""
    if side == "classical":
        return str(params["model"])
    return ABLATION if params["ansatz"] == ABLATION else "quantum"


def best_trials(studies: Mapping[str, optuna.Study]) -> dict[str, FrozenTrial]:
    """Return the best finished trial of every row of the leaderboard; of equals the earliest."""
    best: dict[str, FrozenTrial] = {}
    for side, study in studies.items():
        for trial in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)):
            family = family_of(side, trial.params)
            if family not in best or merit(trial) > merit(best[family]):
                best[family] = trial
    return best


def merit(trial: FrozenTrial) -> tuple[float, int]:
    """Return by what trials are ranked: the score, and of equals the earlier one."""
    assert trial.value is not None
    return round(trial.value, 9), -trial.number


def reserve(part: SearchPart, studies: Mapping[str, optuna.Study]) -> float:
    """Return the seconds that training the best ones, and the winner on all rows, will take."""
    n_folds = part.settings.n_folds
    best = best_trials(studies)
    if not best:
        return 0.0
    longer = _LONGER * n_folds / (n_folds - 1)
    seconds = {name: longer * max(t.user_attrs["fold_seconds"]) for name, t in best.items()}
    winner = max(best, key=lambda name: merit(best[name]))
    return float(sum(seconds.values()) + seconds[winner] / (1 - part.test_share))
