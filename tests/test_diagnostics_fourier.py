"""Spectra against closed forms, and against the series put together again."""

from __future__ import annotations

import numpy as np
import pytest

from qmlplay import VariationalClassifier, get_backend
from qmlplay.ansatze import HardwareEfficient, NoEntanglement
from qmlplay.circuit import (
    Feature,
    FeatureProduct,
    FeatureSum,
    Fixed,
    Operation,
    ParametricCircuit,
    Weight,
    WeightedFeature,
    build_circuit,
)
from qmlplay.diagnostics import (
    FourierSpectrum,
    allowed_band,
    fourier_coefficients,
    fourier_spectrum,
)
from qmlplay.encodings import AngleEncoding, IQPEncoding


def circuit_of(n_qubits, operations, n_features=1):
    return ParametricCircuit.from_operations(n_qubits, operations, n_features)


def model_of(n_qubits, n_features, n_layers, encoding="ry"):
    return build_circuit(
        AngleEncoding(encoding),
        HardwareEfficient(),
        n_qubits=n_qubits,
        n_features=n_features,
        n_layers=n_layers,
        trainable_scaling=False,
    )


@pytest.mark.parametrize("repeats", [1, 2, 3])
def test_rotations_in_a_row_make_one_high_frequency(repeats):
    circuit = circuit_of(1, [Operation("rx", 0, Feature(0))] * repeats)
    c = fourier_spectrum(circuit, [], "Z").coefficients
    expected = np.zeros(2 * repeats + 1)
    expected[[0, -1]] = 0.5  # cos(repeats · x)
    np.testing.assert_allclose(c, expected, atol=1e-14)


@pytest.mark.parametrize("serial", [True, False])
@pytest.mark.parametrize("r", [1, 2, 3])
def test_serial_and_parallel_encodings_fill_exactly_the_band(serial, r):
    """r rotations of one feature give the frequencies −r … r, wherever they stand."""
    if serial:
        circuit = model_of(1, 1, r, "rx")
    else:
        layer = AngleEncoding("rx")(r, 1) + NoEntanglement()(r, 0)
        circuit = circuit_of(r, layer)
    assert allowed_band(circuit) == (r,)
    w = np.random.default_rng(3).uniform(0, 6, circuit.n_weights)
    observable = "Z" * circuit.n_qubits
    spectrum = fourier_spectrum(circuit, w, observable, extra=3)
    size = np.abs(spectrum.coefficients)
    outside = np.abs(spectrum.frequencies[0]) > r
    assert outside.sum() == 6
    assert size[outside].max() < 1e-14
    assert size[np.abs(spectrum.frequencies[0]) == r].min() > 1e-4
    np.testing.assert_allclose(
        spectrum.coefficients, spectrum.coefficients[::-1].conj(), atol=1e-14
    )


def test_two_features_from_as_many_grid_points_as_coefficients():
    circuit = model_of(2, 2, 2)
    w = np.random.default_rng(0).uniform(0, 6, circuit.n_weights)
    observable = {"ZI": 0.7, "XZ": -0.4, "II": 0.25}
    spectrum = fourier_spectrum(circuit, w, observable)
    assert spectrum.coefficients.shape == (5, 5)
    X = np.random.default_rng(1).uniform(-9, 9, (20, 2))
    E = get_backend("cirq").expectations(circuit.circuit, circuit.angles(X, w), ["ZI", "XZ"])
    np.testing.assert_allclose(spectrum(X), E @ [0.7, -0.4] + 0.25, atol=1e-12)


def test_one_feature_of_two_while_the_other_stays():
    circuit = model_of(2, 2, 2)
    w = np.random.default_rng(0).uniform(0, 6, circuit.n_weights)
    both = fourier_spectrum(circuit, w, "ZI")
    one = fourier_spectrum(circuit, w, "ZI", features=[1], x=[0.3, 9.0])
    assert one.features == (1,)
    x = np.linspace(-3, 3, 7)
    np.testing.assert_allclose(
        one(x[:, None]), both(np.stack([np.full(7, 0.3), x], axis=1)), atol=1e-13
    )


def test_the_floor_of_a_target_beyond_the_band():
    """A degree-2 target fitted with r = 1 keeps the mean squared error 2|c₂|²."""
    target = lambda X: 0.3 * np.cos(X[:, 0]) + 0.8 * np.sin(2 * X[:, 0])  # noqa: E731
    c = fourier_coefficients(target, 2)
    kept = FourierSpectrum(np.array([c[1], c[2], c[3]]), (1,), (0,))
    X = 2 * np.pi * np.arange(100)[:, None] / 100
    error = np.mean((target(X) - kept(X)) ** 2)
    assert error == pytest.approx(2 * abs(c[4]) ** 2)
    assert error == pytest.approx(0.32)


