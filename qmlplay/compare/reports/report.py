"""Comparisons on paper: text, JSON, CSV, pictures and a folder with all of it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from qmlplay.compare.reports.result_tables import METRICS
from qmlplay.compare.setup import (
    CLASSIFICATION,
    REGRESSION,
)
from qmlplay.framework_names import simulator_label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from qmlplay.compare.comparison import Comparison

__all__ = [
    "METRICS",
    "answer_words",
    "figures",
    "parity_sentence",
    "recognition_lines",
    "save_all",
    "to_dict",
]


def to_dict(comparison: Comparison) -> dict[str, Any]:
    """Return everything but the fitted models as plain values, ready for JSON: NaN is None."""
    return {
        "table": _records(comparison.table),
        "runs": _records(comparison.runs),
        "parity": _plain(comparison.parity),
        "parity_table": _records(comparison.parity_table),
        "verdict": comparison.verdict,
        "data": {name: _data(split) for name, split in comparison.splits.items()},
        "statistics": _statistics(comparison),
        "forecast": _forecast(comparison),
    }


def _forecast(comparison: Comparison) -> dict[str, Any] | None:
    """Return what was expected and what it took, in seconds; None where nothing was."""
    forecast = comparison.forecast
    if forecast is None:
        return None
    return {
        "sentence": str(forecast),
        "forecast_seconds": _plain(forecast.seconds),
        "actual_seconds": _plain(comparison.seconds),
        "train_everywhere_seconds": _plain(forecast.seconds_everywhere),
        "models": _records(comparison.forecast_table),
    }


def _data(split: Any) -> dict[str, Any]:
    """Return the sizes of one dataset, and what was recognised of its file or frame."""
    recognition = split.get("recognition")
    return {
        "n_train": len(split.y_train),
        "n_test": len(split.y_test),
        "n_features": split.X_train.shape[1],
        "task": split.get("task", CLASSIFICATION.name),
        **({"target": split.target_name} if _has_numbers(split) else {}),
        "recognition": None if recognition is None else recognition.to_dict(),
    }


def _has_numbers(split: Any) -> bool:
    return bool(split.get("task") == REGRESSION.name)


def answer_words(split: Any) -> str:
    """Return what is learned from one dataset: how many classes, or which numbers."""
    if not _has_numbers(split):
        return f"{len(np.unique(split.y_train))} classes"
    y = np.concatenate([split.y_train, split.y_test])
    return (
        f"target {split.target_name}: numbers from {y.min():.6g} to {y.max():.6g}, mean "
        f"{y.mean():.6g}, standard deviation {y.std():.6g}"
    )


def _statistics(comparison: Comparison) -> list[dict[str, Any]]:
    """Return for every dataset the metric compared, the differences, and what guessing does."""
    differences = _records(comparison.statistics)
    return [
        {
            "dataset": verdict.dataset,
            "metric": verdict.metric,
            "differences": [row for row in differences if row["dataset"] == verdict.dataset],
            "p_value_of_guessing": verdict.p_value_of_guessing,
        }
        for verdict in comparison.verdicts
    ]


def recognition_lines(comparison: Comparison, dataset: str) -> list[str]:
    """Return what was recognised of a dataset's file or frame, as one line or none."""
    recognition = comparison.splits[dataset].get("recognition")
    return [] if recognition is None else [str(recognition)]


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows = frame.astype(object).to_dict(orient="records")
    return [{str(name): _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    if pd.isna(value) or value in (math.inf, -math.inf):
        return None
    return value.item() if isinstance(value, np.generic) else value


def parity_sentence(comparison: Comparison) -> str:
    """Return the parity receipt in words."""
    if math.isnan(comparison.parity):
        return "Parity: not measured, it needs two backends without shots."
    table = comparison.parity_table
    is_planned = comparison.forecast is not None and comparison.forecast.trained_on
    source = (
        " or ".join(map(simulator_label, table["trained_on"].unique()))
        if is_planned
        else "each backend"
    )
    return (
        f"Parity: the weights trained on {source} (first split), evaluated on the others "
        f"({len(table)} pair{'' if len(table) == 1 else 's'}): "
        f"{comparison.task.parity} at most {comparison.parity:.1e}{comparison.task.parity_unit}."
    )


def figures(comparison: Comparison) -> dict[str, dict[str, Figure]]:
    """Return dataset → kind → picture; a model that failed is not in them."""
    drawn: dict[str, dict[str, Figure]] = {}
    runs = comparison.runs
    for dataset in runs.loc[runs["status"] == "ok", "dataset"].unique():
        X = comparison.splits[dataset].X_train
        is_plane = isinstance(X, np.ndarray) and X.shape[1] == 2  # a frame has text or gaps
        has_models = dataset in {name for name, _ in comparison.fitted}
        if comparison.task is REGRESSION:
            further = ["fit"] if has_models else []
        else:
            further = ["boundaries"] if is_plane and has_models else []
        kinds = ["scores", "cost", *further]
        drawn[dataset] = {kind: comparison.plot(dataset, kind=kind) for kind in kinds}
    return drawn


def _file_names(datasets: Iterable[str]) -> dict[str, str]:
    """Return a file name without ending for every dataset, safe and different from the others."""
    names: dict[str, str] = {}
    for dataset in datasets:
        plain = "".join(c if c.isalnum() or c in "-_" else "_" for c in dataset)[:80]
        name, number = plain, 1
        while name in names.values():
            number += 1
            name = f"{plain}_{number}"
        names[dataset] = name
    return names


def save_all(comparison: Comparison, folder: Path) -> list[Path]:
    """Write table, runs, parity, verdict and pictures into a folder; return the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        "table.csv": comparison.table,
        "runs.csv": comparison.runs,
        "parity.csv": comparison.parity_table,
    }
    written = [folder / name for name in (*tables, "comparison.json")]
    for name, table in tables.items():
        table.to_csv(folder / name, index=False)
    text = json.dumps(to_dict(comparison), indent=2, allow_nan=False)
    written[-1].write_text(text, encoding="utf-8")
    names = _file_names(comparison.splits)
    for dataset, drawn in figures(comparison).items():
        for kind, figure in drawn.items():
            path = folder / f"{names[dataset]}_{kind}.png"
            figure.savefig(path, dpi=150)
            written.append(path)
    return written
