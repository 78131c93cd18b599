"""Bytes → text: UTF-8 or UTF-16 where the bytes say so, else a guess that is named."""

from __future__ import annotations

import re

__all__ = ["decoded"]

_MARKS = {
    b"\xef\xbb\xbf": ("utf-8-sig", "UTF-8"),
    b"\xff\xfe\x00\x00": ("utf-32", "UTF-32"),
    b"\x00\x00\xfe\xff": ("utf-32", "UTF-32"),
    b"\xff\xfe": ("utf-16", "UTF-16"),
    b"\xfe\xff": ("utf-16", "UTF-16"),
}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f]")
#: Of the characters at the start of a file of text, fewer than this share are control characters.
_FEW = 0.01
_START = 100_000


def decoded(content: bytes, origin: str) -> tuple[str, str]:
    """Return the text of a file and the name of its encoding.

    Parameters
    ----------
    content : bytes
    origin : str
        The file's name, for messages.

    Raises
    ------
    ValueError
        If the bytes are no text.

    Examples
    --------
    >>> decoded("größe".encode(), "a.csv"), decoded("größe".encode("latin-1"), "a.csv")
    (('größe', 'UTF-8'), ('größe', 'Windows-1252 (a guess)'))
    """
    text, encoding = _text(content, origin)
    start = text[:_START]
    if len(_CONTROL.findall(start)) > _FEW * len(start):
        raise ValueError(f"{origin!r} holds binary data and no text: save the table as CSV")
    return text.rstrip("\x1a\x00"), encoding  # DOS ended its files so


def _text(content: bytes, origin: str) -> tuple[str, str]:
    for mark, (codec, name) in _MARKS.items():
        if content.startswith(mark):
            try:
                return content.decode(codec), name
            except UnicodeDecodeError as error:
                raise ValueError(
                    f"{origin!r} starts as {name} text, but is damaged ({error.reason}): save it "
                    "again, as UTF-8"
                ) from error
    for codec, zeros in (("utf-16-le", content[1:2000:2]), ("utf-16-be", content[:2000:2])):
        if len(zeros) > 4 and zeros.count(0) > 0.8 * len(zeros):
            return content.decode(codec, errors="replace"), "UTF-16 (a guess)"
    try:
        return content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252"), "Windows-1252 (a guess)"
    except UnicodeDecodeError:
        return content.decode("latin-1"), "Latin-1 (a guess)"
