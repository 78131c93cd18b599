"""Lines above a table in a file of text: comments, and the line that tells the separator."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qmlplay.tables.notation import looks_like_number

__all__ = ["COMMENTS", "told_separator", "without_comments"]

COMMENTS = ("#", "%")


def told_separator(text: str, separator: str | None) -> tuple[str, str | None]:
    """Take away the line ``sep=;`` in which Excel tells the separator (blank, to keep count)."""
    first, end, rest = text.partition("\n")
    if first.lower().startswith("sep=") and len(first.rstrip("\r")) == 5:
        return end + rest, separator or first[4]
    return text, separator


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
