"""Decision boundaries: how each model divides the plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from qmlplay.plots.style import class_colors, new_figure

if TYPE_CHECKING:
    from qmlplay.comparison import Comparison

__all__ = ["BoundariesDisplay", "BoundaryPanel"]

Real = NDArray[np.float64]


@dataclass(frozen=True)
class BoundaryPanel:
    """One model's probabilities on a grid.

    Parameters
    ----------
    title : str
    probabilities : ndarray of shape (n_y, n_x, n_classes)
    """

    title: str
    probabilities: Real


@dataclass
class BoundariesDisplay:
    """Decision boundaries of several models on the same data, a panel each.

    Colours show the predicted class and fade where the model is unsure; circles are training
    points, triangles test points.

    Parameters
    ----------
    panels : sequence of BoundaryPanel
    extent : tuple of float
        (x_low, x_high, y_low, y_high) of the plane.
    split : Bunch
        X_train, X_test, y_train, y_test, feature_names, dataset.

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        After `plot`.
    """

    panels: Sequence[BoundaryPanel]
    extent: tuple[float, float, float, float]
    split: Any
    figure_: Figure = field(init=False, repr=False)

    @classmethod
    def from_comparison(
        cls, comparison: Comparison, dataset: str | None = None, *, resolution: int = 80
    ) -> Self:
        """Evaluate every fitted model of a comparison on a grid.

        The backends hold the same model, so only the first one is drawn.

        Raises
        ------
        ValueError
            If the data do not have exactly two features.
        """
        name = next(iter(comparison.splits)) if dataset is None else dataset
        kinds = comparison.runs.drop_duplicates("model").set_index("model")["kind"]
        models: dict[str, Any] = {}
        for (data_name, model), estimator in comparison.fitted.items():
            repeated = kinds[model] == "quantum" and "quantum" in set(kinds[list(models)])
            if data_name == name and not repeated:
                models[model] = estimator
        return cls.from_estimators(models, comparison.splits[name], resolution=resolution)

    @classmethod
    def from_estimators(
        cls, estimators: dict[str, Any], split: Any, *, resolution: int = 80
    ) -> Self:
        """Evaluate fitted estimators (title → estimator) on a grid around the data."""
        if split.X_train.shape[1] != 2:
            raise ValueError(
                f"a decision boundary needs data with 2 features, got {split.X_train.shape[1]}: "
                f"reduce them first, for instance with PCA(2) in a pipeline"
            )
        X = np.concatenate([split.X_train, split.X_test])
        margin = 0.08 * np.ptp(X, axis=0)
        low, high = X.min(axis=0) - margin, X.max(axis=0) + margin
        axes = [np.linspace(low[i], high[i], resolution) for i in range(2)]
        grid = np.stack(np.meshgrid(*axes), axis=-1)  # (n_y, n_x, 2)
        panels = []
        for title, estimator in estimators.items():
            p = estimator.predict_proba(grid.reshape(-1, 2))
            accuracy = estimator.score(split.X_test, split.y_test)
            panels.append(
                BoundaryPanel(f"{title}\ntest {accuracy:.3f}", p.reshape(*grid.shape[:2], -1))
            )
        return cls(panels, (low[0], high[0], low[1], high[1]), split)

    def plot(self, axes: Sequence[Axes] | None = None) -> Self:
        """Draw the panels, on axes of your own if given."""
        if axes is None:
            n_columns = min(len(self.panels), 5)
            n_rows = -(-len(self.panels) // n_columns)
            self.figure_ = new_figure(2.6 * n_columns + 0.4, 2.7 * n_rows + 0.6)
            grid = self.figure_.subplots(n_rows, n_columns, squeeze=False)
            axes = list(grid.ravel())
            for spare in axes[len(self.panels) :]:
                spare.set_axis_off()
            self.figure_.suptitle(f"Decision boundaries on {self.split.dataset} (first seed)")
        else:
            self.figure_ = axes[0].get_figure()  # type: ignore[assignment]
        for place, (panel, ax) in enumerate(zip(self.panels, axes, strict=False)):
            self._draw(panel, ax, with_legend=place == 0)
        return self

    def _draw(self, panel: BoundaryPanel, ax: Axes, *, with_legend: bool) -> None:
        colors = class_colors(panel.probabilities.shape[-1])
        image = _shading(panel.probabilities, colors)
        ax.imshow(
            image, origin="lower", extent=self.extent, aspect="auto", interpolation="bilinear"
        )
        if panel.probabilities.shape[-1] == 2:
            ax.contour(
                panel.probabilities[..., 1],
                levels=[0.5],
                extent=self.extent,
                colors="black",
                linewidths=1,
            )
        classes = np.unique(self.split.y_train)
        for part, marker, size in (("train", "o", 10), ("test", "^", 20)):
            X, y = self.split[f"X_{part}"], self.split[f"y_{part}"]
            ax.scatter(
                X[:, 0],
                X[:, 1],
                c=colors[np.searchsorted(classes, y)],
                s=size,
                marker=marker,
                edgecolors="black",
                linewidths=0.4,
                label=part,
            )
        ax.set_title(panel.title, fontsize=9)
        ax.set_xlabel(self.split.feature_names[0], fontsize=8)
        ax.set_ylabel(self.split.feature_names[1], fontsize=8)
        ax.tick_params(labelsize=7)
        if with_legend:
            ax.legend(fontsize=7, loc="upper right")


def _shading(probabilities: Real, colors: Real) -> Real:
    """Return the predicted class's colour, paler the less sure the model is: (n_y, n_x, 3)."""
    n_classes = probabilities.shape[-1]
    sure = (probabilities.max(axis=-1) * n_classes - 1) / (n_classes - 1)
    strength = 0.75 * sure[..., None]
    return np.asarray(1 - strength * (1 - colors[probabilities.argmax(axis=-1)]))
