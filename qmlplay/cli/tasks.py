"""Tasks of the command line: all that it checks and computes once its options are parsed."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from qmlplay.backends import backend_info, list_backends
from qmlplay.checks import check_seed
from qmlplay.classifier import VariationalClassifier, load_model
from qmlplay.compare.candidates import check_prototype
from qmlplay.compare.comparison import METRICS, Comparison
from qmlplay.compare.splits import check_classes, stratified_split
from qmlplay.datasets import as_dataset, list_datasets, load_dataset
from qmlplay.datasets._own_checks import check_features
from qmlplay.errors import unknown_name
from qmlplay.progress import progress_bar
from qmlplay.tables import read_features

__all__ = [
    "backend_rows",
    "check_file",
    "check_folder",
    "check_metrics",
    "class_names",
    "dataset_record",
    "dataset_rows",
    "label_table",
    "model_features",
    "predictions",
    "read_tables",
    "save_copies",
    "trained_model",
]

#: Rows that are predicted between two steps of the progress bar.
_ROWS_AT_ONCE = 500


def check_metrics(metrics: Sequence[str]) -> None:
    """Raise ValueError for a name that is no metric."""
    for metric in metrics:
        if metric not in METRICS:
            raise unknown_name("metric", metric, METRICS)


def check_folder(option: str, folder: Path) -> None:
    """Find out before any work is done whether a folder can be written to; change nothing.

    Raises
    ------
    ValueError
        Naming the option, what is in the way, and what to do.
    """
    ancestor = folder
    while not ancestor.exists():
        ancestor = ancestor.parent
    if not ancestor.is_dir():
        raise ValueError(
            f"{option}: cannot write into {str(folder)!r}, as {str(ancestor)!r} is a file and not "
            f"a folder: choose another place with {option}"
        )
    try:
        with tempfile.TemporaryFile(dir=ancestor):
            pass
    except OSError as error:
        raise ValueError(
            f"{option}: cannot write into {str(folder)!r} ({error.strerror}): choose another "
            f"place with {option}"
        ) from error


def check_file(option: str, file: Path | None) -> None:
    """Find out before any work is done whether a file can be written; change nothing.

    Raises
    ------
    ValueError
        Naming the option, what is in the way, and what to do.
    """
    if file is None:
        return
    if file.is_dir():
        raise ValueError(
            f"{option}: {str(file)!r} is a folder: give a file, such as "
            f"{str(file / 'result')!r}, with {option}"
        )
    check_folder(option, file.parent)


def save_copies(
    comparison: Comparison, csv_file: Path | None, html_file: Path | None
) -> list[Path]:
    """Write the table and the page where they are asked for; return the files written."""
    written = [file for file in (csv_file, html_file) if file is not None]
    for file in written:
        file.parent.mkdir(parents=True, exist_ok=True)
    if csv_file is not None:
        comparison.table.to_csv(csv_file, index=False)
    if html_file is not None:
        comparison.to_html(html_file)
    return written


def dataset_rows() -> list[dict[str, Any]]:
    """Return a record per dataset: name, sizes, and the first line of its description."""
    rows = []
    for name in list_datasets():
        data = load_dataset(name, random_state=0)
        summary = data.DESCR.strip().splitlines()[0].removeprefix(f"{name}: ")
        rows.append(_sizes(data) | {"what": summary})
    return rows


def _sizes(data: Bunch) -> dict[str, Any]:
    n_samples, n_features = data.X.shape
    n_classes = len(np.unique(data.y))
    sizes = {"samples": n_samples, "features": n_features, "classes": n_classes}
    return {"name": data.name} | sizes


def dataset_record(name: str) -> dict[str, Any]:
    """Return sizes, names and description of one dataset."""
    data = load_dataset(name, random_state=0)
    names = {"feature_names": data.feature_names, "target_names": data.target_names}
    return _sizes(data) | names | {"description": data.DESCR}


def backend_rows() -> list[dict[str, Any]]:
    """Return a record per backend: installed or not, versions, and what to type."""
    rows = []
    for name in list_backends():
        info = backend_info(name)
        to_do = "" if info.is_installed else f"pip install {' '.join(info.missing)}"
        rows.append(
            {
                "name": name,
                "installed": info.is_installed,
                "versions": info.versions,
                "to_install": to_do,
            }
        )
    return rows


def read_tables(data: Sequence[str], **options: Any) -> tuple[list[Any], dict[str, Any]]:
    """Return datasets with the files among them read, and the options that are still to be used.

    Parameters
    ----------
    data : sequence of str
        Names of datasets, and paths of files.
    **options
        target, separator, drop, features, keep: for the files.
    """
    known = list_datasets()
    if all(item in known for item in data):
        return list(data), options
    tables = [item if item in known else as_dataset(item, **options) for item in data]
    for table in tables:
        if not isinstance(table, str):
            check_classes(table)
    return tables, {}


def trained_model(
    data: str | Bunch,
    options: Mapping[str, Any],
    seed: int,
    test_size: float,
    **settings: Any,
) -> tuple[VariationalClassifier, dict[str, Any]]:
    """Train a classifier on a part of the data and report its accuracy on the rest.

    Ctrl-C ends the training early: the report says so, and has no loss before the first full pass.

    Parameters
    ----------
    data : str or Bunch
        As in `qmlplay.compare`.
    options : mapping of str to object
        target, separator, drop, features and keep, for a file.
    seed, test_size
        As in `qmlplay.compare`, but one seed.
    **settings
        Parameters of `VariationalClassifier`.
    """
    model = check_prototype(VariationalClassifier(random_state=check_seed(seed), **settings))
    backend_info(str(model.backend)).load()  # a wrong or missing one is found here, at once
    is_generated = isinstance(data, str) and data in list_datasets() and not any(options.values())
    bunch = load_dataset(data, random_state=seed) if is_generated else as_dataset(data, **options)
    recognition = bunch.get("recognition")
    split = stratified_split(bunch, test_size, seed)
    X_train, X_test = (
        pd.DataFrame(X, columns=list(split.feature_names)) for X in (split.X_train, split.X_test)
    )
    y_train, y_test = (class_names(bunch, y) for y in (split.y_train, split.y_test))
    model.fit(X_train, y_train)
    report = {
        "dataset": split.dataset,
        "data": None if recognition is None else recognition.to_dict(),
        "backend": model.backend,
        "qubits": model.n_qubits_,
        "parameters": model.n_parameters_,
        "iterations": len(model.loss_curve_),  # 0 where Ctrl-C came before the first was done
        "loss": float(model.loss_curve_[-1]) if model.loss_curve_ else None,
        "train_accuracy": float(model.score(X_train, y_train)),
        "test_accuracy": float(model.score(X_test, y_test)),
        "interrupted": model.interrupted_,
    }
    return model, report


def class_names(bunch: Bunch, y: Any) -> Any:
    """Return labels by name, such as ``"setosa"`` for 0, where the names tell more."""
    classes, names = np.unique(bunch.y), np.asarray(bunch.target_names)
    if len(set(names)) != len(classes) or names.tolist() == classes.astype(str).tolist():
        return y
    return names[np.searchsorted(classes, y)]


def predictions(
    model_file: Path,
    csv_file: Path,
    backend: str | None,
    *,
    with_probabilities: bool,
    shots: int | None = None,
    noise: str | None = None,
    verbose: int | str = "auto",
) -> pd.DataFrame:
    """Return the predicted label (and probabilities) of every row of a CSV file.

    Shots and noise that are None are those of the model.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    TypeError, ValueError
        If a file is damaged, or a column that the model needs is missing, holds text or gaps.
    """
    model = load_model(model_file, backend=backend)
    given = {"shots": shots, "noise": noise}
    settings = {key: value for key, value in given.items() if value is not None}
    if settings:
        model = model.with_backend(model.backend, **settings)
    frame = model_features(model, read_features(csv_file), csv_file)
    # Shots are drawn for all rows at once, as anywhere else.
    size = _ROWS_AT_ONCE if model.shots is None else len(frame)
    tables = []
    with progress_bar(len(frame), "predict", verbose=verbose) as progress:
        for start in range(0, len(frame), size):
            block = frame[start : start + size]
            p = model.predict_proba(block) if with_probabilities else None
            tables.append(label_table(model.predict(block), p, model.classes_))
            progress.advance(len(block))
    return pd.concat(tables, ignore_index=True)


def label_table(labels: Any, probabilities: Any, classes: Any) -> pd.DataFrame:
    """Return predicted labels as a table and, where they are given, probabilities beside them."""
    table = pd.DataFrame({"prediction": labels})
    if probabilities is None:
        return table
    return table.join(pd.DataFrame(probabilities, columns=[f"p({label})" for label in classes]))


def model_features(model: VariationalClassifier, frame: pd.DataFrame, file: Path) -> Any:
    """Return what the model was trained on, in its order: a table of names, or values alone."""
    if not hasattr(model, "feature_names_in_"):
        if frame.shape[1] != model.n_features_in_:
            raise ValueError(
                f"{str(file)!r} has {frame.shape[1]} columns, but the model was trained on "
                f"{model.n_features_in_} without names: keep those alone, in their order"
            )
        return check_features(frame)[0]
    names = list(model.feature_names_in_)
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise ValueError(
            f"{str(file)!r} lacks the columns {missing}, which the model was trained on; it "
            f"has {list(frame.columns)}: add or rename columns"
        )
    values, checked_names = check_features(frame[names])
    return pd.DataFrame(values, columns=checked_names)
