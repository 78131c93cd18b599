"""Features and labels that came apart, as arrays or frames: checked, and nothing left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from qmlplay.datasets._own_checks import check_answers
from qmlplay.errors import listed
from qmlplay.tables import Recognition, Table
from qmlplay.tables.cells import Labels
from qmlplay.tables.recognition import (
    converted_columns,
    frame_of,
    problem_text,
    reason_to_leave_out,
    table_notes,
    values_of_target,
    wrong_cells,
)
from qmlplay.tables.sources import as_pandas, frame_source, is_frame

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["checked_arrays"]


def checked_arrays(
    X: Any,
    y: Any,
    name: str,
    origin: str,
    feature_names: Any = None,
    task: str = "classification",
) -> Table:
    """Return features and labels as a table, and what was recognised of them.

    Parameters
    ----------
    X : array-like or DataFrame, shape (n_samples, n_features)
        Numbers, text and dates; gaps are allowed.
    y : array-like, shape (n_samples,)
    name, origin : str
        What to call them, and what they came as.
    feature_names : sequence of str, optional
        By default the frame's columns, or x0, x1, …
    task : {"classification", "regression", "auto"}, default="classification"

    Raises
    ------
    TypeError
        If a column is complex, or labels are mixed.
    ValueError
        If X is no table, values are infinite, cells do not fit their column, or y is no column of
        two or more classes.
    """
    frame = _as_frame(X)
    names = [str(label) for label in (frame.columns if feature_names is None else feature_names)]
    if len(names) != frame.shape[1]:
        raise ValueError(f"{len(names)} feature_names for {frame.shape[1]} features")
    if 0 in frame.shape:
        raise ValueError(
            f"the features have shape {frame.shape}: at least one row and one column are needed"
        )
    source = frame_source(frame.set_axis(names, axis=1), name=name, origin=origin)
    columns = converted_columns(source, tuple(source.columns))
    problems, _ = wrong_cells(source, columns)
    if problems:
        raise ValueError(problem_text(origin, problems, "Replace or drop them"))
    features = frame_of(columns, source.n_rows)
    values, found, doubt = check_answers(y, len(features), task)
    labels = Labels(values, np.zeros(len(features), dtype=bool))
    recognition = Recognition(
        name=name,
        origin=origin,
        n_rows=source.n_rows,
        n_columns=len(names),
        target="y",
        target_reason="as given",
        **values_of_target(found, labels.values),
        doubt=doubt,
        notes=(*table_notes(columns, features, labels, found), *_suspects(features)),
    )
    return Table(features, labels.values, recognition)


def _as_frame(X: Any) -> pd.DataFrame:
    import pandas as pd

    if is_frame(X):
        return as_pandas(X)
    try:
        table = np.asarray(X)
    except ValueError as error:
        raise ValueError("the rows of X differ in length: X must be a table") from error
    if table.ndim != 2:
        raise ValueError(
            f"X has shape {table.shape}: it must be (n_samples, n_features); for a single feature "
            "pass X.reshape(-1, 1)"
        )
    return pd.DataFrame(table, columns=[f"x{i}" for i in range(table.shape[1])])


def _suspects(features: pd.DataFrame) -> list[str]:
    """Warn of columns that a file or a frame would not have as features."""
    reasons = {str(name): reason_to_leave_out(str(name), features[name]) for name in features}
    told = [f"{name!r} ({reason})" for name, reason in reasons.items() if reason]
    return (
        [f"WARNING: no features, perhaps: {listed(told, quoted=False, longest=100)}"]
        if told
        else []
    )
