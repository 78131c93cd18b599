"""The fits of several regressors side by side: what they predict, and what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from matplotlib.axes import Axes
from sklearn.metrics import r2_score

from qmlplay.framework_names import model_label
from qmlplay.palette import KIND_COLORS
from qmlplay.plots.display import Display, dataset_name
from qmlplay.plots.feature_plane import named_rows
from qmlplay.plots.style import KIND_MARKERS, figure_of, new_figure, plain
from qmlplay.typing import Real

if TYPE_CHECKING:
    from qmlplay.compare.comparison import Comparison

__all__ = ["FitDisplay", "FitPanel"]

_CURVE_POINTS = 300
_LINE: dict[str, Any] = {"linestyle": "--", "color": "gray", "linewidth": 1}


@dataclass(frozen=True, eq=False)
class FitPanel:
    """What one model predicts.

    Parameters
    ----------
    model, kind : str
    predicted : ndarray of shape (n_test,)
    curve : ndarray of shape (n_points,) or None
        What it predicts along the feature, where there is a single one.
    """

    model: str
    kind: str
    predicted: Real
    curve: Real | None = None


@dataclass(eq=False, repr=False)
class FitDisplay(Display):
    """Predicted against observed numbers and residuals of several models, a column each.

    With a single feature a third row has the curves over the data.

    Parameters
    ----------
    panels : sequence of FitPanel
    observed : ndarray of shape (n_test,)
    target : str
        What is predicted.
    dataset : str
    feature : tuple of (str, ndarray, ndarray) or None
        A single feature's name, its values in the test part, and those of the curve.

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        After `plot`; ``figure_.savefig(path)`` writes it.
    axes_ : ndarray of matplotlib.axes.Axes, shape (n_rows, n_models)
        After `plot`.

    Examples
    --------
    >>> from qmlplay import compare
    >>> from qmlplay.plots import FitDisplay
    >>> result = compare("sine", models=["ridge", "svr_rbf", "dummy"], seeds=1)
    >>> display = FitDisplay.from_comparison(result).plot()
    >>> [panel.model for panel in display.panels], display.axes_.shape
    (['svr_rbf', 'ridge'], (3, 2))
    """

    panels: Sequence[FitPanel]
    observed: Real
    target: str
    dataset: str
    feature: tuple[str, Real, Real] | None = None
    axes_: Any = field(init=False, repr=False)

    @classmethod
    def from_comparison(cls, comparison: Comparison, dataset: str | None = None) -> Self:
        """Take the first split of a dataset, the first one's by default.

        Drawn are the best quantum, the best hybrid and the best classical model, or the two best
        ones where all are of one kind.

        Raises
        ------
        ValueError
            If there is no such dataset, or every model failed on its first split.
        """
        name = dataset_name(comparison, dataset)
        split = comparison.splits[name]
        runs = {
            model: run
            for (of_dataset, model, seed), run in comparison.predictions.items()
            if (of_dataset, seed) == (name, split.seed)
        }
        table = comparison.table[comparison.table["dataset"] == name].set_index("model")
        models = _chosen({m: str(table.loc[m, "kind"]) for m in runs}, table["test_r2"])
        if not models:
            raise ValueError(f"{name}: no model was done with its first split, nothing to draw")
        X = np.asarray(split.X_test)
        feature = None
        if X.shape[1] == 1 and X.dtype.kind in "biuf":
            both = np.concatenate([np.asarray(split.X_train), X])[:, 0].astype(float)
            points = np.linspace(both.min(), both.max(), _CURVE_POINTS)
            feature = (str(split.feature_names[0]), X[:, 0].astype(float), points)
        panels = [
            FitPanel(
                model,
                kind,
                np.asarray(runs[model].predicted, dtype=float),
                None if feature is None else _curve(comparison.fitted.get((name, model)), feature),
            )
            for model, kind in models.items()
        ]
        return cls(panels, np.asarray(split.y_test, float), split.target_name, name, feature)

    def plot(self, ax: Any = None) -> Self:
        """Draw a column per model in a new figure, or on `ax`, (n_rows, n_models) axes.

        Raises
        ------
        ValueError
            If `ax` has another shape.
        """
        rows = [self._draw_fit, self._draw_residuals]
        if self.feature is not None and any(panel.curve is not None for panel in self.panels):
            rows.append(self._draw_curve)
        shape = (len(rows), len(self.panels))
        if ax is None:
            figure = new_figure(0.4 + 3.9 * shape[1], 0.5 + 3.0 * shape[0])
            ax = figure.subplots(*shape, squeeze=False, sharex="row", sharey="row")
            title = f"{self.dataset}: predicted and observed {self.target} (test part, first split)"
            figure.suptitle(plain(title))
        axes = np.asarray(ax, dtype=object)
        if axes.shape != shape:
            raise ValueError(f"ax must be {shape} axes, a column per model; got {axes.shape}")
        self.axes_, self.figure_ = axes, figure_of(axes[0, 0])
        for draw, row in zip(rows, axes, strict=True):
            for panel, one in zip(self.panels, row, strict=True):
                draw(one, panel)
                one.grid(alpha=0.3)
                one.set_axisbelow(True)
        return self

    def _draw_fit(self, ax: Axes, panel: FitPanel) -> None:
        every = np.concatenate([self.observed, *(one.predicted for one in self.panels)])
        ends = [every.min(), every.max()]
        ax.plot(ends, ends, label="as observed", **_LINE)
        _points(ax, self.observed, panel)
        r2 = r2_score(self.observed, panel.predicted)
        ax.set_title(f"{model_label(panel.model)}: R² {r2:.3f}", fontsize=10, parse_math=False)
        ax.set_xlabel(f"observed {self.target}", parse_math=False)
        ax.set_ylabel(f"predicted {self.target}", parse_math=False)

    def _draw_residuals(self, ax: Axes, panel: FitPanel) -> None:
        residuals = self.observed - panel.predicted
        ax.axhline(0, **_LINE)
        ax.scatter(panel.predicted, residuals, **_style(panel))
        spread = np.sqrt(np.mean(residuals**2))
        ax.set_title(f"residuals, RMSE {spread:.4g}", fontsize=10)
        ax.set_xlabel(f"predicted {self.target}", parse_math=False)
        ax.set_ylabel("observed − predicted")

    def _draw_curve(self, ax: Axes, panel: FitPanel) -> None:
        assert self.feature is not None
        name, x, points = self.feature
        ax.scatter(x, self.observed, s=14, color="gray", alpha=0.6, label="observed")
        if panel.curve is not None:
            ax.plot(points, panel.curve, color=KIND_COLORS[panel.kind], label="predicted")
        ax.set_xlabel(name, parse_math=False)
        ax.set_ylabel(self.target, parse_math=False)
        ax.legend(fontsize=8)


def _chosen(kinds: dict[str, str], scores: Any) -> dict[str, str]:
    """Return model → kind: the best one of each kind, or the two best of a single one."""
    ranked = sorted((m for m in kinds if m != "dummy"), key=lambda m: -float(scores[m]))
    best = {kind: next((m for m in ranked if kinds[m] == kind), None) for kind in KIND_COLORS}
    shown = [best[kind] for kind in ("quantum", "hybrid", "classical")]
    models = [model for model in shown if model is not None]
    if len(models) < 2:
        models = ranked[:2] or list(kinds)[:1]
    return {model: kinds[model] for model in models}


def _curve(estimator: Any, feature: tuple[str, Real, Real]) -> Real | None:
    if estimator is None:
        return None
    predicted = estimator.predict(named_rows(estimator, feature[2][:, None]))
    return np.asarray(predicted, dtype=float).ravel()


def _points(ax: Axes, observed: Real, panel: FitPanel) -> None:
    ax.scatter(observed, panel.predicted, **_style(panel))


def _style(panel: FitPanel) -> dict[str, Any]:
    marker, color = KIND_MARKERS[panel.kind], KIND_COLORS[panel.kind]
    return {"s": 16, "marker": marker, "color": color, "alpha": 0.6}
