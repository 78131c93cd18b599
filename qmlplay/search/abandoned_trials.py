"""Abandoned trials: those whose process has died in the middle, found and marked as failed."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from datetime import datetime, timedelta

import optuna
import psutil
from optuna.exceptions import StorageInternalError, UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState

__all__ = ["fail_abandoned", "process_name"]

#: Seconds after its own limit from which on a trial of another machine is taken for given up.
_GRACE = 60


def process_name() -> str:
    """Return what names this process among all that there ever are."""
    pid = os.getpid()
    return f"{socket.gethostname()}/{pid}/{psutil.Process(pid).create_time():.2f}"


def fail_abandoned(study: optuna.Study) -> list[int]:
    """Mark trials as failed whose process has died in the middle; return their numbers."""
    given_up = []
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        if _is_abandoned(trial):
            with suppress(UpdateFinishedTrialError, StorageInternalError):  # another one was first
                study._storage.set_trial_user_attr(trial._trial_id, "abandoned", True)
                study.tell(trial.number, state=TrialState.FAIL)
                given_up.append(trial.number)
    return given_up


def _is_abandoned(trial: FrozenTrial) -> bool:
    host, pid, created = [*str(trial.user_attrs.get("process", "")).split("/"), "", ""][:3]
    if host == socket.gethostname() and pid.isdigit():
        try:
            return bool(abs(psutil.Process(int(pid)).create_time() - float(created)) > 1)
        except psutil.NoSuchProcess:
            return True
    seconds = float(trial.user_attrs.get("limit", 0)) + _GRACE
    start = trial.datetime_start or datetime.min
    return datetime.now() - start > timedelta(seconds=seconds)
