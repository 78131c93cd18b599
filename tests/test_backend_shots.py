"""Shots: reproducible, unbiased, and with the right spread."""

from itertools import combinations, product
from time import perf_counter

import numpy as np
import pytest
from backend_helpers import each_backend

from qmlplay import Backend, get_backend
from qmlplay.backends import measurement
from qmlplay.backends.pauli import measurement_groups
from qmlplay.backends.testing import check_shots, reference_expectations
from qmlplay.circuit import Circuit, Gate

BACKENDS = each_backend()
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


@pytest.mark.slow
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
    noisy = get_backend(name, shots=4_000, seed=2).gradients(*arguments)
    moved = 0.0
    for one, other in zip(noisy, exact, strict=True):
        assert np.shape(one) == np.shape(other)
        # at most 4 terms with |coefficient| < 1, twice where a slot is read twice
        np.testing.assert_allclose(one, other, atol=5 * 8 * 3 / np.sqrt(4_000) / 4)
        moved = max(moved, float(np.max(np.abs(np.subtract(one, other)))))
    assert moved > 1e-6  # it did sample


@BACKENDS
def test_there_is_no_state_vector_with_shots(name):
    with pytest.raises(
        ValueError, match=r"shots=10\) has no exact states: a state vector needs shots=None"
    ):
        get_backend(name, shots=10).statevector(CIRCUIT, ANGLES)


@BACKENDS
def test_conformance(name):
    check_shots(get_backend(name))


@BACKENDS
def test_samples_of_a_batch_are_independent(name):
    """Equal samples, drawn in one call, scatter around the truth as independent ones do."""
    theta, shots, n_samples = 1.1, 100, 200
    circuit = Circuit(2, (Gate("ry", (0,), 0), Gate("rx", (1,), 1)))
    angles = [np.full(n_samples, theta), 2.0]
    means = []
    for seed in range(8):
        values = get_backend(name, shots=shots, seed=seed).expectations(circuit, angles, ["ZI"])
        assert values.var() == pytest.approx((1 - np.cos(theta) ** 2) / shots, rel=0.5)
        means.append(values.mean() - np.cos(theta))
    z = np.array(means) / np.sqrt((1 - np.cos(theta) ** 2) / (shots * n_samples))
    assert np.max(np.abs(z)) < 4.5
    assert 0.2 < z.std() < 2


@BACKENDS
@pytest.mark.parametrize("n_qubits", [1, 8, 9, 11])
def test_registers_of_any_size_are_sampled(name, n_qubits):
    """A bit string shows where it should, also beyond 256 of them."""
    flips = tuple(Gate("x", (q,)) for q in range(0, n_qubits, 3))
    circuit = Circuit(n_qubits, (*flips, Gate("h", (n_qubits - 1,))))
    backend = get_backend(name, shots=50, seed=0)
    frequencies = backend.probabilities(circuit, [])
    exact = get_backend(name).probabilities(circuit, [])
    assert frequencies.shape == (1, 2**n_qubits)
    assert set(np.flatnonzero(frequencies)) == set(np.flatnonzero(exact > 1e-9))
    assert np.all(np.abs(frequencies - exact) < 0.36)


@BACKENDS
def test_each_backend_draws_with_its_own_sampler(name, monkeypatch):
    get_backend(name)  # load the framework first
    owner = {
        "qiskit": "qmlplay.backends.qiskit.aer.AerSimulator.run",
        "cirq": "qmlplay.backends.cirq_backend.cirq.sample_state_vector",
        "pennylane": "qmlplay.backends.pennylane_backend.sample_probs",
    }
    if name == "numpy":
        assert type(get_backend(name))._sample is Backend._sample  # NumPy's multinomial
        return

    def refuse(*args, **kwargs):
        raise RuntimeError("the framework's sampler was asked")

    probabilities = np.array([[0.5, 0.5]])
    monkeypatch.setattr(owner[name], refuse)
    with pytest.raises(RuntimeError, match="sampler was asked"):
        get_backend(name)._sample(probabilities, 10, np.random.default_rng(0))


@pytest.mark.slow
@BACKENDS
def test_standard_errors(name):
    backend = get_backend(name, shots=64, seed=0)
    values, errors = backend.expectations(CIRCUIT, ANGLES, OBSERVABLES, return_std=True)
    np.testing.assert_array_equal(values, sampled(name, 64, 0))
    np.testing.assert_allclose(errors, np.sqrt((1 - values**2) / 63), atol=1e-12)
    exact, zeros = get_backend(name).expectations(CIRCUIT, ANGLES, OBSERVABLES, return_std=True)
    np.testing.assert_array_equal(zeros, np.zeros_like(exact))
    many = get_backend(name, shots=64, seed=1).expectations(
        CIRCUIT, [np.full(2000, 0.4), 0.7, 2.1, -1.2], ["ZII", "XIZ"], return_std=True
    )
    # The error that a sample shows is, on average, that of the samples.
    np.testing.assert_allclose(np.sqrt((many[1] ** 2).mean(0)), many[0].std(0), rtol=0.08)


