"""Training and test parts: every model of a comparison gets the same ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Sized
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from qmlplay.checks import check_seed, is_integer
from qmlplay.compare.setup.division import Split, stratified_split
from qmlplay.compare.setup.folds import folds
from qmlplay.compare.setup.learning_task import TASKS, check_task
from qmlplay.datasets import as_dataset, list_datasets, load_dataset

__all__ = [
    "Split",
    "check_own_task",
    "check_seeds",
    "first_splits",
    "make_splits",
    "stratified_split",
]


def make_splits(
    data: Any,
    target: Any,
    seeds: Sequence[int],
    test_size: float,
    cv: Any = None,
    options: Mapping[str, Any] = MappingProxyType({}),
    task: str = "auto",
) -> list[Split]:
    """Return the splits of one or several datasets of the same task, a group per dataset.

    Parameters
    ----------
    data, target, test_size, cv
        As in `qmlplay.compare`.
    seeds : sequence of int
        Checked by `check_seeds`.
    options : mapping of str to object
        separator, drop, features and keep of `as_dataset`, for files and frames.
    task : {"auto", "classification", "regression"}, default="auto"
        As in `as_dataset`.

    Raises
    ------
    TypeError, ValueError
        If the data, `test_size` or `cv` are not allowed, a class is too small to be divided, or
        datasets are of another task than was asked for, or than the others.
    """
    check_task(task)
    if _is_labels(target):
        data, target = (data, target), None
    if isinstance(cv, Iterator):
        cv = list(cv)  # every dataset and seed reads it
    items = data if isinstance(data, list) else [data]
    if not items:
        raise ValueError("no dataset came: name at least one, for instance 'moons'")
    if target is not None and all(map(_is_known, items)):
        names = ", ".join(map(repr, items))
        raise TypeError(f"{names} has its own target: leave out target={target!r}")
    if any(options.values()) and all(map(_is_known, items)):
        as_dataset(items[0], **options)  # raises: it has no columns to choose
    tables = [_tables(item, target, seeds, options, task) for item in items]
    _refuse_mixed([of_item[0] for of_item in tables])
    groups = [_splits_of(of_item, seeds, test_size, cv) for of_item in tables]
    return _with_different_names(groups)


def _tables(
    item: Any, target: Any, seeds: Sequence[int], options: Mapping[str, Any], task: str
) -> list[Bunch]:
    """Return the table of every seed: generated ones differ."""
    if not _is_known(item):
        return [as_dataset(item, target, task=task, **options)] * len(seeds)
    tables = [load_dataset(item, random_state=seed) for seed in seeds]
    check_own_task(tables[0], task)
    return tables


def check_own_task(table: Bunch, task: str) -> None:
    """Raise ValueError where a task is asked for that is not the dataset's own."""
    if task not in ("auto", table.task):
        raise ValueError(
            f"{table.name} is a {table.task}, but task={task!r} (--task {task}) asks for another: "
            "leave that out, or pass features and a target of your own"
        )


def _refuse_mixed(tables: Sequence[Bunch]) -> None:
    """Raise ValueError where there are classes and numbers, whose scores are not comparable."""
    names = {task: [t.name for t in tables if t.task == task] for task in TASKS}
    if all(names.values()):
        classes, numbers = (", ".join(of_task) for of_task in names.values())
        raise ValueError(
            f"{classes}: classes, but {numbers}: numbers to predict, which are scored in another "
            "way and by other models: compare them in two calls, or choose with task= (--task)"
        )


def _is_labels(target: Any) -> bool:
    """Tell whether a target is labels, as in ``compare(X, y)``, and not the name of a column."""
    return not isinstance(target, str | bytes | tuple) and isinstance(target, Sized)


def _splits_of(
    tables: Sequence[Bunch], seeds: Sequence[int], test_size: float, cv: Any
) -> list[Split]:
    splits: list[Split] = []
    for table, (number, names), seed in zip(tables, _sample_names(tables), seeds, strict=True):
        parts = folds(table, cv, seed) if cv is not None else _one(table, test_size, seed)
        splits += [replace(s, table=number, test_rows=names[s.test_rows]) for s in parts]
    return splits


def _one(table: Bunch, test_size: float, seed: int) -> list[Split]:
    return [stratified_split(table, test_size, seed)]


def _sample_names(tables: Sequence[Bunch]) -> list[tuple[int, Any]]:
    """Return each table's number and a number for each of its samples.

    A table that comes again has the same number, and its samples have theirs, in whatever order.
    """
    if all(table is tables[0] for table in tables):
        return [(0, np.arange(len(table.y))) for table in tables]
    known: list[Any] = []
    named = []
    for table in tables:
        samples = np.column_stack([table.X, table.y])
        order = np.lexsort(samples.T)
        sorted_samples = samples[order]
        same = [i for i, other in enumerate(known) if np.array_equal(other, sorted_samples)]
        named.append((same[0] if same else len(known), np.argsort(order)))
        known += [] if same else [sorted_samples]
    return named


def _is_known(item: Any) -> bool:
    return isinstance(item, str) and item in list_datasets()


def _with_different_names(groups: list[list[Split]]) -> list[Split]:
    """Return all splits; the second dataset of a name is called "name (2)", and so on."""
    taken: set[str] = set()
    result = []
    for group in groups:
        plain = name = group[0].dataset
        number = 1
        while name in taken:
            number += 1
            name = f"{plain} ({number})"
        taken.add(name)
        result += [replace(split, dataset=name) for split in group]
    return result


def first_splits(splits: Sequence[Split]) -> dict[str, Split]:
    """Return the first split of every dataset by its name, in the order of the datasets."""
    first: dict[str, Split] = {}
    for split in splits:
        first.setdefault(split.dataset, split)
    return first


def check_seeds(seeds: Any, cv: Any = None) -> list[int]:
    """Return the seeds: 0, 1, … for a number of them, 0 alone where `cv` makes the splits.

    Raises
    ------
    ValueError
        If they are not a positive number or different non-negative integers.

    Examples
    --------
    >>> check_seeds(3), check_seeds([7, 5])
    ([0, 1, 2], [7, 5])
    """
    if is_integer(seeds):
        if seeds < 1:
            raise ValueError(f"seeds must be at least 1, or a list of seeds; got {seeds}")
        return list(range(int(seeds))) if cv is None else [0]
    is_list = isinstance(seeds, Sequence) and not isinstance(seeds, str | bytes)
    is_array = isinstance(seeds, np.ndarray) and seeds.ndim == 1
    values = list(seeds) if is_list or is_array else []
    if not values or not all(map(is_integer, values)):
        raise ValueError(
            "seeds must be how many, such as 3, or a list of different integers, such as "
            f"[0, 1, 2]; got {seeds!r}"
        )
    if len(set(values)) < len(values):
        raise ValueError(f"seeds must be different, or a run counts twice; got {values}")
    return [check_seed(value) for value in values]
