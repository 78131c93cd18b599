"""The storage of studies: Optuna's, in a file that several processes open at once, or in memory."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
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
    from sqlalchemy import event
    from sqlalchemy.exc import SQLAlchemyError

    options = {"connect_args": {"timeout": PATIENCE}}
    for attempt in range(_ATTEMPTS):
        try:
            _write_ahead(path)
            storage = optuna.storages.RDBStorage(f"sqlite:///{path}", engine_kwargs=options)
            break
        except (SQLAlchemyError, StorageInternalError):
            # Another process makes the same file at this moment, and Optuna is not prepared.
            if attempt == _ATTEMPTS - 1:
                raise
            time.sleep(0.1 * (1 + attempt))
    event.listen(storage.engine, "connect", _be_quick)
    storage.engine.dispose()  # so that every connection is a quick one
    return storage


def _write_ahead(path: Path) -> None:
    """Let readers not wait for writers, and writers not for the disk, where that is possible.

    A killed process loses nothing by that.
    """
    with closing(sqlite3.connect(path, timeout=PATIENCE)) as base, suppress(sqlite3.Error):
        base.execute("PRAGMA journal_mode=WAL")


def _be_quick(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA synchronous=NORMAL")


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
