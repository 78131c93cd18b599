"""The source of a table: columns of text with their lines, or typed columns of a frame."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qmlplay.errors import listed
from qmlplay.tables.cells import (
    UNKNOWN_COMMA,
    Comma,
    Converted,
    Labels,
    cell_text,
    convert_series,
    convert_text,
    file_comma,
    text_labels,
    typed_labels,
    unquoted,
)
from qmlplay.tables.sources.file_content import content_of, file_stem, is_url, read_content
from qmlplay.tables.sources.grid import MOST_COLUMNS, FirstRow, Grid, rows_grid, text_grid, too_wide
from qmlplay.tables.sources.separators import checked_separator
from qmlplay.tables.sources.table_frames import as_pandas

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Source", "file_source", "frame_source"]


@dataclass(frozen=True, eq=False)
class Source:
    """A table before anything is decided about its columns.

    Parameters
    ----------
    name, origin : str
        What to call the dataset, and where it comes from.
    columns : mapping of str to sequence of str or Series
        Cells of text, or typed columns.
    lines : sequence of int
        For files, the line in which each row starts; empty for frames.
    separator, encoding, header : str or None
        As in `Recognition`.
    comma : Comma
        What a comma in a number is, where a column does not tell.
    labels : mapping of str to object
        Name of a column → its label in the frame, where that is no text.
    notes : tuple of str
    """

    name: str
    origin: str
    columns: Mapping[str, Any]
    n_rows: int
    lines: Sequence[int] = ()
    separator: str | None = None
    encoding: str | None = None
    header: str | None = None
    comma: Comma = UNKNOWN_COMMA
    labels: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def is_text(self) -> bool:
        """Whether the columns are text, as those of files are."""
        return self.header is not None

    def converted(self, name: str) -> Converted:
        """Return a column as numbers, dates or text."""
        if self.is_text:
            return convert_text(
                self.columns[name], self.comma, prefers_day_first=self.separator == ";"
            )
        return convert_series(self.columns[name])

    def labels_of(self, name: str) -> Labels:
        """Return a column as labels."""
        if self.is_text:
            return text_labels(self.columns[name])
        return typed_labels(self.columns[name].astype(object).tolist())

    def has_classes(self, name: str) -> bool:
        """Tell whether a column says by its type, or by zeros in front, that it is no number."""
        import pandas as pd

        if self.is_text:
            texts = (unquoted(cell) for cell in dict.fromkeys(self.columns[name]))
            return any(t[:1] == "0" and len(t) > 1 and t.isdigit() for t in texts)
        kind = self.columns[name].dtype
        if isinstance(kind, pd.CategoricalDtype) or pd.api.types.is_bool_dtype(kind):
            return True
        cells = self.columns[name].dropna().tolist()[:1] if kind.kind == "O" else []
        return any(isinstance(cell, bool) for cell in cells)

    def cell(self, name: str, row: int) -> str:
        """Return a cell and its place in words."""
        if self.is_text:
            return f"{listed([self.columns[name][row]])} in line {self.lines[row]}"
        return f"{listed([cell_text(self.columns[name].iloc[row])])} in row {row}"


def file_source(
    source: str | PathLike[str] | bytes,
    *,
    name: str | None = None,
    separator: str | None = None,
    least_columns: int = 2,
    is_row: FirstRow | None = None,
) -> Source:
    """Return the table of a file.

    Parameters
    ----------
    source : path or bytes
        A file, or what is in it.
    name : str, optional
        What to call the dataset; the file's stem by default.
    separator : str, optional
        What divides the columns of a text file; found out if left out.
    least_columns : int, default=2
    is_row : callable, optional
        For new rows, as in `qmlplay.tables.sources.grid.rows_grid`.

    Raises
    ------
    OSError, ImportError, ValueError
        If there is no such file, pandas cannot read its kind, or no table is in it.
    """
    separator = checked_separator(separator)
    if isinstance(source, bytes):
        content, origin = source, name or "the file"
    else:
        if is_url(str(source)):
            raise ValueError(
                f"{str(source)!r} is on a network, which is never asked here: download it, or in "
                f"Python pass pd.read_csv({str(source)!r})"
            )
        content, origin = content_of(Path(source)), str(source)
    name = name if isinstance(source, bytes) else name or file_stem(origin)
    found = read_content(content, origin)
    if found.frame is not None:
        return frame_source(found.frame, name=file_stem(name or origin), origin=origin)
    if found.sheet is not None:
        cells = [[_sheet_text(cell) for cell in row] for row in found.sheet.to_numpy().tolist()]
        grid = rows_grid(cells, list(range(1, len(cells) + 1)), origin, "", least_columns, is_row)
    else:
        grid = text_grid(found.text, origin, separator, least_columns, is_row)
    return _grid_source(grid, file_stem(name or origin), origin, found.encoding)


def _grid_source(grid: Grid, name: str, origin: str, encoding: str | None) -> Source:
    return Source(
        name=name,
        origin=origin,
        columns=dict(zip(grid.names, grid.columns, strict=True)),
        n_rows=len(grid.lines),
        lines=grid.lines,
        separator=grid.separator or None,
        encoding=encoding,
        header=grid.header,
        comma=file_comma(grid.columns, grid.separator),
        notes=grid.notes,
    )


def _sheet_text(cell: Any) -> str:
    """Return a cell of a sheet as text: whole numbers and dates without zeros at their ends."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell_text(cell).removesuffix(" 00:00:00")


def frame_source(frame: Any, *, name: str | None = None, origin: str = "a DataFrame") -> Source:
    """Return the table of a frame of any library.

    Raises
    ------
    TypeError
        If it cannot be read.
    ValueError
        If it has too many columns, no rows, or two columns of one name.
    """
    table = as_pandas(frame)
    if table.shape[1] > MOST_COLUMNS:
        raise too_wide(origin, table.shape[1])
    texts = [_column_name(label) for label in table.columns]
    twice = sorted(text for text, count in Counter(texts).items() if count > 1)
    if twice:
        raise ValueError(f"columns that occur more than once: [{listed(twice)}]; rename them")
    columns: dict[str, pd.Series] = {text: table.iloc[:, index] for index, text in enumerate(texts)}
    return Source(
        name=name or "own data",
        origin=origin,
        columns=columns,
        n_rows=len(table),
        labels=dict(zip(texts, table.columns, strict=True)),
    )


def _column_name(label: Any) -> str:
    """Return a column's label as text; the levels of one with several are joined."""
    return "/".join(map(str, label)) if isinstance(label, tuple) else str(label)
