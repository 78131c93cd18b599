"""Optimisers of the user's own: by name, as a value, as a plain function; good and bad ones."""

import copy
import pickle
from collections import Counter
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from qmlplay import Backend, VariationalClassifier, get_backend, load_dataset, load_model
from qmlplay.errors import ModelFileWarning
from qmlplay.training import Monitor, Optimizer, OptimizerSettings, OptimizerState, train
from qmlplay.training.gradients import MAX_SHIFT_CIRCUITS, choose_gradient_method
from qmlplay.training.optimizers import OPTIMIZERS, get_optimizer, optimizer_name
from qmlplay.widget.page import options
from qmlplay.widget.settings.configuration import Configuration
from qmlplay.widget.views.frames import hardware_circuits

MOONS = load_dataset("moons", n_samples=30, random_state=0)
X, y = MOONS.X, MOONS.y


def classifier(**parameters):
    settings = {"max_iter": 6, "n_layers": 1, "random_state": 0}
    return VariationalClassifier(**(settings | parameters))


def signs(problem, w, settings, report):
    """Steps against the signs of the gradient, for ever: the report has to end it."""
    step = 0
    while True:
        loss, gradient = problem.loss_and_gradient(w)
        w -= settings.rate(step) * np.sign(gradient)  # in place, as people do
        report(w, loss)
        step += 1


def walk(problem, w, settings, report):
    """A random walk that keeps what is better: losses alone, and a state of its own."""
    state, best = settings.state, problem.loss(w)
    for _ in range(settings.max_iter):
        candidate = w + settings.generator.normal(0, 0.3, len(w))
        loss = problem.loss(candidate)
        if loss < best:
            w, best = candidate, loss
        state = state.after(best=np.array(best), history=np.stack([w, candidate]))
        report(w, best, True, state)


def in_batches(problem, w, settings, report):
    for _ in range(settings.max_iter):
        done = 0.0
        for rows, share in settings.batches(problem.n_samples):
            loss, gradient = problem.loss_and_gradient(w, rows)
            w = w - 0.1 * gradient
            done += share
            report(w, loss, done > 1 - 1e-9)


@pytest.fixture(params=OPTIMIZERS)
def second_name(request, monkeypatch):
    """A further name for one of the optimisers, and the first one."""
    monkeypatch.setitem(OPTIMIZERS, "second", OPTIMIZERS[request.param])
    return "second", request.param


def same_fit(one, other):
    assert one.loss_curve_ == other.loss_curve_
    np.testing.assert_array_equal(one.weights_, other.weights_)
    for name in ("n_iter_", "n_steps_", "stop_reason_", "batch_size_", "gradient_method_"):
        assert getattr(one, name) == getattr(other, name), name
    assert one.n_circuit_evaluations_ == other.n_circuit_evaluations_
    assert replace(one.training_cost_, optimizer="") == replace(other.training_cost_, optimizer="")


@pytest.mark.parametrize(
    "parameters",
    [
        {"batch_size": 7},
        {"shots": 20, "max_iter": 2},
        {"tol": 1.0, "n_iter_no_change": 2},
        {"early_stopping": True, "validation_fraction": 0.2},
        {"warm_start": True},
    ],
)
def test_a_second_name_does_all_that_the_first_one_does(second_name, parameters):
    second, first = (classifier(optimizer=name, **parameters) for name in second_name)
    costs = [replace(model.training_cost(X, y), optimizer="") for model in (second, first)]
    assert costs[0] == costs[1]
    for _ in range(2):
        same_fit(second.fit(X, y), first.fit(X, y))
    if not OPTIMIZERS[second_name[1]].resumable:
        with pytest.raises(ValueError, match="partial_fit needs an optimizer"):
            second.partial_fit(X, y)
    else:
        same_fit(second.partial_fit(X, y), first.partial_fit(X, y))


