"""The course of a comparison: who was trained where, how long it took, what was left undone."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING, Any

import pandas as pd

from qmlplay.compare.setup import quantum_models
from qmlplay.framework_names import simulator_label

if TYPE_CHECKING:
    from qmlplay.compare.comparison import Comparison

__all__ = ["course_notes", "forecast_table"]


def course_notes(comparison: Comparison) -> list[str]:
    """Say what was taken for what, which models were not trained, and what Ctrl-C left undone."""
    notes = [note for name, split in comparison.splits.items() for note in _doubts(name, split)]
    notes += [note for dataset in comparison.splits for note in _copies(comparison, dataset)]
    if comparison.n_missing:
        n_done = len(comparison.runs)
        n_planned = n_done + comparison.n_missing
        notes.append(f"stopped early: {n_done} of {n_planned} runs were done.")
    return notes


def _doubts(dataset: str, split: Any) -> list[str]:
    recognition = split.get("recognition")
    doubt = "" if recognition is None else recognition.doubt
    return [f"{dataset}: {doubt}."] if doubt else []


def _copies(comparison: Comparison, dataset: str) -> list[str]:
    copies = {m: source for (name, m), source in comparison.copies.items() if name == dataset}
    if not copies:
        return []
    evaluate = "it evaluates" if len(copies) == 1 else "they evaluate"
    source = simulator_label(next(iter(copies.values())))
    notes = [
        f"{dataset}: {', '.join(map(simulator_label, copies))} not trained: {evaluate} the weights "
        f"trained on {source}; to train on each: compare(..., train_everywhere=True), or "
        "--train-everywhere."
    ]
    models = (comparison.fitted.get((dataset, name)) for name in copies)
    if any(clf.shots is not None for model in models for clf in quantum_models(model)):
        notes.append(f"{dataset}: with shots, each evaluation of the same weights is a new draw.")
    return notes


def forecast_table(comparison: Comparison) -> pd.DataFrame:
    """Return a row per dataset and model: seconds expected at most, and those that it took."""
    runs, forecast = comparison.runs, comparison.forecast
    seconds = runs["fit_seconds"].fillna(0) + runs["predict_seconds"]
    taken = seconds.groupby([runs["dataset"], runs["model"]]).sum(min_count=1)
    rows = [
        (m.dataset, m.model, m.seconds, float(taken.get((m.dataset, m.model), nan)))
        for m in (() if forecast is None else forecast.models)
    ]
    return pd.DataFrame(rows, columns=["dataset", "model", "forecast_seconds", "actual_seconds"])
