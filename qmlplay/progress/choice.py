"""Whether a bar is drawn, and which one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from multiprocessing import current_process
from numbers import Integral
from threading import current_thread, main_thread

from qmlplay.progress.bars import Bar, Part, Progress, Silent, is_notebook

__all__ = ["Verbose", "check_verbose", "is_loud", "progress_bar"]

Verbose = int | str


def check_verbose(verbose: object) -> None:
    """Raise ValueError unless a value says whether progress is shown.

    Examples
    --------
    >>> check_verbose("auto"), check_verbose(0)
    (None, None)
    """
    is_count = isinstance(verbose, Integral) and int(verbose) >= 0
    if not is_count and not (isinstance(verbose, str) and verbose == "auto"):
        raise ValueError(f"verbose must be 'auto', 0 or a positive integer, got {verbose!r}")


def is_loud(verbose: Verbose) -> bool:
    """Return whether lines of text are wanted besides a bar; not from a worker process.

    Examples
    --------
    >>> is_loud("auto"), is_loud(0), is_loud(1)
    (False, False, True)
    """
    return verbose not in (0, "auto") and not _is_worker()


@contextmanager
def progress_bar(
    total: int | None, description: str, *, verbose: Verbose = "auto"
) -> Iterator[Progress]:
    """Show how far the work in a ``with`` block has come, and how much time is left.

    The bar is gone when the block fails or is interrupted. One that appeared by itself is gone in
    any case; one that was asked for stays, with the count it reached.

    Parameters
    ----------
    total : int or None
        Steps of the whole work; None where nobody knows: then no time left is shown.
    description : str
        Stands before the bar.
    verbose : int or "auto", default="auto"
        See `qmlplay.progress`; a positive integer asks for a bar.

    Yields
    ------
    Progress
        ``advance(note="loss=0.4")`` after every step.

    Raises
    ------
    ValueError
        If `verbose` is something else.

    Examples
    --------
    >>> with progress_bar(3, "counting") as progress:
    ...     for number in range(3):
    ...         progress.advance(note=f"last={number}")
    """
    check_verbose(verbose)
    bar = _choose(total, description, verbose)
    before = _OPEN.set(bar)
    finished = False
    try:
        yield bar
        finished = True
    finally:
        _OPEN.reset(before)
        bar.close(leave=finished and verbose != "auto")


_SILENT = Silent()
_OPEN: ContextVar[Progress | None] = ContextVar("open progress bar", default=None)


def _choose(total: int | None, description: str, verbose: Verbose) -> Progress:
    whole = _OPEN.get()
    if verbose == 0 or _is_worker():
        return _SILENT
    if isinstance(whole, Bar | Part):
        return Part(whole, total)
    if verbose == "auto":
        is_shown = whole is None and _someone_looks()
        return Bar(total, description, waits=True) if is_shown else _SILENT
    return Bar(total, description, waits=False)


def _is_worker() -> bool:
    return current_process().name != "MainProcess"


def _someone_looks() -> bool:
    if current_thread() is not main_thread():  # a server's or a widget's: it shows its own
        return False
    return is_notebook() or (sys.stderr is not None and sys.stderr.isatty())