def test_a_second_name_finds_the_gradients_of_the_first_one(second_name):
    with_shots = get_backend("numpy", shots=10)
    for asked in ("auto", "parameter_shift"):
        for n_circuits in (10, MAX_SHIFT_CIRCUITS + 1):
            methods = {
                choose_gradient_method(asked, with_shots, name, n_circuits) for name in second_name
            }
            assert len(methods) == 1
    needs = OPTIMIZERS[second_name[1]].needs_gradients
    assert (classifier(optimizer="second").fit(X, y).gradient_method_ is None) == (not needs)


def test_a_second_name_is_on_the_page(second_name):
    assert {"value": "second", "label": "second"} in options()["choices"]["optimizer"]
    assert Configuration(optimizer="second").optimizer == "second"
    circuit, observables = classifier().fit(X, y).circuit_, ("ZI", "IZ")
    counts = {hardware_circuits(circuit, observables, name, 10) for name in second_name}
    assert len(counts) == 1
    help_text = options()["fields"]["optimizer"]["help"]
    assert ("second" in help_text) == OPTIMIZERS[second_name[1]].needs_gradients


def test_a_second_name_is_in_a_file(second_name, tmp_path):
    classifier(optimizer="second").fit(X, y).save(tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert (again.optimizer, again.training_cost_.optimizer) == ("second", "second")


def test_a_value_does_all_that_its_name_does(second_name):
    name = second_name[1]
    by_name, by_value = classifier(optimizer=name), classifier(optimizer=OPTIMIZERS[name])
    assert by_value.training_cost(X, y) == by_name.training_cost(X, y)
    same_fit(by_value.fit(X, y), by_name.fit(X, y))


def test_a_plain_function_trains_and_is_ended():
    model = classifier(optimizer=signs, n_iter_no_change=None, max_iter=30).fit(X, y)
    assert (model.n_iter_, model.n_steps_, model.stop_reason_) == (30, 30, "max_iter")
    assert model.score(X, y) > 0.8
    assert len(set(map(float, model.loss_curve_))) > 20
    assert model.gradient_method_ == "adjoint"
    assert model.batch_size_ == 30  # whole batches, whatever batch_size says
    patient = classifier(optimizer=signs, n_iter_no_change=2, tol=10.0).fit(X, y)
    assert (patient.n_iter_, patient.stop_reason_) == (3, "n_iter_no_change")


def test_weights_changed_in_place_are_not_changed_afterwards():
    seen = []
    model = classifier(optimizer=signs, callbacks=[lambda s: seen.append(s.estimator.weights_)])
    model.fit(X, y)
    assert len({tuple(weights) for weights in seen}) == 6


@pytest.mark.parametrize("shots", [None, 20])
def test_what_a_plain_function_costs_is_not_made_up(shots, tmp_path):
    model = classifier(optimizer=signs, shots=shots, max_iter=2)
    cost = model.training_cost(X)
    assert (cost.max_circuits, cost.circuits_per_iteration, cost.max_shots) == (None, None, None)
    assert cost.circuits_per_sample == (2 if shots is None else 15)
    assert str(cost).startswith("signs by ")
    assert "in all as many as it asks for" in str(cost)
    model.fit(X, y).save(tmp_path / "m")
    with pytest.warns(ModelFileWarning, match=r"optimizer=<function signs .*optimizer=\.\.\."):
        again = load_model(tmp_path / "m")
    assert again.training_cost_ == cost
    assert again.optimizer == "adam"  # what a new fit would take: files keep no functions


def test_a_plain_function_is_safe():
    with pytest.raises(ValueError, match="partial_fit needs an optimizer that can be resumed"):
        classifier(optimizer=signs).partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match=r"'signs' needs gradients that .*tolerates_random"):
        classifier(optimizer=signs, gradient_method="spsa").fit(X, y)
    many = choose_gradient_method("auto", get_backend("numpy", shots=1), signs, 10**9)
    assert many == "parameter_shift"


