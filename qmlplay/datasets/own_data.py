"""Your own data, checked once; where something is wrong, an error says plainly what it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import Bunch

from qmlplay.datasets._own_arrays import checked_arrays
from qmlplay.datasets.dataset import Dataset
from qmlplay.datasets.registry import list_datasets, load_dataset
from qmlplay.errors import unknown_name
from qmlplay.tables import Table, read_table, table_from_frame
from qmlplay.tables.sources import is_frame, is_table_file, is_url

__all__ = ["as_dataset"]


def as_dataset(
    data: Any,
    target: Any = None,
    *,
    name: str | None = None,
    separator: str | None = None,
    drop: Sequence[Any] = (),
    features: Sequence[Any] | None = None,
    keep: Sequence[Any] = (),
    task: str = "classification",
) -> Bunch:
    """Return your data in the form of `load_dataset`, or say what has to be corrected.

    Parameters
    ----------
    data : str, Path, bytes, DataFrame, tuple, array-like or Bunch
        The name of a dataset; the path of a table, such as ``flowers.csv``, or what is in it
        (see `qmlplay.tables.read_table` for what is read); a DataFrame of pandas, polars or
        another library; a pair ``(X, y)`` of shapes (n_samples, n_features) and (n_samples,), or
        X alone with y as `target`; or a Bunch with ``X, y`` or scikit-learn's ``data, target``.
    target : str or other column label, or array-like of shape (n_samples,), optional
        The column with the labels, for a file or a DataFrame; by default one called target,
        class, label, species or the like, else the last one. Or the labels, for features alone.
    name : str, optional
        What to call the dataset; the file's stem or ``"own data"`` by default.
    separator : str, optional
        What divides the columns of a text file; found out by default.
    drop, features, keep : sequence of str, optional
        For a file or a DataFrame: columns to leave out, the only ones to use, and those to use
        though they count or name the rows.
    task : {"classification", "regression", "auto"}, default="classification"
        Whether the target holds classes, or numbers to predict; "auto" finds it out (see
        `qmlplay.tables.read_table`). A dataset by name, or a Bunch with ``task``, has its own.

    Returns
    -------
    sklearn.utils.Bunch
        With X, y, feature_names, target_names, DESCR, name and task, as in `load_dataset`, and
        recognition, a `qmlplay.tables.Recognition` that says what was taken for what (None for a
        dataset by name). X is a float64 array where all features are numbers without gaps, else
        a DataFrame of numbers, text and dates.

    Raises
    ------
    OSError, ImportError
        If there is no such file, or a package is missing that reads its kind.
    TypeError
        If the data are of another kind, sparse or complex, or labels are mixed.
    ValueError
        If a name is unknown, cells do not fit their column, values are infinite, lengths differ,
        the table is empty, the target is not at least two classes or different numbers, or a
        dataset has another task.

    Examples
    --------
    >>> import pandas as pd
    >>> flowers = pd.DataFrame({"size": [1, 2, 8, 9], "kind": ["rose", "rose", "lily", "lily"]})
    >>> data = as_dataset(flowers, "kind", name="flowers")
    >>> data.X.ravel(), data.target_names
    (array([1., 2., 8., 9.]), ['lily', 'rose'])
    >>> as_dataset([[1.0], [2.0]], ["rose", "lily"]).y.tolist()
    ['rose', 'lily']
    >>> as_dataset("iris").X.shape
    (150, 4)
    >>> as_dataset([[1.0], [2.0], [4.0]], [0.5, 1.5, 3.5], task="auto").task
    'regression'
    """
    options: dict[str, Any] = {"drop": drop, "features": features, "keep": keep}
    has_labels = not isinstance(data, str | Path | tuple | Bunch) and _are_labels(target, data)
    if not has_labels and _is_file(data):
        table = read_table(data, target, name=name, separator=separator, task=task, **options)
        return _from_table(table)
    if not has_labels and is_frame(data):
        return _from_table(table_from_frame(data, target, name=name, task=task, **options))
    if has_labels:
        data, target = (data, target), None
    _refuse_options({"target": target, "separator": separator, **options})
    if isinstance(data, str):
        return _by_name(data, name, task)
    if isinstance(data, Bunch):
        return _from_bunch(data, name, task)
    if isinstance(data, tuple) and len(data) == 2:
        return _checked(*data, name or "own data", "a pair (X, y)", task=task)
    labels = ""
    if not isinstance(data, tuple) and np.ndim(data) == 2:
        labels = "the labels are missing: pass them, too, as (X, y); "
    raise TypeError(
        f"cannot read data of type {_kind(data)}: {labels}pass a dataset's name, the path of a "
        "table such as 'flowers.csv', a pair (X, y), a DataFrame or a Bunch"
    )


def _is_file(data: Any) -> bool:
    """Return whether data are a table's path or content, and no dataset's name."""
    if isinstance(data, Path | bytes):
        return True
    if not isinstance(data, str) or data in list_datasets():
        return False
    return is_table_file(data) or is_url(data) or Path(data).exists()


def _are_labels(target: Any, data: Any) -> bool:
    """Return whether a target is one label per row, and no column's label."""
    if isinstance(target, tuple) and is_frame(data):  # a column's label may have several levels
        return False
    return target is not None and not isinstance(target, str | bytes) and np.ndim(target) > 0


