"""Flat landscapes: the variance of a derivative over random weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qmlplay.backends import Backend, get_backend
from qmlplay.checks import is_integer
from qmlplay.circuit import Operation, ParametricCircuit, Weight
from qmlplay.diagnostics.observables import Observable, pauli_sum
from qmlplay.diagnostics.sampling import Seed, angles_of_weights, as_row, random_weights
from qmlplay.typing import Real

__all__ = [
    "GradientVariance",
    "global_variance",
    "gradient_variance",
    "haar_variance",
    "local_variance",
    "product_rotations",
]


@dataclass(frozen=True, eq=False)
class GradientVariance:
    """The variance of one derivative over random weights.

    Parameters
    ----------
    variance : float
    standard_error : float
        Of the variance, from the fourth moment of the derivatives.
    derivatives : ndarray of shape (n_samples,)
        d cost / d weight at every random weight vector, per radian.

    Examples
    --------
    >>> GradientVariance.from_derivatives(np.array([1.0, -1.0, 1.0, -1.0])).variance
    1.3333333333333333
    """

    variance: float
    standard_error: float
    derivatives: Real

    @classmethod
    def from_derivatives(cls, derivatives: Real) -> GradientVariance:
        """Estimate the variance without bias, and its standard error."""
        n = len(derivatives)
        deviations = derivatives - derivatives.mean()
        variance = float(deviations @ deviations / (n - 1))
        spread = (deviations**4).mean() - variance**2 * (n - 3) / (n - 1)
        return cls(variance, float(np.sqrt(max(spread, 0.0) / n)), derivatives)


def gradient_variance(
    circuit: ParametricCircuit,
    observable: Observable,
    *,
    weight: int = 0,
    n_samples: int = 1000,
    x: ArrayLike | None = None,
    random_state: Seed = None,
    backend: str | Backend = "numpy",
) -> GradientVariance:
    """Return the variance of d ⟨observable⟩ / d weight over uniformly random weights.

    All weight vectors are one batch: every angle has one value per vector.

    Parameters
    ----------
    circuit : ParametricCircuit
    observable : str or dict of str to float
        A Pauli string, or a sum of them, such as `local_cost` or `global_cost`.
    weight : int, default=0
        By which weight is differentiated.
    n_samples : int, default=1000
        Number of weight vectors, at least 2, uniform in [0, 2π) (see `random_weights`).
    x : array-like of shape (n_features,), optional
        The row of data in radians; zeros by default.
    random_state : int, RandomState or None
    backend : str or Backend, default="numpy"

    Returns
    -------
    GradientVariance

    Raises
    ------
    ValueError
        If there is no such weight, fewer than 2 samples, or the observable does not fit.

    References
    ----------
    McClean et al., "Barren plateaus in quantum neural network training landscapes",
    arXiv:1803.11173; Cerezo et al., arXiv:2001.00550.

    Examples
    --------
    >>> from qmlplay.diagnostics import global_cost
    >>> estimate = gradient_variance(
    ...     product_rotations(3), global_cost(3), n_samples=20_000, random_state=0)
    >>> abs(estimate.variance - global_variance(3)) < 4 * estimate.standard_error
    True
    """
    if not is_integer(weight, 0, circuit.n_weights - 1):
        raise ValueError(f"weight must be one of the {circuit.n_weights} weights, got {weight!r}")
    if not is_integer(n_samples, 2):
        raise ValueError(f"a variance needs n_samples of at least 2, got {n_samples!r}")
    strings, coefficients = pauli_sum(observable, circuit.n_qubits)
    row = as_row(circuit, x)
    W = random_weights(circuit, n_samples, random_state)
    slots = [slot for slot, formula in enumerate(circuit.formulas) if weight in formula.weights]
    _, gradients = get_backend(backend).expectations_and_gradients(
        circuit.circuit,
        angles_of_weights(circuit, W, row),
        strings,
        np.tile(coefficients, (n_samples, 1)),
        slots=slots,
    )
    out = np.zeros(W.shape)  # the chain rule from slots to weights, one vector at a time
    for slot in slots:
        formula, by_angle = circuit.formulas[slot], np.asarray(gradients[slot])
        for n, w in enumerate(W):
            is_shared = isinstance(formula.value(row, w), float)
            gradient = float(by_angle[n]) if is_shared else by_angle[n : n + 1]
            formula.weight_gradient(gradient, row, w, out[n])
    return GradientVariance.from_derivatives(out[:, weight])


def product_rotations(n_qubits: int) -> ParametricCircuit:
    """Return the circuit of the exact lines: one RX(weight) on every qubit.

    Examples
    --------
    >>> product_rotations(3).n_weights
    3
    """
    turns = [Operation("rx", qubit, Weight(qubit)) for qubit in range(n_qubits)]
    return ParametricCircuit.from_operations(n_qubits, turns, n_features=0)


def global_variance(n_qubits: int) -> float:
    """Return the exact variance for `product_rotations` and the global cost.

    It is (1/8)(3/8)^(n − 1): a barren plateau without any entanglement.

    References
    ----------
    Cerezo et al., arXiv:2001.00550.

    Examples
    --------
    >>> global_variance(1), global_variance(2)
    (0.125, 0.046875)
    """
    return 0.375 ** (n_qubits - 1) / 8


def local_variance(n_qubits: int) -> float:
    """Return the exact variance for `product_rotations` and the local cost: 1/(8n²).

    References
    ----------
    Cerezo et al., arXiv:2001.00550.

    Examples
    --------
    >>> local_variance(2)
    0.03125
    """
    return 1 / (8 * n_qubits**2)


def haar_variance(n_qubits: int, observable: Observable | None = None) -> float:
    """Return the exact variance for Haar-random circuits on both sides of a Pauli rotation.

    With d = 2ⁿ it is d²/[2(d + 1)(d² − 1)] for any Pauli string as the observable; from qubit to
    qubit it falls ever closer to one half. For a sum of strings it is Σ coefficient² times that,
    the identity left out.

    Parameters
    ----------
    n_qubits : int
    observable : str or dict of str to float, optional
        A Pauli string by default.

    References
    ----------
    McClean et al., arXiv:1803.11173.

    Examples
    --------
    >>> [round(haar_variance(n), 4) for n in (1, 2, 3)]
    [0.2222, 0.1067, 0.0564]
    >>> haar_variance(2, {"II": 9.0, "ZZ": 2.0}) == 4 * haar_variance(2)
    True
    """
    strings, coefficients = pauli_sum(observable or "Z" * n_qubits, n_qubits)
    strength = sum(c**2 for s, c in zip(strings, coefficients, strict=True) if set(s) != {"I"})
    d = 2.0**n_qubits
    return float(strength * d**2 / (2 * (d + 1) * (d**2 - 1)))
