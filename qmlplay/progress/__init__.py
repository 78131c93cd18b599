"""Progress bars: only where work takes long, and only where a person looks.

With ``verbose="auto"`` a bar appears once the work has taken more than two seconds, if standard
error is a terminal or the code runs in a notebook; in a pipe or a file there is a line of text
every ten seconds instead. With 1 a bar appears at once and wherever standard error goes; with 0
nothing does. Worker processes and threads show nothing, and of nested bars only the outermost is
shown. The environment variable ``TQDM_DISABLE=1`` switches all of them off, if it is set before
Python starts.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from contextvars import ContextVar
from multiprocessing import current_process
from threading import Event, Thread, current_thread, main_thread
from time import perf_counter

from qmlplay.checks import is_flag, is_integer
from qmlplay.progress.state import Progress, duration

__all__ = [
    "Progress",
    "Verbose",
    "announce",
    "check_verbose",
    "duration",
    "is_loud",
    "progress_bar",
]

Verbose = int | str

#: Seconds of work before a bar appears by itself.
DELAY = 2.0
#: Seconds between two lines of text where no bar can be drawn.
LINE_EVERY = 10.0


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


def announce(text: str, verbose: Verbose) -> None:
    """Print a line before some work begins, where its progress will be shown.

    In a notebook, whose cells are kept, the bar alone has to do.

    Examples
    --------
    >>> announce("at most about 2 min", verbose=0)
    """
    is_wanted = verbose != 0 and sys.stderr is not None and _OPEN.get() is None
    if is_wanted and current_thread() is main_thread() and not _is_worker() and not _is_notebook():
        print(text, file=sys.stderr, flush=True)


_OPEN: ContextVar[Progress | None] = ContextVar("open progress", default=None)


@contextmanager
def progress_bar(
    total: int | None,
    description: str,
    *,
    verbose: Verbose = "auto",
    shares: Sequence[float] | None = None,
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
    shares : sequence of float of length `total`, optional
        How much time each step is expected to take, in any unit; lines of text tell the time
        left by it.

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
    progress = _choose(total, description, verbose, shares)
    before = _OPEN.set(progress)
    finished = False
    try:
        with _lines_of(progress, description) if progress.has_lines else nullcontext():
            yield progress
        finished = True
    finally:
        _OPEN.reset(before)
        progress.close(leave=finished and verbose != "auto")


@contextmanager
def _lines_of(progress: Progress, description: str) -> Iterator[None]:
    """Write a line of text every ten seconds, from a thread of its own, until the work ends."""
    ended, start = Event(), perf_counter()

    def write() -> None:
        while not ended.wait(LINE_EVERY):
            with suppress(OSError, ValueError):  # the reader of the pipe has gone
                print(
                    progress.line(description, perf_counter() - start), file=sys.stderr, flush=True
                )

    thread = Thread(target=write, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _choose(
    total: int | None, description: str, verbose: Verbose, shares: Sequence[float] | None
) -> Progress:
    outer = _OPEN.get()
    if verbose == 0 or _is_worker() or sys.stderr is None:
        return Progress()
    if outer is not None and outer.is_shown:
        return Progress(total, outer=outer)
    if verbose == "auto" and (outer is not None or current_thread() is not main_thread()):
        return Progress()  # a server's or a widget's thread shows its own
    if verbose == "auto" and not _someone_looks():
        is_on = os.environ.get("TQDM_DISABLE", "") in ("", "0")
        return Progress(total, shares=shares, has_lines=True) if is_on else Progress()
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
    from IPython import get_ipython  # waits where another thread is loading it

    shell = get_ipython()
    return shell is not None and "IPKernelApp" in shell.config


def _is_worker() -> bool:
    return current_process().name != "MainProcess"


def _someone_looks() -> bool:
    return _is_notebook() or sys.stderr.isatty()
