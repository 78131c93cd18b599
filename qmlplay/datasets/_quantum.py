"""Datasets made by quantum circuits and quantum magnets, computed with plain NumPy."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.linalg import hadamard
from scipy.stats import unitary_group

from qmlplay.checks import real_number, whole_number
from qmlplay.datasets._samples import (
    Drawn,
    RandomState,
    Samples,
    balanced_labels,
    balanced_sample,
    random_source,
)
from qmlplay.typing import Complex, Integers, Real

__all__ = ["ad_hoc", "cluster_ising"]


def ad_hoc(
    *, n_samples: int = 300, n_features: int = 2, gap: float = 0.3, random_state: RandomState = None
) -> Samples:
    """Points labelled by a quantum circuit that is easy for the right quantum kernel.

    A point x of (0, 2π]^n is encoded in n qubits by the ZZ feature map with two repetitions,
    |Φ(x)> = U(x) H U(x) H |0...0> with U(x) = exp(i Σ_i x_i Z_i + i Σ_i<j (π-x_i)(π-x_j) Z_i Z_j).
    Its label is the sign of <Φ(x)| V† Z...Z V |Φ(x)> for a random unitary V.

    Parameters
    ----------
    n_samples : int, at least 2
    n_features : int, 2 or 3
        One qubit per feature.
    gap : float in [0, 1)
        Only points whose expectation value is at least this far from 0 are kept.
    random_state : None, int or RandomState
        Draws V as well as the points.

    Notes
    -----
    What is hard: the labels oscillate quickly in x, so linear models see noise, and kernels and
    other encodings miss a part; a kernel or circuit with the same feature map separates them,
    such as ``VariationalClassifier(encoding="zz")``. That makes it a test of the encoding, not
    evidence of a quantum advantage.

    References
    ----------
    Source: V. Havlíček et al., Supervised learning with quantum-enhanced feature spaces,
    arXiv:1804.11326.
    """
    n_samples = whole_number("n_samples", n_samples, 2)
    n_features = whole_number("n_features", n_features, 2, 3)
    gap = real_number("gap", gap, 0.0, 1.0)
    source = random_source(random_state)
    rotation = unitary_group.rvs(2**n_features, random_state=source)
    parity = _signs(n_features).prod(axis=1)  # the diagonal of Z...Z

    def draw(size: int) -> Drawn:
        points = 2 * np.pi * (1 - source.uniform(size=(size, n_features)))  # 0 is excluded
        values = np.abs(_encode(points) @ rotation.T) ** 2 @ parity  # (size,)
        outside = np.abs(values) >= gap
        return points[outside], (values[outside] > 0).astype(np.int64)

    remedy = f"gap={gap!r}: this random_state has too few such points; lower gap, 0.3 is usual"
    X, y = balanced_sample(draw, n_samples, source, remedy)
    return Samples(X, y, target_names=("negative", "positive"))


def cluster_ising(
    *, n_samples: int = 200, n_qubits: int = 6, random_state: RandomState = None
) -> Samples:
    """Ground states of a ring of spins in a topological and in a paramagnetic phase.

    H = -Σ Z_i X_(i+1) Z_(i+2) - h Σ X_i with h drawn from [0, 2]. Below h = 1 the phase is
    topological (symmetry-protected), beyond paramagnetic. The features are the 2^n amplitudes of
    the ground state, which are real; the one of |0...0> is positive.

    Parameters
    ----------
    n_samples : int, at least 2
    n_qubits : int from 3 to 8
        Number of spins n.
    random_state : None, int or RandomState

    Notes
    -----
    What is hard: near h = 1 the ground state of so short a ring changes little by little, while
    the label jumps; no expectation of a single spin but <X> tells the phases apart. The features
    are meant as amplitudes, ``VariationalClassifier(encoding="amplitude")``.

    References
    ----------
    Source: I. Cong, S. Choi and M. Lukin, Quantum convolutional neural networks,
    arXiv:1810.03787: its Hamiltonian with h2 = 0, where the transition is known exactly, on a
    shorter chain that is closed to a ring.
    """
    n_samples = whole_number("n_samples", n_samples, 2)
    n_qubits = whole_number("n_qubits", n_qubits, 3, 8)
    source = random_source(random_state)
    y = balanced_labels(n_samples, 2, source)
    fields = source.uniform(size=n_samples) + (1 - y)
    cluster, flips = _ring_terms(n_qubits)
    X = np.array([np.linalg.eigh(-cluster - h * flips)[1][:, 0] for h in fields])
    X *= np.sign(X[:, :1])
    return Samples(X, y, target_names=("paramagnetic", "topological"))


def _ring_terms(n_qubits: int) -> tuple[Real, Real]:
    """Σ Z X Z and Σ X on a ring, matrices of shape (2**n_qubits, 2**n_qubits) each."""
    signs, states = _signs(n_qubits), np.arange(2**n_qubits)
    cluster, flips = np.zeros((2, 2**n_qubits, 2**n_qubits))
    for i in range(n_qubits):
        flipped = states ^ (1 << (n_qubits - 1 - i))
        flips[flipped, states] += 1
        cluster[flipped, states] += signs[:, i - 1] * signs[:, (i + 1) % n_qubits]
    return cluster, flips


def _signs(n_qubits: int) -> Integers:
    """Eigenvalues of each Z on each basis state, (2**n_qubits, n_qubits), qubit 0 leftmost."""
    shifts = np.arange(n_qubits)[::-1]
    return 1 - 2 * ((np.arange(2**n_qubits)[:, None] >> shifts) & 1)


def _encode(X: Real) -> Complex:
    """States of the ZZ feature map with two repetitions, (n_samples, 2**n_features)."""
    n_qubits = X.shape[1]
    signs = _signs(n_qubits)
    phases = X @ signs.T
    for i, j in combinations(range(n_qubits), 2):
        phases += np.outer((np.pi - X[:, i]) * (np.pi - X[:, j]), signs[:, i] * signs[:, j])
    diagonal = np.exp(1j * phases)
    mix = hadamard(2**n_qubits) / 2 ** (n_qubits / 2)
    states: Complex = diagonal * (diagonal @ mix) / 2 ** (n_qubits / 2)
    return states
