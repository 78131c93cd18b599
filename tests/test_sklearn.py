"""The classifier and the regressor among scikit-learn's tools."""

import copy
import pickle
from dataclasses import dataclass
from itertools import product

import joblib
import numpy as np
import pytest
from backend_helpers import CORE_BACKENDS, each_backend
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from qmlplay import (
    Feature,
    Operation,
    VariationalClassifier,
    VariationalRegressor,
    get_backend,
    load_dataset,
)
from qmlplay.ansatze import HardwareEfficient
from qmlplay.encodings import AngleEncoding

MOONS = load_dataset("moons", n_samples=60, random_state=0)
IRIS = load_dataset("iris")
X, y = MOONS.X, MOONS.y


def classifier(**parameters):
    return VariationalClassifier(
        **({"max_iter": 15, "n_layers": 2, "random_state": 0} | parameters)
    )


def checks():
    for name, kind in product(CORE_BACKENDS, (VariationalClassifier, VariationalRegressor)):
        is_quick = name == "numpy" and kind is VariationalClassifier
        marks = [pytest.mark.backend(name), *([] if is_quick else [pytest.mark.slow])]
        prefix = name if kind is VariationalClassifier else f"{name}-regressor"
        # Ten columns make ten qubits, which take the other simulators minutes and prove no more.
        n_qubits = None if name == "numpy" else 3
        model = kind(backend=name, n_qubits=n_qubits)
        for estimator, check in estimator_checks_generator(model, legacy=True):
            check_name = getattr(check, "func", check).__name__
            yield pytest.param(estimator, check, id=f"{prefix}-{check_name}", marks=marks)


@pytest.mark.slow
@pytest.mark.parametrize(("estimator", "check"), list(checks()))
def test_every_check_of_scikit_learn_passes(estimator, check, monkeypatch):
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")  # without it check_array_api_input is skipped
    check(estimator)


def test_pipeline():
    pipeline = make_pipeline(StandardScaler(), PCA(2), classifier(max_iter=60)).fit(IRIS.X, IRIS.y)
    assert pipeline.score(IRIS.X, IRIS.y) > 0.85
    assert pipeline[-1].n_features_in_ == 2


@pytest.mark.slow
@each_backend("backend", names=["numpy", "cirq"])
def test_grid_search_in_two_processes(backend):
    grid = {"n_layers": [1, 2], "encoding": ["angle_rx", AngleEncoding("rz")]}
    search = GridSearchCV(classifier(backend=backend, max_iter=3), grid, cv=2, n_jobs=2)
    search.fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.best_estimator_.predict(X).shape == y.shape
    alone = GridSearchCV(classifier(backend=backend, max_iter=3), grid, cv=2).fit(X, y)
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"]
    )


def test_cross_validation():
    scores = cross_val_score(classifier(max_iter=50), X, y, cv=StratifiedKFold(3))
    assert scores.mean() > 0.8


def test_calibration():
    calibrated = CalibratedClassifierCV(classifier(max_iter=40), cv=3).fit(X, y)
    assert calibrated.predict_proba(X).shape == (60, 2)
    assert calibrated.score(X, y) > 0.8


def test_one_against_the_rest():
    model = OneVsRestClassifier(classifier(max_iter=30)).fit(IRIS.X, IRIS.y)
    assert len(model.estimators_) == 3
    assert model.score(IRIS.X, IRIS.y) > 0.85


@dataclass(frozen=True)
class MyEncoding:
    scale: float = 1.0

    def __call__(self, n_qubits, n_features):
        return [Operation("rx", i % n_qubits, Feature(i, self.scale)) for i in range(n_features)]


def my_encoding(n_qubits, n_features):
    return MyEncoding(2.0)(n_qubits, n_features)


PARAMETERS = {
    "names": {},
    "backend object": {"backend": get_backend("cirq", seed=3)},
    "backend object that samples": {"backend": get_backend("numpy", shots=50, seed=3)},
    "own encoding dataclass": {"encoding": MyEncoding(0.5)},
    "own encoding function": {"encoding": my_encoding},
    "ansatz with options": {"ansatz": HardwareEfficient("cz", "full")},
    "callbacks": {"callbacks": [print]},
}


@pytest.mark.parametrize("parameters", PARAMETERS.values(), ids=PARAMETERS.keys())
def test_clone(parameters, capsys):
    model = classifier(max_iter=2, **parameters).fit(X, y)
    again = clone(model)
    assert not hasattr(again, "weights_")
    for name, value in model.get_params().items():
        other = again.get_params()[name]
        assert repr(other) == repr(value) if name == "backend" else other == value
    again.fit(X, y)
    if "shots" not in repr(model.backend):
        np.testing.assert_array_equal(again.weights_, model.weights_)


def by_joblib(model, folder):
    joblib.dump(model, folder / "model.joblib")
    return joblib.load(folder / "model.joblib")


COPIES = {
    "pickle": lambda model, folder: pickle.loads(pickle.dumps(model)),
    "joblib": by_joblib,
    "deepcopy": lambda model, folder: copy.deepcopy(model),
}


@pytest.mark.parametrize("how", COPIES.values(), ids=COPIES.keys())
@pytest.mark.parametrize(
    "parameters",
    [
        {"backend": "numpy"},
        {"backend": "qiskit"},
        {"backend": "pennylane"},
        {"backend": get_backend("cirq")},
        {"encoding": MyEncoding(0.5)},
        {"encoding": my_encoding},
        {"early_stopping": True},
    ],
    ids=range(7),
)
def test_copies_of_a_fitted_model_predict_the_same_and_go_on(how, parameters, tmp_path):
    model = classifier(max_iter=2, **parameters).fit(X, y)
    other = how(model, tmp_path)
    np.testing.assert_array_equal(other.predict_proba(X), model.predict_proba(X))
    assert other.circuit_ == model.circuit_
    before = model.weights_.copy()
    other.partial_fit(X, y)
    assert not np.array_equal(other.weights_, before)
    np.testing.assert_array_equal(model.weights_, before)


def test_the_constructor_only_stores():
    nonsense = {"n_layers": -3, "encoding": "?", "backend": 7, "shots": "many", "callbacks": 0}
    parameters = VariationalClassifier(**nonsense).get_params()
    assert {name: parameters[name] for name in nonsense} == nonsense


def test_a_fitted_model_holds_nothing_of_a_framework():
    model = classifier(backend="pennylane", max_iter=1).fit(X, y)
    modules = {type(value).__module__.split(".")[0] for value in vars(model).values()}
    assert modules <= {"builtins", "numpy", "qmlplay"}
