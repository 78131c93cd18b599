"""Steering a run: weights set and held, settings that change on the way, steps left at once."""

from __future__ import annotations

import pickle
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from sklearn.metrics import log_loss
from waiting import all_threads_end, until

from qmlplay import VariationalClassifier, get_backend, playground
from qmlplay.classifier.start import prepared
from qmlplay.widget.playing.steering import Cancelled
from qmlplay.widget.requests import answer
from qmlplay.widget.settings.configuration import Configuration
from qmlplay.widget.settings.configuration_strings import from_string, to_string

OPTIMIZERS = ["adam", "sgd", "spsa", "lbfgs", "cobyla", "nelder_mead"]


@pytest.fixture
def opened():
    """A maker of playgrounds that are closed after the test, and whose threads all end."""
    made = []

    def make(**settings):
        widget = playground()
        made.append(widget)
        if settings:
            widget.change(**settings)
        widget.speed = 0
        until(lambda: widget.model_frame)
        return widget

    yield make
    for widget in made:
        widget.close()
    all_threads_end()


def ask(widget, action, **content):
    answer(widget, {"action": action, **content}, [])
    return widget.message.get("text", "")


def steps(widget, n):
    """Train to so many steps, and wait."""
    widget.session.play(n)
    until(lambda: widget.run["step"] == n and widget.run["state"] in ("paused", "finished"))


def printed(script):
    with redirect_stdout(StringIO()) as out:
        exec(script, {})
    return [float(line.split()[-1]) for line in out.getvalue().splitlines()]


def shown(widget):
    return [round(widget.model_frame[part], 4) for part in ("train", "test")]


def set_and_wait(widget, index, value):
    frame = widget.session.frames["model"]
    assert ask(widget, "weight", index=index, value=value) == ""
    until(lambda: widget.session.frames["model"] is not frame)


@pytest.mark.parametrize("n_steps", [0, 3])
def test_a_weight_set_by_hand_is_shown_at_once(opened, n_steps):
    widget = opened()
    if n_steps:
        steps(widget, n_steps)
    before = widget.session.frames["model"].estimator
    set_and_wait(widget, 5, 1.25)
    after = widget.session.frames["model"].estimator
    expected = before.weights_.copy()
    expected[5] = 1.25
    assert np.array_equal(after.weights_, expected)
    assert np.array_equal(after.model_.readout.scale, before.model_.readout.scale)
    split = widget.session.plane.split
    until(lambda: widget.model_frame["test"] == after.score(split.X_test, split.y_test))
    assert widget.run["step"] == n_steps
    assert widget.run["state"] == ("paused" if n_steps else "ready")


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_training_goes_on_from_there_with_what_it_remembers(opened, optimizer):
    widget = opened(optimizer=optimizer, n_layers=2)
    steps(widget, 4)
    before = widget.session.frames["model"].estimator
    set_and_wait(widget, 2, -0.75)
    steps(widget, 6)
    numbers = before.model_.numbers.copy()
    numbers[2] = -0.75
    other = before.with_model(before.model_.with_numbers(numbers), before._history)
    split = widget.session.plane.split
    for _ in range(2):  # the state is that of the file format, which partial_fit goes on with
        other.partial_fit(split.X_train, split.y_train)
    assert np.allclose(
        widget.session.frames["model"].estimator.model_.numbers, other.model_.numbers, atol=1e-13
    )


def test_a_weight_set_while_it_plays_stays_set_where_it_is_held(opened):
    widget = opened(max_iter=1000)
    widget.play()
    until(lambda: widget.run["step"] > 2)
    for value in np.linspace(0, 1, 20):
        ask(widget, "weight", index=3, value=float(value))
    ask(widget, "freeze", index=3, frozen=True)
    step = widget.run["step"]
    until(lambda: widget.run["step"] > step + 3)
    assert widget.run["state"] == "playing"
    ask(widget, "weight", index=3, value=0.5)
    step = widget.run["step"]
    until(lambda: widget.run["step"] > step + 3)
    assert widget.model.weights_[3] == 0.5


NONE_SUCH = [28, -1, 1.0, "3", None, True, [3], {}, 10**30]
NO_NUMBERS = [float("nan"), float("inf"), -float("inf"), "0.5", None, True, 1e9, [0.5], 10**400]


