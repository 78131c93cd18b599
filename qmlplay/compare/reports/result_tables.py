"""Results as tables: a row per run, means per dataset and model, differences of models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from qmlplay.compare.evidence import Verdict
from qmlplay.compare.setup import CLASSIFICATION, LearningTask

__all__ = ["METRICS", "means_table", "runs_table", "statistics_table"]

#: The scores of a classification.
METRICS = tuple(CLASSIFICATION.metrics)
_LABELS = ("dataset", "model", "kind", "seed", "status", "trained_on")
_SECONDS = ("fit_seconds", "predict_seconds")
_SIZES = (
    "n_columns",
    "n_inputs",
    "n_parameters",
    "n_qubits",
    "depth",
    "two_qubit_gates",
    "circuit_evaluations",
)
_STATISTICS = [
    "dataset", "metric", "first", "second", "difference", "low", "high", "p_value", "n_choices",
    "n_splits", "n_samples", "test",
]  # fmt: skip


def runs_table(
    rows: Sequence[Mapping[str, Any]], task: LearningTask = CLASSIFICATION
) -> pd.DataFrame:
    """Return runs as a DataFrame that has all columns, also where nothing came for them."""
    numbers = dict.fromkeys((*task.metrics, *_SECONDS), "float64")
    table = pd.DataFrame([dict(row) for row in rows], columns=[*_LABELS, *numbers, *_SIZES])
    return table.astype(numbers | dict.fromkeys(_SIZES, "Int64"))


def means_table(runs: pd.DataFrame, task: LearningTask = CLASSIFICATION) -> pd.DataFrame:
    """Return a row per dataset and model, see `Comparison.table`."""
    rows = []
    for (dataset, model), group in runs.groupby(["dataset", "model"], sort=False):
        good = group[group["status"] == "ok"]
        row = {"dataset": dataset, "model": model, "kind": group["kind"].iloc[0]}
        row["status"] = _status(group["status"])
        row["trained_on"] = group["trained_on"].iloc[0]
        for name in task.metrics:
            row[name] = good[name].mean()
            row[f"{name}_std"] = good[name].std(ddof=0)
        for name in (*_SECONDS, *_SIZES):
            known = good[name].dropna()
            row[name] = known.median() if len(known) else float("nan")
        row["n_seeds"] = len(good)
        rows.append(row)
    table = pd.DataFrame(rows).astype(dict.fromkeys(_SIZES, "Float64"))
    return table.round(dict.fromkeys(_SIZES, 0)).astype(dict.fromkeys(_SIZES, "Int64"))


def _status(statuses: pd.Series[str]) -> str:
    """Return "ok", or how many of a model's runs failed and the first reason."""
    failed = statuses[statuses != "ok"]
    if failed.empty:
        return "ok"
    reason = str(failed.iloc[0])
    if len(failed) == len(statuses):
        return reason
    return f"{len(failed)} of {len(statuses)} splits failed: {reason}"


def statistics_table(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """Return a row per difference that the verdict speaks of.

    ``difference`` is the first model's score minus the second's, mean over the splits that both
    have, ``low`` to ``high`` its 95 % interval; interval and ``p_value`` allow for the choice of
    the best of ``n_choices`` models.
    """
    rows = [
        {
            "dataset": verdict.dataset,
            "metric": verdict.metric,
            "first": lead.first,
            "second": lead.second,
            "difference": lead.difference.mean,
            "low": lead.low,
            "high": lead.high,
            "p_value": lead.p_value,
            "n_choices": lead.n_choices,
            "n_splits": lead.difference.n_splits,
            "n_samples": lead.difference.n_samples,
            "test": lead.difference.test,
        }
        for verdict in verdicts
        for lead in verdict.leads
    ]
    return pd.DataFrame(rows, columns=_STATISTICS)
