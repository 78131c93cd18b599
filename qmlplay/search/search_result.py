"""The result of a search: the winner, the leaderboard, the verdict, and the studies behind them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import optuna
import pandas as pd

from qmlplay.classifier import save_model
from qmlplay.classifier.quantum_estimator import QuantumEstimator
from qmlplay.search.finalists import last_model
from qmlplay.search.leaderboard import readable_leaderboard

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["SearchResult"]


@dataclass(frozen=True, eq=False, repr=False)
class SearchResult:
    """What `search` found.

    Attributes
    ----------
    dataset_ : str
    metric_ : {"accuracy", "balanced accuracy", "R²"}
        By which models were chosen.
    leaderboard_ : DataFrame
        A row per kind of model, the best inner score first: ``inner_score`` and ``test_score``
        with their spread, ``n_trials``, ``search_seconds``, ``fit_seconds``, ``n_parameters``.
    runs_ : DataFrame
        All scores in the test parts, a row per kind of model and outer split, as those of
        `Comparison.runs`.
    best_estimator_ : estimator
        The winner, an ordinary estimator or pipeline, fitted to all rows.
    best_params_ : dict
        What was chosen for it, with ``model``, its row in the leaderboard.
    best_score_ : float
        Its inner score. It flatters, as that of the best of many trials.
    test_score_ : float
        Its score in the test part, or the mean of several. No trial saw them.
    verdict_ : list of str
        All that in plain words.
    fitted_ : dict of str to estimator
        The best of every kind, as trained on the training part of the first outer split.
    studies_ : list of dict of str to optuna.Study
        Of every outer split: "quantum" and "classical".
    seconds_, budget_ : float
        What this run took, and what was allowed for all runs of the study.
    interrupted_ : bool
        Whether Ctrl-C ended it.

    Examples
    --------
    >>> from qmlplay.search import search
    >>> result = search("moons", budget=60, n_trials=2, baselines=("dummy", "logistic_regression"))
    >>> sorted(result.leaderboard_["model"])
    ['dummy', 'logistic_regression', 'quantum']
    >>> result.best_estimator_.predict([[0.0, 1.0]]).shape
    (1,)
    """

    dataset_: str
    metric_: str
    leaderboard_: pd.DataFrame
    runs_: pd.DataFrame
    best_estimator_: Any
    best_params_: dict[str, Any]
    best_score_: float
    test_score_: float
    verdict_: list[str]
    fitted_: Mapping[str, Any]
    studies_: Sequence[Mapping[str, optuna.Study]]
    seconds_: float
    budget_: float
    interrupted_: bool = False
    lead_: Any = field(default=None)

    @property
    def study_(self) -> optuna.Study:
        """The study of the quantum models on the first outer split, for Optuna's own pictures."""
        return self.studies_[0]["quantum"]

    def predict(self, X: Any) -> Any:
        """Return the predictions of the winner, (n_samples,)."""
        return self.best_estimator_.predict(X)

    def readable(self) -> pd.DataFrame:
        """Return the leaderboard as text: mean ± spread."""
        return readable_leaderboard(self.leaderboard_, self.metric_)

    def plot(self) -> Figure:
        """Draw the inner scores of both sides over the time that each had.

        Returns
        -------
        matplotlib.figure.Figure
        """
        from qmlplay.search.history_display import SearchHistoryDisplay

        figure: Figure = SearchHistoryDisplay.from_search(self).plot().figure_
        return figure

    def to_dict(self) -> dict[str, Any]:
        """Return all but models and studies as plain values, ready for JSON: NaN is None."""
        table = self.leaderboard_.astype(object)
        rows = table.where(table.notna(), None).to_dict(orient="records")
        return {
            "dataset": self.dataset_,
            "metric": self.metric_,
            "leaderboard": rows,
            "best_params": self.best_params_,
            "best_score": self.best_score_,
            "test_score": None if pd.isna(self.test_score_) else self.test_score_,
            "verdict": self.verdict_,
            "seconds": self.seconds_,
            "budget": self.budget_,
            "interrupted": self.interrupted_,
        }

    def save(self, folder: str | PathLike[str]) -> list[Path]:
        """Write leaderboard, verdict, history and models into a folder; return what was written.

        ``best.qmlplay`` is the winner where it is quantum. Where it is classical there is
        ``quantum.qmlplay``, the best quantum model as it was judged, trained on the training part.
        """
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        written = [place / name for name in ("leaderboard.csv", "search.json", "history.png")]
        self.leaderboard_.to_csv(written[0], index=False)
        text = json.dumps(self.to_dict(), indent=2, allow_nan=False)
        written[1].write_text(text, encoding="utf-8")
        self.plot().savefig(written[2], dpi=150)
        models = {"best": self.best_estimator_, "quantum": self.fitted_.get("quantum")}
        for name, model in models.items():
            if isinstance(last_model(model), QuantumEstimator):
                written.append(place / f"{name}.qmlplay")
                save_model(model, written[-1])
                break
        return written

    def __repr__(self) -> str:
        text = self.readable().drop(columns="settings").to_string(index=False)
        return f"SearchResult({self.dataset_})\n{text}\n" + "\n".join(self.verdict_)

    def _repr_html_(self) -> str:
        return str(self.readable().to_html(index=False, border=0))
