"""The table of a comparison as people read it: means with their spread, units, no gaps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from qmlplay.compare.setup import BALANCED_ACCURACY, CLASSIFICATION, TASKS, LearningTask
from qmlplay.framework_names import model_label, simulator_label

if TYPE_CHECKING:
    from qmlplay.compare.comparison import Comparison

__all__ = ["readable"]

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

    A model that is called after its backend is "quantum (NumPy)" here.

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
        return _text_cell(name, value)
    if pd.isna(value):
        if name == "fit_seconds" and row["status"] == "ok" and row["trained_on"]:
            return f"weights of {simulator_label(row['trained_on'])}"
        return "failed" if name == task.test_score else "–"
    if name in task.metrics:
        has_spread = name in task.with_spread and row["n_seeds"] > 1  # one split has none
        numbers = [value, row[f"{name}_std"]] if has_spread else [value]
        places = 3 if name in _PURE else _places(value)
        return " ± ".join(f"{number:.{places}f}" for number in numbers).replace("-", "−")
    if name.endswith("_seconds"):
        return f"{value:.4f}" if value < 1 else f"{value:,.2f}"
    return f"{value:,}"


def _text_cell(name: str, value: str) -> str:
    if name == "model":
        return model_label(value)
    return "" if name == "status" and value == "ok" else value


def _places(error: float) -> int:
    """Return the decimal places of an error in units of the target: three digits or more."""
    return max(0, 2 - math.floor(math.log10(error))) if error > 0 else 3


def _input_cell(row: pd.Series[Any], name: str, task: LearningTask) -> str:
    """Return how many columns a model gets, such as "30 → 8" where they were reduced."""
    reduced = pd.notna(row[name]) and row[name] < row["n_columns"]
    return (f"{row['n_columns']:,} → " if reduced else "") + _cell(row, name, task)
