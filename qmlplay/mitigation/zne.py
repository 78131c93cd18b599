"""Zero-noise extrapolation: measure with more noise, and infer what none would give."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qmlplay.backends import Backend
from qmlplay.circuit import Angle, Circuit, Observable
from qmlplay.mitigation.extrapolation import extrapolate, extrapolation_weights
from qmlplay.mitigation.folding import fold_global, folded_scale_factor
from qmlplay.mitigation.readout_correction import ReadoutError, corrected_expectations
from qmlplay.typing import Real

__all__ = ["check_scale_factors", "zero_noise_extrapolation"]


def check_scale_factors(circuit: Circuit, scale_factors: Sequence[float]) -> list[float]:
    """Return the scale factors that folding a circuit really gives.

    Raises
    ------
    ValueError
        If one is below 1, there are fewer than two, or two of them fold the same gates.

    Examples
    --------
    >>> from qmlplay.circuit import Circuit, Gate
    >>> check_scale_factors(Circuit(1, (Gate("h", (0,)), Gate("s", (0,)))), (1, 2, 3))
    [1.0, 2.0, 3.0]
    """
    extrapolation_weights(scale_factors, "linear")  # at least two, and all different
    folded = [folded_scale_factor(len(circuit.gates), factor) for factor in scale_factors]
    if len(set(folded)) < len(folded):
        raise ValueError(
            f"scale_factors={tuple(scale_factors)} are too close together for a circuit of "
            f"{len(circuit.gates)} gate(s), which folds to {folded}: use odd integers, such as "
            f"(1, 3, 5)"
        )
    return folded


def zero_noise_extrapolation(
    backend: Backend,
    circuit: Circuit,
    angles: Sequence[Angle],
    observables: Sequence[Observable],
    scale_factors: Sequence[float] = (1, 3, 5),
    extrapolation: str = "linear",
    *,
    correct_readout: bool = False,
    readout_error: ReadoutError | None = None,
) -> Real:
    """Return expectations extrapolated to zero gate noise.

    The circuit is folded to more gates, which do the same but are followed by more noise, and
    the expectations are extrapolated back to none. Errors of the readout do not grow with the
    gates, so that extrapolation leaves them as they are: correct them first.

    Parameters
    ----------
    backend : Backend
        Any backend, with noise, shots, or both.
    circuit, angles, observables
        As in `Backend.expectations`.
    scale_factors : sequence of float, default=(1, 3, 5)
        Times as many gates, each at least 1; one run of the circuit for each.
    extrapolation : {"linear", "richardson"}, default="linear"
        As in `extrapolation_weights`.
    correct_readout : bool, default=False
        Whether to correct readout errors, too, as `corrected_expectations` does.
    readout_error : float or (float, float), optional
        As in `corrected_expectations`.

    Returns
    -------
    ndarray of shape (n_samples, n_observables)
        Estimates, which can leave [−1, 1].

    Raises
    ------
    TypeError, ValueError
        As in `Backend.expectations`, `corrected_expectations` and `extrapolation_weights`, or if
        a scale factor is below 1, or two of them fold a short circuit alike.

    References
    ----------
    Temme, Bravyi and Gambetta, "Error mitigation for short-depth quantum circuits",
    arXiv:1612.02058. Giurgica-Tiron et al., "Digital zero noise extrapolation for quantum error
    mitigation", arXiv:2005.10921.

    Examples
    --------
    >>> import numpy as np
    >>> from qmlplay import NoiseModel, get_backend
    >>> from qmlplay.circuit import Circuit, Gate
    >>> circuit = Circuit(2, (Gate("ry", (0,), slot=0), Gate("cx", (0, 1))))
    >>> noisy = get_backend("numpy", noise=NoiseModel(depolarizing_1q=0.01, depolarizing_2q=0.02))
    >>> angles = [np.pi / 3]  # the exact expectation is cos(π/3) = 0.5
    >>> float(noisy.expectations(circuit, angles, ["IZ"])[0, 0].round(4))
    0.4828
    >>> float(zero_noise_extrapolation(noisy, circuit, angles, ["IZ"])[0, 0].round(4))
    0.4982
    >>> rich = zero_noise_extrapolation(
    ...     noisy, circuit, angles, ["IZ"], extrapolation="richardson")
    >>> float(rich[0, 0].round(4))
    0.5
    """
    extrapolation_weights(scale_factors, extrapolation)  # a wrong name is found before any run
    folded_factors = check_scale_factors(circuit, scale_factors)
    values = []
    for factor in scale_factors:
        folded, folded_angles = fold_global(circuit, angles, factor)
        if correct_readout:
            expectations = corrected_expectations(
                backend, folded, folded_angles, observables, readout_error=readout_error
            )
        else:
            expectations = backend.expectations(folded, folded_angles, observables)
        values.append(expectations)
    return extrapolate(folded_factors, np.stack(values), extrapolation)
