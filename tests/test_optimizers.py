"""Optimisers on a quadratic whose minimum is known."""

import numpy as np
import pytest

from qmlplay.training.optimizers import (
    OPTIMIZERS,
    OptimizerSettings,
    OptimizerState,
    spsa_gain,
    spsa_width,
)

RESUMABLE = [name for name, optimizer in OPTIMIZERS.items() if optimizer.resumable]

TARGET = np.array([0.5, -1.0, 0.25])
CURVATURE = np.array([1.0, 2.0, 0.5])


class Quadratic:
    """½ Σ c (w − target)², as the mean over samples that pull in different directions."""

    def __init__(self, n_samples=6):
        pulls = np.random.default_rng(0).normal(0, 0.3, (n_samples, 3))
        self.targets = TARGET + pulls - pulls.mean(axis=0)
        self.n_samples = n_samples
        self.n_losses = 0
        self.rows = []

    def loss(self, w):
        self.n_losses += 1
        return self._loss(w, self.targets)

    @staticmethod
    def _loss(w, targets):
        return float(np.mean(0.5 * (CURVATURE * (w - targets) ** 2).sum(axis=1)))

    def loss_and_gradient(self, w, rows=None):
        self.rows.append(rows)
        targets = self.targets if rows is None else self.targets[rows]
        return self._loss(w, targets), (CURVATURE * (w - targets)).mean(axis=0)


def settings(**changes):
    values = {
        "learning_rate": 0.1,
        "max_iter": 300,
        "batch_size": 100,
        "momentum": 0.9,
        "tol": 1e-8,
        "generator": np.random.default_rng(1),
    }
    return OptimizerSettings(**(values | changes))


class Recorder:
    """A report that remembers every step, and raises at one of them."""

    def __init__(self, stop_at=None):
        self.steps, self.stop_at, self.state = [], stop_at, None

    def __call__(self, w, loss, end, state=None):
        self.steps.append((np.array(w), loss, end))
        self.state = state
        if len(self.steps) == self.stop_at:
            raise InterruptedError

    @property
    def weights(self):
        return self.steps[-1][0]


def test_every_optimiser_is_tested():
    assert set(OPTIMIZERS) == {"adam", "sgd", "lbfgs", "cobyla", "nelder_mead", "spsa"}
    assert set(RESUMABLE) == {"adam", "sgd", "spsa"}


@pytest.mark.parametrize(
    ("name", "tolerance"),
    [
        ("adam", 1e-4),
        ("sgd", 1e-4),
        ("lbfgs", 1e-5),
        ("cobyla", 1e-4),
        ("nelder_mead", 1e-4),
        ("spsa", 0.05),
    ],
)
def test_finds_the_minimum(name, tolerance):
    report = Recorder()
    OPTIMIZERS[name].run(Quadratic(), np.zeros(3), settings(), report)
    np.testing.assert_allclose(report.weights, TARGET, atol=tolerance)
    assert report.steps[-1][1] <= report.steps[0][1]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_reports_every_iteration_and_keeps_to_max_iter(name):
    report = Recorder()
    OPTIMIZERS[name].run(Quadratic(), np.zeros(3), settings(max_iter=4, tol=0.0), report)
    assert len(report.steps) == 4
    assert all(end for _, _, end in report.steps)
    assert all(np.isfinite(loss) for _, loss, _ in report.steps)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("stop_at", [1, 3])
def test_ends_when_the_report_raises(name, stop_at):
    report = Recorder(stop_at)
    with pytest.raises(InterruptedError):
        OPTIMIZERS[name].run(Quadratic(), np.zeros(3), settings(max_iter=10), report)
    assert len(report.steps) == stop_at


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_leaves_the_first_weights_as_they_were(name):
    w = np.zeros(3)
    report = Recorder()
    OPTIMIZERS[name].run(Quadratic(), w, settings(max_iter=5), report)
    np.testing.assert_array_equal(w, 0)


@pytest.mark.parametrize("name", ["lbfgs", "nelder_mead", "cobyla"])
def test_reported_losses_belong_to_the_reported_weights_and_do_not_rise(name):
    problem, report = Quadratic(), Recorder()
    OPTIMIZERS[name].run(problem, np.zeros(3), settings(max_iter=40), report)
    losses = [loss for _, loss, _ in report.steps]
    for w, loss, _ in report.steps:
        assert loss == pytest.approx(problem.loss(w), abs=1e-12)
    assert np.all(np.diff(losses) <= 1e-12)


