"""The audience: pages report while they are open, so that nothing trains for nobody."""

from __future__ import annotations

from time import monotonic

__all__ = ["Audience"]

#: Seconds of silence after which a page counts as closed; browsers let a page in the background
#: report once a minute.
_PATIENCE = 150.0
#: Seconds that a page which was left still counts: a reload takes no longer.
_RELOAD = 5.0


class Audience:
    """The pages that show a playground.

    Attributes
    ----------
    is_missed : bool
        Whether training was paused because no page was open; it goes on for the next one.
    """

    def __init__(self) -> None:
        self._open_until: dict[str, float] = {}
        self._had_any = False
        self.is_missed = False

    def alive(self, view: str) -> None:
        """Note that a page is open."""
        self._had_any, self.is_missed = True, False
        self._open_until[view] = monotonic() + _PATIENCE

    def gone(self, view: str) -> None:
        """Note that a page has been closed, or is being loaded again."""
        if view in self._open_until:
            self._open_until[view] = min(self._open_until[view], monotonic() + _RELOAD)

    def all_gone(self) -> None:
        """Note that no page can be reached any more."""
        for view in list(self._open_until):
            self.gone(view)

    @property
    def has_left(self) -> bool:
        """Whether there were pages and none is open any more."""
        now = monotonic()
        is_watched = any(until > now for until in list(self._open_until.values()))
        return self._had_any and not is_watched
