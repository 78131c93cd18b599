"""The cost of accuracy, or of R²: scores against seconds and against parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from qmlplay.framework_names import FRAMEWORK_NAMES, model_label, simulator_label
from qmlplay.palette import KIND_COLORS
from qmlplay.plots.display import Display, dataset_name
from qmlplay.plots.style import (
    KIND_LABELS,
    KIND_MARKERS,
    add_legend,
    axes_of,
    figure_of,
    new_figure,
    plain,
    shortened,
)

if TYPE_CHECKING:
    from qmlplay.compare.comparison import Comparison

__all__ = ["CostDisplay"]

#: Scores nearer than this to the middle one are never cut off, and this is the least that is shown.
_LEAST_RANGE = 0.05
_LABEL_HEIGHT = 0.05  # of a line of text, where the axes are 1 high
_SIDES = {"fit_seconds": "fit time [s], median over splits", "n_parameters": "trained numbers"}


@dataclass(frozen=True)
class _Point:
    """What stands at one place: a model, or several that coincide."""

    label: str
    kind: str
    cost: float
    score: float
    spread: float


@dataclass(eq=False, repr=False)
class CostDisplay(Display):
    """Test accuracy (or R²) with its spread against the time to fit and the number of parameters.

    Up and to the left is better. Colours and markers show the kind of model, names stand beside;
    models of the same score and cost, as backends are, have one marker. The axis shows the models
    near the best; what lies far below stands at its lower edge, with its score and an arrow.

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
            figure = new_figure(12, 4.8)
            axes = list(figure.subplots(1, 2, sharey=True))
            what = self.label.removeprefix("test ")
            title = f"{self.dataset}: what {what} costs (mean ± spread over splits)"
            figure.suptitle(title, parse_math=False)
            add_legend(figure, self._handles())
        else:
            axes[0].legend(handles=self._handles(), fontsize=8)
        self.axes_, self.figure_ = axes, figure_of(axes[0])
        limits = _zoomed(self.table[self.score], self.table[f"{self.score}_std"])
        for panel, (column, label) in zip(axes, _SIDES.items(), strict=True):
            self._draw(panel, column, limits)
            panel.set_xlabel(label)
        axes[0].set_ylabel(self.label)
        return self

    def _draw(self, ax: Axes, column: str, limits: tuple[float, float]) -> None:
        points = _points(self.table, column, self.score)
        for point in points:
            y = min(max(point.score, limits[0]), limits[1])
            style: dict[str, Any] = {
                "fmt": KIND_MARKERS[point.kind],
                "color": KIND_COLORS[point.kind],
            }
            spread = point.spread if y == point.score else 0.0
            ax.errorbar(point.cost, y, yerr=spread, capsize=3, markersize=7, zorder=3, **style)
        ax.set_xscale("log")
        ax.set_ylim(*_widened(limits))
        ax.margins(x=0.08)
        ax.grid(alpha=0.3)
        ax.set_axisbelow(True)
        _label(ax, points, limits)

    def _handles(self) -> list[Any]:
        """Return a legend entry for every kind of model that takes part."""
        kinds = set(self.table["kind"])
        return [
            Line2D([], [], linestyle="", marker=KIND_MARKERS[kind], color=color, label=label)
            for kind, label in KIND_LABELS.items()
            for color in [KIND_COLORS[kind]]
            if kind in kinds
        ]


def _points(table: pd.DataFrame, column: str, score: str) -> list[_Point]:
    """Return what is drawn on one side: models of the same kind, score and cost are one point."""
    rows = table[table[column].notna() & (table[column] > 0)]
    places: dict[tuple[str, str, float], list[Any]] = {}
    for _, row in rows.iterrows():
        place = (row["kind"], f"{row[column]:.3g}", round(row[score], 6))
        places.setdefault(place, []).append(row)
    return [
        _Point(
            _joined([str(row["model"]) for row in of_place]),
            kind,
            float(of_place[0][column]),
            float(of_place[0][score]),
            float(of_place[0][f"{score}_std"]),
        )
        for (kind, _, _), of_place in places.items()
    ]


def _joined(models: list[str]) -> str:
    """Return one label for models that coincide, as backends do in size and score."""
    first, *others = models
    if not others:
        return model_label(first)
    if not all(model in FRAMEWORK_NAMES for model in models):
        return ", ".join(map(model_label, models))
    names = [simulator_label(model) for model in models]
    shown = ", ".join(names) if len(names) <= 3 else f"{names[0]} and {len(others)} more"
    return f"quantum ({shown})"


def _zoomed(scores: pd.Series[float], spreads: pd.Series[float]) -> tuple[float, float]:
    """Return limits in which models that are close to the best can be told apart.

    What lies much lower, as a model that guesses does, stands at the lower edge.
    """
    best, middle = scores.max(), scores.median()
    near = scores[scores >= middle - max(3 * (best - middle), _LEAST_RANGE)]
    widths = spreads[near.index].fillna(0)
    low, high = float((near - widths).min()), float((near + widths).max())
    return min(low, high - _LEAST_RANGE), high


def _widened(limits: tuple[float, float]) -> tuple[float, float]:
    margin = 0.06 * (limits[1] - limits[0])
    return limits[0] - margin, limits[1] + margin


def _label(ax: Axes, points: list[_Point], limits: tuple[float, float]) -> None:
    """Write every model's name beside the axes, at its height where there is room for it."""
    low, high = _widened(limits)
    heights = [(min(max(p.score, limits[0]), limits[1]) - low) / (high - low) for p in points]
    order = sorted(range(len(points)), key=lambda k: (heights[k], points[k].cost))
    spread = _spread([heights[k] for k in order], min(_LABEL_HEIGHT, 1 / max(len(points), 1)))
    for k, height in zip(order, spread, strict=True):
        point = points[k]
        below = "" if point.score >= limits[0] else f" {point.score:.2f} ↓"
        ax.annotate(
            plain(shortened(point.label)) + below.replace("-", "−"),
            (point.cost, min(max(point.score, limits[0]), limits[1])),
            (1.03, height),
            textcoords="axes fraction",
            va="center",
            fontsize=8,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": "gray", "linewidth": 0.6, "alpha": 0.6},
        )


def _spread(heights: list[float], distance: float) -> list[float]:
    """Return ascending heights at least so far apart, moved as little as that takes."""
    groups: list[list[float]] = []  # heights that touch, as (number, sum of the wishes)
    for height in heights:
        groups.append([1, height])
        while len(groups) > 1 and _top(groups[-2], distance) > _bottom(groups[-1], distance):
            count, total = groups.pop()
            groups[-1] = [groups[-1][0] + count, groups[-1][1] + total]
    placed = []
    for group in groups:
        start = max(_bottom(group, distance), 0) + distance / 2
        placed += [start + k * distance for k in range(int(group[0]))]
    over = max(placed[-1] - 1, 0) if placed else 0
    return [height - over for height in placed]


def _bottom(group: list[float], distance: float) -> float:
    return group[1] / group[0] - group[0] * distance / 2


def _top(group: list[float], distance: float) -> float:
    return group[1] / group[0] + group[0] * distance / 2