@BACKENDS
def test_standard_errors_of_one_shot_and_of_certainty(name):
    backend = get_backend(name, shots=1, seed=0)
    values, errors = backend.expectations(CIRCUIT, ANGLES, ["ZII", "III"], return_std=True)
    np.testing.assert_array_equal(np.abs(values), 1)
    np.testing.assert_array_equal(errors, [[1, 0]] * 3)
    backend = get_backend(name, shots=5, seed=0)
    _, errors = backend.expectations(Circuit(1, ()), [], ["Z"], return_std=True)
    np.testing.assert_array_equal(errors, [[0]])


def test_few_settings_are_measured(monkeypatch):
    rows = []
    original = Backend._sample

    def watched(self, probabilities, shots, generator):
        rows.append(len(probabilities))
        return original(self, probabilities, shots, generator)

    monkeypatch.setattr(Backend, "_sample", watched)
    get_backend("numpy", shots=10).expectations(CIRCUIT, ANGLES, ["ZII", "IXI", "IIZ", "IZX"])
    assert rows == [2 * 3]  # two settings of three samples, drawn in one call


def fewest_settings(observables):
    """The chromatic number of the observables' conflicts, by trying every assignment."""
    for n_settings in range(1, len(observables) + 1):
        for choice in product(range(n_settings), repeat=len(observables)):
            if all(
                "I" in (one, other) or one == other
                for (i, first), (j, second) in combinations(enumerate(observables), 2)
                if choice[i] == choice[j]
                for one, other in zip(first, second, strict=True)
            ):
                return n_settings
    return None


@pytest.mark.parametrize(
    "observables",
    [
        ("ZII", "IZI", "IIZ", "ZZI", "IZZ", "ZZZ"),
        ("ZII", "XII", "IZI", "IXI", "IIZ", "IIX"),
        ("XX", "YY", "ZZ", "XI", "IZ"),
        ("ZI", "IX", "IZ", "XI"),
        ("IZ", "XI", "ZX", "YI", "IY"),
        ("III", "XYZ"),
    ],
)
def test_settings_are_the_fewest(observables):
    groups = measurement_groups(observables)
    assert sorted(k for _, members in groups for k in members) == list(range(len(observables)))
    for basis, members in groups:
        for k in members:
            assert all(a in ("I", b) for a, b in zip(observables[k], basis, strict=True))
    assert len(groups) == fewest_settings(observables)


@BACKENDS
def test_many_shots_are_drawn_in_pieces(name, monkeypatch):
    """Whatever the numbers of shots and samples are, memory stays bounded."""
    asked = []
    backend = get_backend(name, shots=100, seed=0)
    original = backend._sample

    def watched(probabilities, shots, generator):
        asked.append((len(probabilities), shots))
        return original(probabilities, shots, generator)

    monkeypatch.setattr(backend, "_sample", watched)
    monkeypatch.setattr(measurement, "_AT_A_TIME", 70)
    frequencies = backend.probabilities(CIRCUIT, ANGLES)
    assert asked == [(1, 70), (1, 30)] * 3
    np.testing.assert_allclose(frequencies.sum(axis=1), 1)
    monkeypatch.setattr(measurement, "_AT_A_TIME", 200)
    backend.probabilities(CIRCUIT, ANGLES)
    assert asked[6:] == [(2, 100), (1, 100)]


def test_single_precision_is_sampled(backend_names):
    exact = get_backend("numpy").expectations(CIRCUIT, ANGLES, OBSERVABLES)
    names = [name for name in backend_names if "single" in get_backend(name).precisions]
    for name in names:
        backend = get_backend(name, shots=500, seed=0, precision="single")
        found = backend.expectations(CIRCUIT, ANGLES, OBSERVABLES)
        assert np.all(np.abs(found - exact) < 0.25)


@BACKENDS
@pytest.mark.slow
@pytest.mark.parametrize(("settings", "seconds"), [({}, 1.0), ({"noise": "medium"}, 10.0)])
def test_shots_are_fast_enough(name, settings, seconds):
    """100 samples of 4 qubits and 1024 shots; in practice a tenth of the time allowed."""
    gates, n_slots = [], 0
    for _ in range(3):
        for kind in ("ry", "rz", "ry"):
            gates += [Gate(kind, (q,), n_slots + q) for q in range(4)]
            n_slots += 4
        gates += [Gate("cx", (q, (q + 1) % 4)) for q in range(4)]
    circuit = Circuit(4, tuple(gates))
    angles = [np.linspace(-1, 1, 100) if slot % 12 < 4 else 0.1 * slot for slot in range(n_slots)]
    backend = get_backend(name, shots=1024, seed=0, **settings)
    times = []
    for _ in range(3):
        start = perf_counter()
        backend.expectations(circuit, angles, ["ZIII", "IZII"])
        times.append(perf_counter() - start)
    assert min(times) < seconds
