"""The folder of a comparison: its tables, its JSON, and a picture of each kind per dataset."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qmlplay.compare.reports.report import to_dict
from qmlplay.compare.setup import REGRESSION

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from qmlplay.compare.comparison import Comparison

__all__ = ["figures", "save_all"]


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
