"""Parity: how far backends agree, on a logarithmic scale."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from numpy.typing import ArrayLike

from qmlplay.backends import list_backends
from qmlplay.framework_names import simulator_label
from qmlplay.model.classifiers import check_classifier
from qmlplay.plots.display import Display, dataset_name
from qmlplay.plots.style import figure_of, single_axes
from qmlplay.typing import Real

if TYPE_CHECKING:
    from qmlplay.compare.comparison import Comparison

__all__ = ["ParityDisplay"]

#: The scale is the same in every picture, so that pictures can be compared.
_LOW, _HIGH = 1e-17, 1.0


@dataclass(eq=False, repr=False)
class ParityDisplay(Display):
    """The largest difference between every two backends, a square each.

    Rounding alone leaves some 1e-16 to 1e-13 (pale); shots and noise leave far more (dark).

    Parameters
    ----------
    differences : DataFrame
        Backend by backend, max |Δ|; NaN where nothing was measured.
    what : str
        What differs, for the labels.
    title : str

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        After `plot`; ``figure_.savefig(path)`` writes it.
    ax_ : matplotlib.axes.Axes
        After `plot`.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier
    >>> from qmlplay.plots import ParityDisplay
    >>> X = [[0.0], [0.4], [1.0]]
    >>> model = VariationalClassifier(max_iter=1).fit(X, ["a", "a", "b"])
    >>> display = ParityDisplay.from_estimator(model, X, ["numpy", "cirq"]).plot()
    >>> bool(display.differences.loc["numpy", "cirq"] < 1e-12)
    True
    """

    differences: pd.DataFrame
    what: str = "probability"
    title: str = "parity between backends"
    ax_: Axes = field(init=False, repr=False)

    @classmethod
    def from_comparison(cls, comparison: Comparison, dataset: str | None = None) -> Self:
        """Take the parity receipt of a comparison, the first dataset's by default.

        Rows are the backends that the weights were trained on.

        Raises
        ------
        ValueError
            If there is no such dataset, or fewer than two backends took part.
        """
        name = dataset_name(comparison, dataset)
        table = comparison.parity_table
        rows = table[table["dataset"] == name]
        triples = rows[["trained_on", "evaluated_on", comparison.task.parity_column]]
        title = f"{name}: parity between backends"
        what = comparison.task.differs_by
        return cls(_square(triples.itertuples(index=False)), what, title)

    @classmethod
    def from_estimator(
        cls, estimator: Any, X: ArrayLike, backends: Sequence[str] | None = None
    ) -> Self:
        """Evaluate one fitted model on several backends.

        Parameters
        ----------
        estimator : estimator
            A fitted quantum classifier.
        X : array-like of shape (n_samples, n_features)
        backends : sequence of str, optional
            Every installed one by default.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If it is not fitted.
        TypeError
            If it has no circuit.
        ValueError
            If there are fewer than two backends.
        """
        check_classifier(estimator)
        if backends is None:
            backends = list_backends(installed=True)
        values = {name: estimator.with_backend(name).predict_proba(X) for name in backends}
        return cls(
            _square(
                (a, b, float(np.abs(values[a] - values[b]).max()))
                for a in values
                for b in values
                if a != b
            )
        )

    @classmethod
    def from_table(cls, table: pd.DataFrame) -> Self:
        """Take the result of `qmlplay.diagnostics.parity`, differences of expectations."""
        one_way = table[["first", "second", "max_difference"]]
        other_way = table[["second", "first", "max_difference"]]
        rows = [*one_way.itertuples(index=False), *other_way.itertuples(index=False)]
        return cls(_square(rows), "expectation")

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw the squares, each with its number, on `ax` or in a new figure."""
        names = [simulator_label(str(name)) for name in self.differences.columns]
        size = 1.6 + 0.75 * len(names)
        axes = single_axes(ax, size + 1.8, size, layout="compressed")
        values = self.differences.to_numpy(dtype=float)
        norm = LogNorm(_LOW, _HIGH)
        image = axes.imshow(np.clip(values, _LOW, _HIGH), norm=norm, cmap="Oranges")
        for (row, column), value in np.ndenumerate(values):
            is_dark = not np.isnan(value) and norm(max(value, _LOW)) > 0.65
            axes.text(column, row, _number(float(value)), ha="center", va="center", fontsize=9,
                     color="white" if is_dark else "black")  # fmt: skip
        axes.set_xticks(range(len(names)), names, parse_math=False)
        axes.set_yticks(
            range(len(names)),
            map(simulator_label, map(str, self.differences.index)),
            parse_math=False,
        )
        axes.set_xlabel("evaluated on")
        axes.set_ylabel("compared with")
        axes.set_title(self.title, fontsize=10, parse_math=False)
        self.ax_, self.figure_ = axes, figure_of(axes)
        label = f"max |Δ {self.what}|"
        self.figure_.colorbar(image, ax=axes, label=label, fraction=0.046, pad=0.04)
        return self


def _number(value: float) -> str:
    if np.isnan(value):
        return "–"
    return "0" if value == 0 else f"{value:.0e}".replace("e-0", "e-")


def _square(triples: Iterable[Any]) -> pd.DataFrame:
    """Return differences as a square table, backends in the order in which they come."""
    rows = [tuple(triple) for triple in triples]
    if not rows:
        raise ValueError("parity needs at least two backends without shots, fewer were given")
    names = list(dict.fromkeys(name for a, b, _ in rows for name in (a, b)))
    square: Real = np.full((len(names), len(names)), np.nan)
    for a, b, value in rows:
        square[names.index(a), names.index(b)] = value
    return pd.DataFrame(square, index=names, columns=names)
