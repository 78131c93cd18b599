"""The leaderboard: a row per kind of model, ranked by the inner scores, the outer ones beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import optuna
import pandas as pd

from qmlplay.search.best_trials import family_of
from qmlplay.search.finalists import Finalist, spread_of
from qmlplay.search.time_budget import spent_seconds

__all__ = ["DUMMY", "in_all_splits", "leaderboard", "readable_leaderboard"]

#: The baseline that guesses; it cannot win while there is any other.
DUMMY = "dummy"
_HEADINGS = {
    "model": "model",
    "kind": "kind",
    "inner_score": "inner {metric}",
    "test_score": "test {metric}",
    "n_trials": "trials",
    "search_seconds": "search [s]",
    "fit_seconds": "fit [s]",
    "n_parameters": "parameters",
    "settings": "settings",
}


def in_all_splits(finalists: Sequence[Sequence[Finalist]]) -> dict[str, list[Finalist]]:
    """Return the rows that every outer split has, each with its finalists in their order."""
    names = [finalist.name for finalist in finalists[0]]
    found = {n: [f for split in finalists for f in split if f.name == n] for n in names}
    return {name: of_name for name, of_name in found.items() if len(of_name) == len(finalists)}


def leaderboard(
    finalists: Sequence[Sequence[Finalist]],
    studies: Sequence[Mapping[str, optuna.Study]],
    metric: str,
) -> pd.DataFrame:
    """Return the leaderboard, the best inner score first; the one that guesses comes last.

    Of equals the one with fewer parameters comes first.

    Parameters
    ----------
    finalists : sequence of sequence of Finalist
        Of every outer split.
    studies : sequence of dict of str to Study
        Of every outer split, by side.
    metric : str

    Returns
    -------
    DataFrame
        ``inner_std`` is the spread over the inner folds, ``test_std`` that over the outer splits,
        or of one split that over resamples of its test samples. Seconds of ``fit`` and
        ``predict`` are medians.
    """
    trials = _trials_by_row(studies)
    rows = [
        _row(name, of_name, trials[name], metric)
        for name, of_name in in_all_splits(finalists).items()
    ]
    table = pd.DataFrame(rows)
    table["_guesses"] = table["model"] == DUMMY
    table["_rounded"] = table["inner_score"].round(9)
    order = ["_guesses", "_rounded", "n_parameters"]
    ranked = table.sort_values(order, ascending=[True, False, True], kind="stable")
    return ranked.drop(columns=["_guesses", "_rounded"]).reset_index(drop=True)


def _trials_by_row(studies: Sequence[Mapping[str, optuna.Study]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for of_split in studies:
        for side, study in of_split.items():
            key = "model" if side == "classical" else "ansatz"
            for trial in study.get_trials(deepcopy=False):
                if key in trial.params:
                    found.setdefault(family_of(side, trial.params), []).append(trial)
    return found


def _row(name: str, finalists: list[Finalist], trials: list[Any], metric: str) -> dict[str, Any]:
    inner = [score for finalist in finalists for score in finalist.inner_scores]
    tested = [f.predictions.score(metric) for f in finalists if f.predictions is not None]
    best = max(finalists, key=lambda finalist: finalist.inner)
    runs = pd.DataFrame([finalist.row for finalist in finalists])
    statuses = list(dict.fromkeys(s for s in runs["status"] if s != "ok"))
    return {
        "model": name,
        "kind": finalists[0].row["kind"],
        "inner_score": float(np.mean([finalist.inner for finalist in finalists])),
        "inner_std": float(np.std(inner)),
        "test_score": float(np.mean(tested)) if len(tested) == len(finalists) else np.nan,
        "test_std": _spread(finalists, tested, metric),
        "n_trials": len(trials),
        "search_seconds": spent_seconds(trials),
        "fit_seconds": _median(runs, "fit_seconds"),
        "predict_seconds": _median(runs, "predict_seconds"),
        "n_parameters": _median(runs, "n_parameters"),
        "settings": settings_text(best.params),
        "status": "; ".join(statuses) or "ok",
    }


def _spread(finalists: list[Finalist], tested: list[float], metric: str) -> float:
    if len(tested) != len(finalists):
        return np.nan
    predictions = finalists[0].predictions
    if len(tested) > 1 or predictions is None:
        return float(np.std(tested))
    return spread_of(predictions, metric)


def _median(runs: pd.DataFrame, column: str) -> float:
    if column not in runs:
        return np.nan
    return float(pd.to_numeric(runs[column]).median())


def settings_text(params: Mapping[str, Any]) -> str:
    """Return a choice as people read it.

    Examples
    --------
    >>> settings_text({"model": "ridge", "ridge__alpha": 0.12345})
    'alpha=0.123'
    """
    plain = {name.split("__")[-1]: value for name, value in params.items() if name != "model"}
    texts = [f"{k}={v:.3g}" if isinstance(v, float) else f"{k}={v}" for k, v in plain.items()]
    return ", ".join(texts)


def readable_leaderboard(table: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return the leaderboard as text: mean ± spread, no NaN."""
    columns = {}
    for name, heading in _HEADINGS.items():
        cells = [_cell(row, name) for _, row in table.iterrows()]
        columns[heading.format(metric=metric)] = cells
    if (table["status"] != "ok").any():
        columns["note"] = ["" if status == "ok" else status for status in table["status"]]
    return pd.DataFrame(columns, dtype=str)


def _cell(row: pd.Series[Any], name: str) -> str:
    value = row[name]
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return "–"
    if name.endswith("_score"):
        spread = row[name.replace("_score", "_std")]
        return f"{value:.3f} ± {spread:.3f}".replace("-", "−")
    if name.endswith("_seconds"):
        return f"{value:.2f}" if value < 10 else f"{value:,.0f}"
    return f"{value:,.0f}"
