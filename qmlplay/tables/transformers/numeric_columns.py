"""Columns of features: which of them hold no numbers, and what to do with those.

NumPy turns time differences and categories into numbers without a word, so look before it does.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Any

import numpy as np

__all__ = ["check_numeric_columns", "strange_columns"]

#: What stands for all columns of such a type in a table of any library, as lower case text begins.
_TYPES = {
    "date": "dates or times",
    "time": "dates or times",
    "period": "dates or times",
    "duration": "dates or times",
    "categor": "categories",
    "enum": "categories",
    "dictionary": "categories",
    "interval": "intervals",
    "list": "lists",
    "struct": "lists",
    "array": "lists",
}
_TIMES = (date, time, timedelta, np.datetime64, np.timedelta64)
#: Types of pandas, which is not imported for them.
_NAMES_OF_TIMES = ("Period", "NaTType")
_MOST = 10  # names in a message


def check_numeric_columns(X: Any) -> None:
    """Raise an error where columns hold dates, times, categories or text that is no number.

    Parameters
    ----------
    X : array-like or table of shape (n_samples, n_features)
        A DataFrame of any library, an array, or a list of rows. What is none of these passes.

    Raises
    ------
    TypeError
        If there are dates or times.
    ValueError
        If there are categories or text.

    Examples
    --------
    >>> check_numeric_columns([[1.0, 2], ["3", 4]])
    >>> check_numeric_columns(np.array([["2020-01-01"]], dtype="datetime64[D]"))
    Traceback (most recent call last):
        ...
    TypeError: X must hold numbers (dates or times such as 2020-01-01 in column 0): turn them into
    numbers first, such as days, (column - column.min()).dt.days, or leave them out; a model that
    does so by itself is make_pipeline(TablePreprocessor(), VariationalClassifier()), with
    qmlplay.TablePreprocessor
    """
    strange = strange_columns(X)
    if not strange:
        return
    named = strange[:_MOST] + (["…"] if len(strange) > _MOST else [])
    what = "; ".join(named)
    if any(text.startswith("dates or times") for text in strange):
        first = "turn them into numbers first, such as days, (column - column.min()).dt.days"
        kind: type[Exception] = TypeError
    else:
        first = "turn them into numbers first, such as with sklearn.preprocessing.OneHotEncoder"
        kind = ValueError
    raise kind(
        f"X must hold numbers ({what}): {first}, or leave them out; a model that does so by itself "
        f"is make_pipeline(TablePreprocessor(), VariationalClassifier()), with "
        f"qmlplay.TablePreprocessor"
    )


def strange_columns(X: Any) -> list[str]:
    """Return a text for every column that holds something else than numbers: what, and where.

    Complex numbers, objects of unknown types and missing values are left to others.

    Examples
    --------
    >>> strange_columns([[1.0, "a"], [2.0, "b"]])
    ["could not convert string to float: 'a' in column 1"]
    """
    found = ((name, _strange(values)) for name, values in _columns(X))
    return [f"{what} in column {name!r}" for name, what in found if what]


def _columns(X: Any) -> Iterable[tuple[Any, Any]]:
    """Return the columns of a table that may hold something else than numbers."""
    if callable(getattr(X, "iter_columns", None)):  # polars
        return [(column.name, column) for column in X.iter_columns()]
    if hasattr(X, "columns") and callable(getattr(X, "items", None)):  # pandas
        return [(_plain(name), column) for name, column in X.items()]
    if not isinstance(X, list | tuple | np.ndarray):
        return []
    try:
        table = np.asarray(X)
    except (TypeError, ValueError):  # rows of several lengths, or dates beside numbers
        table = _objects(X)
    if table.ndim != 2 or table.dtype.kind not in "OUSmM":
        return []
    return enumerate(table.T)


def _objects(X: Any) -> Any:
    try:
        return np.asarray(X, dtype=object)
    except ValueError:
        return np.empty(0)


def _plain(name: Any) -> Any:
    return name.item() if isinstance(name, np.generic) else name


def _strange(values: Any) -> str | None:
    """Return what a column holds that is no number, with an example."""
    kind = str(values.dtype).lower()
    for start, what in _TYPES.items():
        if kind.startswith(start):
            return f"{what} such as {_example(values)}" if len(values) else what
    items = np.asarray(values)
    if items.dtype.kind not in "OUS":
        return None
    for item in items:
        if isinstance(item, _TIMES) or type(item).__name__ in _NAMES_OF_TIMES:
            return f"dates or times such as {item!s:.40}"
        if isinstance(item, str | bytes) and not _is_number(item):
            return f"could not convert string to float: {item[:40]!r}"
    return None


def _example(values: Any) -> str:
    return f"{next(iter(values))!s:.40}"


def _is_number(text: str | bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
