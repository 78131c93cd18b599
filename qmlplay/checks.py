"""Checks of numbers that people give: which values count as one, and errors for the others.

Python's and NumPy's numbers are numbers. Booleans, text, complex numbers and arrays (also those of
no dimension) are not, and neither NaN nor infinity is inside any range.
"""

from __future__ import annotations

from collections.abc import Collection
from math import inf
from numbers import Integral, Real
from typing import Any, Literal

import numpy as np

from qmlplay.errors import unknown_name

__all__ = [
    "check_automatic_flag",
    "check_choice",
    "check_count",
    "check_finite",
    "check_flag",
    "check_interval",
    "check_optional_count",
    "check_optional_positive",
    "check_positive",
    "check_probability",
    "check_seed",
    "is_flag",
    "is_integer",
    "is_number",
    "real_number",
    "whole_number",
]

#: Which ends belong to an interval, in scikit-learn's words.
Closed = Literal["both", "left", "neither"]

_LARGEST_SEED = 2**32 - 1
_LARGEST_FLOAT = float(np.finfo(float).max)
_BRACKETS = {"both": ("[", "]"), "left": ("[", ")"), "neither": ("(", ")")}


def is_flag(value: object) -> bool:
    """Return whether a value is True or False, Python's or NumPy's.

    Examples
    --------
    >>> is_flag(True), is_flag(np.False_), is_flag(1)
    (True, True, False)
    """
    return isinstance(value, bool | np.bool_)


def is_integer(value: Any, low: float = -inf, high: float = inf) -> bool:
    """Return whether a value is an integer in [low, high].

    Examples
    --------
    >>> is_integer(np.int64(3), 1), is_integer(0, 1), is_integer(3.0), is_integer(True)
    (True, False, False, False)
    """
    return _is_kind(value, Integral) and bool(low <= value <= high)


def is_number(value: Any, low: float = -inf, high: float = inf, *, closed: Closed = "both") -> bool:
    """Return whether a value is a finite number in an interval.

    Examples
    --------
    >>> is_number(0.5, 0, 1), is_number(1, 0, 1, closed="left"), is_number(np.nan)
    (True, False, False)
    """
    if not _is_kind(value, Real) or not -inf < value < inf:
        return False
    number = value.item() if isinstance(value, np.generic) else value  # limits may be wider
    above = low < number if closed == "neither" else low <= number
    below = number <= high if closed == "both" else number < high
    return bool(above and below)


def check_flag(name: str, value: Any) -> None:
    """Raise TypeError unless a value is True or False."""
    if not is_flag(value):
        raise TypeError(f"{name} must be True or False, got {value!r}")


def check_automatic_flag(name: str, value: Any) -> None:
    """Raise TypeError unless a value is True, False or "auto"."""
    if not is_flag(value) and not (isinstance(value, str) and value == "auto"):
        raise TypeError(f"{name} must be True, False or 'auto', got {value!r}")


def check_count(name: str, value: Any, *, also: str = "") -> None:
    """Raise TypeError or ValueError unless a value is an integer of at least 1.

    What else is allowed, such as ``also="None"``, is for the text: the caller lets it pass.

    Examples
    --------
    >>> check_count("n_qubits", 0, also="None")
    Traceback (most recent call last):
    ValueError: n_qubits must be an integer of at least 1 or None, got 0
    """
    if not is_integer(value, 1):
        other = f" or {also}" if also else ""
        message = f"{name} must be an integer of at least 1{other}, got {value!r}"
        raise _error(value, Integral)(message)


def check_optional_count(name: str, value: Any) -> None:
    """Raise TypeError or ValueError unless a value is None or an integer of at least 1."""
    if value is not None:
        check_count(name, value, also="None")


def check_optional_positive(name: str, value: Any) -> None:
    """Raise TypeError or ValueError unless a value is None or a finite number above 0."""
    if value is not None:
        check_positive(name, value)


def check_choice(name: str, value: Any, allowed: Collection[str]) -> None:
    """Raise TypeError or ValueError unless a value is one of the names allowed.

    Examples
    --------
    >>> check_choice("loss", "log", ["log_loss", "squared_error"])
    Traceback (most recent call last):
    ValueError: unknown loss 'log': did you mean 'log_loss'? Allowed: 'log_loss', 'squared_error'
    """
    if not isinstance(value, str):
        raise TypeError(f"{name} must be one of {sorted(allowed)}, got {value!r}")
    if value not in allowed:
        raise unknown_name(name, value, allowed)


