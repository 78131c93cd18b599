"""Cells of a column, read as numbers, categories or dates; errors name the column and the cell."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from numbers import Real as RealNumber
from typing import TYPE_CHECKING, Any

import numpy as np

from qmlplay.typing import Real

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["category_of", "dates_of", "kind_of", "numbers_of"]

#: What pandas calls the content of a column of objects, and what that is here.
_KINDS = {
    "string": "category",
    "boolean": "category",
    "interval": "category",
    "integer": "number",
    "floating": "number",
    "mixed-integer-float": "number",
    "decimal": "number",
    "timedelta": "number",
    "timedelta64": "number",
    "datetime": "date",
    "datetime64": "date",
    "date": "date",
    "period": "date",
    "empty": "empty",
}
_NUMBERS = (RealNumber, Decimal, np.bool_)


def kind_of(values: pd.Series[Any], name: str) -> str:
    """Return what a column holds: "number", "category", "date", or "empty" for gaps alone.

    Raises
    ------
    TypeError, ValueError
        If it holds something else, or complex numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> kind_of(pd.Series([1, None]), "a"), kind_of(pd.Series(["x", None]), "b")
    ('number', 'category')
    """
    import pandas as pd
    from pandas.api import types

    kind = values.dtype
    if values.isna().all():
        return "empty"
    if types.is_bool_dtype(kind) or isinstance(kind, pd.CategoricalDtype):
        return "category"
    if types.is_numeric_dtype(kind) and not types.is_complex_dtype(kind):
        return "number"
    content = types.infer_dtype(values, skipna=True)
    if content in _KINDS:
        return _KINDS[content]
    if all(isinstance(cell, _NUMBERS) and not isinstance(cell, bool) for cell in values.dropna()):
        return "number"
    category_of(values, name)  # raises an error for cells that are no text, number or boolean
    return "category"


def numbers_of(values: pd.Series[Any], name: str) -> Real:
    """Return numbers of shape (n_samples,), NaN for gaps; durations in days.

    Raises
    ------
    ValueError
        If a cell is no number, or not a finite one.

    Examples
    --------
    >>> import pandas as pd
    >>> numbers_of(pd.Series([1, "2.5", None], dtype=object), "size")
    array([1. , 2.5, nan])
    """
    import pandas as pd
    from pandas.api import types

    if types.is_numeric_dtype(values.dtype) and not types.is_complex_dtype(values.dtype):
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        cells = values.astype(object).where(values.notna(), np.nan)
        numbers = np.array([_read(_number, cell, i, name) for i, cell in enumerate(cells)])
    if np.isinf(numbers).any():
        row = int(np.flatnonzero(np.isinf(numbers))[0])
        raise ValueError(f"column {name!r} has {numbers[row]} in row {row + 1}: {_FINITE}")
    return pd.Series(numbers).to_numpy(dtype=np.float64)


_FINITE = "numbers must be finite; leave the cell empty where the number is unknown"


def _number(cell: Any) -> float:
    import pandas as pd

    if isinstance(cell, pd.Timedelta | np.timedelta64):
        return pd.Timedelta(cell) / pd.Timedelta(days=1)
    if isinstance(cell, str):
        return float(cell) if cell.strip() else np.nan
    if isinstance(cell, _NUMBERS):
        return float(cell)
    raise TypeError("no number")


def category_of(values: pd.Series[Any], name: str) -> pd.Series[Any]:
    """Return every value by its name, as text; gaps stay gaps.

    Text is trimmed, and 1 and 1.0 have one name, so that a column of codes is the same column
    with and without gaps.

    Raises
    ------
    TypeError
        If a cell is no text, number or boolean.

    Examples
    --------
    >>> import pandas as pd
    >>> category_of(pd.Series([" red", True, 2.0], dtype=object), "a").tolist()
    ['red', 'True', '2']
    """
    import pandas as pd

    try:
        codes, different = pd.factorize(values)
    except TypeError:  # a list or a dictionary, which has no hash
        for row, cell in enumerate(values):
            _read(_category, cell, row, name)
        raise
    cells = enumerate(np.asarray(different, dtype=object))
    rows = np.array([int(np.argmax(codes == code)) for code in range(len(different))])
    names = [_read(_category, cell, rows[code], name) for code, cell in cells]
    texts = np.array([*names, None], dtype=object)  # a gap has the code −1
    return pd.Series(texts[codes], dtype=object)


def _category(cell: Any) -> str | None:
    import pandas as pd

    if isinstance(cell, str):
        return cell.strip() or None
    if isinstance(cell, bool | np.bool_):
        return str(bool(cell))
    if isinstance(cell, RealNumber):
        number = float(cell)
        return str(int(number)) if number.is_integer() else repr(number)
    if isinstance(cell, pd.Interval | pd.Timestamp | pd.Period):
        return str(cell)
    raise TypeError("no category")


def dates_of(values: pd.Series[Any], name: str) -> pd.Series[Any]:
    """Return dates and times without a time zone (those with one are turned to UTC).

    Raises
    ------
    ValueError
        If a cell is no date.

    Examples
    --------
    >>> import pandas as pd
    >>> dates_of(pd.Series(["2024-01-31", None]), "day").dt.day.tolist()
    [31.0, nan]
    """
    import pandas as pd

    plain = values.reset_index(drop=True)
    if isinstance(plain.dtype, pd.PeriodDtype):
        plain = plain.dt.to_timestamp()
    if not pd.api.types.is_datetime64_any_dtype(plain.dtype):
        cells = plain.astype(object).where(plain.notna(), None)
        dates = [_read(_date, cell, i, name) for i, cell in enumerate(cells)]
        plain = pd.Series(pd.to_datetime(pd.Series(dates, dtype=object), utc=True))
    return plain if plain.dt.tz is None else plain.dt.tz_convert("UTC").dt.tz_localize(None)


def _date(cell: Any) -> Any:
    import pandas as pd

    if isinstance(cell, pd.Period):
        return cell.to_timestamp()
    if isinstance(cell, RealNumber | bool):
        raise TypeError("no date")
    return pd.Timestamp(cell)


def _read(read: Callable[[Any], Any], cell: Any, row: int, name: str) -> Any:
    """Read one cell, or say which one cannot be read; rows count from 1."""
    try:
        return read(cell)
    except (ArithmeticError, TypeError, ValueError) as error:
        shown = repr(cell) if len(repr(cell)) <= 60 else f"{repr(cell)[:60]}…"
        text = f"column {name!r} has {shown} in row {row + 1}, {_PROBLEMS[read]}"
        raise (TypeError if read is _category else ValueError)(text) from error


_PROBLEMS: dict[Callable[[Any], Any], str] = {
    _number: "but held numbers in training: correct the cell, or leave it empty",
    _date: "but held dates in training: correct the cell, or leave it empty",
    _category: "which is no text, number, boolean or date: argument must be a string or a number",
}
