"""Messages between the page and the server: JSON, and bytes behind it.

A message is four bytes with the length of the JSON text, that text, and the buffers one after the
other; the text holds their lengths under ``"sizes"``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

__all__ = ["MOST_TEXT", "pack", "unpack"]

#: Bytes of JSON that a page may send in one message: a string to restore has up to six a character.
MOST_TEXT = 400_000


def pack(content: dict[str, Any], buffers: Sequence[Any] = ()) -> bytes:
    """Return a message.

    Parameters
    ----------
    content : dict
        Plain values.
    buffers : sequence of bytes-like
        What JSON cannot hold.

    Examples
    --------
    >>> unpack(pack({"a": 1}, [b"xyz"]))
    ({'a': 1}, [b'xyz'])
    """
    parts = [bytes(buffer) for buffer in buffers]
    text = json.dumps(
        content | {"sizes": [len(part) for part in parts]}, separators=(",", ":")
    ).encode()
    return b"".join([len(text).to_bytes(4, "big"), text, *parts])


def unpack(message: Any) -> tuple[dict[str, Any], list[bytes]]:
    """Return the content and the buffers of a message of the page.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    if not isinstance(message, bytes) or len(message) < 4:
        raise ValueError("not a message of the playground's page")
    end = 4 + int.from_bytes(message[:4], "big")
    if end > min(len(message), MOST_TEXT):
        raise ValueError("a message of the page with a wrong length")
    try:
        content = json.loads(message[4:end])
        sizes = content.pop("sizes")
    except (ValueError, RecursionError, KeyError, AttributeError, TypeError):
        raise ValueError("a message of the page that holds no JSON object") from None
    if not isinstance(content, dict) or not _fit(sizes, len(message) - end):
        raise ValueError("a message of the page with buffers of a wrong length")
    buffers = []
    for size in sizes:
        buffers.append(message[end : end + size])
        end += size
    return content, buffers


def _fit(sizes: Any, n_bytes: int) -> bool:
    """Return whether buffers of such sizes make up so many bytes."""
    is_list = isinstance(sizes, list) and len(sizes) <= 10
    return is_list and all(type(s) is int and s >= 0 for s in sizes) and sum(sizes) == n_bytes
