"""The fit of a regression: what was predicted against what was observed, and the curve."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_is_fitted

from qmlplay.palette import KIND_COLORS
from qmlplay.plots.display import Display
from qmlplay.plots.feature_plane import named_rows
from qmlplay.plots.style import axes_of, figure_of, new_figure
from qmlplay.typing import Real

__all__ = ["RegressionDisplay"]

_CURVE_POINTS = 300


@dataclass(eq=False, repr=False)
class RegressionDisplay(Display):
    """Predicted against observed numbers; for one feature also the curve over the data.

    Parameters
    ----------
    observed, predicted : ndarray of shape (n_samples,)
    x : ndarray of shape (n_samples,) or None
        The feature, where there is one.
    curve : tuple of two ndarray of shape (n_points,) or None
        Values of the feature, in order, and what is predicted there.
    title : str

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        After `plot`; ``figure_.savefig(path)`` writes it.
    axes_ : list of matplotlib.axes.Axes
        After `plot`: predicted against observed, then the curve.

    Examples
    --------
    >>> from qmlplay import VariationalRegressor, load_dataset
    >>> from qmlplay.plots import RegressionDisplay
    >>> data = load_dataset("sine", n_samples=50, random_state=0)
    >>> model = VariationalRegressor(max_iter=40, random_state=0).fit(data.X, data.y)
    >>> display = RegressionDisplay.from_estimator(model, data.X, data.y)
    >>> display.r2 > 0.9, len(display.plot().axes_)
    (True, 2)
    """

    observed: Real
    predicted: Real
    x: Real | None = None
    curve: tuple[Real, Real] | None = None
    title: str = "predicted and observed"
    axes_: list[Axes] = field(init=False, repr=False)

    @classmethod
    def from_estimator(cls, estimator: Any, X: ArrayLike, y: ArrayLike) -> Self:
        """Compare a fitted regressor's predictions of X with y.

        Parameters
        ----------
        estimator : estimator
            Any regressor of scikit-learn's kind.
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        ValueError
            If there are several targets.
        """
        check_is_fitted(estimator)
        observed, predicted = np.asarray(y, dtype=float), np.asarray(estimator.predict(X))
        if observed.ndim > 1 and observed.shape[1] > 1:
            raise ValueError(
                f"this picture has room for one target, got y of shape {observed.shape}: draw "
                f"each by itself, with from_predictions(y[:, 0], model.predict(X)[:, 0])"
            )
        display = cls.from_predictions(observed.ravel(), predicted.ravel())
        values = np.asarray(X)
        if values.ndim == 2 and values.shape[1] == 1 and values.dtype.kind in "biuf":
            display.x = values[:, 0].astype(float)
            points = np.linspace(display.x.min(), display.x.max(), _CURVE_POINTS)
            fitted = estimator.predict(named_rows(estimator, points[:, None]))
            display.curve = points, np.asarray(fitted).ravel()
        return display

    @classmethod
    def from_predictions(cls, y_true: ArrayLike, y_pred: ArrayLike) -> Self:
        """Compare predicted numbers (n_samples,) with observed ones (n_samples,).

        Raises
        ------
        ValueError
            If they are not two rows of one length.
        """
        observed, predicted = np.asarray(y_true, dtype=float), np.asarray(y_pred, dtype=float)
        if observed.ndim != 1 or observed.shape != predicted.shape:
            raise ValueError(
                f"y_true and y_pred must be rows of one length, got shapes {observed.shape} and "
                f"{predicted.shape}"
            )
        return cls(observed, predicted)

    @property
    def r2(self) -> float:
        """The coefficient of determination R²."""
        return float(r2_score(self.observed, self.predicted))

    def plot(self, ax: Any = None) -> Self:
        """Draw on given axes, one or for a single feature two, or in a new figure."""
        n_axes = 1 if self.curve is None else 2
        given = [ax] if isinstance(ax, Axes) and n_axes == 1 else ax
        axes = axes_of(given, n_axes, "for predictions and, with one feature, for the curve")
        if axes is None:
            figure = new_figure(4.2 * n_axes, 3.8)
            axes = list(np.atleast_1d(figure.subplots(1, n_axes)))
            figure.suptitle(self.title)
        self.axes_, self.figure_ = axes, figure_of(axes[0])
        self._draw_predictions(axes[0])
        if self.curve is not None:
            self._draw_curve(axes[1])
        return self

    def _draw_predictions(self, ax: Axes) -> None:
        both = np.concatenate([self.observed, self.predicted])
        ends = [both.min(), both.max()]
        ax.plot(ends, ends, "--", color="gray", linewidth=1, label="as observed")
        ax.scatter(self.observed, self.predicted, s=14, color=KIND_COLORS["quantum"], alpha=0.7)
        ax.set_xlabel("observed")
        ax.set_ylabel("predicted")
        ax.set_title(f"R² {self.r2:.3f}", fontsize=10)
        ax.legend(fontsize=8)

    def _draw_curve(self, ax: Axes) -> None:
        assert self.curve is not None
        assert self.x is not None
        ax.scatter(self.x, self.observed, s=14, color="gray", alpha=0.6, label="observed")
        ax.plot(*self.curve, color=KIND_COLORS["quantum"], label="predicted")
        ax.set_xlabel("feature")
        ax.set_ylabel("target")
        ax.set_title("the curve over the data", fontsize=10)
        ax.legend(fontsize=8)
