"""Comparisons on paper: text, JSON, CSV, HTML and a folder with all of it."""

from __future__ import annotations

import base64
import io
import json
import math
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from qmlplay.compare.comparison import Comparison

__all__ = ["METRICS", "parity_sentence", "readable", "save_all", "table_html", "to_dict", "to_html"]

METRICS = ("test_accuracy", "train_accuracy", "balanced_accuracy", "log_loss")
_STYLE = """
body { font-family: system-ui, sans-serif; max-width: 80rem; margin: 2rem auto; padding: 0 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 0.6rem; border-bottom: 1px solid #ccc; text-align: right; }
th { vertical-align: bottom; }
th:nth-child(-n+3), td:nth-child(-n+3) { text-align: left; white-space: nowrap; }
img { max-width: 100%; }
"""
_HEADINGS = {
    "dataset": "dataset",
    "kind": "kind",
    "model": "model",
    "test_accuracy": "test accuracy",
    "train_accuracy": "train accuracy",
    "balanced_accuracy": "balanced accuracy",
    "log_loss": "log-loss",
    "fit_seconds": "fit [s]",
    "predict_seconds": "predict [s]",
    "n_parameters": "parameters",
    "n_qubits": "qubits",
    "depth": "depth",
    "two_qubit_gates": "two-qubit gates",
    "circuit_evaluations": "circuit evaluations",
    "status": "failed because",
}
_WITH_SPREAD = ("test_accuracy", "balanced_accuracy", "log_loss")


def readable(comparison: Comparison, metrics: Sequence[str] = ()) -> pd.DataFrame:
    """Return the table as text, the way people read it: mean ± spread, units, no NaN.

    Columns that would be empty are left out; where a run failed, the last one says why.

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
    shown = {"test_accuracy", "train_accuracy", *metrics}
    table = comparison.table
    columns = {}
    for name, heading in _HEADINGS.items():
        wanted = name in shown or name not in METRICS
        is_empty = (table[name] == "ok").all() if name == "status" else table[name].isna().all()
        if wanted and not (is_empty and name != "test_accuracy"):
            columns[heading] = [_cell(row, name) for _, row in table.iterrows()]
    return pd.DataFrame(columns, dtype=str)


def _cell(row: pd.Series[Any], name: str) -> str:
    value = row[name]
    if isinstance(value, str):
        return "" if name == "status" and value == "ok" else value
    if pd.isna(value):
        return "failed" if name == "test_accuracy" else "–"
    if name in _WITH_SPREAD:
        return f"{value:.3f} ± {row[f'{name}_std']:.3f}"
    if name.endswith("_seconds"):
        return f"{value:.4f}" if value < 1 else f"{value:,.2f}"
    return f"{value:.3f}" if name == "train_accuracy" else f"{value:,}"


def to_dict(comparison: Comparison) -> dict[str, Any]:
    """Return everything but the fitted models as plain values, ready for JSON: NaN is None."""
    return {
        "table": _records(comparison.table),
        "runs": _records(comparison.runs),
        "parity": _plain(comparison.parity),
        "parity_table": _records(comparison.parity_table),
        "verdict": comparison.verdict,
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows = frame.astype(object).to_dict(orient="records")
    return [{str(name): _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    if pd.isna(value) or value in (math.inf, -math.inf):
        return None
    return value.item() if isinstance(value, np.generic) else value


def table_html(comparison: Comparison) -> str:
    """Return the table and the verdict as a piece of HTML."""
    table = readable(comparison).to_html(index=False, border=0)
    sentences = [*comparison.verdict, parity_sentence(comparison)]
    paragraphs = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
    return f'<div class="wide">{table}</div>{paragraphs}'


def parity_sentence(comparison: Comparison) -> str:
    """Return the parity receipt in words."""
    if math.isnan(comparison.parity):
        return "Parity: not measured, it needs two backends without shots."
    pairs = len(comparison.parity_table)
    return (
        f"Parity: the weights trained on each backend (first seed), evaluated on the others "
        f"({pairs} pairs): "
        f"probabilities differ by at most {comparison.parity:.1e}."
    )


def to_html(comparison: Comparison) -> str:
    """Return one self-contained page."""
    pictures = "".join(
        f'<h2>{escape(title)}</h2><img alt="{escape(title)}" src="data:image/png;base64,{data}">'
        for title, data in _pictures_as_text(comparison)
    )
    title = "qmlplay comparison: " + ", ".join(comparison.splits)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>"
        f"{table_html(comparison)}{pictures}</body></html>"
    )


def _pictures_as_text(comparison: Comparison) -> list[tuple[str, str]]:
    result = []
    for figure in _figures(comparison).values():
        stream = io.BytesIO()
        figure.savefig(stream, format="png", dpi=110)
        text = base64.b64encode(stream.getvalue()).decode("ascii")
        result.append((figure.get_suptitle(), text))
    return result


def _figures(comparison: Comparison) -> dict[str, Figure]:
    """Return the pictures of every dataset by file name; a model that failed is not in them."""
    from qmlplay.plots import BoundariesDisplay, ScoresDisplay

    figures: dict[str, Figure] = {}
    names = _file_names(comparison.splits)
    runs = comparison.runs
    for dataset in runs.loc[runs["status"] == "ok", "dataset"].unique():
        scores = ScoresDisplay.from_comparison(comparison, dataset).plot()
        figures[f"{names[dataset]}_scores"] = scores.figure_
        is_plane = comparison.splits[dataset].X_train.shape[1] == 2
        if is_plane and dataset in {name for name, _ in comparison.fitted}:
            boundaries = BoundariesDisplay.from_comparison(comparison, dataset).plot()
            figures[f"{names[dataset]}_boundaries"] = boundaries.figure_
    return figures


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
    for name, figure in _figures(comparison).items():
        path = folder / f"{name}.png"
        figure.savefig(path, dpi=150)
        written.append(path)
    return written
