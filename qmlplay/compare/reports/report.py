"""Comparisons on paper: text, JSON, CSV, pictures and a folder with all of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from qmlplay.compare.reports.result_tables import METRICS
from qmlplay.compare.setup import (
    BALANCED_ACCURACY,
    CLASSIFICATION,
    REGRESSION,
    TASKS,
    LearningTask,
)

if TYPE_CHECKING:
    from qmlplay.compare.comparison import Comparison

__all__ = [
    "METRICS",
    "answer_words",
    "parity_sentence",
    "readable",
    "recognition_lines",
    "to_dict",
]

_HEADINGS = {
    "dataset": "dataset",
    "kind": "kind",
    "model": "model",
    **{name: heading for task in TASKS.values() for name, heading in task.metrics.items()},
    "fit_seconds": "fit [s]",
    "predict_seconds": "predict [s]",
    "n_inputs": "columns of numbers",
    "n_parameters": "parameters",
    "n_qubits": "qubits",
    "depth": "depth",
    "two_qubit_gates": "two-qubit gates",
    "circuit_evaluations": "circuit evaluations",
    "status": "failed because",
}
#: Shown without being asked for where classes are unbalanced, as accuracy says little there.
_OF_UNBALANCED = ("balanced_accuracy", "roc_auc", "log_loss")
#: Scores without a unit; errors have that of the target.
_PURE = frozenset(CLASSIFICATION.metrics) | {"test_r2", "train_r2"}


def readable(comparison: Comparison, metrics: Sequence[str] = ()) -> pd.DataFrame:
    """Return the table as text, the way people read it: mean ± spread, units, no NaN.

    Columns that would be empty are left out; where a run failed, the last one says why. Where
    the classes of a dataset are unbalanced, all metrics are shown. Errors of numbers are in units
    of the target.

    Parameters
    ----------
    comparison : Comparison
    metrics : sequence of str
        Further metrics to show, for instance ``("log_loss",)``.

    Returns
    -------
    DataFrame of str
        A row per dataset and model, as in ``comparison.table``.
    """
    task = comparison.task
    shown = {*task.shown, *metrics}
    if any(verdict.metric == BALANCED_ACCURACY for verdict in comparison.verdicts):
        shown |= set(_OF_UNBALANCED)
    table = comparison.table
    columns = {}
    for name, heading in _HEADINGS.items():
        if name not in table or (name in task.metrics and name not in shown):
            continue
        if name == task.test_score or not _is_empty(table, name):
            cell = _input_cell if name == "n_inputs" else _cell
            columns[heading] = [cell(row, name, task) for _, row in table.iterrows()]
    return pd.DataFrame(columns, dtype=str)


def _is_empty(table: pd.DataFrame, name: str) -> bool:
    """Return whether a column would say nothing."""
    if name == "status":
        return bool((table[name] == "ok").all())
    if name == "n_inputs":  # every model gets all columns
        return not (table["n_inputs"] < table["n_columns"]).sum()
    return bool(table[name].isna().all())


def _cell(row: pd.Series[Any], name: str, task: LearningTask) -> str:
    value = row[name]
    if isinstance(value, str):
        return "" if name == "status" and value == "ok" else value
    if pd.isna(value):
        if name == "fit_seconds" and row["status"] == "ok" and row["trained_on"]:
            return f"weights of {row['trained_on']}"
        return "failed" if name == task.test_score else "–"
    if name in task.metrics:
        has_spread = name in task.with_spread and row["n_seeds"] > 1  # one split has none
        numbers = [value, row[f"{name}_std"]] if has_spread else [value]
        places = 3 if name in _PURE else _places(value)
        return " ± ".join(f"{number:.{places}f}" for number in numbers).replace("-", "−")
    if name.endswith("_seconds"):
        return f"{value:.4f}" if value < 1 else f"{value:,.2f}"
    return f"{value:,}"


def _places(error: float) -> int:
    """Return the decimal places of an error in units of the target: three digits or more."""
    return max(0, 2 - math.floor(math.log10(error))) if error > 0 else 3


def _input_cell(row: pd.Series[Any], name: str, task: LearningTask) -> str:
    """Return how many columns a model gets, such as "30 → 8" where they were reduced."""
    reduced = pd.notna(row[name]) and row[name] < row["n_columns"]
    return (f"{row['n_columns']:,} → " if reduced else "") + _cell(row, name, task)


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
        f"target {split.target_name}: numbers from {y.min():.4g} to {y.max():.4g}, mean "
        f"{y.mean():.4g}, standard deviation {y.std():.4g}"
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
    source = " or ".join(table["trained_on"].unique()) if is_planned else "each backend"
    return (
        f"Parity: the weights trained on {source} (first split), evaluated on the others "
        f"({len(table)} pair{'' if len(table) == 1 else 's'}): "
        f"{comparison.task.parity} at most {comparison.parity:.1e}{comparison.task.parity_unit}."
    )
