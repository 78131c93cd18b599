"""The file of a study: an SQLite database of Optuna, opened with care, shared by processes."""

from __future__ import annotations

import os
import sqlite3
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import optuna
from optuna.exceptions import DuplicatedStudyError
from optuna.trial import TrialState

__all__ = [
    "PATIENCE",
    "StudyError",
    "check_study_file",
    "damage_reported",
    "enqueue",
    "open_studies",
    "quiet",
]

_FINGERPRINT = "qmlplay search"
#: Seconds that a process waits while another one writes.
PATIENCE = 60


class StudyError(ValueError):
    """A study cannot be gone on with, and stays as it is."""


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
    qmlplay.search.study_file.StudyError: study (--study): '.' is a folder: ...
    """
    if path.is_dir():
        raise StudyError(
            f"study (--study): {str(path)!r} is a folder: give a file, such as "
            f"{str(path / 'study.db')!r}"
        )
    if not path.exists():
        _check_folder(path)
        return
    if not (os.access(path, os.R_OK | os.W_OK) and os.access(path.parent, os.W_OK)):
        raise StudyError(
            f"study (--study): {str(path)!r} cannot be written: change its permissions, or copy it "
            "to a folder of yours and give that copy"
        )
    if path.stat().st_size == 0:
        return
    tables = _tables(path)
    if tables and "studies" not in tables:
        raise StudyError(
            f"study (--study): {str(path)!r} is a database of something else (tables "
            f"{', '.join(sorted(tables)[:4])}), which stays as it is: give another file"
        )


def _check_folder(path: Path) -> None:
    if not path.parent.is_dir():
        raise StudyError(
            f"study (--study): there is no folder {str(path.parent)!r}: make it, or give a file "
            "in another one"
        )
    if not os.access(path.parent, os.W_OK):
        raise StudyError(
            f"study (--study): the folder {str(path.parent)!r} cannot be written: give a file in "
            "another one"
        )


def _tables(path: Path) -> set[str]:
    """Return the names of a database's tables, or say that it is none, or damaged."""
    try:
        with closing(
            sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=PATIENCE)
        ) as base:
            problem = base.execute("PRAGMA integrity_check(1)").fetchone()[0]
            names = base.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall()
    except sqlite3.DatabaseError as error:
        problem, names = str(error), []
    if problem != "ok":
        raise StudyError(
            f"study (--study): {str(path)!r} is damaged or no study ({problem}); it stays as it "
            "is: move it away to begin anew, or give another file"
        )
    return {name for (name,) in names}


@contextmanager
def damage_reported(path: Path | None) -> Iterator[None]:
    """Say of any error that a file makes while it is opened that it is damaged."""
    try:
        yield
    except StudyError:
        raise
    except Exception as error:
        if path is None:
            raise
        reason = f"{type(error).__name__}: {' '.join(str(error).split())}"[:200]
        raise StudyError(
            f"study (--study): {str(path)!r} is damaged or no study of this version ({reason}); "
            "move it away to begin anew, or give another file"
        ) from error


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
        raise StudyError(
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
    raise StudyError(
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
