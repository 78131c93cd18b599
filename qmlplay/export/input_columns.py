"""Columns that a user of an exported model gives: numbers in a range, and categories."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from math import ceil, floor, log10
from typing import Any, ClassVar, final

import numpy as np

from qmlplay.tables.transformers import CategoryColumn

__all__ = ["CategoryInput", "InputColumn", "NumberInput", "number_input"]

#: Steps of a slider from one end to the other, about.
_STEPS = 200
#: Steps that an end may be off by the rounding of what it was computed from.
_ROUNDING = 1e-6
_ANOTHER, _GAP = "another value", "(missing)"


@dataclass(frozen=True)
class InputColumn(ABC):
    """A column, as a user of the model knows it.

    Parameters
    ----------
    name : str
    """

    name: str
    kind: ClassVar[str]

    @property
    @abstractmethod
    def n_outputs(self) -> int:
        """How many numbers the column becomes."""

    @abstractmethod
    def drawn(self, random: np.random.Generator, n_rows: int) -> tuple[list[Any], list[Any]]:
        """Return random values as a page has them, and as a table has them."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, ready for JSON."""
        return {"kind": self.kind} | asdict(self)


@final
@dataclass(frozen=True)
class NumberInput(InputColumn):
    """A column of numbers.

    Parameters
    ----------
    name : str
    low, high, step, start : float
        The ends of its range, the step of a slider, and where that starts.
    held_low, held_high : float or None
        Values beyond count as these, where the model holds far outliers.
    is_known : bool
        Whether the range is that of the training data; else it is a guess.
    median : float or None
        What stands for a gap; None where gaps are not allowed.
    marks_gaps : bool
        Whether a second number says, 0 or 1, that there was a gap.
    """

    low: float
    high: float
    step: float
    start: float
    held_low: float | None = None
    held_high: float | None = None
    is_known: bool = True
    median: float | None = None
    marks_gaps: bool = False
    kind: ClassVar[str] = "number"

    @property
    def n_outputs(self) -> int:
        """One, and one more for the mark of gaps."""
        return 1 + self.marks_gaps

    def drawn(self, random: np.random.Generator, n_rows: int) -> tuple[list[Any], list[Any]]:
        """Return values of the range, evenly spread."""
        values = random.uniform(self.low, self.high, n_rows).tolist()
        return values, values


@final
@dataclass(frozen=True)
class CategoryInput(InputColumn):
    """A column of categories.

    Parameters
    ----------
    name : str
    choices : tuple of (str, tuple of float)
        What can be chosen, and the numbers that it becomes; the last is any other value.
    values : tuple of (str or None)
        The choices as a table has them; None is a gap.
    """

    choices: tuple[tuple[str, tuple[float, ...]], ...]
    values: tuple[str | None, ...]
    kind: ClassVar[str] = "category"

    @classmethod
    def of(cls, column: CategoryColumn) -> CategoryInput:
        """Return the choices that a column has learned."""
        import pandas as pd

        known = (*column.categories, *column.rare)
        another, gap = (_unlike(known, label) for label in (_ANOTHER, _GAP))
        values = (*known, another)
        numbers = column.numbers(pd.Series(values, dtype=object))
        labels = (gap if value is None else value for value in values)
        choices = tuple(zip(labels, map(tuple, numbers.tolist()), strict=True))
        return cls(column.name, choices, values)

    @property
    def n_outputs(self) -> int:
        """As many as each choice has numbers."""
        return len(self.choices[0][1])

    def drawn(self, random: np.random.Generator, n_rows: int) -> tuple[list[Any], list[Any]]:
        """Return random choices: their places, and their values."""
        places = random.integers(0, len(self.values), n_rows).tolist()
        return places, [self.values[place] for place in places]

    def to_dict(self) -> dict[str, Any]:
        """Return the choices as plain values, ready for JSON."""
        choices = [{"label": label, "numbers": list(numbers)} for label, numbers in self.choices]
        # A gap that training did not have counts as any other value.
        gap = self.values.index(None) if None in self.values else len(choices) - 1
        return {"kind": self.kind, "name": self.name, "choices": choices, "gap": gap, "start": 0}


def _unlike(known: tuple[str | None, ...], label: str) -> str:
    while label in known:
        label += "…"
    return label


def number_input(name: str, low: float, high: float, **details: Any) -> NumberInput:
    """Return a column of numbers whose slider has round steps and ends.

    Parameters
    ----------
    name : str
    low, high : float
        They are rounded outwards.
    **details
        Further fields of `NumberInput`.

    Examples
    --------
    >>> column = number_input("mass", 0.1234, 9.87)
    >>> column.low, column.high, column.step, column.start
    (0.1, 9.9, 0.05, 5.0)
    """
    step = _round_step((high - low) / _STEPS)
    first, last = floor(low / step + _ROUNDING), ceil(high / step - _ROUNDING)
    low, high = _multiple(first, step), _multiple(last, step)
    middle = details.get("median")
    if middle is None or not low <= middle <= high:
        middle = (low + high) / 2
    return NumberInput(name, low, high, step, _multiple(round(middle / step), step), **details)


def _round_step(width: float) -> float:
    """Return 1, 2 or 5 times a power of ten, about as large as a width."""
    power = 10.0 ** floor(log10(width))
    return next(float(f"{k * power:.12g}") for k in (1, 2, 5, 10) if k * power >= width * 0.999)


def _multiple(count: int, step: float) -> float:
    return float(f"{count * step:.12g}")
