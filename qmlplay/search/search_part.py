"""The part of one outer split in a search: its training rows, its studies, its time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import optuna

from qmlplay.search.search_settings import SIDES, SearchSettings

__all__ = ["SearchPart"]

#: Trials that are drawn at random before the sampler learns, and that the pruner waits for.
_STARTUP = 8
#: Trials that must have been as far before one is compared with them.
_PEERS = 4
#: Iterations before which nothing is pruned.
_WARM_UP = 15


@dataclass(frozen=True, eq=False)
class SearchPart:
    """One outer split's part of a search, as each of its processes sees it.

    Parameters
    ----------
    settings : SearchSettings
    X, y : table and ndarray
        The training part; nothing else.
    studies : dict of str to str
        Side → name of its study.
    deadline : float
        When the search has to be over, retraining included; seconds of `time.time`.
    test_share : float
        Share of the rows that were held out.
    path : Path or None
        Where the studies are.
    storage : object, optional
        Where there is no file.
    """

    settings: SearchSettings
    X: Any
    y: Any
    studies: Mapping[str, str]
    deadline: float
    test_share: float
    path: Path | None
    storage: Any = field(default=None, repr=False)

    def open(self, storage: Any, seed: int) -> dict[str, optuna.Study]:
        """Return the studies of a storage, with sampler and pruner."""
        studies = {}
        for number, side in enumerate(SIDES):
            sampler = optuna.samplers.TPESampler(seed=seed + number, n_startup_trials=_STARTUP)
            pruner = optuna.pruners.MedianPruner(_STARTUP, _WARM_UP, n_min_trials=_PEERS)
            studies[side] = optuna.load_study(
                study_name=self.studies[side], storage=storage, sampler=sampler, pruner=pruner
            )
        return studies
