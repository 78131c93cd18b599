"""Markdown tables and numbers as people read them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a markdown table; the first column is aligned left, the others right.

    >>> print(markdown(["who", "ms"], [["a", "1"]]))
    | who | ms |
    |:----|---:|
    | a   |  1 |
    """
    cells = [list(map(str, row)) for row in (header, *rows)]
    widths = [max(3, *map(len, column)) for column in zip(*cells, strict=True)]
    widths[1:] = [max(2, *map(len, column)) for column in list(zip(*cells, strict=True))[1:]]
    lines = [_line(row, widths) for row in cells]
    rule = [":" + "-" * (widths[0] + 1), *("-" * (width + 1) + ":" for width in widths[1:])]
    lines.insert(1, "|" + "|".join(rule) + "|")
    return "\n".join(lines)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = row
    padded = [
        first.ljust(widths[0]),
        *(c.rjust(w) for c, w in zip(others, widths[1:], strict=True)),
    ]
    return "| " + " | ".join(padded) + " |"


def seconds(value: float) -> str:
    """Return a time with its unit.

    >>> seconds(0.00123), seconds(0.123), seconds(12.3)
    ('1.23 ms', '123 ms', '12.3 s')
    """
    return f"{three(value)} s" if value >= 1 else f"{three(1000 * value)} ms"


def three(value: float) -> str:
    """Return three digits, and never a power of ten.

    >>> three(1234.5), three(12.345), three(0.12345)
    ('1234', '12.3', '0.123')
    """
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def write_json(path: str | None, content: object) -> None:
    """Write a file, if one was asked for."""
    if path:
        Path(path).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
