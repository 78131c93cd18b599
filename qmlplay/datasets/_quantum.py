"""A dataset made by a quantum circuit, computed with plain NumPy."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.linalg import hadamard
from scipy.stats import unitary_group

from qmlplay.checks import real_number, whole_number
from qmlplay.datasets._samples import Drawn, RandomState, Samples, balanced_sample, random_source
from qmlplay.typing import Complex, Integers, Real

__all__ = ["ad_hoc"]


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
