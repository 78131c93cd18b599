"""Training curves: loss and accuracy of several backends or optimisers in one picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from sklearn.base import is_regressor
from sklearn.utils.validation import check_is_fitted

from qmlplay.errors import unknown_name
from qmlplay.plots.display import Display
from qmlplay.plots.recorders import HistoryRecorder, train_watched
from qmlplay.plots.style import add_legend, axes_of, figure_of, line_style, new_figure

__all__ = ["Curve", "CurvesDisplay"]

_X_LABELS = {"iteration": "iteration", "seconds": "training time [s]"}


@dataclass(frozen=True, eq=False)
class Curve:
    """The record of one training run.

    Parameters
    ----------
    losses : sequence of float
        Training loss of every iteration.
    accuracies : dict of str to sequence of float
        Part of the data (``"train"``, ``"test"`` or ``"validation"``) → accuracy of every
        iteration; may be empty.
    seconds : sequence of float or None
        Training time after every iteration.
    """

    losses: Sequence[float]
    accuracies: Mapping[str, Sequence[float]] = field(default_factory=dict)
    seconds: Sequence[float] | None = None


@dataclass(eq=False, repr=False)
class CurvesDisplay(Display):
    """Loss and accuracy over the iterations or the seconds of several training runs.

    Lines differ in colour, dashes and marker, and later ones are thinner, so that runs that
    coincide can be distinguished.

    Parameters
    ----------
    curves : dict of str to Curve
        Label → curve.
    title : str
    score_name : str
        What the accuracies are: of regressors R².

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        After `plot`; ``figure_.savefig(path)`` writes it.
    axes_ : list of matplotlib.axes.Axes
        Loss and, where it is known, accuracy, after `plot`.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier, load_dataset
    >>> from qmlplay.plots import CurvesDisplay
    >>> data = load_dataset("moons", n_samples=40, random_state=0)
    >>> models = {
    ...     name: VariationalClassifier(optimizer=name, max_iter=3) for name in ["adam", "sgd"]}
    >>> display = CurvesDisplay.from_training(models, data.X, data.y)
    >>> len(display.curves["adam"].losses)
    3
    >>> [ax.get_ylabel() for ax in display.plot().axes_]
    ['training loss', 'accuracy']
    """

    curves: Mapping[str, Curve]
    title: str = "training curves"
    score_name: str = "accuracy"
    axes_: list[Axes] = field(init=False, repr=False)

    @classmethod
    def from_estimators(cls, estimators: Mapping[str, Any]) -> Self:
        """Take the loss curves of fitted estimators (label → estimator).

        Accuracies are drawn where an estimator was fitted with ``early_stopping``; otherwise
        `from_training` measures them.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If an estimator is not fitted.
        TypeError
            If one has no ``loss_curve_``.
        """
        curves = {}
        for label, estimator in _not_empty(estimators).items():
            check_is_fitted(estimator)
            if not hasattr(estimator, "loss_curve_"):
                raise TypeError(f"{label!r} has no loss curve: {type(estimator).__name__}")
            scores = getattr(estimator, "validation_scores_", None)
            accuracies = {"validation": list(scores)} if scores else {}
            curves[label] = Curve(list(estimator.loss_curve_), accuracies)
        return cls(curves, score_name=_score_name(estimators))

    @classmethod
    def from_training(
        cls,
        estimators: Mapping[str, Any],
        X: ArrayLike,
        y: ArrayLike,
        X_test: ArrayLike | None = None,
        y_test: ArrayLike | None = None,
    ) -> Self:
        """Train a copy of every estimator and write its accuracy down after every iteration.

        Parameters
        ----------
        estimators : dict of str to estimator
            Label → unfitted estimator with a parameter ``callbacks``.
        X, y : array-like of shape (n_samples, n_features) and (n_samples,)
            Training data.
        X_test, y_test : array-like, optional
            With them the accuracy shown is that on data held out.

        Raises
        ------
        TypeError
            If an estimator takes no callbacks.
        """
        curves = {}
        for label, estimator in _not_empty(estimators).items():
            recorder = HistoryRecorder(X, y, X_test, y_test)
            train_watched(estimator, X, y, recorder)
            accuracies = {"train": recorder.train_accuracies}
            if recorder.test_accuracies:
                accuracies["test"] = recorder.test_accuracies
            curves[label] = Curve(recorder.losses, accuracies, recorder.seconds)
        return cls(curves, score_name=_score_name(estimators))

    def plot(
        self, ax: Axes | Sequence[Axes] | None = None, *, x: str = "iteration", log: bool = False
    ) -> Self:
        """Draw the loss, and the accuracy where every curve has one.

        Parameters
        ----------
        ax : Axes or sequence of two Axes, optional
            One for the loss, and another for the accuracy if there is one; a new figure by
            default.
        x : {"iteration", "seconds"}, default="iteration"
            What is drawn to the right.
        log : bool, default=False
            Whether the axis of the loss is logarithmic.

        Raises
        ------
        ValueError
            If x is unknown, or seconds are not known.
        """
        if x not in _X_LABELS:
            raise unknown_name("x", x, _X_LABELS)
        if x == "seconds" and any(curve.seconds is None for curve in self.curves.values()):
            raise ValueError("seconds are not known here: from_training measures them")
        part = self._part()
        count = 1 if part is None else 2
        axes = axes_of(ax, count, "for loss and accuracy" if part else "for the loss")
        if axes is None:
            figure = new_figure(4.6 * count, 3.6)
            axes = list(figure.subplots(1, count, squeeze=False).ravel())
            figure.suptitle(self.title, parse_math=False)
        for index, (label, curve) in enumerate(self.curves.items()):
            self._draw(axes, label, curve, index, part, x)
        for panel in axes:
            panel.set_xlabel(_X_LABELS[x])
            panel.grid(alpha=0.3)
        axes[0].set_ylabel("training loss")
        axes[0].set_yscale("log" if log else "linear")
        axes[0].set_title("loss", fontsize=10)
        if part is not None:
            axes[1].set_ylabel(self.score_name)
            axes[1].set_title(f"{part} {self.score_name}", fontsize=10)
        self.axes_, self.figure_ = axes, figure_of(axes[0])
        if ax is None:
            add_legend(self.figure_, axes[0].get_lines())
        else:
            axes[0].legend(fontsize=8)
        return self

    def _part(self) -> str | None:
        """Return the part of the data for whose accuracy every curve has values."""
        for part in ("test", "validation", "train"):
            if all(part in curve.accuracies for curve in self.curves.values()):
                return part
        return None

    def _draw(
        self, axes: list[Axes], label: str, curve: Curve, index: int, part: str | None, x: str
    ) -> None:
        rows = [curve.losses] + ([] if part is None else [curve.accuracies[part]])
        for panel, values in zip(axes, rows, strict=True):
            along = curve.seconds if x == "seconds" else range(1, len(values) + 1)
            style = line_style(index, len(self.curves), len(values))
            panel.plot(list(along or ()), list(values), label=label, **style)


def _score_name(estimators: Mapping[str, Any]) -> str:
    """Return what `score` gives for these estimators."""
    are_regressors = {is_regressor(estimator) for estimator in estimators.values()}
    if are_regressors == {True, False}:
        return "score"
    return "R²" if are_regressors == {True} else "accuracy"


def _not_empty(estimators: Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(estimators, Mapping) or not estimators:
        raise ValueError(f"give a dict of label → estimator, got {estimators!r}")
    return estimators
