"""The storage of studies: Optuna's, in a file that several processes open at once, or in memory."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import optuna
from optuna.exceptions import StorageInternalError

from qmlplay.search.study_file import PATIENCE, StudyError

__all__ = ["close_storage", "closed_on_error", "open_storage"]

#: How often opening is tried.
_ATTEMPTS = 8


def open_storage(path: Path | None) -> Any:
    """Return Optuna's storage of a file, or in memory where there is none."""
    if path is None:
        return optuna.storages.InMemoryStorage()
    try:
        return _opened(path)
    except RuntimeError as error:  # of another version of Optuna
        raise StudyError(
            f"study (--study): {str(path)!r} cannot be opened by Optuna {optuna.__version__}: "
            f"{error}"
        ) from error


def _opened(path: Path) -> Any:
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import QueuePool

    def connection() -> sqlite3.Connection:
        return _connection(path)

    # Not by an address: a file's name may have a question mark or a brace in it.
    options = {"creator": connection, "poolclass": QueuePool}
    for attempt in range(_ATTEMPTS):
        try:
            return optuna.storages.RDBStorage("sqlite:///", engine_kwargs=options)
        except (SQLAlchemyError, StorageInternalError):
            # Another process makes the same file at this moment, and Optuna is not prepared.
            if attempt == _ATTEMPTS - 1:
                raise
            time.sleep(0.1 * (1 + attempt))
    raise AssertionError


def _connection(path: Path) -> sqlite3.Connection:
    """Connect to a file so that nobody waits for the disk, and readers not for writers.

    A killed process loses nothing by that.
    """
    connection = sqlite3.connect(path, timeout=PATIENCE, check_same_thread=False)
    with suppress(sqlite3.Error):  # not on every disk
        connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection


def close_storage(storage: Any) -> None:
    """Close what is open of a file."""
    if isinstance(storage, optuna.storages.RDBStorage):
        storage.remove_session()
        storage.engine.dispose()


@contextmanager
def closed_on_error(storage: Any) -> Iterator[None]:
    """Close what is open of a file where it turns out to be of no use."""
    try:
        yield
    except BaseException:
        close_storage(storage)
        raise
