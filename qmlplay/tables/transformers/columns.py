"""Columns of a table as numbers: what each of them has learned from the rows in training.

Numbers, categories and dates are frozen values, written as JSON and read from it by a closed
schema. scikit-learn's imputers and encoders would have to be taken apart for that, one fitted
attribute after the other, and they name neither the column nor the cell where something is wrong.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from qmlplay.checks import is_number
from qmlplay.tables.transformers.column_values import category_of, numbers_of
from qmlplay.typing import Real

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CategoryColumn", "ConstantColumn", "NumberColumn", "TableColumn"]

#: Categories that get a column of their own; the others share one.
MOST_CATEGORIES = 10
#: Share of gaps from which on they are marked in a column of their own: a rarer mark would stand
#: far out once it is standardised.
_SHARE_OF_GAPS = 0.05


@dataclass(frozen=True)
class TableColumn(ABC):
    """A column of a table, and what it has learned in training.

    Parameters
    ----------
    name : str
    """

    name: str
    kind: ClassVar[str]

    @property
    @abstractmethod
    def outputs(self) -> tuple[str, ...]:
        """Names of the columns of numbers that this one becomes."""

    @abstractmethod
    def numbers(self, values: pd.Series[Any]) -> Real:
        """Return values as numbers without gaps, of shape (n_samples, n_outputs)."""

    def unseen(self, values: pd.Series[Any]) -> dict[str, int]:
        """Return the categories that training did not have, with their counts."""
        return {}

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        plain = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}
        return {"kind": self.kind} | plain

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Return the column that `to_dict` wrote; ValueError for anything else."""
        names = {field.name for field in fields(cls)}
        if set(content) != names or not isinstance(content["name"], str):
            raise ValueError(f"a column of kind {cls.kind!r} has the entries {sorted(names)}")
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in content.items()
        }
        return cls(**values)


@dataclass(frozen=True)
class ConstantColumn(TableColumn):
    """A column with one value or none in training: it tells nothing, and becomes nothing.

    Examples
    --------
    >>> ConstantColumn("country").outputs
    ()
    """

    kind: ClassVar[str] = "constant"

    @property
    def outputs(self) -> tuple[str, ...]:
        """None."""
        return ()

    def numbers(self, values: pd.Series[Any]) -> Real:
        """Return an array of shape (n_samples, 0)."""
        return np.empty((len(values), 0))


