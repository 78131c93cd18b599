"""The page's words for what Python's errors say: "Layers 99", not "n_layers=99"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from qmlplay.widget.settings.choices import DRAWN, DRAWN_LABEL, FIELD_LABELS, TOYS, label
from qmlplay.widget.settings.configuration import RULES, Choice

__all__ = ["in_page_words"]

_GIVEN = re.compile(rf"\b({'|'.join(FIELD_LABELS)})=('[^']*'|\([^)]*\)|[^\s,:;)\]]+)")
#: Settings that are no words of plain English.
_NAMED = re.compile(rf"\b({'|'.join(name for name in FIELD_LABELS if '_' in name)})\b")
_QUOTED = re.compile(r"'(\w+)'")
#: What the amplitude encoding says of a row that is no state, with what to type in Python.
_ROW_OF_ZEROS = re.compile(r"row \d+ of X [^,]* is zero in every feature, [^:]*: .*")
_SAMPLE_AT_ZERO = (
    "A sample is zero in both features, and no state has such amplitudes: erase it or leave it "
    "out, or choose another encoding"
)
#: Choices that have a name of their own on the page.
_CHOICES: Mapping[str, str] = MappingProxyType(
    {
        name: label(name)
        for rule in RULES.values()
        if isinstance(rule, Choice)
        for name in rule.allowed
    }
    | {name: toy.label for name, toy in TOYS.items()}
    | {DRAWN: DRAWN_LABEL}
)


def in_page_words(text: str) -> str:
    """Return an error's text with settings and choices named as on the page.

    Parameters
    ----------
    text : str
        As `Configuration` or an estimator says it, in the names of Python.

    Returns
    -------
    str

    Examples
    --------
    >>> in_page_words("n_layers=99: must be a whole number from 1 to 10")
    'Layers 99: must be a whole number from 1 to 10'
    >>> in_page_words("n_qubits=None: must be a whole number from 1 to 8")
    'Qubits (empty): must be a whole number from 1 to 8'
    >>> in_page_words("encoding='zz' with n_qubits=1")
    "Encoding 'ZZ feature map' with Qubits 1"
    """
    text = _ROW_OF_ZEROS.sub(_SAMPLE_AT_ZERO, text)
    text = _GIVEN.sub(_given, text).replace(" or None", " or empty")
    text = _NAMED.sub(lambda match: FIELD_LABELS[match[1]].label, text)
    return _QUOTED.sub(lambda match: f"'{_CHOICES.get(match[1], match[1])}'", text)


def _given(match: re.Match[str]) -> str:
    value = "(empty)" if match[2] == "None" else match[2]
    return f"{FIELD_LABELS[match[1]].label} {value}"
