"""One column of text → numbers, dates or text, by what all of its cells agree on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from qmlplay.tables.cells.dates import read_clock_times, read_dates
from qmlplay.tables.cells.distinct import Distinct, distinct_texts
from qmlplay.tables.cells.notation import GAPS, NUMBER_GAPS, plain_number
from qmlplay.tables.cells.numbers import UNKNOWN_COMMA, Comma, read_numbers
from qmlplay.typing import Booleans

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

    is_continental = default.is_decimal and default.is_certain  # 1.234 may be a thousand
    quick = _decimal_commas(cells) if is_continental else _plain_numbers(cells)
    if quick is not None:
        return quick
    codes, texts = distinct_texts(cells)
    is_gap = np.array([text.lower() in NUMBER_GAPS for text in texts], dtype=bool)
    plain = None if is_continental else _plain_numbers(texts[~is_gap].tolist())
    if plain is not None:
        values = np.full(len(texts), np.nan)
        values[~is_gap] = plain.values
        return Converted(pd.Series(values[codes]))
    counts = np.bincount(codes, minlength=len(texts))
    column = Distinct(texts.tolist(), counts, codes, is_gap)
    note = ""
    for read in (_infinite, _codes, _truth, _numbers, _dates, _clock_times):
        result = read(column, default, prefers_day_first)
        if isinstance(result, Converted):
            return result
        note = note or result
    texts = np.array([None if text.lower() in GAPS else text for text in texts], dtype=object)
    return Converted(pd.Series(texts[codes], dtype=object), note)


def _plain_numbers(cells: Sequence[str]) -> Converted | None:
    """Return the cells as finite numbers in Python's notation; None where they are not that."""
    import pandas as pd

    try:
        values = np.array(list(map(float, cells)))
    except ValueError:
        return None
    text = "\n".join(cells)
    is_code = (values == np.floor(values)).all() and _CODE.search(text)
    if is_code or "_" in text or not np.isfinite(values).all():
        return None
    return Converted(pd.Series(values))


def _decimal_commas(cells: Sequence[str]) -> Converted | None:
    """Return the cells as numbers with decimal commas; None where they are not that."""
    text = "\n".join(cells)
    if "." in text or "," not in text:
        return None
    with_points = text.replace(",", ".").split("\n")
    numbers = _plain_numbers(with_points) if len(with_points) == len(cells) else None
    if numbers is None:
        return None
    cell = next(cell for cell in cells if "," in cell)
    return replace(numbers, example=f"{cell} as {float(cell.replace(',', '.')):.12g}")


def _converted(column: Distinct, values: Any, is_kind: Booleans, note: str, kind: str) -> Converted:
    """Put the values of the different texts in the cells' places."""
    import pandas as pd

    every = pd.Series(values).reindex(range(len(column.texts)))
    every.iloc[:] = None
    every.iloc[column.indices] = values
    wrong = np.zeros(len(column.texts), dtype=bool)
    wrong[column.indices] = ~is_kind
    result = every.iloc[column.codes].reset_index(drop=True)
    if not wrong.any():
        return Converted(result, note)
    return Converted(result, note, wrong[column.codes], kind)


def _infinite(column: Distinct, *_: Any) -> Converted | str:
    """Find infinite values, which are refused, in a column of numbers."""
    texts = column.filled
    is_infinite = np.array([_is_infinite(text) for text in texts], dtype=bool)
    if not is_infinite.any():
        return ""
    others = [text for text, is_one in zip(texts, is_infinite, strict=True) if not is_one]
    numbers = read_numbers(others, [1] * len(others))
    if not numbers.is_number.all():
        return ""
    values = np.full(len(texts), np.nan)
    values[~is_infinite] = numbers.values
    return _converted(column, values, ~is_infinite, "", "finite number")


def _is_infinite(text: str) -> bool:
    too_large = plain_number(text) and np.isinf(float(text))  # as 1e400
    return too_large or _INFINITE.fullmatch(text) is not None


def _codes(column: Distinct, *_: Any) -> Converted | str:
    """Leave codes such as 01234 text: all of one length, or most with zeros in front."""
    import pandas as pd

    texts = column.filled
    n_zeros = sum(_CODE.fullmatch(text) is not None for text in texts)
    is_code = all(text.isascii() and text.isdigit() for text in texts)
    has_one_length = len({len(text) for text in texts}) == 1
    if not n_zeros or not is_code or not (has_one_length or 2 * n_zeros > len(texts)):
        return ""
    values = np.array(column.texts, dtype=object)
    values[column.is_gap] = None
    return Converted(
        pd.Series(values[column.codes], dtype=object), "codes with leading zeros, text"
    )


def _truth(column: Distinct, *_: Any) -> Converted | str:
    words = {text.lower() for text in column.filled}
    if not any(words == pair for pair in _PAIRS):
        return ""
    values = np.array([_TRUTH[text.lower()] for text in column.filled])
    note = "/".join(sorted(words, key=_TRUTH.__getitem__, reverse=True)) + " read as 1/0"
    return _converted(column, values, values >= 0, note, "")


def _numbers(column: Distinct, default: Comma, *_: Any) -> Converted | str:
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
    result = _converted(column, numbers.values, numbers.is_number, "", "number")
    return replace(result, example=example)


def _dates(column: Distinct, _: Comma, prefers_day_first: bool) -> Converted | str:
    dates = read_dates(column.filled, prefers_day_first=prefers_day_first)
    share = column.share(dates.is_date)
    if share < _NEARLY_ALL:
        return f"text, though {share:.0%} of its cells are dates" if share >= 0.5 else ""
    note = f"dates read as {dates.order}/year, a guess" if dates.order else "dates"
    return _converted(column, dates.values.to_numpy(), dates.is_date, note, "date")


def _clock_times(column: Distinct, *_: Any) -> Converted | str:
    hours, is_time = read_clock_times(column.filled)
    if column.share(is_time) < _NEARLY_ALL:
        return ""
    return _converted(column, hours, is_time, "times of day read as hours", "time of day")
