"""Model files whose backend was the user's own: what simulates instead, and what is said."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

from qmlplay import (
    Backend,
    QuantumKernelClassifier,
    QuantumKernelRegressor,
    TablePreprocessor,
    VariationalClassifier,
    VariationalRegressor,
    get_backend,
    load_model,
    save_model,
)
from qmlplay.backends import backend_info
from qmlplay.errors import ModelFileWarning

X = np.random.default_rng(0).normal(size=(16, 2))
LABELS, NUMBERS = (X[:, 0] > 0).astype(int), X[:, 1]
QUICK = {"n_layers": 1, "max_iter": 1, "random_state": 0}
KERNEL = {"bandwidth": 0.5, "random_state": 0, "n_folds": 2}
KINDS = {
    "classifier": lambda b: VariationalClassifier(b, **QUICK).fit(X, LABELS),
    "regressor": lambda b: VariationalRegressor(b, **QUICK).fit(X, NUMBERS),
    "kernel classifier": lambda b: QuantumKernelClassifier(b, **KERNEL).fit(X, LABELS),
    "kernel regressor": lambda b: QuantumKernelRegressor(b, **KERNEL).fit(X, NUMBERS),
    "pipeline": lambda b: make_pipeline(TablePreprocessor(), VariationalClassifier(b, **QUICK)).fit(
        X, LABELS
    ),
}


def own(name):
    """Return a class of the user's own that simulates as one of ours does."""
    return type("Mine", (backend_info(name).load(),), {"name": "mine"})


def loaded_with_a_warning(path, **settings):
    with pytest.warns(ModelFileWarning, match=r"backend=Mine.*load_model\(path, backend=...\)"):
        return load_model(path, **settings)


def last(estimator):
    return estimator[-1] if hasattr(estimator, "steps") else estimator


@pytest.mark.parametrize("kind", KINDS)
def test_another_simulator_stands_in_for_it(kind, tmp_path):
    model, path = KINDS[kind](own("numpy")()), tmp_path / "m.qmlplay"
    save_model(model, path)
    again = loaded_with_a_warning(path)
    assert last(again).backend == "numpy"
    np.testing.assert_allclose(again.predict(X), model.predict(X), atol=1e-12)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nothing is missing
        again = load_model(path, backend=own("numpy")())
    np.testing.assert_allclose(again.predict(X), model.predict(X), atol=1e-12)


@pytest.mark.backend("qiskit")
@pytest.mark.parametrize("kind", ["classifier", "kernel regressor", "pipeline"])
def test_noise_of_a_fake_device_goes_on_where_it_can_be_simulated(kind, tmp_path):
    model, path = KINDS[kind](own("qiskit")(noise="fake_manila")), tmp_path / "m.qmlplay"
    save_model(model, path)
    again = loaded_with_a_warning(path)
    assert (last(again).backend, last(again).noise) == ("qiskit", "fake_manila")
    np.testing.assert_allclose(again.predict(X), model.predict(X), atol=1e-10)


@pytest.mark.backend("qiskit")
@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_stand_in_for_it_names_the_remedy(kind, tmp_path):
    backend = own("numpy")()
    model, path = KINDS[kind](backend), tmp_path / "m.qmlplay"
    expected = model.predict(X)
    backend.noise = "fake_of_mine"  # a device that nobody else knows
    save_model(model, path)
    again = loaded_with_a_warning(path)
    words = (
        r"fake_of_mine.*m.qmlplay was trained on backend=Mine.*load_model\(path, backend=\.\.\.\)"
    )
    with pytest.raises(ValueError, match=words):
        again.predict(X)
    np.testing.assert_array_equal(load_model(path, get_backend("numpy")).predict(X), expected)


def test_too_many_qubits_for_state_vectors(tmp_path, monkeypatch):
    path = tmp_path / "m.qmlplay"
    KINDS["classifier"](own("numpy")()).save(path)
    again = loaded_with_a_warning(path)

    def no_memory(n_qubits, n_states):
        raise ValueError(f"{n_qubits} qubits need 1e15 bytes")

    monkeypatch.setattr("qmlplay.classifier.quantum_estimator.check_memory", no_memory)
    with pytest.raises(ValueError, match=r"2 qubits need .*load_model\(path, backend=\.\.\.\)"):
        again.predict(X)
    assert again.with_backend("numpy").predict(X).shape == (16,)  # chosen by the user


def test_noise_that_no_file_holds_is_named(tmp_path):
    class Noise:
        """Of the user's own."""

        def __repr__(self):
            return "Noise()"

    backend: Backend = own("numpy")()
    for kind in ("classifier", "kernel classifier"):
        model = KINDS[kind](backend)
        backend.noise = Noise()
        model.save(tmp_path / "m.qmlplay")
        backend.noise = None
        with pytest.warns(ModelFileWarning, match=r"noise=Noise\(\)"):
            assert load_model(tmp_path / "m.qmlplay").noise is None
