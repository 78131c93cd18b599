"""Stored runs: what has to survive a killed process, in a folder of the user's.

A run is a JSON file, ``<key>.run.json``, and files of plain arrays beside it. The JSON file is
written before anything is posted, again when a job's id is known, and again with the result; every
time whole, to a temporary file that takes the place of the old one. Nothing secret is in it.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qmlplay._version import __version__
from qmlplay.ibm.errors import StoreError, UnknownRunError
from qmlplay.model.archive import Arrays, from_npz, to_npz, write_whole

__all__ = [
    "damaged",
    "folder",
    "new_key",
    "now",
    "path_of",
    "read_arrays",
    "read_record",
    "remove",
    "stored_keys",
    "write_arrays",
    "write_record",
]

FORMAT = "qmlplay-ibm-run"
VERSION = 1
_KEY = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}")


def folder() -> Path:
    """Return the folder of the runs: ``ibm`` in $QMLPLAY_HOME, or in the user's data folder."""
    if home := os.environ.get("QMLPLAY_HOME"):
        return Path(home) / "ibm"
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "qmlplay" / "ibm"


def new_key() -> str:
    """Return a new key, by which runs sort in the order of their beginning."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"


def now() -> str:
    """Return date and time, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def stored_keys(kind: str = "run") -> list[str]:
    """Return the keys of all stored runs, the newest first."""
    ending = f".{kind}.json"
    keys = (file.name.removesuffix(ending) for file in folder().glob(f"*{ending}"))
    return sorted((key for key in keys if _KEY.fullmatch(key)), reverse=True)


def write_record(key: str, content: dict[str, Any], kind: str = "run") -> None:
    """Write the JSON file of a run (or of something else), in place of the one before."""
    document = {"format": FORMAT, "version": VERSION, "qmlplay_version": __version__}
    text = json.dumps(document | {kind: content}, indent=1, allow_nan=False, ensure_ascii=False)
    _replace(path_of(key, f"{kind}.json"), text.encode())


def read_record(key: str, kind: str = "run") -> dict[str, Any]:
    """Return what `write_record` wrote.

    Raises
    ------
    UnknownRunError
        If there is no such run.
    StoreError
        If the file is damaged or from a newer version; it is left as it is.
    """
    file = path_of(key, f"{kind}.json")
    if not file.is_file():
        raise UnknownRunError(
            f"there is no stored {kind} {key!r} in {folder()}: qmlplay.ibm.list_{kind}s() lists "
            f"all; $QMLPLAY_HOME chooses the folder"
        )
    try:
        document = json.loads(file.read_bytes())
        is_ours = document["format"] == FORMAT
        version, content = document["version"], document[kind]
    except (KeyError, RecursionError, TypeError, ValueError) as error:
        raise damaged(file, error) from error
    if not is_ours or not isinstance(version, int) or not isinstance(content, dict):
        raise damaged(file, "no run of qmlplay")
    if version > VERSION:
        raise StoreError(
            f"{file} was written by qmlplay {document.get('qmlplay_version')} in format {version}, "
            f"and qmlplay {__version__} reads formats up to {VERSION}; it is left as it is: "
            f"pip install --upgrade qmlplay"
        )
    return content


def damaged(file: Path, why: object) -> StoreError:
    """Return the error for a file that cannot be read, and where its jobs are to be found."""
    return StoreError(
        f"{file} is damaged ({why}); it is left as it is. Jobs that were posted are safe at IBM: "
        f"find them by the tag 'qmlplay-{file.stem.split('.')[0]}-0' on "
        f"https://quantum.cloud.ibm.com/workloads"
    )


def write_arrays(key: str, name: str, arrays: Arrays) -> None:
    """Write arrays of numbers beside a run's JSON file, as ``<key>.<name>.npz``."""
    assert all(array.dtype.kind in "biuf" for array in arrays.values())
    _replace(path_of(key, f"{name}.npz"), to_npz(arrays))


def read_arrays(key: str, name: str) -> Arrays:
    """Return what `write_arrays` wrote.

    Raises
    ------
    StoreError
        If the file is missing or damaged.
    """
    file = path_of(key, f"{name}.npz")
    try:
        return from_npz(file.read_bytes())
    except (OSError, ValueError) as error:
        raise damaged(file, error) from error


def remove(key: str) -> None:
    """Remove all files of a run."""
    path_of(key, "run.json").unlink(missing_ok=True)  # first, so that no half of a run is found
    for file in folder().glob(f"{key}.*"):
        file.unlink(missing_ok=True)


def path_of(key: str, ending: str) -> Path:
    """Return the path of one of the files of a run.

    Raises
    ------
    UnknownRunError
        If that is no key.
    """
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise UnknownRunError(
            f"{key!r} is no key of a run, such as '20260131-120000-0a1b2c3d': "
            f"qmlplay.ibm.list_runs() lists all"
        )
    return folder() / f"{key}.{ending}"


def _replace(target: Path, data: bytes) -> None:
    """Write a file whole or not at all, and make sure that it is on the disk."""
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, data, advice="set QMLPLAY_HOME to a folder that you may write to")
    _sync_folder(target.parent)


def _sync_folder(parent: Path) -> None:
    """Make sure that a file's new name is on the disk too, where the system can."""
    with suppress(OSError):
        handle = os.open(parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
