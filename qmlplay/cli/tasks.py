"""Tasks of the command line: all that it checks and computes once its options are parsed."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from qmlplay.backends import backend_info, list_backends
from qmlplay.compare.comparison import Comparison
from qmlplay.compare.setup import (
    check_divisible,
    check_task,
)
from qmlplay.datasets import as_dataset, list_datasets, load_dataset
from qmlplay.presets import Preset, get_preset, list_presets

__all__ = [
    "backend_rows",
    "check_file",
    "check_folder",
    "class_names",
    "dataset_record",
    "dataset_rows",
    "preset_record",
    "preset_rows",
    "read_tables",
    "save_copies",
]


#: What JSON has; other parameters of a preset are shown as Python writes them.
_PLAIN = (str, int, float, bool, list)


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


def read_tables(data: Sequence[str], task: str, **options: Any) -> tuple[list[Any], dict[str, Any]]:
    """Return datasets with the files among them read, and the options that are still to be used.

    Parameters
    ----------
    data : sequence of str
        Names of datasets, and paths of files.
    task : {"auto", "classification", "regression"}
    **options
        target, separator, drop, features, keep: for the files.
    """
    check_task(task)
    known = list_datasets()
    if all(item in known for item in data):
        return list(data), options
    tables = [item if item in known else as_dataset(item, task=task, **options) for item in data]
    for table in tables:
        if not isinstance(table, str):
            check_divisible(table)
    return tables, {}


def class_names(bunch: Bunch, y: Any) -> Any:
    """Return labels by name, such as ``"setosa"`` for 0, where the names tell more."""
    classes, names = np.unique(bunch.y), np.asarray(bunch.target_names)
    if len(set(names)) != len(classes) or names.tolist() == classes.astype(str).tolist():
        return y
    return names[np.searchsorted(classes, y)]
