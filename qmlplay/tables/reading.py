"""Files and frames as people have them → features, labels, and what was recognised."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from qmlplay.errors import unknown_name
from qmlplay.tables.recognition import Recognition, Table

__all__ = ["read_features", "read_table", "table_from_frame"]


def read_table(
    path: Any,
    target: Any = None,
    *,
    name: str | None = None,
    separator: str | None = None,
    drop: Sequence[str] = (),
    features: Sequence[str] | None = None,
    keep: Sequence[str] = (),
) -> Table:
    """Return a file's features, labels and what was recognised of it (first version)."""
    frame = read_features(path, separator=separator)
    path = Path(path)
    return table_from_frame(
        frame, target, name=name or path.stem, drop=drop, features=features, keep=keep
    )


def table_from_frame(
    frame: Any,
    target: Any = None,
    *,
    name: str | None = None,
    drop: Sequence[str] = (),
    features: Sequence[str] | None = None,
    keep: Sequence[str] = (),
) -> Table:
    """Return a frame's features, labels and what was recognised of it (first version)."""
    columns = [column for column in frame.columns if column not in drop]
    target = columns[-1] if target is None else target
    if target not in columns:
        raise unknown_name("target column", target, [str(column) for column in columns])
    chosen = [c for c in columns if c != target] if features is None else list(features)
    labels = np.asarray(frame[target].tolist())
    classes, counts = np.unique(labels, return_counts=True)
    numbers = frame[chosen].select_dtypes(["number", "bool"]).columns
    table = frame[chosen].astype(dict.fromkeys(numbers, "float64"))
    recognition = Recognition(
        name=name or "own data",
        origin=name or "a DataFrame",
        n_rows=len(frame),
        n_columns=frame.shape[1],
        target=str(target),
        target_reason="the last column",
        class_counts=dict(zip(classes.astype(str).tolist(), counts.tolist(), strict=True)),
    )
    return Table(table, labels, recognition)


def read_features(path: Any, *, separator: str | None = None) -> Any:
    """Return all columns of a file as a DataFrame, with no target chosen (first version)."""
    import pandas as pd

    return pd.read_csv(path, sep=separator, engine="python", skipinitialspace=True)
