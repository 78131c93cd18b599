"""Notation of cells: what stands for a gap, and which text is a number, as people write them."""

from __future__ import annotations

import re

__all__ = [
    "GAPS",
    "LABEL_GAPS",
    "NUMBER_GAPS",
    "UNKNOWN_LABELS",
    "looks_like_number",
    "plain_number",
    "unquoted",
]

#: No value, in a label: an empty cell or a question mark.
LABEL_GAPS = frozenset({"", "?"})
#: No value, in a label, unless it is a code like the others (Namibia, North America).
UNKNOWN_LABELS = frozenset({"na", "n/a", "#n/a", "nan", "<na>", "null"})
#: No value, in any feature, in lower case.
GAPS = LABEL_GAPS | {
    "na", "n/a", "#n/a", "#na", "#n/a n/a", "nan", "-nan", "<na>", "none", "null", "nil", "nat",
    "\\n", "#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!", "#error!", "n.a.", "(null)",
}  # fmt: skip
#: No value, in a column of numbers or dates: in others these may be categories, such as + and -.
NUMBER_GAPS = GAPS | {
    "-", "--", "---", "–", "—", ".", "..", "...", "*", "missing", "n.d.",
}  # fmt: skip

_QUOTES = ("'", '"', "`")
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_GENERAL = re.compile(
    r"\(?[+-]?[^\w\s.,+-]{0,3}\s?[+-]?\d[\d.,'’ \u00a0\u202f]*([eE][+-]?\d+)?\s?[%€$£¥°]?\)?",
    re.ASCII,
)


def unquoted(text: str) -> str:
    r"""Return a text without blanks and a pair of quotation marks around it.

    Examples
    --------
    >>> unquoted(" 'ckd\t' ")
    'ckd'
    """
    text = text.strip()
    while text[:1] in _QUOTES and len(text) > 1 and text[0] == text[-1]:
        text = text[1:-1].strip()
    return text


def plain_number(text: str) -> bool:
    """Return whether a text is a number in Python's own notation.

    Examples
    --------
    >>> [plain_number(text) for text in ("1.5", "-2e-3", "1,5", "1_000", "inf")]
    [True, True, False, False, False]
    """
    return _PLAIN.fullmatch(text) is not None


def looks_like_number(text: str) -> bool:
    """Return whether a text may be a number in some notation.

    Examples
    --------
    >>> [looks_like_number(text) for text in ("1,5", "$84,835.00", "(12)", "5%", "oak", "5;2")]
    [True, True, True, True, False, False]
    """
    text = text.strip()
    return plain_number(text) or _GENERAL.fullmatch(text) is not None
