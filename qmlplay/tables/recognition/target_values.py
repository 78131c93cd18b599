"""The target's values: labels of classes or numbers, as asked for or as the column tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from qmlplay.errors import listed, unknown_name
from qmlplay.tables.cells import (
    Converted,
    Labels,
    class_problem,
    number_problem,
    task_doubt,
    task_of_numbers,
)
from qmlplay.tables.sources import Source

__all__ = ["TargetValues", "check_task_name", "has_numbers", "target_values"]

_TASKS = ("auto", "classification", "regression")
#: Names, without blanks and marks, of columns whose whole numbers are classes, however many.
_CALLED_CLASS = {
    "label", "labels", "class", "classes", "targetclass", "classlabel", "targetlabel",
    "labelclass", "classification", "species", "variety", "diagnosis",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class TargetValues:
    """A target, ready to be learned.

    Parameters
    ----------
    labels : Labels
        Of a regression float64.
    task : {"classification", "regression"}
    doubt : str
        A line where the task was found out and may be the other one.
    problem : str
        Why it cannot be learned; "" where it can.
    """

    labels: Labels
    task: str
    doubt: str = ""
    problem: str = ""


def check_task_name(task: object) -> None:
    """Raise ValueError unless it is "auto", "classification" or "regression"."""
    if task not in _TASKS:
        raise unknown_name("task", task, _TASKS)


def target_values(source: Source, name: str, task: str) -> TargetValues:
    """Return a column as the target of a task; "auto" finds out which.

    Raises
    ------
    TypeError
        If its cells are of mixed or other kinds.
    """
    if task == "regression":
        return _as_numbers(source, name)
    labels = source.labels_of(name)
    if task == "auto":
        found, is_doubted = _task_of(source, name, labels)
        if found == "regression":
            numbers = _as_numbers(source, name)
            if not is_doubted:
                return numbers
            doubt = task_doubt(name, numbers.labels.values, found)
            return TargetValues(numbers.labels, found, doubt, numbers.problem)
        if is_doubted:
            doubt = task_doubt(name, labels.values, found)
            return TargetValues(labels, found, doubt, class_problem(labels.values))
    return TargetValues(labels, "classification", problem=class_problem(labels.values))


def has_numbers(source: Source, name: str) -> bool:
    """Tell whether a column is one of different numbers, in whatever notation."""
    column = _numbers_of(source, name)
    return column is not None and int(column.values.nunique()) > 1


def _task_of(source: Source, name: str, labels: Labels) -> tuple[str, bool]:
    column = _numbers_of(source, name)
    if column is None:
        return "classification", False
    numbers = column.values.dropna().to_numpy(dtype=np.float64)
    plain = "".join(c for c in name.lower() if c.isalnum())
    task, is_doubted = task_of_numbers(numbers, is_called_class=plain in _CALLED_CLASS)
    if len(numbers) < len(labels.values) and task == "regression":
        is_doubted = True  # marks such as "none" were taken for gaps
    return task, is_doubted


def _numbers_of(source: Source, name: str) -> Converted | None:
    """Return a column where it holds numbers: no truth values, categories, dates or codes."""
    if source.has_classes(name):
        return None
    try:
        column = source.converted(name)
    except TypeError:
        return None
    are_numbers = column.values.dtype == np.float64 and column.wrong is None
    return column if are_numbers else None


def _as_numbers(source: Source, name: str) -> TargetValues:
    """Return the numbers of a column, or why it has none."""
    nothing = Labels(np.empty(0), np.ones(source.n_rows, dtype=bool))
    column = source.converted(name)
    if column.wrong is not None:
        rows = np.flatnonzero(column.wrong)
        kind = "an infinite value" if column.kind == "finite number" else f"no {column.kind}"
        problem = (
            f"has {kind} in {len(rows)} of {source.n_rows} cells, such as "
            f"{source.cell(name, int(rows[0]))}"
        )
        return TargetValues(nothing, "regression", problem=problem)
    if column.values.dtype != np.float64 or source.has_classes(name):
        problem = (
            f"holds {_kind(column)} such as {_first(column.values)}: a regression needs numbers"
        )
        return TargetValues(nothing, "regression", problem=problem)
    is_missing = column.values.isna().to_numpy()
    numbers = column.values.to_numpy(dtype=np.float64)[~is_missing]
    notes = [f"numbers read: {name!r} {column.example}"] if column.example else []
    notes += [f"{name!r}: {column.note}"] if column.note else []
    labels = Labels(numbers, is_missing, tuple(notes))
    return TargetValues(labels, "regression", problem=number_problem(numbers))


def _kind(column: Converted) -> str:
    kinds = {"M": "dates", "O": "text"}
    return kinds.get(column.values.dtype.kind, "truth values or categories")


def _first(values: Any) -> str:
    filled = values.dropna()
    return listed([str(filled.iloc[0])]) if len(filled) else "nothing"
