"""Fitting: sample weights, going on, stopping, interruptions and seeds."""

import time

import numpy as np
import pytest

from qmlplay import VariationalClassifier, load_dataset
from qmlplay.errors import InputRangeWarning
from qmlplay.training.optimizers import OPTIMIZERS

MOONS = load_dataset("moons", n_samples=40, random_state=0)
IRIS = load_dataset("iris")
X, y = MOONS.X, MOONS.y


def classifier(**parameters):
    return VariationalClassifier(**({"max_iter": 5, "n_layers": 2, "random_state": 0} | parameters))


def same(a, b, data=X, atol=0.0):
    return np.allclose(a.predict_proba(data), b.predict_proba(data), rtol=0, atol=atol)


def test_integer_weights_are_repetitions():
    counts = np.random.default_rng(0).integers(1, 4, len(X))
    weighted = classifier().fit(X, y, sample_weight=counts)
    repeated = classifier().fit(np.repeat(X, counts, axis=0), np.repeat(y, counts))
    assert same(weighted, repeated, atol=1e-10)
    assert not same(weighted, classifier().fit(X, y), atol=1e-3)


def test_a_sample_of_weight_zero_is_left_out():
    weights = np.ones(len(X))
    weights[::3] = 0
    far = X.copy()
    far[::3] *= 100  # must not count for the scaling either
    kept = weights > 0
    assert same(classifier().fit(far, y, weights), classifier().fit(X[kept], y[kept]))


@pytest.mark.parametrize("factor", [1e-300, 7.0, 1e307])
def test_only_the_ratio_of_weights_matters(factor):
    weights = np.linspace(0.5, 2, len(X))
    assert same(
        classifier().fit(X, y, weights), classifier().fit(X, y, factor * weights), atol=1e-9
    )


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["adam", "sgd", "spsa"])
def test_partial_fit_learns_over_its_calls(optimizer):
    model = classifier(optimizer=optimizer, max_iter=60)
    for _ in range(60):
        model.partial_fit(X, y, classes=[0, 1])
    assert model.n_steps_ == model.n_iter_ == len(model.loss_curve_) == 60
    assert np.mean(model.loss_curve_[-10:]) < 0.95 * np.mean(model.loss_curve_[:10])
    assert model.score(X, y) > 0.7


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_partial_fits_are_the_iterations_of_a_fit(optimizer):
    whole = classifier(optimizer=optimizer).fit(X, y)
    parts = classifier(optimizer=optimizer)
    for _ in range(5):
        parts.partial_fit(X, y, classes=[0, 1])
    np.testing.assert_allclose(parts.weights_, whole.weights_, atol=1e-12)
    np.testing.assert_allclose(parts.loss_curve_, whole.loss_curve_)


def test_partial_fit_takes_new_directions_and_shots_in_every_call():
    model = classifier(optimizer="spsa").partial_fit(X, y, classes=[0, 1])
    directions = set()
    for _ in range(4):
        before = model.weights_
        signs = np.sign(model.partial_fit(X, y).weights_ - before)
        directions.add(tuple(signs * signs[0]))
    assert len(directions) == 4

    noisy = classifier(shots=20, learning_rate_init=1e-12).partial_fit(X, y, classes=[0, 1])
    losses = noisy.partial_fit(X, y).partial_fit(X, y).loss_curve_
    assert len(set(losses)) == 3


def test_partial_fit_checks_its_classes():
    model = classifier()
    with pytest.raises(ValueError, match="the first call of partial_fit needs classes"):
        model.partial_fit(X, y)
    model.partial_fit(X[y == 0], y[y == 0], classes=[2, 0, 1])  # a batch may miss a class
    np.testing.assert_array_equal(model.classes_, [0, 1, 2])
    model.partial_fit(X, y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match=r"classes=\[0, 1\] differ from \[0, 1, 2\]"):
        model.partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match=r"y has labels \[5\] that are not among the classes"):
        model.partial_fit(X[:2], [0, 5])
    with pytest.raises(ValueError, match="X has 1 features"):
        model.partial_fit(X[:, :1], y)
    assert model.n_steps_ == 2
    with pytest.raises(ValueError, match=r"partial_fit needs an optimizer .* got .*lbfgs"):
        classifier(optimizer="lbfgs").partial_fit(X, y, classes=[0, 1])
    with pytest.raises(TypeError, match="classes mixes text"):
        classifier().partial_fit(X, y, classes=[0, "1"])


