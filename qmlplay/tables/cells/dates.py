"""Dates and times of day as people write them, by what a whole column agrees on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qmlplay.typing import Booleans, Real

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Dates", "read_clock_times", "read_dates"]

_TIME = (
    r"(?:[T ,]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}(?:\.\d+)?))?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})?)?"
)
_MONTH = r"(?P<word>[A-Za-z]{3,9})\.?"
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?:(?P=mark)(?P<day>\d{1,2}))?" + _TIME
)
_YEAR_LAST = re.compile(
    r"(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second_number>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})"
    + _TIME
)
_DAY_WORD = re.compile(
    r"(?:[A-Za-z]{3,9},?\s)?(?P<day>\d{1,2})(?:st|nd|rd|th)?[-/.\s]+"
    + _MONTH
    + r"[-/,\s]+(?P<year>\d{4}|\d{2})"
    + _TIME
)
_WORD_DAY = re.compile(
    r"(?:[A-Za-z]{3,9},\s)?"
    + _MONTH
    + r"\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})"
    + _TIME
)
_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?\s*([AaPp]\.?[Mm]\.?)?")
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}


@dataclass(frozen=True, eq=False)
class Dates:
    """Texts as dates.

    Parameters
    ----------
    values : Series of datetime64, length n_texts
        Without time zone (in UTC where one is given); NaT where the text is no date.
    is_date : ndarray of bool, shape (n_texts,)
    order : str
        "day/month" or "month/day" where the column does not tell which comes first, else "".
    """

    values: pd.Series
    is_date: Booleans
    order: str = ""


def read_dates(texts: Sequence[str], *, prefers_day_first: bool = False) -> Dates:
    """Return texts as dates.

    Parameters
    ----------
    texts : sequence of str, length n_texts
        Different texts without blanks around them, none of which is a gap.
    prefers_day_first : bool, default=False
        What ``3/4/2020`` is where no date of the column has a number above 12.

    Examples
    --------
    >>> dates = read_dates(["31/12/2020", "1/2/2021", "oak"])
    >>> dates.values.dt.strftime("%Y-%m-%d").tolist()
    ['2020-12-31', '2021-02-01', nan]
    """
    import pandas as pd

    matches = [_match(text) for text in texts]
    numeric = [m for m in matches if m is not None and m.re is _YEAR_LAST]
    day_first, order = _day_first(numeric, prefers_day_first)
    iso = [None if m is None else _iso(m, day_first) for m in matches]
    values = pd.to_datetime(
        pd.Series(iso, dtype=object), errors="coerce", utc=True, format="ISO8601"
    )
    values = values.dt.tz_localize(None).astype("datetime64[us]")
    return Dates(values, values.notna().to_numpy(dtype=bool), order)


def _match(text: str) -> re.Match[str] | None:
    if not any(character.isdigit() for character in text[:12]):
        return None
    for pattern in (_YEAR_FIRST, _YEAR_LAST, _DAY_WORD, _WORD_DAY):
        match = pattern.fullmatch(text)
        if match is not None:
            return match
    return None


def _day_first(matches: Sequence[re.Match[str]], prefers_day_first: bool) -> tuple[bool, str]:
    """Return whether days come before months, and the order in words where that is a guess."""
    firsts = sum(int(match["first"]) > 12 for match in matches)
    seconds = sum(int(match["second_number"]) > 12 for match in matches)
    if firsts != seconds:
        return firsts > seconds, ""
    guess = prefers_day_first or any(match["mark"] == "." for match in matches)
    return guess, ("day/month" if guess else "month/day") if matches else ""


def _iso(match: re.Match[str], day_first: bool) -> str | None:
    """Return a date in the notation of ISO 8601; None where there is no such month."""
    parts = match.groupdict()
    if "word" in parts:
        month, day = _MONTHS.get(parts["word"][:3].lower(), 0), int(parts["day"])
    elif "first" in parts:
        pair = int(parts["first"]), int(parts["second_number"])
        day, month = pair if day_first else pair[::-1]
    else:
        month, day = int(parts["month"]), int(parts["day"] or 1)
    year = int(parts["year"])
    if len(parts["year"]) == 2:
        year += 2000 if year < 69 else 1900  # as POSIX has it
    text = f"{year:04}-{month:02}-{day:02}"
    if parts["hour"] is None:
        return text
    hour = _hour(int(parts["hour"]), parts["half"])
    zone = {None: "", "UTC": "Z"}.get(parts["zone"], parts["zone"])
    return f"{text}T{hour:02}:{parts['minute']}:{parts['second'] or '00'}{zone}"


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    return hour % 12 + 12 * (half[0].lower() == "p")


def read_clock_times(texts: Sequence[str]) -> tuple[Real, Booleans]:
    """Return times such as ``12:30`` or ``1:15:07 pm`` in hours, NaN where a text is none.

    Examples
    --------
    >>> read_clock_times(["12:30", "1:15 pm", "oak"])[0]
    array([12.5 , 13.25,   nan])
    """
    hours = np.full(len(texts), np.nan)
    for index, text in enumerate(texts):
        match = _CLOCK.fullmatch(text)
        if match is not None:
            whole = _hour(int(match[1]), match[4])
            hours[index] = whole + int(match[2]) / 60 + float(match[3] or 0) / 3600
    return hours, ~np.isnan(hours)
