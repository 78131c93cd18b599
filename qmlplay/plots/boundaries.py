"""Decision boundaries: how each model divides the plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score

from qmlplay.errors import unknown_name
from qmlplay.plots.style import add_legend, class_colors, figure_of, new_figure

if TYPE_CHECKING:
    from qmlplay.compare.comparison import Comparison

__all__ = ["BoundariesDisplay", "BoundaryPanel"]

Real = NDArray[np.float64]

#: Marker and its area (points²) for each part of the data.
_MARKERS = {"train": ("o", 10), "test": ("^", 20)}


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
        After `plot`; ``figure_.savefig(path)`` writes it.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier, compare
    >>> from qmlplay.plots import BoundariesDisplay
    >>> quick = VariationalClassifier(max_iter=2)
    >>> result = compare("moons", models=["numpy", "dummy"], classifier=quick, seeds=1)
    >>> display = BoundariesDisplay.from_comparison(result, resolution=20).plot()
    >>> [panel.probabilities.shape for panel in display.panels]
    [(20, 20, 2), (20, 20, 2)]
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
        if name not in comparison.splits:
            raise unknown_name("dataset", name, comparison.splits)
        models = {model: fit for (data, model), fit in comparison.fitted.items() if data == name}
        kinds = comparison.runs.drop_duplicates("model").set_index("model")["kind"]
        shown: dict[str, Any] = {}  # settings → name of the first model that has them
        for model, estimator in models.items():
            is_quantum = kinds[model] == "quantum"
            shown.setdefault(_settings(estimator) if is_quantum else model, model)
        estimators = {model: models[model] for model in shown.values()}
        return cls.from_estimators(estimators, comparison.splits[name], resolution=resolution)

    @classmethod
    def from_estimators(
        cls, estimators: dict[str, Any], split: Any, *, resolution: int = 80
    ) -> Self:
        """Evaluate fitted estimators (title → estimator) on a grid around the data.

        Parameters
        ----------
        estimators : dict of str to estimator
            Fitted; one without ``predict_proba`` counts as sure of what it predicts.
        split : Bunch
            X_train, X_test, y_train, y_test, feature_names, dataset.
        resolution : int, default=80
            Points of the grid along each side.

        Raises
        ------
        ValueError
            If the data do not have exactly two features, or no estimator came.
        """
        if split.X_train.shape[1] != 2:
            raise ValueError(
                f"a decision boundary needs data with 2 features, got {split.X_train.shape[1]}: "
                f"reduce them first, for instance with PCA(2) in a pipeline"
            )
        if not estimators:
            raise ValueError(f"{split.dataset}: no fitted model came, there is nothing to draw")
        X = np.concatenate([split.X_train, split.X_test])
        margin = 0.08 * np.ptp(X, axis=0)
        low, high = X.min(axis=0) - margin, X.max(axis=0) + margin
        axes = [np.linspace(low[i], high[i], resolution) for i in range(2)]
        grid = np.stack(np.meshgrid(*axes), axis=-1)  # (n_y, n_x, 2)
        classes = np.unique(split.y_train)
        panels = []
        for title, estimator in estimators.items():
            p = _probabilities(estimator, grid.reshape(-1, 2), classes)
            accuracy = accuracy_score(split.y_test, estimator.predict(split.X_test))
            heading = f"{title}\ntest accuracy {accuracy:.3f}"
            panels.append(BoundaryPanel(heading, p.reshape(*grid.shape[:2], -1)))
        return cls(panels, (low[0], high[0], low[1], high[1]), split)

    def plot(self, ax: Axes | Sequence[Axes] | None = None) -> Self:
        """Draw the panels.

        Parameters
        ----------
        ax : Axes or sequence of Axes, optional
            Where to draw, one for each panel; a figure of its own by default.

        Raises
        ------
        ValueError
            If there are fewer axes than panels.
        """
        axes = self._new_axes() if ax is None else [ax] if isinstance(ax, Axes) else list(ax)
        if len(axes) < len(self.panels):
            raise ValueError(f"{len(self.panels)} panels need as many axes, got {len(axes)}")
        self.figure_ = figure_of(axes[0])
        for panel, axis in zip(self.panels, axes, strict=False):
            self._draw(panel, axis)
        handles = self._handles()
        if ax is None:
            add_legend(self.figure_, handles)
        else:
            axes[0].legend(handles=handles, fontsize=7)
        return self

    def _new_axes(self) -> list[Axes]:
        """Return axes in a new figure, at most five side by side, in rows of about one length."""
        n_rows = -(-len(self.panels) // 5)
        n_columns = -(-len(self.panels) // n_rows)
        figure = new_figure(max(2.6 * n_columns, 5) + 0.4, 2.7 * n_rows + 1)
        axes = list(figure.subplots(n_rows, n_columns, squeeze=False).ravel())
        for spare in axes[len(self.panels) :]:
            spare.set_axis_off()
        title = f"{self.split.dataset}: decision boundaries (first seed)"
        figure.suptitle(title, parse_math=False)
        return axes

    def _handles(self) -> list[Line2D]:
        """Return the legend: a colour per class, a marker for each part of the data."""
        classes = np.unique(self.split.y_train)
        edge: dict[str, Any] = {"markeredgecolor": "black", "markeredgewidth": 0.4}
        style = edge | {"linestyle": ""}
        colored = [
            Line2D([], [], marker="s", color=color, label=_class_label(label), **style)
            for label, color in zip(classes, class_colors(len(classes)), strict=True)
        ]
        return colored + [
            Line2D([], [], marker=marker, color="white", label=f"{part} samples", **style)
            for part, (marker, _) in _MARKERS.items()
        ]

    def _draw(self, panel: BoundaryPanel, ax: Axes) -> None:
        p = panel.probabilities
        colors = class_colors(p.shape[-1])
        shape: dict[str, Any] = {"origin": "lower", "extent": self.extent}
        ax.imshow(_shading(p, colors), aspect="auto", interpolation="bilinear", **shape)
        if p.shape[-1] == 2 and p[..., 1].min() < 0.5 < p[..., 1].max():
            ax.contour(p[..., 1], levels=[0.5], colors="black", linewidths=1, **shape)
        classes = np.unique(self.split.y_train)
        for part, (marker, size) in _MARKERS.items():
            X, y = self.split[f"X_{part}"], self.split[f"y_{part}"]
            ax.scatter(
                X[:, 0],
                X[:, 1],
                c=colors[np.searchsorted(classes, y)],
                s=size,
                marker=marker,
                edgecolors="black",
                linewidths=0.4,
            )
        ax.set_title(panel.title, fontsize=9, parse_math=False)
        ax.set_xlabel(self.split.feature_names[0], fontsize=8, parse_math=False)
        ax.set_ylabel(self.split.feature_names[1], fontsize=8, parse_math=False)
        ax.tick_params(labelsize=7)


def _settings(estimator: Any) -> str:
    """Return what tells a quantum model from others: everything but the backend."""
    return repr({k: v for k, v in estimator.get_params().items() if k != "backend"})


def _class_label(label: object) -> str:
    return "class " + str(label).replace("$", r"\$")  # a dollar is no formula here


def _probabilities(estimator: Any, X: Real, classes: NDArray[Any]) -> Real:
    """Return class probabilities (n_samples, n_classes), 0 and 1 where there are no others."""
    if hasattr(estimator, "predict_proba"):
        return np.asarray(estimator.predict_proba(X))
    return np.asarray(estimator.predict(X)[:, None] == classes, dtype=float)


def _shading(probabilities: Real, colors: Real) -> Real:
    """Return the predicted class's colour, paler the less sure the model is: (n_y, n_x, 3)."""
    n_classes = probabilities.shape[-1]
    sure = (probabilities.max(axis=-1) * n_classes - 1) / (n_classes - 1)
    strength = 0.75 * sure[..., None]
    return np.asarray(1 - strength * (1 - colors[probabilities.argmax(axis=-1)]))
