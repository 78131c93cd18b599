"""The forecast of a comparison: right by counting circuits, bounded, and never a guess unsaid."""

from __future__ import annotations

from math import isnan, nan

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from qmlplay import VariationalClassifier, get_backend, load_dataset
from qmlplay.backends.numpy.backend import NumpyBackend
from qmlplay.baselines import list_baselines, make_baseline
from qmlplay.compare.running import Forecast
from qmlplay.compare.running.forecast import ModelForecast
from qmlplay.compare.running.timing import FitTime, baseline_time, quantum_time
from qmlplay.training import Optimizer

MOONS = load_dataset("moons", n_samples=700, noise=0.3, random_state=0)


class Counted(NumpyBackend):
    """A simulator whose clock goes on by one for every circuit and sample it runs."""

    clock = 0

    def expectations(self, circuit, angles, observables, **options):
        values = super().expectations(circuit, angles, observables, **options)
        Counted.clock += len(values[0] if isinstance(values, tuple) else values)
        return values

    def expectations_and_gradients(self, circuit, angles, observables, cotangents, **options):
        found = super().expectations_and_gradients(
            circuit, angles, observables, cotangents, **options
        )
        Counted.clock += self.is_exact * len(found[0])
        return found


def counted_seconds(call):
    before = Counted.clock
    call()
    return float(Counted.clock - before)


@pytest.mark.parametrize(
    ("backend", "settings"),
    [
        ({}, {}),
        ({}, {"batch_size": 64}),
        ({}, {"optimizer": "sgd", "batch_size": 50, "early_stopping": True}),
        ({}, {"optimizer": "cobyla"}),
        ({}, {"optimizer": "spsa"}),
        ({}, {"gradient_method": "parameter_shift"}),
        ({}, {"gradient_method": "spsa"}),
        ({"noise": "low"}, {}),
        ({"shots": 20, "seed": 0}, {}),
        ({"shots": 20, "seed": 0, "noise": "low"}, {"gradient_method": "spsa"}),
    ],
)
def test_it_is_the_time_of_a_fit_that_is_not_ended_early(backend, settings):
    X, y = MOONS.X[:120], MOONS.y[:120]
    n_test = 30
    defaults = {"max_iter": 3, "n_layers": 1, "n_iter_no_change": None, "tol": 0.0}
    clf = VariationalClassifier(Counted(**backend), random_state=0, **(defaults | settings))
    forecast = quantum_time(clf, X, y, n_test, stopwatch=counted_seconds)
    model = VariationalClassifier(**clf.get_params())

    def look():
        model.predict(MOONS.X[:n_test])
        model.predict_proba(MOONS.X[:n_test])
        model.predict(X)

    training, looking = counted_seconds(lambda: model.fit(X, y)), counted_seconds(look)
    assert forecast.evaluation == pytest.approx(looking)
    least = training + looking
    assert least <= forecast.fit * (1 + 1e-9)
    # Adam and SGD: the last batch of a pass counts as a whole one.
    assert forecast.fit <= least * (1.25 if "batch_size" in settings else 1.01)


def test_batches_of_which_the_last_is_small_are_counted_up():
    clf = VariationalClassifier(max_iter=10)
    by_batch = quantum_time(clf, MOONS.X[:520], MOONS.y[:520], 0, stopwatch=lambda call: 0.1)
    assert by_batch.fit - by_batch.evaluation == pytest.approx(10 * 3 * 0.1)  # 256 + 256 + 8


def test_it_goes_on_only_while_steps_are_quick():
    sizes = []

    def slow(seconds_per_sample):
        def stopwatch(call):
            n = call.args[0] if hasattr(call, "args") else 1
            sizes.append(n)
            return 0.01 + seconds_per_sample * n

        return stopwatch

    clf = VariationalClassifier(max_iter=1)
    quick = quantum_time(clf, MOONS.X, MOONS.y, 0, stopwatch=slow(1e-4))
    assert max(sizes) == 256
    sizes.clear()
    slowly = quantum_time(clf, MOONS.X, MOONS.y, 0, stopwatch=slow(10.0))
    assert set(sizes) == {1}
    assert quick.fit == pytest.approx(3 * (0.01 + 0.0256) + quick.evaluation, rel=1e-6)
    # Two whole batches and one that counts as whole; each of 256 samples, 10 s each
    assert slowly.fit - slowly.evaluation == pytest.approx(3 * 2560, rel=0.01)


@pytest.mark.parametrize("start", [0.001, 0.1, 0.4, 1.9])
def test_what_every_step_takes_is_told_from_what_a_sample_takes(start):
    seconds = []

    def stopwatch(call):
        seconds.append(start + 0.001 * call.args[0])
        return seconds[-1]

    clf = VariationalClassifier(max_iter=1)
    found = quantum_time(clf, MOONS.X, MOONS.y, 0, stopwatch=stopwatch)
    assert found.fit - found.evaluation == pytest.approx(3 * (start + 0.256), rel=1e-6)
    assert len(seconds) <= 10
    assert max(seconds) <= max(0.5, 2 * start + 0.01)


