"""Zero-noise extrapolation, against closed forms and PennyLane's own."""

import numpy as np
import pennylane as qml
import pytest
from backend_helpers import each_backend

from qmlplay import NoiseModel, get_backend
from qmlplay.backends.testing import random_angles, random_circuit, random_observables
from qmlplay.circuit import Circuit, Gate
from qmlplay.mitigation import (
    corrected_expectations,
    extrapolation_weights,
    fold_global,
    zero_noise_extrapolation,
)

GATES = (
    Gate("ry", (0,), 0),
    Gate("h", (1,)),
    Gate("rx", (2,), 1),
    Gate("cx", (0, 1)),
    Gate("s", (1,)),
    Gate("cry", (1, 2), 2),
    Gate("crx", (0, 2), 3),
    Gate("t", (0,)),
    Gate("rz", (2,), 0),
    Gate("cz", (2, 0)),
)
CIRCUIT = Circuit(3, GATES)
OBSERVABLES = ["ZII", "IZX", "YIZ"]


def pennylane_circuit(a, b, c, d):
    """Gates that its device does not decompose: noise follows what is there in the end."""
    qml.RY(a, 0)
    qml.Hadamard(1)
    qml.RX(b, 2)
    qml.CNOT([0, 1])
    qml.S(1)
    qml.CRY(c, [1, 2])
    qml.CRX(d, [0, 2])
    qml.T(0)
    qml.RZ(a, 2)
    qml.CZ([2, 0])
    return (
        qml.expval(qml.Z(0)),
        qml.expval(qml.Z(1) @ qml.X(2)),
        qml.expval(qml.Y(0) @ qml.Z(2)),
    )


CHANNELS = {"amplitude_damping": qml.AmplitudeDamping, "bit_flip": qml.BitFlip}


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("scale_factors", [(1, 3, 5), (1, 3), (1, 2, 3, 4)])
@pytest.mark.parametrize("extrapolation", ["linear", "richardson"])
def test_against_pennylanes_own(channel, scale_factors, extrapolation):
    p, angles = 0.02, [0.7, -1.2, 0.4, 2.1]
    device = qml.noise.insert(qml.device("default.mixed", wires=3), CHANNELS[channel], p)
    by_pennylane = (
        (qml.noise.richardson_extrapolate, {})
        if extrapolation == "richardson"
        else (qml.noise.poly_extrapolate, {"order": 1})
    )
    mitigated = qml.noise.mitigate_with_zne(
        qml.QNode(pennylane_circuit, device),
        scale_factors,
        qml.noise.fold_global,
        by_pennylane[0],
        extrapolate_kwargs=by_pennylane[1],
    )
    expected = np.array(mitigated(*angles), dtype=float)
    ours = get_backend("numpy", noise=NoiseModel(**{channel: p}))
    found = zero_noise_extrapolation(
        ours, CIRCUIT, angles, OBSERVABLES, scale_factors, extrapolation
    )
    noisy = ours.expectations(CIRCUIT, angles, OBSERVABLES)
    assert np.abs(found - noisy).max() > 0.01
    np.testing.assert_allclose(found[0], expected, atol=1e-8)


@pytest.mark.parametrize("extrapolation", ["linear", "richardson"])
def test_depolarising_decays_by_a_power_and_extrapolates_in_closed_form(extrapolation):
    """One qubit and d gates: at scale s an expectation is shrunk to (1 − 4p/3)^(s d)."""
    p, depth, theta = 0.01, 6, np.array([0.3, 1.0, -0.2])
    circuit = Circuit(1, tuple(Gate("ry", (0,), 0) for _ in range(depth)))
    device = get_backend("numpy", noise=NoiseModel(depolarizing_1q=p))
    levels = np.array([1.0, 3.0, 5.0])
    weights = extrapolation_weights(levels, extrapolation)
    factor = weights @ (1 - 4 * p / 3) ** (levels * depth)
    found = zero_noise_extrapolation(
        device, circuit, [theta], ["Z", "X"], extrapolation=extrapolation
    )
    exact = np.stack([np.cos(depth * theta), np.sin(depth * theta)], axis=1)
    np.testing.assert_allclose(found, factor * exact, atol=1e-12)
    noisy = device.expectations(circuit, [theta], ["Z", "X"])
    assert (np.abs(found - exact) < 0.35 * np.abs(noisy - exact)).all()
    if extrapolation == "richardson":
        assert (np.abs(found - exact) < 0.05 * np.abs(noisy - exact)).all()


@pytest.mark.parametrize("noise", ["low", "medium", "high"])
def test_the_error_shrinks_on_random_circuits(noise):
    errors = {"noisy": [], "linear": [], "richardson": []}
    for seed in range(6):
        generator = np.random.default_rng(seed)
        # After a gate on three qubits there is noise on each of its pairs.
        circuit = random_circuit(3, 18, generator)
        angles = random_angles(circuit, 3, generator)
        observables = random_observables(3, 4, generator)
        exact = get_backend("numpy").expectations(circuit, angles, observables)
        device = get_backend("numpy", noise=noise)
        errors["noisy"].append(device.expectations(circuit, angles, observables) - exact)
        for extrapolation in ("linear", "richardson"):
            found = zero_noise_extrapolation(
                device,
                circuit,
                angles,
                observables,
                extrapolation=extrapolation,
                correct_readout=True,
            )
            errors[extrapolation].append(found - exact)
    noisy, linear, richardson = (np.abs(error).mean() for error in errors.values())
    assert richardson < linear < noisy
    assert richardson < 0.35 * noisy