def test_the_first_step_of_adam_is_the_learning_rate_against_the_sign_of_the_gradient():
    problem, report = Quadratic(), Recorder()
    _, gradient = problem.loss_and_gradient(np.zeros(3))
    OPTIMIZERS["adam"].run(problem, np.zeros(3), settings(max_iter=1, learning_rate=0.05), report)
    np.testing.assert_allclose(report.weights, -0.05 * np.sign(gradient), rtol=1e-6)


def test_sgd_without_momentum_follows_the_gradient():
    problem, report = Quadratic(), Recorder()
    _, gradient = problem.loss_and_gradient(np.zeros(3))
    OPTIMIZERS["sgd"].run(problem, np.zeros(3), settings(max_iter=2, momentum=0.0), report)
    first, second = report.steps[0][0], report.steps[1][0]
    np.testing.assert_allclose(first, -0.1 * gradient)
    np.testing.assert_allclose(second - first, -0.1 * problem.loss_and_gradient(first)[1])


def test_momentum_adds_a_share_of_the_last_step():
    problem, report = Quadratic(), Recorder()
    OPTIMIZERS["sgd"].run(problem, np.zeros(3), settings(max_iter=2, momentum=0.5), report)
    first, second = report.steps[0][0], report.steps[1][0]
    expected = 0.5 * first - 0.1 * problem.loss_and_gradient(first)[1]
    np.testing.assert_allclose(second - first, expected)


class Flat(Quadratic):
    """A loss without a slope, where the penalty alone moves the weights."""

    def loss_and_gradient(self, w, rows=None):
        return 1.0, np.zeros(3)


@pytest.mark.parametrize(("batch_size", "n_steps"), [(100, 4), (2, 12)])
def test_the_penalty_grows_from_nothing_to_its_strength_over_all_iterations(batch_size, n_steps):
    strengths, rate, report = np.array([0.0, 0.5, 2.0]), 0.1, Recorder()
    told = settings(max_iter=4, momentum=0.0, batch_size=batch_size, penalty=strengths)
    OPTIMIZERS["sgd"].run(Flat(n_samples=6), np.ones(3), told, report)
    shrinks = [1 - rate * strengths * step / n_steps for step in range(n_steps)]
    np.testing.assert_allclose(report.weights, np.prod(shrinks, axis=0), rtol=1e-12)


def test_the_penalty_goes_on_where_an_earlier_call_ended_and_grows_no_further():
    told = {"momentum": 0.0, "penalty": 1.0, "planned_iter": 2}
    report = Recorder()
    OPTIMIZERS["sgd"].run(Flat(), np.ones(3), settings(max_iter=1, **told), report)
    later = settings(max_iter=3, state=report.state, **told)
    OPTIMIZERS["sgd"].run(Flat(), report.weights, later, report)
    np.testing.assert_allclose(report.weights, (1 - 0) * (1 - 0.05) * (1 - 0.1) ** 2)


def test_losses_are_reported_without_the_penalty():
    report = Recorder()
    OPTIMIZERS["adam"].run(Flat(), np.ones(3), settings(max_iter=3, penalty=5.0), report)
    assert [loss for _, loss, _ in report.steps] == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("name", ["adam", "sgd"])
def test_batches_cover_every_sample_once_in_an_iteration(name):
    problem, report = Quadratic(n_samples=7), Recorder()
    OPTIMIZERS[name].run(problem, np.zeros(3), settings(max_iter=3, batch_size=3), report)
    assert [len(rows) for rows in problem.rows] == [3, 3, 1] * 3
    passes = [np.concatenate(problem.rows[i : i + 3]) for i in (0, 3, 6)]
    for rows in passes:
        np.testing.assert_array_equal(np.sort(rows), np.arange(7))
    assert not np.array_equal(passes[0], passes[1])  # shuffled anew
    assert [end for _, _, end in report.steps] == [False, False, True] * 3


def test_a_batch_as_large_as_the_data_is_all_of_it_in_order():
    problem, report = Quadratic(n_samples=7), Recorder()
    OPTIMIZERS["adam"].run(problem, np.zeros(3), settings(max_iter=2, batch_size=7), report)
    assert problem.rows == [None, None]


