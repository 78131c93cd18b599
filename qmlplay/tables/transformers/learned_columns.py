"""Columns of every kind: learned from their training values, or read from plain values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qmlplay.tables.transformers.column_values import kind_of
from qmlplay.tables.transformers.columns import (
    CategoryColumn,
    ConstantColumn,
    NumberColumn,
    TableColumn,
)
from qmlplay.tables.transformers.date_column import DateColumn

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "column_from_dict",
    "columns_from_text",
    "columns_to_text",
    "learned_column",
    "renamed",
]

_KINDS: Mapping[str, type[TableColumn]] = {
    column.kind: column for column in (NumberColumn, CategoryColumn, DateColumn, ConstantColumn)
}


def learned_column(name: str, values: pd.Series[Any]) -> TableColumn:
    """Return what the training values of a column tell."""
    match kind_of(values, name):
        case "number":
            return NumberColumn.learn(name, values)
        case "category":
            return CategoryColumn.learn(name, values)
        case "date":
            return DateColumn.learn(name, values)
        case _:
            return ConstantColumn(name)


def renamed(column: TableColumn, name: str) -> TableColumn:
    """Return the same column by another name."""
    return replace(column, name=name)


def column_from_dict(content: Any) -> TableColumn:
    """Return the column of any kind that `to_dict` wrote; ValueError for anything else."""
    if not isinstance(content, Mapping) or content.get("kind") not in _KINDS:
        raise ValueError(f"a column is one of the kinds {[*_KINDS]}")
    rest = {key: value for key, value in content.items() if key != "kind"}
    return _KINDS[content["kind"]].from_dict(rest)


def columns_to_text(columns: tuple[TableColumn, ...]) -> str | tuple[TableColumn, ...]:
    """Return what a pickle keeps of columns, or the columns where text would not hold them.

    Examples
    --------
    >>> columns_to_text((ConstantColumn("a"),))
    '[{"kind":"constant","name":"a"}]'
    """
    try:
        content = [column.to_dict() for column in columns]
        text = json.dumps(content, separators=(",", ":"), allow_nan=False)
        return text if columns_from_text(text) == columns else columns
    except (TypeError, ValueError):
        return columns


def columns_from_text(state: Any) -> tuple[TableColumn, ...]:
    """Return the columns that `columns_to_text` wrote; as they are, in pickles of old.

    Raises
    ------
    ValueError
        If the text was damaged or changed.
    """
    if isinstance(state, tuple) and all(isinstance(column, TableColumn) for column in state):
        return state
    try:
        return tuple(map(column_from_dict, json.loads(state)))
    except (LookupError, RecursionError, TypeError, ValueError) as error:
        raise ValueError(
            f"the state of a fitted TablePreprocessor is damaged, or was changed: {error!r:.300}"
        ) from error
