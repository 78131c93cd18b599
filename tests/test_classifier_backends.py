"""One fitted classifier on every backend, with and without shots."""

import numpy as np
import pytest
from backend_helpers import each_backend

from qmlplay import VariationalClassifier, get_backend, load_dataset

MOONS = load_dataset("moons", n_samples=40, random_state=0)
IRIS = load_dataset("iris")
X, y = MOONS.X, MOONS.y


def classifier(**parameters):
    return VariationalClassifier(**({"max_iter": 5, "n_layers": 2, "random_state": 0} | parameters))


@pytest.mark.parametrize("data", [(X, y), (IRIS.X[::10], IRIS.y[::10])])
@pytest.mark.parametrize("options", [{}, {"encoding": "zz", "ansatz": "strongly_entangling"}])
def test_every_backend_predicts_the_same(data, options, backend_names):
    X, y = data
    model = classifier(**options).fit(X, y)
    expected = model.predict_proba(X)
    for name in backend_names:
        other = model.with_backend(name)
        assert other.backend == name
        np.testing.assert_allclose(other.predict_proba(X), expected, atol=1e-10)
    assert model.backend == "numpy"
    np.testing.assert_array_equal(model.predict_proba(X), expected)


def test_with_backend_leaves_the_original_alone():
    model = classifier().fit(X, y)
    before = model.predict_proba(X)
    other = model.with_backend("cirq", shots=10).set_params(max_iter=1, shots=None)
    other.fit(IRIS.X, IRIS.y)
    assert (model.backend, model.shots, model.max_iter) == ("numpy", None, 5)
    np.testing.assert_array_equal(model.predict_proba(X), before)


def test_with_backend_takes_an_object_and_refuses_what_it_does_not_know():
    model = classifier(shots=100).fit(X, y)
    backend = get_backend("numpy")
    other = model.with_backend(backend)
    assert other.backend is backend
    assert other.shots is None
    assert model.with_backend("cirq").shots == 100
    with pytest.raises(ValueError, match="unknown backend 'qskit': did you mean 'qiskit'"):
        model.with_backend("qskit")
    with pytest.raises(ValueError, match=r"shots must be|shots=0"):
        model.with_backend("cirq", shots=0)
    with pytest.raises(ValueError, match="object with settings of its own"):
        model.with_backend(backend, shots=5)
    with pytest.raises(TypeError, match=r"takes shots and noise, got \['seed'\]"):
        model.with_backend("cirq", seed=3)


@each_backend("backend")
def test_shots_scatter_about_the_exact_values_as_they_should(backend):
    shots, n = 2000, 12
    exact = classifier(n_qubits=1, n_layers=1).fit(X[:, :1], y)
    noisy = exact.with_backend(backend, shots=shots)
    decisions = exact.decision_function(X[:n, :1])
    seen = noisy.decision_function(X[:n, :1])
    assert exact.observables_ == ("Z",)
    angles = exact.circuit_.angles(exact.scaling_.radians(X[:n, :1]), exact.weights_)
    expectations = get_backend("numpy").expectations(exact.circuit_.circuit, angles, ["Z"])
    variance = (1 - expectations**2) / shots @ exact.readout_.scale[:, 0] ** 2
    z = (seen - decisions) / np.sqrt(variance)
    assert np.abs(z).max() < 5
    assert 0.4 < np.sqrt(np.mean(z**2)) < 1.8  # 12 samples: the spread itself scatters
    np.testing.assert_array_equal(noisy.decision_function(X[:n, :1]), seen)


@pytest.mark.parametrize("seed", [3, np.int64(3)])
def test_shots_are_reproducible_with_a_seed(seed):
    models = [classifier(shots=50, max_iter=2, random_state=seed).fit(X, y) for _ in range(2)]
    np.testing.assert_array_equal(models[0].weights_, models[1].weights_)
    np.testing.assert_array_equal(models[0].predict_proba(X), models[1].predict_proba(X))
    other = classifier(shots=50, max_iter=2, random_state=4).fit(X, y)
    assert not np.array_equal(other.predict_proba(X), models[0].predict_proba(X))


def test_training_with_shots_learns():
    model = classifier(shots=500, max_iter=40).fit(X, y)
    assert model.score(X, y) > 0.75
    assert model.loss_curve_[-1] < 0.6 * model.loss_curve_[0]