def test_partial_fit_keeps_the_scaling_of_its_first_call():
    model = classifier().partial_fit(X, y, classes=[0, 1])
    before = model.scaling_
    with pytest.warns(InputRangeWarning):
        model.partial_fit(10 * X, y)
    assert model.scaling_ is before


def test_warm_start_goes_on():
    model = classifier(warm_start=True).fit(X, y)
    first = model.weights_
    model.fit(X, y)
    assert model.loss_curve_[5] < model.loss_curve_[0]
    assert len(model.loss_curve_) == model.n_steps_ == 10
    assert model.n_iter_ == 5
    assert not np.array_equal(model.weights_, first)
    cold = classifier(warm_start=False).fit(X, y).fit(X, y)
    np.testing.assert_array_equal(cold.weights_, first)
    assert cold.n_steps_ == 5


def test_warm_start_refuses_other_classes_and_other_features():
    model = classifier(warm_start=True).fit(X, y)
    before = model.predict_proba(X)
    with pytest.raises(ValueError, match=r"warm_start=True goes on with classes \[0, 1\]"):
        model.fit(X, y + 1)
    with pytest.raises(ValueError, match=r"X has 4 features, but .* is expecting 2"):
        model.fit(np.hstack([X, X]), y)
    np.testing.assert_array_equal(model.predict_proba(X), before)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_early_stopping_keeps_the_best_weights(optimizer):
    seen = []
    model = classifier(
        optimizer=optimizer,
        early_stopping=True,
        validation_fraction=0.3,
        n_iter_no_change=4,
        max_iter=40,
        callbacks=[lambda state: seen.append(state.estimator.weights_)],
    ).fit(X, y)
    scores = model.validation_scores_
    assert len(scores) == len(seen) == model.n_iter_ <= 40
    assert all(0 <= score <= 1 for score in scores)
    np.testing.assert_array_equal(model.weights_, seen[int(np.argmax(scores))])
    last_gain = max(i for i in range(len(scores)) if i == 0 or scores[i] > max(scores[:i]))
    assert len(scores) in (last_gain + 1 + 4, 40) or optimizer in ("lbfgs", "nelder_mead", "cobyla")


def test_training_ends_when_the_loss_stays_where_it_is():
    stuck = classifier(tol=10.0, n_iter_no_change=3, max_iter=50).fit(X, y)
    assert stuck.n_iter_ == 4
    assert classifier(tol=10.0, n_iter_no_change=None, max_iter=20).fit(X, y).n_iter_ == 20


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_max_time_ends_training(optimizer):
    model = classifier(
        optimizer=optimizer, max_time=0.2, max_iter=10**6, n_iter_no_change=None, tol=0.0
    )
    start = time.perf_counter()
    model.fit(X, y)
    assert time.perf_counter() - start < 2
    assert model.n_iter_ >= 1
    assert model.interrupted_ is False


