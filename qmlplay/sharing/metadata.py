"""Metadata of a model card: the block of YAML that a hub reads, from plain values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["check_license", "to_yaml"]

#: As the Hub spells licenses: "apache-2.0", "cc-by-4.0", "other".
_LICENSE = re.compile(r"[a-z0-9][a-z0-9.-]{0,60}")


def check_license(name: object) -> None:
    """Raise ValueError unless a license is spelled as on the Hugging Face Hub, or is None.

    Examples
    --------
    >>> check_license("apache-2.0")
    >>> check_license("Apache 2")
    Traceback (most recent call last):
        ...
    ValueError: license must be a name as the Hugging Face Hub spells them, such as 'apache-2.0',
    'mit', 'cc-by-4.0' or 'other'; got 'Apache 2'
    """
    if name is not None and not (isinstance(name, str) and _LICENSE.fullmatch(name)):
        raise ValueError(
            "license must be a name as the Hugging Face Hub spells them, such as 'apache-2.0', "
            f"'mit', 'cc-by-4.0' or 'other'; got {name!r}"
        )


def to_yaml(content: Mapping[str, Any]) -> str:
    r"""Return plain values as YAML: a line each, every text in quotation marks.

    Keys are words of ours; whatever else a text holds, it is no more than a text.

    Examples
    --------
    >>> print(to_yaml({"license": "mit", "tags": ["a: b", "c\nd"], "n": {"value": 0.5}}))
    license: "mit"
    tags:
    - "a: b"
    - "c\nd"
    n:
      value: 0.5
    """
    return "\n".join(_lines(content))


def _lines(value: Any) -> list[str]:
    """Return the lines of a mapping or a sequence."""
    if isinstance(value, Mapping):
        return [line for key, entry in value.items() for line in _entry(f"{key}:", entry)]
    return [line for entry in value for line in _item(entry)]


def _entry(key: str, value: Any) -> list[str]:
    if not _is_nested(value):
        return [f"{key} {_scalar(value)}"]
    indent = "  " if isinstance(value, Mapping) else ""
    return [key, *(indent + line for line in _lines(value))]


def _item(value: Any) -> list[str]:
    if not _is_nested(value):
        return [f"- {_scalar(value)}"]
    first, *rest = _lines(value)
    return [f"- {first}", *(f"  {line}" for line in rest)]


def _is_nested(value: Any) -> bool:
    is_list = isinstance(value, Sequence) and not isinstance(value, str)
    return bool(value) and (isinstance(value, Mapping) or is_list)


def _scalar(value: Any) -> str:
    """Return a text, a number, a flag, None or something empty as JSON has it, as YAML does."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if isinstance(value, float) and "." not in text:
        text = text.replace("e", ".0e")  # readers of YAML 1.1 take 1e-05 for a text
    # Printable for YAML, which takes no others as they are, nor numbers of halves of one.
    return "".join(c if c.isprintable() else _numbered(c) for c in text)


def _numbered(character: str) -> str:
    if 0xD800 <= ord(character) <= 0xDFFF:  # half of a character, which no file can hold
        return "�"
    return f"\\U{ord(character):08x}"
