"""Notes on a table: how cells were read, gaps, and what makes scores look better than they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from qmlplay.errors import listed
from qmlplay.tables.cells import Converted, Labels
from qmlplay.tables.recognition.problems import with_option
from qmlplay.typing import Integers, Real

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["table_notes"]

#: Columns with more values than these are no copies of the labels.
_MOST_CLASSES = 100
_MANY_ROWS = 20
#: Changes of the label from row to row, as a share of those in rows of random order.
_FEW_CHANGES = 0.2
#: The first and the last day that a whole number is taken for.
_DAYS = (19000101, 21001231)
_NEARLY_ALL = 0.9


def table_notes(
    columns: Mapping[str, Converted],
    features: pd.DataFrame,
    labels: Labels,
    task: str = "classification",
) -> list[str]:
    """Return what a reader of the results should know of a table.

    Parameters
    ----------
    columns : mapping of str to Converted
        The features as they were read.
    features : DataFrame, shape (n_samples, n_features)
        The rows that have a label.
    labels : Labels
    task : {"classification", "regression"}, default="classification"
    """
    has_numbers = task == "regression"
    notes = _how_read(columns)
    n_missing = int(labels.is_missing.sum())
    if n_missing:
        noun = "row" if n_missing == 1 else "rows"
        answer = "number in the target" if has_numbers else "label"
        notes.append(f"{n_missing} {noun} without a {answer} left out")
    gaps = features.isna().sum()
    counts = [f"{name!r} {count}" for name, count in gaps.items() if count]
    if counts:
        notes.append(f"gaps: {listed(counts, quoted=False)}")
    _, codes = np.unique(labels.values, return_inverse=True)
    n_copies = _n_copies(features, codes)
    if n_copies:
        noun = "row is a copy" if n_copies == 1 else "rows are copies"
        notes.append(f"{n_copies} {noun} of others: training and test part may share them")
    if has_numbers:
        told = [str(name) for name in features if _is_line_of(features[name], labels.values)]
    else:
        told = [str(name) for name in features.columns if _tells(features[name], codes)]
    if told:
        answer = "target" if has_numbers else "label"
        notes.append(
            f"WARNING: {listed(told)} tells the {answer} of every row: is it known beforehand?"
        )
    notes += [] if has_numbers else _in_order(features, codes)
    return notes + _compact_dates(features) + _identification(features)


def _compact_dates(features: pd.DataFrame) -> list[str]:
    """Tell of whole numbers that are dates as 20210304."""
    names = [str(name) for name, values in features.items() if _are_compact_dates(values)]
    if not names:
        return []
    return [
        f"WARNING: {listed(names)} may be dates such as {features[names[0]].dropna().iloc[0]:.0f}, "
        "but was read as whole numbers: write 2021-03-04"
    ]


def _are_compact_dates(values: pd.Series) -> bool:
    import pandas as pd

    start = values.to_numpy()[:20]
    if values.dtype != np.float64 or (start < _DAYS[0]).any() or (start > _DAYS[1]).any():
        return False
    numbers = values.dropna()
    if numbers.nunique() < 2:
        return False
    if not (numbers.between(*_DAYS) & (numbers == np.floor(numbers))).all():
        return False
    texts = numbers.astype(int).astype(str)
    return bool(pd.to_datetime(texts, format="%Y%m%d", errors="coerce").notna().all())


def _in_order(features: pd.DataFrame, codes: Integers) -> list[str]:
    """Warn of columns that follow the order of rows in a file whose labels stand in blocks."""
    n_changes = int(np.count_nonzero(np.diff(codes)))
    shares = np.bincount(codes) / max(len(codes), 1)
    n_expected = len(codes) * (1 - np.sum(shares**2))  # in rows of random order
    if len(codes) < _MANY_ROWS or n_changes > _FEW_CHANGES * n_expected:
        return []
    names = [str(name) for name, values in features.items() if _follows_rows(values, n_changes)]
    if not names:
        return []
    verb = "follows" if len(names) == 1 else "follow"
    return [
        f"WARNING: equal labels stand together, and {listed(names)} {verb} the order of the rows, "
        f"which tells them: if only for that, {with_option('drop', names)}"
    ]


def _follows_rows(values: pd.Series, n_changes: int) -> bool:
    """Return whether numbers or dates only grow, or only fall, more often than labels change."""
    filled = values.dropna()
    if values.dtype == object or filled.nunique() <= n_changes + 1:
        return False
    return bool(filled.is_monotonic_increasing or filled.is_monotonic_decreasing)


def _identification(features: pd.DataFrame) -> list[str]:
    """Tell of a first column that may identify the rows, though its name does not say so."""
    for name, values in features.iloc[:, :1].items():
        numbers = values.to_numpy()
        is_whole = values.dtype == np.float64 and (numbers == np.floor(numbers)).all()
        share = values.nunique() / len(values)
        if is_whole and len(values) >= _MANY_ROWS and share >= _NEARLY_ALL:
            rows = "every row" if share == 1 else "nearly every row"
            return [
                f"{name!r} has another whole number in {rows}: if these identify the "
                f"rows, {with_option('drop', [str(name)])}"
            ]
    return []


def _how_read(columns: Mapping[str, Converted]) -> list[str]:
    names = defaultdict(list)
    for name, column in columns.items():
        if column.note:
            names[column.note].append(name)
    notes = [f"{listed(group)}: {note}" for note, group in names.items()]
    examples = [f"{name!r} {c.example}" for name, c in columns.items() if c.example]
    return [f"numbers read: {listed(examples, quoted=False)}", *notes] if examples else notes


def _n_copies(features: pd.DataFrame, codes: Integers) -> int:
    """Return how many rows came before, with the same label."""
    import pandas as pd

    columns = [
        values.to_numpy() if values.dtype == np.float64 else pd.factorize(values)[0].astype(float)
        for _, values in features.items()
    ]
    rows = np.column_stack([*columns, codes.astype(float)])
    return len(rows) - len({row.tobytes() for row in rows})


def _tells(values: pd.Series, codes: Integers) -> bool:
    """Return whether a column has one value per class, and each class one value."""
    import pandas as pd

    n_classes = int(codes.max(initial=-1)) + 1
    start = set(values.to_numpy()[: _MOST_CLASSES * 3].tolist())
    if len(start) > min(n_classes, _MOST_CLASSES) or values.isna().any():
        return False
    numbers, different = pd.factorize(values)
    n_pairs = len(np.unique(numbers * n_classes + codes))
    return bool(n_pairs == len(different) == n_classes > 1)


def _is_line_of(values: pd.Series, target: Real) -> bool:
    """Return whether the target is a straight line of a column, but for rounding."""
    if values.dtype != np.float64 or values.isna().any() or values.nunique() < 3:
        return False
    return bool(abs(np.corrcoef(values.to_numpy(), target)[0, 1]) > 1 - 1e-9)
