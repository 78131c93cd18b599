"""Random numbers that belong to others: nothing here draws from global states, or reseeds them."""

import random

import numpy as np
import pytest
from backend_helpers import each_backend

from qmlplay import (
    VariationalClassifier,
    compare,
    get_backend,
    ibm,
    list_datasets,
    load_dataset,
    load_model,
)
from qmlplay.circuit import Circuit, Gate

CIRCUIT = Circuit(2, (Gate("h", (0,)), Gate("ry", (1,), 0), Gate("cx", (0, 1))))
ANGLES = [np.array([0.1, 0.2])]
SETTINGS = [
    {},
    {"shots": 10},
    {"shots": 10, "seed": 3},
    {"noise": "low"},
    {"noise": "low", "shots": 5},
]
MOONS = load_dataset("moons", n_samples=20, random_state=0)


@pytest.fixture(autouse=True)
def global_states_stay():
    """Compare what NumPy and Python would draw next, before and after."""

    def states():
        name, keys, *rest = np.random.get_state()  # noqa: NPY002 - that is what is watched
        return name, keys.tobytes(), rest, random.getstate()

    np.random.seed(5)  # noqa: NPY002
    random.seed(5)
    before = states()
    yield
    assert states() == before


@each_backend("name")
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_simulators(name, settings):
    backend = get_backend(name, **settings)
    backend.expectations(CIRCUIT, ANGLES, ["ZZ", "XI"], return_std=True)
    backend.gradients(CIRCUIT, ANGLES, ["ZZ"], np.ones((2, 1)))
    backend.probabilities(CIRCUIT, ANGLES)
    if backend.is_exact:
        backend.statevector(CIRCUIT, ANGLES)


@each_backend("name")
@pytest.mark.parametrize("settings", [{}, {"shots": 5}, {"noise": "low"}], ids=str)
def test_fits_and_predictions(name, settings, tmp_path):
    model = VariationalClassifier(name, max_iter=2, n_layers=1, random_state=0, **settings)
    model.fit(MOONS.X, MOONS.y)
    model.partial_fit(MOONS.X, MOONS.y).predict_proba(MOONS.X)
    model.save(tmp_path / "m")
    load_model(tmp_path / "m").predict(MOONS.X)


@pytest.mark.backend("qiskit")
def test_a_fake_device():
    backend = get_backend("qiskit", noise="fake_manila", shots=5)
    backend.expectations(CIRCUIT, ANGLES, ["ZZ", "XI"])


@pytest.mark.parametrize("name", list_datasets())
def test_datasets(name):
    load_dataset(name, random_state=0)


@pytest.mark.backend("pennylane", "cirq", "qiskit", "numpy")
def test_exports_runs_and_comparisons(monkeypatch, tmp_path):
    monkeypatch.setenv("QMLPLAY_HOME", str(tmp_path))
    model = VariationalClassifier(max_iter=1, n_layers=1, random_state=0).fit(MOONS.X, MOONS.y)
    for export in (model.to_qiskit, model.to_cirq, model.to_openqasm):
        export(MOONS.X[0])
    model.to_pennylane(MOONS.X[0])()
    model.draw()
    plan = ibm.plan(model, MOONS.X[:2], device="fake_manila", seed=1)
    ibm.submit(plan, max_qpu_seconds=100).wait()
    compare("moons", models={"small": model}, seeds=1)
