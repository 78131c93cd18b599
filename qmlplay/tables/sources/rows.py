"""Rows of a table: comments and rows without content go, and the others are made equally long."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from qmlplay.errors import listed
from qmlplay.tables.cells import looks_like_number
from qmlplay.tables.sources.separators import COMMENTS, SEPARATORS

__all__ = ["Rows", "even_rows", "filled_rows", "without_comments"]

Rows = list[list[str]]
_RULE = set("-=+:| ")  # the line under the header of a table in Markdown, or psql's


def without_comments(text: str) -> tuple[str, int]:
    """Return the text below the comments on top, and how many lines those are.

    A line ``#size,kind`` with as many cells as the next line is a header and stays, without #.
    """
    lines = text.split("\n", 200)
    n_comments = 0
    while n_comments < min(len(lines), 200) - 1 and lines[n_comments].startswith(COMMENTS):
        n_comments += 1
    if n_comments and _is_commented_header(lines[n_comments - 1 :][:3]):
        n_comments -= 1
        bare = lines[n_comments].lstrip("# ")
        if not bare.startswith((",", ";", "\t", "|")):  # else # alone names the first column
            lines[n_comments] = bare
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


def filled_rows(rows: Rows, lines: list[int], separator: str) -> tuple[Rows, list[int], list[str]]:
    """Leave out rows without content, comments between rows, and rules below a header."""
    usual = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
    kept, numbers, comments = [], [], 0
    for row, line in zip(rows, lines, strict=True):
        if not any(map(str.strip, row)):
            continue
        if row[0].startswith(COMMENTS) and len(row) != usual:
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


def even_rows(rows: Rows, lines: list[int], origin: str, separator: str) -> Rows:
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
