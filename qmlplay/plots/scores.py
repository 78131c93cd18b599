"""Scores: accuracy or R² with its spread, and what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from qmlplay.framework_names import model_label
from qmlplay.palette import KIND_COLORS
from qmlplay.plots.display import Display, dataset_name
from qmlplay.plots.style import (
    KIND_LABELS,
    KIND_MARKERS,
    add_legend,
    axes_of,
    figure_of,
    new_figure,
    shortened,
)

if TYPE_CHECKING:
    from qmlplay.compare.comparison import Comparison

__all__ = ["ScoresDisplay"]


@dataclass(eq=False, repr=False)
class ScoresDisplay(Display):
    """Test accuracy (or R²) of every model, a dot per split, beside the time to fit.

    Parameters
    ----------
    runs : DataFrame
        The successful runs on one dataset.
    dataset : str
        Its name, for the title.
    score : str, default="test_accuracy"
        The column of `runs` that is drawn.
    label : str, default="test accuracy"
        What it is called.

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        After `plot`; ``figure_.savefig(path)`` writes it.
    axes_ : list of two matplotlib.axes.Axes
        Scores and seconds, after `plot`.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier, compare
    >>> from qmlplay.plots import ScoresDisplay
    >>> quick = VariationalClassifier(max_iter=2)
    >>> result = compare("moons", models=["numpy", "dummy"], classifier=quick, seeds=1)
    >>> display = ScoresDisplay.from_comparison(result).plot()
    >>> len(display.figure_.axes)
    2
    """

    runs: pd.DataFrame
    dataset: str
    score: str = "test_accuracy"
    label: str = "test accuracy"
    axes_: list[Axes] = field(init=False, repr=False)

    @classmethod
    def from_comparison(cls, comparison: Comparison, dataset: str | None = None) -> Self:
        """Take one dataset's runs, the first one's by default."""
        name = dataset_name(comparison, dataset)
        runs = comparison.runs
        score = comparison.task.test_score
        label = comparison.task.metrics[score]
        return cls(runs[(runs["dataset"] == name) & (runs["status"] == "ok")], name, score, label)

    def plot(self, ax: Sequence[Axes] | None = None) -> Self:
        """Draw scores on the left and seconds on the right.

        Parameters
        ----------
        ax : sequence of two Axes, optional
            Where to draw; a new figure by default.

        Raises
        ------
        ValueError
            If no run succeeded, or `ax` are not two axes.
        """
        if self.runs.empty:
            raise ValueError(f"{self.dataset}: every model failed, there is nothing to draw")
        axes = axes_of(ax, 2, "for scores and for seconds")
        if axes is None:
            n_models = self.runs["model"].nunique()
            figure = new_figure(9, 0.32 * n_models + 1.6)
            axes = list(figure.subplots(1, 2, sharey=True, width_ratios=[3, 2]))
            what = self.label.removeprefix("test ")
            figure.suptitle(f"{self.dataset}: {what} and cost", parse_math=False)
            add_legend(figure, self._handles())
        else:
            axes[0].legend(handles=self._handles(), fontsize=8)
        self.axes_, self.figure_ = axes, figure_of(axes[0])
        self._draw(*axes)
        return self

    def _handles(self) -> list[Line2D]:
        """Return a legend entry for every kind of model that takes part."""
        return [
            Line2D(
                [],
                [],
                linestyle="",
                marker=KIND_MARKERS[kind],
                color=color,
                label=KIND_LABELS[kind],
            )
            for kind, color in KIND_COLORS.items()
            if kind in set(self.runs["kind"])
        ]

    def _draw(self, left: Axes, right: Axes) -> None:
        models = list(self.runs["model"].unique())[::-1]
        for index, model in enumerate(models):
            rows = self.runs[self.runs["model"] == model]
            scores, kind = rows[self.score], rows["kind"].iloc[0]
            color, marker = KIND_COLORS[kind], KIND_MARKERS[kind]
            left.errorbar(
                scores.mean(),
                index,
                xerr=scores.std(ddof=0),
                fmt=marker,
                color=color,
                capsize=3,
            )
            left.scatter(scores, np.full(len(rows), index), s=14, color=color, alpha=0.5)
            seconds = rows["fit_seconds"].clip(lower=1e-6)  # the axis is logarithmic
            right.plot(seconds.median(), index, marker, color=color)
            right.scatter(seconds, np.full(len(rows), index), s=14, color=color, alpha=0.5)
        names = [shortened(model_label(model)) for model in models]
        for side in (left, right):
            side.set_yticks(range(len(models)), names, parse_math=False)
        left.set_xlabel(f"{self.label} (dots: splits; large: mean ± spread)")
        low, high = left.get_xlim()
        if self.score == "test_accuracy":  # none lies outside [0, 1]
            left.set_xlim(max(low, -0.02), min(high, 1.02))
        elif low < 0:  # guessing has about 0
            left.axvline(0, color="gray", linewidth=1, linestyle=":")
        right.set_xscale("log")
        right.set_xlabel("fit time [s] (large: median)")
        for side in (left, right):
            side.grid(axis="x", alpha=0.3)
            side.set_axisbelow(True)
        right.tick_params(labelleft=False)
