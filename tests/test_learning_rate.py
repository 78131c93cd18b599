"""Learning rates that change from step to step."""

import copy
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from qmlplay import VariationalClassifier, ibm, load_dataset, load_model
from qmlplay.errors import ModelFileWarning
from qmlplay.training.learning_rate import rate_at
from qmlplay.training.optimizers import OPTIMIZERS, OptimizerSettings

MOONS = load_dataset("moons", n_samples=30, random_state=0)
X, y = MOONS.X, MOONS.y
STEPPING = ("adam", "sgd", "spsa")


def classifier(**parameters):
    settings = {"max_iter": 5, "n_layers": 1, "random_state": 0, "n_iter_no_change": None}
    return VariationalClassifier(**(settings | parameters))


def constant(step):
    return 0.05


def halving(step):
    return 0.1 * 0.5**step


class Recorded:
    """A schedule that remembers what it was asked."""

    def __init__(self, schedule=constant):
        self.steps, self.schedule = [], schedule

    def __call__(self, step):
        self.steps.append(step)
        return self.schedule(step)

    def __deepcopy__(self, memo):
        return self


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_number_is_the_schedule_that_always_gives_it(name):
    number, schedule = (
        classifier(optimizer=name, learning_rate_init=rate).fit(X, y) for rate in (0.05, constant)
    )
    assert schedule.loss_curve_ == number.loss_curve_
    np.testing.assert_array_equal(schedule.weights_, number.weights_)


class Slope:
    """A plane: its gradient is the same everywhere."""

    n_samples = 4
    gradient = np.array([1.0, -2.0, 0.5])

    def loss(self, w):
        return float(self.gradient @ w)

    def loss_and_gradient(self, w, rows=None):
        return self.loss(w), self.gradient


def steps_of(name, schedule, **changes):
    weights = [np.zeros(3)]
    values = {"max_iter": 4, "batch_size": 4, "momentum": 0.0, "tol": 0.0}
    settings = OptimizerSettings(schedule, generator=np.random.default_rng(0), **(values | changes))
    OPTIMIZERS[name].run(Slope(), weights[0], settings, lambda w, *rest: weights.append(w))
    return np.diff(weights, axis=0)


def test_every_step_of_sgd_has_its_rate():
    rates = 0.1 * 0.5 ** np.arange(4)
    np.testing.assert_allclose(steps_of("sgd", halving), -np.outer(rates, Slope.gradient))


def test_every_step_of_adam_has_its_rate():
    """Adam's steps down a plane are its rate, whatever the slope."""
    rates = 0.1 * 0.5 ** np.arange(4)
    expected = -np.outer(rates, np.sign(Slope.gradient))
    np.testing.assert_allclose(steps_of("adam", halving), expected, rtol=1e-6)


def test_every_step_of_spsa_has_its_rate_and_shrinks_as_well():
    number, schedule = steps_of("spsa", 0.1), steps_of("spsa", halving)
    np.testing.assert_allclose(schedule, number * 0.5 ** np.arange(4)[:, None])


def test_batches_are_steps():
    rates = 0.1 * 0.5 ** np.arange(8)
    steps = steps_of("sgd", halving, batch_size=2)
    np.testing.assert_allclose(steps, -np.outer(rates, Slope.gradient))


@pytest.mark.parametrize("name", ["cobyla", "nelder_mead"])
def test_a_simplex_starts_with_the_first_value(name):
    kept = classifier(optimizer=name, learning_rate_init=0.1).fit(X, y)
    model = classifier(optimizer=name, learning_rate_init=halving).fit(X, y)
    assert model.loss_curve_ == kept.loss_curve_


@pytest.mark.parametrize("name", STEPPING)
def test_the_count_goes_on(name, tmp_path):
    schedule = Recorded()
    model = classifier(optimizer=name, learning_rate_init=schedule, max_iter=3, warm_start=True)
    model.fit(X, y).fit(X, y).partial_fit(X, y)
    asked = [step for n, step in enumerate(schedule.steps) if n not in (0, 4, 8)]  # the checks'
    assert asked == list(range(7))
    model.save(tmp_path / "m")
    with pytest.warns(ModelFileWarning, match="learning_rate_init"):
        again = load_model(tmp_path / "m")
    assert again.learning_rate_init == 0.1  # files keep no functions
    schedule.steps.clear()
    again.set_params(learning_rate_init=schedule).partial_fit(X, y)
    assert schedule.steps == [0, 7]
    schedule.steps.clear()
    model.set_params(warm_start=False).fit(X, y)  # from the beginning
    assert schedule.steps == [0, 0, 1, 2]


