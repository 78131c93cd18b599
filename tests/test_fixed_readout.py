"""The fixed readout, and weights to start from."""

import numpy as np
import pytest
from backend_helpers import each_backend
from sklearn.base import clone
from sklearn.utils.estimator_checks import estimator_checks_generator

from qmlplay import (
    VariationalClassifier,
    VariationalRegressor,
    get_backend,
    ibm,
    load_dataset,
    load_model,
)
from qmlplay.training import TrainingProblem

MOONS = load_dataset("moons", n_samples=40, random_state=0)
IRIS = load_dataset("iris")
X, y = MOONS.X, MOONS.y


def classifier(**parameters):
    settings = {"max_iter": 5, "n_layers": 2, "random_state": 0, "readout": "fixed"}
    return VariationalClassifier(**(settings | parameters))


def checks():
    own = {"n_qubits": 2, "observables": [0, {"ZZ": 0.5, "XI": 1.0}, "YX", 1, "XX"]}
    for model in (
        VariationalClassifier(readout="fixed"),
        VariationalRegressor(**own),
        VariationalClassifier(**own),
        VariationalRegressor(readout="fixed"),
    ):
        for estimator, check in estimator_checks_generator(model, legacy=True):
            name = (
                f"{type(model).__name__}-{model.readout}-{getattr(check, 'func', check).__name__}"
            )
            yield pytest.param(estimator, check, id=name)


# Random targets are more than a fixed readout can learn.
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:hardly anything was learned")
@pytest.mark.parametrize(("estimator", "check"), list(checks()))
def test_every_check_of_scikit_learn_passes(estimator, check, monkeypatch):
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")  # without it check_array_api_input is skipped
    check(estimator)


