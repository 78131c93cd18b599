"""Simulations of noise that take minutes or hours: said before they begin, or refused."""

import warnings

import numpy as np
import pytest
from backend_helpers import each_backend

from qmlplay import NoiseModel, VariationalClassifier, get_backend
from qmlplay.backends.duration import noisy_seconds, warn_if_slow
from qmlplay.circuit import Circuit, Gate
from qmlplay.errors import SlowSimulationWarning

X = np.random.default_rng(0).normal(size=(20, 12))
y = np.arange(20) % 2
SMALL = NoiseModel(bit_flip=0.01)


def classifier(**parameters):
    return VariationalClassifier(
        **({"n_qubits": 12, "n_layers": 1, "max_iter": 2, "random_state": 0} | parameters)
    )


@pytest.fixture
def simulations(monkeypatch):
    """Refuse to simulate noise."""

    def refuse(*arguments):
        raise AssertionError("simulated before a word was said")

    for name in ("numpy", "qiskit", "cirq", "pennylane"):
        monkeypatch.setattr(type(get_backend(name)), "_densities", refuse)


@pytest.mark.slow
@pytest.mark.usefixtures("simulations")
@pytest.mark.parametrize(
    ("backend", "noise"),
    [
        ("qiskit", "fake_torino"),
        ("qiskit", "low"),
        ("numpy", SMALL),
        ("cirq", "high"),
        ("pennylane", "low"),
    ],
)
@pytest.mark.backend("numpy", "qiskit", "cirq", "pennylane")
def test_training_says_how_long_it_takes_beforehand(backend, noise):
    model = classifier(backend=backend, noise=noise)
    text = (
        r"training may take \d+ (min|h|days) on this machine: noise on 12 qubits .*4\*\*12 "
        rf"entries, up to [1-9],\d+ circuits of about .* backend='{backend}'.*noise=None"
    )
    with pytest.raises(SlowSimulationWarning, match=text):
        model.fit(X, y)
    with pytest.raises(SlowSimulationWarning, match=r"up to [1-9],\d+ circuits"):
        model.partial_fit(X, y, classes=[0, 1])
    assert not hasattr(model, "model_")


@pytest.mark.usefixtures("simulations")
def test_predictions_say_so_too():
    exact = classifier(max_iter=1).fit(X, y)
    noisy = exact.with_backend("numpy", noise="medium")
    many = np.repeat(X, 20, axis=0)
    for ask in ("predict", "predict_proba", "decision_function", "expectations"):
        with pytest.raises(SlowSimulationWarning, match=r"prediction may take .* up to 400 circ"):
            getattr(noisy, ask)(many)
    with pytest.raises(SlowSimulationWarning):
        noisy.score(many, np.repeat(y, 20))


def test_the_line_is_that_of_the_caller(monkeypatch):
    def fail(*arguments):
        raise FloatingPointError

    monkeypatch.setattr(type(get_backend("numpy")), "_densities", fail)
    exact = classifier(max_iter=1).fit(X, y)
    noisy = exact.with_backend("numpy", noise=SMALL)
    many = np.repeat(X, 20, axis=0)
    for ask in (lambda: noisy.fit(X, y), lambda: noisy.predict(many)):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            with pytest.raises(FloatingPointError):
                ask()
        assert [warning.filename for warning in caught] == [__file__]


@each_backend("name")
def test_short_and_exact_simulations_say_nothing(name):
    circuit = Circuit(4, (Gate("cx", (0, 3)),) * 20)
    noisy = get_backend(name, noise="low")
    assert 0 < noisy_seconds(noisy, circuit) < 0.01
    warn_if_slow(noisy, circuit, 100, "training")
    wide = Circuit(20, (Gate("cx", (0, 3)),) * 20)
    for settings in ({}, {"shots": 100}, {"noise": NoiseModel()}):
        assert noisy_seconds(get_backend(name, **settings), wide) == 0
    readout = get_backend(name, noise=NoiseModel(readout_error=0.1))
    assert noisy_seconds(readout, wide) == 0  # state vectors are enough
    with pytest.raises(ValueError, match=r"20 qubits need .* bytes"):
        warn_if_slow(noisy, wide, 10**6, "simulating")
    wide = Circuit(10, (Gate("cx", (0, 3)),) * 20)
    with pytest.warns(SlowSimulationWarning, match=r"simulating may take [\d,]+ days") as caught:
        warn_if_slow(noisy, wide, 10**7, "simulating")
    assert caught[0].filename == __file__


@pytest.mark.usefixtures("simulations")
@pytest.mark.parametrize(("backend", "noise"), [("numpy", "low"), ("qiskit", "fake_torino")])
@pytest.mark.filterwarnings("ignore::qmlplay.errors.SlowSimulationWarning")
def test_what_does_not_fit_is_refused_before_anything_runs(backend, noise):
    model = classifier(backend=backend, noise=noise, n_qubits=20)
    with pytest.raises(ValueError, match=r"20 qubits need .* bytes \(8 density matrices"):
        model.fit(X, y)
