"""Entanglement of states: the Meyer–Wallach measure, and its mean over random weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from qmlplay.backends import Backend
from qmlplay.circuit import Circuit, ParametricCircuit
from qmlplay.diagnostics.sampling import Seed, random_states
from qmlplay.typing import Real

__all__ = ["entangling_capability", "meyer_wallach"]


def meyer_wallach(states: ArrayLike) -> Real:
    """Return the Meyer–Wallach entanglement of pure states: 2 (1 − mean purity of one qubit).

    Parameters
    ----------
    states : array-like of shape (n_samples, 2**n_qubits) or (2**n_qubits,)
        State vectors of norm 1, qubit 0 most significant.

    Returns
    -------
    ndarray of shape (n_samples,)
        From 0 for product states to 1 where every qubit alone is maximally mixed.

    Raises
    ------
    ValueError
        If the length is no power of 2, or a state has not norm 1.

    References
    ----------
    Meyer and Wallach, "Global entanglement in multiparticle systems", arXiv:quant-ph/0108104;
    the formula with purities is Brennen's, arXiv:quant-ph/0305094.

    Examples
    --------
    >>> bell = np.array([1, 0, 0, 1]) / np.sqrt(2)
    >>> meyer_wallach([bell, [1, 0, 0, 0]]).round(6)
    array([1., 0.])
    """
    psi = np.atleast_2d(np.asarray(states, dtype=complex))
    n_qubits = psi.shape[1].bit_length() - 1
    if psi.ndim != 2 or psi.shape[1] != 2**n_qubits or not n_qubits:
        raise ValueError(f"states must have 2**n_qubits amplitudes in a row, got {psi.shape}")
    if not np.allclose((np.abs(psi) ** 2).sum(axis=1), 1, atol=1e-6):
        raise ValueError("states must have norm 1: divide them by np.linalg.norm")
    purity = np.zeros(len(psi))
    for qubit in range(n_qubits):
        split = psi.reshape(len(psi), 2**qubit, 2, 2 ** (n_qubits - 1 - qubit))
        rho = np.einsum("naib,najb->nij", split, split.conj())  # (n_samples, 2, 2)
        purity += (np.abs(rho) ** 2).sum(axis=(1, 2))
    return np.asarray(2 * (1 - purity / n_qubits))


def entangling_capability(
    circuit: Circuit | ParametricCircuit,
    *,
    n_samples: int = 1000,
    x: ArrayLike | None = None,
    random_state: Seed = None,
    backend: str | Backend = "numpy",
) -> float:
    """Return the mean Meyer–Wallach entanglement of a circuit over random weights.

    Parameters
    ----------
    circuit : Circuit or ParametricCircuit
        A `Circuit` has all its angles drawn.
    n_samples : int, default=1000
        Number of weight vectors, uniform in [0, 2π).
    x : array-like of shape (n_features,), optional
        The row of data in radians; zeros by default.
    random_state : int, RandomState or None
    backend : str or Backend, default="numpy"
        An exact one.

    Returns
    -------
    float
        In [0, 1]; random states of the Haar measure have (2ⁿ − 2)/(2ⁿ + 1).

    References
    ----------
    Sim, Johnson and Aspuru-Guzik, "Expressibility and entangling capability of parameterized
    quantum circuits for hybrid quantum-classical algorithms", arXiv:1905.10876.

    Examples
    --------
    >>> from qmlplay.circuit import Gate
    >>> round(entangling_capability(Circuit(2, (Gate("h", (0,)), Gate("cx", (0, 1))))), 6)
    1.0
    """
    blocks = random_states(circuit, n_samples, x=x, random_state=random_state, backend=backend)
    return float(np.concatenate([meyer_wallach(block) for block in blocks]).mean())
