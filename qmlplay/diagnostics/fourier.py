"""Spectra: an encoding makes a model a trigonometric polynomial, and decides its frequencies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qmlplay.backends import Backend, get_backend
from qmlplay.checks import is_integer
from qmlplay.circuit import (
    GATES,
    AmplitudeAngle,
    FeatureProduct,
    Formula,
    ParametricCircuit,
    Polynomial,
)
from qmlplay.diagnostics.observables import Observable, pauli_sum
from qmlplay.diagnostics.sampling import as_row
from qmlplay.typing import Complex, Real

__all__ = ["FourierSpectrum", "allowed_band", "fourier_coefficients", "fourier_spectrum"]

_MOST_POINTS = 2**20


@dataclass(frozen=True, eq=False)
class FourierSpectrum:
    """The Fourier coefficients of a function of some features.

    f(x) = Σ c[n₁, …] · exp(i (n₁x₁ + …)), the features in radians.

    Parameters
    ----------
    coefficients : ndarray of shape (2·m₁ + 1, …)
        Complex; along every axis the frequencies run from −m to m.
    band : tuple of int
        The largest frequency that the circuit allows, per feature; m may be larger, and the
        coefficients beyond are then zero.
    features : tuple of int
        Which features the axes stand for.

    Examples
    --------
    >>> spectrum = FourierSpectrum(np.array([0.5, 0, 0.5]), band=(1,), features=(0,))
    >>> spectrum.frequencies
    [array([-1,  0,  1])]
    >>> spectrum(np.array([[0.0], [np.pi]])).round(6)  # cos x
    array([ 1., -1.])
    """

    coefficients: Complex
    band: tuple[int, ...]
    features: tuple[int, ...]

    @property
    def frequencies(self) -> list[NDArray[np.int_]]:
        """The frequencies along every axis."""
        return [np.arange(size) - size // 2 for size in self.coefficients.shape]

    def __call__(self, X: ArrayLike) -> Real:
        """Return the values of the series at X (n_points, len(features)), in radians."""
        points = np.asarray(X, dtype=float)
        total = np.broadcast_to(
            self.coefficients, (len(points), *self.coefficients.shape)
        )  # (n_points, 2·m₁ + 1, …)
        for column, n in zip(points.T, self.frequencies, strict=True):
            waves = np.exp(1j * np.multiply.outer(column, n))
            total = np.einsum("pn...,pn->p...", total, waves)
        return np.asarray(total.real)


def fourier_coefficients(
    function: Callable[[Real], ArrayLike], n_frequencies: int | Sequence[int]
) -> Complex:
    """Return the Fourier coefficients of a function with period 2π in every feature.

    The recovery is exact from Π (2·n_frequencies + 1) values where the function has no higher
    frequencies; higher ones would be folded back onto lower ones.

    Parameters
    ----------
    function : callable
        ``function(X)`` of points (n_points, n_features) in radians returns real values
        (n_points,).
    n_frequencies : int or sequence of int
        The largest frequency, per feature.

    Returns
    -------
    ndarray of shape (2·n₁ + 1, 2·n₂ + 1, …)
        Complex; frequencies from −n to n along every axis.

    Raises
    ------
    ValueError
        If a number of frequencies is negative, or the grid would have more than 2²⁰ points.

    Examples
    --------
    >>> fourier_coefficients(lambda X: np.cos(2 * X[:, 0]), 2).real.round(6) + 0.0
    array([0.5, 0. , 0. , 0. , 0.5])
    """
    highest = list(n_frequencies) if isinstance(n_frequencies, Iterable) else [n_frequencies]
    if not highest or not all(is_integer(n, 0) for n in highest):
        raise ValueError(f"n_frequencies must not be negative, got {n_frequencies!r}")
    shape = [2 * n + 1 for n in highest]
    if np.prod([float(size) for size in shape]) > _MOST_POINTS:
        raise ValueError(
            f"frequencies up to {highest} need a grid of {shape} points, more than 2**20: "
            f"take fewer features"
        )
    axes = [2 * np.pi * np.arange(size) / size for size in shape]
    X = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(shape))
    values = np.asarray(function(X), dtype=float).reshape(shape)
    return np.asarray(np.fft.fftshift(np.fft.fftn(values)) / values.size)


def allowed_band(circuit: ParametricCircuit, weights: ArrayLike | None = None) -> tuple[int, ...]:
    """Return the largest frequency of every feature that a circuit's encoding allows.

    Every rotation by a feature adds its scale: r of them give the frequencies −r … r, whatever
    the rest of the circuit does.

    Parameters
    ----------
    circuit : ParametricCircuit
    weights : array-like of shape (n_weights,), optional
        Needed where weights multiply features: their values then decide the frequencies.

    Returns
    -------
    tuple of int
        One per feature.

    Raises
    ------
    ValueError
        If a frequency is no whole number, as trainable scaling makes them, or if an angle is a
        product of features, which is no trigonometric polynomial.

    References
    ----------
    Schuld, Sweke and Meyer, "The effect of data encoding on the expressive power of
    variational quantum machine learning models", arXiv:2008.08605.

    Examples
    --------
    >>> from qmlplay import Feature, Operation
    >>> twice = [Operation("rx", 0, Feature(0)), Operation("rx", 0, Feature(0))]
    >>> allowed_band(ParametricCircuit.from_operations(1, twice, n_features=1))
    (2,)
    """
    band = np.zeros(circuit.n_features)
    for gate in circuit.circuit.elementary.gates:
        formula = gate.angle(circuit.formulas)
        if not isinstance(formula, Formula) or not formula.features:
            continue
        for feature, rate in _rates(formula, weights).items():
            frequencies = rate * GATES[gate.name].gaps
            if not np.allclose(frequencies, frequencies.round(), atol=1e-9):
                raise ValueError(
                    f"{gate.name!r} on qubits {gate.qubits} turns by {rate:.4g} radians per radian "
                    f"of feature {feature}, which makes frequencies that are no whole numbers: "
                    f"take trainable_scaling=False and whole-number scales"
                )
            band[feature] += frequencies.max().round()
    return tuple(int(n) for n in band)


def _rates(formula: Formula, weights: ArrayLike | None) -> dict[int, float]:
    """Return d angle / d feature, in absolute value, of every feature that the formula reads."""
    is_product = isinstance(formula, Polynomial) and any(len(x) > 1 for _, x, _ in formula.terms)
    if isinstance(formula, FeatureProduct) or is_product:
        raise ValueError(
            "an angle is a product of features (as in 'zz' and 'iqp'): the model is no "
            "trigonometric polynomial, take an encoding such as 'angle' or 'dense'"
        )
    if isinstance(formula, AmplitudeAngle):
        raise ValueError(
            "the features are the amplitudes of a state: the model is no trigonometric polynomial, "
            "take an encoding such as 'angle' or 'dense'"
        )
    factors = np.ones(len(formula.features))
    if formula.scaling_weights and weights is None:
        raise ValueError(
            "weights multiply the features, so they decide the frequencies: give weights=…, "
            "or take trainable_scaling=False"
        )
    if isinstance(formula, Polynomial):
        return _linear_rates(formula, np.asarray(weights, dtype=float))
    if formula.scaling_weights:
        factors = np.asarray(weights)[list(formula.scaling_weights)]
    reads: Any = formula
    rates = np.abs(reads.scale * factors)
    return {index: float(rate) for index, rate in zip(formula.features, rates, strict=True)}


def _linear_rates(formula: Polynomial, weights: Real) -> dict[int, float]:
    """Return the rates of a polynomial in which no feature is multiplied by another."""
    n_features = 1 + max(formula.features)
    slopes = np.zeros((1, n_features))
    formula.input_gradient(1.0, np.zeros((1, n_features)), weights, slopes)
    return {index: float(abs(slopes[0, index])) for index in formula.features}


def fourier_spectrum(
    circuit: ParametricCircuit,
    weights: ArrayLike,
    observable: Observable,
    *,
    features: Sequence[int] | None = None,
    x: ArrayLike | None = None,
    extra: int = 0,
    backend: str | Backend = "numpy",
) -> FourierSpectrum:
    """Return the exact spectrum of a circuit's expectation as a function of its features.

    Parameters
    ----------
    circuit : ParametricCircuit
    weights : array-like of shape (n_weights,)
        In radians.
    observable : str or dict of str to float
        A Pauli string, or a sum of them (string → coefficient).
    features : sequence of int, optional
        As a function of which features; all by default. The grid has Π (2r + 1) points.
    x : array-like of shape (n_features,), optional
        Where the other features stay, in radians; zeros by default.
    extra : int, default=0
        Frequencies beyond the allowed band that are computed, too: they come out as zero.
    backend : str or Backend, default="numpy"

    Returns
    -------
    FourierSpectrum

    Raises
    ------
    ValueError
        As in `allowed_band`, or if a feature or the observable does not fit.

    Examples
    --------
    After RX(x), ⟨Z⟩ is cos x = ½ exp(ix) + ½ exp(−ix).

    >>> from qmlplay import Feature, Operation
    >>> circuit = ParametricCircuit.from_operations(1, [Operation("rx", 0, Feature(0))], 1)
    >>> fourier_spectrum(circuit, [], "Z").coefficients.real.round(6) + 0.0
    array([0.5, 0. , 0.5])
    """
    w = np.asarray(weights, dtype=float)
    row = as_row(circuit, x)
    chosen = tuple(range(circuit.n_features)) if features is None else tuple(features)
    if not chosen or not set(chosen) <= set(range(circuit.n_features)):
        raise ValueError(
            f"features must be some of 0 to {circuit.n_features - 1}, got {list(chosen)}"
        )
    strings, coefficients = pauli_sum(observable, circuit.n_qubits)
    simulator = get_backend(backend)
    band = tuple(np.array(allowed_band(circuit, w))[list(chosen)].tolist())

    def function(X: Real) -> Real:
        points = np.repeat(row, len(X), axis=0)
        points[:, chosen] = X
        values = simulator.expectations(circuit.circuit, circuit.angles(points, w), strings)
        return np.broadcast_to(values @ coefficients, len(X))

    spectrum = fourier_coefficients(function, [r + extra for r in band])
    return FourierSpectrum(spectrum, band, chosen)
