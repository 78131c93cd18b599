"""Columns that are no features: counters and names of rows, and those without information."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["is_id_name", "reason_to_leave_out"]

_ALONE = r"ids?|idx|index|uuid|guid|key|serial|no\.?|nr\.?|number|rows?|record|case|obs|#|№"
_NOUNS = (
    r"row|record|case|sample|specimen|observation|subject|passenger|customer|client|user|patient|"
    r"student|employee|person|member|item|product|order|invoice|ticket|account|policy|loan|"
    r"transaction|serial|phone|roll|id|code"
)
#: ``customer_id``, ``PassengerId``, ``Sample code number``, ``row names``, ``#``.
_ID_NAME = re.compile(
    rf"{_ALONE}|(?:.*[\W_])(?:ids?|idx|uuid|guid)|.*[a-z](?:Id|ID)"
    rf"|(?:.*[\W_])?(?:{_NOUNS})[\W_]?(?:id|no\.?|nr\.?|numbers?|names?|code|key|index)"
)
_UNNAMED = re.compile(r"Unnamed: \d+")
#: So many rows are needed until 1 … n in any order are no chance.
_ROWS_OF_A_COUNTER = 10
_MOSTLY_DIFFERENT = 0.7
_ROWS_OF_TEXTS = 20
_FEW_ROWS = 5
#: Whole numbers between these may be years, one per row.
_YEARS = (1800, 2100)
#: Share of steps of one in a counter from which rows were taken out.
_NEARLY_ALL = 0.9


def reason_to_leave_out(name: str, values: pd.Series) -> str | None:
    """Return why a column is no feature; None where it may be one.

    Parameters
    ----------
    name : str
    values : Series
        float64, datetime64 or object, with gaps.

    Examples
    --------
    >>> import pandas as pd
    >>> reason_to_leave_out("Id", pd.Series([3.0, 1.0, 2.0]))
    'counts the rows'
    >>> reason_to_leave_out("mass", pd.Series([3.5, 1.0, 2.0])) is None
    True
    """
    if values.dtype.kind == "f" and _is_measured(values):
        return None
    filled = values.dropna()
    if filled.empty:
        return "empty"
    n_different = int(filled.nunique())
    if n_different == 1:
        return "the same in every row" if 1 < len(values) == len(filled) else None
    if values.dtype.kind == "M":
        return None
    by_kind = _numbering if values.dtype.kind == "f" else _naming
    return by_kind(name, values, filled, n_different)


def _is_measured(values: pd.Series) -> bool:
    """Return whether some of the numbers are no whole ones and differ: the quick way out."""
    start = values.to_numpy()[:50]
    start = start[np.isfinite(start)]
    return bool((start != np.floor(start)).any() and (start != start[0]).any())


def _naming(name: str, _: pd.Series, filled: pd.Series, n_different: int) -> str | None:
    """Return why texts are names of rows."""
    share = n_different / len(filled)
    if share == 1 and len(filled) >= _FEW_ROWS:
        return "a different text in every row"
    if share >= _MOSTLY_DIFFERENT and len(filled) >= _ROWS_OF_TEXTS:
        return f"a different text in nearly every row, {n_different} in {len(filled)}"
    return "names the rows" if is_id_name(name) and share > 0.5 and n_different > 2 else None


def _numbering(name: str, values: pd.Series, filled: pd.Series, n_different: int) -> str | None:
    """Return why whole numbers are a counter or an identification."""
    numbers = filled.to_numpy()
    if (numbers != np.floor(numbers)).any():
        return None
    is_id = is_id_name(name) or _UNNAMED.fullmatch(name) is not None
    is_complete = len(filled) == len(values) == n_different
    if n_different == len(filled) and (len(filled) >= _ROWS_OF_A_COUNTER or is_id):
        start = numbers.min()
        is_range = is_complete and numbers.max() == start + len(numbers) - 1
        if is_range and start in (0, 1):
            return "counts the rows"
        are_years = start >= _YEARS[0] and numbers.max() <= _YEARS[1]
        if not are_years and ((is_range and len(numbers) >= _ROWS_OF_TEXTS) or _counts_on(filled)):
            return f"counts the rows, from {numbers[0]:.12g}"
    if is_id and n_different > 0.5 * len(filled) and n_different > 2:
        return "a number of its own for " + ("every row" if is_complete else "nearly every row")
    return None


def _counts_on(filled: pd.Series) -> bool:
    """Return whether numbers count the rows they stand in, up or down.

    They may be a counter from which rows were taken out: then most of the steps are one.
    """
    rows, numbers = filled.index.to_numpy(dtype=float), filled.to_numpy()
    if len(numbers) < _ROWS_OF_A_COUNTER:
        return False
    steps = np.diff(numbers) * np.sign(numbers[-1] - numbers[0])
    is_one = steps == np.diff(rows)
    return bool((steps > 0).all() and np.mean(is_one) >= _NEARLY_ALL)


def is_id_name(name: str) -> bool:
    """Return whether a column's name says that it identifies rows.

    Examples
    --------
    >>> [is_id_name(name) for name in ("Id", "PassengerId", "customer_id", "sample code number")]
    [True, True, True, True]
    >>> [is_id_name(name) for name in ("humid", "width", "no2", "grid", "population")]
    [False, False, False, False, False]
    """
    return any(_ID_NAME.fullmatch(text) is not None for text in (name, name.lower()))
