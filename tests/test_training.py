"""The training loss and its gradient, and the watch over an optimiser."""

import time

import numpy as np
import pytest
from backend_helpers import each_backend

from qmlplay import VariationalClassifier, get_backend
from qmlplay.ansatze import get_ansatz
from qmlplay.circuit import build_circuit
from qmlplay.encodings import get_encoding
from qmlplay.model import probabilities
from qmlplay.model.design import choose_observables
from qmlplay.training import (
    Model,
    Monitor,
    StopTraining,
    TrainingProblem,
    TrainingState,
    train,
)
from qmlplay.training.losses import LOSSES
from qmlplay.training.optimizers import OPTIMIZERS, OptimizerSettings


def make_problem(
    loss="log_loss", n_classes=2, encoding="angle", backend="numpy", seed=0, **circuit_options
):
    """A problem on 7 weighted samples of 3 features on 2 qubits, and numbers to try it at."""
    circuit = build_circuit(
        get_encoding(encoding),
        get_ansatz("hardware_efficient"),
        n_qubits=2,
        n_features=3,
        n_layers=2,
        **circuit_options,
    )
    observables = choose_observables(2, n_classes)
    generator = np.random.default_rng(seed)
    n_outputs = 1 if n_classes == 2 else n_classes
    n_readout = (len(observables) + 1) * n_outputs
    problem = TrainingProblem(
        Model(get_backend(backend), circuit, observables),
        generator.uniform(-1.5, 1.5, (7, 3)),
        np.arange(7) % n_classes,
        generator.uniform(0.2, 3, 7),
        loss,
    )
    return problem, generator.normal(0, 1, circuit.n_weights + n_readout)


def central_differences(f, w, h=1e-5):
    return np.array([(f(w + h * e) - f(w - h * e)) / (2 * h) for e in np.eye(len(w))])


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("encoding", ["angle", "dense", "zz", "iqp"])
@pytest.mark.parametrize(("reupload", "trainable_scaling"), [(True, True), (False, False)])
def test_the_gradient_of_all_numbers(loss, n_classes, encoding, reupload, trainable_scaling):
    problem, w = make_problem(
        loss, n_classes, encoding, reupload=reupload, trainable_scaling=trainable_scaling
    )
    value, gradient = problem.loss_and_gradient(w)
    assert value == pytest.approx(problem.loss(w), abs=1e-12)
    np.testing.assert_allclose(gradient, central_differences(problem.loss, w), atol=1e-7)


@each_backend("backend", names=["qiskit", "cirq", "pennylane"])
def test_the_gradient_on_every_backend(backend):
    reference, w = make_problem(n_classes=3)
    problem, _ = make_problem(n_classes=3, backend=backend)
    expected, slopes = reference.loss_and_gradient(w)
    value, gradient = problem.loss_and_gradient(w)
    assert value == pytest.approx(expected, abs=1e-10)
    np.testing.assert_allclose(gradient, slopes, atol=1e-10)


@pytest.mark.parametrize("rows", [np.array([2]), np.array([5, 0, 3])])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_gradient_over_some_rows(rows, n_classes):
    problem, w = make_problem(n_classes=n_classes)

    def loss_of_rows(w):
        decisions = problem.model.decisions(problem.X[rows], w)
        p = probabilities(decisions)[np.arange(len(rows)), problem.y[rows]]
        return np.average(-np.log(p), weights=problem.sample_weight[rows])

    value, gradient = problem.loss_and_gradient(w, rows)
    assert value == pytest.approx(loss_of_rows(w), abs=1e-12)
    np.testing.assert_allclose(gradient, central_differences(loss_of_rows, w), atol=1e-7)


def test_chunks_change_nothing(monkeypatch):
    problem, w = make_problem(n_classes=3)
    value, gradient = problem.loss_and_gradient(w)
    monkeypatch.setattr(type(problem.model.backend), "chunk_amplitudes", 8)  # two samples
    chunked_value, chunked_gradient = problem.loss_and_gradient(w)
    assert chunked_value == pytest.approx(value, abs=1e-12)
    np.testing.assert_allclose(chunked_gradient, gradient, atol=1e-12)