def test_a_weight_that_is_none_is_refused(opened):
    widget = opened()
    frame = widget.session.frames["model"]
    asked = [("weight", {"index": index, "value": 0.5}) for index in NONE_SUCH]
    asked += [("freeze", {"index": index, "frozen": True}) for index in NONE_SUCH]
    asked += [("weight", {"index": 3, "value": value}) for value in NO_NUMBERS]
    asked += [("freeze", {"index": 3, "frozen": value}) for value in ("yes", 1, None)]
    for action, content in asked:
        assert (
            "must be" in ask(widget, action, **content)
            or "the circuit has weights 0 to 27" in (widget.message["text"])
        )
        assert widget.message["kind"] == "error"
        field = f"weight {content['index']}" if action == "weight" else action
        assert widget.message["field"] == field
        ask(widget, "dismiss")
    assert "unknown" in ask(widget, "weight", index=3)
    assert widget.session.training._set == {}
    assert widget.session.training.hand.frozen == frozenset()
    assert widget.session.frames["model"] is frame


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_held_weight_does_not_move(opened, optimizer):
    widget = opened(optimizer=optimizer, n_layers=2)
    steps(widget, 4)  # momentum has gathered
    for index in (0, 5):
        ask(widget, "freeze", index=index, frozen=True)
    before = widget.model.model_.numbers
    steps(widget, 16)
    after = widget.model.model_.numbers
    assert np.array_equal(after[[0, 5]], before[[0, 5]])
    # A simplex that begins anew may come back to where it was before it finds something better.
    moved = np.delete(after, [0, 5]) != np.delete(before, [0, 5])
    assert moved.all() if optimizer in ("adam", "sgd", "spsa", "lbfgs") else len(moved)
    ask(widget, "freeze", index=0, frozen=False)
    steps(widget, 40)
    last = widget.model.model_.numbers
    assert last[5] == before[5]
    if optimizer not in ("cobyla", "nelder_mead"):
        assert last[0] != before[0]


@pytest.mark.slow
def test_held_weights_are_left_out_of_the_same_descent(opened):
    """Against gradient descent written out, momentum included."""
    widget = opened(optimizer="sgd", n_layers=1, encoding="angle")
    ask(widget, "freeze", index=4, frozen=True)
    steps(widget, 3)
    model, split = widget.model, widget.session.plane.split
    numbers, last = _first_numbers(widget), 0.0
    for _ in range(3):
        gradient = _gradient(model, numbers, split)
        gradient[4] = 0.0
        last = model.momentum * last + 0.1 * gradient
        numbers = numbers - last
    assert np.allclose(model.model_.numbers, numbers, atol=1e-9)


def _first_numbers(widget):
    split, fit = widget.session.plane.split, widget.session.training
    return prepared(fit.model.asked, split.X_train, split.y_train)[0].model_.numbers


def _gradient(model, numbers, split, width=1e-5):
    """Return the derivatives of the mean log-loss by finite differences."""

    def loss(w):
        moved = model.with_model(model.model_.with_numbers(w))
        return log_loss(split.y_train, moved.predict_proba(split.X_train))

    return np.array(
        [
            (loss(numbers + width * e) - loss(numbers - width * e)) / (2 * width)
            for e in np.eye(len(numbers))
        ]
    )


def test_settings_change_while_it_goes_on(opened):
    widget = opened(max_iter=1000)
    session = widget.session
    widget.play()
    until(lambda: widget.run["step"] > 3)
    ask(widget, "change", name="learning_rate_init", value=0.01)
    ask(widget, "change", name="max_iter", value=900)
    ask(widget, "speed", value=30)
    ask(widget, "change", name="baseline", value="logistic_regression")
    assert widget.session is session
    assert session.state == "playing"
    until(lambda: widget.run["parameters"].get("baseline") == 3)
    assert widget.plane["baseline"] == "logistic regression"
    assert widget.settings["values"]["learning_rate_init"] == 0.01
    assert widget.run["max_iter"] == 900
    step = widget.run["step"]
    until(lambda: widget.run["step"] > step)
    assert session.training.log.rates[0] == (0, 0.1)
    assert session.training.log.rates[-1][1] == 0.01
    assert "must be a number" in ask(widget, "change", name="learning_rate_init", value=-1)
    assert widget.session is session


