"""The cost of accuracy, or of R²: scores against seconds and against parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from qmlplay.palette import KIND_COLORS
from qmlplay.plots.display import Display, dataset_name
from qmlplay.plots.style import KIND_LABELS, axes_of, figure_of, new_figure, plain

if TYPE_CHECKING:
    from qmlplay.compare.comparison import Comparison

__all__ = ["CostDisplay"]

_MARKERS = ("D", "s", "^", "o", "v", "P", "X", "p", "<", ">", "h", "d", "*", "8")
_SIDES = {"fit_seconds": "fit time [s], median over splits", "n_parameters": "trained numbers"}


@dataclass(eq=False, repr=False)
class CostDisplay(Display):
    """Test accuracy (or R²) with its spread against the time to fit and the number of parameters.

    Up and to the left is better. Colours show the kind of model, markers the model; where models
    coincide, as backends do in size and accuracy, smaller markers stand inside larger ones.

    Parameters
    ----------
    table : DataFrame
        A row per model: ``model``, ``kind``, the score and its ``…_std``,
        ``fit_seconds`` and ``n_parameters``; a model without a known cost is left out on
        that side.
    dataset : str
        Its name, for the title.
    score : str, default="test_accuracy"
        The column of `table` that is drawn.
    label : str, default="test accuracy"
        What it is called.

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        After `plot`; ``figure_.savefig(path)`` writes it.
    axes_ : list of two matplotlib.axes.Axes
        Seconds and parameters, after `plot`.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier, compare
    >>> from qmlplay.plots import CostDisplay
    >>> quick = VariationalClassifier(max_iter=2)
    >>> result = compare("moons", models=["numpy", "svc_rbf"], classifier=quick, seeds=1)
    >>> display = CostDisplay.from_comparison(result).plot()
    >>> [ax.get_xscale() for ax in display.axes_]
    ['log', 'log']
    """

    table: pd.DataFrame
    dataset: str
    score: str = "test_accuracy"
    label: str = "test accuracy"
    axes_: list[Axes] = field(init=False, repr=False)

    @classmethod
    def from_comparison(cls, comparison: Comparison, dataset: str | None = None) -> Self:
        """Take one dataset's means over the splits, the first one's by default.

        Raises
        ------
        ValueError
            If the comparison has no such dataset.
        """
        name = dataset_name(comparison, dataset)
        table = comparison.table
        score = comparison.task.test_score
        known = (table["dataset"] == name) & table[score].notna()
        label = comparison.task.metrics[score]
        return cls(table[known].reset_index(drop=True), name, score, label)

    def plot(self, ax: Sequence[Axes] | None = None) -> Self:
        """Draw scores over seconds on the left and over parameters on the right.

        Parameters
        ----------
        ax : sequence of two Axes, optional
            Where to draw; a new figure by default.

        Raises
        ------
        ValueError
            If no model succeeded, or `ax` are not two axes.
        """
        if self.table.empty:
            raise ValueError(f"{self.dataset}: every model failed, there is nothing to draw")
        axes = axes_of(ax, 2, "for seconds and for parameters")
        if axes is None:
            figure = new_figure(10, 4.8)
            axes = list(figure.subplots(1, 2, sharey=True))
            what = self.label.removeprefix("test ")
            title = f"{self.dataset}: what {what} costs (mean ± spread over splits)"
            figure.suptitle(title, parse_math=False)
            figure.legend(handles=self._handles(), loc="outside right center", fontsize=8)
        else:
            axes[0].legend(handles=self._handles(), fontsize=8)
        self.axes_, self.figure_ = axes, figure_of(axes[0])
        for panel, (column, label) in zip(axes, _SIDES.items(), strict=True):
            self._draw(panel, column)
            panel.set_xlabel(label)
        axes[0].set_ylabel(self.label)
        return self

    def _handles(self) -> list[Any]:
        """Return the legend: a colour per kind, then a marker per model."""
        kinds = set(self.table["kind"])
        swatches = [
            Patch(color=KIND_COLORS[kind], label=label)
            for kind, label in KIND_LABELS.items()
            if kind in kinds
        ]
        return swatches + [
            Line2D([], [], linestyle="", label=plain(row["model"]), **self._style(index, 7))
            for index, (_, row) in enumerate(self.table.iterrows())
        ]

    def _style(self, index: int, size: float) -> dict[str, Any]:
        color = KIND_COLORS[str(self.table["kind"].iloc[index])]
        return {
            "marker": _MARKERS[index % len(_MARKERS)],
            "markersize": size,
            "markerfacecolor": "white",
            "markeredgecolor": color,
            "markeredgewidth": 1.8,
        }

    def _draw(self, ax: Axes, column: str) -> None:
        rows = self.table.reset_index(drop=True)
        rows = rows[rows[column].notna() & (rows[column] > 0)]
        points = pd.Series(list(zip(rows[column], rows[self.score].round(6), strict=True)))
        depth = points.groupby(points).cumcount().tolist()  # how many already stand there
        counts = points.groupby(points).transform("size").tolist()
        for index, below, count in zip(rows.index, depth, counts, strict=True):
            style = self._style(index, 8 if count == 1 else max(13 - 3.2 * below, 3))
            row = rows.loc[index]
            ax.errorbar(
                float(row[column]),
                row[self.score],
                yerr=row[f"{self.score}_std"],
                linestyle="",
                ecolor=style["markeredgecolor"],
                capsize=3,
                zorder=3 + below,
                **style,
            )
        ax.set_xscale("log")
        ax.margins(x=0.08)
        ax.grid(alpha=0.3)
        ax.set_axisbelow(True)
