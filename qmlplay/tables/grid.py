"""Text → columns of cells: comments, header and rows are told apart, and no row is lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from qmlplay.errors import listed
from qmlplay.tables.header import column_names, counts_on, header_reason
from qmlplay.tables.notation import looks_like_number
from qmlplay.tables.separators import SEPARATORS, find_separator, split_rows

__all__ = ["MOST_COLUMNS", "Grid", "rows_grid", "text_grid", "too_wide"]

MOST_COLUMNS = 10_000
_COMMENTS = ("#", "%")
_RULE = set("-=+:| ")  # the line under the header of a table in Markdown, or psql's
Rows = list[list[str]]


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


def text_grid(text: str, origin: str, separator: str | None = None, least_columns: int = 2) -> Grid:
    r"""Return the columns of a text file.

    Parameters
    ----------
    text : str
    origin : str
        The file's name, for messages.
    separator : str, optional
        What divides the columns; found by `find_separator` if left out.
    least_columns : int, default=2

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
    text, separator = _told_separator(text, separator)
    body, n_skipped = _without_comments(text)
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
    grid = rows_grid(rows, lines, origin, separator, least_columns)
    skipped = (f"comment lines skipped: {n_skipped}",) if n_skipped else ()
    return replace(grid, notes=skipped + grid.notes)


def _refuse_quotation(text: str, origin: str) -> None:
    """Raise ValueError where a quotation mark that is never closed hides the separators."""
    try:
        split_rows(text, ",")
    except ValueError as error:
        raise ValueError(f"{origin!r}: {error}") from None