def test_scales_and_controlled_rotations():
    assert allowed_band(circuit_of(1, [Operation("rz", 0, Feature(0, scale=3.0))])) == (3,)
    assert allowed_band(circuit_of(2, [Operation("rzz", (0, 1), Feature(0))])) == (1,)
    assert allowed_band(circuit_of(2, [Operation("crx", (0, 1), Feature(0, scale=2.0))])) == (2,)
    with pytest.raises(ValueError, match=r"'crx' on qubits .* no whole numbers"):
        allowed_band(circuit_of(2, [Operation("crx", (0, 1), Feature(0))]))
    unread = circuit_of(1, [Operation("h", 0), Operation("rx", 0, Fixed(1.0))], n_features=2)
    assert allowed_band(unread) == (0, 0)


def test_trainable_scaling():
    circuit = circuit_of(1, [Operation("rx", 0, WeightedFeature(0, 0))])
    assert allowed_band(circuit, [1.0]) == (1,)
    assert allowed_band(circuit, [-2.0]) == (2,)
    np.testing.assert_allclose(
        fourier_spectrum(circuit, [2.0], "Z").coefficients, [0.5, 0, 0, 0, 0.5], atol=1e-14
    )
    with pytest.raises(ValueError, match=r"1\.1 radians per radian.*trainable_scaling=False"):
        allowed_band(circuit, [1.1])
    with pytest.raises(ValueError, match="give weights="):
        allowed_band(circuit)


def test_sums_of_features():
    circuit = circuit_of(1, [Operation("ry", 0, FeatureSum((0, 2), 2.0))], n_features=3)
    assert allowed_band(circuit) == (2, 0, 2)
    weighted = circuit_of(1, [Operation("ry", 0, FeatureSum((0, 1), weight=0))], n_features=2)
    assert allowed_band(weighted, [1.0, -3.0]) == (1, 3)
    with pytest.raises(ValueError, match="of feature 1, which makes frequencies"):
        allowed_band(weighted, [1.0, 0.3])
    with pytest.raises(ValueError, match="give weights="):
        allowed_band(weighted)


def test_products_of_features_are_no_polynomial():
    operations = IQPEncoding()(2, 2)
    with pytest.raises(ValueError, match="product of features"):
        allowed_band(circuit_of(2, operations, n_features=2))
    product = Operation("rx", 0, FeatureProduct((0,), weight=0))
    with pytest.raises(ValueError, match="product of features"):
        fourier_spectrum(circuit_of(1, [product]), [1.0], "Z")


def test_a_trained_model():
    X = np.random.default_rng(0).uniform(-1, 1, (30, 2))
    model = VariationalClassifier(trainable_scaling=False, max_iter=3, n_layers=2)
    model.fit(X, (X[:, 0] > 0).astype(int))
    observable = dict(zip(model.observables_, model.readout_.scale[:, 0], strict=True))
    spectrum = fourier_spectrum(model.circuit_, model.weights_, observable)
    decisions = model.decision_function(X) - model.readout_.bias[0]
    np.testing.assert_allclose(spectrum(model.scaling_.radians(X)), decisions, atol=1e-12)


def test_bad_input():
    circuit = circuit_of(1, [Operation("rx", 0, Feature(0)), Operation("ry", 0, Weight(0))])
    with pytest.raises(ValueError, match="must not be negative"):
        fourier_coefficients(lambda X: X[:, 0], -1)
    with pytest.raises(ValueError, match="must not be negative"):
        fourier_coefficients(lambda X: X[:, 0], [])
    with pytest.raises(ValueError, match="more than 2\\*\\*20"):
        fourier_coefficients(lambda X: X[:, 0], [100, 100, 100])
    with pytest.raises(ValueError, match="features must be some of 0 to 0"):
        fourier_spectrum(circuit, [0.0], "Z", features=[1])
    with pytest.raises(ValueError, match="one number per feature"):
        fourier_spectrum(circuit, [0.0], "Z", x=[1.0, 2.0])
    with pytest.raises(ValueError, match="one letter"):
        fourier_spectrum(circuit, [0.0], "ZZ")
