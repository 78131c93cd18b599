"""Checks of a user's features and labels; every message says what to type next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from qmlplay.errors import listed
from qmlplay.tables.cells import few_decimals, number_problem, task_doubt, task_of_numbers
from qmlplay.tables.recognition import check_task_name

if TYPE_CHECKING:
    import pandas as pd

    from qmlplay.datasets._samples import Labels
    from qmlplay.typing import Booleans, Real

__all__ = ["check_answers", "check_features", "check_labels"]


def check_features(frame: pd.DataFrame) -> tuple[Real, list[str]]:
    """Return the features and their names.

    Parameters
    ----------
    frame : DataFrame of shape (n_samples, n_features)
        Numbers or booleans, all finite.

    Returns
    -------
    tuple
        float64 array of shape (n_samples, n_features), and a list of n_features names.

    Raises
    ------
    TypeError
        If a column is complex or not numeric.
    ValueError
        If it is empty, or has missing or infinite values.
    """
    frame = frame.infer_objects()
    if 0 in frame.shape:
        raise ValueError(
            f"the features have shape {frame.shape}: at least one row and one column are needed"
        )
    _refuse_kinds(frame)
    values = frame.to_numpy(dtype=np.float64, na_value=np.nan)
    names = [str(column) for column in frame.columns]
    _refuse_values(
        np.isnan(values),
        names,
        "missing values",
        "drop those rows with DataFrame.dropna(), or fill them first with "
        "sklearn.impute.SimpleImputer",
    )
    _refuse_values(np.isinf(values), names, "infinite values", "replace or drop them")
    return values, names


def _refuse_kinds(frame: pd.DataFrame) -> None:
    """Raise TypeError for complex or non-numeric columns."""
    from pandas.api.types import is_complex_dtype, is_numeric_dtype

    unreal = [str(c) for c, kind in frame.dtypes.items() if is_complex_dtype(kind)]
    if unreal:
        raise TypeError(
            f"complex features [{listed(unreal)}]: pass real and imaginary parts as two columns"
        )
    other = [str(c) for c, kind in frame.dtypes.items() if not is_numeric_dtype(kind)]
    if other:
        raise TypeError(
            f"features that are not numeric: [{listed(other)}]. Drop them, or encode them first, "
            "for instance with sklearn.preprocessing.OneHotEncoder or pandas.get_dummies"
        )


def _refuse_values(bad: Booleans, names: list[str], problem: str, remedy: str) -> None:
    """Raise ValueError with the count per column where `bad`, (n_samples, n_features), holds."""
    counts = bad.sum(axis=0).tolist()
    told = [f"{name!r}: {n}" for name, n in zip(names, counts, strict=True) if n]
    if told:
        raise ValueError(f"{problem} per feature: {listed(told, quoted=False)}; {remedy}")


def check_answers(y: Any, n_samples: int, task: str) -> tuple[Any, str, str]:
    """Return labels or numbers, the task that they set, and a line where that may be doubted.

    Parameters
    ----------
    y : array-like or Series, shape (n_samples,)
    n_samples : int
        The number of rows of X.
    task : {"classification", "regression", "auto"}

    Raises
    ------
    TypeError, ValueError
        As `check_labels`, or if a regression is asked for and y are no different, finite numbers.
    """
    check_task_name(task)
    if task == "classification":
        return check_labels(y, n_samples), task, ""
    items = _one_column(y, n_samples, task)
    numbers = _numbers(y, items)
    if task == "auto":
        found, is_doubted = ("classification", False)
        if numbers is not None:
            found, is_doubted = task_of_numbers(numbers)
        doubt = "" if numbers is None or not is_doubted else task_doubt("y", numbers, found)
        if found == "classification":
            if numbers is not None and (numbers % 1).any():
                return few_decimals(numbers), found, doubt
            return check_labels(y, n_samples), found, doubt
    else:
        doubt = ""
    if numbers is None:
        raise ValueError(
            f"y holds {type(items[0]).__name__} such as {items[0]!r}: a regression needs numbers; "
            "for classes leave out task='regression'"
        )
    problem = number_problem(numbers)
    if problem:
        raise ValueError(f"the target {problem}")
    return numbers, "regression", doubt


def _numbers(y: Any, items: Any) -> Real | None:
    """Return y as floats, None where it has text, truth values or categories."""
    import pandas as pd

    is_categorical = isinstance(getattr(y, "dtype", None), pd.CategoricalDtype)
    kinds = {np.asarray(item).dtype.kind for item in items}
    if is_categorical or not kinds <= set("iuf"):
        return None
    numbers = items.astype(np.float64)
    if not np.isfinite(numbers).all():
        raise ValueError(
            f"the target has {int(np.isinf(numbers).sum())} infinite values: drop those rows first"
        )
    return np.asarray(numbers)


def check_labels(y: Any, n_samples: int) -> Labels:
    """Return the labels as an array of one kind.

    Parameters
    ----------
    y : array-like or Series, shape (n_samples,)
        Integers, strings, booleans or whole floats; at least two different ones.
    n_samples : int
        The number of rows of X.

    Returns
    -------
    ndarray, shape (n_samples,)
        The labels.

    Raises
    ------
    TypeError
        If strings and numbers are mixed, or the labels are complex.
    ValueError
        If y is not one-dimensional, of another length, has missing values, is continuous, or
        holds a single class.
    """
    items = _one_column(y, n_samples, "classification")
    if len({isinstance(item, str) for item in items}) > 1:
        kinds = sorted({type(item).__name__ for item in items})
        raise TypeError(f"labels of mixed types {kinds}: turn all into strings, y.astype(str)")
    return _refuse_no_classes(np.asarray(items.tolist()))


def _one_column(y: Any, n_samples: int, task: str) -> Any:
    """Return y as an array of objects, one per row and none of them missing."""
    import pandas as pd

    items = np.asarray(y, dtype=object)  # object keeps strings and numbers apart
    if items.ndim != 1:
        several = "" if task == "classification" else ", for several targets one at a time: y[:, 0]"
        raise ValueError(
            f"y has shape {items.shape}: it must be (n_samples,), one label per row; for a single "
            f"column pass np.ravel(y), for one-hot columns y.argmax(axis=1){several}"
        )
    if len(items) != n_samples:
        raise ValueError(f"X has {n_samples} rows but y has {len(items)} labels")
    missing = int(pd.isna(items).sum())
    if missing:
        raise ValueError(f"the target has {missing} missing labels: drop those rows first")
    return items


def _refuse_no_classes(labels: Labels) -> Labels:
    """Return the labels, or raise where they are not two or more classes."""
    if labels.dtype.kind not in "iubfU":
        raise TypeError(
            f"labels of type {labels.dtype}: must be whole numbers, strings or booleans; "
            "for others y.astype(str)"
        )
    if labels.dtype.kind == "f" and (labels != np.floor(labels)).any():
        raise ValueError(
            f"the target looks continuous (for instance {labels[labels != np.floor(labels)][0]}): "
            "a classifier needs classes; make some, for instance with pandas.cut, or train a "
            "qmlplay.VariationalRegressor"
        )
    classes = np.unique(labels)
    if len(classes) < 2:
        raise ValueError(f"the target has a single class, {classes.tolist()}: two are needed")
    return labels
