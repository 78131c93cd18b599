"""How a backend computes: single precision and threads change the time, not the results."""

import numpy as np
import pytest
from backend_helpers import CORE_BACKENDS, each_backend

from qmlplay import get_backend
from qmlplay.backends.testing import random_angles, random_circuit, random_observables

SINGLE = [name for name in CORE_BACKENDS if name != "pennylane"]


def make_case(n_qubits=5, n_samples=3000):
    """Enough samples for several chunks on every backend."""
    generator = np.random.default_rng(7)
    circuit = random_circuit(n_qubits, 40, generator)
    angles = random_angles(circuit, n_samples, generator)
    angles[0] = generator.uniform(-4, 4, n_samples)
    observables = random_observables(n_qubits, 3, generator)
    return circuit, angles, observables, generator.normal(size=(n_samples, 3))


def assert_close(found, expected, tolerance):
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)


@each_backend(names=SINGLE)
def test_single_precision_is_off_by_its_rounding_alone(name):
    case = make_case()
    single = get_backend(name, precision="single")
    values, slopes = single.expectations_and_gradients(*case)
    expected_values, expected_slopes = get_backend(name).expectations_and_gradients(*case)
    assert 1e-12 < np.abs(values - expected_values).max() < 2e-6
    for found, expected in zip(slopes, expected_slopes, strict=True):
        # A shared angle's derivative is a sum over 3000 samples.
        assert_close(found, expected, 1e-5 if np.ndim(found) else 1e-3)


@each_backend(names=SINGLE)
def test_states_of_single_precision(name):
    circuit, angles, _, _ = make_case(3, 5)
    states = get_backend(name, precision="single").statevector(circuit, angles)
    assert states.dtype == np.complex64
    assert_close(states, get_backend(name).statevector(circuit, angles), 1e-6)


def test_pennylane_knows_double_precision_alone():
    with pytest.raises(ValueError, match="precision must be 'double' here; got precision='single'"):
        get_backend("pennylane", precision="single")


@pytest.mark.slow
@each_backend()
def test_threads_change_no_result(name):
    case = make_case()
    values, slopes = get_backend(name).expectations_and_gradients(*case)
    threaded = get_backend(name, n_threads=3)
    many_values, many_slopes = threaded.expectations_and_gradients(*case)
    assert_close(many_values, values, 0)
    assert_close(threaded.expectations(*case[:3]), values, 1e-14)
    for found, expected in zip(many_slopes, slopes, strict=True):
        assert type(found) is type(expected)
        assert_close(found, expected, 1e-10)  # summed in another order


@pytest.mark.parametrize("n_threads", [0, -1, 1.5, True, None, "2"])
def test_bad_numbers_of_threads(n_threads):
    with pytest.raises(ValueError, match="n_threads must be a positive integer; got n_threads="):
        get_backend("numpy", n_threads=n_threads)


@pytest.mark.parametrize("precision", ["half", None, 32])
def test_bad_precisions(precision):
    with pytest.raises(ValueError, match="precision must be 'double' or 'single' here"):
        get_backend("numpy", precision=precision)


def test_settings_are_shown():
    shown = repr(get_backend("cirq", precision="single", n_threads=2))
    assert shown == "CirqBackend(precision='single', n_threads=2)"