def rows_grid(
    rows: Rows, lines: list[int], origin: str, separator: str, least_columns: int = 2
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

    Raises
    ------
    ValueError
        As `text_grid`.
    """
    rows, lines, notes = _filled_rows(rows, lines, separator)
    rows = _even_rows(rows, lines, origin, separator)
    if rows and len(rows[0]) > MOST_COLUMNS:
        raise too_wide(origin, len(rows[0]))
    if sum(any(map(str.strip, column)) for column in zip(*rows, strict=True)) < least_columns:
        raise ValueError(
            f"{origin!r} has one column between {SEPARATORS.get(separator, repr(separator))}: it "
            "needs at least one feature and the target; for another separator --sep (in Python "
            "separator=...)"
        )
    return _with_names(rows, lines, origin, separator, notes)


def too_wide(origin: str, n_columns: int) -> ValueError:
    """Return the error for a table with more columns than can be read."""
    return ValueError(
        f"{origin!r} has {n_columns:,} columns: at most {MOST_COLUMNS:,} can be read; keep fewer, "
        "or transpose it if its samples are its columns"
    )


def _told_separator(text: str, separator: str | None) -> tuple[str, str | None]:
    """Take away the line ``sep=;`` in which Excel tells the separator (blank, to keep count)."""
    first, end, rest = text.partition("\n")
    if first.lower().startswith("sep=") and len(first.rstrip("\r")) == 5:
        return end + rest, separator or first[4]
    return text, separator


def _without_comments(text: str) -> tuple[str, int]:
    """Return the text below the comments on top, and how many lines those are.

    A line ``#size,kind`` with as many cells as the next line is a header and stays, without #.
    """
    lines = text.split("\n", 200)
    n_comments = 0
    while n_comments < min(len(lines), 200) - 1 and lines[n_comments].startswith(_COMMENTS):
        n_comments += 1
    if n_comments and _is_commented_header(lines[n_comments - 1 :][:3]):
        n_comments -= 1
        lines[n_comments] = lines[n_comments].lstrip("# ")
    return "\n".join(lines[n_comments:]), n_comments


def _is_commented_header(lines: Sequence[str]) -> bool:
    """Return whether a line behind # names the columns of the next one."""
    separators = [sep for sep in (",", ";", "\t", "|") if sep in lines[1]]
    if lines[0].startswith("%") or not any(
        lines[0].count(sep) == lines[1].count(sep) for sep in separators
    ):
        return False
    has_numbers = [
        any(looks_like_number(cell) for cell in re.split(r"[,;\t|]", line.lstrip("#")))
        for line in lines
    ]
    # A line of names above one of numbers is the header itself, and the line behind # a comment.
    return not has_numbers[0] and (has_numbers[1] or not has_numbers[-1])


def _refuse_wide(text: str, origin: str, separator: str | None) -> None:
    for line in text[:20_000_000].lstrip().split("\n", 2)[:2]:
        for character in (separator,) if separator else (",", ";", "\t", "|"):
            n_columns = line.count(character) + 1
            if n_columns > MOST_COLUMNS and character != " ":
                raise too_wide(origin, n_columns)


def _filled_rows(rows: Rows, lines: list[int], separator: str) -> tuple[Rows, list[int], list[str]]:
    """Leave out rows without content, comments between rows, and rules below a header."""
    usual = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
    kept, numbers, comments = [], [], 0
    for row, line in zip(rows, lines, strict=True):
        if not any(map(str.strip, row)):
            continue
        if row[0].startswith(_COMMENTS) and len(row) != usual:
            comments += 1
        elif separator != "|" or not _is_rule(row):
            kept.append(row)
            numbers.append(line)
    notes = [f"comment lines between the rows skipped: {comments}"] if comments else []
    while len(kept) > 2 and _is_title(kept[0], usual):
        notes.append(f"line {numbers.pop(0)} skipped, a title: {listed([kept.pop(0)[0].strip()])}")
    return kept, numbers, notes


def _is_title(row: Sequence[str], usual: int) -> bool:
    """Return whether a row on top has one cell of text where the others have three or more."""
    is_alone = bool(row[0].strip()) and not any(map(str.strip, row[1:]))
    return is_alone and usual > 2 and not looks_like_number(row[0])


def _is_rule(row: Sequence[str]) -> bool:
    text = "".join(row)
    return "--" in text and set(text) <= _RULE


def _even_rows(rows: Rows, lines: list[int], origin: str, separator: str) -> Rows:
    """Return rows of one length: empty cells at the end of longer ones are cut.

    Raises
    ------
    ValueError
        If rows have more or fewer cells than the header; the text names their lines.
    """
    if not rows:
        raise ValueError(f"{origin!r} has no rows: it needs a table")
    width = len(rows[0])
    usual = Counter(map(len, rows[1:])).most_common(1)[0][0] if len(rows) > 1 else width
    while width > usual and not rows[0][width - 1].strip():
        width -= 1
    if usual == width + 1 > 2 and _are_row_names(rows[1:], usual):
        rows = [["", *rows[0]], *rows[1:]]  # R writes no name above its row names
        width += 1
    wrong = []
    for index, row in enumerate(rows):
        if len(row) > width and not any(map(str.strip, row[width:])):
            rows[index] = row[:width]
        elif len(row) != width:
            wrong.append(index)
    if not wrong:
        return rows
    raise ValueError(_uneven(rows, lines, wrong, width, origin, separator))


def _are_row_names(rows: Rows, width: int) -> bool:
    names = [row[0].strip() for row in rows]
    has_content = any(len(row) == width and row[-1].strip() for row in rows)
    counters = [[str(k + start) for k in range(len(rows))] for start in (0, 1)]
    is_text = len(set(names)) == len(names) and not any(n[:1].isdigit() for n in names)
    return has_content and (names in counters or is_text)


def _uneven(
    rows: Rows, lines: list[int], wrong: list[int], width: int, origin: str, separator: str
) -> str:
    shown = [f"{lines[i]} ({len(rows[i])} cells)" for i in wrong]
    noun = "line" if len(wrong) == 1 else "lines"
    return (
        f"{origin!r}: line {lines[0]} has {width} cells between {SEPARATORS.get(separator)}, but "
        f"{len(wrong)} of {len(rows) - 1} further rows have more or fewer: {noun} "
        f"{listed(shown, quoted=False)}. Correct them, put text that holds the separator in "
        "quotation marks, or name another separator (--sep ';', in Python separator=';')"
    )


def _with_names(
    rows: Rows, lines: list[int], origin: str, separator: str, notes: list[str]
) -> Grid:
    cells = [column for column in zip(*rows, strict=True) if any(map(str.strip, column))]
    first = [column[0] for column in cells]
    columns: list[Sequence[str]] = [column[1:] for column in cells]
    reason = header_reason(first, columns)
    if reason is not None:
        names = column_names(None, len(cells))
        return Grid(names, list(cells), lines, separator, f"none ({reason})", tuple(notes))
    names = column_names(first, len(cells))
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise ValueError(
            f"{origin!r}: columns that occur more than once: [{listed(twice)}]; rename them in "
            f"line {lines[0]}"
        )
    header = f"in line {lines[0]}" + (", numbers that count on" if counts_on(first) else "")
    is_repeat = [row == rows[0] for row in rows]
    if sum(is_repeat) > 1:
        notes.append(f"the header came {sum(is_repeat)} times: its copies are left out")
        keep = [i for i, repeat in enumerate(is_repeat) if not repeat]
        columns = [tuple(column[i] for i in keep) for column in cells]
        return Grid(names, columns, [lines[i] for i in keep], separator, header, tuple(notes))
    return Grid(names, columns, lines[1:], separator, header, tuple(notes))
