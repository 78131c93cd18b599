"""Confusion matrices, drawn by scikit-learn in the style of all pictures here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix
from sklearn.utils.validation import check_is_fitted

from qmlplay.model.class_labels import check_one_column
from qmlplay.plots.display import Display
from qmlplay.plots.style import figure_of, plain, single_axes

__all__ = ["ConfusionDisplay"]

_COUNTED = {None: "samples", "true": "share of the true class", "pred": "share of the predicted",
            "all": "share of all samples"}  # fmt: skip


@dataclass(eq=False, repr=False)
class ConfusionDisplay(Display):
    """How often samples of each class are predicted to be of each other one.

    Parameters
    ----------
    matrix : ndarray of shape (n_classes, n_classes)
        Rows are true classes, columns predicted ones.
    labels : sequence
        The classes.
    normalize : {"true", "pred", "all"} or None
        What the entries are shares of; None for counts.
    title : str

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        After `plot`; ``figure_.savefig(path)`` writes it.
    ax_ : matplotlib.axes.Axes
        After `plot`.

    Examples
    --------
    >>> from qmlplay.plots import ConfusionDisplay
    >>> display = ConfusionDisplay.from_predictions(["a", "a", "b"], ["a", "b", "b"])
    >>> display.matrix
    array([[1, 1],
           [0, 1]])
    >>> display.plot().ax_.get_xlabel()
    'predicted class'
    """

    matrix: NDArray[Any]
    labels: NDArray[Any]
    normalize: str | None = None
    title: str = "confusion matrix"
    ax_: Axes = field(init=False, repr=False)

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: ArrayLike, y: ArrayLike, *, normalize: str | None = None
    ) -> Self:
        """Compare a fitted estimator's predictions of X with y.

        Parameters
        ----------
        estimator : estimator
        X, y : array-like of shape (n_samples, n_features) and (n_samples,)
        normalize : {"true", "pred", "all"} or None, default=None
            What the entries are shares of; None counts samples.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        """
        check_is_fitted(estimator)
        return cls.from_predictions(y, estimator.predict(X), normalize=normalize)

    @classmethod
    def from_predictions(
        cls, y_true: ArrayLike, y_pred: ArrayLike, *, normalize: str | None = None
    ) -> Self:
        """Compare predicted labels with true ones.

        Raises
        ------
        ValueError
            If the lengths differ, or `normalize` is unknown.
        """
        check_one_column(y_true)
        check_one_column(y_pred)
        true, predicted = np.ravel(np.asarray(y_true)), np.ravel(np.asarray(y_pred))
        labels = np.unique(np.concatenate([true, predicted]))
        matrix = confusion_matrix(true, predicted, labels=labels, normalize=normalize)
        title = f"confusion matrix (accuracy {np.mean(true == predicted):.3f})"
        return cls(matrix, labels, normalize, title)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw the matrix, on `ax` or in a new figure."""
        size = 1.9 + 0.55 * len(self.labels)
        axes = single_axes(ax, size + 1, size, layout="compressed")
        names = [plain(label) for label in self.labels]
        drawing = ConfusionMatrixDisplay(self.matrix, display_labels=names)
        is_long = max(map(len, names)) > 4
        drawing.plot(
            ax=axes,
            cmap="Blues",
            colorbar=False,
            values_format="d" if self.normalize is None else ".2f",
            xticks_rotation=45 if is_long else 0,
            im_kw={"vmin": 0},
        )
        middle = self.matrix.max() / 2
        for text, value in zip(drawing.text_.ravel(), self.matrix.ravel(), strict=True):
            text.set_color("white" if value > middle else "black")
        self.ax_, self.figure_ = axes, figure_of(axes)
        bar = self.figure_.colorbar(drawing.im_, ax=axes, fraction=0.046, pad=0.04)
        bar.set_label(_COUNTED[self.normalize])
        axes.set_xlabel("predicted class")
        axes.set_ylabel("true class")
        axes.set_title(self.title, fontsize=10)
        return self
