"""Training and test parts: every model of a comparison gets the same ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.utils import Bunch

from qmlplay.checks import check_seed, is_integer, is_number
from qmlplay.datasets import as_dataset, list_datasets, load_dataset
from qmlplay.errors import listed

__all__ = ["Split", "check_classes", "check_seeds", "make_splits", "stratified_split"]


@dataclass(frozen=True)
class Split:
    """One dataset, divided with one seed.

    Parameters
    ----------
    dataset : str
        Its name, different from that of every other dataset in the comparison.
    seed : int
    X_train, X_test : ndarray of shape (n_samples, n_features)
    y_train, y_test : ndarray of shape (n_samples,)
    feature_names : sequence of str
    """

    dataset: str
    seed: int
    X_train: Any
    X_test: Any
    y_train: Any
    y_test: Any
    feature_names: Sequence[str]


def make_splits(
    data: Any,
    target: Any,
    seeds: Sequence[int],
    test_size: float,
    options: Mapping[str, Any] = MappingProxyType({}),
) -> list[Split]:
    """Return the splits of one or several datasets, a group per dataset and a split per seed.

    Parameters
    ----------
    data, target, test_size
        As in `qmlplay.compare`.
    seeds : sequence of int
        Checked by `check_seeds`.
    options : mapping of str to object
        separator, drop, features and keep of `as_dataset`, for files and frames.

    Raises
    ------
    TypeError, ValueError
        If the data or `test_size` are not allowed, or a class is too small to be divided.
    """
    items = data if isinstance(data, list) else [data]
    if not items:
        raise ValueError("no dataset came: name at least one, for instance 'moons'")
    if target is not None and all(map(_is_known, items)):
        names = ", ".join(map(repr, items))
        raise TypeError(f"{names} has its own target: leave out target={target!r}")
    if any(options.values()) and all(map(_is_known, items)):
        as_dataset(items[0], **options)  # raises: it has no columns to choose
    groups = []
    for item in items:
        given = None if _is_known(item) else as_dataset(item, target, **options)
        bunches = (given or load_dataset(item, random_state=seed) for seed in seeds)
        pairs = zip(bunches, seeds, strict=True)
        groups.append([stratified_split(bunch, test_size, seed) for bunch, seed in pairs])
    return _with_different_names(groups)


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


def stratified_split(data: Bunch, test_size: Any, seed: int) -> Split:
    """Divide a dataset so that both parts have every class in the same proportion.

    Parameters
    ----------
    data : Bunch
        From `load_dataset` or `as_dataset`.
    test_size : float
        Share of the test part, in (0, 1).
    seed : int

    Raises
    ------
    ValueError
        If `test_size` is not allowed, or a class is too small.

    Examples
    --------
    >>> split = stratified_split(load_dataset("iris"), 0.2, seed=0)
    >>> split.X_train.shape, split.X_test.shape, np.bincount(split.y_test)
    ((120, 4), (30, 4), array([10, 10, 10]))
    """
    if not is_number(test_size, 0, 1, closed="neither"):
        raise ValueError(f"test_size must be a number in (0, 1), got {test_size!r}")
    check_classes(data)
    try:
        X_train, X_test, y_train, y_test = train_test_split(
            data.X, data.y, test_size=float(test_size), stratify=data.y, random_state=seed
        )
    except ValueError as error:
        raise ValueError(
            f"{data.name}: cannot divide {len(data.y)} samples of {len(np.unique(data.y))} classes "
            f"with test_size={test_size}: {error}"
        ) from error
    return Split(data.name, seed, X_train, X_test, y_train, y_test, data.feature_names)


def check_classes(data: Bunch) -> None:
    """Raise ValueError where a class has a single sample, which no split can divide."""
    classes, counts = np.unique(data.y, return_counts=True)
    if counts.min() < 2:
        single = classes[counts < 2].tolist()
        raise ValueError(
            f"{data.name}: the classes [{listed(single)}] have one sample each, but training and "
            "test part need one each: add samples, drop or join these classes, or choose another "
            "target (on the command line --target)"
        )


def check_seeds(seeds: Any) -> list[int]:
    """Return the seeds: 0, 1, … for a number of them.

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
        return list(range(int(seeds)))
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
