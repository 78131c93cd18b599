"""Precedence of a user's request: threads that train give way until it is answered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

__all__ = ["Precedence"]

#: Seconds after which training goes on all the same.
_LONGEST = 1.0


class Precedence:
    """Lets one thread compute at full speed, where others would take turns with it.

    Examples
    --------
    >>> precedence = Precedence()
    >>> with precedence.taken():
    ...     pass  # threads that call `give_way` wait
    >>> precedence.give_way()
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._n_taken = 0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Have it; several may have it at once."""
        with self._changed:
            self._n_taken += 1
        try:
            yield
        finally:
            with self._changed:
                self._n_taken -= 1
                self._changed.notify_all()

    def give_way(self) -> None:
        """Wait while anyone has it."""
        with self._changed:
            self._changed.wait_for(lambda: not self._n_taken, _LONGEST)