def test_another_limit_holds_at_once(opened):
    widget = opened(max_iter=5)
    widget.play()
    until(lambda: widget.run["state"] == "finished")
    ask(widget, "change", name="max_iter", value=8)
    until(lambda: widget.run["state"] == "paused")
    widget.play()
    until(lambda: widget.run["state"] == "finished")
    assert widget.run["step"] == 8
    ask(widget, "change", name="max_iter", value=4)
    assert widget.run["state"] == "finished"


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("kind", ["rate", "beyond", "set", "held"])
def test_the_script_makes_what_is_seen(opened, optimizer, kind):
    widget = opened(optimizer=optimizer, n_layers=2, max_iter=6)
    steps(widget, 4)
    if kind == "rate":
        widget.change(learning_rate_init=0.03)
        steps(widget, 6)
    elif kind == "beyond":
        steps(widget, 6)
        widget.session.play(11)
        until(lambda: widget.run["step"] == 11 and widget.run["state"] != "playing")
    elif kind == "set":
        set_and_wait(widget, 1, 2.0)
        until(lambda: widget.run["state"] == "paused" and "2.0" in widget.script)
    else:
        ask(widget, "freeze", index=1, frozen=True)
        steps(widget, 6)
    until(lambda: widget.run["state"] in ("paused", "finished"))
    numbers = widget.model.model_.numbers
    namespace = {}
    with redirect_stdout(StringIO()) as out:
        exec(widget.script, namespace)
    assert [float(line.split()[-1]) for line in out.getvalue().splitlines()] == shown(widget)
    assert np.allclose(namespace["model"].model_.numbers, numbers, rtol=0, atol=1e-13)
    assert ("This run was steered" in widget.script) == (
        kind in ("set", "held") or (kind == "beyond" and optimizer == "spsa")
    )
    configuration, n_steps = from_string(widget.share)
    again = opened()
    assert ask(again, "restore", text=widget.share) == "The state is restored."
    until(lambda: again.run["step"] == n_steps and again.run["state"] != "playing")
    until(
        lambda: (
            again.model_frame
            and np.allclose(
                again.session.frames["model"].estimator.model_.numbers, numbers, rtol=0, atol=1e-13
            )
        )
    )
    assert isinstance(configuration, Configuration)


@pytest.mark.slow
@pytest.mark.parametrize("n_steps", [0, 3])
def test_what_is_held_now_is_shared(opened, n_steps):
    widget = opened(n_layers=2)
    if n_steps:
        steps(widget, n_steps)
    ask(widget, "freeze", index=5, frozen=True)
    ask(widget, "freeze", index=2, frozen=True)
    ask(widget, "freeze", index=5, frozen=False)
    numbers = widget.session.training.numbers
    again = opened()
    again.restore(widget.share)
    until(lambda: again.model_frame)
    assert again.session.training.hand.frozen == {2}
    assert again.session.training.numbers == numbers
    # Three steps without it are a run that fit makes; none are the begin of one that it does not.
    assert ("w2 held" in widget.script) == (n_steps == 0)
    assert ("its numbers written out" in widget.script) == (n_steps == 0)
    namespace = {}
    with redirect_stdout(StringIO()):
        exec(widget.script, namespace)
    assert np.allclose(namespace["model"].model_.numbers, numbers, rtol=0, atol=1e-13)
    again.freeze(2, frozen=False)  # what a share began with can be let go
    third = opened()
    third.restore(again.share)
    assert third.session.training.hand.frozen == frozenset()


@pytest.mark.slow
def test_numbers_that_have_run_far_away_are_shared(opened):
    """Training may make them larger than a hand may."""
    widget = opened(n_layers=1, optimizer="sgd", learning_rate_init=2.0)
    numbers = (*widget.session.training.numbers[:-1], -59_111.9)
    widget.restore(to_string(replace(widget.configuration, weights=numbers)))
    until(lambda: widget.model_frame)
    assert "must be" not in ask(widget, "freeze", index=0, frozen=True)
    assert from_string(widget.share)[0].weights == numbers
    with pytest.raises(ValueError, match=r"must be a number from -1e\+100"):
        replace(widget.configuration, weights=(1e101,))
    # Waves that no computer can resolve are drawn as well as they can be.
    endless = (1e99, *numbers[1:])
    widget.restore(to_string(replace(widget.configuration, weights=endless)))
    until(lambda: widget.model_frame)
    assert widget.session.error is None


def test_reset_goes_back_to_the_first_weights(opened):
    widget = opened()
    first = widget.session.frames["model"].estimator.model_.numbers
    set_and_wait(widget, 0, 3.0)
    ask(widget, "freeze", index=0, frozen=True)
    before = widget.session
    widget.reset()
    until(lambda: widget.session is not before and widget.model_frame)
    assert np.array_equal(widget.session.frames["model"].estimator.model_.numbers, first)
    assert widget.session.training.hand.frozen == frozenset()


