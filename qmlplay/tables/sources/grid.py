"""Text → columns of cells: comments, header and rows are told apart, and no row is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from qmlplay.errors import listed
from qmlplay.tables.sources.header import column_names, counts_on, header_reason, unique_names
from qmlplay.tables.sources.rows import Rows, even_rows, filled_rows, without_comments
from qmlplay.tables.sources.separators import SEPARATORS, find_separator, split_rows, told_separator

__all__ = ["MOST_COLUMNS", "FirstRow", "Grid", "rows_grid", "text_grid", "too_wide"]

MOST_COLUMNS = 10_000
#: Cells of a first line → whether it is a row, None where these do not tell.
FirstRow = Callable[[Sequence[str]], bool | None]


@dataclass(frozen=True, eq=False)
class Grid:
    """A text file as columns of text.

    Parameters
    ----------
    names : list of str
    columns : list of sequences of str
        One per name; all of one length.
    lines : list of int
        The line of the file in which each row starts; the first is 1.
    separator : str
    header : str
        Where the names come from, in words.
    notes : tuple of str
        What was skipped.
    """

    names: list[str]
    columns: list[Sequence[str]]
    lines: list[int]
    separator: str
    header: str
    notes: tuple[str, ...] = ()


def text_grid(
    text: str,
    origin: str,
    separator: str | None = None,
    least_columns: int = 2,
    is_row: FirstRow | None = None,
) -> Grid:
    r"""Return the columns of a text file.

    Parameters
    ----------
    text : str
    origin : str
        The file's name, for messages.
    separator : str, optional
        What divides the columns; found by `find_separator` if left out.
    least_columns : int, default=2
    is_row : callable, optional
        As for `rows_grid`.

    Raises
    ------
    ValueError
        If there is no separator, too many columns, no rows, or rows of different lengths.

    Examples
    --------
    >>> grid = text_grid("# trees\nsize;kind\n1,5;oak\n2,5;fir\n", "trees.csv")
    >>> grid.names, grid.columns, grid.lines
    (['size', 'kind'], [('1,5', '2,5'), ('oak', 'fir')], [3, 4])
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text, separator = told_separator(text, separator)
    body, n_skipped = without_comments(text)
    _refuse_wide(body, origin, separator)
    separator = separator or find_separator(body) or ("," if least_columns == 1 else None)
    if separator is None:
        _refuse_quotation(body, origin)
        raise ValueError(
            f"{origin!r} has one column, or lines with different numbers of cells: it needs "
            "columns between ',', ';', tabs or '|'; for another separator --sep (in Python "
            "separator=...)"
        )
    try:
        rows, starts = split_rows(body, separator)
    except ValueError as error:
        raise ValueError(f"{origin!r}: {error}") from None
    lines = [start + n_skipped for start in starts]
    grid = rows_grid(rows, lines, origin, separator, least_columns, is_row)
    skipped = (f"comment lines skipped: {n_skipped}",) if n_skipped else ()
    return replace(grid, notes=skipped + grid.notes)


def _refuse_quotation(text: str, origin: str) -> None:
    """Raise ValueError where a quotation mark that is never closed hides the separators."""
    try:
        split_rows(text, ",")
    except ValueError as error:
        raise ValueError(f"{origin!r}: {error}") from None


def rows_grid(
    rows: Rows,
    lines: list[int],
    origin: str,
    separator: str,
    least_columns: int = 2,
    is_row: FirstRow | None = None,
) -> Grid:
    """Return the columns of rows of cells, the first of which may be a header.

    Parameters
    ----------
    rows : list of lists of str
    lines : list of int
        The line, or row of a sheet, in which each starts.
    origin : str
        The file's name, for messages.
    separator : str
        What divided the cells; "" for a sheet.
    least_columns : int, default=2
    is_row : callable, optional
        For new rows: whether their first line is one of them, by its cells, or None where that
        has to be found out. Columns without content are kept then.

    Raises
    ------
    ValueError
        As `text_grid`.
    """
    rows, lines, notes = filled_rows(rows, lines, separator)
    rows = even_rows(rows, lines, origin, separator)
    if rows and len(rows[0]) > MOST_COLUMNS:
        raise too_wide(origin, len(rows[0]))
    filled = {
        index: column
        for index, column in enumerate(zip(*rows, strict=True))
        if is_row is not None or any(map(str.strip, column))
    }
    cells: list[tuple[str, ...]] = list(filled.values())
    if len(cells) < least_columns:
        raise ValueError(
            f"{origin!r} has one column between {SEPARATORS.get(separator, repr(separator))}: it "
            "needs at least one feature and the target; for another separator --sep (in Python "
            "separator=...)"
        )
    first, columns = [column[0] for column in cells], [column[1:] for column in cells]
    reason = _reason(first, columns, is_row)
    # Names go by place, also behind a column without content.
    all_names = column_names(rows[0] if reason is None else None, len(rows[0]))
    names = [all_names[index] for index in filled]
    if reason is None:
        return _with_header(rows, names, cells, lines, separator, notes)
    return Grid(names, list(cells), lines, separator, f"none ({reason})", tuple(notes))


def _reason(
    first: Sequence[str], columns: Sequence[Sequence[str]], is_row: FirstRow | None
) -> str | None:
    """Return why the first line is no header; None where it is one."""
    known = None if is_row is None else is_row(first)
    if known is None:
        return header_reason(first, columns)
    return "as in training" if known else None


def too_wide(origin: str, n_columns: int) -> ValueError:
    """Return the error for a table with more columns than can be read."""
    return ValueError(
        f"{origin!r} has {n_columns:,} columns: at most {MOST_COLUMNS:,} can be read; keep fewer, "
        "or transpose it if its samples are its columns"
    )


def _refuse_wide(text: str, origin: str, separator: str | None) -> None:
    for line in text[:20_000_000].lstrip().split("\n", 2)[:2]:
        for character in (separator,) if separator else (",", ";", "\t", "|"):
            n_columns = line.count(character) + 1
            if n_columns > MOST_COLUMNS and character != " ":
                raise too_wide(origin, n_columns)


def _with_header(
    rows: Rows,
    names: list[str],
    cells: list[tuple[str, ...]],
    lines: list[int],
    separator: str,
    notes: list[str],
) -> Grid:
    """Take the names out of the first row, and out of its copies further down."""
    names, renamed = unique_names(names)
    if renamed:
        notes = [*notes, f"columns of one name, renamed: {listed(renamed)}"]
    header = f"in line {lines[0]}" + (", numbers that count on" if counts_on(rows[0]) else "")
    kept = [index for index, row in enumerate(rows) if row != rows[0]]
    n_headers = len(rows) - len(kept)
    if n_headers > 1:
        notes = [*notes, f"the header came {n_headers} times: its copies are left out"]
        columns: list[Sequence[str]] = [tuple(column[i] for i in kept) for column in cells]
        return Grid(names, columns, [lines[i] for i in kept], separator, header, tuple(notes))
    columns = [column[1:] for column in cells]
    return Grid(names, columns, lines[1:], separator, header, tuple(notes))
