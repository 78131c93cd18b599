"""Fourier spectra: which frequencies a model has, and which its encoding allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from qmlplay.backends import Backend
from qmlplay.backends.pauli import expanded
from qmlplay.checks import is_integer
from qmlplay.circuit import ParametricCircuit, PauliSum
from qmlplay.diagnostics import FourierSpectrum, Observable, fourier_spectrum
from qmlplay.palette import CLASS_COLORS
from qmlplay.plots.display import Display
from qmlplay.plots.fitted import quantum_classifier
from qmlplay.plots.style import figure_of, single_axes

__all__ = ["FourierDisplay"]


@dataclass(eq=False, repr=False)
class FourierDisplay(Display):
    """The size of every Fourier coefficient of a model, the allowed band shaded.

    An encoding with r rotations by a feature allows the frequencies −r … r; beyond them every
    coefficient is zero, whatever the weights.

    Parameters
    ----------
    spectrum : FourierSpectrum
        Of one feature or of two.
    what : str
        What it is the spectrum of, for the title.

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        After `plot`; ``figure_.savefig(path)`` writes it.
    ax_ : matplotlib.axes.Axes
        After `plot`.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier, load_dataset
    >>> from qmlplay.plots import FourierDisplay
    >>> data = load_dataset("moons", n_samples=40, random_state=0)
    >>> model = VariationalClassifier(n_layers=2, trainable_scaling=False, max_iter=2)
    >>> model = model.fit(data.X, data.y)
    >>> display = FourierDisplay.from_estimator(model, features=[0])
    >>> display.spectrum.band, display.spectrum.frequencies[0]
    ((2,), array([-4, -3, -2, -1,  0,  1,  2,  3,  4]))
    >>> display.plot().ax_.get_xlabel()
    'frequency in feature 0'
    """

    spectrum: FourierSpectrum
    what: str = "the model"
    ax_: Axes = field(init=False, repr=False)

    @classmethod
    def from_circuit(
        cls,
        circuit: ParametricCircuit,
        weights: ArrayLike,
        observable: Observable,
        *,
        features: Sequence[int] | None = None,
        x: ArrayLike | None = None,
        extra: int = 2,
        backend: str | Backend = "numpy",
    ) -> Self:
        """Compute the spectrum of an expectation (see `qmlplay.diagnostics.fourier_spectrum`).

        Parameters
        ----------
        circuit : ParametricCircuit
        weights : array-like of shape (n_weights,)
        observable : str, dict of str to float, PauliSum or int
        features : sequence of int, optional
            One or two features; all by default.
        x : array-like of shape (n_features,), optional
            Where the other features stay, in radians; zeros by default.
        extra : int, default=2
            Frequencies beyond the band that are shown, too.
        backend : str or Backend, default="numpy"

        Raises
        ------
        ValueError
            If there are more than two features, or the frequencies are no whole numbers.
        """
        chosen = list(range(circuit.n_features)) if features is None else list(features)
        if len(chosen) > 2:
            raise ValueError(
                f"a picture shows the spectrum of one or two features, got {len(chosen)}: choose "
                f"with features=[0] or features=[0, 1]"
            )
        settings: dict[str, Any] = {"features": chosen, "x": x, "extra": extra, "backend": backend}
        spectrum = fourier_spectrum(circuit, weights, observable, **settings)
        return cls(spectrum, observable if isinstance(observable, str) else "the observable")

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        features: Sequence[int] | None = None,
        x: ArrayLike | None = None,
        output: int = 0,
        extra: int = 2,
    ) -> Self:
        """Compute the spectrum of a fitted classifier's decision function, by features in radians.

        Parameters
        ----------
        estimator : estimator
            A fitted quantum classifier with ``trainable_scaling=False`` (otherwise its
            frequencies are no whole numbers), or a pipeline that ends with one.
        features : sequence of int, optional
            One or two features; all by default.
        x : array-like of shape (n_features,), optional
            Where the other features stay, in radians; zeros, the middle of their range, by
            default.
        output : int, default=0
            For more than two classes, of which class.
        extra : int, default=2
            Frequencies beyond the band that are shown, too.

        Raises
        ------
        ValueError
            If there are more than two features, or the frequencies are no whole numbers.
        """
        model = quantum_classifier(estimator).model_
        readout = model.readout
        n_outputs = len(readout.bias)
        if not is_integer(output, 0, n_outputs - 1):
            raise ValueError(f"output must be one of the {n_outputs} outputs, got {output!r}")
        scale = readout.scale[:, output].tolist()
        # The bias is a multiple of the identity.
        identity = PauliSum((("I" * model.n_qubits, float(readout.bias[output])),))
        strings, coefficients = expanded((*model.observables, identity))
        assert coefficients is not None
        terms = dict(zip(strings, coefficients @ [*scale, 1.0], strict=True))
        display = cls.from_circuit(
            model.circuit, model.weights, terms, features=features, x=x, extra=extra
        )
        display.what = "the decision function"
        return display

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw bars for one feature, a map for two, on `ax` or in a new figure."""
        is_map = len(self.spectrum.features) == 2
        size = (5.4, 4.4) if is_map else (6.4, 3.8)
        axes = single_axes(ax, *size, layout="compressed" if is_map else "constrained")
        self.ax_, self.figure_ = axes, figure_of(axes)
        axes.set_title(f"Fourier spectrum of {self.what}", fontsize=10, parse_math=False)
        axes.set_xlabel(f"frequency in feature {self.spectrum.features[0]}")
        if is_map:
            self._draw_map(axes)
        else:
            self._draw_bars(axes)
        return self

    def _draw_bars(self, ax: Axes) -> None:
        (n,), (r,) = self.spectrum.frequencies, self.spectrum.band
        size = np.abs(self.spectrum.coefficients)
        band: dict[str, Any] = {
            "facecolor": "#DDE8F0",
            "edgecolor": CLASS_COLORS[0],
            "linestyle": "--",
        }
        ax.axvspan(-r - 0.5, r + 0.5, label=f"allowed by the encoding: −{r} … {r}", **band)
        ax.bar(n, size, 0.6, color=CLASS_COLORS[0], edgecolor="black", linewidth=0.5, zorder=2,
               label="|coefficient|")  # fmt: skip
        ax.set_xticks(n[:: max(1, len(n) // 15)])
        ax.set_ylabel("|coefficient|")
        ax.set_ylim(0, 1.25 * max(size.max(), 1e-12))
        ax.grid(axis="y", alpha=0.3)
        ax.legend(fontsize=8, loc="upper right")

    def _draw_map(self, ax: Axes) -> None:
        (n, m), (r, s) = self.spectrum.frequencies, self.spectrum.band
        size = np.abs(self.spectrum.coefficients).T  # rows are the second feature
        extent = (n[0] - 0.5, n[-1] + 0.5, m[0] - 0.5, m[-1] + 0.5)
        image = ax.imshow(size, origin="lower", extent=extent, cmap="Greys", vmin=0)
        ax.add_patch(Rectangle((-r - 0.5, -s - 0.5), 2 * r + 1, 2 * s + 1, fill=False, linewidth=2,
                               edgecolor=CLASS_COLORS[5], linestyle="--",
                               label="allowed by the encoding"))  # fmt: skip
        ax.set_ylabel(f"frequency in feature {self.spectrum.features[1]}")
        ax.legend(fontsize=8, loc="upper right")
        self.figure_.colorbar(image, ax=ax, label="|coefficient|")
