"""What the command line computes and shows, free of the parsing of options."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from sklearn.model_selection import train_test_split

from qmlplay.backends import backend_info, list_backends
from qmlplay.classifier import VariationalClassifier
from qmlplay.comparison import Comparison
from qmlplay.datasets import as_dataset, list_datasets, load_dataset
from qmlplay.exports import load_model
from qmlplay.report import parity_sentence, readable

__all__ = [
    "backend_rows",
    "dataset_rows",
    "predictions",
    "print_comparison",
    "print_rows",
    "trained_model",
]

#: Columns of text when the output goes to a file or a pipe, which has no width of its own.
_PIPE_WIDTH = 140


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH, highlight=False)


def print_comparison(comparison: Comparison, metrics: tuple[str, ...] = ()) -> None:
    """Print a table per dataset, the parity receipt and the verdict."""
    console = _console()
    whole = readable(comparison, metrics)
    kinds = comparison.table["kind"].to_numpy()
    for dataset in comparison.splits:
        rows = (whole["dataset"] == dataset).to_numpy()
        n_seeds = comparison.runs.loc[comparison.runs["dataset"] == dataset, "seed"].nunique()
        split = comparison.splits[dataset]
        sizes = f"{len(split.y_train)} training and {len(split.y_test)} test samples"
        table = Table(title=f"{dataset}: {sizes}, mean ± spread over {n_seeds} seed(s)")
        shown = whole[rows].drop(columns="dataset")
        for name in shown.columns:
            table.add_column(name, justify="left" if name == "model" else "right")
        own_kinds = kinds[rows]
        for place, cells in enumerate(shown.itertuples(index=False)):
            last_of_kind = place + 1 < len(own_kinds) and own_kinds[place] != own_kinds[place + 1]
            table.add_row(*map(str, cells), end_section=last_of_kind)
        console.print(table)
    for sentence in (parity_sentence(comparison), *comparison.verdict):
        console.print(sentence)


def print_rows(rows: list[dict[str, Any]]) -> None:
    """Print a list of records as a table."""
    table = Table()
    for name in rows[0]:
        table.add_column(name.replace("_", " "))
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    _console().print(table)


def dataset_rows() -> list[dict[str, Any]]:
    """Return a record per dataset: name, sizes, and the first line of its description."""
    rows = []
    for name in list_datasets():
        data = load_dataset(name, random_state=0)
        rows.append(
            {
                "name": name,
                "samples": len(data.y),
                "features": data.X.shape[1],
                "classes": len(np.unique(data.y)),
                "what": data.DESCR.strip().splitlines()[0],
            }
        )
    return rows


def backend_rows() -> list[dict[str, Any]]:
    """Return a record per backend: installed or not, versions, and what to type."""
    rows = []
    for name in list_backends():
        info = backend_info(name)
        versions = ", ".join(f"{package} {version}" for package, version in info.versions.items())
        to_do = "" if info.is_installed else f"pip install {' '.join(info.missing)}"
        rows.append(
            {
                "name": name,
                "installed": "yes" if info.is_installed else "no",
                "versions": versions,
                "to_install": to_do,
            }
        )
    return rows


def trained_model(
    data: str, target: str | None, seed: int, test_size: float, **settings: Any
) -> tuple[VariationalClassifier, dict[str, Any]]:
    """Train a classifier on a part of the data and report its accuracy on the rest."""
    known = data in list_datasets()
    bunch = load_dataset(data, random_state=seed) if known else as_dataset(data, target)
    frame = pd.DataFrame(bunch.X, columns=[str(name) for name in bunch.feature_names])
    X_train, X_test, y_train, y_test = train_test_split(
        frame, bunch.y, test_size=test_size, stratify=bunch.y, random_state=seed
    )
    model = VariationalClassifier(random_state=seed, **settings).fit(X_train, y_train)
    report = {
        "dataset": bunch.name,
        "backend": settings["backend"],
        "qubits": model.n_qubits_,
        "parameters": model.n_parameters_,
        "iterations": model.n_iter_,
        "loss": float(model.loss_curve_[-1]),
        "train_accuracy": float(model.score(X_train, y_train)),
        "test_accuracy": float(model.score(X_test, y_test)),
    }
    return model, report


def predictions(
    model_file: Path, csv_file: Path, backend: str | None, *, with_probabilities: bool
) -> pd.DataFrame:
    """Return the predicted label (and probabilities) of every row of a CSV file.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If a column that the model needs is missing or holds text.
    """
    model = load_model(model_file, backend=backend)
    if not csv_file.is_file():
        raise FileNotFoundError(f"no file {str(csv_file)!r}: check the path")
    frame = pd.read_csv(csv_file)
    if hasattr(model, "feature_names_in_"):
        wanted = list(model.feature_names_in_)
        missing = [name for name in wanted if name not in frame.columns]
        if missing:
            raise ValueError(
                f"{csv_file} lacks the columns {missing}, which the model was trained on; "
                f"it has {list(frame.columns)}"
            )
        frame = frame[wanted]
    result = pd.DataFrame({"prediction": model.predict(frame)})
    if with_probabilities:
        columns = [f"p({label})" for label in model.classes_]
        result = result.join(pd.DataFrame(model.predict_proba(frame), columns=columns))
    return result
