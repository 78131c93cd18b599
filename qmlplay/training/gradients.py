"""Gradients, and the ways to find them: by the adjoint method, parameter shift, or SPSA.

A simulator of exact states has the *adjoint* method: all derivatives from one run there and one
back. With noise or shots, and on a device, there is *parameter shift*: exact derivatives
(up to shot noise) from two circuits per angle, four for controlled rotations. Where that would
be too many circuits, *SPSA* estimates the gradient from two circuits, whatever the number of
weights.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np

from qmlplay.backends import Backend
from qmlplay.circuit import Angle
from qmlplay.training.optimizers import OPTIMIZERS, Optimizer, Run, get_optimizer, optimizer_name
from qmlplay.typing import Real

__all__ = ["GRADIENT_METHODS", "MAX_SHIFT_CIRCUITS", "choose_gradient_method", "spsa_gradients"]


GRADIENT_METHODS = ("auto", "adjoint", "parameter_shift", "spsa")
#: "auto" takes SPSA where parameter shift would need more circuits than this per gradient step.
MAX_SHIFT_CIRCUITS = 20_000
_OWN_ADVICE = ", or say Optimizer(…, tolerates_random_gradients=True) if yours can work with them"


def choose_gradient_method(
    asked: str, backend: Backend, optimizer: str | Optimizer | Run, n_shift_circuits: int
) -> str | None:
    """Return how gradients will be found.

    Parameters
    ----------
    asked : {"auto", "adjoint", "parameter_shift", "spsa"}
        With "auto": adjoint where the backend has it; else parameter shift, up to
        `MAX_SHIFT_CIRCUITS` circuits per gradient step, or beyond where the optimiser cannot
        work with random gradients; else SPSA.
    backend : Backend
        Where circuits will run.
    optimizer : str, Optimizer or callable
        Who asks for gradients (see `qmlplay.training.optimizers.get_optimizer`).
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
    chosen = get_optimizer(optimizer)
    if not chosen.needs_gradients:
        return None
    if asked == "adjoint" and not backend.is_exact:
        limits = "shots and noise" if backend.keeps_amplitudes else "method"
        raise ValueError(
            f"gradient_method='adjoint' needs exact states, which {backend!r} does not have: use "
            f"gradient_method='parameter_shift', 'spsa' or 'auto', or leave out {limits}"
        )
    if asked == "spsa" and not chosen.tolerates_random_gradients:
        known = {name: get_optimizer(name) for name in OPTIMIZERS}
        tolerant = {name: o for name, o in known.items() if o.tolerates_random_gradients}
        others = [name for name, o in tolerant.items() if o.needs_gradients]
        advice = "" if isinstance(optimizer, str) else _OWN_ADVICE
        raise ValueError(
            f"optimizer={optimizer_name(optimizer)!r} needs gradients that are not random, and "
            f"gradient_method='spsa' is: use optimizer={' or '.join(map(repr, others))}, or "
            f"gradient_method='parameter_shift'{advice}"
        )
    if asked != "auto":
        return asked
    if backend.is_exact:
        return "adjoint"
    if n_shift_circuits > MAX_SHIFT_CIRCUITS and chosen.tolerates_random_gradients:
        return "spsa"
    return "parameter_shift"


def spsa_gradients(
    losses: Callable[[list[Angle]], Real],
    angles: Sequence[Angle],
    n_samples: int,
    wanted: Collection[int],
    width: float,
    generator: np.random.Generator,
) -> list[Angle]:
    """Estimate the derivatives of a sum of losses by angles, from two circuits per sample.

    All wanted angles of a sample move at once by ± width, and the slope of its loss along that
    random direction is taken for the derivative by each of them. The mean over directions is the
    derivative, up to an error that shrinks with width². Every sample has a direction of its
    own, so that an average over many samples varies little.

    Parameters
    ----------
    losses : callable
        ``losses(angles)`` → the share of every sample in the loss, shape (n_samples,).
    angles : sequence of float or ndarray of shape (n_samples,)
        One entry per slot, in radians.
    n_samples : int
        Number of samples.
    wanted : collection of int
        The slots whose derivatives are needed.
    width : float
        How far to go, positive, in radians. Shot noise in the estimate grows with 1 / width.
    generator : numpy.random.Generator
        Draws the directions.

    Returns
    -------
    list of float or ndarray of shape (n_samples,)
        Like `angles`; 0 for the slots that are not wanted.

    References
    ----------
    J. C. Spall, "Multivariate stochastic approximation using a simultaneous perturbation gradient
    approximation", IEEE Trans. Autom. Control 37 (1992) 332.

    Examples
    --------
    With one angle there is one direction only, and a parabola's slope is found exactly:

    >>> import numpy as np
    >>> def parabolas(angles):
    ...     return angles[0] ** 2
    >>> generator = np.random.default_rng(0)
    >>> spsa_gradients(parabolas, [np.array([1.5, -1.0])], 2, [0], 0.1, generator)[0].round(6)
    array([ 3., -2.])
    """
    directions = {slot: generator.choice([-1.0, 1.0], n_samples) for slot in sorted(wanted)}
    up, down = (
        losses(
            [
                angle + sign * width * directions[slot] if slot in directions else angle
                for slot, angle in enumerate(angles)
            ]
        )
        for sign in (1, -1)
    )
    slopes = (up - down) / (2 * width)
    result: list[Angle] = []
    for slot, angle in enumerate(angles):
        gradient = slopes * directions[slot] if slot in directions else np.zeros(n_samples)
        result.append(gradient if isinstance(angle, np.ndarray) else float(gradient.sum()))
    return result