@pytest.mark.slow
def test_an_entangler_is_taken_out_and_put_in_again(opened):
    widget = opened(n_layers=2)
    steps(widget, 3)
    before = widget.model
    gates = widget.circuit["gates"]
    entanglers = [k for k, gate in enumerate(gates) if len(gate["symbols"]) == 2]
    (weight,) = gates[entanglers[0]]["weights"]
    ask(widget, "freeze", index=weight + 1, frozen=True)
    assert ask(widget, "entangler", gate=entanglers[0], present=False) == ""
    until(lambda: widget.model_frame)
    assert len(widget.circuit["gates"]) == len(gates) - 1
    after = widget.session.frames["model"].estimator
    assert np.array_equal(after.weights_, np.delete(before.weights_, weight))
    assert np.array_equal(after.model_.readout.numbers, before.model_.readout.numbers)
    assert widget.session.training.hand.frozen == {weight}
    # An RXX by the angle 0 is no gate.
    numbers = before.model_.numbers.copy()
    numbers[weight] = 0
    X = widget.session.plane.split.X_test
    without = before.with_model(before.model_.with_numbers(numbers))
    assert np.allclose(after.predict_proba(X), without.predict_proba(X), atol=1e-12)
    until(lambda: widget.model_frame["train"] is not None)
    assert printed(widget.script) == shown(widget)
    again = opened()
    again.restore(widget.share)
    until(lambda: again.model_frame)
    assert np.array_equal(again.session.frames["model"].estimator.weights_, after.weights_)
    (removed,) = widget.circuit["removed"]
    assert "RXX" in removed["text"]
    assert ask(widget, "entangler", gate=removed["gate"], present=True) == ""
    until(lambda: widget.model_frame)
    assert widget.circuit["removed"] == []
    assert np.array_equal(widget.session.frames["model"].estimator.weights_, before.weights_)
    for gate, present in [(0, False), (99, False), (removed["gate"], True), (None, False), (0, 1)]:
        session = widget.session
        assert ask(widget, "entangler", gate=gate, present=present)
        assert widget.session is session


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["angle", "zz", "iqp", "amplitude"])
@pytest.mark.parametrize("ansatz", ["hardware_efficient", "tree_tensor", "no_entanglement"])
def test_gates_are_said_to_be_removable_that_are_not_refused(opened, encoding, ansatz):
    widget = opened(encoding=encoding, ansatz=ansatz, n_qubits=3, n_layers=1)
    gates = len(widget.circuit["gates"])
    removable = widget.circuit["removable"]
    assert bool(removable) == (ansatz != "no_entanglement")
    for gate in set(range(gates)) - set(removable):
        assert "only those can" in (said := ask(widget, "entangler", gate=gate, present=False)) or (
            "part of the encoding" in said
        )
    for gate in removable:
        assert ask(widget, "entangler", gate=gate, present=False) == ""
        assert len(widget.circuit["gates"]) == gates - 1
        removed = widget.circuit["removed"][0]["gate"]
        assert ask(widget, "entangler", gate=removed, present=True) == ""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["qiskit", "cirq", "pennylane"])
def test_a_slow_step_is_left_at_once(opened, backend):
    widget = opened()
    widget.change(backend=backend, shots=1000, noise="high")
    until(lambda: widget.run["forecast_seconds"] is not None, 60)
    widget.play()
    until(lambda: widget.run["progress"] > 0, 60)
    assert widget.run["state"] == "playing"
    old = widget.session
    first = old.training.numbers
    ask(widget, "weight", index=0, value=2.0)  # the step begins anew from there
    until(lambda: old.training.numbers[0] == 2.0)
    assert old.training.numbers[1:] == first[1:]
    widget.change(backend="numpy", shots=None, noise="none")
    until(lambda: widget.run["step"] >= 1)
    for fit in (old.training, old.ablation):
        fit.join(20)
        assert not fit._thread.is_alive()
    assert old.training.step == 0  # it was left, not waited for


@pytest.mark.parametrize("backend", ["numpy", "qiskit", "cirq", "pennylane", "torch", "jax"])
@pytest.mark.parametrize("noise", [None, "high"])
@pytest.mark.parametrize("shots", [None, 5])
def test_every_simulation_can_be_left(backend, noise, shots):
    """Whoever watches is told of every sample, and what is raised ends the simulation."""
    pytest.importorskip({"qiskit": "qiskit_aer"}.get(backend, backend))
    settings = {"noise": noise, "shots": shots, "seed": 0}
    simulator = get_backend(backend, **settings)
    circuit = VariationalClassifier(n_layers=1, n_qubits=2).design(2).circuit
    rng = np.random.default_rng(0)
    angles = circuit.angles(rng.normal(size=(300, 2)), rng.normal(size=circuit.n_weights))
    plain = get_backend(backend, **settings).expectations(circuit.circuit, angles, ["ZI", "IZ"])
    told = []
    simulator.watch = told.append
    assert np.array_equal(simulator.expectations(circuit.circuit, angles, ["ZI", "IZ"]), plain)
    assert sum(told) == 300
    assert pickle.loads(pickle.dumps(simulator)).watch is None

    def leave(n_samples):
        raise Cancelled

    simulator.watch = leave
    with pytest.raises(Cancelled):
        simulator.expectations(circuit.circuit, angles, ["ZI", "IZ"])
    with pytest.raises(Cancelled):
        simulator.gradients(circuit.circuit, angles, ["ZI", "IZ"], np.ones((300, 2)))
