"""The plane of two features: probabilities on a grid, and how regions and samples are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from qmlplay.plots.style import class_colors, plain
from qmlplay.typing import Real

__all__ = [
    "BoundaryPanel",
    "FeatureGrid",
    "check_two_features",
    "draw_regions",
    "draw_samples",
    "legend_handles",
    "named_rows",
]

#: For print in grey: two colours differ in lightness, further classes need a pattern.
_HATCHES = ("", "", "...", "///", "xxx", "---", "|||", "ooo", "+++", "\\\\\\")
#: Marker and its area (points²) for each part of the data.
_MARKERS = {"train": ("o", 14), "test": ("^", 28)}


@dataclass(frozen=True, eq=False)
class FeatureGrid:
    """A grid around samples.

    Parameters
    ----------
    extent : tuple of float
        (x_low, x_high, y_low, y_high).
    points : ndarray of shape (n_y, n_x, 2)
    """

    extent: tuple[float, float, float, float]
    points: Real

    @classmethod
    def around(cls, X: Real, resolution: int) -> FeatureGrid:
        """Return a grid that leaves a margin of 8 % around X (n_samples, 2)."""
        margin = 0.08 * np.ptp(X, axis=0)
        low, high = X.min(axis=0) - margin, X.max(axis=0) + margin
        axes = [np.linspace(low[i], high[i], resolution) for i in range(2)]
        extent = tuple(float(v) for v in (low[0], high[0], low[1], high[1]))
        return cls(extent, np.stack(np.meshgrid(*axes), axis=-1))  # type: ignore[arg-type]

    def probabilities(self, estimator: Any, classes: NDArray[Any]) -> Real:
        """Return an estimator's class probabilities, shape (n_y, n_x, n_classes)."""
        p = class_probabilities(estimator, self.points.reshape(-1, 2), classes)
        return p.reshape(*self.points.shape[:2], -1)


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


def check_two_features(n_features: int) -> None:
    """Refuse data that do not lie in a plane.

    Raises
    ------
    ValueError
        If n_features is not 2.
    """
    if n_features != 2:
        raise ValueError(
            f"a decision boundary needs data with 2 features, got {n_features}: "
            f"reduce them first, for instance with PCA(2) in a pipeline"
        )


def named_rows(estimator: Any, X: Real) -> Any:
    """Return X with the column names that an estimator was fitted with, if there were any."""
    names = getattr(estimator, "feature_names_in_", None)
    return X if names is None else pd.DataFrame(X, columns=names)


def class_probabilities(estimator: Any, X: Real, classes: NDArray[Any]) -> Real:
    """Return class probabilities (n_samples, n_classes), 0 and 1 where there are no others."""
    rows = named_rows(estimator, X)
    if hasattr(estimator, "predict_proba"):
        return np.asarray(estimator.predict_proba(rows))
    return np.asarray(np.asarray(estimator.predict(rows))[:, None] == classes, dtype=float)


def draw_regions(ax: Axes, p: Real, extent: tuple[float, float, float, float]) -> None:
    """Shade each class's region, paler the less sure the model is, and draw the boundaries."""
    shape: dict[str, Any] = {"origin": "lower", "extent": extent}
    colors = class_colors(p.shape[-1])
    ax.imshow(_shading(p, colors), aspect="auto", interpolation="bilinear", **shape)
    for k in range(1 if p.shape[-1] == 2 else p.shape[-1]):
        margin = p[..., k] - np.delete(p, k, axis=-1).max(axis=-1)
        if margin.min() < 0 < margin.max():
            ax.contour(margin, levels=[0.0], colors="black", linewidths=1, **shape)
        if _HATCHES[k % len(_HATCHES)] and margin.max() > 0:
            pattern: dict[str, Any] = {
                "levels": [0.0, 2.0],
                "colors": "none",
                "hatches": [_HATCHES[k % len(_HATCHES)]],
            }
            ax.contourf(margin, **pattern, **shape).set(edgecolor="#00000055", linewidth=0)


def _shading(probabilities: Real, colors: Real) -> Real:
    """Return the predicted class's colour, paler the less sure the model is: (n_y, n_x, 3)."""
    n_classes = probabilities.shape[-1]
    sure = (probabilities.max(axis=-1) * n_classes - 1) / (n_classes - 1)
    strength = 0.75 * sure[..., None]
    return np.asarray(1 - strength * (1 - colors[probabilities.argmax(axis=-1)]))


def draw_samples(ax: Axes, X: Real, y: NDArray[Any], classes: NDArray[Any], part: str) -> None:
    """Draw the samples of a part of the data, ``"train"`` or ``"test"``, in their colours."""
    marker, size = _MARKERS[part]
    colors = class_colors(len(classes))[np.searchsorted(classes, y)]
    edge: dict[str, Any] = {"edgecolors": "black", "linewidths": 0.4}
    ax.scatter(X[:, 0], X[:, 1], c=colors, s=size, marker=marker, **edge)


def _class_name(label: Any, names: Mapping[Any, str]) -> str:
    name = str(names.get(label, label))
    return f"class {label}" if name == str(label) else name


def legend_handles(
    classes: NDArray[Any], parts: Iterable[str], names: Mapping[Any, str] | None = None
) -> list[Any]:
    """Return the legend: a colour per class, a marker for each part of the data.

    A class is called by its name where there is one, else "class" and its label.
    """
    style: dict[str, Any] = {"markeredgecolor": "black", "markeredgewidth": 0.4, "linestyle": ""}
    colored: list[Any] = [
        Patch(
            facecolor=color,
            edgecolor="black",
            linewidth=0.4,
            hatch=_HATCHES[k % len(_HATCHES)],
            label=plain(_class_name(label, names or {})),
        )
        for k, (label, color) in enumerate(zip(classes, class_colors(len(classes)), strict=True))
    ]
    return colored + [
        Line2D([], [], marker=_MARKERS[part][0], color="white", label=f"{part} samples", **style)
        for part in parts
    ]
