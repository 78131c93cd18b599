"""Precedents: cells of a training file, which tell how those of new files are to be read.

What ``3/4/2020``, ``1,234`` or ``yes`` is, a column tells by all of its cells. A file with few new
rows may tell otherwise, so a saved model keeps some cells of training with what they were read as.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from itertools import islice, product
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from qmlplay.checks import is_number
from qmlplay.tables.cells import GAPS, Comma, Converted, convert_text, plain_number, unquoted
from qmlplay.tables.recognition import frame_of, problem_text, wrong_cells
from qmlplay.tables.sources import Source, file_source, first_is_row

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Precedents", "check_precedents", "precedents_of", "read_new_rows"]

#: Column → cell → what it was read as: a number, or a date in the notation of ISO 8601.
Precedents = Mapping[str, Mapping[str, float | str]]

#: Cells that are kept of a column, unless more are needed to read them alone as in their file.
_FEW = 30


def precedents_of(
    path: str | PathLike[str] | bytes, names: Sequence[str], *, separator: str | None = None
) -> dict[str, dict[str, float | str]]:
    r"""Return what a file tells of how its columns are written.

    Parameters
    ----------
    path, separator
        As for `qmlplay.tables.read_table`.
    names : sequence of str
        The columns; those that are text, or numbers in Python's own notation, need none.

    Examples
    --------
    >>> precedents_of(b"a,b,c\n31/12/2020,yes,1\n1/2/2021,no,2\n", ["a", "b", "c"])
    {'a': {'31/12/2020': '2020-12-31T00:00:00', '1/2/2021': '2021-02-01T00:00:00'},
     'b': {'yes': 1.0, 'no': 0.0}}
    """
    source = file_source(path, separator=separator)
    columns = {name: _precedents(source, name) for name in names} if source.is_text else {}
    return {name: cells for name, cells in columns.items() if cells}


def _precedents(source: Source, name: str) -> dict[str, float | str]:
    values = source.converted(name).values
    if values.dtype == object:
        return {}
    first: dict[str, float | str] = {}
    for cell, value, is_known in zip(source.columns[name], values, values.notna(), strict=True):
        if is_known:
            first.setdefault(cell.strip(), _plain(value))
    if all(map(plain_number, first)):
        return {}
    n_kept = _FEW
    while n_kept < len(first) and _read([], dict(islice(first.items(), n_kept))) is None:
        n_kept *= 2
    return dict(islice(first.items(), n_kept))


def _plain(value: Any) -> float | str:
    return float(value) if isinstance(value, float) else str(value.isoformat())


def read_new_rows(
    path: str | PathLike[str] | bytes,
    columns: Collection[str] | None = None,
    *,
    precedents: Precedents | None = None,
    texts: Collection[str] = (),
    separator: str | None = None,
) -> pd.DataFrame:
    r"""Return the rows of a file, its cells read as those of training were.

    Parameters
    ----------
    path, separator
        As for `qmlplay.tables.read_features`.
    columns : collection of str, optional
        Those that matter; the others stay text. All by default.
    precedents : mapping of str to mapping, optional
        From `precedents_of`.
    texts : collection of str
        Columns that were text in training, whatever their cells look like now.

    Raises
    ------
    OSError, ImportError, ValueError
        If there is no such file, it is no table, or a cell does not fit its column.

    Examples
    --------
    >>> precedents = {"a": {"31/12/2020": "2020-12-31T00:00:00"}, "b": {"yes": 1.0, "no": 0.0}}
    >>> new = read_new_rows(b"a,b,c\n3/4/2021,no,01\n", precedents=precedents, texts=["c"])
    >>> str(new["a"][0]), float(new["b"][0]), new["c"][0]
    ('2021-04-03 00:00:00', 0.0, '01')
    """
    is_row = None
    if columns is not None:
        is_row = partial(first_is_row, names=columns, texts={*texts, *(precedents or ())})
    source = file_source(path, separator=separator, least_columns=1, is_row=is_row)
    if source.n_rows == 0:
        raise ValueError(
            f"{source.origin} has {len(source.columns)} columns and no rows: at "
            "least one row is needed"
        )
    wanted = [name for name in source.columns if columns is None or name in columns]
    converted = {name: _converted(source, name, precedents or {}, texts) for name in wanted}
    problems, _ = wrong_cells(source, converted)
    if problems:
        raise ValueError(problem_text(source.origin, problems, "Correct these cells"))
    return frame_of(
        {name: converted.get(name) or _as_text(source, name) for name in source.columns},
        source.n_rows,
    )


def _converted(
    source: Source, name: str, precedents: Precedents, texts: Collection[str]
) -> Converted:
    if not source.is_text:
        return source.converted(name)
    if name in texts:
        return _as_text(source, name)
    if name not in precedents:
        return source.converted(name)
    cells = source.columns[name]
    joined = _read(cells, precedents[name])
    return _with_wrong_cells(cells, precedents[name]) if joined is None else joined


def _as_text(source: Source, name: str) -> Converted:
    import pandas as pd

    cells = source.columns[name]
    if source.is_text:
        trimmed = map(unquoted, cells)
        cells = [None if cell.lower() in GAPS else cell for cell in trimmed]
    return Converted(pd.Series(cells, dtype=object))


def _read(cells: Sequence[str], precedents: Mapping[str, float | str]) -> Converted | None:
    """Return cells read together with precedents, where these mean what they did; else None."""
    n_before, expected = len(precedents), list(precedents.values())
    for is_decimal, day_first in product((False, True), repeat=2):
        comma = Comma(is_decimal, is_certain=True)
        joined = convert_text([*precedents, *cells], comma, prefers_day_first=day_first)
        before, after = joined.values[:n_before], joined.values[n_before:].reset_index(drop=True)
        if before.notna().all() and after.dtype != object and [*map(_plain, before)] == expected:
            wrong = None if joined.wrong is None else joined.wrong[n_before:]
            return Converted(after, joined.note, wrong, joined.kind)
    return None


def _with_wrong_cells(cells: Sequence[str], precedents: Mapping[str, float | str]) -> Converted:
    """Mark the cells that cannot be read together with the precedents."""
    import pandas as pd

    readings = {cell: _read([cell], precedents) for cell in set(cells)}
    is_wrong = {
        cell: reading is None or (reading.wrong is not None and bool(reading.wrong[0]))
        for cell, reading in readings.items()
    }
    if not any(is_wrong.values()):
        is_wrong = dict.fromkeys(is_wrong, True)  # each fits, but not all of them together
    wrong = np.array([is_wrong[cell] for cell in cells], dtype=bool)
    example, value = next(iter(precedents.items()))
    kind = f"{'date' if isinstance(value, str) else 'number'} written as {example!r} in training"
    return Converted(pd.Series(np.full(len(cells), np.nan)), "", wrong, kind)


def check_precedents(precedents: Any) -> None:
    """Raise ValueError unless a value is None, or precedents as `precedents_of` returns them."""
    if precedents is None:
        return
    if not isinstance(precedents, Mapping) or not all(map(_are_cells, precedents.values())):
        raise ValueError("precedents are cells and what they were read as, by column")


def _are_cells(cells: Any) -> bool:
    if not isinstance(cells, Mapping) or not cells:
        return False
    return all(isinstance(value, str) or is_number(value) for value in cells.values())
