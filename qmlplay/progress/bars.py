"""The bars themselves: one that is drawn, one that tells another, and one for nobody."""

from __future__ import annotations

import sys
import warnings
from abc import ABC, abstractmethod
from threading import Event, RLock, Thread
from time import time
from typing import Any

__all__ = ["Bar", "Part", "Progress", "Silent", "is_notebook"]

#: Seconds of work before a bar appears by itself, between its drawings, and between the clock's.
DELAY, _INTERVAL, _TICK = 2.0, 0.1, 1.0


class Progress(ABC):
    """What a piece of work tells about how far it has come."""

    @abstractmethod
    def advance(self, amount: int = 1, note: str | None = None) -> None:
        """Count steps as done; a note, such as the loss, stays until the next one."""

    def tell(self, note: str) -> None:
        """Show a note where nothing is done yet, such as what comes next."""
        self.advance(0, note)

    @abstractmethod
    def tell_detail(self, detail: str) -> None:
        """Show how far a part of the present step has come, behind the note."""

    @abstractmethod
    def close(self, *, leave: bool) -> None:
        """Take the bar away or leave it where it is, drawn to its end."""


class Silent(Progress):
    """Nobody looks."""

    def advance(self, amount: int = 1, note: str | None = None) -> None:
        """Do nothing."""

    def tell_detail(self, detail: str) -> None:
        """Do nothing."""

    def close(self, *, leave: bool) -> None:
        """Do nothing."""


class Part(Progress):
    """Work inside other work, whose bar tells of it."""

    def __init__(self, whole: Progress, total: int | None) -> None:
        self._whole, self._total, self._n, self._note = whole, total, 0, ""

    def advance(self, amount: int = 1, note: str | None = None) -> None:
        """Tell the whole."""
        self._n += amount
        self._note = self._note if note is None else note
        count = str(self._n) if self._total is None else f"{self._n}/{self._total}"
        self._whole.tell_detail(", ".join(filter(None, (count, self._note))))

    def tell_detail(self, detail: str) -> None:
        """Tell the whole, which has one line for all."""
        self._whole.tell_detail(detail)

    def close(self, *, leave: bool) -> None:
        """Leave nothing behind the note of the whole."""
        self._whole.tell_detail("")


class Bar(Progress):
    """A bar of tqdm's, made when it is first drawn."""

    def __init__(self, total: int | None, description: str, *, waits: bool) -> None:
        self._total, self._description = total, description
        self._n, self._note, self._detail = 0, "", ""
        self._start = time()
        self._next = self._start + (DELAY if waits else 0.0)
        self._tqdm: Any = None
        self._lock, self._closed = RLock(), Event()
        # In a terminal a clock draws too, as one step may take minutes. A notebook's widgets are
        # drawn by the thread that runs the cell alone.
        self._clock = None if is_notebook() else Thread(target=self._tick, daemon=True)
        self._draw_if_due()
        if self._clock is not None:
            self._clock.start()

    def advance(self, amount: int = 1, note: str | None = None) -> None:
        """Count, and draw if the last drawing is old enough."""
        self._n += amount
        if note is not None:
            self._note, self._detail = note, ""
        self._draw_if_due()

    def tell_detail(self, detail: str) -> None:
        """Draw if the last drawing is old enough."""
        self._detail = detail
        self._draw_if_due()

    def close(self, *, leave: bool) -> None:
        """Stop the clock and finish the bar."""
        self._closed.set()
        if self._clock is not None:
            self._clock.join(timeout=1.0)  # it ends at once, unless Ctrl-C hurt tqdm's own lock
        if self._tqdm is None:
            return
        self._tqdm.leave = leave
        # It may have ended early, and a notebook keeps a bar that stands half way, in red.
        if leave and self._n != self._total:
            self._tqdm.reset(self._n)
        self._tqdm.total = self._n
        if leave:
            self._draw()
        self._tqdm.close()

    def _tick(self) -> None:
        while not self._closed.wait(max(self._next - time(), _TICK)):
            self._draw_if_due()

    def _draw_if_due(self) -> None:
        if time() >= self._next:
            self._draw()

    def _draw(self) -> None:
        with self._lock:
            if self._tqdm is None:
                make = _tqdm_class()
                self._tqdm = make(
                    total=self._total,
                    desc=self._description,
                    dynamic_ncols=True,
                    smoothing=0,
                    delay=1e-9,  # what stands at 0 % is not worth drawing
                )
            self._tqdm.start_t = self._start  # the time left is told from the time taken so far
            self._tqdm.n = self._n
            told = ", ".join(filter(None, (self._note, self._detail)))
            self._tqdm.set_postfix_str(_printable(told), refresh=False)
            with self._tqdm.get_lock():  # unlike tqdm's own refresh, this lets go after Ctrl-C
                self._tqdm.refresh(nolock=True)
            self._next = time() + _INTERVAL


def is_notebook() -> bool:
    """Return whether this is the kernel of a notebook."""
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return shell is not None and "IPKernelApp" in shell.config


def _tqdm_class() -> Any:
    if not is_notebook():
        from tqdm import tqdm

        return tqdm
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # without ipywidgets it is a plain bar, and well enough
        from tqdm.auto import tqdm
    return tqdm


def _printable(text: str) -> str:
    """Return a text without control characters: names of datasets come from files."""
    return "".join(c if c.isprintable() else "?" for c in text)