@pytest.mark.parametrize(("whole", "method"), [(True, "spsa"), (False, "parameter_shift")])
def test_the_batch_size_counts_for_those_that_go_in_batches(whole, method):
    optimizer = replace(OPTIMIZERS["adam"], in_batches=not whole)
    large = load_dataset("moons", n_samples=2000, random_state=0)
    model = classifier(optimizer=optimizer, shots=10, batch_size=20)
    assert model.training_cost(large.X).gradient_method == method  # 15 circuits per sample


class Counting(Backend):
    """Expectations alone; counts the circuits, one per sample."""

    name = "counting"

    def __init__(self):
        super().__init__()
        self.counts = Counter()

    def expectations(self, circuit, angles, observables):
        self.counts["circuits"] += max(np.size(angle) for angle in angles)
        return get_backend("numpy").expectations(circuit, angles, observables)


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        (Optimizer(signs, evaluations=lambda n: (0, 1)), 6 * 30 * 15),
        (Optimizer(walk, needs_gradients=False, evaluations=lambda n: (1, 1)), 7 * 30),
        (Optimizer(in_batches, in_batches=True, evaluations=lambda n: (0, 1)), 6 * 30 * 15),
    ],
)
def test_the_cost_of_a_declared_optimiser_is_what_is_run(optimizer, expected):
    backend = Counting()
    model = classifier(backend=backend, optimizer=optimizer, n_iter_no_change=None, batch_size=7)
    cost = model.training_cost(X)
    assert backend.counts["circuits"] == 0
    model.fit(X, y)
    assert backend.counts["circuits"] == cost.max_circuits == expected
    assert model.n_circuit_evaluations_ == expected
    assert model.batch_size_ == (7 if optimizer.in_batches else 30)


def test_evaluations_are_asked_with_all_trainable_numbers():
    asked = []

    def evaluations(n_numbers):
        asked.append(n_numbers)
        return n_numbers, 2

    model = classifier(optimizer=Optimizer(signs, evaluations=evaluations)).fit(X, y)
    assert set(asked) == {model.n_parameters_}
    assert model.training_cost_.max_circuits == (model.n_parameters_ + 6 * 2) * 30 * 2


def test_every_capability_counts():
    spsa = {"gradient_method": "spsa"}
    tolerant = Optimizer(signs, tolerates_random_gradients=True)
    assert classifier(optimizer=tolerant, **spsa).fit(X, y).gradient_method_ == "spsa"
    blind = Optimizer(walk, needs_gradients=False)
    assert classifier(optimizer=blind, **spsa).fit(X, y).gradient_method_ is None
    stops = replace(OPTIMIZERS["adam"], stops_itself=True)
    model = classifier(optimizer=stops, n_iter_no_change=1, tol=10.0).fit(X, y)
    assert (model.n_iter_, model.stop_reason_) == (6, "max_iter")
    model.set_params(optimizer="adam").fit(X, y)
    assert (model.n_iter_, model.stop_reason_) == (2, "n_iter_no_change")
    resumable = replace(blind, resumable=True)
    model = classifier(optimizer=resumable).partial_fit(X, y, classes=[0, 1]).partial_fit(X, y)
    assert (model.n_iter_, model._history.state.step) == (2, 2)
    assert model.loss_curve_[1] <= model.loss_curve_[0]


def test_the_state_of_an_own_optimiser_is_kept(tmp_path):
    resumable = Optimizer(walk, needs_gradients=False, resumable=True)
    model = classifier(optimizer=resumable).partial_fit(X, y, classes=[0, 1])
    model.save(tmp_path / "m")
    with pytest.warns(ModelFileWarning, match=r"optimizer=Optimizer\(walk, .*optimizer=\.\.\."):
        again = load_model(tmp_path / "m").set_params(optimizer=resumable)
    assert again._history.state.arrays["history"].shape == (2, model.n_parameters_)
    same_fit(again.partial_fit(X, y), model.partial_fit(X, y))


def test_scipy_in_a_plain_function():
    def bfgs(problem, w, settings, report):
        minimize(
            problem.loss_and_gradient,
            w,
            jac=True,
            method="BFGS",
            callback=lambda intermediate_result: report(
                intermediate_result.x, intermediate_result.fun
            ),
        )

    model = classifier(optimizer=bfgs, max_iter=20, n_iter_no_change=None).fit(X, y)
    assert model.n_iter_ <= 20
    assert model.loss_curve_[-1] < 0.6 * model.loss_curve_[0]


