"""Comparisons on paper: text, JSON, CSV, HTML and a folder with all of it."""

from __future__ import annotations

import base64
import io
import json
import math
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from qmlplay.comparison import Comparison

__all__ = ["readable", "save_all", "table_html", "to_dict", "to_html"]

_STYLE = """
body { font-family: system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 0.75rem; border-bottom: 1px solid #ccc; text-align: right; }
th:nth-child(-n+2), td:nth-child(-n+2) { text-align: left; }
img { max-width: 100%; }
"""
_HEADINGS = {
    "dataset": "dataset",
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
}


def readable(comparison: Comparison, metrics: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return the table as text, the way people read it: mean ± spread, units, no NaN.

    Parameters
    ----------
    comparison : Comparison
    metrics : tuple of str
        Further metrics to show, for instance ``("log_loss",)``.
    """
    shown = ["test_accuracy", "train_accuracy", *metrics]
    columns: dict[str, list[str]] = {_HEADINGS[name]: [] for name in ("dataset", "model", *shown)}
    table = comparison.table
    rest = [name for name in _HEADINGS if name in table and name not in comparison_metrics()]
    columns |= {_HEADINGS[name]: [] for name in rest}
    for _, row in table.iterrows():
        for name in rest:
            columns[_HEADINGS[name]].append(_cell(row[name]))
        for name in shown:
            columns[_HEADINGS[name]].append(_spread(row, name))
    return pd.DataFrame(columns)


def comparison_metrics() -> tuple[str, ...]:
    """Return the columns that are shown with their spread."""
    from qmlplay.comparison import METRICS

    return METRICS


def _spread(row: pd.Series[Any], name: str) -> str:
    if name not in row or pd.isna(row[name]):
        return str(row["status"]) if name == "test_accuracy" else "–"
    return f"{row[name]:.3f} ± {row[f'{name}_std']:.3f}"


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return "–"
    return f"{value:.4f}" if isinstance(value, float) else f"{value:,}"


def to_dict(comparison: Comparison) -> dict[str, Any]:
    """Return everything but the fitted models as plain values, ready for JSON."""
    parity = None if math.isnan(comparison.parity) else comparison.parity
    return {
        "table": _records(comparison.table),
        "runs": _records(comparison.runs),
        "parity": parity,
        "parity_table": _records(comparison.parity_table),
        "verdict": comparison.verdict,
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads(frame.to_json(orient="records"))
    return records


def table_html(comparison: Comparison) -> str:
    """Return the table and the verdict as a piece of HTML."""
    table = readable(comparison).to_html(index=False, border=0)
    sentences = [*comparison.verdict, parity_sentence(comparison)]
    return table + "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)


def parity_sentence(comparison: Comparison) -> str:
    """Return the parity receipt in words."""
    if math.isnan(comparison.parity):
        return "Parity: only one backend took part."
    pairs = len(comparison.parity_table)
    return (
        f"Parity: the weights trained on each backend, evaluated on the others ({pairs} pairs): "
        f"probabilities differ by at most {comparison.parity:.1e}."
    )


def to_html(comparison: Comparison) -> str:
    """Return one self-contained page."""
    pictures = "".join(
        f'<h2>{escape(name)}</h2><img alt="{escape(alt)}" src="data:image/png;base64,{data}">'
        for name, alt, data in _pictures_as_text(comparison)
    )
    title = "qmlplay comparison: " + ", ".join(comparison.splits)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>"
        f"{table_html(comparison)}{pictures}</body></html>"
    )


def _pictures_as_text(comparison: Comparison) -> list[tuple[str, str, str]]:
    result = []
    for name, figure in _figures(comparison).items():
        stream = io.BytesIO()
        figure.savefig(stream, format="png", dpi=110)
        text = base64.b64encode(stream.getvalue()).decode("ascii")
        result.append((name, f"{name}: {figure.get_suptitle()}", text))
    return result


def _figures(comparison: Comparison) -> dict[str, Figure]:
    """Return the pictures of every dataset by file name."""
    from qmlplay.plots import BoundariesDisplay, ScoresDisplay

    figures = {}
    for dataset in comparison.splits:
        scores = ScoresDisplay.from_comparison(comparison, dataset).plot()
        figures[f"{_file_name(dataset)}_scores"] = scores.figure_
        if comparison.splits[dataset].X_train.shape[1] == 2:
            boundaries = BoundariesDisplay.from_comparison(comparison, dataset).plot()
            figures[f"{_file_name(dataset)}_boundaries"] = boundaries.figure_
    return figures


def _file_name(dataset: str) -> str:
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in dataset)


def save_all(comparison: Comparison, folder: Path) -> list[Path]:
    """Write table, runs, parity and pictures into a folder; return the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / "table.csv", folder / "runs.csv", folder / "comparison.json"]
    comparison.table.to_csv(written[0], index=False)
    comparison.runs.to_csv(written[1], index=False)
    written[2].write_text(json.dumps(to_dict(comparison), indent=2), encoding="utf-8")
    for name, figure in _figures(comparison).items():
        path = folder / f"{name}.png"
        figure.savefig(path, dpi=150)
        written.append(path)
    return written
