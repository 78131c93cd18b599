"""Bloch spheres: the state of every qubit alone, for samples or as the mean of a class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Circle
from numpy.typing import ArrayLike

from qmlplay.model.class_labels import check_one_column
from qmlplay.palette import class_color
from qmlplay.plots.display import Display
from qmlplay.plots.fitted import expectations, quantum_classifier
from qmlplay.plots.style import MARKERS, add_legend, axes_of, figure_of, new_figure, plain
from qmlplay.typing import Real

__all__ = ["BlochDisplay"]

_MOST_ARROWS = 10
_AZIMUTH, _ELEVATION = np.deg2rad(25), np.deg2rad(18)


@dataclass(eq=False, repr=False)
class BlochDisplay(Display):
    """The Bloch vector of every qubit: (⟨X⟩, ⟨Y⟩, ⟨Z⟩) of its reduced state.

    A vector that ends inside the sphere belongs to a qubit that is entangled with others (or
    suffers noise), or to the mean of states that differ. |0⟩ is on top.

    Parameters
    ----------
    vectors : ndarray of shape (n_arrows, n_qubits, 3)
        An arrow per qubit for each label.
    labels : sequence of str
    clouds : sequence of ndarray of shape (n_samples, n_qubits, 3), optional
        For each arrow the vectors of the samples that it is the mean of, drawn as dots.
    title : str

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        After `plot`; ``figure_.savefig(path)`` writes it.
    axes_ : list of matplotlib.axes.Axes
        One per qubit, after `plot`.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier
    >>> from qmlplay.plots import BlochDisplay
    >>> model = VariationalClassifier(max_iter=1).fit([[0.0], [1.0]], ["a", "b"])
    >>> BlochDisplay.from_estimator(model, [0.5]).vectors.shape  # one sample, two qubits
    (1, 2, 3)
    >>> display = BlochDisplay.from_estimator(model, [[0.0], [1.0]], ["a", "b"]).plot()
    >>> display.labels, len(display.axes_)
    (['class a (mean)', 'class b (mean)'], 2)
    """

    vectors: Real
    labels: Sequence[str]
    clouds: Sequence[Real] = ()
    title: str = "Bloch vector of each qubit"
    axes_: list[Axes] = field(init=False, repr=False)

    @classmethod
    def from_estimator(cls, estimator: Any, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Compute the final states' Bloch vectors on the estimator's own backend.

        Parameters
        ----------
        estimator : estimator
            A fitted quantum classifier, or a pipeline that ends with one.
        X : array-like of shape (n_features,) or (n_samples, n_features)
            One sample, or several.
        y : array-like of shape (n_samples,), optional
            With labels, arrows are the means of the classes; without, every sample has its own
            (at most ten).

        Raises
        ------
        ValueError
            If there are too many arrows, or X and y differ in length.
        """
        n_qubits = quantum_classifier(estimator).model_.n_qubits
        strings = [
            "I" * q + letter + "I" * (n_qubits - 1 - q) for q in range(n_qubits) for letter in "XYZ"
        ]
        vectors = expectations(estimator, X, strings).reshape(-1, n_qubits, 3)
        if y is None:
            if len(vectors) > _MOST_ARROWS:
                raise ValueError(
                    f"{len(vectors)} samples are too many arrows: give y for the mean of each "
                    f"class, or at most {_MOST_ARROWS} samples, such as X[:3]"
                )
            return cls(vectors, [f"sample {k}" for k in range(len(vectors))])
        check_one_column(y)
        labels = np.asarray(y)
        if labels.shape != (len(vectors),):
            raise ValueError(f"X has {len(vectors)} samples, but y has shape {labels.shape}")
        classes = np.unique(labels)
        clouds = [vectors[labels == label] for label in classes]
        means = np.array([cloud.mean(axis=0) for cloud in clouds])
        return cls(means, [f"class {label} (mean)" for label in classes], clouds)

    def plot(self, ax: Axes | Sequence[Axes] | None = None) -> Self:
        """Draw a sphere per qubit.

        Parameters
        ----------
        ax : Axes or sequence of Axes, optional
            Where to draw, one per qubit; a new figure by default.

        Raises
        ------
        ValueError
            If there are not as many axes as qubits.
        """
        n_qubits = self.vectors.shape[1]
        axes = axes_of(ax, n_qubits, "one per qubit")
        if axes is None:
            n_columns = min(n_qubits, 4)
            n_rows = -(-n_qubits // n_columns)
            figure = new_figure(max(2.7 * n_columns, 4), 2.8 * n_rows + 0.9)
            every = list(figure.subplots(n_rows, n_columns, squeeze=False).ravel())
            for spare in every[n_qubits:]:
                spare.set_axis_off()
            axes = every[:n_qubits]
            figure.suptitle(self.title)
            add_legend(figure, self._handles())
        else:
            axes[0].legend(
                handles=self._handles(), fontsize=7, loc="upper center", bbox_to_anchor=(0.5, 0)
            )
        for qubit, panel in enumerate(axes):
            _draw_sphere(panel)
            panel.set_title(f"qubit {qubit}\n{self._lengths(qubit)}", fontsize=9)
            for index, cloud in enumerate(self.clouds):
                self._draw_cloud(panel, cloud[:, qubit], index)
            for index, vector in enumerate(self.vectors[:, qubit]):
                _draw_arrow(panel, vector, index)
        self.axes_, self.figure_ = axes, figure_of(axes[0])
        return self

    def _lengths(self, qubit: int) -> str:
        lengths = np.linalg.norm(self.vectors[:, qubit], axis=1)
        shown = ", ".join(f"{length:.2f}" for length in lengths[:5])
        return f"length {shown}" + (", …" if len(lengths) > 5 else "")

    def _handles(self) -> list[Line2D]:
        return [
            Line2D([], [], label=plain(label), linewidth=2, marker=MARKERS[k % len(MARKERS)],
                   color=class_color(k))
            for k, label in enumerate(self.labels)
        ]  # fmt: skip

    @staticmethod
    def _draw_cloud(ax: Axes, cloud: Real, index: int) -> None:
        right, up = _project(cloud).T
        style: dict[str, Any] = {
            "color": class_color(index),
            "marker": MARKERS[index % len(MARKERS)],
        }
        ax.scatter(right, up, s=6, alpha=0.35, linewidths=0, **style)


def _project(points: ArrayLike) -> Real:
    """Return points (…, 3) as seen from the front: x to the lower left, y right, z up."""
    x, y, z = np.moveaxis(np.asarray(points, dtype=float), -1, 0)
    right = np.cos(_AZIMUTH) * y - np.sin(_AZIMUTH) * x
    near = np.cos(_AZIMUTH) * x + np.sin(_AZIMUTH) * y
    return np.stack([right, np.cos(_ELEVATION) * z - np.sin(_ELEVATION) * near], axis=-1)


def _draw_sphere(ax: Axes) -> None:
    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.set_xlim(-1.3, 1.3)
    ax.set_ylim(-1.25, 1.2)
    ax.add_patch(Circle((0, 0), 1, facecolor="#F6F6F6", edgecolor="#888888", linewidth=0.8))
    turn = np.linspace(-np.pi / 2, np.pi / 2, 60) + _AZIMUTH
    for start, dashes in ((0.0, "-"), (np.pi, ":")):  # the equator's front and back
        circle = np.stack([np.cos(turn + start), np.sin(turn + start), 0 * turn], axis=-1)
        ax.plot(*_project(circle).T, color="#888888", linewidth=0.7, linestyle=dashes)
    for name, axis in (("x", [1, 0, 0]), ("y", [0, 1, 0]), ("|0⟩", [0, 0, 1]), ("|1⟩", [0, 0, -1])):
        right, up = _project(axis)
        ax.plot([0, right], [0, up], color="#AAAAAA", linewidth=0.6)
        lower = 0.06 if name == "x" else 0
        ax.text(1.16 * right, 1.16 * up - lower, name, ha="center", va="center", fontsize=8)


def _draw_arrow(ax: Axes, vector: Real, index: int) -> None:
    color = class_color(index)
    tip, foot = _project(vector), _project([vector[0], vector[1], 0])
    # The dotted line to the equator's plane shows where the arrow points in depth.
    ax.plot([foot[0], tip[0]], [foot[1], tip[1]], color=color, linewidth=0.8, linestyle=":")
    ax.plot([0, foot[0]], [0, foot[1]], color=color, linewidth=0.8, linestyle=":")
    (line,) = ax.plot([0, tip[0]], [0, tip[1]], color=color, linewidth=2.2, markevery=[1],
                      marker=MARKERS[index % len(MARKERS)], markersize=6, markeredgecolor="black",
                      markeredgewidth=0.5)  # fmt: skip
    line.set_gid("arrow")
