"""Your own data, checked once; where something is wrong, an error says plainly what it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import Bunch

from qmlplay.datasets._csv import read_csv, with_text_labels
from qmlplay.datasets._own_checks import check_features, check_labels
from qmlplay.datasets._samples import Labels, Samples, to_bunch
from qmlplay.datasets.registry import list_datasets, load_dataset
from qmlplay.errors import unknown_name
from qmlplay.typing import Real

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["as_dataset"]


def as_dataset(data: Any, target: Any = None, *, name: str | None = None) -> Bunch:
    """Return your data in the form of `load_dataset`, or say what has to be corrected.

    Parameters
    ----------
    data : str, Path, tuple, DataFrame or Bunch
        The name of a dataset; a path that ends in ``.csv`` (comma separated, with a header);
        a pair ``(X, y)`` of shapes (n_samples, n_features) and (n_samples,); a pandas DataFrame;
        or a Bunch with ``X, y`` or scikit-learn's ``data, target``.
    target : str or other column label, optional
        The column with the labels, for a CSV file or a DataFrame; the last one by default.
    name : str, optional
        What to call the dataset; the file's stem or ``"own data"`` by default.

    Returns
    -------
    sklearn.utils.Bunch
        With X (float64), y, feature_names, target_names, DESCR and name, as in `load_dataset`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    TypeError
        If the data are of another kind, sparse, complex or not numeric, or labels are mixed.
    ValueError
        If the name or the target is unknown, values are missing or infinite, lengths differ,
        the table is empty, or the target is not at least two classes.

    Examples
    --------
    >>> import pandas as pd
    >>> flowers = pd.DataFrame({"size": [1, 2, 8, 9], "kind": ["rose", "rose", "lily", "lily"]})
    >>> data = as_dataset(flowers, "kind", name="flowers")
    >>> data.X.ravel(), data.target_names
    (array([1., 2., 8., 9.]), ['lily', 'rose'])
    >>> as_dataset("iris").X.shape
    (150, 4)
    """
    if isinstance(data, str | Path) and Path(data).suffix.lower() == ".csv":
        return _from_csv(Path(data), target, name or Path(data).stem)
    if not isinstance(data, tuple | Bunch | str | Path):
        import pandas as pd

        if isinstance(data, pd.DataFrame):
            return _from_frame(data, target, name or "own data", "a DataFrame")
    if target is not None:
        raise TypeError(
            f"target={target!r}: only a CSV file or a DataFrame has a target column to choose; "
            "leave target out"
        )
    if isinstance(data, str):
        return _by_name(data, name)
    if isinstance(data, Bunch):
        return _from_bunch(data, name)
    if isinstance(data, tuple) and len(data) == 2:
        return _checked(*data, name or "own data", "a pair (X, y)")
    raise TypeError(
        f"cannot read data of type {_kind(data)}: pass a dataset's name, a path that ends in .csv, "
        "a pair (X, y), a pandas DataFrame or a Bunch"
    )


def _kind(data: object) -> str:
    size = f" of length {len(data)}" if isinstance(data, tuple) else ""
    return type(data).__name__ + size


def _by_name(data: str, name: str | None) -> Bunch:
    if data not in list_datasets():
        error = unknown_name("dataset", data, list_datasets())
        raise ValueError(f"{error}. For your own data pass a path that ends in .csv")
    bunch = load_dataset(data)
    bunch.name = name or bunch.name
    return bunch


def _from_bunch(data: Bunch, name: str | None) -> Bunch:
    keys = ("X", "y") if "X" in data else ("data", "target")
    absent = [key for key in keys if key not in data]
    if absent:
        raise ValueError(f"the Bunch has keys {sorted(data)}: it needs X and y, or data and target")
    X, y = (data[key] for key in keys)
    label = name or data.get("name") or "own data"
    bunch = _checked(X, y, label, "a Bunch", data.get("feature_names"))
    names = data.get("target_names")
    if names is not None and len(names) == len(bunch.target_names):
        bunch.target_names = [str(target) for target in names]
    bunch.DESCR = data.get("DESCR") or bunch.DESCR
    return bunch


def _from_csv(path: Path, target: Any, name: str) -> Bunch:
    frame = read_csv(path)
    if str(frame.columns[0]).startswith("Unnamed:"):
        raise ValueError(
            f"the first column of {str(path)!r} has no name: it looks like saved row numbers, "
            "which would leak the order of the rows; save with to_csv(..., index=False)"
        )
    column = frame.columns[-1] if target is None else target
    if column in list(frame.columns):
        frame = with_text_labels(frame, path, column)
    return _from_frame(frame, target, name, f"CSV file {path}")


def _from_frame(frame: pd.DataFrame, target: Any, name: str, origin: str) -> Bunch:
    columns = list(frame.columns)
    if len(columns) < 2:
        raise ValueError(
            f"{origin} has the columns {columns}: it needs at least one feature and the target; "
            "columns of a CSV file are separated by commas"
        )
    if not frame.columns.is_unique:
        twice = sorted({str(c) for c in columns if columns.count(c) > 1})
        raise ValueError(f"columns that occur more than once: {twice}; rename them")
    target = columns[-1] if target is None else target
    if target not in columns:
        raise unknown_name("target column", target, [str(column) for column in columns])
    origin = f"{origin}, target column {target!r}"
    return _checked(frame.drop(columns=[target]), frame[target], name, origin)


def _checked(X: Any, y: Any, name: str, origin: str, feature_names: Any = None) -> Bunch:
    """Check features and labels and put them together."""
    if issparse(X):
        raise TypeError("X is sparse: pass X.toarray()")
    features, columns = check_features(X)
    labels = check_labels(y, n_samples=len(features))
    names = columns if feature_names is None else [str(column) for column in feature_names]
    if len(names) != features.shape[1]:
        raise ValueError(f"{len(names)} feature_names for {features.shape[1]} features")
    samples = Samples(features, labels, feature_names=names)
    return to_bunch(samples, name, _describe(features, labels, name, origin))


def _describe(X: Real, y: Labels, name: str, origin: str) -> str:
    classes, counts = np.unique(y, return_counts=True)
    shares = ", ".join(f"{c}: {k}" for c, k in zip(classes.tolist(), counts.tolist(), strict=True))
    return (
        f"{name}: own data of {X.shape[0]} samples and {X.shape[1]} features.\n\n"
        f"Source: {origin}\nSamples per class: {shares}\n"
    )