def test_the_loss_of_an_iteration_is_the_mean_over_its_batches():
    problem, report = Quadratic(n_samples=7), Recorder()
    tiny = settings(max_iter=1, batch_size=3, learning_rate=1e-12)
    OPTIMIZERS["adam"].run(problem, np.zeros(3), tiny, report)
    assert report.steps[-1][1] == pytest.approx(problem.loss(np.zeros(3)))


def test_spsa_needs_two_evaluations_a_step():
    problem, report = Quadratic(), Recorder()
    OPTIMIZERS["spsa"].run(problem, np.zeros(3), settings(max_iter=5), report)
    assert problem.n_losses == 10
    assert problem.rows == []


@pytest.mark.parametrize("name", RESUMABLE)
def test_the_state_makes_two_calls_one(name):
    whole = Recorder()
    OPTIMIZERS[name].run(Quadratic(), np.zeros(3), settings(max_iter=6), whole)
    kept = {"planned_iter": 6, "generator": np.random.default_rng(1)}
    first, second = Recorder(), Recorder()
    OPTIMIZERS[name].run(Quadratic(), np.zeros(3), settings(max_iter=4, **kept), first)
    assert first.state.step == 4
    kept["state"] = first.state
    OPTIMIZERS[name].run(Quadratic(), first.weights, settings(max_iter=2, **kept), second)
    np.testing.assert_array_equal(second.weights, whole.weights)
    assert second.state.step == whole.state.step == 6


@pytest.mark.parametrize("name", RESUMABLE)
def test_a_state_is_never_changed(name):
    report = Recorder()
    OPTIMIZERS[name].run(Quadratic(), np.zeros(3), settings(max_iter=3), report)
    before = {key: array.copy() for key, array in report.state.arrays.items()}
    again = settings(max_iter=3, state=report.state)
    OPTIMIZERS[name].run(Quadratic(), report.weights, again, Recorder())
    assert (report.state.step, report.state.start) == (3, 0)
    for key, array in before.items():
        np.testing.assert_array_equal(report.state.arrays[key], array)


@pytest.mark.parametrize("name", RESUMABLE)
@pytest.mark.parametrize(
    "arrays", [{"first": np.ones(3)}, {"last": np.ones(2)}, {"x": np.ones(())}]
)
def test_the_state_of_another_optimiser_is_forgotten_but_for_its_steps(name, arrays):
    fresh, other = Recorder(), Recorder()
    OPTIMIZERS[name].run(Quadratic(), np.zeros(3), settings(max_iter=3), fresh)
    state = OptimizerState(step=5, start=2, arrays=arrays)
    OPTIMIZERS[name].run(Quadratic(), np.zeros(3), settings(max_iter=3, state=state), other)
    np.testing.assert_array_equal(other.weights, fresh.weights)
    assert (other.state.step, other.state.start) == (8, 5)


def test_the_gains_of_spsa_are_those_of_its_steps():
    """With one weight the direction is known but for its sign, which cancels."""

    class Line:
        n_samples = 1

        def __init__(self):
            self.looks = []

        def loss(self, w):
            self.looks.append(float(w[0]))
            return 3 * float(w[0])

    problem, report = Line(), Recorder()
    OPTIMIZERS["spsa"].run(problem, np.zeros(1), settings(max_iter=4), report)
    weights = [0.0, *(float(w[0]) for w, _, _ in report.steps)]
    gains = -np.diff(weights) / 3
    np.testing.assert_allclose(gains, [spsa_gain(k, 4, 0.1) for k in range(4)])
    widths = [abs(a - b) / 2 for a, b in zip(problem.looks[::2], problem.looks[1::2], strict=True)]
    np.testing.assert_allclose(widths, [spsa_width(k) for k in range(4)])
    np.testing.assert_allclose(gains[3], 0.1 * (1.4 / 4.4) ** 0.602)  # Spall's a / (A + k + 1)^α


def test_cobyla_takes_fewer_evaluations_than_there_are_weights():
    report = Recorder()
    OPTIMIZERS["cobyla"].run(Quadratic(), np.zeros(3), settings(max_iter=2), report)
    assert len(report.steps) == 2


def test_cobyla_with_a_first_step_below_the_tolerance():
    report = Recorder()
    OPTIMIZERS["cobyla"].run(
        Quadratic(), np.zeros(3), settings(max_iter=9, learning_rate=1e-6, tol=1e-2), report
    )
    assert 1 <= len(report.steps) <= 9
