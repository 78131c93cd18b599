"""Tasks of the command line: all that it checks and computes once its options are parsed."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, balanced_accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.utils import Bunch

from qmlplay.backends import backend_info, list_backends
from qmlplay.checks import check_seed
from qmlplay.classifier import VariationalClassifier
from qmlplay.compare.comparison import Comparison
from qmlplay.compare.reports import METRICS
from qmlplay.compare.setup import check_classes, check_prototype, steps_before, stratified_split
from qmlplay.datasets import as_dataset, list_datasets, load_dataset
from qmlplay.errors import unknown_name
from qmlplay.presets import Preset, get_preset, list_presets
from qmlplay.tables import TablePreprocessor
from qmlplay.tables.precedents import Precedents

__all__ = [
    "backend_rows",
    "check_file",
    "check_folder",
    "check_metrics",
    "class_names",
    "column_words",
    "dataset_record",
    "dataset_rows",
    "preset_record",
    "preset_rows",
    "read_tables",
    "save_copies",
    "trained_model",
    "training_steps",
]


#: What JSON has; other parameters of a preset are shown as Python writes them.
_PLAIN = (str, int, float, bool, list)


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
    n_classes = len(np.unique(data.y)) if data.task == "classification" else None
    sizes = {"samples": n_samples, "features": n_features, "classes": n_classes}
    return {"name": data.name, "task": data.task} | sizes


def dataset_record(name: str) -> dict[str, Any]:
    """Return sizes, names and description of one dataset."""
    data = load_dataset(name, random_state=0)
    names = {"feature_names": data.feature_names, "target_names": data.target_names}
    return _sizes(data) | names | {"description": data.DESCR}


def preset_rows() -> list[dict[str, Any]]:
    """Return a record per preset: name, what it is, the paper and the problem."""
    return [_preset_summary(get_preset(name)) for name in list_presets()]


def preset_record(name: str) -> dict[str, Any]:
    """Return the same of one preset, and its parameters and description."""
    preset = get_preset(name)
    given = {
        key: value if isinstance(value, _PLAIN) else repr(value)
        for key, value in preset.parameters.items()
    }
    return _preset_summary(preset) | {"parameters": given, "description": preset.description}


def _preset_summary(preset: Preset) -> dict[str, Any]:
    return {
        "name": preset.name,
        "what": preset.title,
        "source": preset.source,
        "problem": preset.problem,
    }


def backend_rows() -> list[dict[str, Any]]:
    """Return a record per backend: installed or not, versions, and what to type."""
    rows = []
    for name in list_backends():
        info = backend_info(name)
        to_do = "" if info.is_installed else info.to_install
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
    *,
    precedents: Precedents | None = None,
    **settings: Any,
) -> tuple[Any, dict[str, Any]]:
    """Train a classifier on a part of the data and report its accuracy on the rest.

    Where the data are no table of numbers without gaps, or have more columns than the qubits take,
    it is a pipeline of preprocessing and classifier. Ctrl-C ends the training early: the report
    says so, and has no loss before the first full pass.

    Parameters
    ----------
    data : str or Bunch
        As in `qmlplay.compare`.
    options : mapping of str to object
        target, separator, drop, features and keep, for a file.
    seed, test_size
        As in `qmlplay.compare`, but one seed.
    precedents : mapping of str to mapping, optional
        How the cells of a file were read, for new files: see `qmlplay.tables.precedents`.
    **settings
        Parameters of `VariationalClassifier`.
    """
    classifier = check_prototype(VariationalClassifier(random_state=check_seed(seed), **settings))
    backend_info(str(classifier.backend)).load()  # a wrong or missing one is found here, at once
    is_generated = isinstance(data, str) and data in list_datasets() and not any(options.values())
    bunch = load_dataset(data, random_state=seed) if is_generated else as_dataset(data, **options)
    recognition = bunch.get("recognition")
    split = stratified_split(bunch, test_size, seed)
    X_train, X_test = (
        pd.DataFrame(X, columns=list(split.feature_names)) for X in (split.X_train, split.X_test)
    )
    y_train, y_test = (class_names(bunch, y) for y in (split.y_train, split.y_test))
    steps = training_steps(bunch.X, len(bunch.target_names), classifier, precedents)
    model = make_pipeline(*steps, classifier) if steps else classifier
    model.fit(X_train, y_train)
    predicted = model.predict(X_test)
    report = {
        "dataset": split.dataset,
        "data": None if recognition is None else recognition.to_dict(),
        "backend": classifier.backend,
    }
    if steps:
        report["columns"] = column_words(steps, X_train.shape[1])
    return model, report | {
        "qubits": classifier.n_qubits_,
        "parameters": classifier.n_parameters_,
        "iterations": len(classifier.loss_curve_),  # 0 where Ctrl-C came before the first was done
        "loss": float(classifier.loss_curve_[-1]) if classifier.loss_curve_ else None,
        "train_accuracy": float(model.score(X_train, y_train)),
        "test_accuracy": float(accuracy_score(y_test, predicted)),
        "balanced_accuracy": float(balanced_accuracy_score(y_test, predicted)),
        "interrupted": classifier.interrupted_,
    }


def training_steps(
    X: Any,
    n_classes: int,
    classifier: VariationalClassifier,
    precedents: Precedents | None = None,
) -> list[Any]:
    """Return the unfitted steps before a classifier that is trained to be used on new files.

    Where there are any, they start with a `TablePreprocessor`, which finds columns by name and
    keeps how the cells of a file are read.
    """
    steps = steps_before(X, n_classes, classifier)
    if not steps and not precedents:
        return []
    rest = [step for step in steps if not isinstance(step, TablePreprocessor)]
    return [TablePreprocessor(precedents or None), *rest]


def column_words(steps: Sequence[Any], n_columns: int) -> str:
    """Return what fitted steps make of the columns, such as "12 → 19 numbers → 8 components"."""
    counts = [str(n_columns), f"{steps[0].n_outputs_} numbers"]
    if len(steps) > 1:
        counts.append(f"{steps[1].n_outputs_} components")
    return " → ".join(counts)


def class_names(bunch: Bunch, y: Any) -> Any:
    """Return labels by name, such as ``"setosa"`` for 0, where the names tell more."""
    classes, names = np.unique(bunch.y), np.asarray(bunch.target_names)
    if len(set(names)) != len(classes) or names.tolist() == classes.astype(str).tolist():
        return y
    return names[np.searchsorted(classes, y)]
