"""Derivatives of class probabilities by features, against central differences and a closed form."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from backend_helpers import each_backend
from sklearn.exceptions import NotFittedError

from qmlplay import Feature, Operation, VariationalClassifier, get_backend, load_dataset
from qmlplay.diagnostics import saliency


def central_differences(clf, X, step=1e-5):
    slopes = np.empty((*X.shape, len(clf.classes_)))
    for feature in range(X.shape[1]):
        moved = step * np.eye(X.shape[1])[feature]
        slopes[:, feature] = (clf.predict_proba(X + moved) - clf.predict_proba(X - moved)) / (
            2 * step
        )
    return slopes


def fitted(dataset="moons", **settings):
    data = load_dataset(dataset, random_state=0)
    model = VariationalClassifier(**{"n_layers": 2, "max_iter": 15, "random_state": 0} | settings)
    return model.fit(data.X, data.y), data.X[::9]


@each_backend("backend")
def test_two_classes_on_every_backend(backend):
    model, X = fitted()
    found = saliency(model.with_backend(backend), X)
    assert found.shape == (len(X), 2, 2)
    assert np.abs(found).max() > 0.1
    assert np.allclose(found, central_differences(model, X), atol=1e-8)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"encoding": "zz", "n_layers": 1},
        {"encoding": "dense"},
        {"n_qubits": 2},
        {"trainable_scaling": False},
        {"scale_inputs": False},
        {"noise": "high", "n_layers": 1, "n_qubits": 2},
    ],
)
def test_three_classes_and_all_kinds_of_encodings(settings):
    model, X = fitted("iris", **({"max_iter": 3} | settings))
    found = saliency(model, X)
    assert found.shape == (len(X), 4, 3)
    assert np.abs(found).max() > 0.01
    assert np.allclose(found, central_differences(model, X), atol=1e-7)


def test_one_qubit_by_hand():
    def encoding(n_qubits, n_features):
        return [Operation("ry", 0, Feature(0))]

    model = VariationalClassifier(
        encoding=encoding,
        ansatz=lambda n_qubits, layer: [],
        n_qubits=1,
        n_layers=1,
        trainable_scaling=False,
        max_iter=20,
        random_state=0,
    ).fit([[0.0], [4.0]], ["a", "b"])
    # The angle is (x − 2)/2 · π/2, the decision s·cos(angle) + b, and σ' = σ(1 − σ).
    x = np.array([0.5, 1.7, 3.0])
    angle = (x - 2) * np.pi / 4
    p = model.predict_proba(x[:, None])[:, 1]
    slope = p * (1 - p) * model.readout_.scale[0, 0] * -np.sin(angle) * np.pi / 4
    found = saliency(model, x[:, None])
    assert np.allclose(found[:, 0, 1], slope, atol=1e-12)
    assert np.allclose(found[:, 0, 0], -slope, atol=1e-12)


def test_a_feature_that_is_not_read_has_none():
    def first_feature_only(n_qubits, n_features):
        return [Operation("ry", 0, Feature(0))]

    data = load_dataset("moons", n_samples=60, random_state=0)
    model = VariationalClassifier(encoding=first_feature_only, max_iter=5, random_state=0)
    found = saliency(model.fit(data.X, data.y), data.X)
    assert np.abs(found[:, 0]).max() > 0.01
    assert np.all(found[:, 1] == 0)


def test_shots_scatter_around_the_exact_slopes():
    model, X = fitted()
    exact = saliency(model, X)
    sampled = saliency(model.with_backend(get_backend("numpy", shots=20_000, seed=3)), X)
    assert not np.array_equal(sampled, exact)
    assert np.abs(sampled - exact).mean() < 0.05 * np.abs(exact).mean()
    repeated = model.with_backend("numpy", shots=50)
    assert np.array_equal(saliency(repeated, X), saliency(repeated, X))


def test_frames_and_bad_input():
    data = load_dataset("moons", n_samples=60, random_state=0)
    frame = pd.DataFrame(data.X, columns=["east", "north"])
    model = VariationalClassifier(max_iter=3, random_state=0).fit(data.X, data.y)
    wanted = central_differences(model, data.X)
    model.fit(frame, data.y)
    assert np.allclose(saliency(model, frame), wanted, atol=1e-8)
    with pytest.raises(ValueError, match="feature"):
        saliency(model, frame.assign(up=0.0))
    with pytest.raises(NotFittedError):
        saliency(VariationalClassifier(), data.X)