def test_batches_go_on_counting_over_partial_fits():
    schedule = Recorded()
    model = classifier(learning_rate_init=schedule, batch_size=10)
    model.partial_fit(X, y, classes=[0, 1]).partial_fit(X, y)
    assert schedule.steps == [0, 0, 1, 2, 0, 3, 4, 5]


def test_a_schedule_trains_otherwise_than_a_number():
    number, schedule = (
        classifier(learning_rate_init=rate, max_iter=20).fit(X, y) for rate in (0.1, halving)
    )
    assert schedule.loss_curve_[1] == number.loss_curve_[1]  # after the first step
    assert schedule.loss_curve_[-1] > number.loss_curve_[-1]


def test_clone_search_and_pickle():
    model = classifier(learning_rate_init=halving)
    assert clone(model).get_params()["learning_rate_init"] is halving
    grid = {"learning_rate_init": [0.1, halving, constant]}
    search = GridSearchCV(model, grid, cv=2).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    again = pickle.loads(pickle.dumps(model.fit(X, y)))
    np.testing.assert_array_equal(
        again.partial_fit(X, y).weights_, model.partial_fit(X, y).weights_
    )


@pytest.mark.parametrize("value", [0.25, 1, np.float32(0.25), np.int64(2), np.array(0.25)])
def test_numbers_of_any_kind(value):
    rate = rate_at(lambda step: value, 3)
    assert type(rate) is float
    assert rate == float(value)


BAD = [
    (np.nan, ValueError),
    (0.0, ValueError),
    (-0.1, ValueError),
    (np.inf, ValueError),
    ("0.1", TypeError),
    (None, TypeError),
    (True, TypeError),
    (0.1 + 0j, TypeError),
    ([0.1], TypeError),
    (np.array([0.1]), TypeError),
]


@pytest.mark.parametrize(("value", "error"), BAD, ids=[repr(value) for value, _ in BAD])
@pytest.mark.parametrize("name", STEPPING)
@pytest.mark.parametrize("at", [0, 2])
def test_a_schedule_that_gives_no_positive_number(name, value, error, at):
    model = classifier(optimizer=name, n_layers=1, max_iter=2).fit(X, y)
    before = copy.copy(vars(model))

    def schedule(step):
        return value if step == at else 0.1

    model.set_params(learning_rate_init=schedule, warm_start=False, max_iter=4)
    with pytest.raises(error, match=rf"learning_rate_init gave .* at step {at}: a schedule must"):
        model.fit(X, y)
    if at == 2:  # where partial_fit goes on
        with pytest.raises(error, match=r"at step 2"):
            model.partial_fit(X, y)
    for key, kept in before.items():
        if key not in ("learning_rate_init", "max_iter"):
            assert vars(model)[key] is kept, key


def test_a_schedule_that_fails():
    def schedule(step):
        return [0.1, 0.1][step]

    text = r"failed at step 2 \(IndexError\('list index out of range'\)\)"
    with pytest.raises(ValueError, match=text) as caught:
        classifier(learning_rate_init=schedule).fit(X, y)
    assert isinstance(caught.value.__cause__, IndexError)
    with pytest.raises(ValueError, match=r"failed at step 0 \(TypeError"):
        classifier(learning_rate_init=lambda: 0.1).training_cost(X)
    for wrong in (float, "halving"):
        with pytest.raises(TypeError, match="learning_rate_init must be a positive number, got"):
            classifier(learning_rate_init=wrong).fit(X, y)


def test_ibm_wants_a_number():
    with pytest.raises(TypeError, match="learning_rate_init is a schedule"):
        ibm.train(
            classifier(learning_rate_init=halving), X, y, device="fake_manila", max_qpu_seconds=10
        )
