"""A verdict in plain words: who won, by how much, and whether that means anything."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["verdict"]


def verdict(runs: pd.DataFrame, dataset: str) -> list[str]:
    """Say which kind of model did best on a dataset.

    A lead counts only when it is larger than twice the standard error of the per-seed
    differences and at least one half percentage point.

    Parameters
    ----------
    runs : DataFrame
        `Comparison.runs`.
    dataset : str
        Its name.

    Returns
    -------
    list of str
        Sentences, as many as the models taking part allow.
    """
    good = runs[(runs["dataset"] == dataset) & (runs["status"] == "ok")]
    if good.empty:
        return [f"{dataset}: every model failed, see the status column."]
    quantum = _best(good[good["kind"] == "quantum"])
    classical = _best(good[(good["kind"] == "classical") & (good["model"] != "dummy")])
    sentences = []
    if quantum is not None and classical is not None:
        sentences.append(f"{dataset}: {_against_classical(quantum, classical)}")
    elif quantum is not None or classical is not None:
        best = quantum if quantum is not None else classical
        assert best is not None
        sentences.append(f"{dataset}: the best model is {_named(best)}.")
    ablation = _best(good[good["kind"] == "ablation"])
    if quantum is not None and ablation is not None:
        sentences.append(f"{dataset}: {_against_ablation(quantum, ablation)}")
    return sentences


def _best(runs: pd.DataFrame) -> pd.DataFrame | None:
    """Return the runs of the model with the highest mean test accuracy, the quickest if tied."""
    if runs.empty:
        return None
    means = runs.groupby("model").agg({"test_accuracy": "mean", "fit_seconds": "median"})
    means["test_accuracy"] = means["test_accuracy"].round(9)
    order = means.sort_values(["test_accuracy", "fit_seconds"], ascending=[False, True])
    best: pd.DataFrame = runs[runs["model"] == order.index[0]].set_index("seed")
    return best


def _named(runs: pd.DataFrame) -> str:
    accuracy = runs["test_accuracy"]
    return f"{runs['model'].iloc[0]} ({accuracy.mean():.3f} ± {accuracy.std(ddof=0):.3f})"


def _lead(a: pd.DataFrame, b: pd.DataFrame) -> int:
    """Return 1 if a is ahead of b by more than chance would explain, −1 if behind, else 0."""
    difference = (a["test_accuracy"] - b["test_accuracy"]).dropna()
    error = difference.std(ddof=1) / np.sqrt(len(difference)) if len(difference) > 1 else 0.0
    mean = difference.mean()
    return int(np.sign(mean)) if abs(mean) > max(2 * error, 0.005) else 0


def _against_classical(quantum: pd.DataFrame, classical: pd.DataFrame) -> str:
    names = f"{_named(classical)} against the quantum model's {_named(quantum)}"
    ratio = quantum["fit_seconds"].median() / max(classical["fit_seconds"].median(), 1e-9)
    times = f"{ratio:.0f} times faster" if ratio >= 2 else "in about the same time"
    if ratio <= 0.5:
        times = f"{1 / ratio:.0f} times slower"
    lead = _lead(quantum, classical)
    if lead < 0:
        return f"classical wins: {names}, trained {times}."
    if lead == 0:
        return f"classical does as well: {names}, trained {times}."
    n_seeds = len(quantum)
    return (
        f"the quantum model is ahead here: {_named(quantum)} against {_named(classical)}. That is "
        f"one small dataset and {n_seeds} seed(s), on a simulator: no evidence of an advantage."
    )


def _against_ablation(quantum: pd.DataFrame, ablation: pd.DataFrame) -> str:
    text = f"without entanglement the same model reaches {_named(ablation)}"
    lead = _lead(quantum, ablation)
    if lead > 0:
        return f"entanglement helps: {text}."
    if lead == 0:
        return f"entanglement is not what helps: {text}, as good as with it."
    return f"entanglement hurts: {text}, better than with it."
