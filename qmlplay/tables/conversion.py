"""One column of text → numbers, dates or text, by what all of its cells agree on."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from qmlplay.tables.dates import read_clock_times, read_dates
from qmlplay.tables.notation import GAPS, NUMBER_GAPS, unquoted
from qmlplay.tables.numbers import UNKNOWN_COMMA, Comma, read_numbers
from qmlplay.typing import Booleans, Integers

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Converted", "convert_text"]

#: From this share of numbers on, the other cells are taken for mistakes; below, for text.
_NEARLY_ALL = 0.9
_TRUTH = {
    "true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0, "t": 1.0, "f": 0.0, "y": 1.0, "n": 0.0,
    "on": 1.0, "off": 0.0,
}  # fmt: skip
_PAIRS = [{"true", "false"}, {"yes", "no"}, {"t", "f"}, {"y", "n"}, {"on", "off"}]
_INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
_CODE = re.compile(r"(?m)^\s*0\d+\s*$")


@dataclass(frozen=True, eq=False)
class Converted:
    """A column as numbers, dates or text.

    Parameters
    ----------
    values : Series
        float64, datetime64 or object, where None is a gap.
    note : str
        How it was read, where that is not plain to see.
    wrong : ndarray of bool, shape (n_rows,), or None
        The cells that do not fit the others.
    kind : str
        What `wrong` cells are not: "number", "date", "finite number"; "" where none are wrong.
    example : str
        A number that is written in another way than Python's, and how it was read.
    """

    values: pd.Series
    note: str = ""
    wrong: Booleans | None = None
    kind: str = ""
    example: str = ""


def convert_text(
    cells: Sequence[str], default: Comma = UNKNOWN_COMMA, *, prefers_day_first: bool = False
) -> Converted:
    """Return cells of text as what they are.

    Where nine of ten cells or more are numbers (or dates), the others count as mistakes; where
    fewer are, the column is text.

    Parameters
    ----------
    cells : sequence of str
    default : Comma
        How ``1,234`` is read where the column does not tell.
    prefers_day_first : bool, default=False
        How ``3/4/2020`` is read where the column does not tell.

    Examples
    --------
    >>> convert_text(["1,5", "?", "2,5"]).values.tolist()
    [1.5, nan, 2.5]
    >>> convert_text(["oak", "NA", "1"]).values.tolist()
    ['oak', None, '1']
    """
    import pandas as pd

    has_groups = default.is_decimal and default.is_certain  # then 1.234 may be a thousand
    plain = None if has_groups else _plain_numbers(cells)
    if plain is not None:
        return Converted(pd.Series(plain))
    stripped = [cell.strip() for cell in cells]
    is_filled = np.array([cell.lower() not in NUMBER_GAPS for cell in stripped], dtype=bool)
    filled = [cell for cell in stripped if cell.lower() not in NUMBER_GAPS]
    plain = None if has_groups else _plain_numbers(filled)
    if plain is not None:
        values = np.full(len(cells), np.nan)
        values[is_filled] = plain
        return Converted(pd.Series(values))
    codes, texts = pd.factorize(np.array(list(map(unquoted, stripped)), dtype=object))
    is_gap = np.array([text.lower() in NUMBER_GAPS for text in texts], dtype=bool)
    counts = np.bincount(codes, minlength=len(texts))
    column = _Column(texts.tolist(), counts, codes, is_gap)
    note = ""
    for read in (_infinite, _codes, _truth, _numbers, _dates, _clock_times):
        result = read(column, default, prefers_day_first)
        if isinstance(result, Converted):
            return result
        note = note or result
    texts = np.array([None if text.lower() in GAPS else text for text in texts], dtype=object)
    return Converted(pd.Series(texts[codes], dtype=object), note)


@dataclass(frozen=True, eq=False)
class _Column:
    """The different texts of a column, how often each occurs, and which cell holds which."""

    texts: list[str]
    counts: Integers
    codes: Integers
    is_gap: Booleans

    @property
    def indices(self) -> list[int]:
        """Places of the texts that are no gaps."""
        indices: list[int] = np.flatnonzero(~self.is_gap).tolist()
        return indices

    @property
    def filled(self) -> list[str]:
        return [self.texts[index] for index in self.indices]

    def share(self, is_kind: Booleans) -> float:
        """Return the share of cells, of those that are no gaps, whose text is of a kind."""
        counts = self.counts[~self.is_gap]
        return float(counts[is_kind].sum() / counts.sum()) if len(counts) else 0.0

    def converted(self, values: Any, is_kind: Booleans, note: str, kind: str) -> Converted:
        """Put the values of the different texts in the cells' places."""
        import pandas as pd

        every = pd.Series(values).reindex(range(len(self.texts)))
        every.iloc[:] = None
        every.iloc[self.indices] = values
        wrong = np.zeros(len(self.texts), dtype=bool)
        wrong[self.indices] = ~is_kind
        result = every.iloc[self.codes].reset_index(drop=True)
        if not wrong.any():
            return Converted(result, note)
        return Converted(result, note, wrong[self.codes], kind)


