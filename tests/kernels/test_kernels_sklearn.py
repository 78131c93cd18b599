"""The kernel estimators among scikit-learn's tools."""

from __future__ import annotations

import copy
import pickle

import joblib
import numpy as np
import pytest
from backend_helpers import CORE_BACKENDS, each_backend
from sklearn.base import clone
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.kernel_approximation import Nystroem
from sklearn.kernel_ridge import KernelRidge
from sklearn.model_selection import GridSearchCV
from sklearn.svm import SVC, SVR
from sklearn.utils.estimator_checks import estimator_checks_generator

from qmlplay import (
    QuantumKernel,
    QuantumKernelClassifier,
    QuantumKernelRegressor,
    load_dataset,
)

ESTIMATORS = (QuantumKernelClassifier, QuantumKernelRegressor)
AD_HOC = load_dataset("ad_hoc", n_samples=100, random_state=0)


def checks():
    for name in CORE_BACKENDS:
        marks = [pytest.mark.backend(name), pytest.mark.slow]
        for kind in ESTIMATORS:
            for estimator, check in estimator_checks_generator(kind(backend=name), legacy=True):
                check_name = getattr(check, "func", check).__name__
                name_of_test = f"{name}-{kind.__name__}-{check_name}"
                yield pytest.param(estimator, check, id=name_of_test, marks=marks)


@pytest.mark.parametrize(("estimator", "check"), list(checks()))
def test_every_check_of_scikit_learn_passes(estimator, check, monkeypatch):
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")  # without it check_array_api_input is skipped
    check(estimator)


@pytest.mark.parametrize(
    "model",
    [
        SVC(kernel=QuantumKernel("zz")),
        GaussianProcessClassifier(QuantumKernel("zz")),
        GaussianProcessClassifier(QuantumKernel("zz", bandwidth=0.9, bandwidth_bounds=(0.3, 3))),
        QuantumKernelClassifier(encoding="zz"),
    ],
    ids=["svc", "process", "trained process", "ours"],
)
def test_ad_hoc_with_its_own_map(model):
    train, test = slice(70), slice(70, None)
    fitted = clone(model).fit(AD_HOC.X[train], AD_HOC.y[train])
    assert fitted.score(AD_HOC.X[test], AD_HOC.y[test]) == 1.0


def test_scikit_learn_s_own_machines_take_the_kernel_as_it_is():
    X = np.random.default_rng(0).uniform(-1, 1, (40, 2))
    y = np.sin(2 * X[:, 0]) * X[:, 1]
    kernel = QuantumKernel("angle_ry", bandwidth=1.5)
    for model in (
        SVR(kernel=kernel, epsilon=0.01, C=100),
        KernelRidge(kernel=kernel, alpha=1e-3),
        GaussianProcessRegressor(kernel, alpha=1e-6),
    ):
        assert clone(model).fit(X[:30], y[:30]).score(X[30:], y[30:]) > 0.9
    precomputed = KernelRidge(kernel="precomputed", alpha=1e-3).fit(kernel(X[:30]), y[:30])
    ridge = KernelRidge(kernel=kernel, alpha=1e-3).fit(X[:30], y[:30])
    np.testing.assert_allclose(ridge.dual_coef_, precomputed.dual_coef_, atol=1e-10)
    np.testing.assert_allclose(
        ridge.predict(X[30:]), precomputed.predict(kernel(X[30:], X[:30])), atol=1e-10
    )
    landmarks = Nystroem(kernel, n_components=40, random_state=0).fit_transform(X)
    np.testing.assert_allclose(landmarks @ landmarks.T, kernel(X), atol=1e-6)


def test_kernels_add_up_and_multiply():
    kernel = QuantumKernel("iqp")
    X = AD_HOC.X[:5]
    np.testing.assert_allclose((2 * kernel * kernel + 1)(X), 2 * kernel(X) ** 2 + 1)


@pytest.mark.parametrize("kind", ["fidelity", "projected"])
def test_a_gaussian_process_trains_the_bandwidth_by_the_right_gradient(kind):
    kernel = QuantumKernel("zz", kind=kind, bandwidth=0.7, bandwidth_bounds=(0.1, 3))
    X, y = AD_HOC.X[:30], AD_HOC.y[:30]
    matrix, gradient = kernel(X, eval_gradient=True)
    step = 1e-4
    after, before = (kernel.clone_with_theta(kernel.theta + s)(X) for s in (step, -step))
    np.testing.assert_allclose(gradient[:, :, 0], (after - before) / (2 * step), atol=1e-4)
    np.testing.assert_array_equal(matrix, kernel(X))
    np.testing.assert_array_equal(kernel.diag(X), np.diag(matrix))
    process = GaussianProcessClassifier(kernel).fit(X, y)
    start = process.log_marginal_likelihood(kernel.theta)
    assert process.log_marginal_likelihood_value_ >= start
    fixed = QuantumKernel("zz")
    assert fixed(X, eval_gradient=True)[1].shape == (30, 30, 0)
    with pytest.raises(ValueError, match="leave out shots and noise"):
        kernel.set_params(shots=10)(X, eval_gradient=True)


def test_a_grid_search_reaches_the_parameters_of_the_kernel():
    grid = {"kernel__bandwidth": [0.05, 1.0], "kernel__kind": ["fidelity", "projected"]}
    search = GridSearchCV(SVC(kernel=QuantumKernel("zz")), grid, cv=3).fit(AD_HOC.X, AD_HOC.y)
    assert search.best_params_["kernel__bandwidth"] == 1.0
    assert search.best_score_ > 0.95


def by_joblib(model, folder):
    joblib.dump(model, folder / "model.joblib")
    return joblib.load(folder / "model.joblib")


COPIES = {
    "pickle": lambda model, folder: pickle.loads(pickle.dumps(model)),
    "joblib": by_joblib,
    "deepcopy": lambda model, folder: copy.deepcopy(model),
}


@pytest.mark.parametrize("how", COPIES.values(), ids=COPIES.keys())
@each_backend("backend", names=["numpy", "cirq"])
def test_copies_predict_the_same(how, backend, tmp_path):
    model = QuantumKernelClassifier(backend=backend, bandwidth=1.0).fit(AD_HOC.X, AD_HOC.y)
    other = how(model, tmp_path)
    np.testing.assert_array_equal(other.predict_proba(AD_HOC.X), model.predict_proba(AD_HOC.X))
    assert other.model_ == model.model_
    kernel = how(QuantumKernel("zz", backend=backend), tmp_path)
    np.testing.assert_array_equal(kernel(AD_HOC.X), QuantumKernel("zz", backend=backend)(AD_HOC.X))


def test_the_constructor_only_stores():
    nonsense = {"n_layers": -3, "encoding": "?", "backend": 7, "C": "many", "bandwidth": 0}
    parameters = QuantumKernelClassifier(**nonsense).get_params()
    assert {name: parameters[name] for name in nonsense} == nonsense
