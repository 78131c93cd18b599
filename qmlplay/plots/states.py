"""States: probabilities of the bit strings as bars, and density matrices as a city."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from qmlplay.circuit.gates import pauli_matrix
from qmlplay.palette import CLASS_COLORS, class_color
from qmlplay.plots.display import Display
from qmlplay.plots.fitted import expectations, features, quantum_classifier, sample
from qmlplay.plots.style import axes_of, figure_of, new_figure, plain, single_axes
from qmlplay.typing import Complex, Real

__all__ = ["ProbabilitiesDisplay", "StateCityDisplay"]

_MOST_BARS = 32
_MOST_SAMPLES = 5
_MOST_CITY_QUBITS = 4
_HATCHES = ("", "///", "...", "xxx", "\\\\\\")


@dataclass(eq=False, repr=False)
class ProbabilitiesDisplay(Display):
    """The probability of every bit string, qubit 0 first.

    Parameters
    ----------
    probabilities : array-like of shape (n_samples, 2**n_qubits)
        With shots these are observed frequencies.
    labels : sequence of str, optional
        One per sample.
    title : str

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        After `plot`; ``figure_.savefig(path)`` writes it.
    ax_ : matplotlib.axes.Axes
        After `plot`.

    Examples
    --------
    >>> from qmlplay.plots import ProbabilitiesDisplay
    >>> display = ProbabilitiesDisplay([[0.5, 0, 0, 0.5]]).plot()
    >>> [label.get_text() for label in display.ax_.get_xticklabels()]
    ['00', '01', '10', '11']
    """

    probabilities: ArrayLike
    labels: Sequence[str] = ()
    title: str = "probability of each bit string (qubit 0 first)"
    ax_: Axes = field(init=False, repr=False)

    @classmethod
    def from_estimator(cls, estimator: Any, X: ArrayLike) -> Self:
        """Compute probabilities on the estimator's own backend.

        Parameters
        ----------
        estimator : estimator
            A fitted quantum classifier, or a pipeline that ends with one.
        X : array-like of shape (n_features,) or (n_samples, n_features)
            From one to five samples.

        Raises
        ------
        ValueError
            If there are more samples.
        """
        n_samples = len(np.atleast_2d(np.asarray(X, dtype=float)))
        if n_samples > _MOST_SAMPLES:
            raise ValueError(
                f"bars of {n_samples} samples would hide each other: give at most "
                f"{_MOST_SAMPLES}, such as X[:2]"
            )
        classifier = quantum_classifier(estimator)
        model, rows = classifier.model_, features(estimator, X)
        p = classifier.backend_.probabilities(model.circuit.circuit, model.angles(rows))
        return cls(p, [f"sample {k}" for k in range(n_samples)])

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw bars of the 32 most probable bit strings at most, on `ax` or in a new figure."""
        p = np.atleast_2d(np.asarray(self.probabilities, dtype=float))
        n_qubits = p.shape[1].bit_length() - 1
        shown = np.sort(np.argsort(-p.max(axis=0), kind="stable")[:_MOST_BARS])
        width = 1.6 + max(0.16 * len(p), 0.22) * len(shown)
        axes = single_axes(ax, max(width, 5), 3.6)
        share = 0.8 / len(p)
        for k, row in enumerate(p):
            offset = (k - (len(p) - 1) / 2) * share
            axes.bar(
                np.arange(len(shown)) + offset,
                row[shown],
                share,
                color=class_color(k),
                hatch=_HATCHES[k % len(_HATCHES)],
                edgecolor="black",
                linewidth=0.5,
                label=plain(self.labels[k]) if len(self.labels) else None,
            )
        strings = [format(index, f"0{n_qubits}b") for index in shown]
        is_long = len(strings) * n_qubits > 40
        axes.set_xticks(range(len(shown)), strings, rotation=90 if is_long else 0, fontsize=8)
        less = f"{len(shown)} most probable of {p.shape[1]} bit strings"
        axes.set_xlabel("bit string" if len(shown) == p.shape[1] else less)
        axes.set_ylabel("probability")
        axes.set_title(self.title, fontsize=10)
        axes.grid(axis="y", alpha=0.3)
        axes.set_axisbelow(True)
        if len(self.labels) > 1:
            axes.set_ylim(0, 1.2 * p.max())  # room for the legend
            axes.legend(fontsize=8, ncols=len(self.labels), loc="upper center")
        self.ax_, self.figure_ = axes, figure_of(axes)
        return self