@each_backend("backend")
def test_every_backend_agrees_with_readout_errors_too(backend):
    generator = np.random.default_rng(5)
    circuit = random_circuit(3, 25, generator)
    angles = random_angles(circuit, 3, generator)
    options = {"scale_factors": (1, 2, 3), "extrapolation": "richardson", "correct_readout": True}
    observables = random_observables(3, 3, generator)
    found, expected = (
        zero_noise_extrapolation(
            get_backend(name, noise="medium"), circuit, angles, observables, **options
        )
        for name in (backend, "numpy")
    )
    assert expected.shape == (3, 3)
    np.testing.assert_allclose(found, expected, atol=1e-8)


def test_samples_do_not_mix():
    device = get_backend("numpy", noise="high")
    theta = np.array([0.1, 0.9, -2.0])
    together = zero_noise_extrapolation(device, CIRCUIT, [theta, 0.2, theta, 0.4], OBSERVABLES)
    alone = [
        zero_noise_extrapolation(device, CIRCUIT, [t, 0.2, t, 0.4], OBSERVABLES)[0] for t in theta
    ]
    np.testing.assert_allclose(together, alone, atol=1e-12)


def test_extrapolation_leaves_readout_errors_and_correction_takes_them():
    noise = NoiseModel(depolarizing_1q=0.002, depolarizing_2q=0.005, readout_error=0.05)
    device = get_backend("numpy", noise=noise)
    angles = [0.7, -1.2, 0.4, 2.1]
    exact = get_backend("numpy").expectations(CIRCUIT, angles, OBSERVABLES)
    options = {"extrapolation": "richardson"}
    without = zero_noise_extrapolation(device, CIRCUIT, angles, OBSERVABLES, **options)
    shrunk = exact * 0.9 ** np.array([1, 2, 2])
    np.testing.assert_allclose(without, shrunk, atol=2e-4)
    both = zero_noise_extrapolation(
        device, CIRCUIT, angles, OBSERVABLES, **options, correct_readout=True
    )
    np.testing.assert_allclose(both, exact, atol=2e-4)
    given = zero_noise_extrapolation(
        device, CIRCUIT, angles, OBSERVABLES, **options, correct_readout=True, readout_error=0.05
    )
    np.testing.assert_allclose(given, both, atol=1e-12)


def test_with_shots_estimates_scatter_about_the_exact_extrapolation():
    noise = NoiseModel(depolarizing_1q=0.01, depolarizing_2q=0.02)
    circuit, theta = Circuit(2, (Gate("ry", (0,), 0), Gate("cx", (0, 1)))), np.full(600, 0.8)
    expected = zero_noise_extrapolation(
        get_backend("numpy", noise=noise), circuit, [0.8], ["ZI", "ZZ"]
    )
    device = get_backend("numpy", noise=noise, shots=100, seed=1)
    found = zero_noise_extrapolation(device, circuit, [theta], ["ZI", "ZZ"])
    z = (found.mean(axis=0) - expected[0]) / (found.std(axis=0, ddof=1) / np.sqrt(600))
    assert np.abs(z).max() < 4.5


def test_bad_input():
    device = get_backend("numpy", noise="low")
    with pytest.raises(ValueError, match="did you mean 'linear'"):
        zero_noise_extrapolation(device, CIRCUIT, [0.1] * 4, ["ZII"], extrapolation="linar")
    with pytest.raises(ValueError, match="a scale factor must be a number of at least 1"):
        zero_noise_extrapolation(device, CIRCUIT, [0.1] * 4, ["ZII"], (0.5, 1))
    with pytest.raises(ValueError, match="at least two finite numbers"):
        zero_noise_extrapolation(device, CIRCUIT, [0.1] * 4, ["ZII"], (1,))
    short = Circuit(1, (Gate("h", (0,)),))
    with pytest.raises(ValueError, match=r"too close together for a circuit of 1 gate\(s\)"):
        zero_noise_extrapolation(device, short, [], ["Z"], (1, 1.5))
    with pytest.raises(ValueError, match="takes 4 angles, one per slot, but 1 came"):
        zero_noise_extrapolation(device, CIRCUIT, [0.1], ["ZII"])


@pytest.mark.parametrize(
    "name",
    ["fake_manila", pytest.param("fake_torino", marks=pytest.mark.slow)],  # 133 qubits
)
def test_folding_survives_transpiling_for_a_fake_device(name):
    pytest.importorskip("qiskit_ibm_runtime")
    device, angles = get_backend("qiskit", noise=name), [0.7, -1.2, 0.4, 2.1]
    exact = get_backend("numpy").expectations(CIRCUIT, angles, OBSERVABLES)
    seen = [
        corrected_expectations(device, *fold_global(CIRCUIT, angles, factor), OBSERVABLES)
        for factor in (1, 3, 5)
    ]
    errors = [np.abs(values - exact).mean() for values in seen]
    assert 1.5 * errors[0] < errors[1] < 0.9 * errors[2]
    found = zero_noise_extrapolation(device, CIRCUIT, angles, OBSERVABLES, correct_readout=True)
    assert np.abs(found - exact).mean() < 0.7 * errors[0]
