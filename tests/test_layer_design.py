"""The design of a layer: what it is made of, and its derivatives on whatever a network sends."""

import numpy as np
import pytest
from backend_helpers import each_backend

from qmlplay import VariationalClassifier, get_backend
from qmlplay.model.layer import LayerDesign, layer_design


def test_is_the_classifiers_circuit():
    for settings in (
        {},
        {"encoding": "zz", "n_layers": 2},
        {"encoding": "zz", "reupload": True, "trainable_scaling": True},
        {"ansatz": "real_amplitudes", "n_qubits": 3},
    ):
        design = VariationalClassifier(**settings).design(n_features=2)
        layer = layer_design(2, **settings)
        assert (layer.circuit, layer.observables) == (design.circuit, design.observables)
        assert layer.n_weights == design.circuit.n_weights


def test_first_weights_are_the_classifiers():
    clf = VariationalClassifier(max_iter=1, learning_rate_init=1e-9, random_state=3)
    clf.fit([[0.0, 1.0], [1.0, 3.0]], [0, 1])
    np.testing.assert_allclose(layer_design(2).first_weights(3), clf.weights_, atol=1e-8)


@pytest.mark.parametrize("n_outputs", range(1, 16))
def test_as_many_outputs_as_asked_for(n_outputs):
    observables = layer_design(2, n_qubits=2, n_outputs=n_outputs).observables
    assert len(set(observables)) == n_outputs
    assert observables[: min(n_outputs, 3)] == ("ZI", "IZ", "ZZ")[:n_outputs]


def test_json_brings_it_back():
    for settings in ({}, {"observables": [0, "XY", {"ZZ": 0.5, "XI": -1}]}, {"encoding": "iqp"}):
        design = layer_design(2, **settings)
        again = LayerDesign.from_json(design.to_json())
        assert again == design
        assert hash(again) == hash(design)


@each_backend()
def test_no_row_and_rows_that_are_not_finite(name):
    design, backend = layer_design(2, n_layers=1), get_backend(name)
    weights = design.first_weights(0)
    values, pullback = design.vjp(np.zeros((0, 2)), weights, backend)
    assert values.shape == (0, 2)
    assert [slope.shape for slope in pullback(np.zeros((0, 2)))] == [(7,), (0, 2)]

    X = np.array([[0.1, 0.2], [np.inf, 0.3], [0.4, np.nan]])
    values, pullback = design.vjp(X, weights, backend, by="X")
    expected, expected_pullback = design.vjp(X[:1], weights, backend, by="X")
    np.testing.assert_allclose(values[:1], expected, atol=1e-14)
    assert np.isnan(values[1:]).all()
    by_weights, by_X = pullback(np.ones((3, 2)))
    np.testing.assert_allclose(by_X[:1], expected_pullback(np.ones((1, 2)))[1], atol=1e-14)
    assert np.isnan(by_X[1:]).all()
    assert not by_weights.any()  # not asked for

    weights[2] = np.nan
    values, pullback = design.vjp(X[:1], weights, backend)
    assert np.isnan(values).all()
    assert np.isnan(pullback(np.ones((1, 2)))[0]).all()
