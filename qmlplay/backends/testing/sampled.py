"""Checks that hold shots to statistics and noise to Kraus operators.

All random numbers are seeded, so that a check that passes passes every time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from qmlplay.backends.base import Backend
from qmlplay.backends.noise import NoiseModel
from qmlplay.backends.testing.cases import random_case, random_circuit
from qmlplay.backends.testing.reference import (
    reference_densities,
    reference_expectations,
    reference_noisy_expectations,
    reference_states,
)
from qmlplay.circuit import Angle, Circuit, Gate, PauliSum
from qmlplay.typing import Real

__all__ = [
    "check_noise_channels",
    "check_noisy_circuits",
    "check_shots",
    "check_standard_errors",
]


#: Chance that a check of sampling that is right fails, for a seed that nobody has tried.
_RISK = 1e-6
_EVERYTHING = NoiseModel(
    depolarizing_1q=0.02,
    depolarizing_2q=0.05,
    amplitude_damping=0.03,
    phase_damping=0.04,
    bit_flip=0.01,
    phase_flip=0.015,
    readout_error=(0.03, 0.08),
)


def check_noise_channels(backend: Backend) -> None:
    """Compare noise with closed forms, one channel at a time, and on random circuits.

    Raises
    ------
    AssertionError
        From the first comparison that fails.

    Examples
    --------
    >>> from qmlplay import get_backend
    >>> check_noise_channels(get_backend("numpy"))
    """
    p, theta = 0.3, np.array([0.4, 1.9])
    turn, plus = Circuit(1, (Gate("ry", (0,), 0),)), Circuit(1, (Gate("h", (0,)),))
    cosine = np.cos(theta)
    for field, circuit, angles, observable, expected in (
        ("depolarizing_1q", turn, [theta], "Z", (1 - 4 * p / 3) * cosine),
        ("depolarizing_2q", Circuit(2, (Gate("cz", (1, 0)),)), [], "ZI", 1 - 16 * p / 15),
        ("depolarizing_2q", Circuit(2, (Gate("cz", (1, 0)),)), [], "ZZ", 1 - 16 * p / 15),
        ("amplitude_damping", turn, [theta], "Z", (1 - p) * cosine + p),
        ("amplitude_damping", turn, [theta], "X", np.sqrt(1 - p) * np.sin(theta)),
        ("phase_damping", turn, [theta], "Z", cosine),
        ("phase_damping", plus, [], "X", np.sqrt(1 - p)),
        ("bit_flip", turn, [theta], "Z", (1 - 2 * p) * cosine),
        ("bit_flip", plus, [], "X", 1.0),
        ("phase_flip", plus, [], "X", 1 - 2 * p),
        ("phase_flip", turn, [theta], "Z", cosine),
        ("readout_error", turn, [theta], "Z", (1 - 2 * p) * cosine),
    ):
        noisy = _with(backend, noise=NoiseModel(**{field: p}))
        found = noisy.expectations(circuit, angles, [observable])[:, 0]
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-8, err_msg=field)
    noisy = _with(backend, noise=NoiseModel(readout_error=(0.1, 0.3)))
    ones = np.sin(theta / 2) ** 2
    read = 0.1 * (1 - ones) + 0.7 * ones
    _close(noisy.probabilities(turn, [theta]), np.stack([1 - read, read], axis=1))
    check_noisy_circuits(backend)


def check_noisy_circuits(backend: Backend, *, seed: int = 0) -> None:
    """Compare densities, probabilities and expectations on random circuits within 1e-8."""
    noisy = _with(backend, noise=_EVERYTHING)
    assert not noisy.is_exact
    for n_qubits in range(1, 5):
        case = random_case(seed + n_qubits, n_qubits)
        circuit, angles, observables = case.circuit, case.angles, case.observables
        expected = reference_densities(circuit, angles, 3, _EVERYTHING)
        _close(noisy._densities(circuit, angles, 3), expected)
        _close(
            noisy.expectations(circuit, angles, observables),
            reference_noisy_expectations(circuit, angles, observables, 3, _EVERYTHING),
        )
        true = np.einsum("nii->ni", expected).real
        confusion: NDArray[Any] = np.eye(1)
        for _ in range(n_qubits):
            confusion = np.kron(confusion, _EVERYTHING.confusion)
        _close(noisy.probabilities(circuit, angles), true @ confusion.T)


def check_shots(backend: Backend, *, n_seeds: int = 20) -> None:
    """Hold shots to statistics: whole counts, right frequencies and errors, other seeds.

    Raises
    ------
    AssertionError
        From the first test that fails.

    Examples
    --------
    >>> from qmlplay import get_backend
    >>> check_shots(get_backend("numpy"))
    """
    shots, n_samples = 200, 12
    generator = np.random.default_rng(0)
    circuit = random_circuit(3, 30, generator)
    shared = [float(generator.uniform(-4, 4)) for _ in range(circuit.n_slots)]
    angles: list[Angle] = [np.full(n_samples, shared[0]), *shared[1:]]
    exact = np.abs(reference_states(circuit, shared, 1)[0]) ** 2  # the same for all samples
    seen = []
    for seed in range(n_seeds):
        counts = _with(backend, shots=shots, seed=seed).probabilities(circuit, angles) * shots
        again = _with(backend, shots=shots, seed=seed).probabilities(circuit, angles) * shots
        np.testing.assert_array_equal(counts, again)
        _close(counts, counts.round())
        _close(counts.sum(axis=1), shots)
        seen.append(counts)
    assert len(np.unique(seen, axis=0)) == n_seeds, "some seeds draw the same shots"
    # Each sample on its own; all samples of a seed together, and a sample of all seeds, which
    # see random numbers that were used twice.
    _check_chi_square(np.reshape(seen, (-1, len(exact))), shots * exact)
    _check_chi_square(np.sum(seen, axis=1), shots * n_samples * exact)
    _check_chi_square(np.sum(seen, axis=0), shots * n_seeds * exact)
    check_standard_errors(backend)


def check_standard_errors(backend: Backend, *, n_seeds: int = 8) -> None:
    """Hold the standard errors of strings and sums to the spread that estimates have.

    The strings of the sums are read off the same shots, and depend on each other.

    Raises
    ------
    AssertionError
        From the first observable whose errors are too small or too large.
    """
    shots, n_samples = 400, 12
    bell = Circuit(2, (Gate("ry", (0,), 0), Gate("cx", (0, 1))))
    angles: list[Angle] = [np.full(n_samples, 0.7)]
    observables = (
        "ZI",
        PauliSum.from_dict({"ZI": 1, "IZ": 1}),
        PauliSum.from_dict({"ZI": 1, "ZZ": 2, "II": 3}),
        PauliSum.from_dict({"ZZ": 0.5, "XX": 1, "YY": -0.7}),
    )
    exact = reference_expectations(bell, angles, observables, n_samples)
    scores = []
    for seed in range(n_seeds):
        sampled = _with(backend, shots=shots, seed=seed)
        values, errors = sampled.expectations(bell, angles, observables, return_std=True)
        scores.append((values - exact) / errors)
    squares, freedom = np.sum(np.square(scores), axis=(0, 1)), n_seeds * n_samples
    low, high = stats.chi2.ppf([_RISK / 2, 1 - _RISK / 2], freedom)
    for observable, square in zip(observables, squares, strict=True):
        assert low < square < high, f"{observable}: χ² = {square:.1f} of {freedom} estimates"


def _check_chi_square(counts: Real, expected: Real) -> None:
    """Check rows of counts, with rare bit strings taken together, on both tails."""
    is_common = expected >= 5
    counts = np.column_stack([counts[:, is_common], counts[:, ~is_common].sum(axis=1)])
    expected = np.append(expected[is_common], expected[~is_common].sum())
    counts, expected = counts[:, expected > 0], expected[expected > 0]
    chi_square = np.sum((counts - expected) ** 2 / expected)
    freedom = len(counts) * (len(expected) - 1)
    low, high = stats.chi2.ppf([_RISK / 2, 1 - _RISK / 2], freedom)
    assert low < chi_square < high, f"χ² = {chi_square:.1f} with {freedom} degrees of freedom"


def _with(backend: Backend, **settings: Any) -> Backend:
    return type(backend)(**settings)


def _close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-8)