def test_circuits_are_counted_as_a_user_of_a_framework_would_run_them():
    problem, w = make_problem(n_classes=2)
    problem.loss(w)
    assert problem.n_circuit_evaluations == 7
    problem.loss_and_gradient(w, np.arange(2))
    n_angles = problem.model.circuit.circuit.n_slots  # all of them two-term shifts
    assert problem.n_circuit_evaluations == 7 + 2 * (1 + 2 * n_angles)


def monitor(**options):
    published = []
    return Monitor(publish=published.append, estimator="me", **options), published


def feed(watch, losses):
    """Return how many losses a monitor takes before it stops training."""
    for n, loss in enumerate(losses, start=1):
        try:
            watch(np.full(2, float(n)), loss, True)
        except StopTraining:
            return n
    return None


def test_patience_counts_iterations_without_improvement():
    watch, published = monitor(tol=0.1, n_iter_no_change=3)
    assert feed(watch, [1.0, 0.5, 0.45, 0.44, 0.43, 0.1]) == 5
    assert watch.losses == [1.0, 0.5, 0.45, 0.44, 0.43]
    assert len(published) == watch.step == 5
    assert feed(monitor(tol=0.1, n_iter_no_change=None)[0], [1.0] * 50) is None
    assert feed(monitor(tol=0.1, n_iter_no_change=2)[0], [1.0, 0.8, 0.6, 0.4]) is None


def test_steps_within_an_iteration_do_not_count_for_patience():
    watch, _ = monitor(n_iter_no_change=1)
    for _ in range(10):
        watch(np.zeros(2), 1.0, False)
    assert watch.losses == []
    assert watch.step == 10


def test_validation_decides_which_weights_are_best():
    scores = iter([0.5, 0.9, 0.7, 0.8])
    watch, _ = monitor(n_iter_no_change=2, validate=lambda: next(scores))
    assert feed(watch, [4.0, 3.0, 2.0, 1.0]) == 4
    assert watch.scores == [0.5, 0.9, 0.7, 0.8]
    np.testing.assert_array_equal(watch.best_w, [2.0, 2.0])


def test_time_runs_out():
    watch, _ = monitor(max_time=0.02, n_iter_no_change=None)
    watch(np.zeros(2), 1.0, True)
    time.sleep(0.03)
    assert feed(watch, [0.5, 0.4]) == 1


@pytest.mark.parametrize(
    ("loss", "weight"), [(np.nan, 1.0), (np.inf, 1.0), (-np.inf, 1.0), (0.1, np.inf), (0.1, np.nan)]
)
def test_numbers_that_are_not_finite_are_an_error_and_are_not_published(loss, weight):
    watch, published = monitor()
    watch(np.zeros(2), 1.0, True)
    with pytest.raises(FloatingPointError, match=r"at step 2 .*use a smaller learning_rate_init"):
        watch(np.array([1.0, weight]), loss, True)
    assert len(published) == 1


def test_callbacks_see_the_state_and_all_of_them_are_called():
    seen = []

    def stop(state):
        return state.step == 2

    watch, _ = monitor(callbacks=[stop, seen.append])
    assert feed(watch, [3.0, 2.0, 1.0]) == 2
    assert all(isinstance(state, TrainingState) for state in seen)
    assert [(s.estimator, s.iteration, s.step, s.loss) for s in seen] == [
        ("me", 1, 1, 3.0),
        ("me", 2, 2, 2.0),
    ]
    assert 0 <= seen[0].seconds <= seen[1].seconds


def options(**changes):
    values = {"learning_rate": 0.1, "max_iter": 8, "batch_size": 3, "momentum": 0.9, "tol": 1e-6}
    return OptimizerSettings(**(values | changes), generator=np.random.default_rng(0))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("last", [1, 2, 5])
@pytest.mark.parametrize("way", ["stop", "interrupt"])
def test_a_callback_can_end_every_optimiser_at_every_step(optimizer, last, way):
    problem, w = make_problem()
    steps = []

    def callback(state):
        steps.append(state.step)
        if state.step == last and way == "interrupt":
            raise KeyboardInterrupt
        return state.step == last

    watch, published = monitor(callbacks=[callback], n_iter_no_change=None)
    assert train(problem, w, optimizer, options(), watch) is (way == "interrupt")
    assert steps == list(range(1, last + 1))
    assert len(published) == last
    assert published[-1].shape == w.shape


def test_an_error_in_a_callback_is_not_swallowed():
    def callback(state):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        VariationalClassifier(callbacks=[callback]).fit([[0.0], [1.0]], [0, 1])
