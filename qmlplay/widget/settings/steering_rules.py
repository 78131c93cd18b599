"""Rules of the settings that come from steering: gates, weights and numbers by their places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qmlplay.checks import is_integer, is_number
from qmlplay.errors import shortened
from qmlplay.training.divergence import LARGEST

__all__ = ["LARGEST_NUMBER", "Indices", "TrainableNumbers", "check_trainable_number"]

#: Trainable numbers that can be set by hand are no larger: angles repeat after 2π.
LARGEST_NUMBER = 1_000.0
#: More than the largest circuit of the playground has.
_MOST = 2_000


def check_trainable_number(name: str, value: Any, largest: float = LARGEST_NUMBER) -> float:
    """Return a trainable number as a float.

    Raises
    ------
    ValueError
        If it is no finite number, or a very large one.

    Examples
    --------
    >>> check_trainable_number("weight 3", 0.5)
    0.5
    >>> check_trainable_number("weight 3", float("nan"))
    Traceback (most recent call last):
    ValueError: weight 3 = nan: must be a number from -1000 to 1000
    """
    if not is_number(value, -largest, largest):
        raise ValueError(
            f"{name} = {shortened(value)}: must be a number from {-largest:g} to {largest:g}"
        )
    return float(value)


@dataclass(frozen=True)
class Indices:
    """Different whole numbers from 0, in order; there may be none."""

    def check(self, name: str, value: Any) -> tuple[int, ...]:
        """Return the value as a tuple, or raise ValueError."""
        is_list = isinstance(value, list | tuple) and len(value) <= _MOST
        if not is_list or not all(is_integer(index, 0, _MOST) for index in value):
            raise ValueError(f"{name}={shortened(value)}: must be whole numbers from 0 to {_MOST}")
        if len(set(value)) < len(value):
            raise ValueError(f"{name}={shortened(value)}: one of them comes twice")
        return tuple(sorted(map(int, value)))


@dataclass(frozen=True)
class TrainableNumbers:
    """All trainable numbers of a model, or None for those that training starts from.

    Training may have made them larger than what can be set by hand.
    """

    def check(self, name: str, value: Any) -> tuple[float, ...] | None:
        """Return the value as a tuple of floats, or raise ValueError."""
        if value is None:
            return None
        if not isinstance(value, list | tuple) or not 1 <= len(value) <= _MOST:
            raise ValueError(f"{name}: must be a list of 1 to {_MOST} numbers, or None")
        return tuple(
            check_trainable_number(f"{name}[{k}]", number, LARGEST)
            for k, number in enumerate(value)
        )
