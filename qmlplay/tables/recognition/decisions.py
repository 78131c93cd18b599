"""Decisions about a table: which column is the target, which are features, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from qmlplay.errors import listed
from qmlplay.tables.cells import Converted
from qmlplay.tables.recognition.left_out import reason_to_leave_out
from qmlplay.tables.recognition.notes import table_notes
from qmlplay.tables.recognition.problems import problem_text, with_option
from qmlplay.tables.recognition.recognized_table import Recognition, Table, values_of_target
from qmlplay.tables.recognition.selection import Selection
from qmlplay.tables.recognition.target import choose_target, numeric_targets, possible_targets
from qmlplay.tables.recognition.target_values import (
    TargetValues,
    check_task_name,
    target_values,
)
from qmlplay.tables.sources import Source

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["converted_columns", "decided_table", "frame_of", "wrong_cells"]


def decided_table(source: Source, selection: Selection, task: str = "classification") -> Table:
    """Decide which columns are features and which is the target, or say what is wrong.

    Parameters
    ----------
    source : Source
    selection : Selection
    task : {"classification", "regression", "auto"}, default="classification"
        What the target is to be; "auto" finds it out.
    """
    check_task_name(task)
    _refuse_small(source, selection)
    candidates = [name for name in selection.columns if name != selection.target]
    converted = converted_columns(source, candidates)
    left_out = {
        name: reason
        for name, column in converted.items()
        if name not in (*selection.keep, *(selection.features or ())) and column.wrong is None
        if (reason := reason_to_leave_out(name, column.values)) is not None
    }
    target, reason, notes = selection.target, "as asked for", list[str]()
    if target is None:
        possible = [n for n in selection.columns if n not in (selection.features or ())]
        target, reason, notes = choose_target(source, possible, left_out, task)
    chosen = selection.features or tuple(n for n in selection.columns if n != target)
    used = {name: converted[name] for name in chosen if name not in left_out}
    goal = target_values(source, target, task)
    labels = goal.labels
    _refuse(source, target, goal, used, left_out)
    has_label = ~labels.is_missing
    features = frame_of(used, source.n_rows)[has_label].reset_index(drop=True)
    asked_out = {
        name: "not among the features asked for" if name in selection.columns else "as asked for"
        for name in source.columns
        if name not in (*chosen, target)
    }
    recognition = Recognition(
        name=source.name,
        origin=source.origin,
        n_rows=source.n_rows,
        n_columns=len(source.columns),
        separator=source.separator,
        encoding=source.encoding,
        header=source.header,
        target=target,
        target_reason=reason,
        **values_of_target(goal.task, labels.values),
        doubt=goal.doubt or _other_targets(source, goal, task, reason, target),
        left_out=asked_out | {n: r for n, r in left_out.items() if n in chosen and n != target},
        notes=(
            *source.notes,
            *notes,
            *labels.notes,
            *table_notes(used, features, labels, goal.task),
        ),
    )
    return Table(features, labels.values, recognition)


def _other_targets(source: Source, goal: TargetValues, task: str, reason: str, target: str) -> str:
    """Name columns with classes where numbers are predicted for want of a name that says so."""
    if task != "auto" or goal.task != "regression" or not reason.startswith("the last"):
        return ""
    others = possible_targets(source, [name for name in source.columns if name != target])
    return (
        f"{target!r}, {reason}, is predicted as numbers, a regression. {others}" if others else ""
    )


def _refuse_small(source: Source, selection: Selection) -> None:
    if len(selection.columns) < 2:
        raise ValueError(
            f"{source.origin} has the columns [{listed(selection.columns)}]: it needs at least one "
            "feature and the target"
        )
    if source.n_rows == 0:
        raise ValueError(
            f"{source.origin} has {len(source.columns)} columns and no rows: at least one row is "
            "needed"
        )


def converted_columns(source: Source, names: Sequence[str]) -> dict[str, Converted]:
    """Return columns as numbers, dates or text.

    Raises
    ------
    TypeError
        If some are complex; the text names them.
    """
    columns, complex_columns = {}, []
    for name in names:
        try:
            columns[name] = source.converted(name)
        except TypeError:
            complex_columns.append(name)
    if complex_columns:
        raise TypeError(
            f"complex features [{listed(complex_columns)}]: pass real and imaginary parts as two "
            "columns"
        )
    return columns


def _refuse(
    source: Source,
    target: str,
    goal: TargetValues,
    used: Mapping[str, Converted],
    left_out: Mapping[str, str],
) -> None:
    """Raise ValueError with all problems of the table."""
    remedies = []
    problems, wrong = wrong_cells(source, used)
    if wrong:
        remedies.append(f"Correct these cells, or leave columns out: {with_option('drop', wrong)}")
    if goal.problem:
        problems.insert(0, f"the target column {target!r} {goal.problem}")
        others = [name for name in source.columns if name != target]
        has_task = goal.task == "regression"
        remedies.append(
            numeric_targets(source, others) if has_task else possible_targets(source, others)
        )
    if not used:
        reasons = [f"{name!r} ({reason})" for name, reason in left_out.items()]
        problems.append(f"no feature is left: left out were {listed(reasons, quoted=False)}")
        remedies.append(f"To use one all the same: {with_option('keep', list(left_out)[:1])}")
    if problems:
        remedy = ". ".join(remedy for remedy in remedies if remedy)
        raise ValueError(problem_text(source.origin, problems, remedy))


def wrong_cells(source: Source, columns: Mapping[str, Converted]) -> tuple[list[str], list[str]]:
    """Return what is wrong with cells, and the columns where something is."""
    problems, names = defaultdict(list), []
    for name, column in columns.items():
        if column.wrong is not None:
            names.append(name)
            rows = np.flatnonzero(column.wrong)
            kind = "infinite values" if column.kind == "finite number" else f"no {column.kind}"
            problems[kind].append(
                f"{listed([name])}: {len(rows)} of {source.n_rows} cells, such as "
                f"{source.cell(name, int(rows[0]))}"
            )
    return [
        f"{kind} in {listed(texts, 3, quoted=False, longest=150)}"
        for kind, texts in problems.items()
    ], names


def frame_of(columns: Mapping[str, Converted], n_rows: int) -> pd.DataFrame:
    """Put columns side by side."""
    import pandas as pd

    series = {name: column.values for name, column in columns.items()}
    return (
        pd.DataFrame(series, index=range(n_rows)) if series else pd.DataFrame(index=range(n_rows))
    )
