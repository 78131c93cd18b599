"""The division of one dataset into training and test parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split
from sklearn.utils import Bunch

from qmlplay.checks import is_number
from qmlplay.compare.setup.learning_task import CLASSIFICATION, REGRESSION
from qmlplay.errors import listed

__all__ = ["Split", "check_divisible", "has_numbers", "split_of", "stratified_split"]


@dataclass(frozen=True, eq=False)
class Split:
    """One dataset, divided with one seed.

    Parameters
    ----------
    dataset : str
        Its name, different from that of every other dataset in the comparison.
    seed : int
        Different for every split of a dataset.
    X_train, X_test : ndarray or DataFrame of shape (n_samples, n_features)
    y_train, y_test : ndarray of shape (n_samples,)
    feature_names : sequence of str
    test_rows : ndarray of int, shape (n_test,), optional
        Which samples of the table are held out.
    train_rows : ndarray of int, shape (n_train,), optional
        Which samples of the table are trained on.
    table : int, default=0
        Splits of the same table have the same number; generated data are another table for
        every seed.
    recognition : Recognition, optional
        What was recognised of a file or frame.
    task : {"classification", "regression"}, default="classification"
        Whether y are classes or numbers.
    target_name : str, default="y"
        What y is called.
    class_names : mapping of label to str, optional
        What the classes are called.
    """

    dataset: str
    seed: int
    X_train: Any
    X_test: Any
    y_train: Any
    y_test: Any
    feature_names: Sequence[str]
    test_rows: Any = None
    train_rows: Any = None
    table: int = 0
    recognition: Any = None
    task: str = "classification"
    target_name: str = "y"
    class_names: Mapping[Any, str] = field(default_factory=dict)

    @property
    def has_numbers(self) -> bool:
        """Whether y are numbers, and no classes."""
        return self.task == REGRESSION.name


def stratified_split(data: Bunch, test_size: Any, seed: int) -> Split:
    """Divide a dataset so that both parts have every class in the same proportion.

    Numbers are divided at random.

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
    >>> from qmlplay import load_dataset
    >>> split = stratified_split(load_dataset("iris"), 0.2, seed=0)
    >>> split.X_train.shape, split.X_test.shape, np.bincount(split.y_test)
    ((120, 4), (30, 4), array([10, 10, 10]))
    """
    if not is_number(test_size, 0, 1, closed="neither"):
        raise ValueError(f"test_size must be a number in (0, 1), got {test_size!r}")
    check_divisible(data)
    classes = None if has_numbers(data) else data.y
    try:
        train, test = train_test_split(
            np.arange(len(data.y)), test_size=float(test_size), stratify=classes, random_state=seed
        )
    except ValueError as error:
        of_classes = "" if classes is None else f" of {len(np.unique(classes))} classes"
        raise ValueError(
            f"{data.name}: cannot divide {len(data.y)} samples{of_classes} with "
            f"test_size={test_size}: {error}"
        ) from error
    return split_of(data, train, test, seed)


def has_numbers(data: Bunch) -> bool:
    """Tell whether a dataset is a regression."""
    return bool(data.get("task") == REGRESSION.name)


def check_divisible(data: Bunch) -> None:
    """Raise ValueError where a class has a single sample, which no split can divide."""
    if has_numbers(data):
        return
    classes, counts = np.unique(data.y, return_counts=True)
    if counts.min() < 2:
        recognition = data.get("recognition")
        numeric = np.asarray(classes).dtype.kind in "iuf"
        others = "" if recognition is None else recognition.other_targets
        raise ValueError(
            f"{data.name}: the classes [{listed(classes[counts < 2].tolist())}] have one sample "
            "each, but training and test part need one each: add samples, drop or join these "
            "classes, or choose another target (on the command line --target)"
            + (", or predict numbers: task='regression' (--task regression)" if numeric else "")
            + (f". {others}" if others else "")
        )


def split_of(data: Bunch, train: Any, test: Any, seed: int) -> Split:
    """Return the split with these rows, or say why it is of no use."""
    y_train, y_test = data.y[train], data.y[test]
    if has_numbers(data):
        _check_parts_of_numbers(data, y_train, y_test)
    else:
        _check_parts_of_classes(data, y_train, y_test)
    return Split(
        dataset=data.name,
        seed=seed,
        X_train=_rows(data.X, train),
        X_test=_rows(data.X, test),
        y_train=y_train,
        y_test=y_test,
        feature_names=data.feature_names,
        test_rows=test,
        train_rows=train,
        recognition=data.get("recognition"),
        task=data.get("task", CLASSIFICATION.name),
        target_name=str(data.target_names[0]) if has_numbers(data) else "class",
        class_names={} if has_numbers(data) else _class_names(data),
    )


def _class_names(data: Bunch) -> dict[Any, str]:
    """Return label → name, for the labels in order."""
    names = map(str, data.target_names)
    return dict(zip(np.unique(data.y).tolist(), names, strict=False))


def _check_parts_of_numbers(data: Bunch, y_train: Any, y_test: Any) -> None:
    for part, y in (("training", y_train), ("test", y_test)):
        if len(np.unique(y)) < 2:
            raise ValueError(
                f"{data.name}: a {part} part has only the number {y[0]:.12g}, but R² needs two: "
                "use fewer folds or another test_size, or shuffle the rows"
            )


def _check_parts_of_classes(data: Bunch, y_train: Any, y_test: Any) -> None:
    unseen = np.setdiff1d(y_test, y_train)
    if len(unseen):
        raise ValueError(
            f"{data.name}: the classes [{listed(unseen.tolist())}] are in the test part alone, so "
            "that no model can learn them: add samples, drop or join these classes, or use "
            "stratified splits, such as cv=5"
        )
    if len(np.unique(y_train)) < 2:
        raise ValueError(
            f"{data.name}: a training part has only the class {y_train[0]!r}: use stratified "
            "splits, such as cv=5, or shuffle the rows"
        )


def _rows(X: Any, rows: Any) -> Any:
    return X.iloc[rows] if isinstance(X, pd.DataFrame) else X[rows]
