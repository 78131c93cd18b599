"""The history of a search: inner scores over the time that each side had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from matplotlib.axes import Axes
from optuna.trial import TrialState

from qmlplay.palette import KIND_COLORS
from qmlplay.plots.display import Display
from qmlplay.plots.style import KIND_LABELS, KIND_MARKERS, add_legend, figure_of, single_axes
from qmlplay.search.time_budget import spent_seconds

if TYPE_CHECKING:
    from qmlplay.search.search_result import SearchResult

__all__ = ["SearchHistoryDisplay"]

#: A trial's place in the picture: seconds that its side had had by then, and its inner score.
Points = Sequence[tuple[float, float]]


@dataclass(eq=False, repr=False)
class SearchHistoryDisplay(Display):
    """Trials of both sides as points, the best so far as lines, over each side's own seconds.

    Parameters
    ----------
    points : dict of str to sequence of (seconds, score)
        Side → its completed trials in their order.
    title : str
    score_name : str

    Examples
    --------
    >>> display = SearchHistoryDisplay({"quantum": [(1.0, 0.7), (2.0, 0.9)], "classical": []})
    >>> display.plot().axes_.get_xlabel()
    'seconds that each side had'
    """

    points: Mapping[str, Points]
    title: str = "search"
    score_name: str = "accuracy"
    axes_: Axes = field(init=False, repr=False)

    @classmethod
    def from_search(cls, result: SearchResult) -> Self:
        """Take the trials of a search on its first outer split."""
        points = {side: _points(study) for side, study in result.studies_[0].items()}
        return cls(points, f"{result.dataset_}: search", f"inner {result.metric_}")

    def plot(self, ax: Any = None) -> Self:
        """Draw on the given axes or in a new figure."""
        axes = single_axes(ax, 6.5, 3.6)
        self.axes_, self.figure_ = axes, figure_of(axes)
        for side, points in self.points.items():
            if not points:
                continue
            seconds, scores = np.transpose(points)
            style: dict[str, Any] = {"color": KIND_COLORS[side], "label": KIND_LABELS[side]}
            axes.plot(seconds, scores, KIND_MARKERS[side], markersize=3, alpha=0.4, **style)
            best = np.maximum.accumulate(scores)
            axes.step(seconds, best, where="post", color=KIND_COLORS[side], linewidth=1.8)
        axes.set_ylim(*_limits([s for points in self.points.values() for _, s in points]))
        axes.set_xlabel("seconds that each side had")
        axes.set_ylabel(self.score_name)
        axes.set_title(self.title, parse_math=False)
        handles = axes.get_legend_handles_labels()[0]
        if handles and ax is None:
            add_legend(self.figure_, handles)
        elif handles:
            axes.legend(handles=handles, fontsize=8)
        return self


def _points(study: Any) -> list[tuple[float, float]]:
    points, seconds = [], 0.0
    for trial in study.get_trials(deepcopy=False):
        seconds += spent_seconds([trial])
        if trial.state == TrialState.COMPLETE:
            points.append((seconds, float(trial.value)))
    return points


def _limits(scores: Sequence[float]) -> tuple[float, float]:
    """Return limits that show the better half well: a failure would squeeze all others."""
    if not scores:
        return 0.0, 1.0
    low, high = float(np.quantile(scores, 0.1)), max(scores)
    margin = max(0.1 * (high - low), 0.01)
    return low - margin, high + margin
