"""Checks of a user's features and labels; every message says what to type next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from qmlplay.errors import listed

if TYPE_CHECKING:
    import pandas as pd

    from qmlplay.datasets._samples import Labels
    from qmlplay.typing import Booleans, Real

__all__ = ["check_features", "check_labels"]


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
    import pandas as pd

    items = np.asarray(y, dtype=object)  # object keeps strings and numbers apart
    if items.ndim != 1:
        raise ValueError(
            f"y has shape {items.shape}: it must be (n_samples,), one label per row; for a single "
            "column pass np.ravel(y), for one-hot columns y.argmax(axis=1)"
        )
    if len(items) != n_samples:
        raise ValueError(f"X has {n_samples} rows but y has {len(items)} labels")
    missing = int(pd.isna(items).sum())
    if missing:
        raise ValueError(f"the target has {missing} missing labels: drop those rows first")
    if len({isinstance(item, str) for item in items}) > 1:
        kinds = sorted({type(item).__name__ for item in items})
        raise TypeError(f"labels of mixed types {kinds}: turn all into strings, y.astype(str)")
    return _refuse_no_classes(np.asarray(items.tolist()))


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
