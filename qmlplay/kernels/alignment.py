"""Kernel–target alignment: how well a kernel matrix fits labels, and the training of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.spatial.distance import cdist
from sklearn.base import clone
from sklearn.utils import check_X_y
from sklearn.utils.multiclass import type_of_target

from qmlplay.checks import check_count, check_flag
from qmlplay.circuit import Angle
from qmlplay.kernels.kernel_design import KernelDesign
from qmlplay.kernels.quantum_kernel import QuantumKernel
from qmlplay.typing import Real

__all__ = ["target_alignment", "train_alignment"]


def target_alignment(kernel_matrix: ArrayLike, y: ArrayLike, *, centered: bool = False) -> float:
    """Return the alignment of a kernel matrix with labels, ⟨K, T⟩ / (‖K‖ ‖T‖).

    The products are those of Frobenius. T is y yᵀ: for two classes y is −1 and 1; for c classes
    Tᵢⱼ is 1 for the same class and −1/(c − 1) for others; for numbers y is taken less its mean.

    Parameters
    ----------
    kernel_matrix : array-like of shape (n_samples, n_samples)
    y : array-like of shape (n_samples,)
        Labels, or real numbers.
    centered : bool, default=False
        Whether K is centered first, so that classes of different sizes do not raise it [2]_.

    Returns
    -------
    float
        In [−1, 1]; 1 where the matrix is T but for a factor, 0 for a constant K that is centered.

    Raises
    ------
    ValueError
        If the shapes do not fit, or there is only one class.

    References
    ----------
    .. [1] Cristianini et al., "On kernel-target alignment", NIPS 2001; Hubregtsen et al.,
       "Training quantum embedding kernels on near-term quantum computers", arXiv:2105.02276.
    .. [2] Cortes, Mohri and Rostamizadeh, "Algorithms for learning kernels based on centered
       alignment", JMLR 13 (2012).

    Examples
    --------
    >>> target_alignment([[1, 0], [0, 1]], ["a", "b"]), target_alignment([[1, -1], [-1, 1]], [0, 1])
    (0.7071067811865475, 1.0)
    """
    check_flag("centered", centered)
    K, T = np.asarray(kernel_matrix, dtype=float), _target(y)
    if K.shape != T.shape:
        raise ValueError(
            f"the kernel matrix has shape {K.shape}, but y has {len(T)} labels: it needs "
            f"{T.shape}, the kernel of all training rows"
        )
    return _alignment(_centered(K) if centered else K, T)[0]


def _target(y: ArrayLike) -> Real:
    labels = np.asarray(y)
    if labels.ndim != 1:
        raise ValueError(f"y must have shape (n_samples,), got {labels.shape}")
    if type_of_target(labels) == "continuous":
        values = labels - labels.mean()
        return np.asarray(np.outer(values, values))
    classes, index = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"y has only one class, {classes.tolist()}: alignment needs at least 2")
    return np.asarray(np.where(index[:, None] == index, 1.0, -1 / (len(classes) - 1)))


def _centered(K: Real) -> Real:
    rows = K - K.mean(axis=0)
    return np.asarray(rows - rows.mean(axis=1, keepdims=True))


def _alignment(K: Real, T: Real) -> tuple[float, Real]:
    """Return the alignment, and its derivative by K."""
    norm_K, norm_T = np.linalg.norm(K), np.linalg.norm(T)
    if norm_K <= 1e-12 * len(K):  # a constant kernel, centered
        return 0.0, np.zeros_like(K)
    value = float((K * T).sum() / (norm_K * norm_T))
    return value, T / (norm_K * norm_T) - value * K / norm_K**2


def train_alignment(
    kernel: QuantumKernel,
    X: ArrayLike,
    y: ArrayLike,
    *,
    centered: bool = True,
    max_iter: int = 50,
) -> QuantumKernel:
    """Return a kernel whose encoding weights align it better with labels.

    Every angle that reads features (in a sum of them, every feature) gets a weight; they start at
    1, or at those that the kernel has, and L-BFGS climbs with exact gradients: one run of the
    circuits forward and one backward for all weights. It finds what is near the start; a kernel
    that starts with too large a bandwidth, where all rows are unlike, has little slope.

    Parameters
    ----------
    kernel : QuantumKernel
        Exact; it stays as it is.
    X : array-like of shape (n_samples, n_features)
        Training rows, in radians.
    y : array-like of shape (n_samples,)
        Labels, or real numbers.
    centered : bool, default=True
        See `target_alignment`. Without it large kernel values everywhere count as aligned where
        one class is larger than the others.
    max_iter : int, default=50
        Iterations, each of a few kernel matrices.

    Returns
    -------
    QuantumKernel
        With ``weights``.

    Raises
    ------
    TypeError, ValueError
        If it is no quantum kernel, has shots or noise, or the data are not allowed.

    Examples
    --------
    The second of two features is noise, and its weight ends up small:

    >>> random = np.random.default_rng(0)
    >>> X = random.uniform(-1.5, 1.5, (60, 2))
    >>> kernel = QuantumKernel("angle_ry")
    >>> trained = train_alignment(kernel, X, X[:, 0] > 0)
    >>> abs(trained.weights[1]) < 0.3 < abs(trained.weights[0])
    True
    """
    if not isinstance(kernel, QuantumKernel):
        raise TypeError(f"kernel must be a QuantumKernel, got {type(kernel).__name__}")
    check_flag("centered", centered)
    check_count("max_iter", max_iter)
    rows, labels = check_X_y(X, y, dtype=float, y_numeric=False)
    T = _target(labels)
    objective = _objective(kernel, rows, T, centered=centered)
    start = np.array(_weighted(kernel, rows.shape[1], kernel.weights).weights)
    found = minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": max_iter})
    trained: QuantumKernel = clone(kernel).set_params(weights=tuple(found.x.tolist()))
    return trained


def _weighted(kernel: QuantumKernel, n_features: int, weights: Any) -> KernelDesign:
    """Return the kernel's design with a weight per angle, ones where it has none."""
    weighted: QuantumKernel = clone(kernel).set_params(weights=weights)
    return weighted.design(n_features, with_weights=True)


