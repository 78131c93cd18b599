"""Decision boundaries: how each model divides the plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from sklearn.base import clone
from sklearn.metrics import accuracy_score
from sklearn.utils import Bunch

from qmlplay.framework_names import model_label
from qmlplay.model.class_labels import check_one_column
from qmlplay.plots.display import Display, dataset_name
from qmlplay.plots.feature_plane import (
    BoundaryPanel,
    FeatureGrid,
    check_two_features,
    draw_regions,
    draw_samples,
    legend_handles,
    named_rows,
)
from qmlplay.plots.style import add_legend, figure_of, new_figure
from qmlplay.tables.transformers import check_numeric_columns

if TYPE_CHECKING:
    from qmlplay.compare.comparison import Comparison

__all__ = ["BoundariesDisplay", "BoundaryPanel"]


@dataclass(eq=False, repr=False)
class BoundariesDisplay(Display):
    """Decision boundaries of several models on the same data, a panel each.

    Colours show the predicted class and fade where the model is unsure; a black line is where
    two classes are equally probable. Circles are training points, triangles test points.

    Parameters
    ----------
    panels : sequence of BoundaryPanel
    extent : tuple of float
        (x_low, x_high, y_low, y_high) of the plane.
    split : Bunch
        X_train, X_test, y_train, y_test, feature_names, dataset.
    note : str, default=""
        Stands behind the title.

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        After `plot`; ``figure_.savefig(path)`` writes it.
    axes_ : list of matplotlib.axes.Axes
        One per panel, after `plot`.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier, load_dataset
    >>> from qmlplay.plots import BoundariesDisplay
    >>> data = load_dataset("moons", n_samples=60, random_state=0)
    >>> X, y = data.X, data.y
    >>> model = VariationalClassifier(max_iter=2).fit(X[:40], y[:40])
    >>> display = BoundariesDisplay.from_estimator(
    ...     model, X[:40], y[:40], X[40:], y[40:], resolution=20)
    >>> display.panels[0].probabilities.shape
    (20, 20, 2)
    >>> display.plot().axes_[0].get_title().splitlines()[0]
    'VariationalClassifier'
    """

    panels: Sequence[BoundaryPanel]
    extent: tuple[float, float, float, float]
    split: Any
    note: str = ""
    axes_: list[Axes] = field(init=False, repr=False)

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
        name = dataset_name(comparison, dataset)
        models = {model: fit for (data, model), fit in comparison.fitted.items() if data == name}
        kinds = comparison.runs.drop_duplicates("model").set_index("model")["kind"]
        shown: dict[str, Any] = {}  # settings → name of the first model that has them
        for model, estimator in models.items():
            is_quantum = kinds[model] == "quantum"
            shown.setdefault(_settings(estimator) if is_quantum else model, model)
        estimators = {model_label(model): models[model] for model in shown.values()}
        display = cls.from_estimators(estimators, comparison.splits[name], resolution=resolution)
        display.note = " (first split)"
        return display

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X_train: ArrayLike,
        y_train: ArrayLike,
        X_test: ArrayLike | None = None,
        y_test: ArrayLike | None = None,
        *,
        title: str | None = None,
        dataset: str = "data",
        class_names: Sequence[str] | None = None,
        resolution: int = 80,
    ) -> Self:
        """Evaluate one fitted estimator on a grid around the data.

        Parameters
        ----------
        estimator : estimator
            Fitted.
        X_train : array-like of shape (n_samples, 2)
            A DataFrame's column names become the labels of the axes.
        y_train : array-like of shape (n_samples,)
        X_test, y_test : array-like, optional
            Drawn as triangles; the accuracy on them stands in the title.
        title : str, optional
            Of the panel; the estimator's class by default.
        dataset : str, default="data"
            Name of the data, for the title of the picture.
        class_names : sequence of str, optional
            What the classes are called, in the order of their labels; ``target_names`` of a
            dataset.
        resolution : int, default=80
            Points of the grid along each side.

        Raises
        ------
        ValueError
            If the data do not have exactly two features, or there are not as many names as
            classes.
        """
        check_one_column(y_train)
        check_one_column(y_train if y_test is None else y_test)
        for features in (X_train, X_test):
            check_numeric_columns(features)
        X = np.asarray(X_train, dtype=float)
        names = list(X_train.columns) if isinstance(X_train, pd.DataFrame) else None
        split = Bunch(
            X_train=X,
            y_train=np.asarray(y_train),
            X_test=X[:0] if X_test is None else np.asarray(X_test, dtype=float),
            y_test=np.asarray([] if y_test is None else y_test, dtype=np.asarray(y_train).dtype),
            feature_names=names or ["feature 0", "feature 1"],
            dataset=dataset,
            class_names=_named(np.unique(np.asarray(y_train)), class_names),
        )
        models = {title or type(estimator).__name__: estimator}
        return cls.from_estimators(models, split, resolution=resolution)

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
            X_train, X_test, y_train, y_test, feature_names, dataset. X_test may be empty.
        resolution : int, default=80
            Points of the grid along each side.

        Raises
        ------
        ValueError
            If the data do not have exactly two features of numbers without gaps, or no estimator
            came.
        """
        check_two_features(split.X_train.shape[1])
        if isinstance(split.X_train, pd.DataFrame):
            raise ValueError(
                f"{split.dataset} has text, dates or gaps: a picture of decision boundaries needs "
                "two features that are numbers without gaps"
            )
        if not estimators:
            raise ValueError(f"{split.dataset}: no fitted model came, there is nothing to draw")
        plane = FeatureGrid.around(np.concatenate([split.X_train, split.X_test]), resolution)
        classes = np.unique(split.y_train)
        part = "test" if len(split.X_test) else "train"
        panels = []
        for title, estimator in estimators.items():
            p = plane.probabilities(estimator, classes)
            predicted = estimator.predict(named_rows(estimator, split[f"X_{part}"]))
            accuracy = accuracy_score(split[f"y_{part}"], predicted)
            panels.append(BoundaryPanel(f"{title}\n{part} accuracy {accuracy:.3f}", p))
        return cls(panels, plane.extent, split)

    def plot(self, ax: Axes | Sequence[Axes] | None = None) -> Self:
        """Draw the panels.

        Parameters
        ----------
        ax : Axes or sequence of Axes, optional
            Where to draw, one for each panel; a new figure by default.

        Raises
        ------
        ValueError
            If there are fewer axes than panels.
        """
        axes = self._new_axes() if ax is None else [ax] if isinstance(ax, Axes) else list(ax)
        if len(axes) < len(self.panels):
            raise ValueError(f"{len(self.panels)} panels need as many axes, got {len(axes)}")
        for panel, panel_axes in zip(self.panels, axes, strict=False):
            self._draw(panel, panel_axes)
        self.axes_ = axes[: len(self.panels)]
        self.figure_ = figure_of(axes[0])
        handles = legend_handles(
            np.unique(self.split.y_train), self._parts(), self.split.get("class_names")
        )
        if ax is None:
            add_legend(self.figure_, handles)
        else:
            axes[0].legend(handles=handles, fontsize=7)
        return self

    def _parts(self) -> list[str]:
        return [part for part in ("train", "test") if len(self.split[f"X_{part}"])]

    def _new_axes(self) -> list[Axes]:
        """Return axes in a new figure, at most five side by side, in rows of about one length."""
        n_rows = -(-len(self.panels) // 5)
        n_columns = -(-len(self.panels) // n_rows)
        alone = len(self.panels) == 1
        size = (6.6, 4.8) if alone else (max(2.6 * n_columns, 5) + 0.4, 2.7 * n_rows + 1)
        figure = new_figure(*size)
        axes = list(figure.subplots(n_rows, n_columns, squeeze=False).ravel())
        for spare in axes[len(self.panels) :]:
            spare.set_axis_off()
        title = f"{self.split.dataset}: decision boundaries{self.note}"
        figure.suptitle(title, parse_math=False)
        return axes

    def _draw(self, panel: BoundaryPanel, ax: Axes) -> None:
        draw_regions(ax, panel.probabilities, self.extent)
        classes = np.unique(self.split.y_train)
        for part in self._parts():
            draw_samples(ax, self.split[f"X_{part}"], self.split[f"y_{part}"], classes, part)
        ax.set_title(panel.title, fontsize=9, parse_math=False)
        ax.set_xlabel(self.split.feature_names[0], fontsize=8, parse_math=False)
        ax.set_ylabel(self.split.feature_names[1], fontsize=8, parse_math=False)
        ax.tick_params(labelsize=7)


def _named(classes: Any, names: Sequence[str] | None) -> dict[Any, str]:
    """Return label → name, empty without names."""
    if names is None:
        return {}
    if len(names) != len(classes):
        raise ValueError(f"class_names must be {len(classes)} names, got {list(names)}")
    return dict(zip(classes.tolist(), map(str, names), strict=True))


def _settings(estimator: Any) -> str:
    """Return what distinguishes a quantum model from others: everything but the backend."""
    backends = [name for name in estimator.get_params() if name.split("__")[-1] == "backend"]
    return repr(clone(estimator).set_params(**dict.fromkeys(backends, "numpy")).get_params())
