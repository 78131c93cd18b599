"""Losses of one's own, the hinge loss in training, and training that runs away."""

import warnings

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.special import expit, softmax
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import hinge_loss

from qmlplay import VariationalClassifier, VariationalRegressor, load_dataset, load_model
from qmlplay.errors import ModelFileWarning
from qmlplay.model import Readout
from qmlplay.training.best_constant import best_constant_loss
from qmlplay.training.losses import LOSSES, beats_prior, constant_loss, hinge, prior_loss
from qmlplay.training.own_losses import LossPair, check_loss_pair
from qmlplay.training.regression_losses import squared_distance

MOONS = load_dataset("moons", n_samples=40, random_state=0)
IRIS = load_dataset("iris")
X, y = MOONS.X, MOONS.y


def classifier(**parameters):
    return VariationalClassifier(**({"max_iter": 5, "n_layers": 2, "random_state": 0} | parameters))


def regressor(**parameters):
    return VariationalRegressor(**({"max_iter": 5, "n_layers": 2, "random_state": 0} | parameters))


def pair_of(name):
    """Return a loss of ours as the pair of functions that somebody would write."""
    return (lambda d, y: LOSSES[name](d, y)[0], lambda d, y: LOSSES[name](d, y)[1])


SQUARE = (lambda d, y: ((d - y) ** 2).mean(axis=1), lambda d, y: 2 * (d - y) / d.shape[1])
#: The 20 % quantile.
PINBALL = (
    lambda d, y: np.maximum(0.2 * (y - d), 0.8 * (d - y)).mean(axis=1),
    lambda d, y: np.where(d < y, -0.2, 0.8) / d.shape[1],
)


