"""Markdown of a model card: whatever a name holds, it is shown as text and means nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

__all__ = ["bullets", "escaped", "fenced", "table"]

#: What Markdown or HTML reads as something: marks, the starts of lists, and links.
_MARKS = re.compile(r"[\\`*_\[\]<>#|~&$@]|^[-+=]|:(?=//)|(?<=www)\.", re.IGNORECASE)
#: The start of a numbered list.
_NUMBER = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")
#: Categories of Unicode that are not seen, or turn the direction of what is.
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
#: Characters of a name that are shown.
_LONGEST = 500


def escaped(text: object, longest: int = _LONGEST) -> str:
    r"""Return text that Markdown shows as it is, in one line.

    Characters that cannot be seen are shown by their numbers, and very long texts are cut.

    Examples
    --------
    >>> print(escaped("a|b <img src=x>\n# c"))
    a\|b \<img src=x\> \# c
    >>> print(escaped("a\u202eb"))
    a\\u202eb
    """
    line = "".join(map(_visible, " ".join(str(text).split())))
    if len(line) > longest:
        line = f"{line[: longest - 1]}…"
    return _NUMBER.sub(r"\1\\\2", _MARKS.sub(r"\\\g<0>", line))


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _UNSEEN:
        return character
    return f"\\u{ord(character):04x}"


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    r"""Return a table; headings are Markdown already, cells are text.

    Examples
    --------
    >>> print(table(["model", "score"], [["a|b", 0.5]]))
    | model | score |
    |---|---|
    | a\|b | 0.5 |
    """
    lines = [headings, ["---"] * len(headings), *([escaped(c) for c in row] for row in rows)]
    rule = "|" + "---|" * len(headings)
    return "\n".join(rule if cells[0] == "---" else f"| {' | '.join(cells)} |" for cells in lines)


def bullets(lines: Iterable[str]) -> str:
    """Return lines of Markdown as a list."""
    return "\n".join(f"- {line}" for line in lines)


def fenced(text: str, language: str = "text") -> str:
    """Return text as a block of code, whose fence is longer than any in it.

    Examples
    --------
    >>> print(fenced("x = 1", "python"))
    ```python
    x = 1
    ```
    """
    longest = max((len(ticks) for ticks in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
