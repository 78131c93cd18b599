"""A column of dates as numbers: days, and where in the week, the day or the year they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qmlplay.checks import is_number
from qmlplay.tables.transformers.column_values import dates_of
from qmlplay.tables.transformers.columns import ConstantColumn, TableColumn
from qmlplay.typing import Real

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DateColumn"]


@dataclass(frozen=True)
class DateColumn(TableColumn):
    """A column of dates: the days since the first one in training, and where in a cycle it is.

    The month, the weekday and the hour stand as sine and cosine, each where training had more
    than one of them; the month only where it had more than a year, as the days tell it otherwise.
    At a gap the days are the median, and both waves are 0.

    Parameters
    ----------
    name : str
    first : str
        The first date in training, such as ``"2024-01-31"``.
    median : float
        Of the days since then.
    cycles : tuple of str
        Among month, weekday and hour.

    Examples
    --------
    >>> import pandas as pd
    >>> bought = DateColumn("bought", "2024-01-01", median=3.0, cycles=())
    >>> bought.numbers(pd.to_datetime(pd.Series(["2024-01-02", "2023-12-31", None]))).ravel()
    array([ 1., -1.,  3.])
    """

    first: str
    median: float
    cycles: tuple[str, ...]
    kind: ClassVar[str] = "date"

    def __post_init__(self) -> None:
        is_known = isinstance(self.cycles, tuple) and set(self.cycles) <= set(_CYCLES)
        if not is_known or not is_number(self.median):
            raise ValueError(f"column {self.name!r} needs a finite median, cycles: {[*_CYCLES]}")
        date.fromisoformat(self.first)

    @classmethod
    def learn(cls, name: str, values: pd.Series[Any]) -> DateColumn | ConstantColumn:
        """Return what training values, with at least one date among them, tell."""
        dates = dates_of(values, name)
        if dates.nunique() < 2 and dates.notna().all():
            return ConstantColumn(name)
        first = dates.min().date().isoformat()
        days = _days(dates, first)
        possible = _CYCLES if days.max() > _YEAR else ("weekday", "hour")
        cycles = tuple(cycle for cycle in possible if _place(dates, cycle).nunique() > 1)
        return cls(name, first, float(days.median()), cycles)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The days, and two waves per cycle."""
        waves = [f"{self.name}: {c} {wave}" for c in self.cycles for wave in ("sine", "cosine")]
        return (self.name, *waves)

    def numbers(self, values: pd.Series[Any]) -> Real:
        """Return days and waves; ValueError for a cell that is no date."""
        dates = dates_of(values, self.name)
        columns = [_days(dates, self.first).fillna(self.median).to_numpy()]
        for cycle in self.cycles:
            angle = 2 * np.pi * _place(dates, cycle).to_numpy() / _CYCLES[cycle]
            columns += [np.nan_to_num(np.sin(angle)), np.nan_to_num(np.cos(angle))]
        return np.column_stack(columns)


_YEAR = 366  # days
#: How many there are of each.
_CYCLES: Mapping[str, int] = {"month": 12, "weekday": 7, "hour": 24}


def _days(dates: pd.Series[Any], first: str) -> pd.Series[float]:
    import pandas as pd

    days: pd.Series[float] = (dates - pd.Timestamp(first)) / pd.Timedelta(days=1)
    return days


def _place(dates: pd.Series[Any], cycle: str) -> pd.Series[float]:
    places: pd.Series[float] = getattr(dates.dt, cycle).astype(float)
    return places
