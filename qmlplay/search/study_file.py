"""The file of a study: an SQLite database of Optuna, opened with care, shared by processes."""

from __future__ import annotations

import os
import socket
import sqlite3
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import optuna
import psutil
from optuna.exceptions import DuplicatedStudyError, StorageInternalError, UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState

__all__ = [
    "check_study_file",
    "close_storage",
    "enqueue",
    "fail_abandoned",
    "open_storage",
    "open_studies",
    "process_name",
    "quiet",
]

_FINGERPRINT = "qmlplay search"
#: Seconds that a process waits while another one writes.
_PATIENCE = 60
#: Seconds after its own limit from which on a trial of another machine is taken for given up.
_GRACE = 60


@contextmanager
def quiet() -> Iterator[None]:
    """Let Optuna say nothing of single trials, nor of what is experimental in it."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(before)


def check_study_file(path: Path) -> None:
    """Raise ValueError where a file cannot be the study of a search; change nothing.

    Examples
    --------
    >>> check_study_file(Path("."))
    Traceback (most recent call last):
        ...
    ValueError: study (--study): '.' is a folder: give a file, such as 'study.db'
    """
    if path.is_dir():
        raise ValueError(
            f"study (--study): {str(path)!r} is a folder: give a file, such as "
            f"{str(path / 'study.db')!r}"
        )
    if not path.exists():
        _check_folder(path)
        return
    if not (os.access(path, os.R_OK | os.W_OK) and os.access(path.parent, os.W_OK)):
        raise ValueError(
            f"study (--study): {str(path)!r} cannot be written: change its permissions, or copy it "
            "to a folder of yours and give that copy"
        )
    if path.stat().st_size == 0:
        return
    tables = _tables(path)
    if tables and "studies" not in tables:
        raise ValueError(
            f"study (--study): {str(path)!r} is a database of something else (tables "
            f"{', '.join(sorted(tables)[:4])}), which stays as it is: give another file"
        )


def _check_folder(path: Path) -> None:
    if not path.parent.is_dir():
        raise ValueError(
            f"study (--study): there is no folder {str(path.parent)!r}: make it, or give a file "
            "in another one"
        )
    if not os.access(path.parent, os.W_OK):
        raise ValueError(
            f"study (--study): the folder {str(path.parent)!r} cannot be written: give a file in "
            "another one"
        )


def _tables(path: Path) -> set[str]:
    """Return the names of a database's tables, or say that it is none, or damaged."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=_PATIENCE)) as base:
            problem = base.execute("PRAGMA quick_check(1)").fetchone()[0]
            names = base.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall()
    except sqlite3.DatabaseError as error:
        problem, names = str(error), []
    if problem != "ok":
        raise ValueError(
            f"study (--study): {str(path)!r} is damaged or no study ({problem}); it stays as it "
            "is: move it away to begin anew, or give another file"
        )
    return {name for (name,) in names}


def open_storage(path: Path | None) -> Any:
    """Return Optuna's storage of a file, or in memory where there is none."""
    if path is None:
        return optuna.storages.InMemoryStorage()
    from sqlalchemy import event

    options = {"connect_args": {"timeout": _PATIENCE}}
    try:
        _write_ahead(path)
        storage = optuna.storages.RDBStorage(f"sqlite:///{path}", engine_kwargs=options)
        event.listen(storage.engine, "connect", _be_quick)
        storage.engine.dispose()  # so that every connection is a quick one
        return storage
    except (RuntimeError, StorageInternalError) as error:
        raise ValueError(
            f"study (--study): {str(path)!r} cannot be opened by Optuna {optuna.__version__}: "
            f"{error}"
        ) from error
    except Exception as error:
        if type(error).__module__.split(".")[0] != "sqlalchemy":
            raise
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"study (--study): {str(path)!r} cannot be used ({reason}): give another file"
        ) from error


def _write_ahead(path: Path) -> None:
    """Let readers not wait for writers, and writers not for the disk, where that is possible.

    A killed process loses nothing by that.
    """
    with closing(sqlite3.connect(path, timeout=_PATIENCE)) as base, suppress(sqlite3.Error):
        base.execute("PRAGMA journal_mode=WAL")


def _be_quick(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA synchronous=NORMAL")


def close_storage(storage: Any) -> None:
    """Close what is open of a file."""
    if isinstance(storage, optuna.storages.RDBStorage):
        storage.remove_session()
        storage.engine.dispose()


def open_studies(
    storage: Any, names: list[str], expected: Mapping[str, str], path: Path | None
) -> dict[str, optuna.Study]:
    """Return the studies of those names, new ones where there are none.

    Raises
    ------
    ValueError
        If there are others, or they belong to another table or to other settings.
    """
    known = [study.study_name for study in storage.get_all_studies()]
    others = [name for name in known if not name.startswith(_FINGERPRINT)]
    if others and len(others) == len(known):
        raise ValueError(
            f"study (--study): {str(path)!r} holds the study {others[0]!r} of something else, "
            "which stays as it is: give another file"
        )
    studies = {}
    for name in names:
        full = f"{_FINGERPRINT}: {name}"
        with suppress(DuplicatedStudyError):
            optuna.create_study(storage=storage, study_name=full, direction="maximize")
        study = optuna.load_study(storage=storage, study_name=full)
        if _FINGERPRINT not in study.user_attrs:
            study.set_user_attr(_FINGERPRINT, dict(expected))
        _check_fingerprint(study.user_attrs[_FINGERPRINT], expected, path)
        studies[name] = study
    return studies


def _check_fingerprint(known: Any, expected: Mapping[str, str], path: Path | None) -> None:
    if not isinstance(known, dict):
        known = {}
    different = [part for part, value in expected.items() if known.get(part) != value]
    if not different:
        return
    if "table" in different:
        what = "another table (other rows, columns or labels)"
    else:
        what = f"other settings ({', '.join(different)})"
    raise ValueError(
        f"study (--study): {str(path)!r} belongs to a search with {what}: give the file of this "
        "search, or a new one"
    )


def enqueue(study: optuna.Study, choices: Iterable[Mapping[str, Any]]) -> None:
    """Let a study begin with these choices, but for those that it has tried or is about to try."""
    known = [
        trial.system_attrs.get("fixed_params", trial.params)
        for trial in study.get_trials(deepcopy=False)
        if trial.state != TrialState.FAIL or "abandoned" not in trial.user_attrs
    ]
    for choice in choices:
        if dict(choice) not in known:
            study.enqueue_trial(dict(choice))


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