def test_clone_and_search_and_pickle():
    optimizer = Optimizer(signs, evaluations=None)
    model = classifier(optimizer=optimizer)
    assert clone(model).get_params() == model.get_params()
    search = GridSearchCV(model, {"optimizer": ["adam", optimizer, signs]}, cv=2).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    again = pickle.loads(pickle.dumps(model.fit(X, y)))
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    assert "Optimizer(signs, needs_gradients=True" in repr(model)
    assert "signs" in model.fit(X, y)._repr_html_()


def test_names():
    assert optimizer_name(Optimizer(signs)) == optimizer_name(signs) == "signs"
    assert optimizer_name(partial(signs)) == "partial"
    assert get_optimizer(signs) == Optimizer(signs)


class NearlyOne:
    """Has some of the fields of an Optimizer, and is none."""

    run = staticmethod(signs)


@pytest.mark.parametrize(
    ("optimizer", "text"),
    [
        (None, "optimizer must be one of .*'spsa'.*, an Optimizer, or a function .* got None"),
        (3, "optimizer must be one of"),
        (["adam"], "optimizer must be one of"),
        (NearlyOne(), "optimizer must be one of"),
        (Optimizer, "optimizer must be one of"),
        (NearlyOne, "optimizer must be one of"),
        (lambda problem, w: None, r"\(problem, w, settings, report\), got .* takes \(problem, w\)"),
        (lambda: None, r"must be a function \(problem, w, settings, report\)"),
        (lambda a, b, c, d, e: None, r"must be a function \(problem, w, settings, report\)"),
    ],
)
def test_what_is_no_optimiser(optimizer, text):
    model = classifier().fit(X, y)
    before = copy.copy(vars(model))
    model.set_params(optimizer=optimizer)
    for call in (lambda: model.fit(X, y), lambda: model.partial_fit(X, y)):
        with pytest.raises(TypeError, match=text):
            call()
    with pytest.raises(TypeError, match=text):
        model.training_cost(X)
    assert vars(model) == before | {"optimizer": optimizer}


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"run": None}, "an optimizer must be a function"),
        ({"run": NearlyOne}, "an optimizer must be a function"),
        ({"run": lambda w: w}, "an optimizer must be a function"),
        ({"needs_gradients": 1}, "needs_gradients of an Optimizer must be True or False, got 1"),
        ({"resumable": "no"}, "resumable of an Optimizer must be True or False, got 'no'"),
        ({"in_batches": None}, "in_batches of an Optimizer must be True or False"),
        ({"evaluations": (0, 1)}, r"evaluations of an Optimizer must be a function \(n_numbers\)"),
        ({"evaluations": lambda: (0, 1)}, "evaluations of an Optimizer must be a function"),
        ({"capability": True}, "unexpected keyword argument 'capability'"),
    ],
)
def test_a_value_of_the_wrong_shape(fields, text):
    with pytest.raises(TypeError, match=text):
        Optimizer(**({"run": signs} | fields))
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'run'"):
        Optimizer()


def reports(*arguments, times=1, **named):
    """Return an optimiser that reports just that."""

    def bad(problem, w, settings, report):
        report(w + 0.1, 0.5)
        for _ in range(times):
            report(*[a(w) if callable(a) else a for a in arguments], **named)

    return bad


def asks_for_gradients(problem, w, settings, report):
    report(w, problem.loss_and_gradient(w)[0])


