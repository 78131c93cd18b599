"""A verdict in plain words: who won, by how much, and whether that means anything."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import t

__all__ = ["verdict"]

#: Differences of accuracy up to this one are called "as good".
_SMALL = 0.01
_LEAST_LEAD = 0.005


def verdict(runs: pd.DataFrame, dataset: str) -> list[str]:
    """Say which kind of model did best on a dataset.

    A lead counts only when it is larger than the half width of the 95 % confidence interval
    (Student's t) of the per-seed differences, and than one half percentage point.

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

    Examples
    --------
    >>> runs = pd.DataFrame({
    ...     "dataset": "xor", "status": "ok", "seed": [0, 1, 0, 1], "fit_seconds": [3, 3, 1, 1],
    ...     "model": ["cirq", "cirq", "svc_rbf", "svc_rbf"], "test_accuracy": [0.7, 0.7, 0.9, 0.9],
    ...     "kind": ["quantum", "quantum", "classical", "classical"]})
    >>> print(verdict(runs, "xor")[0])
    xor: classical wins: svc_rbf (0.900 ± 0.000) against the quantum model
    (0.700 ± 0.000, on cirq), trained 3 times faster.
    """
    good = runs[(runs["dataset"] == dataset) & (runs["status"] == "ok")]
    if good.empty:
        return [f"{dataset}: every model failed, see the reasons."]
    quantum = _best(good[good["kind"] == "quantum"])
    classical = _best(good[(good["kind"] == "classical") & (good["model"] != "dummy")])
    ablation = _best(good[good["kind"] == "ablation"])
    dummy = _best(good[good["model"] == "dummy"])
    sentences = []
    if quantum is not None and classical is not None:
        sentences.append(_against_classical(quantum, classical))
    else:
        rest = good[good["model"] != "dummy"]
        best = _best(good if rest.empty else rest)
        assert best is not None
        sentences.append(f"the best model is {_named(best)}.")
    if quantum is not None and ablation is not None:
        sentences.append(_against_ablation(quantum, ablation))
    trained = [runs for runs in (quantum, classical, ablation) if runs is not None]
    if dummy is not None and trained and not any(_lead(runs, dummy) > 0 for runs in trained):
        sentences.append(f"no model is clearly better than guessing: {_named(dummy)}.")
    if good["seed"].nunique() == 1:
        sentences.append("one seed says little, as its split is luck too: try five seeds.")
    return [f"{dataset}: {sentence}" for sentence in sentences]


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
    return f"{runs['model'].iloc[0]} ({_scored(runs)})"


def _scored(runs: pd.DataFrame) -> str:
    accuracy = runs["test_accuracy"]
    return f"{accuracy.mean():.3f} ± {accuracy.std(ddof=0):.3f}"


def _differences(a: pd.DataFrame, b: pd.DataFrame) -> pd.Series[float]:
    """Return a's test accuracy minus b's, for every seed that both have."""
    return (a["test_accuracy"] - b["test_accuracy"]).dropna()


def _lead(a: pd.DataFrame, b: pd.DataFrame) -> int:
    """Return 1 if a is ahead of b by more than chance would explain, −1 if behind, else 0."""
    difference = _differences(a, b)
    if len(difference) < 2:
        return 0  # one split is luck as much as skill
    error = difference.std(ddof=1) / np.sqrt(len(difference))
    mean = difference.mean()
    bound = t.ppf(0.975, len(difference) - 1) * error
    # The last term forgives rounding: 0.995 − 0.990 is no more than one half percentage point.
    return int(np.sign(mean)) if abs(mean) > max(bound, _LEAST_LEAD) + 1e-12 else 0


def _are_close(a: pd.DataFrame, b: pd.DataFrame) -> bool:
    return abs(float(_differences(a, b).mean())) <= _SMALL


def _against_classical(quantum: pd.DataFrame, classical: pd.DataFrame) -> str:
    backend = quantum["model"].iloc[0]
    names = f"{_named(classical)} against the quantum model ({_scored(quantum)}, on {backend})"
    lead = _lead(quantum, classical)
    if lead > 0:
        return (
            f"the quantum model is ahead here: {_scored(quantum)} against {_named(classical)}. "
            f"That is one small dataset and {len(quantum)} seed(s), on a simulator: no evidence "
            "of an advantage."
        )
    times = _times(quantum["fit_seconds"].median(), classical["fit_seconds"].median())
    if lead < 0:
        return f"classical wins: {names}, trained {times}."
    if _are_close(quantum, classical):
        return f"classical does as well: {names}, trained {times}."
    return f"no clear winner: {names}, trained {times}; the seeds cannot tell them apart."


def _times(quantum: float, classical: float) -> str:
    """Say how the classical model's seconds compare with the quantum model's."""
    ratio = max(quantum, 1e-9) / max(classical, 1e-9)
    if ratio >= 2:
        return f"{ratio:,.0f} times faster"
    return f"{1 / ratio:,.0f} times slower" if ratio <= 0.5 else "in about the same time"


def _against_ablation(quantum: pd.DataFrame, ablation: pd.DataFrame) -> str:
    text = f"without entanglement the same model reaches {_scored(ablation)}"
    lead = _lead(quantum, ablation)
    if lead > 0:
        return f"entanglement helps: {text}."
    if lead < 0:
        return f"entanglement hurts: {text}, better than with it."
    if _are_close(quantum, ablation):
        return f"entanglement is not what helps: {text}, as good as with it."
    return (
        f"entanglement makes no clear difference: {text}, with it {_scored(quantum)}, and the "
        "seeds cannot tell them apart."
    )
