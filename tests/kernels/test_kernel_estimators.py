"""The kernel classifier and regressor: what they choose, and that they are SVC and KernelRidge."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from backend_helpers import each_backend
from sklearn.kernel_ridge import KernelRidge
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.svm import SVC

from qmlplay import (
    Feature,
    Operation,
    QuantumKernelClassifier,
    QuantumKernelRegressor,
    get_backend,
    load_dataset,
)

MOONS = load_dataset("moons", n_samples=120, random_state=0)
IRIS = load_dataset("iris")
WAVE = np.linspace(-1, 2, 50)[:, None]
RANDOM = np.random.default_rng(0)


@each_backend("backend")
@pytest.mark.parametrize("data", [MOONS, IRIS], ids=["moons", "iris"])
def test_the_same_as_an_svc(data, backend):
    model = QuantumKernelClassifier(backend=backend, bandwidth=0.5, C=10).fit(data.X, data.y)
    kernel, angles = model.kernel_, model.scaling_.radians(data.X)
    assert kernel.bandwidth == 0.5
    svc = SVC(kernel=kernel, C=10, break_ties=True).fit(angles, data.y)
    decisions = model.decision_function(data.X)
    np.testing.assert_allclose(decisions, svc.decision_function(angles), atol=2e-2)  # tol=1e-3
    assert (model.predict(data.X) == svc.predict(angles)).mean() > 0.98
    assert model.model_.n_support.sum() == len(model.model_.rows) < len(data.y)


@pytest.mark.parametrize("n_classes", [2, 3, 4])
def test_decisions_from_the_numbers_of_an_svc(n_classes):
    from qmlplay.kernels.kernel_model import svc_decisions

    X = RANDOM.normal(size=(60, 3))
    y = np.arange(60) % n_classes
    X[:, 0] += y
    svc = SVC(kernel="precomputed", C=2).fit(X @ X.T, y)
    new = RANDOM.normal(size=(20, 3)) + 1
    found = svc_decisions(
        (new @ X.T)[:, svc.support_], svc.dual_coef_, svc.intercept_, svc.n_support_
    )
    np.testing.assert_allclose(found, svc.decision_function(new @ X.T), atol=1e-12)


def test_the_same_as_kernel_ridge():
    y = np.column_stack([np.sin(3 * WAVE[:, 0]), WAVE[:, 0] ** 2 + 7])
    model = QuantumKernelRegressor(bandwidth=0.5, alpha=0.01).fit(WAVE, y)
    angles = model.scaling_.radians(WAVE)
    ridge = KernelRidge(kernel=model.kernel_, alpha=0.01).fit(angles, y - y.mean(axis=0))
    np.testing.assert_allclose(
        model.predict(WAVE), ridge.predict(angles) + y.mean(axis=0), atol=1e-8
    )
    alone = QuantumKernelRegressor(bandwidth=0.5, alpha=0.01).fit(WAVE, y[:, 1])
    np.testing.assert_allclose(alone.predict(WAVE), model.predict(WAVE)[:, 1], atol=1e-8)


@pytest.mark.slow
def test_bandwidth_and_regularity_are_those_of_a_cross_validation():
    settings = {"bandwidth": (0.1, 0.5, 2.0), "C": (1.0, 30.0, 1e4), "random_state": 4}
    labels = MOONS.y ^ (np.arange(len(MOONS.y)) % 7 == 0)  # the largest C learns these errors, too
    model = QuantumKernelClassifier(**settings).fit(MOONS.X, labels)
    assert set(model.bandwidth_scores_) == {0.1, 0.5, 2.0}
    assert model.bandwidth_scores_[model.bandwidth_] == max(model.bandwidth_scores_.values())
    order = np.lexsort(MOONS.X.T[::-1])
    angles, y = model.scaling_.radians(MOONS.X[order]), labels[order]
    random = np.random.RandomState(4)
    folds = StratifiedKFold(5, shuffle=True, random_state=random.randint(2**31 - 1))
    for bandwidth, score in model.bandwidth_scores_.items():
        kernel = model.kernel_.set_params(bandwidth=bandwidth)
        by_hand = [
            cross_val_score(SVC(kernel=kernel, C=C), angles, y, cv=folds).mean()
            for C in (1, 30, 1e4)
        ]
        assert score == pytest.approx(max(by_hand), abs=1e-12)


def test_the_smallest_of_equally_good_ones():
    X, y = np.array([[0.0], [0.1], [0.2], [2.0], [2.1], [2.2]]), [0, 0, 0, 1, 1, 1]
    model = QuantumKernelClassifier(random_state=0, n_folds=3).fit(X, y)
    best = max(model.bandwidth_scores_.values())
    assert model.bandwidth_ == min(b for b, s in model.bandwidth_scores_.items() if s == best)


@pytest.mark.slow
def test_a_fit_repeats_whatever_the_order_and_repetitions():
    model = QuantumKernelClassifier(random_state=1).fit(MOONS.X, MOONS.y)
    again = QuantumKernelClassifier(random_state=1).fit(MOONS.X[::-1], MOONS.y[::-1])
    assert again.model_ == model.model_
    weights = RANDOM.integers(0, 3, len(MOONS.y))
    weighted = QuantumKernelClassifier(random_state=1).fit(MOONS.X, MOONS.y, weights)
    repeated = np.repeat(np.arange(len(weights)), weights)
    other = QuantumKernelClassifier(random_state=1).fit(MOONS.X[repeated], MOONS.y[repeated])
    assert weighted.model_ == other.model_
    assert weighted.model_ != model.model_


def test_class_weights_move_the_border():
    plain = QuantumKernelClassifier(bandwidth=0.3, C=0.1, random_state=0).fit(MOONS.X, MOONS.y)
    weight = {0: 1.0, 1: 10.0}
    weighted = QuantumKernelClassifier(bandwidth=0.3, C=0.1, random_state=0, class_weight=weight)
    weighted.fit(MOONS.X, MOONS.y)
    assert (weighted.predict(MOONS.X) == 1).sum() > (plain.predict(MOONS.X) == 1).sum()
    by_sample = QuantumKernelClassifier(bandwidth=0.3, C=0.1, random_state=0)
    by_sample.fit(MOONS.X, MOONS.y, np.where(MOONS.y == 1, 10.0, 1.0))
    assert by_sample.model_ == weighted.model_


@pytest.mark.parametrize("data", [MOONS, IRIS], ids=["moons", "iris"])
def test_probabilities_agree_with_predictions_and_are_calibrated(data):
    half = RANDOM.permutation(len(data.y)) % 2 == 0
    y = data.y.copy()
    y[::6] = np.roll(np.unique(y), 1)[y[::6]]  # one label in six is wrong
    model = QuantumKernelClassifier(random_state=0).fit(data.X[half], y[half])
    p = model.predict_proba(data.X[~half])
    np.testing.assert_allclose(p.sum(axis=1), 1)
    np.testing.assert_array_equal(model.classes_[p.argmax(axis=1)], model.predict(data.X[~half]))
    priors = np.bincount(y[half]) / half.sum()
    guessed = log_loss(y[~half], np.tile(priors, (len(p), 1)))
    assert log_loss(y[~half], p) < guessed


def test_rare_classes_and_few_rows():
    X = np.vstack([MOONS.X, [[2.5, 2.5]]])
    y = [*MOONS.y.astype(str), "alone"]
    model = QuantumKernelClassifier(random_state=0).fit(X, y)
    assert model.predict([[2.5, 2.5]]) == ["alone"]
    assert np.isfinite(list(model.bandwidth_scores_.values())).all()
    two = QuantumKernelClassifier().fit([[0.0], [1.0]], ["a", "b"])
    assert (two.bandwidth_, two.model_.temperature) == (1.0, 1.0)
    assert two.predict([[0.1], [0.9]]).tolist() == ["a", "b"]
    one = QuantumKernelRegressor().fit([[0.5]], [3.0])
    assert one.predict([[0.7]]) == pytest.approx([3.0])


def test_named_columns_and_labels():
    frame = pd.DataFrame(MOONS.X, columns=["left", "right"])
    labels = np.array(["low", "high"])[MOONS.y]
    model = QuantumKernelClassifier(random_state=0).fit(frame, labels)
    assert model.feature_names_in_.tolist() == ["left", "right"]
    assert model.score(frame, labels) > 0.9
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[["right", "left"]])


def test_features_that_fill_a_turn_are_radians_for_the_zz_map():
    data = load_dataset("ad_hoc", n_samples=100, random_state=0)
    model = QuantumKernelClassifier(random_state=0).fit(data.X[:70], data.y[:70])
    np.testing.assert_array_equal(model.scaling_.radians(data.X), data.X)
    assert model.bandwidth_ == 1.0
    assert model.score(data.X[70:], data.y[70:]) == 1.0


@pytest.mark.slow
@each_backend("backend")
@pytest.mark.parametrize("kind", ["fidelity", "projected"])
def test_shots(kind, backend):
    model = QuantumKernelClassifier(
        backend=backend, kind=kind, shots=200, bandwidth=1.0, random_state=0
    ).fit(MOONS.X[:30], MOONS.y[:30])
    np.testing.assert_array_equal(model.predict(MOONS.X), model.predict(MOONS.X))
    assert model.score(MOONS.X, MOONS.y) > 0.7
    pairs = 30 * 29 // 2
    assert model.n_circuit_evaluations_ == (pairs if kind == "fidelity" else 90)
    exact = model.with_backend("numpy", shots=None)
    assert np.abs(exact.decision_function(MOONS.X) - model.decision_function(MOONS.X)).max() > 0


@each_backend("backend")
def test_another_simulator_predicts_the_same(backend):
    model = QuantumKernelClassifier(random_state=0).fit(IRIS.X, IRIS.y)
    other = model.with_backend(backend)
    np.testing.assert_allclose(
        other.predict_proba(IRIS.X), model.predict_proba(IRIS.X), rtol=0, atol=1e-10
    )
    assert model.backend == "numpy"
    with_object = model.with_backend(get_backend(backend))
    assert with_object.backend_ is with_object.backend


def own(n_qubits, n_features):
    return [Operation("rx", i % n_qubits, Feature(i)) for i in range(n_features)]


def test_an_encoding_of_ones_own():
    model = QuantumKernelClassifier(encoding=own, n_qubits=2, n_layers=2).fit(MOONS.X, MOONS.y)
    assert model.score(MOONS.X, MOONS.y) > 0.8
    assert model.draw().count("RX") == 4


def test_a_regression():
    X = RANDOM.uniform(-2, 2, (150, 2))
    y = np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 0]
    model = QuantumKernelRegressor(random_state=0).fit(X[:100], y[:100])
    assert model.score(X[100:], y[100:]) > 0.95
    assert max(model.bandwidth_scores_.values()) <= 0


def test_a_failed_fit_leaves_what_was_fitted():
    model = QuantumKernelClassifier(random_state=0).fit(MOONS.X, MOONS.y)
    before = model.model_
    with pytest.raises(ValueError, match="only one class"):
        model.fit(MOONS.X, np.zeros(len(MOONS.y)))
    assert model.model_ is before


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"bandwidth": 0}, ValueError, "bandwidth must be a positive number, got 0"),
        ({"bandwidth": [0.5, -1]}, ValueError, "bandwidth must be a positive number, got -1"),
        ({"bandwidth": "best"}, ValueError, "bandwidth must be 'auto', a positive number"),
        ({"C": 0}, ValueError, "C must be a positive number"),
        ({"C": "large"}, ValueError, "C must be 'auto'"),
        ({"gamma": -1}, ValueError, "gamma must be a positive number"),
        ({"kind": "swap"}, ValueError, "unknown kind 'swap'"),
        ({"n_folds": 1}, ValueError, "n_folds must be an integer, at least 2"),
        ({"shots": 0}, ValueError, "shots must be"),
        ({"noise": "loud"}, ValueError, "loud"),
        ({"class_weight": "fair"}, ValueError, "class_weight must be"),
        ({"scale_inputs": (1, 0)}, ValueError, "scale_inputs must be"),
        ({"backend": get_backend("numpy"), "shots": 5}, ValueError, "settings of its own"),
        ({"backend": "nump"}, ValueError, "did you mean 'numpy'"),
    ],
    ids=str,
)
def test_settings_that_are_not_allowed(settings, error, message):
    with pytest.raises(error, match=message):
        QuantumKernelClassifier(**settings).fit(MOONS.X, MOONS.y)


@pytest.mark.parametrize(
    ("X", "y", "weights", "message"),
    [
        (MOONS.X, IRIS.y, None, "inconsistent numbers of samples"),
        ([[np.inf], [0.0]], [0, 1], None, "infinity"),
        ([["a"], ["b"]], [0, 1], None, "'a'"),
        ([[0.0], [1.0]], [[0, 1], [1, 0]], None, "one label per sample"),
        ([[0.0], [1.0]], [0, 1], [0.0, 0.0], "all sample weights are 0|at least one non-zero"),
        ([[0.0], [1.0]], [0, 1], [1.0, 0.0], r"classes \[1\] have only weights of 0"),
        ([[0.0], [1.0]], [0, 1], [1.0, -1.0], "[Nn]egative"),
    ],
)
def test_data_that_are_not_allowed(X, y, weights, message):
    with pytest.raises(ValueError, match=message):
        QuantumKernelClassifier().fit(X, y, weights)