class TestFixedReadout:
    @each_backend()
    def test_decisions_are_the_expectations_themselves(self, name):
        model = classifier(observables=["ZIII", {"XXII": 0.5, "IZII": 0.5}, 3], backend=name)
        model.fit(IRIS.X[::5], IRIS.y[::5])
        values = get_backend("numpy").expectations(
            model.circuit_.circuit, model.model_.angles(IRIS.X), model.observables_
        )
        np.testing.assert_allclose(model.decision_function(IRIS.X), values, atol=1e-12)
        binary = classifier(observables=["XZ"]).fit(X, y)
        np.testing.assert_array_equal(binary.decision_function(X), binary.expectations(X)[:, 0])
        np.testing.assert_array_equal(binary.predict(X), binary.expectations(X)[:, 0] > 0)

    def test_every_output_is_the_mean_of_its_observables(self):
        model = classifier(observables=[0, 1, 2, 3, "XXII"]).fit(IRIS.X, IRIS.y)
        e = model.expectations(IRIS.X)
        means = np.stack([(e[:, 0] + e[:, 3]) / 2, (e[:, 1] + e[:, 4]) / 2, e[:, 2]], axis=1)
        np.testing.assert_allclose(model.decision_function(IRIS.X), means, atol=1e-12)

    def test_only_the_circuit_is_trained(self):
        model = classifier().fit(X, y)
        assert model.n_parameters_ == model.weights_.size == model.design(2).n_parameters
        assert model.model_.numbers.shape == model.weights_.shape
        before, after = classifier(max_iter=1).fit(X, y), classifier(max_iter=9).fit(X, y)
        assert before.readout_ == after.readout_
        assert not np.array_equal(before.weights_, after.weights_)
        doubled = model.model_.with_numbers(2 * model.model_.numbers)
        np.testing.assert_array_equal(doubled.weights, 2 * model.weights_)
        assert doubled.readout == model.readout_

    @pytest.mark.parametrize("loss", ["log_loss", "squared_error", "hinge"])
    @pytest.mark.parametrize("method", ["adjoint", "parameter_shift"])
    def test_the_gradient_is_that_of_finite_differences(self, loss, method):
        model = classifier(observables=[0, {"IZ": 0.5, "XX": 1}]).fit(X, y).model_
        problem = TrainingProblem(
            model.on("numpy"),
            model.scaling.radians(X),
            model.targets(y),
            np.random.default_rng(0).uniform(0.5, 2, len(X)),
            loss,
            gradient_method=method,
        )
        w = model.numbers
        _, gradient = problem.loss_and_gradient(w)
        h = 1e-6 * np.eye(len(w))
        numeric = [(problem.loss(w + s) - problem.loss(w - s)) / 2e-6 for s in h]
        np.testing.assert_allclose(gradient, numeric, atol=1e-7)

    def test_cotangents_of_decisions(self):
        model = classifier().fit(X, y).model_
        decisions, pullback = model.decisions_vjp(X, "numpy")
        by_numbers, by_X = pullback(np.ones(decisions.shape))
        assert by_numbers.shape == model.weights.shape
        h = 1e-6 * np.eye(2)[0]
        numeric = (model.decisions(X + h, "numpy") - model.decisions(X - h, "numpy")) / 2e-6
        np.testing.assert_allclose(by_X[:, 0], numeric[:, 0], atol=1e-6)

    @pytest.mark.parametrize("optimizer", ["adam", "sgd", "lbfgs", "cobyla", "nelder_mead", "spsa"])
    def test_every_optimizer(self, optimizer):
        model = classifier(optimizer=optimizer, max_iter=4).fit(X, y)
        assert np.isfinite(model.loss_curve_).all()
        assert model.n_parameters_ == model.weights_.size

    def test_it_learns(self):
        assert classifier(max_iter=100).fit(X, y).score(X, y) > 0.95
        assert classifier(max_iter=100, loss="hinge").fit(X, y).score(X, y) > 0.9
        model = classifier(max_iter=100, n_layers=4, observables=[0, 1, 2]).fit(IRIS.X, IRIS.y)
        assert model.score(IRIS.X, IRIS.y) > 0.93

    def test_partial_fit_and_warm_start(self):
        model = classifier(warm_start=True)
        for _ in range(3):
            model.partial_fit(X, y, classes=[0, 1])
        before = model.loss_curve_[-1]
        assert model.fit(X, y).loss_curve_[-1] < before

    def test_the_prior_is_what_a_fixed_readout_can_say(self):
        rare = np.arange(40) < 4
        model = classifier().fit(X, rare)
        # Decision values lie in [−1, 1], so that log p is at most −log(1 + 1/e).
        expected = np.log1p(np.exp(-1)) + 0.1
        assert model.prior_loss_ == pytest.approx(expected, abs=1e-9)
        assert classifier(readout="linear").fit(X, rare).prior_loss_ < model.prior_loss_
        balanced = classifier().fit(X, y)
        assert balanced.prior_loss_ == pytest.approx(np.log(2), abs=1e-9)
        model = classifier(observables=[{"ZI": 10.0}]).fit(X, rare)
        assert model.prior_loss_ == pytest.approx(-0.1 * np.log(0.1) - 0.9 * np.log(0.9), abs=1e-9)

    def test_files(self, tmp_path):
        model = classifier().fit(X, y)
        model.save(tmp_path / "m.qmlplay")
        again = load_model(tmp_path / "m.qmlplay")
        assert again.model_ == model.model_
        assert again.readout_.is_fixed
        assert again.set_params(warm_start=True).fit(X, y).n_parameters_ == model.n_parameters_

    def test_training_on_a_device(self, monkeypatch, tmp_path):
        monkeypatch.setenv("QMLPLAY_HOME", str(tmp_path))
        result = ibm.train(
            classifier(n_layers=1), X[:8], y[:8], device="fake_manila", iterations=2, shots=64,
            max_qpu_seconds=100, seed=1,
        )  # fmt: skip
        assert result.classifier.readout_.is_fixed
        assert len(result.losses) == 2


class TestRegressor:
    def test_targets_fill_the_range_of_expectations(self):
        rows = np.linspace(0, 6, 60)[:, None]
        target = 1e6 * np.sin(rows[:, 0]) + 3e6
        model = VariationalRegressor(
            readout="fixed", observables=["ZI"], max_iter=100, random_state=0
        ).fit(rows, target)
        low, high = target.min(), target.max()
        assert float(model.target_scaling_.center) == pytest.approx((low + high) / 2)
        assert float(model.target_scaling_.scale) == pytest.approx((high - low) / 2)
        expected = (low + high) / 2 + (high - low) / 2 * model.expectations(rows)[:, 0]
        np.testing.assert_allclose(model.predict(rows), expected, rtol=1e-12)
        assert model.score(rows, target) > 0.99

    def test_several_targets_and_a_constant_one(self):
        targets = np.c_[X[:, 0], np.full(40, 7.0), X[:, 1] ** 2]
        model = VariationalRegressor(readout="fixed", max_iter=5, random_state=0).fit(X, targets)
        predicted = model.predict(X)
        np.testing.assert_array_equal(predicted[:, 1], 7.0)
        assert (predicted[:, 0] >= X[:, 0].min() - 1e-9).all()
        assert (predicted[:, 0] <= X[:, 0].max() + 1e-9).all()
        assert model.n_parameters_ == model.weights_.size

    @pytest.mark.parametrize("loss", ["squared_error", "huber"])
    def test_the_prior_is_the_best_constant(self, loss):
        model = VariationalRegressor(readout="fixed", loss=loss, max_iter=1).fit(X, X[:, 0])
        standard = model.target_scaling_.standardized(X[:, 0])
        assert np.abs(standard).max() == pytest.approx(1)
        # Huber's loss is the squared error there, as nothing is 1.35 away from the mean.
        assert model.prior_loss_ == pytest.approx(float(standard.var()), rel=0.05)

    def test_huge_targets(self):
        rows = np.linspace(0, 1, 10)[:, None]
        target = np.where(rows[:, 0] < 0.5, -1e308, 0.7e308)
        model = VariationalRegressor(readout="fixed", max_iter=2, random_state=0).fit(rows, target)
        assert np.isfinite(model.predict(rows)).all()


