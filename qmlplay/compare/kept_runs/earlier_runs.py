"""Finished runs of an earlier comparison: put aside, or removed when it has come to its end."""

from __future__ import annotations

import os
import shutil
from os import PathLike
from pathlib import Path

from qmlplay.compare.kept_runs.folder_lock import FolderLock

__all__ = ["FOLDER_NAME", "RUN", "begin_anew", "forget_runs"]

#: The folder inside of that which the user names.
FOLDER_NAME = "finished_runs"
#: The ending of a finished run's file.
RUN = ".run"


def begin_anew(folder: str | PathLike[str]) -> Path | None:
    """Put finished runs of an earlier comparison aside; return where they are, if there are any.

    Raises
    ------
    ValueError
        If another process uses them.
    """
    runs, aside = Path(folder) / FOLDER_NAME, Path(folder) / "finished_runs-before"
    if not runs.is_dir():
        return None
    FolderLock(runs / "lock").release()
    if not any(runs.glob(f"*{RUN}")):
        return None
    shutil.rmtree(aside, ignore_errors=True)
    os.replace(runs, aside)
    return aside


def forget_runs(folder: str | PathLike[str]) -> None:
    """Remove the finished runs of a comparison that has come to its end."""
    shutil.rmtree(Path(folder) / FOLDER_NAME, ignore_errors=True)
