"""The run of one trial: its choice, whether there is time for it, its scores, and what is noted."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import TrialState

from qmlplay.search.abandoned_trials import process_name
from qmlplay.search.classical_space import classical_estimator, suggest_classical
from qmlplay.search.inner_validation import validate
from qmlplay.search.search_part import SearchPart
from qmlplay.search.space import quantum_estimator
from qmlplay.search.trial_cost import trial_cost

__all__ = ["FINISHED", "TOO_SLOW", "run_trial"]

#: States of trials that tell something.
FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)
TOO_SLOW = "too slow for the time left"
#: The largest share of the time left that one trial may take; the first of a side may take more.
_SHARE, _FIRST_SHARE = 0.25, 0.5


def run_trial(
    part: SearchPart, side: str, study: optuna.Study, folds: Sequence[Any], left: float
) -> bool:
    """Run one trial; return False where this side has none that fits into the time."""
    trial = study.ask()
    trial.set_user_attr("process", process_name())
    start = time.time()
    state, value = TrialState.FAIL, None
    note: dict[str, Any] = {}
    try:
        estimator = _estimator(part, side, trial)
        if _is_repeated(study, trial):
            note["skipped"] = "the same settings as an earlier trial"
            return True
        has_any = bool(study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)))
        limit = (_SHARE if has_any else _FIRST_SHARE) * left
        forecast, note["work"] = trial_cost(part, side, study, trial.params, estimator, folds)
        if forecast is not None and forecast > limit:
            note |= {"skipped": TOO_SLOW, "forecast": round(forecast, 3)}
            state = TrialState.PRUNED  # so that the sampler looks elsewhere
            return has_any or _is_waiting(study)
        trial.set_user_attr("limit", round(limit, 3))
        metric, step = part.settings.metric, _first_step(part, trial.params)
        result = validate(estimator, part.X, part.y, folds, metric, trial, limit, step)
        note |= {"fold_scores": result.scores, "fold_seconds": result.seconds}
        state, value = TrialState.COMPLETE, result.mean
    except optuna.TrialPruned as pruned:
        state, note["pruned"] = TrialState.PRUNED, str(pruned)
    except Exception as error:  # of a setting that does not fit the data, for instance
        note["error"] = f"{type(error).__name__}: {' '.join(str(error).split())}"[:500]
    finally:
        note["seconds"] = round(time.time() - start, 4)
        _finish(study, trial, state, value, note)
    return True


def _estimator(part: SearchPart, side: str, trial: optuna.Trial) -> Any:
    settings = part.settings
    if side == "quantum":
        settings.space.suggest(trial, settings.shape)
        return quantum_estimator(trial.params, settings.prototype, settings.shape)
    suggest_classical(trial, settings.baselines, settings.n_fewest)
    return classical_estimator(trial.params, settings.shape, settings.random_state)


def _is_repeated(study: optuna.Study, trial: optuna.Trial) -> bool:
    """Return whether a trial of a lower number is, or was, about the same settings."""
    states = (*FINISHED, TrialState.RUNNING)
    earlier = study.get_trials(deepcopy=False, states=states)
    return any(t.number < trial.number and t.params == trial.params for t in earlier)


def _first_step(part: SearchPart, params: Mapping[str, Any]) -> int:
    """Return a step that only trials of the same kind of model have: they are compared there."""
    baselines = part.settings.baselines
    return 1_000_000 * (1 + (baselines.index(params["model"]) if "model" in params else 0))


def _is_waiting(study: optuna.Study) -> bool:
    return bool(study.get_trials(deepcopy=False, states=(TrialState.WAITING,)))


def _finish(
    study: optuna.Study,
    trial: optuna.Trial,
    state: TrialState,
    value: float | None,
    note: dict[str, Any],
) -> None:
    if value is not None and not np.isfinite(value):
        state, value, note["error"] = TrialState.FAIL, None, "its score is not finite"
    try:
        for name, entry in note.items():
            trial.set_user_attr(name, entry)
        study.tell(trial, value, state=state)
    except UpdateFinishedTrialError:  # another process took it for given up
        pass