def check_finite(name: str, value: Any) -> None:
    """Raise TypeError or ValueError unless a value is a finite real number.

    Examples
    --------
    >>> check_finite("the coefficient", 1j)
    Traceback (most recent call last):
    TypeError: the coefficient must be a finite real number, got 1j
    """
    if not is_number(value, -_LARGEST_FLOAT, _LARGEST_FLOAT):
        raise _error(value, Real)(f"{name} must be a finite real number, got {value!r:.60}")


def check_positive(name: str, value: Any) -> None:
    """Raise TypeError or ValueError unless a value is a finite number above 0.

    Examples
    --------
    >>> check_positive("max_time", float("inf"))
    Traceback (most recent call last):
    ValueError: max_time must be a positive number, got inf
    """
    if not is_number(value, 0, closed="neither"):
        raise _error(value, Real)(f"{name} must be a positive number, got {value!r}")


def check_interval(
    name: str, value: Any, low: float, high: float, *, closed: Closed = "left"
) -> None:
    """Raise TypeError or ValueError unless a value is a number in an interval.

    Examples
    --------
    >>> check_interval("momentum", 1, 0, 1)
    Traceback (most recent call last):
    ValueError: momentum must be a number in [0, 1), got 1
    """
    if not is_number(value, low, high, closed=closed):
        start, end = _BRACKETS[closed]
        message = f"{name} must be a number in {start}{low}, {high}{end}, got {value!r}"
        raise _error(value, Real)(message)


def check_probability(name: str, value: Any) -> float:
    """Return a probability as a float, or raise TypeError or ValueError.

    Examples
    --------
    >>> check_probability("bit_flip", 1.5)
    Traceback (most recent call last):
    ValueError: bit_flip must be a probability between 0 and 1; got bit_flip=1.5
    """
    if not is_number(value, 0, 1):
        message = f"{name} must be a probability between 0 and 1; got {name}={value!r}"
        raise _error(value, Real)(message)
    return float(value)


def check_seed(seed: Any) -> int:
    """Return a seed as an int, or raise ValueError unless it is an integer in [0, 2**32 − 1].

    Examples
    --------
    >>> check_seed(-1)
    Traceback (most recent call last):
    ValueError: a seed must be an integer in [0, 4294967295], got -1
    """
    if not is_integer(seed, 0, _LARGEST_SEED):
        raise ValueError(f"a seed must be an integer in [0, {_LARGEST_SEED}], got {seed!r}")
    return int(seed)


def whole_number(name: str, value: Any, low: int, high: int | None = None) -> int:
    """Return an option of a function as an int, or raise ValueError unless low <= value <= high.

    Examples
    --------
    >>> whole_number("width", 2.5, 2, 30)
    Traceback (most recent call last):
    ValueError: width=2.5: must be a whole number, at least 2 and at most 30
    """
    if not is_integer(value, low, inf if high is None else high):
        upper = "" if high is None else f" and at most {high}"
        raise ValueError(f"{name}={value!r}: must be a whole number, at least {low}{upper}")
    return int(value)


def real_number(
    name: str, value: Any, low: float = 0.0, high: float = inf, *, closed: Closed = "left"
) -> float:
    """Return an option of a function as a float, or raise ValueError unless it is in an interval.

    Examples
    --------
    >>> real_number("noise", -0.1)
    Traceback (most recent call last):
    ValueError: noise=-0.1: must be a number in [0, inf)
    """
    if not is_number(value, low, high, closed=closed):
        start, end = _BRACKETS[closed]
        raise ValueError(f"{name}={value!r}: must be a number in {start}{low:g}, {high:g}{end}")
    return float(value)


def _is_kind(value: object, kind: type) -> bool:
    return isinstance(value, kind) and not is_flag(value)


def _error(value: object, kind: type) -> type[Exception]:
    """Return the error for something else than a number, or for a number that is not allowed."""
    return ValueError if _is_kind(value, kind) else TypeError
