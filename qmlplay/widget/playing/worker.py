"""Threads that need no attention, yet are not cut off when Python exits."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from threading import Lock, Thread

from qmlplay.backends import backend_info

__all__ = ["LAST_SECONDS", "Worker", "load_simulator"]

#: Seconds that Python's exit waits for one.
LAST_SECONDS = 10.0
_LOADING = Lock()


def load_simulator(name: str) -> None:
    """Load a simulator, once and for all threads: before those of a run begin to use it.

    Where the threads of a run imported Qiskit Aer themselves, side by side, it crashed later.

    Raises
    ------
    ImportError
        If it is not installed; the text is the command to type.
    """
    with _LOADING:
        backend_info(name).load()


class Worker(Thread):
    """A daemon thread that is asked to end when Python exits, and waited for.

    A thread that is killed inside a library's C++ code can abort the whole process.

    Parameters
    ----------
    work : callable
        What to do.
    name : str
    end : callable, optional
        Called at exit, to make `work` return soon.
    """

    def __init__(
        self, work: Callable[[], None], name: str, end: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._work, self._end = work, end

    def start(self) -> None:
        """Begin; from now on Python's exit waits."""
        atexit.register(self._at_exit)
        super().start()

    def run(self) -> None:
        """Do the work."""
        try:
            self._work()
        finally:
            atexit.unregister(self._at_exit)

    def _at_exit(self) -> None:
        self._end()
        self.join(LAST_SECONDS)