def _objective(
    kernel: QuantumKernel, X: Real, T: Real, *, centered: bool
) -> Callable[[Real], tuple[float, Real]]:
    backend = kernel.make_backend()
    if not backend.is_exact:
        raise ValueError(
            f"alignment is trained on exact states, which {backend!r} does not have: take "
            f"backend='numpy' without shots and noise, and set others on the trained kernel, "
            f"trained.set_params(shots=1000)"
        )
    parts = _projected if kernel.kind == "projected" else _fidelity

    def objective(weights: Real) -> tuple[float, Real]:
        design = _weighted(kernel, X.shape[1], tuple(weights))
        angles = design.angles(X)
        K, pull_back = parts(design, backend, angles)
        value, slopes = _alignment(_centered(K) if centered else K, T)
        gradients = pull_back(_centered(slopes) if centered else slopes)
        scaled = [design.bandwidth * gradient for gradient in gradients]
        return -value, -design.circuit.weight_gradient(X, weights, scaled)

    return objective


PullBack = Callable[[Real], list[Angle]]


def _fidelity(design: KernelDesign, backend: Any, angles: list[Angle]) -> tuple[Real, PullBack]:
    """Return the kernel matrix, and the way from slopes by its entries to slopes by angles."""
    circuit = design.circuit.circuit
    states = backend.statevector(circuit, angles)
    overlaps = states @ states.conj().T  # [i, j] = ⟨φⱼ|φᵢ⟩

    def pull_back(slopes: Real) -> list[Angle]:
        cotangents = 2 * ((slopes + slopes.T) * overlaps) @ states
        return list(backend.state_gradients(circuit, angles, cotangents))

    return np.asarray(np.abs(overlaps) ** 2), pull_back


def _projected(design: KernelDesign, backend: Any, angles: list[Angle]) -> tuple[Real, PullBack]:
    circuit, observables = design.circuit.circuit, design.observables
    seen = backend.expectations(circuit, angles, observables)
    K = np.asarray(np.exp(-design.gamma * cdist(seen, seen, "sqeuclidean")))

    def pull_back(slopes: Real) -> list[Angle]:
        pairs = -2 * design.gamma * (slopes + slopes.T) * K
        cotangents = pairs.sum(axis=1)[:, None] * seen - pairs @ seen
        return list(backend.gradients(circuit, angles, observables, cotangents))

    return K, pull_back
