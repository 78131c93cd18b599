"""Progress bars: only where work takes long, and only where a person looks.

With ``verbose="auto"`` a bar appears once the work has taken more than two seconds, if standard
error is a terminal or the code runs in a notebook; with 1 it appears at once and wherever standard
error goes; with 0 never. Worker processes draw nothing, and of nested bars only the outermost is
drawn. The environment variable ``TQDM_DISABLE=1`` switches all of them off, if it is set before
Python starts.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from multiprocessing import current_process
from threading import current_thread, main_thread
from typing import Any

from qmlplay.checks import is_flag, is_integer

__all__ = ["Progress", "Verbose", "check_verbose", "is_loud", "progress_bar"]

Verbose = int | str

#: Seconds of work before a bar appears by itself.
DELAY = 2.0


class Progress:
    """The progress of a piece of work: on a bar, in the note of an outer bar, or not shown."""

    def __init__(
        self, total: int | None = None, *, bar: Any = None, outer: Progress | None = None
    ) -> None:
        self.is_shown = bar is not None or outer is not None
        self._total, self._bar, self._outer = total, bar, outer
        self._n, self._note, self._detail = 0, "", ""

    def advance(self, amount: int = 1, note: str | None = None) -> None:
        """Count steps as done; a note, such as the loss, stays until the next one."""
        self._n += amount
        if note is not None:
            self._note, self._detail = note, ""
        text = ", ".join(filter(None, (self._note, self._detail)))
        if self._outer is not None:
            count = str(self._n) if self._total is None else f"{self._n}/{self._total}"
            self._outer.tell_detail(f"{count}, {text}" if text else count)
        elif self._bar is not None:
            self._bar.set_postfix_str(_printable(text), refresh=False)
            self._bar.update(amount)

    def tell(self, note: str) -> None:
        """Show a note where nothing is done yet, such as what comes next."""
        self.advance(0, note)

    def tell_detail(self, detail: str) -> None:
        """Show how far a part of the present step has come, behind the note."""
        self._detail = detail
        self.advance(0)

    def close(self, *, leave: bool) -> None:
        """Take the bar away or leave it where it is, drawn to its end."""
        if self._bar is None or self._bar.disable:
            return
        start = self._bar.start_t
        if leave and self._n != self._total:  # a notebook keeps a bar that ended early, in red
            self._bar.reset(self._n)
        self._bar.n = self._bar.total = self._n
        self._bar.start_t, self._bar.leave = start, leave
        self._bar.close()


def check_verbose(verbose: object) -> None:
    """Raise ValueError unless a value says whether progress is shown.

    Examples
    --------
    >>> check_verbose("auto"), check_verbose(0)
    (None, None)
    """
    is_auto = isinstance(verbose, str) and verbose == "auto"
    if not (is_auto or is_flag(verbose) or is_integer(verbose, 0)):
        raise ValueError(f"verbose must be 'auto', 0 or a positive integer, got {verbose!r}")


def is_loud(verbose: Verbose) -> bool:
    """Return whether lines of text are wanted besides a bar; not from a worker process.

    Examples
    --------
    >>> is_loud("auto"), is_loud(0), is_loud(1)
    (False, False, True)
    """
    return verbose not in (0, "auto") and not _is_worker()


_OPEN: ContextVar[Progress | None] = ContextVar("open progress", default=None)


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
    progress = _choose(total, description, verbose)
    before = _OPEN.set(progress)
    finished = False
    try:
        yield progress
        finished = True
    finally:
        _OPEN.reset(before)
        progress.close(leave=finished and verbose != "auto")


def _choose(total: int | None, description: str, verbose: Verbose) -> Progress:
    outer = _OPEN.get()
    if verbose == 0 or _is_worker() or sys.stderr is None:
        return Progress()
    if outer is not None and outer.is_shown:
        return Progress(total, outer=outer)
    if verbose == "auto" and (outer is not None or not _someone_looks()):
        return Progress()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # without ipywidgets a plain bar is good enough
        from tqdm.auto import tqdm
    # Without smoothing the time left follows from all the time taken; without a least number of
    # steps a bar is drawn at every update, ten times a second at most.
    delay = DELAY if verbose == "auto" else 0.0
    options = {"delay": delay, "dynamic_ncols": True, "smoothing": 0, "miniters": 0}
    return Progress(total, bar=tqdm(total=total, desc=description, **options))


def _is_notebook() -> bool:
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return shell is not None and "IPKernelApp" in shell.config


def _is_worker() -> bool:
    return current_process().name != "MainProcess"


def _someone_looks() -> bool:
    if current_thread() is not main_thread():  # a server's or a widget's: it shows its own
        return False
    return _is_notebook() or sys.stderr.isatty()


def _printable(text: str) -> str:
    """Return a text without control characters: names of datasets come from files."""
    return "".join(character if character.isprintable() else "?" for character in text)
