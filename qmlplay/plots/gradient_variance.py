"""Gradient variance against the number of qubits: barren plateaus beside the exact lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from matplotlib.axes import Axes

from qmlplay.ansatze import get_ansatz
from qmlplay.backends import Backend
from qmlplay.circuit import ParametricCircuit, build_circuit
from qmlplay.diagnostics import (
    GradientVariance,
    Observable,
    global_cost,
    global_variance,
    gradient_variance,
    haar_variance,
    local_cost,
    local_variance,
    product_rotations,
)
from qmlplay.errors import unknown_name
from qmlplay.palette import class_color
from qmlplay.plots.display import Display
from qmlplay.plots.style import MARKERS, figure_of, plain, single_axes

__all__ = ["GradientVarianceDisplay"]


def _first_qubit(n_qubits: int) -> Observable:
    return "Z" + "I" * (n_qubits - 1)


_OBSERVABLES: dict[str, Callable[[int], Observable]] = {
    "first_qubit": _first_qubit,
    "global": global_cost,
    "local": local_cost,
}
_TITLES = {"first_qubit": "Z on qubit 0", "global": "global cost", "local": "local cost"}
_DASHES = ("--", ":", "-.")


@dataclass(eq=False, repr=False)
class GradientVarianceDisplay(Display):
    """The variance of one derivative over random weights, for more and more qubits.

    A straight line downwards on the logarithmic axis is a barren plateau.

    Parameters
    ----------
    n_qubits : sequence of int
    variances : dict of str to list of GradientVariance
        Label → one entry per number of qubits.
    exact : dict of str to list of float
        Label → an exact line.
    title : str

    Attributes
    ----------
    figure_ : matplotlib.figure.Figure
        After `plot`; ``figure_.savefig(path)`` writes it.
    ax_ : matplotlib.axes.Axes
        After `plot`.

    Examples
    --------
    >>> from qmlplay.plots import GradientVarianceDisplay
    >>> display = GradientVarianceDisplay.from_product_rotations(
    ...     range(1, 4), n_samples=100, random_state=0)
    >>> list(display.variances), display.exact["exact, global: (1/8)(3/8)ⁿ⁻¹"][0]
    (['global cost', 'local cost'], 0.125)
    >>> display.plot().ax_.get_yscale()
    'log'
    """

    n_qubits: Sequence[int]
    variances: Mapping[str, Sequence[GradientVariance]]
    exact: Mapping[str, Sequence[float]] = field(default_factory=dict)
    title: str = "variance of one derivative over random weights"
    ax_: Axes = field(init=False, repr=False)

    @classmethod
    def from_product_rotations(
        cls,
        n_qubits: Iterable[int] = range(1, 7),
        *,
        n_samples: int = 1000,
        random_state: int | None = None,
        backend: str | Backend = "numpy",
    ) -> Self:
        """Measure RX on every qubit, no entanglement, with the global and the local cost.

        Both have exact lines: (1/8)(3/8)^(n − 1) and 1/(8n²).

        Parameters
        ----------
        n_qubits : iterable of int, default=range(1, 7)
            At most 10.
        n_samples : int, default=1000
            Random weight vectors per point.
        random_state : int or None
        backend : str or Backend, default="numpy"
        """
        sizes = list(n_qubits)
        settings: dict[str, Any] = {
            "n_samples": n_samples,
            "random_state": random_state,
            "backend": backend,
        }
        variances = {
            f"{name} cost": [
                gradient_variance(product_rotations(n), cost(n), **settings) for n in sizes
            ]
            for name, cost in (("global", global_cost), ("local", local_cost))
        }
        exact = {
            "exact, global: (1/8)(3/8)ⁿ⁻¹": [global_variance(n) for n in sizes],
            "exact, local: 1/(8n²)": [local_variance(n) for n in sizes],
        }
        title = "gradient variance without entanglement: RX on every qubit"
        return cls(sizes, variances, exact, title)

    @classmethod
    def from_ansatze(
        cls,
        ansatze: Sequence[Any] | Mapping[str, Any] = ("strongly_entangling", "no_entanglement"),
        n_qubits: Iterable[int] = range(2, 7),
        *,
        n_layers: int = 20,
        observable: str = "first_qubit",
        n_samples: int = 200,
        random_state: int | None = None,
        backend: str | Backend = "numpy",
    ) -> Self:
        """Measure ansätze, beside the line of Haar-random circuits.

        The derivative is that by the weight in the middle of the circuit.

        Parameters
        ----------
        ansatze : list of str, or dict of str to str or callable
            Names of `qmlplay.ansatze.ANSATZE`, or label → name or function.
        n_qubits : iterable of int, default=range(2, 7)
        n_layers : int, default=20
            Deep circuits come near the Haar line.
        observable : {"first_qubit", "global", "local"}, default="first_qubit"
            Z on qubit 0, or a cost.
        n_samples : int, default=200
            Random weight vectors per point.
        random_state : int or None
        backend : str or Backend, default="numpy"

        Raises
        ------
        ValueError
            If an ansatz or the observable is unknown.
        """
        if observable not in _OBSERVABLES:
            raise unknown_name("observable", observable, _OBSERVABLES)
        names = dict(ansatze) if isinstance(ansatze, Mapping) else {str(a): a for a in ansatze}
        sizes, make = list(n_qubits), _OBSERVABLES[observable]
        variances: dict[str, list[GradientVariance]] = {}
        for label, ansatz in names.items():
            circuits = [_circuit(ansatz, n, n_layers) for n in sizes]
            variances[label] = [
                gradient_variance(
                    circuit,
                    make(circuit.n_qubits),
                    weight=circuit.n_weights // 2,
                    n_samples=n_samples,
                    random_state=random_state,
                    backend=backend,
                )
                for circuit in circuits
            ]
        exact = {"exact, Haar-random circuits": [haar_variance(n, make(n)) for n in sizes]}
        title = f"gradient variance, {n_layers} layers, {_TITLES[observable]}"
        return cls(sizes, variances, exact, title)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draw points with two standard errors and the exact lines, on `ax` or in a new figure."""
        axes = single_axes(ax, 6.4, 4.2)
        for index, (label, line) in enumerate(self.exact.items()):
            axes.plot(self.n_qubits, line, color="black", linewidth=1.2, label=plain(label),
                     linestyle=_DASHES[index % len(_DASHES)])  # fmt: skip
        for index, (label, estimates) in enumerate(self.variances.items()):
            values = [e.variance for e in estimates]
            # On a logarithmic axis a bar must not reach down to zero.
            errors = [
                [min(2 * e.standard_error, 0.9 * e.variance) for e in estimates],
                [2 * e.standard_error for e in estimates],
            ]
            axes.errorbar(self.n_qubits, values, yerr=errors, linestyle="", capsize=3,
                         marker=MARKERS[index % len(MARKERS)], markeredgecolor="black",
                         markeredgewidth=0.5, color=class_color(index),
                         label=plain(label))  # fmt: skip
        axes.set_yscale("log")
        axes.set_xticks(list(self.n_qubits))
        axes.set_xlabel("number of qubits")
        axes.set_ylabel("variance of one derivative (bars: ± 2 std. errors)")
        axes.set_title(self.title, fontsize=10)
        axes.grid(alpha=0.3, which="both")
        axes.legend(fontsize=8)
        self.ax_, self.figure_ = axes, figure_of(axes)
        return self


def _circuit(ansatz: Any, n_qubits: int, n_layers: int) -> ParametricCircuit:
    """Return layers of an ansatz without data."""
    return build_circuit(
        lambda _qubits, _features: [],
        get_ansatz(ansatz),
        n_qubits=n_qubits,
        n_features=0,
        n_layers=n_layers,
    )
