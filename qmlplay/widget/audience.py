"""The audience: pages report while they are open, so that nothing trains for nobody."""

from __future__ import annotations

from time import monotonic

__all__ = ["Audience"]

#: Seconds of silence after which a page counts as closed; browsers let a page in the background
#: report once a minute.
_PATIENCE = 150.0


class Audience:
    """The pages that show a playground."""

    def __init__(self) -> None:
        self._last_seen: dict[str, float] = {}
        self._had_any = False

    def alive(self, view: str) -> None:
        """Note that a page is open."""
        self._had_any = True
        self._last_seen[view] = monotonic()

    def gone(self, view: str) -> None:
        """Note that a page has been closed."""
        self._last_seen.pop(view, None)

    @property
    def has_left(self) -> bool:
        """Whether there were pages and none is open any more."""
        now = monotonic()
        is_watched = any(now - seen < _PATIENCE for seen in list(self._last_seen.values()))
        return self._had_any and not is_watched
