"""States on the way: every backend from one run, with noise as well, and what it refuses."""

import numpy as np
import pytest
from backend_helpers import each_backend

from qmlplay import NoiseModel, get_backend
from qmlplay.backends.testing import check_states, random_angles, random_circuit
from qmlplay.backends.testing import reference_densities as densities_of
from qmlplay.circuit import Circuit, Gate

NOISE = NoiseModel(0.02, 0.06, 0.03, 0.05, 0.01, 0.02, readout_error=(0.02, 0.07))


def beginning(circuit, angles, cut):
    """The first gates as a circuit of their own, and the angles that it reads."""
    slots = sorted({slot for gate in circuit.gates[:cut] for slot in gate.slots})
    return circuit.part(0, cut), [angles[slot] for slot in slots]


@each_backend()
def test_every_backend(name):
    check_states(get_backend(name), seed=20)


@each_backend()
def test_noise(name):
    generator = np.random.default_rng(4)
    circuit = random_circuit(3, 30, generator)
    angles = random_angles(circuit, 3, generator)
    angles[0] = generator.uniform(-4, 4, 3)
    cuts = [0, 4, 4, 13, 30]
    found = get_backend(name, noise=NOISE).states_after(circuit, angles, cuts)
    assert found.shape == (5, 3, 8, 8)
    for cut, densities in zip(cuts, found, strict=True):
        expected = densities_of(*beginning(circuit, angles, cut), 3, NOISE)
        np.testing.assert_allclose(densities, expected, rtol=0, atol=1e-8)


def test_noise_in_many_chunks():
    """A chunk of samples after the other gives what all of them at once give."""
    generator = np.random.default_rng(5)
    circuit = random_circuit(2, 20, generator)
    angles = random_angles(circuit, 7, generator)
    angles[0] = generator.uniform(-4, 4, 7)
    backend = get_backend("numpy", noise="high")
    whole = backend.states_after(circuit, angles, [5, 20])
    backend.chunk_amplitudes = 32  # of two density matrices
    np.testing.assert_allclose(backend.states_after(circuit, angles, [5, 20]), whole, atol=1e-14)


def test_readout_errors_and_shots_leave_states_as_they_are():
    circuit = Circuit(2, (Gate("h", (0,)), Gate("cx", (0, 1))))
    settings = {"noise": NoiseModel(readout_error=0.1), "shots": 10, "seed": 0}
    exact = get_backend("numpy").states_after(circuit, [], [1, 2])
    np.testing.assert_array_equal(
        get_backend("numpy", **settings).states_after(circuit, [], [1, 2]), exact
    )


def test_gates_of_several_angles_count_as_one():
    u = Circuit(1, (Gate("u", (0,), (0, 1, 2)), Gate("x", (0,))))
    angles = [0.3, np.array([0.5, -1.0]), 0.7]
    backend = get_backend("numpy")
    one, both = backend.states_after(u, angles, [1, 2])
    expected = backend.statevector(u.part(0, 1), angles)
    np.testing.assert_allclose(one, expected, atol=1e-14)
    np.testing.assert_allclose(both, expected[:, ::-1], atol=1e-14)


@pytest.mark.parametrize(
    ("cuts", "error", "text"),
    [
        ([], ValueError, "empty"),
        ([3], ValueError, "from 0 to the 2 gates"),
        ([-1, 2], ValueError, "from 0 to the 2 gates"),
        ([2, 1], ValueError, r"give \[1, 2\]"),
        ([0.5], TypeError, "numbers of gates"),
        ([True], TypeError, "numbers of gates"),
        (2, TypeError, "numbers of gates"),
        ("12", TypeError, "numbers of gates"),
        (None, TypeError, "numbers of gates"),
    ],
)
def test_bad_cuts(cuts, error, text):
    bell = Circuit(2, (Gate("h", (0,)), Gate("cx", (0, 1))))
    with pytest.raises(error, match=text):
        get_backend("numpy").states_after(bell, [], cuts)


def test_too_many_states():
    wide = Circuit(26, tuple(Gate("h", (q,)) for q in range(26)))
    with pytest.raises(ValueError, match="memory"):
        get_backend("numpy").states_after(wide, [], [26] * 1000)
