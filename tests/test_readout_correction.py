"""Readout correction: it undoes exactly what readout errors do."""

import numpy as np
import pytest
from backend_helpers import each_backend

from qmlplay import NoiseModel, get_backend
from qmlplay.backends.testing import random_angles, random_circuit, random_observables
from qmlplay.circuit import Circuit, Gate
from qmlplay.mitigation import corrected_expectations, corrected_probabilities
from qmlplay.mitigation.readout_correction import confusion_matrices, correction

ERRORS = [0.03, (0.02, 0.09), (0.0, 0.2)]


def case(n_qubits=3, seed=0):
    generator = np.random.default_rng(seed)
    circuit = random_circuit(n_qubits, 25, generator)
    angles = random_angles(circuit, 4, generator)
    return circuit, angles, random_observables(n_qubits, 6, generator)


@pytest.mark.parametrize("error", ERRORS)
@each_backend("backend")
def test_expectations_come_back_exactly(error, backend):
    circuit, angles, observables = case()
    exact = get_backend("numpy").expectations(circuit, angles, observables)
    device = get_backend(backend, noise=NoiseModel(readout_error=error))
    seen = device.expectations(circuit, angles, observables)
    assert np.abs(seen - exact).max() > 0.01
    corrected = corrected_expectations(device, circuit, angles, observables)
    np.testing.assert_allclose(corrected, exact, atol=1e-10)


@pytest.mark.parametrize("error", ERRORS)
def test_probabilities_come_back_exactly(error):
    circuit, angles, _ = case()
    exact = get_backend("numpy").probabilities(circuit, angles)
    device = get_backend("numpy", noise=NoiseModel(readout_error=error))
    seen = device.probabilities(circuit, angles)
    assert np.abs(seen - exact).max() > 0.005
    confusions = confusion_matrices(device, circuit)
    np.testing.assert_allclose(corrected_probabilities(seen, confusions), exact, atol=1e-10)


def test_the_tensor_product_is_that_of_the_inverse_matrices_qubit_zero_first():
    generator = np.random.default_rng(0)
    seen = generator.dirichlet(np.ones(8), 2)
    confusions = [NoiseModel(readout_error=e).confusion for e in (0.01, (0.1, 0.2), (0.3, 0.0))]
    whole = np.kron(np.kron(confusions[0], confusions[1]), confusions[2])
    expected = np.linalg.solve(whole, seen.T).T
    np.testing.assert_allclose(corrected_probabilities(seen, confusions), expected, atol=1e-12)
    assert corrected_probabilities(seen, confusions).sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("observable", ["ZII", "IZZ", "ZZZ", "III"])
def test_expectations_and_probabilities_agree_qubit_by_qubit(observable):
    """Correct expectations directly, or the probabilities first: the same."""
    seen = np.random.default_rng(1).dirichlet(np.ones(8), 5)
    confusions = [NoiseModel(readout_error=e).confusion for e in (0.01, (0.1, 0.2), (0.3, 0.0))]

    def expectation(probabilities, string):
        signs = np.ones(1)
        for letter in string:
            signs = np.kron(signs, [1, -1] if letter == "Z" else [1, 1])
        return probabilities @ signs

    strings, matrix, offset = correction([observable], confusions)
    values = np.stack([expectation(seen, string) for string in strings], axis=1)
    found = (values @ matrix + offset)[:, 0]
    expected = expectation(corrected_probabilities(seen, confusions), observable)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_gate_noise_is_left_alone():
    circuit, angles, observables = case()
    gates = {"depolarizing_1q": 0.01, "depolarizing_2q": 0.03}
    without = get_backend("numpy", noise=NoiseModel(**gates))
    device = get_backend("numpy", noise=NoiseModel(**gates, readout_error=(0.02, 0.09)))
    expected = without.expectations(circuit, angles, observables)
    found = corrected_expectations(device, circuit, angles, observables)
    np.testing.assert_allclose(found, expected, atol=1e-10)


def test_with_shots_the_corrected_estimates_are_unbiased():
    circuit = Circuit(2, (Gate("ry", (0,), 0), Gate("cx", (0, 1))))
    angles = [np.full(400, 1.1)]
    noise = NoiseModel(readout_error=(0.02, 0.2))
    device = get_backend("numpy", shots=200, noise=noise, seed=3)
    found = corrected_expectations(device, circuit, angles, ["ZI", "ZZ", "XX"])
    exact = get_backend("numpy").expectations(circuit, [1.1], ["ZI", "ZZ", "XX"])
    z = (found.mean(axis=0) - exact[0]) / (found.std(axis=0, ddof=1) / np.sqrt(400))
    assert np.abs(z).max() < 4.5
    seen = device.expectations(circuit, angles, ["ZI"])
    assert abs(seen.mean() - exact[0, 0]) / (seen.std() / 20) > 10  # it does see the bias


def test_errors_can_be_given_and_an_exact_backend_has_none():
    circuit, angles, observables = case()
    exact = get_backend("numpy")
    expected = exact.expectations(circuit, angles, observables)
    np.testing.assert_array_equal(
        corrected_expectations(exact, circuit, angles, observables), expected
    )
    given = corrected_expectations(exact, circuit, angles, ["ZII"], readout_error=0.1)
    np.testing.assert_allclose(
        given, exact.expectations(circuit, angles, ["ZII"]) / 0.8, atol=1e-12
    )


def test_bad_input():
    circuit, angles, observables = case()
    exact = get_backend("numpy")
    for error in (0.5, (0.4, 0.6), (1.0, 0.0)):
        with pytest.raises(ValueError, match=r"qubit 0 does not depend on .*sum to 1"):
            corrected_expectations(exact, circuit, angles, observables, readout_error=error)
    with pytest.raises(ValueError, match="readout_error must be a probability"):
        corrected_expectations(exact, circuit, angles, observables, readout_error=1.5)
    with pytest.raises(TypeError, match="must be a list of Pauli strings"):
        corrected_expectations(exact, circuit, angles, "ZII")
    with pytest.raises(ValueError, match=r"must have shape \(n_samples, 4\)"):
        corrected_probabilities([[0.5, 0.5]], [np.eye(2)] * 2)


def test_the_identity_among_others_adds_nothing_to_them():
    circuit, angles, _ = case()
    observables = ["ZII", "III", "IZZ", {"XZI": -2.0, "III": 0.5}]
    exact = get_backend("numpy").expectations(circuit, angles, observables)
    device = get_backend("numpy", noise=NoiseModel(readout_error=(0.02, 0.09)))
    corrected = corrected_expectations(device, circuit, angles, observables)
    np.testing.assert_allclose(corrected, exact, atol=1e-10)
