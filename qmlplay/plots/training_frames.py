"""The decision boundary while a model trains: a strip of frames, and a GIF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import Any, Self

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from qmlplay.palette import CLASS_COLORS
from qmlplay.plots.display import Display
from qmlplay.plots.feature_plane import draw_regions, draw_samples, legend_handles
from qmlplay.plots.recorders import FrameRecorder, TrainingFrame, train_watched
from qmlplay.plots.style import add_legend, axes_of, figure_of, new_figure
from qmlplay.typing import Real

__all__ = ["TrainingFramesDisplay"]


@dataclass(eq=False, repr=False)
class TrainingFramesDisplay(Display):
    """The decision boundary evolving while a model trains.

    Parameters
    ----------
    frames : sequence of TrainingFrame
    extent : tuple of float
        (x_low, x_high, y_low, y_high) of the plane.
    X, y : ndarray of shape (n_samples, 2) and (n_samples,)
        The training samples.
    title : str
    feature_names : sequence of two str
        Labels of the axes; a DataFrame's columns by default.
    estimator : estimator, optional
        The model that was trained.

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        After `plot`; ``figure_.savefig(path)`` writes it.
    axes_ : list of matplotlib.axes.Axes
        One per panel, after `plot`.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier, load_dataset
    >>> from qmlplay.plots import TrainingFramesDisplay
    >>> data = load_dataset("moons", n_samples=40, random_state=0)
    >>> model = VariationalClassifier(max_iter=8)
    >>> display = TrainingFramesDisplay.from_estimator(model, data.X, data.y, resolution=10)
    >>> len(display.frames), len(display.plot(n_panels=4).axes_)
    (8, 4)
    """

    frames: Sequence[TrainingFrame]
    extent: tuple[float, float, float, float]
    X: Real
    y: NDArray[Any]
    title: str = "decision boundary while training"
    feature_names: Sequence[str] = ("feature 0", "feature 1")
    estimator: Any = None
    axes_: list[Axes] = field(init=False, repr=False)

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: ArrayLike, y: ArrayLike, *, every: int = 1, resolution: int = 40
    ) -> Self:
        """Train a copy of an estimator and record it; the estimator itself stays as it is.

        Parameters
        ----------
        estimator : estimator
            With a parameter ``callbacks``, such as `qmlplay.VariationalClassifier`.
        X : array-like of shape (n_samples, 2)
        y : array-like of shape (n_samples,)
        every : int, default=1
            Record every so many iterations.
        resolution : int, default=40
            Points of the grid along each side.

        Raises
        ------
        ValueError
            If the data do not have exactly two features.
        TypeError
            If the estimator takes no callbacks.
        """
        recorder = FrameRecorder(X, every=every, resolution=resolution)
        model = train_watched(estimator, X, y, recorder)
        display = cls.from_recorder(recorder, X, y)
        display.estimator = model
        return display

    @classmethod
    def from_recorder(cls, recorder: FrameRecorder, X: ArrayLike, y: ArrayLike) -> Self:
        """Take the frames that a callback has recorded during `fit`.

        Raises
        ------
        ValueError
            If there are no frames.
        """
        if not recorder.frames:
            raise ValueError("the recorder holds no frames: fit with callbacks=[recorder] first")
        extent = recorder.plane.extent
        display = cls(tuple(recorder.frames), extent, np.asarray(X, dtype=float), np.asarray(y))
        if isinstance(X, pd.DataFrame):
            display.feature_names = [str(name) for name in X.columns]
        return display

    def plot(self, ax: Axes | Sequence[Axes] | None = None, *, n_panels: int = 5) -> Self:
        """Draw a strip of frames, from the first to the last.

        Parameters
        ----------
        ax : Axes or sequence of Axes, optional
            Where to draw, one per panel; a new figure by default.
        n_panels : int, default=5
            Panels in a new figure; no more than there are frames. They stand closer in
            time at the beginning, where most happens.
        """
        count = min(n_panels, len(self.frames)) if ax is None else int(np.size(ax))  # type: ignore[arg-type]
        axes = axes_of(ax, min(count, len(self.frames)), "one per panel")
        handles = legend_handles(np.unique(self.y), ["train"])
        if axes is None:
            figure = new_figure(2.2 * max(count, 2) + 0.6, 3.3)
            axes = list(figure.subplots(1, count, squeeze=False, sharey=True).ravel())
            figure.suptitle(self.title, parse_math=False)
            add_legend(figure, handles)
        else:
            axes[0].legend(handles=handles, fontsize=7)
        for index, panel in zip(_early_more(len(self.frames), len(axes)), axes, strict=True):
            self._draw(self.frames[index], panel)
        axes[0].set_ylabel(self.feature_names[1], fontsize=8, parse_math=False)
        self.axes_, self.figure_ = axes, figure_of(axes[0])
        return self

    def save_gif(self, path: str | PathLike[str], *, fps: int = 8, dpi: int = 90) -> None:
        """Write all frames as an animated GIF, the loss below the boundary.

        Parameters
        ----------
        path : str or path-like
            An older file of that name is replaced.
        fps : int, default=8
            Frames per second.
        dpi : int, default=90
            Resolution; the picture is 4 by 4.8 inches.
        """
        from matplotlib.animation import PillowWriter

        figure = new_figure(4, 4.8)
        top, bottom = figure.subplots(2, 1, height_ratios=[4, 1])
        figure.suptitle(self.title, fontsize=10, parse_math=False)
        iterations = [frame.iteration for frame in self.frames]
        losses = [frame.loss for frame in self.frames]
        writer = PillowWriter(fps=fps)
        with writer.saving(figure, str(path), dpi):
            for index, frame in enumerate(self.frames):
                top.clear()
                self._draw(frame, top)
                top.set_ylabel(self.feature_names[1], fontsize=8, parse_math=False)
                bottom.clear()
                bottom.plot(iterations, losses, color="#BBBBBB", linewidth=1)
                bottom.plot(iterations[: index + 1], losses[: index + 1], color=CLASS_COLORS[0])
                bottom.plot(frame.iteration, frame.loss, "o", color="black", markersize=4)
                bottom.set_xlabel("iteration", fontsize=8)
                bottom.set_ylabel("loss", fontsize=8)
                bottom.tick_params(labelsize=7)
                writer.grab_frame()

    def _draw(self, frame: TrainingFrame, ax: Axes) -> None:
        draw_regions(ax, frame.probabilities, self.extent)
        draw_samples(ax, self.X, self.y, np.unique(self.y), "train")
        ax.set_title(f"iteration {frame.iteration}, loss {frame.loss:.3f}", fontsize=9)
        ax.set_xlabel(self.feature_names[0], fontsize=8, parse_math=False)
        ax.tick_params(labelsize=7)


def _early_more(n_frames: int, n_panels: int) -> list[int]:
    """Return different indices from first to last, quadratically spaced."""
    indices = np.round((n_frames - 1) * np.linspace(0, 1, n_panels) ** 2).astype(int)
    for k in range(1, n_panels):
        indices[k] = max(indices[k], indices[k - 1] + 1)
    return [int(index) for index in np.minimum(indices, n_frames - n_panels + np.arange(n_panels))]
