"""A dataset at a glance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from qmlplay.html.charts import scatter_chart
from qmlplay.html.rendering import render

__all__ = ["dataset_html"]

_NEEDED = {"X", "y", "feature_names", "target_names", "DESCR", "name"}
_ROWS, _COLUMNS, _CLASSES = 5, 8, 12
#: Of more features than these, the first two say very little.
_MOST_IN_PICTURE = 10


def dataset_html(data: Mapping[str, Any]) -> str | None:
    """Return a dataset's first rows, classes, picture and description as a piece of HTML.

    Parameters
    ----------
    data : Bunch
        From `load_dataset` or `as_dataset`.

    Returns
    -------
    str or None
        None where the user has taken a part away or put something else in its place.

    Examples
    --------
    >>> from qmlplay import load_dataset
    >>> html = dataset_html(load_dataset("iris"))
    >>> "150 samples, 4 features, 3 classes" in html
    True
    """
    if not data.keys() >= _NEEDED:
        return None
    X, y = np.asarray(data["X"]), np.asarray(data["y"])
    names = [str(name) for name in data["feature_names"]]
    if X.ndim != 2 or y.shape != X.shape[:1] or X.shape[1] != len(names):
        return None
    has_numbers = data.get("task") == "regression"
    groups, answers, classes = (_numbers if has_numbers else _classes)(y, data["target_names"])
    shown = min(len(names), _COLUMNS)
    is_complete = X.dtype.kind in "fiub" and bool(np.isfinite(X).all())
    rows = zip(X[:_ROWS, :shown].tolist(), answers, strict=True)
    return render(
        "dataset.html",
        name=str(data["name"]),
        n_samples=len(X),
        n_features=len(names),
        n_classes=None if has_numbers else len(classes),
        target=str(data["target_names"][0]) if has_numbers else "class",
        what=_first_line(str(data["DESCR"]), str(data["name"])),
        description=str(data["DESCR"]),
        columns=names[:shown],
        n_hidden=len(names) - shown,
        rows=[([_number(value) for value in row], answer) for row, answer in rows],
        classes=list(islice(classes, _CLASSES)),
        chart=scatter_chart(X, groups, names)
        if is_complete and len(names) <= _MOST_IN_PICTURE
        else None,
    )


def _classes(y: Any, names: Sequence[Any]) -> tuple[Any, list[str], list[tuple[str, int]]]:
    """Return each sample's group, the answers of the first rows, and all classes with counts."""
    labels, groups, counts = np.unique(y, return_inverse=True, return_counts=True)
    targets = [str(name) for name in names]
    if len(targets) != len(labels):
        targets = [str(label) for label in labels.tolist()]
    answers = [targets[group] for group in groups[:_ROWS].tolist()]
    return groups, answers, list(zip(targets, counts.tolist(), strict=True))


def _numbers(y: Any, names: Sequence[Any]) -> tuple[Any, list[str], list[tuple[str, int]]]:
    """Return one group for all samples, the answers of the first rows, and no classes."""
    return np.zeros(len(y), dtype=int), [_number(value) for value in y[:_ROWS].tolist()], []


def _first_line(description: str, name: str) -> str:
    lines = description.strip().splitlines() or [""]
    return lines[0].removeprefix(f"{name}: ")


def _number(value: Any) -> str:
    if isinstance(value, int | float):
        return f"{value:.4g}"
    return "–" if value is None else str(value)