def test_callbacks_see_a_usable_estimator_at_every_step():
    steps, scores = [], []

    def watch(state):
        steps.append((state.iteration, state.step))
        scores.append(state.estimator.score(X, y))

    model = classifier(batch_size=16, callbacks=[watch], max_iter=2).fit(X, y)
    assert steps == [(0, 1), (0, 2), (1, 3), (1, 4), (1, 5), (2, 6)]
    assert scores[-1] == model.score(X, y)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_callback_can_stop(optimizer):
    model = classifier(
        optimizer=optimizer, max_iter=20, callbacks=[lambda state: state.step == 3]
    ).fit(X, y)
    assert model.n_steps_ == 3
    assert model.interrupted_ is False


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_ctrl_c_leaves_a_usable_model(optimizer):
    published = []

    def press_ctrl_c(state):
        published.append(state.estimator.weights_)
        if state.step == 5:
            raise KeyboardInterrupt

    model = classifier(optimizer=optimizer, max_iter=20, callbacks=[press_ctrl_c]).fit(X, y)
    assert model.interrupted_ is True
    assert model.n_steps_ == model.n_iter_ == len(model.loss_curve_) == 5
    np.testing.assert_array_equal(model.weights_, published[-1])
    assert model.predict(X).shape == (40,)
    model.set_params(callbacks=None).fit(X, y)
    assert model.interrupted_ is False


def test_the_same_seed_gives_the_same_numbers():
    for options in ({}, {"batch_size": 8}, {"optimizer": "spsa"}, {"early_stopping": True}):
        a, b = (classifier(**options).fit(X, y) for _ in range(2))
        np.testing.assert_array_equal(a.weights_, b.weights_)
        assert a.loss_curve_ == b.loss_curve_
        np.testing.assert_array_equal(a.weights_, a.fit(X, y).weights_)
        other = classifier(**options, random_state=1).fit(X, y)
        assert not np.array_equal(other.weights_, a.weights_)


def test_a_random_state_object_goes_on_from_fit_to_fit():
    a = classifier(random_state=np.random.RandomState(7)).fit(X, y)
    b = classifier(random_state=np.random.RandomState(7)).fit(X, y)
    np.testing.assert_array_equal(a.weights_, b.weights_)
    assert not np.array_equal(a.fit(X, y).weights_, b.weights_)


def test_verbose_shows_the_loss_on_stderr(capsys):
    model = classifier(verbose=1).fit(X, y)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "fit (numpy)" in shown.err
    assert f"loss={model.loss_curve_[-1]:.4f}" in shown.err
    classifier(verbose=0).fit(X, y)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("loss", ["log_loss", "squared_error"])
@pytest.mark.parametrize("data", [(X, y), (IRIS.X, IRIS.y)])
def test_the_published_loss_is_that_of_the_published_weights(loss, data):
    """The first loss of the next run is the loss of the weights that the last one left."""
    model = classifier(loss=loss, warm_start=True, optimizer="sgd").fit(*data)
    p = model.predict_proba(data[0])
    n = np.arange(len(p))
    expected = (
        -np.log(p[n, data[1]]).mean()
        if loss == "log_loss"
        else ((p - np.eye(p.shape[1])[data[1]]) ** 2).sum(axis=1).mean()
    )
    assert model.fit(*data).loss_curve_[5] == pytest.approx(expected, abs=1e-10)


def test_circuits_are_counted_for_the_trainable_angles_alone():
    model = classifier(
        n_layers=1, max_iter=2, trainable_scaling=False, n_iter_no_change=None, batch_size=len(X)
    ).fit(X, y)
    n_shifts = 2 * 5  # RY and RZ on two qubits, and RXX; the encoding is not trained
    assert model.n_circuit_evaluations_ == 2 * len(X) * (1 + n_shifts)


def test_partial_fit_refuses_another_design():
    model = classifier(n_layers=1).partial_fit(X, y, classes=np.unique(y))
    model.set_params(n_layers=3)
    with pytest.raises(ValueError, match="weights of another circuit"):
        model.partial_fit(X, y)


@pytest.mark.parametrize(("n_classes", "n_qubits"), [(10, 2), (15, 2), (16, 3)])
def test_many_classes_get_enough_observables(n_classes, n_qubits):
    data = np.random.default_rng(0).normal(size=(4 * n_classes, 2))
    labels = np.arange(4 * n_classes) % n_classes
    model = classifier(n_layers=1, max_iter=1, encoding="angle").fit(data, labels)
    assert model.n_qubits_ == n_qubits
    assert len(set(model.observables_)) == n_classes
