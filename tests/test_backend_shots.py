"""Shots: reproducible, unbiased, and with the right spread."""

import numpy as np
import pytest

from qmlplay import get_backend, list_backends
from qmlplay.backends.testing import reference_expectations
from qmlplay.circuit import Circuit, Gate

BACKENDS = pytest.mark.parametrize("name", list_backends())
CIRCUIT = Circuit(
    3,
    (
        Gate("ry", (0,), 0),
        Gate("rx", (1,), 1),
        Gate("h", (2,)),
        Gate("cx", (0, 1)),
        Gate("crx", (1, 2), 2),
        Gate("rzz", (2, 0), 3),
        Gate("ry", (2,), 0),
    ),
)
ANGLES = [np.array([0.4, 1.3, -2.0]), 0.7, np.array([2.1, -0.5, 1.0]), -1.2]
OBSERVABLES = ["ZII", "IZI", "XIZ", "IYI", "YXI", "IIX", "ZZZ"]


def sampled(name, shots, seed):
    return get_backend(name, shots=shots, seed=seed).expectations(CIRCUIT, ANGLES, OBSERVABLES)


@BACKENDS
def test_a_seed_makes_shots_reproducible(name):
    first = sampled(name, 100, 3)
    np.testing.assert_array_equal(first, sampled(name, 100, 3))
    assert np.any(first != sampled(name, 100, 4))
    backend = get_backend(name, shots=100)
    twice = [backend.expectations(CIRCUIT, ANGLES, OBSERVABLES) for _ in range(2)]
    assert np.any(twice[0] != twice[1])


@BACKENDS
def test_estimates_are_multiples_of_a_shot(name):
    counts = (sampled(name, 64, 0) + 1) * 32  # shots that showed +1
    np.testing.assert_allclose(counts, counts.round(), atol=1e-9)


@BACKENDS
def test_unbiased_within_five_standard_errors(name):
    shots = 40_000
    exact = reference_expectations(CIRCUIT, ANGLES, OBSERVABLES, 3)
    error = np.sqrt((1 - exact**2) / shots)
    assert np.all(np.abs(sampled(name, shots, 11) - exact) < 5 * error + 1e-12)


def test_the_variance_is_one_minus_the_square_over_shots():
    theta, shots, n_samples = 1.1, 50, 4000
    circuit = Circuit(1, (Gate("ry", (0,), 0),))
    backend = get_backend("numpy", shots=shots, seed=0)
    values = backend.expectations(circuit, [np.full(n_samples, theta)], ["Z", "X"])
    expected = (1 - np.array([np.cos(theta), np.sin(theta)]) ** 2) / shots
    spread = 5 * np.sqrt(2 / n_samples)  # five standard errors of a variance, relative
    np.testing.assert_allclose(values.var(axis=0), expected, rtol=spread + 1 / shots)


@BACKENDS
def test_observables_of_one_setting_share_their_shots(name):
    bell = Circuit(2, (Gate("h", (0,)), Gate("cx", (0, 1))))
    backend = get_backend(name, shots=25, seed=5)
    ((first, second, both),) = backend.expectations(bell, [], ["ZI", "IZ", "ZZ"])
    assert first == second  # the two qubits always agree ...
    assert both == pytest.approx(1)
    assert abs(first) < 1  # ... on a coin flip
    ((xx, yy),) = backend.expectations(bell, [], ["XX", "YY"])
    assert (xx, yy) == (pytest.approx(1), pytest.approx(-1))


@BACKENDS
def test_probabilities_are_frequencies(name):
    frequencies = get_backend(name, shots=200, seed=1).probabilities(CIRCUIT, ANGLES)
    exact = get_backend(name).probabilities(CIRCUIT, ANGLES)
    assert frequencies.shape == (3, 8)
    np.testing.assert_allclose(frequencies * 200, (frequencies * 200).round(), atol=1e-9)
    np.testing.assert_allclose(frequencies.sum(axis=1), 1)
    error = np.sqrt(exact * (1 - exact) / 200)
    assert np.all(np.abs(frequencies - exact) <= 5 * error + 1e-9)


@BACKENDS
def test_gradients_with_shots_approximate_the_exact_ones(name):
    cotangents = np.linspace(-1, 1, 6).reshape(3, 2)
    arguments = (CIRCUIT, ANGLES, ["ZXI", "IZY"], cotangents)
    exact = get_backend("numpy").gradients(*arguments)
    noisy = get_backend(name, shots=20_000, seed=2).gradients(*arguments)
    moved = 0.0
    for one, other in zip(noisy, exact, strict=True):
        assert np.shape(one) == np.shape(other)
        # at most 4 terms with |coefficient| < 1, twice where a slot is read twice
        np.testing.assert_allclose(one, other, atol=5 * 8 * 3 / np.sqrt(20_000) / 4)
        moved = max(moved, float(np.max(np.abs(np.subtract(one, other)))))
    assert moved > 1e-6  # it did sample


@BACKENDS
def test_there_is_no_state_vector_with_shots(name):
    with pytest.raises(
        ValueError, match=r"shots=10\) has no exact states: a state vector needs shots=None"
    ):
        get_backend(name, shots=10).statevector(CIRCUIT, ANGLES)


def test_backends_with_the_same_seed_see_the_same_shots():
    for name in list_backends():
        np.testing.assert_allclose(sampled(name, 100, 3), sampled("numpy", 100, 3), atol=1e-12)
