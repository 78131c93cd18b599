"""Noise on every backend: against Kraus operators, against each other, and its manners."""

import copy
import pickle

import numpy as np
import pytest
from backend_helpers import each_backend

from qmlplay import Backend, NoiseModel, get_backend
from qmlplay.backends import testing
from qmlplay.backends.noise import NOISE_PRESETS
from qmlplay.backends.testing import (
    check_backend,
    random_angles,
    random_circuit,
    reference_densities,
    reference_noisy_expectations,
)
from qmlplay.circuit import GATES, Circuit, Gate

BACKENDS = each_backend()
NOISE = NoiseModel(0.02, 0.06, 0.03, 0.05, 0.01, 0.02, readout_error=(0.02, 0.07))
OBSERVABLES = {
    1: ["Z", "X", "Y", "I"],
    2: ["ZX", "YI", "IZ", "XX"],
    3: ["ZXY", "IIZ", "YYX", "XIZ"],
    4: ["ZXYI", "IZZZ", "YIIX", "XYZX"],
    5: ["ZXYIZ", "IIIIY", "XXXXX", "ZIZIX"],
}


def make_case(n_qubits, n_samples, seed=0, n_gates=40):
    generator = np.random.default_rng(100 * seed + n_qubits)
    circuit = random_circuit(n_qubits, n_gates, generator)
    angles = random_angles(circuit, n_samples, generator)
    angles[0] = generator.uniform(-4, 4, n_samples)
    return circuit, angles, OBSERVABLES[n_qubits]


def close(found, expected, tolerance=1e-8):
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)


@pytest.mark.slow
@BACKENDS
def test_conformance(name):
    testing.check_noise_channels(get_backend(name))


@pytest.mark.slow
@BACKENDS
@pytest.mark.parametrize("gate", GATES)
def test_each_gate(name, gate):
    """Random circuits sum up; here a wrong translation of one gate shows on its own."""
    kind = GATES[gate]
    turns = [Gate("ry", (q,), q) for q in range(3)] + [Gate("t", (1,)), Gate("sx", (2,))]
    slot = (None, 3, None, (3, 4, 5))[kind.n_angles]
    circuit = Circuit(3, (*turns, Gate(gate, (2, 0, 1)[: kind.n_qubits], slot)))
    backend = get_backend(name, noise=NOISE)
    for last in (0.7, np.array([0.7, -2.2])):
        angles = [0.4, 1.1, np.array([1.9, 0.5]), last, 1.3, -last][: circuit.n_slots]
        close(
            backend._densities(circuit, angles, 2), reference_densities(circuit, angles, 2, NOISE)
        )


@pytest.mark.parametrize("noise", ["low", "medium", "high", NOISE], ids=str)
@pytest.mark.parametrize("n_qubits", [1, 2, 3, 4, pytest.param(5, marks=pytest.mark.slow)])
def test_all_backends_agree(n_qubits, noise, backend_names):
    circuit, angles, observables = make_case(n_qubits, 4, seed=1)
    first = get_backend("numpy", noise=noise)
    expected = first.expectations(circuit, angles, observables)
    exact = get_backend("numpy").expectations(circuit, angles, observables)
    assert np.max(np.abs(expected - exact)) > 1e-3
    for backend in (get_backend(name, noise=noise) for name in backend_names):
        close(backend.expectations(circuit, angles, observables), expected)
        close(backend.probabilities(circuit, angles), first.probabilities(circuit, angles))


@BACKENDS
@pytest.mark.parametrize("channel", [*NOISE.to_dict()][:6])
def test_probability_one(name, channel):
    """The end of the range: Qiskit's own parameter goes beyond 1 there."""
    noise = NoiseModel(**{channel: 1.0})
    circuit = Circuit(2, (Gate("h", (0,)), Gate("ry", (1,), 0), Gate("cx", (0, 1))))
    observables = ["ZX", "XI", "YZ"]
    expected = reference_noisy_expectations(circuit, [0.7], observables, 1, noise)
    close(get_backend(name, noise=noise).expectations(circuit, [0.7], observables), expected)


