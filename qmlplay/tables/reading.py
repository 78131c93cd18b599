"""Files and frames as people have them → features, labels, and what was recognised."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

from qmlplay.tables.recognition import (
    Table,
    checked_selection,
    decided_table,
    frame_of,
    problem_text,
    wrong_cells,
)
from qmlplay.tables.sources import file_source, frame_source

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["column_names", "read_features", "read_table", "table_from_frame"]


def read_table(
    path: str | PathLike[str] | bytes,
    target: Any = None,
    *,
    name: str | None = None,
    separator: str | None = None,
    drop: Sequence[str] = (),
    features: Sequence[str] | None = None,
    keep: Sequence[str] = (),
    task: str = "classification",
) -> Table:
    r"""Return a file's features, its labels, and what was recognised of it.

    Text files may be separated by ``,``, ``;``, tabs, ``|`` or spaces, with or without a header,
    compressed or not; parquet and Excel files are read where pandas can. Numbers may be written
    as ``1,234``, ``1,5``, ``$84,835.00`` or ``5%``, and gaps as ``?``, ``NA`` or ``-``.

    Parameters
    ----------
    path : path or bytes
        The file, or what is in it (then `name` is the file's name).
    target : str, optional
        The column with the labels; by default one called target, class, label, species or the
        like, else the last one.
    name : str, optional
        What to call the dataset; the file's stem by default.
    separator : str, optional
        What divides the columns; found out by default.
    drop : sequence of str
        Columns to leave out.
    features : sequence of str, optional
        The only columns to use.
    keep : sequence of str
        Columns to use though they count or name the rows, or are the same in all of them.
    task : {"classification", "regression", "auto"}, default="classification"
        Whether the target holds classes, or numbers to predict; "auto" finds it out: text and
        truth values are classes, decimals are numbers, unless there are few, each in many rows;
        whole numbers are classes up to 20 different ones, or where they are equally frequent, and
        numbers where most rows have different ones. `Recognition.doubt` says where that may be
        otherwise.

    Returns
    -------
    Table

    Raises
    ------
    OSError, ImportError
        If there is no such file, or a package is missing that reads its kind.
    TypeError, ValueError
        If it cannot be used; all problems are in one message, with what to do.

    Examples
    --------
    >>> table = read_table(b"id;size;kind\n1;1,5;oak\n2;2,5;fir\n3;;oak\n", name="trees.csv")
    >>> table.recognition.separator, table.recognition.class_counts
    (';', {'fir': 1, 'oak': 2})
    >>> table.recognition.left_out
    {'id': 'counts the rows'}
    >>> table.features["size"].tolist(), table.target.tolist()
    ([1.5, 2.5, nan], ['oak', 'fir', 'oak'])
    """
    source = file_source(path, name=name, separator=separator)
    return decided_table(source, checked_selection(source, target, drop, features, keep), task)


def table_from_frame(
    frame: Any,
    target: Any = None,
    *,
    name: str | None = None,
    drop: Sequence[Any] = (),
    features: Sequence[Any] | None = None,
    keep: Sequence[Any] = (),
    task: str = "classification",
) -> Table:
    """Return a frame's features, its labels, and what was recognised of it.

    Parameters
    ----------
    frame : DataFrame
        Of pandas, polars, or any library with the interchange protocol.
    target, name, drop, features, keep, task
        As for `read_table`; columns by their labels.

    Returns
    -------
    Table

    Raises
    ------
    TypeError, ValueError
        If it cannot be used; all problems are in one message, with what to do.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"size": [1, None, 8], "kind": ["rose", "rose", "lily"]})
    >>> table_from_frame(frame).features["size"].tolist()
    [1.0, nan, 8.0]
    """
    source = frame_source(frame, name=name)
    return decided_table(source, checked_selection(source, target, drop, features, keep), task)


def read_features(
    path: str | PathLike[str] | bytes,
    *,
    name: str | None = None,
    separator: str | None = None,
    columns: Collection[str] | None = None,
) -> pd.DataFrame:
    r"""Return the columns of a file with new rows; no target is chosen and nothing left out.

    Parameters
    ----------
    path, name, separator
        As for `read_table`.
    columns : collection of str, optional
        Those that matter: cells that do not fit their column are an error in these alone, and
        gaps elsewhere. All by default.

    Returns
    -------
    DataFrame, shape (n_rows, n_columns)

    Raises
    ------
    OSError, ImportError, ValueError
        As `read_table`.

    Examples
    --------
    >>> read_features(b"id;size\n1;1,5\n2;2,5\n")["size"].tolist()
    [1.5, 2.5]
    """
    source = file_source(path, name=name, separator=separator, least_columns=1)
    converted = {name: source.converted(name) for name in source.columns}
    wanted = source.columns if columns is None else columns
    problems, _ = wrong_cells(source, {n: c for n, c in converted.items() if n in wanted})
    if problems:
        raise ValueError(problem_text(source.origin, problems, "Correct these cells"))
    return frame_of(converted, source.n_rows)


def column_names(path: str | PathLike[str] | bytes, *, name: str | None = None) -> list[str]:
    r"""Return the names of all columns of a file, the target's among them.

    Parameters
    ----------
    path, name
        As for `read_table`.

    Raises
    ------
    OSError, ImportError, ValueError
        If there is no such file, or no table is in it; cells are not looked at.

    Examples
    --------
    >>> column_names(b"5.1;3.5;setosa\n4.9;3.0;setosa\n")
    ['x0', 'x1', 'x2']
    """
    return list(file_source(path, name=name).columns)
