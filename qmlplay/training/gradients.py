"""How gradients are found: by the adjoint method, parameter shift, or SPSA.

A simulator of exact states has the *adjoint* method: all derivatives from one run there and one
back. With noise or shots, and on a device, there is *parameter shift*: exact derivatives
(up to shot noise) from two circuits per angle, four for controlled rotations. Where that would
be too many circuits, *SPSA* estimates the gradient from two circuits, whatever the number of
weights.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qmlplay.backends import Backend

__all__ = [
    "GRADIENT_METHODS",
    "GRADIENT_OPTIMIZERS",
    "MAX_SHIFT_CIRCUITS",
    "choose_gradient_method",
    "spsa_gradient",
]

Real = NDArray[np.float64]

GRADIENT_METHODS = ("auto", "adjoint", "parameter_shift", "spsa")
#: The optimisers that ask for gradients; the others need losses alone.
GRADIENT_OPTIMIZERS = ("adam", "sgd", "lbfgs")
#: "auto" takes SPSA where parameter shift would need more circuits than this per gradient step.
MAX_SHIFT_CIRCUITS = 20_000


def choose_gradient_method(
    asked: str, backend: Backend, optimizer: str, n_shift_circuits: int
) -> str | None:
    """Return how gradients will be found.

    Parameters
    ----------
    asked : {"auto", "adjoint", "parameter_shift", "spsa"}
        With "auto": adjoint where the backend has it; else parameter shift, up to
        `MAX_SHIFT_CIRCUITS` circuits per gradient step or with lbfgs; else SPSA.
    backend : Backend
        Where circuits will run.
    optimizer : str
        A key of `qmlplay.training.optimizers.OPTIMIZERS`.
    n_shift_circuits : int
        Circuits of one gradient step, all samples together, by parameter shift.

    Returns
    -------
    {"adjoint", "parameter_shift", "spsa"} or None
        None where the optimiser needs no gradients.

    Raises
    ------
    ValueError
        If the backend, or the optimiser, cannot work with the method asked for.

    Examples
    --------
    >>> from qmlplay import get_backend
    >>> choose_gradient_method("auto", get_backend("numpy"), "adam", 10_000)
    'adjoint'
    >>> with_shots = get_backend("numpy", shots=1000)
    >>> choose_gradient_method("auto", with_shots, "adam", 10_000)
    'parameter_shift'
    >>> choose_gradient_method("auto", with_shots, "adam", 100_000)
    'spsa'
    """
    if optimizer not in GRADIENT_OPTIMIZERS:
        return None
    if asked == "adjoint" and not backend.is_exact:
        raise ValueError(
            f"gradient_method='adjoint' needs exact states, which {backend!r} does not have: use "
            f"gradient_method='parameter_shift', 'spsa' or 'auto', or leave out shots and noise"
        )
    if asked == "spsa" and optimizer == "lbfgs":
        raise ValueError(
            "optimizer='lbfgs' needs gradients that are not random, and gradient_method='spsa' "
            "is: use optimizer='adam' or 'sgd', or gradient_method='parameter_shift'"
        )
    if asked != "auto":
        return asked
    if backend.is_exact:
        return "adjoint"
    if n_shift_circuits <= MAX_SHIFT_CIRCUITS or optimizer == "lbfgs":
        return "parameter_shift"
    return "spsa"


def spsa_gradient(
    evaluate: Callable[[Real], tuple[float, Real]],
    weights: Real,
    width: float,
    generator: np.random.Generator,
) -> tuple[float, Real, Real]:
    """Estimate a gradient from two evaluations in a random direction.

    All weights move at once, by ``± width``, and the slope along that direction is taken for the
    derivative by each of them. Its mean over directions is the gradient, up to an error that
    shrinks with width².

    Parameters
    ----------
    evaluate : callable
        ``evaluate(weights)`` → a loss, and an array of any shape that goes with it (derivatives
        by other numbers, which are known exactly).
    weights : ndarray of shape (n_weights,)
        Where the gradient is wanted.
    width : float
        How far to go, positive, in radians. Shot noise in the estimate grows with 1 / width.
    generator : numpy.random.Generator
        Draws the direction.

    Returns
    -------
    loss : float
        Mean of the two losses.
    gradient : ndarray of shape (n_weights,)
        The estimate.
    others : ndarray
        Mean of the arrays that came with the two losses.

    References
    ----------
    J. C. Spall, "Multivariate stochastic approximation using a simultaneous perturbation gradient
    approximation", IEEE Trans. Autom. Control 37 (1992) 332.

    Examples
    --------
    In one dimension there is one direction only, and a parabola's slope is found exactly:

    >>> import numpy as np
    >>> def parabola(w):
    ...     return float(w @ w), np.zeros(0)
    >>> loss, slope, _ = spsa_gradient(parabola, np.array([1.5]), 0.1, np.random.default_rng(0))
    >>> round(loss, 6), slope.round(6)  # 1.5² + 0.1², and 2 · 1.5
    (2.26, array([3.]))
    """
    direction = generator.choice([-1.0, 1.0], weights.shape)
    up, others_up = evaluate(weights + width * direction)
    down, others_down = evaluate(weights - width * direction)
    slope = (up - down) / (2 * width)
    return (up + down) / 2, slope * direction, (others_up + others_down) / 2
