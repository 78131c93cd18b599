"""Problems of a table in one message of bounded length, with what to type next."""

from __future__ import annotations

import csv
import shlex
from collections.abc import Sequence
from io import StringIO

__all__ = ["option_text", "problem_text", "with_option"]

_LONGEST = 950
_MOST_COLUMNS = 10
_LONGEST_OPTION = 120


def with_option(option: str, names: Sequence[str]) -> str:
    """Return names as an option of the command line, and as the keyword in Python.

    Examples
    --------
    >>> print(with_option("drop", ["age", "size, in cm"]))
    --drop 'age,"size, in cm"' (in Python drop=['age', 'size, in cm'])
    """
    shown = list(names)[:_MOST_COLUMNS]
    while len(shown) > 1 and sum(map(len, shown)) > _LONGEST_OPTION:
        shown.pop()
    more = ", …" if len(names) > len(shown) else ""
    python = "[" + ", ".join(map(repr, shown)) + more + "]"
    return f"{option_text(option, shown)}{',…' if more else ''} (in Python {option}={python})"


def option_text(option: str, names: Sequence[str]) -> str:
    """Return names as an option of the command line, quoted for the shell where necessary.

    Examples
    --------
    >>> print(option_text("keep", ["id"]))
    --keep id
    """
    line = StringIO()
    csv.writer(line, lineterminator="").writerow(names)
    return f"--{option} {shlex.quote(line.getvalue())}"


def problem_text(origin: str, problems: Sequence[str], remedy: str = "") -> str:
    """Return all problems of a table as one message, at most a thousand characters long.

    Parameters
    ----------
    origin : str
        The file's name.
    problems : sequence of str
    remedy : str, optional
        What to do about them together.

    Examples
    --------
    >>> print(problem_text("a.csv", ["x is empty", "y is empty"], "drop them"))
    a.csv: 2 problems: (1) x is empty; (2) y is empty. drop them
    """
    numbered = len(problems) > 1
    head = f"{origin[-120:]}: " + (f"{len(problems)} problems: " if numbered else "")
    tail = f". {remedy[:400]}" if remedy else ""
    shown = ""
    for number, problem in enumerate(problems, 1):
        part = ("; " if shown else "") + (f"({number}) " if numbered else "") + problem[:600]
        more = f"; and {len(problems) - number + 1} more"
        if len(head) + len(shown) + len(part) + len(tail) + len(more) > _LONGEST:
            shown += more
            break
        shown += part
    return head + shown + tail
