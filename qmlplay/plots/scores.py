"""Scores: accuracy with its spread, and what it cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from qmlplay.plots.style import KIND_COLORS, KIND_LABELS, new_figure

if TYPE_CHECKING:
    from qmlplay.comparison import Comparison

__all__ = ["ScoresDisplay"]


@dataclass
class ScoresDisplay:
    """Test accuracy of every model, a dot per seed, beside the time to fit.

    Parameters
    ----------
    runs : DataFrame
        The successful runs on one dataset.
    dataset : str

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        After `plot`.
    """

    runs: pd.DataFrame
    dataset: str
    figure_: Figure = field(init=False, repr=False)

    @classmethod
    def from_comparison(cls, comparison: Comparison, dataset: str | None = None) -> Self:
        """Take one dataset's runs, the first one's by default."""
        name = next(iter(comparison.splits)) if dataset is None else dataset
        if name not in comparison.splits:
            raise ValueError(f"dataset {name!r} is not among {sorted(comparison.splits)}")
        runs = comparison.runs
        return cls(runs[(runs["dataset"] == name) & (runs["status"] == "ok")], name)

    def plot(self) -> Self:
        """Draw accuracy on the left and seconds on the right."""
        models = list(self.runs["model"].unique())[::-1]
        self.figure_ = new_figure(9, 0.32 * len(models) + 1.6)
        left, right = self.figure_.subplots(1, 2, sharey=True, width_ratios=[3, 2])
        for place, model in enumerate(models):
            rows = self.runs[self.runs["model"] == model]
            color = KIND_COLORS[rows["kind"].iloc[0]]
            accuracy = rows["test_accuracy"]
            left.errorbar(
                accuracy.mean(), place, xerr=accuracy.std(ddof=0), fmt="D", color=color, capsize=3
            )
            left.scatter(accuracy, np.full(len(rows), place), s=14, color=color, alpha=0.5)
            right.barh(place, rows["fit_seconds"].median(), color=color)
        left.set_yticks(range(len(models)), models)
        left.set_xlabel("test accuracy (dots: seeds; diamond and bar: mean ± spread)")
        left.grid(axis="x", alpha=0.3)
        right.set_xscale("log")
        right.set_xlabel("fit time [s], median, logarithmic")
        right.grid(axis="x", alpha=0.3)
        kinds = [kind for kind in KIND_COLORS if kind in set(self.runs["kind"])]
        handles = [
            left.scatter([], [], marker="D", color=KIND_COLORS[kind], label=KIND_LABELS[kind])
            for kind in kinds
        ]
        self.figure_.suptitle(f"{self.dataset}: accuracy and cost")
        self.figure_.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=9)
        return self
