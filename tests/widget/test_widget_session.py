"""Training in the background: it waits, steps, ends, and comes to what a plain fit comes to."""

from __future__ import annotations

import time
from contextlib import nullcontext
from threading import Event, Thread

import numpy as np
import pytest
from waiting import all_threads_end, until

from qmlplay import VariationalClassifier
from qmlplay.widget import page
from qmlplay.widget.data.own_data import OwnData
from qmlplay.widget.playing.background_fit import BackgroundFit
from qmlplay.widget.playing.models import model_parameters
from qmlplay.widget.playing.session import Session
from qmlplay.widget.playing.steering import Turned
from qmlplay.widget.settings.configuration import Configuration
from qmlplay.widget.views.frames import hardware_circuits, quantum_frame


@pytest.fixture
def sessions():
    """A maker of sessions that are all ended, and joined, after the test."""
    made = []

    def make(own=None, **settings):
        shown = []

        def show(session, name, frame):
            shown.append((name, frame))

        session = Session(Configuration(**settings), own, show)
        session.shown = shown
        made.append(session)
        return session

    yield make
    for session in made:
        session.stop()
    for session in made:
        session.join(20)
    all_threads_end()


def settled(session):
    return session.state in ("paused", "finished") and (
        session.ablation.step == session.training.step
    )


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["adam", "sgd", "spsa", "lbfgs", "cobyla", "nelder_mead"])
def test_so_many_steps_are_a_fit_ended_after_so_many(sessions, optimizer):
    session = sessions(optimizer=optimizer, max_iter=20)
    session.play(3)
    until(lambda: settled(session))
    session.step()
    until(lambda: settled(session) and session.training.step == 4)
    frame = session.frames["model"]
    split = session.plane.split
    plain = VariationalClassifier(
        **model_parameters(session.configuration), callbacks=[lambda state: state.step == 4]
    ).fit(split.X_train, split.y_train)
    assert np.array_equal(frame.estimator.weights_, plain.weights_)
    assert frame.step == 4
    assert frame.test_accuracy == plain.score(split.X_test, split.y_test)
    n = frame.probabilities.shape[0]
    expected = plain.predict_proba(session.plane.grid(n)).reshape(n, n, 2)
    assert np.abs(frame.probabilities - expected).max() <= 2e-3


@pytest.mark.slow
def test_shots_and_backend_are_the_models_own(sessions):
    session = sessions(backend="cirq", shots=20, max_iter=1, n_layers=1)
    session.play()
    until(lambda: session.state == "finished")
    split = session.plane.split
    plain = VariationalClassifier(**model_parameters(session.configuration))
    plain.fit(split.X_train, split.y_train)
    assert session.frames["model"].test_accuracy == plain.score(split.X_test, split.y_test)
    assert session.frames["model"].train_accuracy == plain.score(split.X_train, split.y_train)


def test_the_three_stand_side_by_side(sessions):
    session = sessions(
        encoding="angle",
        ansatz="hardware_efficient",
        max_iter=5,
        baseline="logistic_regression",
    )
    session.start()
    session.play()
    until(lambda: session.state == "finished" and session.ablation.step == 5)
    until(lambda: session.frames["ablation"].step == 5)
    until(lambda: "baseline" in session.frames)
    assert session.frames["ablation"].estimator.ansatz == "no_entanglement"
    assert session.frames["ablation"].step == session.frames["model"].step == 5
    assert session.n_parameters == {"model": 27, "ablation": 27, "baseline": 3}
    assert session.hardware_circuits == 210 * 49  # 24 angles, two shifts each, and the loss


def test_pause_and_go_on(sessions):
    session = sessions(max_iter=1000)
    assert session.state == "ready"
    session.play(steps_per_second=50)
    assert session.state == "playing"
    until(lambda: session.training.step >= 3)
    session.pause()
    until(lambda: session.state == "paused")
    step = session.training.step
    assert session.frames["model"].step == step
    time.sleep(0.2)
    assert session.training.step == step
    session.play(steps_per_second=50)
    until(lambda: session.training.step > step)


def test_the_ablation_never_runs_ahead(sessions):
    session = sessions(max_iter=1000)
    session.play(steps_per_second=100)
    for _ in range(30):
        ahead = session.ablation.step - session.training.step
        assert ahead <= 0
        time.sleep(0.01)


@pytest.mark.slow
def test_the_pace_is_kept_and_can_be_changed(sessions):
    session = sessions(max_iter=1000)
    session.play(steps_per_second=10)
    until(lambda: session.training.step >= 1)
    start = session.training.step
    time.sleep(1)
    assert 5 <= session.training.step - start <= 12
    session.play()
    until(lambda: session.training.step > 200)


def test_a_failure_is_kept_and_shown(sessions):
    session = sessions()
    session.training.model.asked.batch_size = "every"
    session.play()
    until(lambda: session.state == "failed")
    assert "batch_size" in str(session.error)
    assert ("model", None) in session.shown


def test_stopped_before_it_began():
    training = BackgroundFit(VariationalClassifier(), [[0.0], [1.0]], [0, 1], print, print)
    training.stop()
    training.allow()
    training.join(1)
    assert training.step == 0


def test_nothing_begins_while_python_exits(sessions):
    """A thread that begins then would be killed inside C++, which aborts the process."""
    session = sessions()
    session.training._exit()  # what is called at exit, while its thread may be within a step
    session.ablation.allow(1)  # as that step does at its end
    assert session.ablation._thread is None
    session.play()
    assert session.training._thread is None