def _refuse_options(options: dict[str, Any]) -> None:
    for option, value in options.items():
        if value is not None and len(np.atleast_1d(np.asarray(value, dtype=object))):
            raise TypeError(
                f"{option}={value!r}: only a file or a DataFrame has "
                + ("a target column to choose" if option == "target" else "columns to choose")
                + f"; leave {option} out"
            )


def _kind(data: object) -> str:
    size = f" of length {len(data)}" if isinstance(data, tuple) else ""
    return type(data).__name__ + size


def _refuse_task(bunch: Bunch, name: str, task: str) -> None:
    """Raise ValueError where a dataset's own task is not the one that was asked for."""
    if task == "regression" and bunch.get("task") == "classification":
        raise ValueError(
            f"{name} is a classification, but task='regression' asks for numbers to predict: leave "
            "task out (on the command line --task), or pass X and numbers of your own, (X, y)"
        )


def _by_name(data: str, name: str | None, task: str) -> Bunch:
    if data not in list_datasets():
        error = unknown_name("dataset", data, list_datasets())
        raise ValueError(f"{error}. For your own data pass the path of a file, such as flowers.csv")
    bunch = load_dataset(data)
    bunch.name = name or bunch.name
    bunch.recognition = None
    _refuse_task(bunch, bunch.name, task)
    return bunch


def _from_bunch(data: Bunch, name: str | None, task: str) -> Bunch:
    keys = ("X", "y") if "X" in data else ("data", "target")
    absent = [key for key in keys if key not in data]
    if absent:
        raise ValueError(f"the Bunch has keys {sorted(data)}: it needs X and y, or data and target")
    X, y = (data[key] for key in keys)
    label = name or data.get("name") or "own data"
    _refuse_task(data, label, task)
    own_task = data.get("task") or task
    bunch = _checked(X, y, label, "a Bunch", data.get("feature_names"), task=own_task)
    names = data.get("target_names")
    if names is not None and len(names) == len(bunch.target_names):
        bunch.target_names = [str(target) for target in names]
    bunch.DESCR = data.get("DESCR") or bunch.DESCR
    if "recognition" in data:  # from here: what was recognised stays true
        bunch.recognition = data["recognition"]
    return bunch


def _checked(
    X: Any, y: Any, name: str, origin: str, feature_names: Any = None, *, task: str
) -> Bunch:
    """Check features and labels and put them together."""
    if issparse(X):
        raise TypeError("X is sparse: pass X.toarray()")
    return _from_table(checked_arrays(X, y, name, origin, feature_names, task))


def _from_table(table: Table) -> Bunch:
    features, labels = table.features, table.target
    are_numbers = all(kind == "float64" for kind in features.dtypes)
    is_plain = are_numbers and not features.isna().any(axis=None)
    n_samples, n_features = features.shape
    name, task = table.recognition.name, table.recognition.task
    classes = [table.recognition.target] if task == "regression" else np.unique(labels).tolist()
    return Dataset(
        X=features.to_numpy(dtype=np.float64) if is_plain else features,
        y=labels,
        feature_names=[str(column) for column in features.columns],
        target_names=[str(label) for label in classes],
        DESCR=(
            f"{name}: own data of {n_samples} samples and {n_features} features.\n\n"
            f"{table.recognition}\n"
        ),
        name=name,
        task=task,
        recognition=table.recognition,
    )