class TestPairs:
    @pytest.mark.parametrize("name", LOSSES)
    @pytest.mark.parametrize("data", [MOONS, IRIS])
    def test_a_pair_trains_as_the_name_does(self, name, data):
        by_name = classifier(loss=name, class_weight="balanced").fit(data.X, data.y)
        by_pair = classifier(loss=pair_of(name), class_weight="balanced").fit(data.X, data.y)
        assert by_pair.model_ == by_name.model_
        assert by_pair.loss_curve_ == by_name.loss_curve_
        assert by_pair.prior_loss_ == pytest.approx(by_name.prior_loss_, abs=1e-7)
        assert by_pair.beats_prior_ == by_name.beats_prior_

    def test_a_pair_for_numbers(self):
        targets = np.c_[X[:, 0], 1e3 * X[:, 1]]
        by_name, by_pair = regressor().fit(X, targets), regressor(loss=SQUARE).fit(X, targets)
        np.testing.assert_allclose(by_pair.weights_, by_name.weights_, atol=1e-12)
        assert by_pair.prior_loss_ == pytest.approx(by_name.prior_loss_, abs=1e-9)

    def test_a_quantile(self):
        generator = np.random.default_rng(0)
        rows = np.linspace(0, 1, 300)[:, None]
        target = 5 * rows[:, 0] + generator.normal(0, 1, 300)
        model = regressor(loss=PINBALL, max_iter=200, n_layers=1).fit(rows, target)
        assert np.mean(target < model.predict(rows)) == pytest.approx(0.2, abs=0.05)
        standard = model.target_scaling_.standardized(target)
        q = np.quantile(standard, 0.2, method="inverted_cdf")
        assert model.prior_loss_ == pytest.approx(PINBALL[0](q, standard).mean(), abs=1e-9)

    def test_what_they_are_given(self):
        seen = []

        def value(decisions, targets):
            seen.append((decisions.shape[1:], targets.shape[1:], set(np.unique(targets))))
            return (decisions**2).sum(axis=1)

        pair = (value, lambda d, y: 2 * d)
        classifier(loss=pair, max_iter=1).fit(X, np.where(y == 1, "yes", "no"))
        assert {(shape, of_y) for shape, of_y, _ in seen} == {((1,), ())}
        assert set().union(*(kinds for _, _, kinds in seen)) == {0, 1}
        seen.clear()
        classifier(loss=pair, max_iter=1).fit(IRIS.X, IRIS.y)
        assert {shape for shape, _, _ in seen} == {(3,)}
        assert set().union(*(kinds for _, _, kinds in seen)) == {0, 1, 2}

    def test_a_batch_that_misses_a_class(self):
        model = classifier(loss=pair_of("hinge"))
        model.partial_fit(IRIS.X[50:], IRIS.y[50:], classes=[0, 1, 2])
        assert model.prior_loss_ == pytest.approx(1, abs=1e-6)
        model.partial_fit(IRIS.X[100:], IRIS.y[100:])
        assert model.prior_loss_ == 0

    def test_lists_clones_and_files(self, tmp_path):
        model = classifier(loss=[*pair_of("hinge")]).fit(X, y)
        assert clone(model).fit(X, y).model_ == model.model_
        model.save(tmp_path / "m.qmlplay")
        with pytest.warns(
            ModelFileWarning, match=r"it does not hold loss=.*set_params\(loss=\.\.\.\)"
        ):
            again = load_model(tmp_path / "m.qmlplay")
        assert again.model_ == model.model_
        assert again.prior_loss_ == model.prior_loss_
        assert "hinge" in repr(classifier(loss="hinge"))
        assert "&lt;lambda&gt;" in model._repr_html_()

    @pytest.mark.parametrize("kind", [VariationalClassifier, VariationalRegressor])
    @pytest.mark.parametrize(
        "loss", [len, (len,), (len, len, len), (len, "slope"), None, 1, {"a": len}, (), ["a", "b"]]
    )
    def test_what_is_no_loss(self, kind, loss):
        with pytest.raises(TypeError, match=r"loss must be one of .* or a pair of functions"):
            kind(loss=loss, max_iter=1).fit(X, y)

    @pytest.mark.parametrize(
        ("value", "derivative", "words"),
        [
            (
                lambda d, y: (d**2).mean(),
                lambda d, y: d,
                r"first function .* shape \(40,\).*got shape \(\)",
            ),
            (lambda d, y: d**2, lambda d, y: 2 * d, r"first function .* got shape \(40, 1\)"),
            (lambda d, y: d[:, 0], lambda d, y: d[:, 0], r"second function .* got shape \(40,\)"),
            (lambda d, y: d[:, 0] / 0, lambda d, y: 2 * d, "first function .* some not finite"),
            (lambda d, y: d[:, 0] ** 2, lambda d, y: d * np.nan, "second function .* not finite"),
            (lambda d, y: d[:, 0] ** 2, lambda d, y: d, "not the derivative of the first"),
            (lambda d, y: d[:, 0] ** 2, lambda d, y: -2 * d, "not the derivative of the first"),
            (lambda d, y: d[:, 0] ** 2, lambda d, y: 2 * d / len(y), "not the derivative"),
        ],
    )
    def test_a_pair_that_is_wrong_is_found_before_training(self, value, derivative, words):
        model = classifier(
            loss=(value, derivative), callbacks=[lambda state: pytest.fail("trained")]
        )
        with np.errstate(all="ignore"), pytest.raises(ValueError, match=words):
            model.fit(X, y)
        assert not hasattr(model, "model_")

    @pytest.mark.parametrize("name", LOSSES)
    def test_kinks_are_no_mistakes(self, name):
        for n_outputs in (1, 3):
            labels = np.arange(30) % max(2, n_outputs)
            check_loss_pair(LossPair(*pair_of(name)), labels, n_outputs)
        absolute = LossPair(lambda d, y: np.abs(d[:, 0]), lambda d, y: np.sign(d))
        check_loss_pair(absolute, labels, 1)


class TestHinge:
    @pytest.mark.parametrize("data", [MOONS, IRIS])
    def test_training_with_it(self, data):
        model = classifier(loss="hinge", max_iter=60, n_layers=4).fit(data.X, data.y)
        assert model.score(data.X, data.y) > 0.95
        assert model.beats_prior_
        last = hinge_loss(data.y, model.decision_function(data.X))
        assert last < model.prior_loss_ / 2

    def test_probabilities_are_those_of_the_decision_values(self):
        model = classifier(loss="hinge").fit(X, y)
        expected = expit(model.decision_function(X))
        np.testing.assert_allclose(model.predict_proba(X)[:, 1], expected, atol=1e-12)
        model = classifier(loss="hinge").fit(IRIS.X, IRIS.y)
        expected = softmax(model.decision_function(IRIS.X), axis=1)
        np.testing.assert_allclose(model.predict_proba(IRIS.X), expected, atol=1e-12)

    @pytest.mark.parametrize("loss", LOSSES)
    @pytest.mark.parametrize("data", [MOONS, IRIS])
    def test_class_weights_are_weights_of_samples(self, loss, data):
        weights = {0: 0.3, 1: 2.0, 2: 1.5}
        by_class = classifier(loss=loss, class_weight=weights).fit(data.X, data.y)
        of_samples = np.array([weights[label] for label in data.y])
        by_sample = classifier(loss=loss).fit(data.X, data.y, sample_weight=of_samples)
        assert by_class.model_ == by_sample.model_
        assert by_class.prior_loss_ == by_sample.prior_loss_