class TestInitialWeights:
    @pytest.mark.parametrize("kind", [VariationalClassifier, VariationalRegressor])
    def test_training_starts_from_them(self, kind):
        first = kind(n_layers=2, max_iter=4, random_state=0).fit(X, y)
        n_weights = first.design(2).circuit.n_weights
        given = np.linspace(-1, 1, n_weights)
        seen = []
        model = kind(
            n_layers=2, max_iter=1, learning_rate_init=1e-12, random_state=0, initial_weights=given,
            callbacks=[lambda state: seen.append(state.estimator.weights_)],
        ).fit(X, y)  # fmt: skip
        np.testing.assert_allclose(seen[0], given, atol=1e-10)
        np.testing.assert_allclose(model.weights_, given, atol=1e-10)

    def test_nothing_else_is_drawn_otherwise(self):
        usual = classifier(batch_size=8)
        design, random = usual.design(2), np.random.RandomState(0)
        weights = random.normal(0, 0.1, design.circuit.n_weights)
        weights[list(design.circuit.scaling_weights)] = 1
        same = clone(usual).set_params(initial_weights=weights.tolist()).fit(X, y)
        assert same.model_ == usual.fit(X, y).model_

    def test_warm_starts_go_on_from_what_was_trained(self):
        n = classifier().design(2).circuit.n_weights
        model = classifier(initial_weights=np.zeros(n), warm_start=True).fit(X, y)
        on = clone(model).set_params(initial_weights=None)
        on.fit(X, y)
        before = model.loss_curve_[-1]
        assert model.fit(X, y).loss_curve_[-1] < before
        model = classifier(initial_weights=np.ones(n))
        model.partial_fit(X, y, classes=[0, 1])
        once = model.weights_
        model.partial_fit(X, y)
        assert np.abs(model.weights_ - once).max() < 0.2
        assert np.abs(model.weights_ - 1).max() < 0.4

    def test_files(self, tmp_path):
        n = classifier().design(2).circuit.n_weights
        model = classifier(initial_weights=np.linspace(0, 1 / 3, n)).fit(X, y)
        model.save(tmp_path / "m.qmlplay")
        again = load_model(tmp_path / "m.qmlplay")
        np.testing.assert_array_equal(again.initial_weights, model.initial_weights)
        assert clone(again).fit(X, y).model_ == model.model_

    @pytest.mark.parametrize(
        ("weights", "error", "words"),
        [
            (np.zeros(3), ValueError, r"shape \(14,\).*design\(2\).circuit.n_weights.*got shape"),
            (np.zeros((14, 1)), ValueError, "shape"),
            (0.5, ValueError, "shape"),
            ([], (TypeError, ValueError), "initial_weights"),
            ([np.nan] * 14, ValueError, "finite"),
            ([np.inf] * 14, ValueError, "finite"),
            ([1j] * 14, TypeError, "real numbers"),
            ("random", TypeError, "real numbers"),
            ([None] * 14, TypeError, "real numbers"),
            ([[1.0], [1.0, 2.0]], TypeError, "real numbers"),
            ([True] * 14, TypeError, "real numbers"),
        ],
    )
    def test_what_they_must_not_be(self, weights, error, words):
        assert classifier().design(2).circuit.n_weights == 14
        model = classifier(initial_weights=weights)
        with pytest.raises(error, match=words):
            model.fit(X, y)
        assert not hasattr(model, "model_")
