"""Expressibility: how evenly the states of random weights cover the space of all states."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qmlplay.backends import Backend
from qmlplay.checks import is_integer
from qmlplay.circuit import Circuit, ParametricCircuit
from qmlplay.diagnostics.sampling import Seed, random_states
from qmlplay.typing import Real

__all__ = ["Expressibility", "expressibility", "haar_probabilities"]


@dataclass(frozen=True, eq=False)
class Expressibility:
    """How far a circuit's fidelities are from those of random states.

    Parameters
    ----------
    divergence : float
        Kullback–Leibler divergence to the Haar law, in nats; smaller is more expressive.
    bias : float
        What a finite number of pairs adds to it on average, about (n_bins − 1)/(2 · n_pairs):
        differences below it mean nothing.
    fidelities : ndarray of shape (n_pairs,)
        |⟨ψ|φ⟩|² of pairs of states of random weights.
    n_bins : int
        Bins of the histogram.
    n_qubits : int

    Examples
    --------
    >>> from qmlplay.circuit import Gate
    >>> idle = expressibility(Circuit(1, (Gate("h", (0,)),)), n_pairs=100)
    >>> round(idle.divergence, 3), idle.bias  # ln 75: all fidelities lie in the last of 75 bins
    (4.317, 0.37)
    """

    divergence: float
    bias: float
    fidelities: Real
    n_bins: int
    n_qubits: int


def haar_probabilities(n_qubits: int, n_bins: int) -> Real:
    """Return the probability of every bin of fidelities between Haar-random states.

    The density is (N − 1)(1 − F)^(N − 2) with N = 2**n_qubits.

    Examples
    --------
    >>> haar_probabilities(1, 4)
    array([0.25, 0.25, 0.25, 0.25])
    """
    return np.asarray(np.exp(_log_haar(n_qubits, n_bins)))


def _log_haar(n_qubits: int, n_bins: int) -> Real:
    """Return log probabilities: in the last bins they fall below what a float can hold."""
    power = 2.0**n_qubits - 1
    left = np.log1p(-np.arange(n_bins) / n_bins)  # log (1 − lower edge)
    remains = np.append(np.exp(power * np.diff(left)), 0.0)
    return np.asarray(power * left + np.log1p(-remains))


def expressibility(
    circuit: Circuit | ParametricCircuit,
    *,
    n_pairs: int = 5000,
    n_bins: int = 75,
    x: ArrayLike | None = None,
    random_state: Seed = None,
    backend: str | Backend = "numpy",
) -> Expressibility:
    """Return the divergence between a circuit's fidelities and those of Haar-random states.

    The estimator is biased upwards by about (n_bins − 1)/(2 · n_pairs); the result states it.

    Parameters
    ----------
    circuit : Circuit or ParametricCircuit
        A `Circuit` has all its angles drawn.
    n_pairs : int, default=5000
        Pairs of weight vectors, each uniform in [0, 2π).
    n_bins : int, default=75
        Bins of the histogram of fidelities over [0, 1].
    x : array-like of shape (n_features,), optional
        The row of data in radians; zeros by default.
    random_state : int, RandomState or None
    backend : str or Backend, default="numpy"
        An exact one.

    Returns
    -------
    Expressibility

    Raises
    ------
    ValueError
        If n_pairs is less than 1 or n_bins less than 2.

    References
    ----------
    Sim, Johnson and Aspuru-Guzik, "Expressibility and entangling capability of parameterized
    quantum circuits for hybrid quantum-classical algorithms", arXiv:1905.10876.

    Examples
    --------
    >>> from qmlplay.ansatze import StronglyEntangling
    >>> layer = ParametricCircuit.from_operations(2, StronglyEntangling()(2, 0), n_features=0)
    >>> result = expressibility(layer, n_pairs=2000, random_state=0)
    >>> result.divergence < 0.5, result.bias
    (True, 0.0185)
    """
    if not (is_integer(n_pairs, 1) and is_integer(n_bins, 2)):
        raise ValueError(
            f"n_pairs must be at least 1 and n_bins at least 2, got {n_pairs!r} and {n_bins!r}"
        )
    blocks = random_states(circuit, 2 * n_pairs, x=x, random_state=random_state, backend=backend)
    overlaps = [np.einsum("ni,ni->n", block[::2].conj(), block[1::2]) for block in blocks]
    fidelities = np.clip(np.abs(np.concatenate(overlaps)) ** 2, 0, 1)
    # A fidelity of 1 that rounding has made a little smaller still belongs to the last bin.
    counts = np.bincount(
        np.minimum(np.floor(fidelities * n_bins + 1e-9).astype(int), n_bins - 1), minlength=n_bins
    )
    seen = counts > 0
    share = counts[seen] / n_pairs
    divergence = float(share @ (np.log(share) - _log_haar(circuit.n_qubits, n_bins)[seen]))
    bias = (n_bins - 1) / (2 * n_pairs)
    return Expressibility(divergence, bias, fidelities, n_bins, circuit.n_qubits)