class TestBestConstants:
    @pytest.mark.parametrize("shares", [[1, 3], [2, 2], [5, 4, 3], [8, 1, 1], [3, 3, 3, 1]])
    def test_hinge_is_solved_by_a_linear_program(self, shares):
        labels = np.repeat(np.arange(len(shares)), shares)
        n_outputs = 1 if len(shares) == 2 else len(shares)
        found = best_constant_loss(hinge, labels, np.ones(len(labels)), n_outputs)
        assert found == pytest.approx(self.by_linear_program(np.array(shares)), abs=1e-7)

    @staticmethod
    def by_linear_program(shares):
        """Minimise Σ share · ξ with ξ_y ≥ 0 and ξ_y ≥ 1 + d_j − d_y, of Crammer and Singer."""
        n = len(shares)
        rows = [
            np.r_[np.eye(n)[j] - np.eye(n)[k], -np.eye(n)[k]]
            for k in range(n)
            for j in range(n)
            if j != k
        ]
        bounds = [(None, None)] * n + [(0, None)] * n
        cost = np.r_[np.zeros(n), shares / shares.sum()]
        return linprog(cost, A_ub=rows, b_ub=-np.ones(len(rows)), bounds=bounds).fun

    @pytest.mark.parametrize("name", ["log_loss", "squared_error"])
    @pytest.mark.parametrize("n_classes", [2, 3, 6])
    def test_it_finds_the_shares_of_the_classes(self, name, n_classes):
        generator = np.random.default_rng(n_classes)
        labels = np.r_[np.arange(n_classes), generator.integers(0, n_classes, 30)]
        weights = generator.uniform(0.5, 2, len(labels))
        n_outputs = 1 if n_classes == 2 else n_classes
        found = best_constant_loss(LOSSES[name], labels, weights, n_outputs)
        assert found == pytest.approx(prior_loss(name, labels, weights), abs=1e-7)

    def test_numbers(self):
        generator = np.random.default_rng(0)
        targets, weights = generator.normal(size=(50, 2)), generator.uniform(0.1, 2, 50)
        found = best_constant_loss(squared_distance, targets, weights, 2)
        assert found == pytest.approx(constant_loss(squared_distance, targets, weights), abs=1e-9)
        limits = (np.array([2.0, -9.0]), np.array([3.0, 9.0]))
        found = best_constant_loss(squared_distance, targets, weights, 2, limits)
        mean = np.average(targets, axis=0, weights=weights)
        at = np.broadcast_to([2.0, mean[1]], targets.shape)
        expected = np.average(squared_distance(at, targets)[0], weights=weights)
        assert found == pytest.approx(expected, abs=1e-9)

    def test_a_loss_that_is_nowhere_finite_has_none(self):
        nowhere = LossPair(lambda d, y: d[:, 0] * np.nan, lambda d, y: d * np.nan)
        assert best_constant_loss(nowhere, np.array([0, 1]), np.ones(2), 1) is None

    def test_losses_below_zero(self, tmp_path):
        assert not beats_prior(-0.99, -1.0)
        assert beats_prior(-1.1, -1.0)
        reward = (lambda d, y: SQUARE[0](d, y) - 5, SQUARE[1])
        model = regressor(loss=reward, max_iter=60).fit(X, X[:, 0])
        assert model.prior_loss_ == pytest.approx(-4, abs=1e-9)
        model.save(tmp_path / "m.qmlplay")
        with pytest.warns(ModelFileWarning):
            assert load_model(tmp_path / "m.qmlplay").prior_loss_ == model.prior_loss_


class Switch:
    """A squared loss that becomes NaN, in its value or its derivative, after some steps."""

    def __init__(self, part, after):
        self.part, self.after, self.steps = part, after, 0

    def pair(self):
        return (self.value, self.slope)

    def count(self, state):
        self.steps = state.step

    def factor(self, part):
        return np.nan if part == self.part and self.steps >= self.after else 1.0

    def value(self, decisions, labels):
        return (decisions[:, 0] - labels) ** 2 * self.factor("value")

    def slope(self, decisions, labels):
        return 2 * (decisions - labels[:, None]) * self.factor("slope")


