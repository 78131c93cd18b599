"""The separator of a text file: the one that divides all lines alike."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from io import StringIO

from qmlplay.tables.cells import looks_like_number

__all__ = [
    "COMMENTS",
    "SEPARATORS",
    "checked_separator",
    "find_separator",
    "split_rows",
    "told_separator",
]

#: What a separator is called on the command line and in messages.
SEPARATORS = {",": "','", ";": "';'", "\t": "tab", "|": "'|'", " ": "spaces", "": "columns"}
#: How a line begins that is a comment.
COMMENTS = ("#", "%")
_NAMES = {
    "comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "pipe": "|", "space": " ",
    "spaces": " ", "whitespace": " ", "\\s+": " ", "t": "\t",
}  # fmt: skip
_SAMPLE = 500_000
_ROWS_FOR_NUMBERS = 200
#: Stands for a separator of several characters, which csv cannot take.
_UNIT = "\x1f"


def checked_separator(separator: str | None) -> str | None:
    r"""Return a separator that the user gave, by name or as it is.

    Raises
    ------
    ValueError
        If it is empty, a letter, a digit or a quotation mark.

    Examples
    --------
    >>> checked_separator("tab"), checked_separator(";")
    ('\t', ';')
    """
    if separator is None:
        return None
    separator = _NAMES.get(separator, separator)
    if not separator or separator.isalnum() or set(separator) & set("\"'\r\n"):
        raise ValueError(
            f"separator {separator!r}: must be a character between the columns, such as ';', or "
            "one of comma, semicolon, tab, pipe, spaces (--sep ';', in Python separator=';')"
        )
    return separator


def told_separator(text: str, separator: str | None) -> tuple[str, str | None]:
    """Take away the line ``sep=;`` in which Excel tells the separator (blank, to keep count)."""
    first, end, rest = text.partition("\n")
    if first.lower().startswith("sep=") and len(first.rstrip("\r")) == 5:
        return end + rest, separator or first[4]
    return text, separator


def find_separator(text: str) -> str | None:
    r"""Return the separator that divides most lines into the same number of cells, two or more.

    Where two do, the one with more numbers between is taken: ``1,5;2,5`` are two decimals.
    Spaces are a last resort. None if no separator divides the lines.

    Examples
    --------
    >>> [find_separator(text) for text in ("a;b\n1,5;2\n", "1 2\n3 4\n", "a\nb\n")]
    [';', ' ', None]
    """
    sample = text[:_SAMPLE]
    if len(text) > _SAMPLE and "\n" in sample:
        sample = sample[: sample.rindex("\n")]
    merits = {separator: _merit(sample, separator) for separator in ("\t", ";", "|", ",")}
    separator = max(merits, key=merits.__getitem__)  # commas stand in text, too: the last resort
    share, numbers, _ = merits[separator]
    spaces = _merit(sample, " ")
    # Numbers between spaces, with a tab before the last column, are columns as well; so are
    # numbers between one tab here and two there.
    if spaces[0] > 0.9 and (share < 0.5 or spaces[1] > numbers + 0.2):
        return " "
    if separator == "\t" and share < spaces[0] == 1 and spaces[1] > 0.9:
        return " "
    return separator if share > 0 else None


def _merit(text: str, separator: str) -> tuple[float, float, int]:
    """Return the share of rows of the usual length, the share of numbers, and that length."""
    try:
        rows = [row for row in split_rows(text, separator)[0] if any(row)]
    except (csv.Error, ValueError):
        return 0.0, 0.0, 0
    lengths = Counter(len(row) for row in rows if len(row) > 1 or not _is_comment(row))
    if not lengths:
        return 0.0, 0.0, 0
    usual, count = max(lengths.items(), key=lambda item: (item[1], item[0]))
    if usual < 2:
        return 0.0, 0.0, 0
    cells = [cell for row in rows[:_ROWS_FOR_NUMBERS] if len(row) == usual for cell in row]
    numbers = sum(map(looks_like_number, cells)) / len(cells)
    return round(count / lengths.total(), 2), round(numbers, 2), usual


def _is_comment(row: Sequence[str]) -> bool:
    return row[0].startswith(COMMENTS)


def split_rows(text: str, separator: str) -> tuple[list[list[str]], list[int]]:
    r"""Return the rows of a text as lists of cells, and the line in which each starts.

    Quotation marks hold separators and line ends inside a cell.

    Raises
    ------
    ValueError
        If a quotation mark is never closed.

    Examples
    --------
    >>> split_rows('a, "b, c"\n\n1,2', ",")
    ([['a', 'b, c'], ['1', '2']], [1, 3])
    """
    if separator == " ":
        text = "\n".join(re.sub(r"[ \t]+", " ", line).strip() for line in text.splitlines())
    elif len(separator) > 1:
        text, separator = text.replace(separator, _UNIT), _UNIT
    rows, starts = [], []
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    end = 0
    try:
        for row in reader:
            if row:
                rows.append(row)
                starts.append(end + 1)
            end = reader.line_num
    except csv.Error as error:
        raise ValueError(
            f"a cell that starts in line {end + 1} has no end ({error}): is a quotation mark there "
            "never closed?"
        ) from error
    if rows and '"' in text and "\n" in rows[-1][-1]:
        _refuse_open_quotation(text, separator, starts[-1])
    return rows, starts


def _refuse_open_quotation(text: str, separator: str, start: int) -> None:
    """Raise ValueError where the last row, from line `start` on, ends inside a quotation."""
    lines = StringIO(text, newline="").readlines()[start - 1 :]
    try:
        list(csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=True))
    except csv.Error as error:
        if "end of data" in str(error):
            raise ValueError(
                f"a quotation mark in line {start} is never closed: close it or delete it"
            ) from error
