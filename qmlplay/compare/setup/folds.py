"""Cross-validation of one dataset: folds, splitters, and rows that somebody chose."""

from __future__ import annotations

import reprlib
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.utils import Bunch

from qmlplay.checks import is_integer
from qmlplay.compare.setup.division import Split, has_numbers, split_of
from qmlplay.errors import listed

__all__ = ["folds"]


def folds(data: Bunch, cv: Any, seed: int) -> list[Split]:
    """Divide a dataset as cross-validation does.

    Parameters
    ----------
    data : Bunch
        From `load_dataset` or `as_dataset`.
    cv : int, splitter of scikit-learn, or iterable of (train, test)
        How many shuffled folds, stratified where there are classes; or who makes the splits; or
        the rows of each part.
    seed : int
        Shuffles the folds. Split number i of n gets the seed n · `seed` + i, so that every
        model's random numbers differ from split to split.

    Raises
    ------
    TypeError, ValueError
        If `cv` is not allowed, a part is empty, parts share a row, or a class has fewer samples
        than there are folds or is in a test part alone.

    Examples
    --------
    >>> from qmlplay import load_dataset
    >>> splits = folds(load_dataset("iris"), 5, seed=0)
    >>> len(splits), [len(split.y_test) for split in splits]
    (5, [30, 30, 30, 30, 30])
    """
    pairs = list(_pairs(data, cv, seed))
    if not pairs:
        raise ValueError(f"cv={cv!r} came without a split: give (train, test) rows, or cv=5")
    return [
        split_of(data, *_checked(data, pair, number), len(pairs) * seed + number)
        for number, pair in enumerate(pairs)
    ]


def _pairs(data: Bunch, cv: Any, seed: int) -> Iterable[Any]:
    if is_integer(cv):
        if cv < 2:
            raise ValueError(f"cv must be at least 2 folds, such as cv=5; got {cv}")
        make_folds = _folds_of_numbers if has_numbers(data) else _folds_of_classes
        cv = make_folds(data, cv, seed)
    if hasattr(cv, "split") and not isinstance(cv, str | type):
        with warnings.catch_warnings():
            # Of classes smaller than the number of folds: what that leads to is checked after.
            warnings.simplefilter("ignore", UserWarning)
            try:
                return list(cv.split(data.X, data.y))
            except (TypeError, ValueError) as error:
                remedy = ""
                if "groups" in str(error):
                    remedy = " Give its splits instead: cv=list(splitter.split(X, y, groups))"
                raise ValueError(f"{data.name}: {cv} cannot divide it: {error}{remedy}") from error
    if isinstance(cv, Iterable) and not isinstance(cv, str | bytes):
        return cv
    raise TypeError(
        "cv must be a number of folds such as 5, a splitter of scikit-learn such as "
        f"StratifiedKFold(5), or a list of (train, test) row numbers; got {cv!r}"
    )


def _folds_of_numbers(data: Bunch, cv: Any, seed: int) -> KFold:
    if cv > len(data.y) / 2:
        raise ValueError(
            f"{data.name}: {len(data.y)} samples are too few for cv={cv} folds, as R² needs two "
            "in each test part: use fewer folds"
        )
    return KFold(int(cv), shuffle=True, random_state=seed)


def _folds_of_classes(data: Bunch, cv: Any, seed: int) -> StratifiedKFold:
    classes, counts = np.unique(data.y, return_counts=True)
    if counts.min() < cv:
        raise ValueError(
            f"{data.name}: the classes [{listed(classes[counts < cv].tolist())}] have fewer "
            f"samples (as few as {counts.min()}) than cv={cv} folds: use fewer folds, add "
            "samples, or drop or join these classes"
        )
    return StratifiedKFold(int(cv), shuffle=True, random_state=seed)


def _checked(data: Bunch, pair: Any, number: int) -> tuple[Any, Any]:
    """Return the row numbers of both parts, or say what is wrong with them."""
    where = f"{data.name}, split {number} of cv"
    try:
        parts = [np.asarray(part) for part in pair]
    except (TypeError, ValueError):
        parts = []
    if len(parts) != 2 or not all(map(_are_rows, parts)):
        raise TypeError(
            f"{where} must be (train, test), two lists of row numbers; got {reprlib.repr(pair)}"
        )
    train, test = parts
    if not len(train) or not len(test):
        raise ValueError(f"{where}: the {'test' if len(train) else 'training'} part has no rows")
    rows = np.concatenate(parts)
    if rows.min() < 0 or rows.max() >= len(data.y):
        raise ValueError(
            f"{where} names the row {rows.max() if rows.min() >= 0 else rows.min()}, but the "
            f"{len(data.y)} rows have the numbers 0 to {len(data.y) - 1}"
        )
    shared = np.intersect1d(train, test)
    if len(shared):
        raise ValueError(
            f"{where}: {len(shared)} rows are in the training and in the test part ({shared[0]} is "
            "one), so that the test would be of no use: give every row to one part"
        )
    return train, test


def _are_rows(part: Any) -> bool:
    return bool(part.ndim == 1 and (part.dtype.kind in "iu" or not len(part)))