def test_training_gives_way_to_a_request_and_goes_on(sessions):
    session = sessions(max_iter=1000)
    session.play()
    until(lambda: session.training.step > 2)
    with session._precedence.taken(), session._precedence.taken():
        time.sleep(0.1)  # for the steps that have begun
        steps = session.training.step, session.ablation.step
        time.sleep(0.3)
        assert (session.training.step, session.ablation.step) == steps
    until(lambda: session.training.step > steps[0] + 2)
    until(lambda: session.ablation.step > steps[1] + 2)


@pytest.mark.slow
def test_a_stopped_session_ends_though_a_request_has_precedence(sessions):
    session = sessions(max_iter=1000)
    session.play()
    until(lambda: session.training.step > 2)
    with session._precedence.taken():
        session.stop()
        session.join(10)
        assert not session.training._thread.is_alive()


@pytest.mark.parametrize("is_coarse", [True, False])
def test_a_coarse_picture_is_made_to_its_end_while_a_slider_moves(is_coarse):
    fit = BackgroundFit(VariationalClassifier(), [[0.0], [1.0]], [0, 1], print, print)
    fit.is_coarse = is_coarse
    fit.set_number(0, 0.5)  # the next one, before the picture of the last is done
    with nullcontext() if is_coarse else pytest.raises(Turned):
        fit.while_drawing(1)


def test_a_view_that_somebody_makes_is_not_made_twice(sessions, monkeypatch):
    session = sessions()
    session.step()
    until(lambda: settled(session))
    made = []

    def slow_views(*given, **options):
        made.append(given)
        time.sleep(0.2)
        return {}

    monkeypatch.setattr("qmlplay.widget.playing.selected_views.model_views", slow_views)
    session.views.select(gate=1)
    threads = [Thread(target=session.look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


@pytest.fixture
def pictures(monkeypatch):
    """An event: while it is not set, no picture of a quantum model comes to its end."""
    may_end = Event()
    may_end.set()

    def waiting(*arguments, **options):
        may_end.wait(20)
        return quantum_frame(*arguments, **options)

    monkeypatch.setattr("qmlplay.widget.playing.session.quantum_frame", waiting)
    return may_end


def test_play_goes_on_from_the_end_before_it_is_drawn(sessions, pictures):
    session = sessions(max_iter=3, n_layers=1)
    session.start()
    until(lambda: "model" in session.frames)
    pictures.clear()
    session.play()
    until(lambda: session.training.step == 3)
    assert session.state == "pausing"
    session.play()
    pictures.set()
    until(lambda: session.state == "finished")
    assert session.training.step == 6


def test_every_step_that_is_asked_for_is_made(sessions, pictures):
    session = sessions(n_layers=1)
    session.start()
    until(lambda: "model" in session.frames)
    pictures.clear()
    for _ in range(5):
        session.step()
    pictures.set()
    until(lambda: settled(session))
    assert session.training.step == 5
    session.play(steps_per_second=5)
    until(lambda: session.training.step > 5)
    session.step()
    step = session.training.step
    until(lambda: settled(session))
    assert session.training.step <= step + 1  # while it plays on, it is a pause after the next one


def test_the_pace_is_none_of_steps_that_are_counted(sessions):
    session = sessions(max_iter=1000, n_layers=1)
    session.play(5)
    session.training.change_pace(1000)
    until(lambda: settled(session))
    time.sleep(0.1)
    assert session.training.step == 5


def test_a_number_that_waits_for_a_picture_is_not_lost(sessions, pictures):
    session = sessions(n_layers=1)
    session.start()
    until(lambda: session.state == "ready" and session.training.forecast is not None)
    pictures.clear()
    session.set_weight(0, 1.0)
    until(lambda: not session.training._set)  # it is being drawn
    session.set_weight(0, 2.0)
    assert session.training._set == {0: 2.0}
    assert session.training.numbers[0] == 2.0
    pictures.set()


def test_steps_of_a_part_of_the_data(sessions):
    """Of more than 512 samples Adam sees 256 a step; an iteration is a pass over all of them."""
    rng, y = np.random.default_rng(0), np.arange(900) % 2
    own = OwnData.from_object((rng.normal(size=(900, 2)) + y[:, None], y), None)
    settings = {"dataset": "own data", "data_noise": 0.0, "own_data": own.fingerprint}
    session = sessions(**settings, own=own, n_layers=1, max_iter=4, n_qubits=1)
    per_sample = hardware_circuits(session.circuit, ("Z",), "adam", 1)
    shown = page.run(session, None, 10)
    assert shown["max_steps"] == 12  # 630 samples: 256, 256, 118
    assert shown["hardware_circuits"] == session.circuits_of(1) == 256 * per_sample
    assert session.circuits_of(7) == (2 * 630 + 256) * per_sample
    session.play(7)
    until(lambda: settled(session))
    assert session.training.limit == 4
    session.play()
    until(lambda: session.state == "finished")
    assert session.training.step == 12
    session.step()
    until(lambda: settled(session) and session.training.step == 13)
    assert session.course.iterations == 5
    assert session.course.by_hand == (
        "it went on beyond the iterations that its penalty was planned for",
    )
    for end in (15, 27):  # of the pass that was begun, and four passes more
        session.play()
        until(lambda: session.state == "finished")
        assert session.training.step == end
