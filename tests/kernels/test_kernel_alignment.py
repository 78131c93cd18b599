"""Kernel–target alignment, beside PennyLane's, and its training by exact gradients."""

from __future__ import annotations

import numpy as np
import pytest
from backend_helpers import each_backend
from sklearn.svm import SVC

from qmlplay import QuantumKernel, get_backend
from qmlplay.circuit import Circuit, Gate
from qmlplay.kernels import target_alignment, train_alignment
from qmlplay.kernels.alignment import _objective, _target

RANDOM = np.random.default_rng(2)
X = RANDOM.uniform(-1.5, 1.5, (10, 3))
TWO = np.array(["a", "b", "b", "a", "b", "a", "a", "b", "a", "a"])
THREE = np.array([0, 1, 2, 0, 1, 2, 0, 0, 1, 2])


@pytest.mark.backend("pennylane")
def test_the_same_as_in_pennylane():
    from pennylane.kernels import target_alignment as theirs

    kernel = QuantumKernel("iqp")
    signs = np.where(TWO == "a", -1, 1)
    expected = theirs(X, signs, lambda a, b: kernel([a], [b])[0, 0], rescale_class_labels=False)
    assert target_alignment(kernel(X), TWO) == pytest.approx(float(expected), abs=1e-12)


def test_its_extremes():
    signs = np.where(TWO == "a", -1.0, 1.0)
    assert target_alignment(np.outer(signs, signs), TWO) == pytest.approx(1)
    assert target_alignment(-np.outer(signs, signs), TWO) == pytest.approx(-1)
    same = THREE[:, None] == THREE
    assert target_alignment(np.where(same, 3, -1.5), THREE) == pytest.approx(1)
    assert target_alignment(np.ones((10, 10)), TWO, centered=True) == 0
    numbers = RANDOM.normal(size=10)
    centered = numbers - numbers.mean()
    assert target_alignment(np.outer(centered, centered), numbers) == pytest.approx(1)


def test_centering_is_that_of_the_feature_space():
    features = RANDOM.normal(size=(10, 4)) + 3
    K = features @ features.T
    moved = features - features.mean(axis=0)
    expected = target_alignment(moved @ moved.T, TWO)
    assert target_alignment(K, TWO, centered=True) == pytest.approx(expected, abs=1e-12)


@pytest.mark.slow
@each_backend("backend")
@pytest.mark.parametrize("centered", [True, False])
@pytest.mark.parametrize("kind", ["fidelity", "projected"])
@pytest.mark.parametrize("encoding", ["zz", "angle_sum"])
def test_gradients_are_exact(encoding, kind, centered, backend):
    kernel = QuantumKernel(encoding, kind=kind, bandwidth=0.7, n_layers=2, backend=backend)
    objective = _objective(kernel, X, _target(THREE), centered=centered)
    weights = RANDOM.normal(size=len(kernel.design(3, with_weights=True).weights))
    value, gradient = objective(weights)
    trained = QuantumKernel(encoding, kind=kind, bandwidth=0.7, n_layers=2, weights=weights)
    assert -value == pytest.approx(target_alignment(trained(X), THREE, centered=centered))
    step = 1e-6
    for k in range(0, len(weights), 5):
        moved = np.eye(len(weights))[k] * step
        slope = (objective(weights + moved)[0] - objective(weights - moved)[0]) / (2 * step)
        assert gradient[k] == pytest.approx(slope, abs=1e-7)


@each_backend("backend")
def test_state_gradients_are_those_of_the_amplitudes(backend):
    gates = [Gate("ry", (0,), 0), Gate("cx", (0, 1)), Gate("p", (1,), 1), Gate("rxx", (0, 1), 0)]
    circuit, simulator = Circuit(2, tuple(gates)), get_backend(backend)
    angles = [np.array([0.3, -0.8, 1.9]), 0.7]
    cotangents = RANDOM.normal(size=(3, 4)) + 1j * RANDOM.normal(size=(3, 4))

    def value(angles):
        return (cotangents.conj() * simulator.statevector(circuit, angles)).real.sum(axis=1)

    found = simulator.state_gradients(circuit, angles, cotangents)
    step = 1e-6
    first = (value([angles[0] + step, 0.7]) - value([angles[0] - step, 0.7])) / (2 * step)
    second = (value([angles[0], 0.7 + step]) - value([angles[0], 0.7 - step])).sum() / (2 * step)
    np.testing.assert_allclose(found[0], first, atol=1e-8)
    assert found[1] == pytest.approx(second, abs=1e-8)
    with pytest.raises(ValueError, match=r"cotangents must have shape \(3, 4\)"):
        simulator.state_gradients(circuit, angles, cotangents[:2])
    with pytest.raises(ValueError, match="no exact states"):
        get_backend(backend, shots=5).state_gradients(circuit, angles, cotangents)


@pytest.mark.slow
def test_training_raises_the_alignment_and_helps_the_machine():
    """It does so every time, and on the average: single machines may become worse."""
    kernel, accuracies = QuantumKernel("angle_ry", n_layers=2), []
    for seed in range(6):
        rows = np.random.default_rng(seed).uniform(-1.5, 1.5, (120, 3))
        labels = rows[:, 0] * rows[:, 1] > 0
        train, test = slice(60), slice(60, None)
        kernels = kernel, train_alignment(kernel, rows[train], labels[train])
        before, after = (
            target_alignment(k(rows[train]), labels[train], centered=True) for k in kernels
        )
        assert after > 1.2 * before
        machines = [SVC(kernel=k).fit(rows[train], labels[train]) for k in kernels]
        accuracies.append([machine.score(rows[test], labels[test]) for machine in machines])
    assert kernel.weights is None
    untrained, trained = np.mean(accuracies, axis=0)
    assert trained > untrained + 0.03


def test_what_is_not_allowed():
    with pytest.raises(ValueError, match="y has 9 labels"):
        target_alignment(np.eye(10), TWO[:9])
    with pytest.raises(ValueError, match="only one class"):
        target_alignment(np.eye(2), ["a", "a"])
    with pytest.raises(TypeError, match="kernel must be a QuantumKernel"):
        train_alignment("rbf", X, TWO)
    with pytest.raises(ValueError, match="trained on exact states"):
        train_alignment(QuantumKernel("iqp", shots=10), X, TWO)