@dataclass(frozen=True)
class NumberColumn(TableColumn):
    """A column of numbers.

    Parameters
    ----------
    name : str
    median : float
        Of the training part; it stands where there is a gap.
    marks_gaps : bool
        Whether a second column says, 0 or 1, where there was a gap.

    Examples
    --------
    >>> import pandas as pd
    >>> NumberColumn("age", median=30.0, marks_gaps=True).numbers(pd.Series([20, None]))
    array([[20.,  0.],
           [30.,  1.]])
    """

    median: float
    marks_gaps: bool
    kind: ClassVar[str] = "number"

    def __post_init__(self) -> None:
        if not is_number(self.median) or not isinstance(self.marks_gaps, bool):
            raise ValueError(f"column {self.name!r} needs a finite median, and a flag for gaps")

    @classmethod
    def learn(cls, name: str, values: pd.Series[Any]) -> NumberColumn | ConstantColumn:
        """Return what training values, with at least one number among them, tell."""
        numbers = numbers_of(values, name)
        known = numbers[~np.isnan(numbers)]
        marks_gaps = 1 - len(known) / len(numbers) >= _SHARE_OF_GAPS
        if known.min() == known.max() and not marks_gaps:
            return ConstantColumn(name)
        return cls(name, float(np.median(known)), marks_gaps)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The column, and the mark of its gaps."""
        return (self.name, f"{self.name} is missing") if self.marks_gaps else (self.name,)

    def numbers(self, values: pd.Series[Any]) -> Real:
        """Return the numbers with the median for gaps; ValueError for a cell of another kind."""
        numbers = numbers_of(values, self.name)
        is_gap = np.isnan(numbers)
        filled = np.where(is_gap, self.median, numbers)
        return np.column_stack([filled, is_gap] if self.marks_gaps else [filled])


@dataclass(frozen=True)
class CategoryColumn(TableColumn):
    """A column of text, booleans or codes: a 0/1 column per category.

    Two categories share one column: 0 for the first, 1 for the second, and 0.5 for neither.

    Parameters
    ----------
    name : str
    categories : tuple of str or None
        Those with a column, at least two; None is a gap.
    rare : tuple of str or None
        Further categories of the training part, which share a column with all others.

    Examples
    --------
    >>> import pandas as pd
    >>> color = CategoryColumn("color", ("blue", "green", "red"), ())
    >>> color.numbers(pd.Series(["red", "lilac"])).tolist(), color.outputs[2]
    ([[0.0, 0.0, 1.0], [0.0, 0.0, 0.0]], 'color=red')
    """

    categories: tuple[str | None, ...]
    rare: tuple[str | None, ...]
    kind: ClassVar[str] = "category"

    def __post_init__(self) -> None:
        known = (*self.categories, *self.rare)
        are_tuples = isinstance(self.categories, tuple) and isinstance(self.rare, tuple)
        is_text = all(value is None or isinstance(value, str) for value in known)
        if (
            not are_tuples
            or not is_text
            or len(set(known)) < len(known)
            or len(self.categories) < 2
        ):
            raise ValueError(f"column {self.name!r} needs different categories, two or more")

    @classmethod
    def learn(cls, name: str, values: pd.Series[Any]) -> CategoryColumn | ConstantColumn:
        """Return what training values tell: the most frequent categories, sorted by name."""
        counts = category_of(values, name).value_counts(dropna=False)
        names = [value if isinstance(value, str) else None for value in counts.index]
        if len(names) < 2:
            return ConstantColumn(name)
        count_of = dict(zip(names, counts.tolist(), strict=True))
        ordered = sorted(names, key=lambda value: (-count_of[value], _gaps_last(value)))
        top, rare = ordered[:MOST_CATEGORIES], ordered[MOST_CATEGORIES:]
        return cls(name, *(tuple(sorted(part, key=_gaps_last)) for part in (top, rare)))

    @property
    def outputs(self) -> tuple[str, ...]:
        """A column per category, one for two of them."""
        if self._is_binary:
            return (self._output(self.categories[1]),)
        others = (f"{self.name}: other",) if self.rare else ()
        return (*map(self._output, self.categories), *others)

    @property
    def _is_binary(self) -> bool:
        return len(self.categories) == 2 and not self.rare

    def _output(self, category: str | None) -> str:
        return f"{self.name} is missing" if category is None else f"{self.name}={category}"

    def numbers(self, values: pd.Series[Any]) -> Real:
        """Return 0 and 1; what training did not have is "other", or in no category."""
        numbers = self._codes(values)[:, None] == np.arange(len(self.categories))
        is_other = ~numbers.any(axis=1)
        if self._is_binary:
            return np.where(is_other, 0.5, numbers[:, 1])[:, None]
        return np.column_stack([numbers, is_other] if self.rare else [numbers]).astype(float)

    def _codes(self, values: pd.Series[Any]) -> Any:
        """Return the place of each value among the categories, −1 for others."""
        import pandas as pd

        given = category_of(values, self.name).astype(object)
        index = {category: code for code, category in enumerate(self.categories)}
        codes = given.map(lambda value: index.get(None if pd.isna(value) else value, -1))
        return codes.to_numpy(dtype=int)

    def unseen(self, values: pd.Series[Any]) -> dict[str, int]:
        """Return the categories that training did not have, with their counts."""
        counts = category_of(values, self.name).value_counts()
        known = {*self.categories, *self.rare}
        return {str(value): int(n) for value, n in counts.items() if value not in known}


def _gaps_last(value: str | None) -> tuple[bool, str]:
    return value is None, value or ""
