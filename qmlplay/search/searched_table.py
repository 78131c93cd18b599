"""The table of a search: one dataset, whole, with names where the user's data have them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

import pandas as pd
from joblib import effective_n_jobs
from sklearn.utils import Bunch

from qmlplay.checks import is_integer
from qmlplay.compare.setup import LearningTask, check_divisible, check_own_task, check_task
from qmlplay.datasets import as_dataset, list_datasets, load_dataset
from qmlplay.errors import unknown_name
from qmlplay.search.space import TableShape
from qmlplay.tables import TablePreprocessor
from qmlplay.tables.sources import is_frame

__all__ = ["check_baselines", "n_processes", "searched_table", "shape_of"]


def searched_table(
    data: Any, target: Any, task: str, options: Mapping[str, Any], seed: int
) -> Bunch:
    """Return one dataset, a frame where it came from a file or a frame.

    Raises
    ------
    TypeError, ValueError
        If it is not allowed, or there are several.
    """
    check_task(task)
    if isinstance(data, list) and data and all(isinstance(item, str) for item in data):
        if len(data) > 1:
            raise ValueError(
                f"a search takes one dataset, got {len(data)}: search them one after the other, "
                "each with a study of its own"
            )
        data = data[0]
    is_named = isinstance(data, str) and data in list_datasets()
    if is_named and target is None and not any(options.values()):
        table = load_dataset(data, random_state=seed)
        check_own_task(table, task)
    else:
        table = as_dataset(data, target, task=task, **options)
    check_divisible(table)
    if not is_named and _has_names(data) and not isinstance(table.X, pd.DataFrame):
        # So that the winner takes tables by the names of their columns.
        table.X = pd.DataFrame(table.X, columns=list(table.feature_names))
    return table


def _has_names(data: Any) -> bool:
    """Return whether the user's data have named columns: a file, a frame, or one with labels."""
    if isinstance(data, Bunch):
        data = data.get("X", data.get("data"))
    elif isinstance(data, tuple) and data:
        data = data[0]
    return isinstance(data, str | bytes | PathLike) or is_frame(data)


def shape_of(table: Bunch) -> TableShape:
    """Return what the space has to know of a table."""
    is_frame = isinstance(table.X, pd.DataFrame)
    numbers = TablePreprocessor().fit_transform(table.X) if is_frame else table.X
    return TableShape(int(numbers.shape[1]), is_frame, str(table.task))


def check_baselines(names: Sequence[str] | None, task: LearningTask) -> tuple[str, ...]:
    """Return the names of classical candidates.

    Raises
    ------
    TypeError, ValueError
        If there are none, or one is unknown.
    """
    known = task.baselines
    if names is None:
        return tuple(known)
    chosen = (names,) if isinstance(names, str) else tuple(names)
    for name in chosen:
        if name not in known:
            raise unknown_name("baseline", name, known)
    if not chosen:
        raise ValueError(f"baselines must name at least one of {', '.join(known)}, or be left out")
    return tuple(name for name in known if name in chosen)


def n_processes(n_jobs: Any) -> int:
    """Return how many processes there are to be.

    Raises
    ------
    TypeError, ValueError
        If it is no number of processes.
    """
    if n_jobs is not None and (not is_integer(n_jobs) or n_jobs == 0):
        raise ValueError(f"n_jobs must be a number of processes such as 2, or −1, got {n_jobs!r}")
    return int(effective_n_jobs(n_jobs))