@pytest.mark.parametrize(("noise", "n_qubits"), [(None, 18), ("low", 10)])
def test_of_a_large_circuit_only_a_part_is_run(monkeypatch, noise, n_qubits):
    run = []

    def expectations(backend, circuit, angles, observables):
        run.append((len(circuit.gates), len(angles) and np.ndim(angles[0])))
        return np.zeros((1, len(observables)))

    monkeypatch.setattr(NumpyBackend, "expectations", expectations)
    clf = VariationalClassifier(n_qubits=n_qubits, noise=noise, max_iter=2, n_layers=6)
    X, y = np.random.default_rng(0).normal(size=(40, 4)), np.arange(40) % 2
    found = quantum_time(clf, X, y, 0, stopwatch=lambda call: call() is None or 1.0)
    n_gates = len(clf.design(4).circuit.circuit.gates)
    assert run == [(2**23 // 2 ** (n_qubits * (1 if noise is None else 2)), 0)]
    value = n_gates / run[0][0]
    circuits = clf.training_cost(X, y).max_circuits
    per_circuit = 2 * value if noise is None else value
    assert found.fit == pytest.approx(per_circuit * circuits + value * 40)


def test_looking_changes_nothing():
    X, y = MOONS.X[:50], MOONS.y[:50]
    settings = {"max_iter": 2, "n_layers": 1, "random_state": 0}
    alone = VariationalClassifier(get_backend("numpy", shots=50, seed=3), **settings)
    looked_at = VariationalClassifier(get_backend("numpy", shots=50, seed=3), **settings)
    state = np.random.get_state()[1].copy()  # noqa: NPY002 - the global one
    quantum_time(looked_at, X, y, 10)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    assert not hasattr(looked_at, "model_")
    np.testing.assert_array_equal(alone.fit(X, y).weights_, looked_at.fit(X, y).weights_)


def test_pipelines_are_timed_at_their_end():
    X = np.hstack([MOONS.X[:100]] * 3)
    clf = VariationalClassifier(max_iter=7)
    pipeline = make_pipeline(StandardScaler(), make_pipeline(StandardScaler(), clf))
    alone, inside = (
        quantum_time(model, X, MOONS.y[:100], 5, stopwatch=lambda call: 0.5)
        for model in (clf, pipeline)
    )
    assert inside == alone


def test_nobody_knows_how_often_an_optimizer_of_ones_own_looks():
    def own(problem, w, settings, report):
        report(w, problem.loss(w))

    found = quantum_time(VariationalClassifier(optimizer=Optimizer(own)), MOONS.X, MOONS.y, 5)
    assert isnan(found.fit)
    assert found.evaluation > 0


@pytest.mark.parametrize("name", list_baselines())
def test_a_baseline_is_fitted_to_a_part_of_the_rows(name):
    X, y = np.vstack([MOONS.X] * 20), np.hstack([MOONS.y] * 20)
    y = np.where(np.arange(len(y)) < 5, "rare", np.where(y == 0, "no", "yes"))
    seen = []

    def stopwatch(call):
        call()
        model, labels = (cell.cell_contents for cell in _cells(call, "model", "some_y"))
        seen.append((model, labels))
        return 1.0

    estimator = make_baseline(name, random_state=0)
    found = baseline_time(name, estimator, X, y, stopwatch)
    ((model, labels),) = seen
    assert len(labels) <= 510
    assert set(labels) == {"rare", "no", "yes"}
    growth = 2 if name == "svc_rbf" else 1.15
    shortened = {"random_forest": 20, "gradient_boosting": 20, "mlp": 5}.get(name, 1)
    assert found.fit == pytest.approx(shortened * (len(y) / len(labels)) ** growth)
    for parameter in ("n_estimators", "max_iter"):
        whole, short = (m[-1].get_params().get(parameter) for m in (estimator, model))
        assert whole == short or name in ("random_forest", "gradient_boosting", "mlp")


def _cells(function, *names):
    found = dict(zip(function.__code__.co_freevars, function.__closure__, strict=True))
    return [found[name] for name in names]


# The whole


def entry(dataset, model, fit, evaluation=nan, **options):
    return ModelForecast(dataset, model, FitTime(fit, evaluation), n_splits=2, **options)


FORECAST = Forecast(
    (
        entry("a", "numpy", 3.0, 0.5, simulator="numpy"),
        entry("a", "cirq", 2.0, 0.25, simulator="cirq"),
        entry("a", "svc_rbf", 1.0),
        entry("b", "numpy", 10.0, 1.0, simulator="numpy"),
        entry("b", "cirq", 20.0, 2.0, simulator="cirq"),
        entry("b", "svc_rbf", nan),
    )
)


def test_the_fastest_of_each_dataset_trains():
    once = FORECAST.trained_once()
    assert once.trained_on == {("a", "numpy"): "cirq", ("b", "cirq"): "numpy"}
    assert FORECAST.seconds == 2 * (3 + 2 + 1 + 10 + 20)
    assert once.seconds == 2 * (0.5 + 2 + 1 + 10 + 2)
    assert once.seconds_everywhere == FORECAST.seconds
    assert FORECAST.trained_on == {}
    assert once.seconds_per_split("a", "numpy") == 0.5
    assert isnan(once.seconds_per_split("b", "svc_rbf"))


def test_processes_share_the_work():
    assert Forecast(FORECAST.models, n_jobs=4).seconds == FORECAST.seconds / 4


def test_what_is_not_known_is_said():
    assert FORECAST.unknown == ("svc_rbf",)
    assert str(FORECAST).startswith("at most about 72 s (Cirq 44 s, NumPy 26 s")
    assert str(FORECAST).endswith("besides what nobody knows beforehand: svc_rbf")
    assert "trained on" not in str(FORECAST)


def test_one_simulator_alone_stays_as_it_is():
    alone = Forecast((entry("a", "numpy", 300.0, 1.0, simulator="numpy"), entry("a", "mlp", 1.0)))
    assert alone.trained_once() == alone


def test_a_simulator_that_cannot_be_timed_does_not_train():
    models = (entry("a", "numpy", nan, simulator="numpy"), entry("a", "cirq", 9, simulator="cirq"))
    assert Forecast(models).trained_once().trained_on == {("a", "numpy"): "cirq"}
    nobody = tuple(entry("a", name, nan, simulator=name) for name in ("numpy", "cirq"))
    assert Forecast(nobody).trained_once().trained_on == {}
