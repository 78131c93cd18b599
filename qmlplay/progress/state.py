"""The state of a piece of work: how far it is, and how to say so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["Progress", "duration"]

#: Share of the work that must be done before the time left is told.
_SHARE_THAT_TELLS = 0.02


def duration(seconds: float) -> str:
    """Return a time as people say it, in one unit.

    Examples
    --------
    >>> duration(0.2), duration(41.3), duration(150), duration(20_000), duration(1e6)
    ('1 s', '41 s', '2 min', '6 h', '12 days')
    """
    units = (("s", 1, 90), ("min", 60, 5_400), ("h", 3_600, 129_600), ("days", 86_400, 6.3e7))
    for unit, size, limit in units:
        if seconds < limit:
            return f"{max(1, round(seconds / size))} {unit}"
    return f"{seconds / 31_557_600:,.0f} years"


class Progress:
    """The progress of a piece of work: on a bar, in the note of an outer bar, or not shown.

    Parameters
    ----------
    total : int, optional
        Steps of the whole work.
    shares : sequence of float, optional
        How much time each step is expected to take, in any unit; all alike by default.
    bar, outer : object
        Where it is shown, if it is.
    has_lines : bool
        Whether lines of text tell of it instead.
    """

    def __init__(
        self,
        total: int | None = None,
        *,
        shares: Sequence[float] | None = None,
        bar: Any = None,
        outer: Progress | None = None,
        has_lines: bool = False,
    ) -> None:
        self.has_lines = has_lines
        self.is_shown = has_lines or bar is not None or outer is not None
        self._total, self._shares, self._bar, self._outer = total, shares, bar, outer
        self._n, self._note, self._detail, self._inside = 0, "", "", 0.0

    @property
    def fraction(self) -> float:
        """How much of the work is done, from 0 to 1; 0 where nobody knows."""
        if not self._total:
            return 0.0
        if self._shares is None:
            return min((self._n + self._inside) / self._total, 1.0)
        begun = sum(self._shares[self._n : self._n + 1]) * self._inside
        return (sum(self._shares[: self._n]) + begun) / (sum(self._shares) or 1.0)

    def line(self, description: str, seconds: float) -> str:
        """Return how far the work is after so many seconds, in a line of text."""
        count = f"{self._n:,}" if self._total is None else f"{self._n:,} of {self._total:,}"
        parts = [f"{description}: {count}", self._note, self._detail, duration(seconds)]
        if _SHARE_THAT_TELLS <= self.fraction < 1:
            left = seconds * (1 - self.fraction) / self.fraction
            parts.append(f"about {duration(left)} left")
        return _printable(", ".join(filter(None, parts)))

    def advance(self, amount: int = 1, note: str | None = None) -> None:
        """Count steps as done; a note, such as the loss, stays until the next one."""
        self._n += amount
        if note is not None or amount:
            self._detail, self._inside = "", 0.0
        if note is not None:
            self._note = note
        text = ", ".join(filter(None, (self._note, self._detail)))
        if self._outer is not None:
            count = str(self._n) if self._total is None else f"{self._n}/{self._total}"
            self._outer.tell_detail(f"{count}, {text}" if text else count, self.fraction)
        elif self._bar is not None:
            self._bar.set_postfix_str(_printable(text), refresh=False)
            self._bar.update(amount)

    def tell(self, note: str) -> None:
        """Show a note where nothing is done yet, such as what comes next."""
        self.advance(0, note)

    def tell_detail(self, detail: str, fraction: float = 0.0) -> None:
        """Show how far a part of the present step has come, behind the note."""
        self._detail, self._inside = detail, fraction
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


def _printable(text: str) -> str:
    """Return a text without control characters: names of datasets come from files."""
    return "".join(character if character.isprintable() else "?" for character in text)
