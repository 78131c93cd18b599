"""Output files of a command: whether they can be written, found out before any work is done."""

from __future__ import annotations

import tempfile
from pathlib import Path

from qmlplay.compare.comparison import Comparison

__all__ = ["check_file", "check_folder", "save_copies"]


def check_folder(option: str, folder: Path) -> None:
    """Find out before any work is done whether a folder can be written to; change nothing.

    Raises
    ------
    ValueError
        Naming the option, what is in the way, and what to do.
    """
    ancestor = folder
    while not ancestor.exists():
        ancestor = ancestor.parent
    if not ancestor.is_dir():
        raise ValueError(
            f"{option}: cannot write into {str(folder)!r}, as {str(ancestor)!r} is a file and not "
            f"a folder: choose another place with {option}"
        )
    try:
        with tempfile.TemporaryFile(dir=ancestor):
            pass
    except OSError as error:
        raise ValueError(
            f"{option}: cannot write into {str(folder)!r} ({error.strerror}): choose another "
            f"place with {option}"
        ) from error


def check_file(option: str, file: Path | None) -> None:
    """Find out before any work is done whether a file can be written; change nothing.

    Raises
    ------
    ValueError
        Naming the option, what is in the way, and what to do.
    """
    if file is None:
        return
    if file.is_dir():
        raise ValueError(
            f"{option}: {str(file)!r} is a folder: give a file, such as "
            f"{str(file / 'result')!r}, with {option}"
        )
    check_folder(option, file.parent)


def save_copies(
    comparison: Comparison, csv_file: Path | None, html_file: Path | None
) -> list[Path]:
    """Write the table and the page where they are asked for; return the files written."""
    written = [file for file in (csv_file, html_file) if file is not None]
    for file in written:
        file.parent.mkdir(parents=True, exist_ok=True)
    if csv_file is not None:
        comparison.table.to_csv(csv_file, index=False)
    if html_file is not None:
        comparison.to_html(html_file)
    return written
