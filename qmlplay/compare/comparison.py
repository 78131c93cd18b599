"""The result of a comparison: table, parity receipt, verdict, and ways to keep them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import nan
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from qmlplay.compare.evidence import Verdict, verdict
from qmlplay.compare.reports import (
    course_notes,
    forecast_table,
    means_table,
    save_all,
    statistics_table,
    table_html,
    to_dict,
    to_html,
)
from qmlplay.compare.running import Predictions, RunPredictions
from qmlplay.compare.setup import CLASSIFICATION, REGRESSION, TASKS, LearningTask
from qmlplay.errors import unknown_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from qmlplay.compare.running import Forecast

__all__ = ["Comparison"]


@dataclass(frozen=True, eq=False)
class Comparison:
    """The result of `compare`.

    Parameters
    ----------
    runs : DataFrame
        A row per model, dataset and seed.
    parity_table : DataFrame
        For each pair of backends, max |Δ probability| of the same weights on both; for a
        regression max |Δ prediction| in standard deviations of the training targets.
    fitted : mapping of (str, str) to estimator
        (dataset, model) → the model of the first split, fitted. Of a comparison that went on
        (``resume``), a model that is not qmlplay's own is trained again when it is asked for.
    splits : dict of str to Bunch
        dataset → X_train, X_test, y_train, y_test of the first split.
    predictions : dict of (str, str, int) to RunPredictions
        (dataset, model, seed) → what was predicted for the test part.
    forecast : Forecast, optional
        What it was expected to take at most, and which models were planned to take the weights
        of another one.
    seconds : float, default=nan
        What it took, with the runs that were taken up.
    n_missing : int, default=0
        Runs that Ctrl-C left undone.

    Examples
    --------
    >>> from qmlplay import compare
    >>> result = compare("moons", models=["dummy", "logistic_regression"], seeds=2)
    >>> list(result.runs["model"]), list(result.table["n_seeds"])
    (['dummy', 'logistic_regression', 'dummy', 'logistic_regression'], [2, 2])
    >>> sorted(result.fitted)
    [('moons', 'dummy'), ('moons', 'logistic_regression')]
    >>> figure = result.plot(kind="boundaries")
    """

    runs: pd.DataFrame
    parity_table: pd.DataFrame
    fitted: Mapping[tuple[str, str], Any]
    splits: Mapping[str, Any]
    predictions: Mapping[tuple[str, str, int], RunPredictions] = field(default_factory=dict)
    forecast: Forecast | None = None
    seconds: float = nan
    n_missing: int = 0

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row per dataset and model: means over the splits, with `…_std`, their spread, beside.

        The spread (standard deviation of the splits' scores, ddof=0) tells how much scores vary.
        It is no standard error: splits of one table overlap (see `statistics`).

        Seconds are medians over the splits, as the first run on a backend also warms it up.
        ``status`` is "ok", or says which of a model's runs failed and why. ``trained_on`` is the
        simulator that a quantum model was trained on; where it only evaluates weights from
        another one, it has no fit time.
        """
        return means_table(self.runs, self.task)

    @property
    def parity(self) -> float:
        """Largest |Δ probability| between backends for the same weights; NaN for one backend.

        For a regression it is |Δ prediction| in standard deviations of the training targets.
        """
        return float(self.parity_table[self.task.parity_column].max())

    @property
    def task(self) -> LearningTask:
        """What was learned, classes or numbers, with the names of its scores."""
        name = next((split.get("task") for split in self.splits.values()), None)
        return TASKS[name or CLASSIFICATION.name]

    @cached_property
    def verdict(self) -> list[str]:
        """Sentences per dataset: which kind of model did best, in plain words."""
        sentences = [sentence for one in self.verdicts for sentence in one.sentences]
        return [*sentences, *course_notes(self)]

    @cached_property
    def verdicts(self) -> list[Verdict]:
        """Each dataset's verdict, with the differences that it rests on.

        Models that only evaluate the weights of another one are no further evidence, and left out.
        """
        models = pd.MultiIndex.from_frame(self.runs[["dataset", "model"]])
        trained = self.runs[~models.isin(list(self.copies))]
        return [verdict(trained, self.predictions, name, self.task) for name in self.splits]

    @property
    def copies(self) -> Mapping[tuple[str, str], str]:
        """(dataset, model) → the simulator whose weights it evaluates, where it is not trained."""
        return {} if self.forecast is None else self.forecast.trained_on

    @cached_property
    def forecast_table(self) -> pd.DataFrame:
        """A row per dataset and model: seconds expected at most, and seconds that it took.

        They are sums over all splits; NaN where nobody knew.
        """
        return forecast_table(self)

    @property
    def statistics(self) -> pd.DataFrame:
        """The differences that the verdict rests on: mean, 95 % interval, probability and test."""
        return statistics_table(self.verdicts)

    @property
    def correct(self) -> dict[tuple[str, str, int], tuple[Any, Any]]:
        """(dataset, model, seed) → numbers of the test samples, and which were right.

        Empty for a regression, whose errors are in `predictions`.
        """
        return {
            key: (run.rows, run.is_correct)
            for key, run in self.predictions.items()
            if isinstance(run, Predictions)
        }

    def plot(self, dataset: str | None = None, *, kind: str = "scores") -> Figure:
        """Draw one dataset's scores, costs, parity, decision boundaries or fit.

        Parameters
        ----------
        dataset : str, optional
            Which dataset; the first by default.
        kind : {"scores", "cost", "parity", "boundaries", "fit"}, default="scores"
            Accuracy (or R²) and time of every model; the same against seconds and against
            parameters; differences between backends; how each model divides the plane, where
            there are two features and classes; or, for a regression, predicted against observed
            numbers, and what is left, of the best quantum and the best classical model.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ValueError
            If the kind is unknown or not one of the task, or the dataset has not two features
            for boundaries.
        """
        from qmlplay import plots

        displays: dict[str, Any] = {
            "scores": plots.ScoresDisplay,
            "cost": plots.CostDisplay,
            "parity": plots.ParityDisplay,
            **(
                {"fit": plots.FitDisplay}
                if self.task is REGRESSION
                else {"boundaries": plots.BoundariesDisplay}
            ),
        }
        if kind not in displays:
            raise unknown_name("kind of plot", kind, displays)
        figure: Figure = displays[kind].from_comparison(self, dataset).plot().figure_
        return figure

    def save(self, folder: str | PathLike[str]) -> list[Path]:
        """Write table, runs, parity and pictures into a folder; return the files written."""
        return save_all(self, Path(folder))

    def to_dict(self) -> dict[str, Any]:
        """Return table, runs, parity, verdict and statistics as plain values, ready for JSON."""
        return to_dict(self)

    def to_html(self, path: str | PathLike[str] | None = None) -> str:
        """Return a page with verdict, table, pictures and the circuit; write it if asked.

        The page is one file: it needs no other file and no network, runs no script, and follows
        the reader's choice of light or dark.

        Parameters
        ----------
        path : str or path-like, optional
            Where to write the page, too; an older file of that name is replaced.

        Returns
        -------
        str
            HTML; names of datasets, models and classes are escaped.

        Raises
        ------
        OSError
            If the file cannot be written.

        Examples
        --------
        >>> from qmlplay import compare
        >>> result = compare("moons", models=["dummy", "logistic_regression"], seeds=1)
        >>> result.to_html().splitlines()[0]
        '<!DOCTYPE html>'
        """
        page = to_html(self)
        if path is not None:
            Path(path).write_text(page, encoding="utf-8")
        return page

    def __repr__(self) -> str:
        models, datasets = self.runs["model"].nunique(), ", ".join(self.splits)
        return f"Comparison({models} models on {datasets})\n" + "\n".join(self.verdict)

    def _repr_html_(self) -> str:
        return table_html(self)
