"""Integrated gradients against closed forms, completeness and sums over fine steps."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from backend_helpers import each_backend
from own_circuits import additive_regressor, interaction_regressor
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.pipeline import make_pipeline

from qmlplay import (
    QuantumKernelClassifier,
    TablePreprocessor,
    VariationalClassifier,
    VariationalRegressor,
    get_backend,
    load_dataset,
)
from qmlplay.diagnostics import integrated_gradients, saliency

ANGLES = np.random.default_rng(0).uniform(-2, 2, size=(20, 3))


def fitted(dataset="iris", **settings):
    data = load_dataset(dataset, random_state=0)
    model = VariationalClassifier(**{"n_layers": 2, "max_iter": 15, "random_state": 0} | settings)
    return model.fit(data.X, data.y), data.X[::9]


def by_fine_steps(model, X, baseline, n=4000):
    """The midpoint rule on finite differences, sample by sample."""
    step = 1e-5
    result = np.zeros(X.shape)
    for i, row in enumerate(X):
        path = baseline + (np.arange(n)[:, None] + 0.5) / n * (row - baseline)
        for k, move in enumerate(step * np.eye(X.shape[1])):
            up, down = (model.predict_proba(path + sign * move)[:, 1] for sign in (1, -1))
            result[i, k] = (row - baseline)[k] * np.mean(up - down) / (2 * step)
    return result


def test_a_sum_of_cosines_by_hand():
    baseline = np.array([0.3, -1.0, 0.5])
    found = integrated_gradients(additive_regressor(), ANGLES, baseline)
    np.testing.assert_allclose(found.values, np.cos(ANGLES) - np.cos(baseline), atol=1e-12)
    np.testing.assert_allclose(found.base_values, np.cos(baseline).sum(), atol=1e-12)
    assert np.abs(found.error).max() < 1e-12
    np.testing.assert_array_equal(found.data, ANGLES)


def test_a_product_of_two_cosines_by_hand():
    # On the line t·x from 0: ∫ −x₀ sin(t x₀) cos(t x₁) dt, with s, d = x₀ ± x₁.
    x = ANGLES[:, :2]
    s, d = x.sum(axis=1), x[:, 0] - x[:, 1]
    halves = (np.cos(s) - 1) / s, (np.cos(d) - 1) / d
    expected = np.stack([x[:, 0] * sum(halves), x[:, 1] * (halves[0] - halves[1])], axis=1) / 2
    found = integrated_gradients(interaction_regressor(), x, np.zeros(2))
    np.testing.assert_allclose(found.values, expected, atol=1e-12)


def test_probabilities_against_a_fine_sum():
    model, X = fitted("moons")
    baseline = X.mean(axis=0)
    found = integrated_gradients(model, X[:4], baseline)
    np.testing.assert_allclose(
        found.values[:, :, 1], by_fine_steps(model, X[:4], baseline), atol=1e-6
    )


@each_backend("backend")
def test_completeness_on_every_backend(backend):
    model, X = fitted(n_layers=1, max_iter=3)
    found = integrated_gradients(model.with_backend(backend), X, X[0])
    changes = model.predict_proba(X) - model.predict_proba(X[:1])
    np.testing.assert_allclose(found.values.sum(axis=1), changes, atol=1e-10)
    np.testing.assert_allclose(found.base_values, model.predict_proba(X[:1])[0], atol=1e-10)
    assert found.values.shape == (len(X), 4, 3)
    assert np.all(found.values[0] == 0)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"encoding": "zz", "n_layers": 1},
        {"encoding": "dense"},
        {"n_qubits": 2},
        {"scale_inputs": False},
        {"noise": "high", "n_layers": 1, "n_qubits": 2},
    ],
)
def test_completeness_for_all_kinds_of_encodings(settings):
    model, X = fitted(**({"max_iter": 3} | settings))
    found = integrated_gradients(model, X, n_steps=128)  # "zz" has angles of high degree
    assert np.abs(found.values).max() > 0.01
    assert np.abs(found.error).max() < 1e-8
    start = model.scaling_.center[None]
    np.testing.assert_allclose(found.base_values, model.predict_proba(start)[0], atol=1e-12)


def test_amplitudes_need_a_baseline_with_a_state():
    model, X = fitted(encoding="amplitude", max_iter=2)
    with pytest.raises(ValueError, match="no state"):
        integrated_gradients(model, X)
    assert np.abs(integrated_gradients(model, X, X.mean(axis=0)).error).max() < 1e-8


def test_several_baselines_are_averaged_and_rows_are_independent():
    model, X = fitted("moons")
    both = integrated_gradients(model, X, X[:2])
    apart = [integrated_gradients(model, X, x) for x in X[:2]]
    np.testing.assert_allclose(both.values, (apart[0].values + apart[1].values) / 2, atol=1e-14)
    np.testing.assert_allclose(
        both.base_values, model.predict_proba(X[:2]).mean(axis=0), atol=1e-14
    )
    alone = integrated_gradients(model, X[3:4], X[:2])
    np.testing.assert_allclose(alone.values[0], both.values[3], atol=1e-14)


def test_many_rows_go_in_chunks(monkeypatch):
    model, X = fitted("moons")
    whole = integrated_gradients(model, X, n_steps=16)
    module = import_module("qmlplay.diagnostics.integrated_gradients")
    monkeypatch.setattr(module, "_CHUNK", 7)
    np.testing.assert_allclose(integrated_gradients(model, X, n_steps=16).values, whole.values)


def test_far_outliers_count_as_their_limit():
    data = load_dataset("moons", n_samples=60, random_state=0)
    X = data.X.copy()
    X[0, 0] = 1e6
    model = VariationalClassifier(n_layers=2, max_iter=5, random_state=0).fit(X, data.y)
    assert model.scaling_.holds
    found = integrated_gradients(model, X[:3])
    assert np.abs(found.error).max() < 1e-10
    np.testing.assert_array_equal(found.data, X[:3])


@pytest.mark.parametrize("columns", [1, 2])
def test_regressors(columns):
    data = load_dataset("diabetes")
    X, y = data.X[:60, :3], np.column_stack([data.y, -2 * data.y])[:60, :columns]
    y = y[:, 0] if columns == 1 else y
    model = VariationalRegressor(n_layers=1, max_iter=5, random_state=0).fit(X, y)
    found = integrated_gradients(model, X[:5])
    trailing = () if columns == 1 else (2,)
    assert (found.values.shape, found.base_values.shape) == ((5, 3, *trailing), trailing)
    assert found.error.shape == (5, *trailing)
    whole = found.base_values + found.values.sum(axis=1)
    np.testing.assert_allclose(whole, model.predict(X[:5]), atol=1e-9)
    # and so are their slopes
    step = 1e-6 * np.eye(3)
    slopes = saliency(model, X[:5])
    assert slopes.shape == (5, 3, *trailing)
    for k in range(3):
        moved = (model.predict(X[:5] + step[k]) - model.predict(X[:5] - step[k])) / 2e-6
        np.testing.assert_allclose(slopes[:, k], moved, rtol=1e-5, atol=1e-3)


def test_too_few_steps_are_said():
    model, X = fitted("moons", max_iter=60, n_layers=4)
    with pytest.warns(ConvergenceWarning, match="n_steps=1 are too few.* take n_steps=2"):
        few = integrated_gradients(model, X, n_steps=1)
    assert np.abs(few.error).max() > 1e-3
    assert np.abs(integrated_gradients(model, X).error).max() < 1e-8


def test_shots_scatter_without_a_warning():
    model, X = fitted("moons", n_layers=1, n_qubits=2)
    exact = integrated_gradients(model, X[:2], n_steps=16)
    measured = model.with_backend(get_backend("numpy", shots=2000, seed=1))
    found = integrated_gradients(measured, X[:2], n_steps=16)
    assert 0 < np.abs(found.values - exact.values).max() < 0.1


def test_frames_lists_and_bad_input():
    data = load_dataset("moons", n_samples=60, random_state=0)
    frame = pd.DataFrame(data.X, columns=["east", "north"])
    model = VariationalClassifier(max_iter=3, random_state=0).fit(frame, data.y)
    expected = integrated_gradients(model, data.X, data.X.mean(axis=0)).values
    for X, baseline in ((frame, frame.mean()), (data.X.tolist(), data.X.mean(axis=0).tolist())):
        np.testing.assert_allclose(integrated_gradients(model, X, baseline).values, expected)
    for bad, words in (
        ({"baseline": [1.0]}, "1 feature"),
        ({"baseline": [1.0, np.nan]}, "NaN"),
        ({"n_steps": 0}, "n_steps"),
    ):
        with pytest.raises(ValueError, match=words):
            integrated_gradients(model, frame, **bad)
    with pytest.raises(NotFittedError):
        integrated_gradients(VariationalClassifier(), data.X)
    kernel = QuantumKernelClassifier(bandwidth=1.0).fit(frame, data.y)
    pipeline = make_pipeline(TablePreprocessor(), model).fit(frame, data.y)
    for function in (saliency, integrated_gradients):
        with pytest.raises(TypeError, match="QuantumKernelClassifier"):
            function(kernel, frame)
        with pytest.raises(TypeError, match=r"pipeline\[:-1\].transform\(X\)"):
            function(pipeline, frame)
