"""Kernel matrices and predictions in blocks: the same numbers, and bounded memory."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from qmlplay import QuantumKernel, QuantumKernelClassifier, QuantumKernelRegressor
from qmlplay.kernels import kernel_matrix, kernel_model

ROWS = np.random.default_rng(0).uniform(-1, 1, (37, 2))
OTHERS = np.random.default_rng(1).uniform(-1, 1, (11, 2))


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(kernel_matrix, "_BLOCK", 2**6)  # 16 states of two qubits
    monkeypatch.setattr(kernel_matrix, "_PRODUCTS", 20)
    monkeypatch.setattr(kernel_matrix, "_MEASURED", 2**5)
    monkeypatch.setattr(kernel_matrix, "_SIDE", 5)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["fidelity", "projected"])
@pytest.mark.parametrize("settings", [{}, {"shots": 50, "random_state": 0}, {"noise": "low"}])
def test_matrices(kind, settings, request):
    kernel = QuantumKernel("zz", kind=kind, enforce_psd=False, **settings)
    square, oblong = kernel(ROWS), kernel(ROWS, OTHERS)
    request.getfixturevalue("small_blocks")
    for _ in range(3):  # other numbers than memory may still hold
        np.testing.assert_array_equal(kernel(ROWS[::-1] / 3), kernel(ROWS[::-1] / 3).T)
    np.testing.assert_allclose(kernel(ROWS), square, atol=1e-12)
    np.testing.assert_allclose(kernel(ROWS, OTHERS), oblong, atol=1e-12)
    np.testing.assert_array_equal(np.diag(square), 1)
    np.testing.assert_array_equal(square, square.T)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_predictions_of_a_classifier(n_classes, monkeypatch):
    y = np.arange(len(ROWS)) % n_classes
    model = QuantumKernelClassifier(bandwidth=1.0, verbose=0).fit(ROWS, y)
    expected = model.decision_function(OTHERS), model.predict_proba(OTHERS), model.predict(OTHERS)
    monkeypatch.setattr(kernel_model, "_ENTRIES", 3 * len(model.model_.rows))
    found = model.decision_function(OTHERS), model.predict_proba(OTHERS), model.predict(OTHERS)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)


@pytest.mark.parametrize("n_targets", [1, 2])
def test_predictions_of_a_regressor(n_targets, monkeypatch):
    y = ROWS[:, 0] if n_targets == 1 else ROWS
    model = QuantumKernelRegressor(bandwidth=1.0, verbose=0).fit(ROWS, y)
    expected = model.predict(OTHERS)
    monkeypatch.setattr(kernel_model, "_ENTRIES", 1)  # a row at a time
    np.testing.assert_allclose(model.predict(OTHERS), expected, atol=1e-12)
    assert model.predict(OTHERS).shape == expected.shape


def test_a_matrix_that_memory_has_no_place_for(monkeypatch):
    """It is said at once, with what to do instead."""
    rows = np.random.default_rng(0).uniform(-1, 1, (20_000, 2))
    memory = SimpleNamespace(available=2e9)
    monkeypatch.setattr(kernel_matrix.psutil, "virtual_memory", lambda: memory)
    text = r"20,000 × 20,000 entries needs 3.2e\+09 bytes, .*Nystroem.*blocks, kernel\("
    with pytest.raises(ValueError, match=text):
        QuantumKernel("zz")(rows)
    with pytest.raises(ValueError, match=text):
        QuantumKernelClassifier(verbose=0).fit(rows, rows[:, 0] > 0)
    assert QuantumKernel("angle_ry")(rows, rows[:10] + 0.01).shape == (20_000, 10)
