"""Callbacks of `fit` that record what a picture of the training needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, clone, is_regressor

from qmlplay.checks import is_integer
from qmlplay.plots.feature_plane import FeatureGrid, check_two_features
from qmlplay.training import Callback, TrainingState
from qmlplay.typing import Real

__all__ = ["FrameRecorder", "HistoryRecorder", "TrainingFrame", "train_watched"]


def train_watched(estimator: Any, X: ArrayLike, y: ArrayLike, callback: Callable[..., Any]) -> Any:
    """Return a clone of an estimator, trained with one more callback than it has.

    Raises
    ------
    TypeError
        If the estimator takes no callbacks.
    """
    is_estimator = isinstance(estimator, BaseEstimator)
    parameters = estimator.get_params(deep=False) if is_estimator else {}
    if "callbacks" not in parameters:
        raise TypeError(
            f"{type(estimator).__name__} has no parameter callbacks, so its training cannot be "
            f"watched: give a VariationalClassifier, and scale the data beforehand if needed"
        )
    model = clone(estimator)
    model.set_params(callbacks=[*(parameters["callbacks"] or ()), callback])
    return model.fit(X, y)


@dataclass(frozen=True, eq=False)
class TrainingFrame:
    """One moment of a training run.

    Parameters
    ----------
    iteration : int
        Iterations completed.
    loss : float
        Training loss.
    probabilities : ndarray of shape (n_y, n_x, n_classes)
        On the grid.
    """

    iteration: int
    loss: float
    probabilities: Real


class FrameRecorder(Callback):
    """A callback of `fit` that keeps the class probabilities on a grid, of the last fit.

    Parameters
    ----------
    X : array-like of shape (n_samples, 2)
        The grid lies around these samples.
    every : int, default=1
        Record every so many iterations, the first one always.
    resolution : int, default=40
        Points of the grid along each side.

    Attributes
    ----------
    frames : list of TrainingFrame
    plane : FeatureGrid

    Examples
    --------
    >>> from qmlplay import VariationalClassifier, load_dataset
    >>> from qmlplay.plots import FrameRecorder
    >>> data = load_dataset("moons", n_samples=40, random_state=0)
    >>> recorder = FrameRecorder(data.X, every=2, resolution=10)
    >>> model = VariationalClassifier(max_iter=5, callbacks=[recorder]).fit(data.X, data.y)
    >>> [frame.iteration for frame in recorder.frames]
    [1, 3, 5]
    """

    only_watches = True

    def __init__(self, X: ArrayLike, *, every: int = 1, resolution: int = 40) -> None:
        samples = np.asarray(X, dtype=float)
        check_two_features(samples.shape[1] if samples.ndim == 2 else samples.ndim)
        if not is_integer(every, 1):
            raise ValueError(f"every must be at least 1 iteration, got {every!r}")
        self.every = every
        self.plane = FeatureGrid.around(samples, resolution)
        self.frames: list[TrainingFrame] = []

    def on_fit_begin(self, estimator: Any) -> None:
        """Forget an earlier fit."""
        self.frames = []

    def __call__(self, state: TrainingState) -> None:
        """Keep a frame if it is time for one; `state` is a `TrainingState`."""
        last = self.frames[-1].iteration if self.frames else 1 - self.every
        if state.iteration - last < self.every:
            return
        if is_regressor(state.estimator):
            raise TypeError(
                f"frames show the classes of a plane, but {type(state.estimator).__name__} "
                "predicts numbers: draw its fit with RegressionDisplay"
            )
        p = self.plane.probabilities(state.estimator, state.estimator.classes_)
        self.frames.append(TrainingFrame(state.iteration, float(state.loss), p))


class HistoryRecorder(Callback):
    """A callback of `fit` that keeps loss, accuracy and time of every iteration of the last fit.

    Parameters
    ----------
    X, y : array-like of shape (n_samples, n_features) and (n_samples,)
        The training data.
    X_test, y_test : array-like, optional
        Data that are held out.

    Attributes
    ----------
    iterations : list of int
    losses : list of float
    seconds : list of float
        Time since training began, without that for the accuracies here.
    train_accuracies, test_accuracies : list of float
        The second one is empty where no data are held out.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier
    >>> from qmlplay.plots import HistoryRecorder
    >>> X, y = [[0.0], [1.0]], ["a", "b"]
    >>> recorder = HistoryRecorder(X, y)
    >>> model = VariationalClassifier(max_iter=3, callbacks=[recorder]).fit(X, y)
    >>> recorder.iterations, len(recorder.losses), len(recorder.train_accuracies)
    ([1, 2, 3], 3, 3)
    """

    only_watches = True

    def __init__(
        self,
        X: ArrayLike,
        y: ArrayLike,
        X_test: ArrayLike | None = None,
        y_test: ArrayLike | None = None,
    ) -> None:
        if (X_test is None) != (y_test is None):
            raise ValueError("X_test and y_test belong together: give both or neither")
        self.X, self.y, self.X_test, self.y_test = X, y, X_test, y_test
        self.iterations: list[int] = []
        self.losses: list[float] = []
        self.seconds: list[float] = []
        self.train_accuracies: list[float] = []
        self.test_accuracies: list[float] = []
        self._overhead = 0.0

    def on_fit_begin(self, estimator: Any) -> None:
        """Forget an earlier fit."""
        self.iterations, self.losses, self.seconds = [], [], []
        self.train_accuracies, self.test_accuracies = [], []
        self._overhead = 0.0

    def __call__(self, state: TrainingState) -> None:
        """Write a new iteration down; `state` is a `TrainingState`."""
        start = perf_counter()
        if state.iteration > (self.iterations[-1] if self.iterations else 0):
            self.iterations.append(state.iteration)
            self.losses.append(float(state.loss))
            self.seconds.append(state.seconds - self._overhead)
            self.train_accuracies.append(float(state.estimator.score(self.X, self.y)))
            if self.X_test is not None:
                score = state.estimator.score(self.X_test, self.y_test)
                self.test_accuracies.append(float(score))
        self._overhead += perf_counter() - start