RUBBISH = {
    "too few weights": (reports(lambda w: w[:-1], 0.5), ValueError, r"shape \(\d+,\), but it was"),
    "a matrix": (reports(lambda w: w[None], 0.5), ValueError, r"reported weights of shape \(1, "),
    "a number": (reports(0.5, 0.5), ValueError, r"reported weights of shape \(\), "),
    "text": (reports("weights", 0.5), TypeError, "'bad' reported no real weights or loss"),
    "None": (reports(None, 0.5), (TypeError, ValueError, FloatingPointError), "."),
    "complex weights": (reports(lambda w: w + 1j, 0.5), TypeError, "complex weights"),
    "NaN": (reports(lambda w: w * np.nan, 0.5), FloatingPointError, "ran away at step 2"),
    "an infinite loss": (reports(lambda w: w, np.inf), FloatingPointError, "ran away at step 2"),
    "a loss of many": (reports(lambda w: w, lambda w: w), TypeError, "no real weights or loss"),
    "no loss": (reports(lambda w: w, None), TypeError, "no real weights or loss"),
    "a loss of text": (reports(lambda w: w, "low"), TypeError, "no real weights or loss"),
    "a strange state": (
        reports(lambda w: w, 0.5, state={"step": 1}),
        TypeError,
        "state={'step': 1}: it must be an OptimizerState",
    ),
    "nothing": (lambda problem, w, settings, report: w, ValueError, "ended without a step"),
    "an error of its own": (
        lambda problem, w, settings, report: 1 / 0,
        ZeroDivisionError,
        "division",
    ),
    "gradients it did not declare": (
        Optimizer(asks_for_gradients, needs_gradients=False),
        TypeError,
        "needs_gradients=False asked for a gradient",
    ),
    "evaluations of one": (
        Optimizer(signs, evaluations=lambda n: 1),
        ValueError,
        "evaluations of an Optimizer must return two integers .* got 1",
    ),
    "negative evaluations": (
        Optimizer(signs, evaluations=lambda n: (0, -1)),
        ValueError,
        r"two integers of at least 0.* got \(0, -1\)",
    ),
}


@pytest.mark.parametrize(("optimizer", "error", "text"), RUBBISH.values(), ids=RUBBISH.keys())
def test_rubbish_is_one_clear_error_and_nothing_is_lost(optimizer, error, text):
    model = classifier().fit(X, y)
    before = copy.copy(vars(model))
    model.set_params(optimizer=optimizer, n_iter_no_change=None)
    for warm_start in (False, True):
        with pytest.raises(error, match=text):
            model.set_params(warm_start=warm_start).fit(X, y)
        assert vars(model).keys() == before.keys()
        for name, value in before.items():
            if name not in ("optimizer", "n_iter_no_change", "warm_start"):
                assert vars(model)[name] is value, name


def test_a_registered_function_is_as_good_as_a_value(monkeypatch):
    monkeypatch.setitem(OPTIMIZERS, "signs", signs)
    same_fit(
        classifier(optimizer="signs").fit(X, y), classifier(optimizer=Optimizer(signs)).fit(X, y)
    )
    with pytest.raises(ValueError, match="'adam' or 'sgd', or gradient_method"):
        classifier(optimizer="lbfgs", gradient_method="spsa").fit(X, y)
    with pytest.raises(ValueError, match="can be resumed, one of"):
        classifier(optimizer="signs").partial_fit(X, y, classes=[0, 1])


@pytest.mark.parametrize("name", ["lbfgs", "nelder_mead"])
def test_an_optimiser_that_is_there_already_may_report_nothing(name):
    class Flat:
        n_samples = 1

        def loss(self, w):
            return 0.5

        def loss_and_gradient(self, w, rows=None):
            return 0.5, np.zeros(2)

    monitor = Monitor(publish=lambda w: None, estimator=None, n_iter_no_change=None)
    settings = OptimizerSettings(
        0.1, 5, batch_size=1, momentum=0.0, tol=10.0, generator=np.random.default_rng(0)
    )
    assert train(Flat(), np.zeros(2), name, settings, monitor) is False
    assert monitor.losses in ([], [0.5])


def test_a_state_of_impossible_steps():
    for steps in ((-1, 0), (1, 2), (1.0, 0), (True, False), (None, 0)):
        with pytest.raises(ValueError, match="needs integers 0 ≤ start ≤ step"):
            OptimizerState(*steps)
