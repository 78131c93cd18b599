"""Attributions: what each feature adds to the answers of several models, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from numpy.typing import NDArray

from qmlplay.plots.display import Display
from qmlplay.plots.style import axes_of, figure_of, new_figure
from qmlplay.typing import Integers, Real

__all__ = ["AttributionsDisplay"]

#: Widths of the bins in which dots are put beside each other, as a share of the axis.
_N_BINS = 70
#: How far dots may be from the line of their feature, of the distance between two lines.
_REACH = 0.38


@dataclass(eq=False, repr=False)
class AttributionsDisplay(Display):
    """A dot per sample and feature: how much that feature moved that sample's answer.

    Every model has a panel, with the features in the same order and on the same scale. The colour
    tells whether the feature was low or high; the number beside each row is the mean size.

    Parameters
    ----------
    values : dict of str to ndarray of shape (n_samples, n_features)
        Attributions by model, of one answer.
    data : ndarray of shape (n_samples, n_features), optional
        The samples; without them dots have no colour.
    feature_names : list of str, optional
    label : str, default="attribution"
        What the values are, in words.

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        After `plot`; ``figure_.savefig(path)`` writes it.
    axes_ : list of matplotlib.axes.Axes
        One per model, after `plot`.

    Raises
    ------
    ValueError
        If there is no model, or shapes differ.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier, load_dataset
    >>> from qmlplay.diagnostics import integrated_gradients
    >>> from qmlplay.plots import AttributionsDisplay
    >>> data = load_dataset("moons", n_samples=60, random_state=0)
    >>> model = VariationalClassifier(max_iter=5, random_state=0).fit(data.X, data.y)
    >>> parts = integrated_gradients(model, data.X)
    >>> display = AttributionsDisplay.from_explanations(
    ...     {"integrated gradients": parts}, feature_names=data.feature_names).plot()
    >>> len(display.axes_)
    1
    """

    values: dict[str, Real]
    data: NDArray[Any] | None = None
    feature_names: Sequence[str] | None = None
    label: str = "attribution"
    axes_: list[Axes] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.values = {str(name): np.asarray(v, dtype=float) for name, v in self.values.items()}
        shapes = {name: array.shape for name, array in self.values.items()}
        if not shapes or len(set(shapes.values())) > 1 or any(len(s) != 2 for s in shapes.values()):
            raise ValueError(
                f"values must be arrays of one shape (n_samples, n_features), by the names of "
                f"models; got shapes {shapes}"
            )
        shape = next(iter(shapes.values()))
        if self.data is not None and np.shape(self.data) != shape:
            raise ValueError(f"data must have shape {shape}, got {np.shape(self.data)}")
        if self.feature_names is None:
            self.feature_names = [f"x{k}" for k in range(shape[1])]
        if len(self.feature_names) != shape[1]:
            raise ValueError(
                f"feature_names must be {shape[1]} names, got {list(self.feature_names)}"
            )

    @classmethod
    def from_explanations(
        cls,
        explanations: Mapping[str, Any],
        *,
        output: int | None = None,
        feature_names: Sequence[str] | None = None,
        label: str = "attribution",
    ) -> Self:
        """Take explanations of the same samples, one per model.

        Parameters
        ----------
        explanations : dict of str to object
            Name of the model → an ``Explanation`` of SHAP, `qmlplay.diagnostics.Attributions`, or
            an array.
        output : int, optional
            Which class or target is drawn, where there are several: -1 by default for two
            classes, the second one.
        feature_names, label
            As in the class; the names are those of SHAP by default, where it has some.

        Raises
        ------
        ValueError
            If there are several outputs, and none was chosen.
        """
        values = {
            name: _of_output(name, np.asarray(getattr(explanation, "values", explanation)), output)
            for name, explanation in explanations.items()
        }
        # An array has `data` as well: its memory.
        objects = [e for e in explanations.values() if not isinstance(e, np.ndarray)]
        arrays = [e.data for e in objects if getattr(e, "data", None) is not None]
        names = [
            getattr(explanation, "feature_names", None) for explanation in explanations.values()
        ]
        known = [name for name in names if name is not None]
        return cls(
            values,
            np.asarray(arrays[0]) if arrays else None,
            feature_names if feature_names is not None or not known else list(known[0]),
            label,
        )

    def plot(self, ax: Axes | Sequence[Axes] | None = None) -> Self:
        """Draw a panel per model, the most important feature of all models on top.

        Parameters
        ----------
        ax : sequence of Axes, optional
            Where to draw, one per model; a new figure by default.

        Raises
        ------
        ValueError
            If `ax` are not as many axes as there are models.
        """
        axes = axes_of(ax, len(self.values), "one per model")
        if axes is None:
            n_features = len(self.feature_names or ())
            figure = new_figure(1.6 + 3.4 * len(self.values), 1.6 + 0.5 * n_features)
            axes = list(np.ravel(figure.subplots(1, len(self.values), sharex=True, sharey=True)))
        self.axes_, self.figure_ = axes, figure_of(axes[0])
        sizes = {name: np.abs(values).mean(axis=0) for name, values in self.values.items()}
        order = np.argsort(np.sum(list(sizes.values()), axis=0), kind="stable")
        reach = 1.05 * max(float(np.abs(v).max()) for v in self.values.values()) or 1.0
        for panel, (name, values) in zip(axes, self.values.items(), strict=True):
            self._draw(panel, name, values[:, order], order, reach)
        self._add_scale()
        return self

    def _draw(self, panel: Axes, name: str, values: Real, order: Integers, reach: float) -> None:
        """Draw the dots of one model, features from the bottom upwards."""
        panel.axvline(0, color="gray", linewidth=1)
        for row, k in enumerate(order):
            heights = row + _REACH * _beside_each_other(values[:, row], reach)
            panel.scatter(values[:, row], heights, c=self._shades(k), cmap="cividis",
                          norm=Normalize(0, 1), s=14, linewidths=0)  # fmt: skip
            size = f"{np.abs(values[:, row]).mean():.3g}"
            panel.text(1.02, row, size, transform=panel.get_yaxis_transform(), va="center",
                       fontsize=8)  # fmt: skip
        names = self.feature_names or ()
        panel.set_yticks(range(len(order)), [str(names[k]) for k in order], parse_math=False)
        panel.set_xlim(-reach, reach)
        panel.set_ylim(-0.6, len(order) - 0.4)
        panel.set_xlabel(f"{self.label}\n(right: mean size)", parse_math=False, fontsize=9)
        panel.set_title(name, fontsize=10, parse_math=False)
        panel.grid(axis="y", alpha=0.3)
        panel.set_axisbelow(True)

    def _shades(self, k: int) -> Real:
        """Return where each sample's feature is between its lowest and its highest, in [0, 1]."""
        n_samples = len(next(iter(self.values.values())))
        if self.data is None:
            return np.full(n_samples, 0.5)
        _, ranks = np.unique(self.data[:, k], return_inverse=True)
        return np.asarray(ranks / max(ranks.max(), 1))

    def _add_scale(self) -> None:
        if self.data is None:
            return
        scale = self.figure_.colorbar(self.axes_[-1].collections[0], ax=self.axes_, pad=0.06)
        scale.set_ticks([0, 1], labels=["low", "high"])
        scale.set_label("the feature, by rank", fontsize=9)


def _of_output(name: str, values: Real, output: int | None) -> Real:
    """Return the attributions of one output, (n_samples, n_features)."""
    if values.ndim != 3:
        return values
    n_outputs = values.shape[2]
    if output is None and n_outputs > 2:
        raise ValueError(
            f"{name} explains {n_outputs} outputs: say which one is drawn, such as output=0"
        )
    if output is not None and not -n_outputs <= output < n_outputs:
        raise ValueError(f"{name} explains {n_outputs} outputs, there is no output={output}")
    return values[:, :, -1 if output is None else output]


def _beside_each_other(values: Real, reach: float) -> Real:
    """Return offsets in [−1, 1] by which dots of about one value lie above and below each other."""
    bins = np.round(values / reach * _N_BINS / 2)
    offsets = np.zeros(len(values))
    for value in np.unique(bins):
        (members,) = np.nonzero(bins == value)
        places = np.arange(len(members)) - (len(members) - 1) / 2
        offsets[members[np.argsort(values[members], kind="stable")]] = places
    largest = max(float(np.abs(offsets).max()), 4.0)  # a few dots stay close to their line
    return np.asarray(offsets / largest)