@dataclass(eq=False, repr=False)
class StateCityDisplay(Display):
    """A density matrix as a city: a tower for the real and the imaginary part of each entry.

    Parameters
    ----------
    density_matrix : ndarray of shape (2**n_qubits, 2**n_qubits)
        Complex; qubit 0 is the most significant bit of the indices.
    title : str

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        After `plot`; ``figure_.savefig(path)`` writes it.
    axes_ : list of two mpl_toolkits.mplot3d.Axes3D
        Real and imaginary part, after `plot`.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier
    >>> from qmlplay.plots import StateCityDisplay
    >>> model = VariationalClassifier(max_iter=1).fit([[0.0], [1.0]], ["a", "b"])
    >>> display = StateCityDisplay.from_estimator(model, [0.5])
    >>> bool(np.isclose(np.trace(display.density_matrix), 1))
    True
    """

    density_matrix: Complex
    title: str = "density matrix (blue: positive, orange: negative)"
    axes_: list[Any] = field(init=False, repr=False)

    @classmethod
    def from_estimator(cls, estimator: Any, x: ArrayLike) -> Self:
        """Compute the state for one sample from the expectations of all Pauli strings.

        So it works with any backend of the estimator, also with noise or shots.

        Parameters
        ----------
        estimator : estimator
            A fitted quantum classifier, or a pipeline that ends with one.
        x : array-like of shape (n_features,)
            One sample, such as ``X[0]``.

        Raises
        ------
        ValueError
            If there are more than 4 qubits, or x is not one sample.
        """
        n_qubits = quantum_classifier(estimator).model_.n_qubits
        if n_qubits > _MOST_CITY_QUBITS:
            raise ValueError(
                f"a city of {n_qubits} qubits has {4**n_qubits} towers, too many to see: at most "
                f"{_MOST_CITY_QUBITS} qubits, or use ProbabilitiesDisplay or BlochDisplay"
            )
        sample(estimator, x)  # says so if x is not one sample
        strings = ["".join(letters) for letters in product("IXYZ", repeat=n_qubits)]
        values = expectations(estimator, x, strings)[0]
        rho = np.zeros((2**n_qubits, 2**n_qubits), dtype=complex)
        for value, string in zip(values, strings, strict=True):
            rho += value * pauli_matrix(string) / 2**n_qubits
        return cls(rho)

    def plot(self, ax: Sequence[Axes] | None = None) -> Self:
        """Draw the real part on the left and the imaginary part on the right.

        Parameters
        ----------
        ax : sequence of two Axes, optional
            Made with ``projection="3d"``; a new figure by default.

        Raises
        ------
        ValueError
            If `ax` are not two axes in three dimensions.
        """
        axes: list[Any] | None = axes_of(ax, 2, "for the real and the imaginary part")
        if axes is None:
            figure = new_figure(10, 5)
            axes = list(figure.subplots(1, 2, subplot_kw={"projection": "3d"}))
            figure.suptitle(self.title)
        if any(panel.name != "3d" for panel in axes):
            raise ValueError('ax must have three dimensions: make them with projection="3d"')
        parts = (self.density_matrix.real, self.density_matrix.imag)
        top = max(np.abs(matrix).max() for matrix in parts)
        for panel, matrix, name in zip(axes, parts, ("real part", "imaginary part"), strict=True):
            _draw_city(panel, matrix)
            panel.set_title(name, fontsize=10)
            panel.set_zlim(min(parts[0].min(), parts[1].min(), 0), top)
        self.axes_, self.figure_ = axes, figure_of(axes[0])
        return self


def _draw_city(ax: Any, matrix: Real) -> None:
    size = len(matrix)
    names = [format(index, f"0{size.bit_length() - 1}b") for index in range(size)]
    row, column = np.nonzero(np.abs(matrix) > 1e-9)  # the ground is empty elsewhere
    height = matrix[row, column]
    colors = np.where(height >= 0, CLASS_COLORS[4], CLASS_COLORS[1])
    floor = np.minimum(height, 0)
    ax.bar3d(column - 0.35, row - 0.35, floor, 0.7, 0.7, np.abs(height), color=colors,
             edgecolor="black", linewidth=0.3)  # fmt: skip
    step = range(0, size, max(1, size // 8))
    ax.set_xticks(step, [names[k] for k in step], fontsize=7)
    ax.set_yticks(step, [names[k] for k in step], fontsize=7)
    ax.set_xlabel("column", fontsize=8, labelpad=6)
    ax.set_ylabel("row", fontsize=8, labelpad=6)
    ax.tick_params(axis="z", labelsize=7)
