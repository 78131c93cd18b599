"""Comparisons in notebooks and browsers: a table, and a page in one file."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import sklearn

from qmlplay._version import __version__
from qmlplay.classifier.variational import VariationalEstimator
from qmlplay.compare.reports.readable_table import readable
from qmlplay.compare.reports.report import (
    answer_words,
    figures,
    parity_sentence,
    recognition_lines,
)
from qmlplay.compare.setup import BALANCED_ACCURACY, fitted_models
from qmlplay.framework_names import simulator_label
from qmlplay.html import SHAPES, classifier_html, render

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from qmlplay.compare.comparison import Comparison

__all__ = ["table_html", "to_html"]

#: Columns of text; a mark stands beside a model's kind, as in the pictures.
_TEXTS = ("dataset", "kind", "model")
_MARKS = {
    "quantum": SHAPES["diamond"],
    "ablation": SHAPES["square"],
    "hybrid": SHAPES["triangle"],
    "classical": SHAPES["circle"],
}


def table_html(comparison: Comparison) -> str:
    """Return the verdict, the table and the parity receipt as a piece of HTML."""
    return render("comparison.html", **_body(comparison))


def _body(comparison: Comparison) -> dict[str, Any]:
    table = readable(comparison)
    task = comparison.task
    metrics = comparison.table["dataset"].map({v.dataset: v.metric for v in comparison.verdicts})
    columns = metrics.map({task.metric: task.test_score, BALANCED_ACCURACY: "balanced_accuracy"})
    pairs = zip(comparison.table.index, columns, strict=True)
    score = pd.Series([comparison.table.loc[row, name] for row, name in pairs]).round(9)
    is_best = score == score.groupby(comparison.table["dataset"]).transform("max")
    is_first = ~table["dataset"].duplicated()
    rows = [
        {
            "cells": list(cells.items()),
            "kind": cells["kind"],
            "best": task.metrics[column] if best else None,
            "is_first": first,
        }
        for cells, best, column, first in zip(
            table.to_dict(orient="records"), is_best, columns, is_first, strict=True
        )
    ]
    return {
        "verdict": comparison.verdict,
        "table": {"columns": list(table), "rows": rows},
        "texts": _TEXTS,
        "shapes": _MARKS,
        "parity": parity_sentence(comparison),
        "has_circuits": "circuit evaluations" in table,
    }


def to_html(comparison: Comparison) -> str:
    """Return one self-contained page."""
    pictures = figures(comparison)
    runs = comparison.runs
    names = list(comparison.splits)
    return render(
        "page.html",
        title="qmlplay comparison: " + ", ".join(names),
        subtitle=_counted(
            {
                "model": runs["model"].nunique(),
                "dataset": len(names),
                "split": runs["seed"].nunique(),
            }
        ),
        sections=[_section(comparison, name, pictures.get(name, {})) for name in names],
        tables=[
            ("Differences and their 95 % intervals", *_plain_table(comparison.statistics)),
            ("Every run", *_plain_table(runs)),
            ("Parity of every pair of backends", *_plain_table(comparison.parity_table)),
            ("Forecast against what it took", *_plain_table(comparison.forecast_table)),
        ],
        versions=f"qmlplay {__version__}, scikit-learn {sklearn.__version__}, "
        f"NumPy {np.__version__}",
        **_body(comparison),
    )


def _section(comparison: Comparison, name: str, pictures: Mapping[str, Figure]) -> dict[str, Any]:
    """Return one dataset's sizes and pictures, and the first quantum model trained on it."""
    split = comparison.splits[name]
    n_train, n_features = split.X_train.shape
    models = [
        model
        for (dataset, _), estimator in comparison.fitted.items()
        if dataset == name
        for model in fitted_models(estimator)
        if isinstance(model, VariationalEstimator)
    ]
    sizes = {"training sample": n_train, "test sample": len(split.y_test), "feature": n_features}
    return {
        "dataset": name,
        "sizes": f"{_counted(sizes)}, {answer_words(split)}",
        "recognition": recognition_lines(comparison, name),
        "pictures": [(figure.get_suptitle(), _png(figure)) for figure in pictures.values()],
        "model": None,
        "backend": "",
    } | (_shown(models[0]) if models else {})


def _shown(model: VariationalEstimator) -> dict[str, Any]:
    from markupsafe import Markup

    backend = model.backend if isinstance(model.backend, str) else model.backend.name
    # Escaped by its own template.
    return {"model": Markup(classifier_html(model)), "backend": simulator_label(backend)}


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n:,} {noun}{'' if n == 1 else 's'}" for noun, n in counts.items())


def _plain_table(frame: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Return the headings and the cells of a table in every digit that is worth reading."""
    rows = [[_cell(value) for value in row] for row in frame.itertuples(index=False)]
    return [name.replace("_", " ") for name in frame.columns], rows


def _cell(value: Any) -> str:
    if pd.isna(value):
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _png(figure: Figure) -> str:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=110)
    return base64.b64encode(stream.getvalue()).decode("ascii")