Reading = Callable[[_Column, Comma, bool], Converted | str]


def _plain_numbers(cells: Sequence[str]) -> Any:
    """Return the cells as finite numbers in Python's notation; None where they are not that."""
    try:
        values = np.array(list(map(float, cells)))
    except ValueError:
        return None
    text = "\n".join(cells)
    is_plain = np.isfinite(values).all() and "_" not in text and text.isascii()
    return values if is_plain and not _CODE.search(text) else None


def _infinite(column: _Column, *_: Any) -> Converted | str:
    """Find infinite values, which are refused, in a column of numbers."""
    texts = column.filled
    is_infinite = np.array([_INFINITE.fullmatch(text) is not None for text in texts], dtype=bool)
    if not is_infinite.any():
        return ""
    others = [text for text, is_one in zip(texts, is_infinite, strict=True) if not is_one]
    numbers = read_numbers(others, [1] * len(others))
    if not numbers.is_number.all():
        return ""
    values = np.full(len(texts), np.nan)
    values[~is_infinite] = numbers.values
    return column.converted(values, ~is_infinite, "", "finite number")


def _codes(column: _Column, *_: Any) -> Converted | str:
    """Leave codes such as 01234 text: all of one length, or most with zeros in front."""
    import pandas as pd

    texts = column.filled
    n_zeros = sum(_CODE.fullmatch(text) is not None for text in texts)
    is_code = all(text.isascii() and text.isdigit() for text in texts)
    has_one_length = len({len(text) for text in texts}) == 1
    if not n_zeros or not is_code or not (has_one_length or 2 * n_zeros > len(texts)):
        return ""
    values = np.where(column.is_gap, None, np.array(column.texts, dtype=object))
    return Converted(
        pd.Series(values[column.codes], dtype=object), "codes with leading zeros, text"
    )


def _truth(column: _Column, *_: Any) -> Converted | str:
    words = {text.lower() for text in column.filled}
    if not any(words == pair for pair in _PAIRS):
        return ""
    values = np.array([_TRUTH[text.lower()] for text in column.filled])
    note = "/".join(sorted(words, key=_TRUTH.__getitem__, reverse=True)) + " read as 1/0"
    return column.converted(values, values >= 0, note, "")


def _numbers(column: _Column, default: Comma, *_: Any) -> Converted | str:
    import pandas as pd

    texts = column.filled
    if not texts:
        return Converted(pd.Series(np.full(len(column.codes), np.nan)))
    numbers = read_numbers(texts, column.counts[~column.is_gap].tolist(), default)
    share = column.share(numbers.is_number)
    if share < _NEARLY_ALL:
        return f"text, though {share:.0%} of its cells are numbers" if share >= 0.5 else ""
    example = "" if numbers.example is None else "{} as {}".format(*numbers.example)
    if numbers.is_ambiguous:
        example += " (a guess)"
    result = column.converted(numbers.values, numbers.is_number, "", "number")
    return replace(result, example=example)


def _dates(column: _Column, _: Comma, prefers_day_first: bool) -> Converted | str:
    dates = read_dates(column.filled, prefers_day_first=prefers_day_first)
    share = column.share(dates.is_date)
    if share < _NEARLY_ALL:
        return f"text, though {share:.0%} of its cells are dates" if share >= 0.5 else ""
    note = f"dates read as {dates.order}/year, a guess" if dates.order else "dates"
    return column.converted(dates.values.to_numpy(), dates.is_date, note, "date")


def _clock_times(column: _Column, *_: Any) -> Converted | str:
    hours, is_time = read_clock_times(column.filled)
    if column.share(is_time) < _NEARLY_ALL:
        return ""
    return column.converted(hours, is_time, "times of day read as hours", "time of day")