@BACKENDS
def test_chunks_do_not_show(name, monkeypatch):
    circuit, angles, observables = make_case(2, 7)
    backend = get_backend(name, noise=NOISE)
    whole = backend.expectations(circuit, angles, observables)
    frequencies = backend.probabilities(circuit, angles)
    seen = []
    original = type(backend)._densities

    def watched(self, circuit, angles, n_samples):
        seen.append(n_samples)
        return original(self, circuit, angles, n_samples)

    monkeypatch.setattr(type(backend), "_densities", watched)
    monkeypatch.setattr(type(backend), "chunk_amplitudes", 3 * 4**2)
    close(backend.expectations(circuit, angles, observables), whole, 1e-12)
    close(backend.probabilities(circuit, angles), frequencies, 1e-12)
    assert seen == [3, 3, 1] * 2
    shared = [float(np.mean(angle)) for angle in angles]
    assert backend.expectations(circuit, shared, observables).shape == (1, 4)


@BACKENDS
def test_circuits_without_gates_or_angles(name):
    backend = get_backend(name, noise=NOISE)
    close(backend.expectations(Circuit(2, ()), [], ["ZI"]), 1 - 2 * 0.02)  # misread alone
    bell = Circuit(2, (Gate("h", (1,)), Gate("cx", (1, 0))))
    expected = reference_noisy_expectations(bell, [], ["ZZ", "IX"], 1, NOISE)
    close(backend.expectations(bell, [], ["ZZ", "IX"]), expected)


@BACKENDS
def test_bases_are_turned_without_noise(name):
    """⟨X⟩ of |+⟩ made by one gate shows the noise of one gate, not of two."""
    noise = NoiseModel(phase_flip=0.1)
    plus = Circuit(1, (Gate("h", (0,)),))
    close(get_backend(name, noise=noise).expectations(plus, [], ["X"]), [[0.8]])


@BACKENDS
def test_readout_errors_alone_need_no_density_matrices(name, monkeypatch):
    noise = NoiseModel(readout_error=(0.1, 0.2))
    backend = get_backend(name, noise=noise)
    monkeypatch.delattr(type(backend), "_densities")
    circuit, angles, observables = make_case(3, 2)
    expected = reference_noisy_expectations(circuit, angles, observables, 2, noise)
    close(backend.expectations(circuit, angles, observables), expected)


@BACKENDS
def test_gradients_come_from_parameter_shift_and_are_exact(name):
    circuit, angles, observables = make_case(2, 3, seed=2, n_gates=25)
    weights = np.random.default_rng(0).normal(size=(3, 4))
    backend = get_backend(name, noise=NOISE)
    assert not backend.is_exact
    found = backend.gradients(circuit, angles, observables, weights)
    oracle = get_backend("numpy", noise=NOISE)

    def loss(slot, step):
        moved = [*angles[:slot], angles[slot] + step, *angles[slot + 1 :]]
        return np.sum(weights * oracle.expectations(circuit, moved, observables), axis=1)

    largest = 0.0
    for slot, gradient in enumerate(found):
        slope = (loss(slot, 1e-5) - loss(slot, -1e-5)) / 2e-5
        expected = slope if isinstance(angles[slot], np.ndarray) else slope.sum()
        close(gradient, expected, 1e-7)
        largest = max(largest, float(np.max(np.abs(gradient))))
    assert largest > 0.01


@pytest.mark.slow
@BACKENDS
def test_noise_and_shots(name):
    circuit, angles, observables = make_case(3, 3, seed=3)
    noise = NoiseModel(0.01, 0.02, readout_error=(0.02, 0.05))
    shots = 20_000
    exact = reference_noisy_expectations(circuit, angles, observables, 3, noise)
    backend = get_backend(name, noise=noise, shots=shots, seed=4)
    found, errors = backend.expectations(circuit, angles, observables, return_std=True)
    assert np.any(found != exact)
    assert np.all(np.abs(found - exact) < 5 * np.sqrt((1 - exact**2) / shots))
    np.testing.assert_allclose(errors, np.sqrt((1 - exact**2) / shots), rtol=0.05)
    again = get_backend(name, noise=noise, shots=shots, seed=4)
    np.testing.assert_array_equal(again.expectations(circuit, angles, observables), found)
    frequencies = backend.probabilities(circuit, angles) * shots
    close(frequencies, frequencies.round(), 1e-6)


@BACKENDS
def test_there_is_no_state_vector(name):
    message = r"has no exact states: a state vector needs shots=None and noise=None"
    with pytest.raises(ValueError, match=message):
        get_backend(name, noise="low").statevector(Circuit(1, ()), [])


