"""Numbers as people write them: 1,234 or 1,5 or $84,835.00, by what a whole column agrees on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from qmlplay.tables.cells.notation import plain_number
from qmlplay.typing import Booleans, Real

__all__ = ["UNKNOWN_COMMA", "Comma", "Numbers", "file_comma", "read_numbers"]

_CURRENCY = r"US\$|A\$|C\$|[$€£¥₹₽₩₺฿]|USD|EUR|GBP|CHF|JPY|INR|CNY|Rs\.?"
_NUMBER = re.compile(
    rf"""(?P<open>\()?\s*(?P<sign>[+-]?)\s*(?P<prefix>{_CURRENCY})?\s*(?P<sign2>[+-]?)
    (?P<digits>[\d.,][\d.,'’\s]*?)(?P<exponent>[eE][+-]?\d+)?
    \s*(?P<unit>[^\W\d_][^\W\d]{{0,9}}[²³]?|%|°\s?[CF]?|[$€£¥₹₽₩₺฿]|[a-zA-Zµ]{{1,5}}[/^][\w²³]{{1,5}})?
    \s*(?P<close>\))?""",
    re.VERBOSE | re.ASCII,
)
_GROUPS = re.compile(r"\d{1,3}([ '’]\d{3})+(?=[.,]|$)")
_THOUSANDS_COMMA = re.compile(r"[1-9]\d{0,2}(,\d{2,3})*,\d{3}(\.\d*)?")
_DECIMAL_COMMA = re.compile(r"(\d+|\d{1,3}(\.\d{3})+)?,\d+")
_THOUSANDS_DOT = re.compile(r"[1-9]\d{0,2}(\.\d{3})+")
_PLAIN = re.compile(r"\d+\.?\d*|\.\d+")
_MINUS = str.maketrans({"−": "-", "–": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " "})


#: Rows, and cells among these, that are asked what a comma is.
_SAMPLE, _MOST_VOTES = 100, 2000


@dataclass(frozen=True, eq=False)
class Numbers:
    """Texts as numbers.

    Parameters
    ----------
    values : ndarray of float64, shape (n_texts,)
        NaN where the text is no number in the column's notation.
    is_number : ndarray of bool, shape (n_texts,)
    example : tuple of str or None
        A text in another notation than Python's, and how it was read.
    is_ambiguous : bool
        Whether a comma may be a decimal comma or part of thousands in all of them.
    """

    values: Real
    is_number: Booleans
    example: tuple[str, str] | None = None
    is_ambiguous: bool = False


@dataclass(frozen=True)
class Comma:
    """What a comma in a number is, for columns that do not tell.

    Parameters
    ----------
    is_decimal : bool
        Whether ``1,234`` is little more than one.
    is_certain : bool
        Whether another column of the file tells so; else it is a guess from the separator.
    """

    is_decimal: bool = False
    is_certain: bool = False


UNKNOWN_COMMA = Comma()


@dataclass(frozen=True)
class _Parts:
    sign: int
    digits: str
    exponent: str
    unit: str


def read_numbers(
    texts: Sequence[str], counts: Sequence[int], default: Comma = UNKNOWN_COMMA
) -> Numbers:
    """Return texts as numbers, as far as they agree on notation and unit.

    Parameters
    ----------
    texts : sequence of str, length n_texts
        Different texts without blanks around them, none of which is a gap.
    counts : sequence of int, length n_texts
        How often each occurs in the column.
    default : Comma
        How ``1,234`` is read where the column alone does not tell.

    Examples
    --------
    >>> read_numbers(["1,5", "2,25"], [1, 1]).values
    array([1.5 , 2.25])
    >>> read_numbers(["$84,835.00", "(5)", "oak"], [1, 1, 1]).values
    array([ 8.4835e+04, -5.0000e+00,         nan])
    """
    is_plain = [plain_number(text) for text in texts]
    parts = {
        index: found
        for index, text in enumerate(texts)
        if not is_plain[index] and (found := _parts(text))
    }
    plain = [text for text, is_one in zip(texts, is_plain, strict=True) if is_one]
    has_groups = default.is_decimal and default.is_certain and _are_thousands(plain)
    if parts or has_groups:
        parts |= {
            index: found
            for index, text in enumerate(texts)
            if is_plain[index] and (found := _parts(text))
        }
        return _in_one_notation(texts, counts, parts, default.is_decimal)
    pairs = zip(texts, is_plain, strict=True)
    values = np.array([float(text) if is_one else np.nan for text, is_one in pairs])
    return Numbers(values, np.array(is_plain, dtype=bool))


def _parts(text: str) -> _Parts | None:
    match = _NUMBER.fullmatch(text.translate(_MINUS))
    if match is None or (match["open"] is None) != (match["close"] is None):
        return None
    if match["sign"] and match["sign2"]:
        return None
    digits = match["digits"].strip()
    if _GROUPS.match(digits):
        digits = re.sub(r"[ '’]", "", digits)
    minus = "-" in (match["sign"], match["sign2"]) or match["open"] is not None
    unit = (match["prefix"] or "") + " ".join((match["unit"] or "").split())
    return _Parts(-1 if minus else 1, digits, match["exponent"] or "", unit)


def _are_thousands(texts: Sequence[str]) -> bool:
    """Return whether the dots in the texts divide thousands, as in 1.234 beside 56."""
    dotted = [text.lstrip("+-") for text in texts if "." in text]
    is_grouped = all(_THOUSANDS_DOT.fullmatch(text) and text[0] != "0" for text in dotted)
    return bool(dotted) and is_grouped and all("." in t or len(t.lstrip("+-")) < 4 for t in texts)


def _in_one_notation(
    texts: Sequence[str], counts: Sequence[int], parts: dict[int, _Parts], has_decimal_comma: bool
) -> Numbers:
    """Read all texts with the unit and the comma that most of them have."""
    units = _usual_units(parts, counts)
    digits = {index: found.digits for index, found in parts.items() if found.unit in units}
    comma, is_ambiguous = _comma(list(digits.values()), has_decimal_comma)
    values = np.full(len(texts), np.nan)
    example = None
    for index, text in digits.items():
        number = _number(text, comma)
        if number is not None:
            values[index] = parts[index].sign * float(number + parts[index].exponent)
            if example is None and float(number) != _as_written(texts[index]):
                example = (texts[index], f"{values[index]:.12g}")
    return Numbers(values, ~np.isnan(values), example, is_ambiguous)


def _as_written(text: str) -> float | None:
    return abs(float(text)) if plain_number(text) else None


def _usual_units(parts: dict[int, _Parts], counts: Sequence[int]) -> set[str]:
    """Return the unit of most numbers, and "" where some may lack it, as a currency."""
    units = Counter[str]()
    for index, found in parts.items():
        units[found.unit] += counts[index]
    currencies = [unit for unit in units if unit and re.fullmatch(_CURRENCY, unit)]
    if currencies and units[""] + sum(units[unit] for unit in currencies) > units.total() / 2:
        return {max(currencies, key=lambda unit: units[unit]), ""}
    return {max(units, key=lambda unit: units[unit])}


def _comma(digits: Sequence[str], has_decimal_comma: bool) -> tuple[str, bool]:
    """Return what a comma is in most texts, "decimal" or "thousands", and if they do not tell."""
    commas = [text for text in digits if "," in text]
    as_thousands = sum(_THOUSANDS_COMMA.fullmatch(text) is not None for text in commas)
    as_decimals = sum(_DECIMAL_COMMA.fullmatch(text) is not None for text in commas)
    n_points = sum(_is_decimal_point(text) for text in digits)
    if n_points and (as_thousands or n_points > as_decimals):
        return "thousands", False
    if as_thousands == as_decimals:
        return ("decimal" if has_decimal_comma else "thousands"), as_thousands > 0
    return ("decimal" if as_decimals > as_thousands else "thousands"), False


def _is_decimal_point(text: str) -> bool:
    return text.count(".") == 1 and "," not in text and not _THOUSANDS_DOT.fullmatch(text)


def _number(digits: str, comma: str) -> str | None:
    """Return digits in Python's notation; None where they do not fit the column's."""
    if "." in digits and "," not in digits and (comma == "decimal" or digits.count(".") > 1):
        return digits.replace(".", "") if _THOUSANDS_DOT.fullmatch(digits) else None
    if comma == "decimal" and _DECIMAL_COMMA.fullmatch(digits):
        return digits.replace(".", "").replace(",", ".")
    if comma == "thousands" and _THOUSANDS_COMMA.fullmatch(digits):
        return digits.replace(",", "")
    return digits if _PLAIN.fullmatch(digits) else None


def file_comma(columns: Iterable[Sequence[str]], separator: str | None) -> Comma:
    """Return whether the numbers of a file have decimal commas, as far as any column tells.

    Columns that leave it open do not count; where all do, files with ``;`` are taken to have them.

    Examples
    --------
    >>> file_comma([["1,5", "2,75"], ["1,234", "oak"]], ";")
    Comma(is_decimal=True, is_certain=True)
    >>> file_comma([["1,234"]], ",")
    Comma(is_decimal=False, is_certain=False)
    """
    sample = [cell for column in columns for cell in column[:_SAMPLE]]
    votes = Counter[bool]()
    if any("," in cell for cell in sample):
        marked = [cell.strip() for cell in sample if "," in cell or "." in cell]
        for cell in marked[:: 1 + len(marked) // _MOST_VOTES]:
            if found := _parts(cell):
                votes.update(_votes(found.digits))
    if votes[True] == votes[False]:
        return Comma(separator == ";")
    return Comma(votes[True] > votes[False], is_certain=True)


def _votes(digits: str) -> list[bool]:
    """Return [True] for a decimal comma, [False] for a decimal point, [] for neither."""
    if "," not in digits:
        return [False] if _is_decimal_point(digits) else []
    is_thousands = _THOUSANDS_COMMA.fullmatch(digits) is not None
    is_decimal = _DECIMAL_COMMA.fullmatch(digits) is not None
    return [is_decimal] if is_thousands != is_decimal else []