class TestRunningAway:
    @pytest.mark.parametrize(
        ("optimizer", "part"),
        [
            *((optimizer, "value") for optimizer in
              ("adam", "sgd", "lbfgs", "spsa", "cobyla", "nelder_mead")),
            *((optimizer, "slope") for optimizer in ("adam", "sgd", "lbfgs")),
        ],
    )  # fmt: skip
    def test_the_last_good_weights_are_kept(self, optimizer, part):
        switch, weights = Switch(part, after=3), []
        model = classifier(
            loss=switch.pair(), optimizer=optimizer, max_iter=50,
            callbacks=[switch.count, lambda state: weights.append(state.estimator.weights_)],
        )  # fmt: skip
        with pytest.raises(FloatingPointError, match=r"ran away at step 4 \(.*NaN") as caught:
            model.fit(X, y)
        assert "smaller learning_rate_init" in str(caught.value)
        assert "the estimator is fitted" in str(caught.value)
        assert model.stop_reason_ == "diverged"
        assert model.n_steps_ == len(model.loss_curve_) == 3
        np.testing.assert_array_equal(model.weights_, weights[2])
        assert np.isfinite(model.predict_proba(X)).all()
        assert model.prior_loss_ is not None

    def test_what_was_kept_is_whole(self, tmp_path):
        switch = Switch("slope", after=3)
        model = classifier(loss=switch.pair(), max_iter=50, callbacks=[switch.count])
        with pytest.raises(FloatingPointError):
            model.fit(X, y)
        assert "it ran away" in model._repr_html_()
        model.save(tmp_path / "m.qmlplay")
        with pytest.warns(ModelFileWarning):
            again = load_model(tmp_path / "m.qmlplay")
        assert again.model_ == model.model_
        assert again.stop_reason_ == "diverged"
        again.set_params(warm_start=True).fit(X, y)

    @pytest.mark.parametrize("warm_start", [False, True])
    def test_what_was_fitted_before_stays(self, warm_start):
        model = classifier(warm_start=warm_start).fit(X, y)
        before, switch = (model.model_, model._history), Switch("value", after=3)
        model.set_params(loss=switch.pair(), callbacks=[switch.count], max_iter=50)
        with pytest.raises(FloatingPointError, match=r"ran away at step 4 .*a loss of your own$"):
            model.fit(X, y)
        assert (model.model_, model._history) == before

    def test_early_stopping_keeps_the_best(self):
        switch, seen = Switch("value", after=6), []
        model = classifier(
            loss=switch.pair(), max_iter=50, early_stopping=True, validation_fraction=0.3,
            callbacks=[switch.count, lambda state: seen.append(state.estimator.weights_)],
        )  # fmt: skip
        with pytest.raises(FloatingPointError):
            model.fit(X, y)
        best = int(np.argmax(model.validation_scores_))
        np.testing.assert_array_equal(model.weights_, seen[best])

    def test_nothing_is_lost_where_no_step_was_good(self):
        switch = Switch("value", after=-1)
        model = classifier().fit(X, y)
        before = model.model_
        switch.after = 10**9
        model.set_params(loss=switch.pair(), warm_start=True)
        model.callbacks = [switch.count]
        switch.after = 0
        with pytest.raises(ValueError, match="some not finite"):
            model.fit(X, y)
        assert model.model_ == before
        diverging = classifier(optimizer="sgd", learning_rate_init=1e250)
        with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="at step 1"):
            diverging.fit(X, y)
        assert not hasattr(diverging, "model_")

    @pytest.mark.parametrize("optimizer", ["adam", "sgd", "spsa"])
    def test_partial_fit(self, optimizer):
        def value(decisions, labels):
            d = decisions[:, 0]
            return np.where(np.abs(d) < 9, (d - labels) ** 2, np.nan)

        loss = (value, lambda d, labels: 2 * (d - labels[:, None]))
        model = classifier(loss=loss, optimizer=optimizer)
        model.partial_fit(X, y, classes=[0, 1]).partial_fit(X, y)
        model.readout_ = Readout(100 * model.readout_.scale, model.readout_.bias)
        before, n_steps = model.model_, model.n_steps_
        with pytest.raises(FloatingPointError, match="ran away at step 1"):
            model.partial_fit(X, y)
        assert model.model_ == before
        assert model.n_steps_ == n_steps == 2

    @pytest.mark.parametrize("rate", [1e50, 1e120, 1e200, 1e308])
    @pytest.mark.parametrize("optimizer", ["adam", "sgd", "spsa", "lbfgs", "nelder_mead"])
    def test_weights_that_diverge(self, optimizer, rate):
        model = classifier(optimizer=optimizer, learning_rate_init=rate, max_iter=30)
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            try:
                model.fit(X, y)
            except FloatingPointError as error:
                assert "learning_rate_init" in str(error)  # noqa: PT017 - it need not come
                if not hasattr(model, "model_"):
                    return
        assert np.isfinite(model.weights_).all()
        assert np.isfinite(model.predict_proba(X)).all()