@BACKENDS
def test_too_many_qubits_for_density_matrices(name):
    circuit = Circuit(24, (Gate("h", (3,)),))
    backend = get_backend(name, noise="low")
    message = r"24 qubits need \S+ bytes \(8 density matrices, for noise\), .* or noise=None"
    for ask in (
        lambda: backend.expectations(circuit, [], ["Z" * 24]),
        lambda: backend.probabilities(circuit, []),
        lambda: backend.gradients(circuit, [], ["Z" * 24], np.ones((1, 1))),
    ):
        with pytest.raises(ValueError, match=message):
            ask()


@BACKENDS
def test_settings_are_shown_and_copied(name):
    backend = get_backend(name, noise="medium", shots=10, seed=1)
    assert backend.noise == NOISE_PRESETS["medium"]
    label = type(backend).__name__
    assert repr(backend) == f"{label}(shots=10, noise={NOISE_PRESETS['medium']!r}, seed=1)"
    circuit, angles, observables = make_case(2, 2)
    first = backend.expectations(circuit, angles, observables)
    for again in (pickle.loads(pickle.dumps(backend)), copy.copy(backend), copy.deepcopy(backend)):
        assert again.noise == backend.noise
        np.testing.assert_array_equal(again.expectations(circuit, angles, observables), first)


@BACKENDS
@pytest.mark.parametrize(
    ("noise", "error", "message"),
    [
        ("medum", ValueError, "unknown noise 'medum': did you mean 'medium'"),
        (0.1, TypeError, r"noise must be None, one of 'low', .*got noise=0.1"),
        (True, TypeError, "got noise=True"),
    ],
)
def test_bad_input(name, noise, error, message):
    with pytest.raises(error, match=message):
        get_backend(name, noise=noise)


class Own(Backend):
    """A backend of somebody else's, with the reference's density matrices."""

    name = "own"

    def _run(self, circuit, angles, states, cuts):
        return get_backend("numpy")._run(circuit, angles, states, cuts)

    def _densities(self, circuit, angles, n_samples):
        return reference_densities(circuit, angles, n_samples, self.noise)


class WithoutNoise(Backend):
    """A backend that simulates states alone."""

    name = "without"
    _run = Own._run


@pytest.mark.slow
def test_a_backend_of_somebody_else():
    check_backend(Own())
    check_backend(WithoutNoise())
    with pytest.raises(ValueError, match=r"WithoutNoise simulates no noise .*backend='numpy'"):
        WithoutNoise(noise="low")
    assert WithoutNoise(noise=None).noise is None


@pytest.mark.parametrize("wrong", ["conversion", "order", "place"])
def test_the_kit_finds_wrong_noise(wrong):
    class Broken(Own):
        def _densities(self, circuit, angles, n_samples):
            noise = self.noise
            if wrong == "conversion":  # Qiskit's parameter taken for the probability
                p = noise.depolarizing_1q
                noise = NoiseModel(**noise.to_dict() | {"depolarizing_1q": 3 * p / 4})
            elif wrong == "order":  # what comes last comes first
                channels = noise.channels
                noise = copy.copy(noise)
                object.__setattr__(noise, "channels", lambda n: channels(n)[::-1])
            elif wrong == "place":  # the pair's second qubit is spared
                channels = noise.channels
                noise = copy.copy(noise)
                object.__setattr__(
                    noise, "channels", lambda n: [c for c in channels(n) if c.places != (1,)]
                )
            return reference_densities(circuit, angles, n_samples, noise)

    with pytest.raises(AssertionError):
        testing.check_noise_channels(Broken())


@pytest.mark.parametrize("wrong", ["frozen", "shared", "biased", "rounded"])
def test_the_kit_finds_wrong_shots(wrong):
    class Broken(Own):
        def _sample(self, probabilities, shots, generator):
            if wrong == "frozen":  # the seed is ignored
                generator = np.random.default_rng(0)
            if wrong == "shared":  # all samples see the same random numbers
                seed = generator.integers(2**31)
                rows = [np.random.default_rng(seed).multinomial(shots, p) for p in probabilities]
                return np.stack(rows)
            if wrong == "biased":
                probabilities = 0.95 * probabilities + 0.05 / probabilities.shape[1]
            if wrong == "rounded":  # no randomness at all
                counts = np.floor(shots * probabilities).astype(int)
                counts[:, 0] += shots - counts.sum(axis=1)
                return counts
            return generator.multinomial(shots, probabilities)

    with pytest.raises(AssertionError):
        testing.check_shots(Broken())
