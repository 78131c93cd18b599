"""Checkpoints of fit: to the last bit as if it had never stopped, and never anything lost."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from qmlplay import (
    VariationalClassifier,
    VariationalRegressor,
    get_backend,
    load_dataset,
    load_model,
)
from qmlplay.callbacks import Checkpoint
from qmlplay.errors import ModelFileWarning
from qmlplay.model.archive import read_archive, write_archive
from qmlplay.training import TrainingProblem

DATA = load_dataset("moons", n_samples=40, random_state=0)
X, y = DATA.X, DATA.y


def falling(step):
    return 0.2 / (1 + step) ** 0.5


def shaking(problem, w, settings, report):
    """An optimiser of the user's own, with random numbers and two kinds of questions."""
    for _ in range(settings.max_iter):
        loss, gradient = problem.loss_and_gradient(w)
        w = w - 0.1 * gradient + 0.01 * settings.generator.normal(size=len(w))
        if problem.loss(w) < loss:
            w = w + 0.001 * settings.generator.normal(size=len(w))
        report(w, loss)


SETTINGS = {
    "adam": {},
    "batches": {"batch_size": 7},
    "sgd": {"optimizer": "sgd", "batch_size": 9, "momentum": 0.5},
    "spsa": {"optimizer": "spsa"},
    "schedule": {"learning_rate_init": falling},
    "penalty": {"alpha": 0.5},
    "early stopping": {"early_stopping": True, "batch_size": 8},
    "patience": {"tol": 0.05, "n_iter_no_change": 2, "max_iter": 30},
    "shots": {"shots": 20, "n_layers": 1, "max_iter": 5},
    "shots and a validation part": {"shots": 20, "early_stopping": True, "max_iter": 5},
    "random gradients": {"gradient_method": "spsa", "batch_size": 9},
    "a backend with shots": {"backend": get_backend("numpy", shots=20, seed=3), "max_iter": 4},
    "a random state": {"random_state": np.random.RandomState(3), "batch_size": 9},
    "own loss": {"loss": "squared_error", "class_weight": "balanced"},
    "cirq": {"backend": "cirq", "max_iter": 4},
    "lbfgs": {"optimizer": "lbfgs"},
    "lbfgs to its own end": {"optimizer": "lbfgs", "max_iter": 60, "tol": 1.0},
    "lbfgs with early stopping": {"optimizer": "lbfgs", "early_stopping": True},
    "cobyla": {"optimizer": "cobyla", "max_iter": 12},
    "cobyla with shots": {"optimizer": "cobyla", "max_iter": 9, "shots": 20},
    "nelder_mead": {"optimizer": "nelder_mead", "max_iter": 9},
    "an own optimizer": {"optimizer": shaking, "max_iter": 9},
    "noise": {"noise": "low", "n_layers": 1, "max_iter": 4, "n_qubits": 2},
}


def classifier(*callbacks, **settings):
    values = {"n_layers": 1, "max_iter": 6, "random_state": 0, "verbose": 0} | settings
    backend = values.get("backend")
    if not isinstance(backend, str | None):
        values["backend"] = pickle.loads(pickle.dumps(backend))  # as in a new process
    values["random_state"] = pickle.loads(pickle.dumps(values["random_state"]))
    return VariationalClassifier(callbacks=list(callbacks), **values)


class Killed(BaseException):
    """What ends a training as SIGKILL does: nobody is asked."""


def kill_at(iteration, step=None):
    def kill(state):
        if state.iteration == iteration or state.step == step:
            raise Killed

    return kill


def assert_same(again, whole):
    np.testing.assert_array_equal(again.model_.numbers, whole.model_.numbers)
    assert again.loss_curve_ == whole.loss_curve_
    assert again.validation_scores_ == whole.validation_scores_
    names = ("n_iter_", "n_steps_", "n_circuit_evaluations_", "stop_reason_", "prior_loss_")
    assert [getattr(again, n) for n in names] == [getattr(whole, n) for n in names]
    state, expected = again._history.state, whole._history.state
    assert (state.step, state.start) == (expected.step, expected.start)
    assert set(state.arrays) == set(expected.arrays)
    for name, array in expected.arrays.items():
        np.testing.assert_array_equal(state.arrays[name], array)


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("last", [1, 3])
def test_a_killed_training_goes_on_to_the_last_bit(settings, last, tmp_path):
    whole = classifier(**settings).fit(X, y)
    path = tmp_path / "c.qmlplay"
    with pytest.raises(Killed):
        classifier(Checkpoint(path, every=1), kill_at(last), **settings).fit(X, y)
    steps = []
    again = classifier(
        Checkpoint(path, every=1), lambda state: steps.append(state.iteration), **settings
    ).fit(X, y)
    assert_same(again, whole)
    if "batch_size" not in settings:
        assert steps[0] == last + 1  # the iterations before are not made again


def test_a_kill_in_the_middle_of_an_iteration(tmp_path):
    whole = classifier(batch_size=7).fit(X, y)
    path = tmp_path / "c.qmlplay"
    with pytest.raises(Killed):
        classifier(Checkpoint(path, every=1), kill_at(None, 15), batch_size=7).fit(X, y)
    assert_same(classifier(Checkpoint(path, every=1), batch_size=7).fit(X, y), whole)


def test_a_training_that_is_killed_after_every_iteration(tmp_path):
    whole = classifier(batch_size=7, early_stopping=True).fit(X, y)
    checkpoint = Checkpoint(tmp_path / "c.qmlplay", every=1)
    for iteration in range(1, 7):
        with pytest.raises(Killed):
            classifier(checkpoint, kill_at(iteration), batch_size=7, early_stopping=True).fit(X, y)
    assert_same(classifier(checkpoint, batch_size=7, early_stopping=True).fit(X, y), whole)


def test_a_regression_goes_on(tmp_path):
    def regressor(*callbacks):
        return VariationalRegressor(
            n_layers=1, max_iter=5, batch_size=9, random_state=0, callbacks=list(callbacks)
        )

    targets = np.column_stack([X[:, 0] ** 2, X[:, 1]])
    checkpoint = Checkpoint(tmp_path / "c.qmlplay", every=2)
    whole = regressor().fit(X, targets)
    with pytest.raises(Killed):
        regressor(checkpoint, kill_at(5)).fit(X, targets)
    assert_same(regressor(checkpoint).fit(X, targets), whole)


def test_a_warm_start_goes_on(tmp_path):
    def twice(*callbacks):
        model = classifier(warm_start=True, batch_size=9).fit(X, y)
        return model.set_params(callbacks=list(callbacks), max_iter=4).fit(X, y)

    checkpoint = Checkpoint(tmp_path / "c.qmlplay", every=1)
    with pytest.raises(Killed):
        twice(checkpoint, kill_at(2))
    assert_same(twice(checkpoint), twice())


@pytest.mark.parametrize(
    ("end", "reason"),
    [({"tol": 1.0, "n_iter_no_change": 2, "alpha": 0.0}, "n_iter_no_change"), ({}, "max_iter")],
)
def test_a_training_at_its_end_is_given_back(end, reason, tmp_path):
    checkpoint = Checkpoint(tmp_path / "c.qmlplay")
    steps = []
    first = classifier(checkpoint, **end).fit(X, y)
    again = classifier(checkpoint, steps.append, **end).fit(X, y)
    assert first.stop_reason_ == reason
    assert not steps
    assert_same(again, first)


def test_what_a_kill_leaves_after_the_last_iteration(tmp_path):
    """The last file but one: all iterations are in it, and nobody has said that it is the end."""
    whole = classifier().fit(X, y)
    checkpoint = Checkpoint(tmp_path / "c.qmlplay", every=1)
    with pytest.raises(Killed):
        classifier(checkpoint, kill_at(6)).fit(X, y)
    assert_same(classifier(checkpoint).fit(X, y), whole)


def press_ctrl_c(state):
    if state.step == 9:
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    "last", [{"callbacks": [press_ctrl_c]}, {"callbacks": [lambda s: s.step == 9]}]
)
def test_what_was_ended_from_outside_goes_on(last, tmp_path):
    whole = classifier(batch_size=7).fit(X, y)
    checkpoint = Checkpoint(tmp_path / "c.qmlplay", every=3)
    first = classifier(checkpoint, *last["callbacks"], batch_size=7).fit(X, y)
    assert first.n_steps_ == 9
    with pytest.warns(ModelFileWarning, match="callbacks"):  # the other one
        kept = load_model(tmp_path / "c.qmlplay")  # is what training ended with
    np.testing.assert_array_equal(kept.model_.numbers, first.model_.numbers)
    assert_same(classifier(checkpoint, batch_size=7).fit(X, y), whole)


def test_the_seconds_before_count(tmp_path, monkeypatch):
    checkpoint = Checkpoint(tmp_path / "c.qmlplay", every=1)
    seconds = [0.0]
    monkeypatch.setattr("qmlplay.training.monitor.perf_counter", lambda: seconds[0])

    def wait(state):
        seconds[0] += 10

    whole = classifier(wait, max_time=35).fit(X, y)
    assert (whole.n_iter_, whole.stop_reason_) == (5, "max_time")
    with pytest.raises(Killed):
        classifier(wait, checkpoint, kill_at(3), max_time=35).fit(X, y)
    seconds[0] = 1e6  # the time between them does not count
    assert classifier(wait, checkpoint, max_time=35).fit(X, y).n_iter_ == 5
    more = classifier(wait, checkpoint, max_time=1e9).fit(X, y)  # may change: more time
    assert_same(more, classifier().fit(X, y))


def test_the_file_is_a_model_file(tmp_path):
    path = tmp_path / "c.qmlplay"
    model = classifier(Checkpoint(path)).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = load_model(path)
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    again.save(tmp_path / "model.qmlplay")
    assert "checkpoint" not in read_archive(tmp_path / "model.qmlplay")[0]
    assert sorted(os.listdir(tmp_path)) == ["c.qmlplay", "model.qmlplay"]


@pytest.mark.parametrize(("every", "iterations"), [(1, 4), (2, 3), (3, 2), (100, 2)])
def test_files_are_written_every_so_many_iterations(every, iterations, tmp_path, monkeypatch):
    written = []
    from qmlplay.classifier import checkpoint as module

    real = module.write_checkpoint

    def note(file, estimator, saved):
        written.append(len(saved.snapshot.losses))
        real(file, estimator, saved)

    monkeypatch.setattr(module, "write_checkpoint", note)
    classifier(Checkpoint(tmp_path / "c", every=every), max_iter=3).fit(X, y)
    assert len(written) == iterations
    assert written[0] == 1  # a place that cannot be written is found out at once
    assert written[-1] == 3


DIFFERENCES = {
    "data": ({}, (X + 1e-9, y), "the training data are others"),
    "labels": ({}, (X, 1 - y), "the training data are others"),
    "fewer rows": ({}, (X[:-1], y[:-1]), "the training data are others"),
    "n_layers": ({"n_layers": 2}, (X, y), "n_layers was 1 and is 2"),
    "max_iter": ({"max_iter": 7}, (X, y), "max_iter was 6 and is 7"),
    "random_state": ({"random_state": 1}, (X, y), "random_state was 0 and is 1"),
    "two": ({"tol": 0.1, "alpha": 0.0}, (X, y), "alpha was 'auto' and is 0.0; tol was 0.0001"),
    "function": ({"learning_rate_init": falling}, (X, y), "learning_rate_init was 0.1 and is"),
    "backend": (
        {"backend": get_backend("cirq")},
        (X, y),
        "backend was 'numpy' and is .*Cirq",
    ),
}


@pytest.mark.parametrize(("settings", "data", "words"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_the_checkpoint_of_another_training_is_left_alone(settings, data, words, tmp_path):
    path = tmp_path / "c.qmlplay"
    classifier(Checkpoint(path), lambda state: state.iteration == 2).fit(X, y)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=words) as caught:
        classifier(Checkpoint(path), **settings).fit(*data)
    assert "another training" in str(caught.value)
    assert "Checkpoint('folder/')" in str(caught.value)
    assert path.read_bytes() == before


def test_sample_weights_belong_to_the_data(tmp_path):
    path = tmp_path / "c.qmlplay"
    classifier(Checkpoint(path)).fit(X, y)
    with pytest.raises(ValueError, match="the training data are others"):
        classifier(Checkpoint(path)).fit(X, y, sample_weight=np.linspace(1, 2, len(y)))


def test_an_earlier_fit_belongs_to_a_warm_start(tmp_path):
    path = tmp_path / "c.qmlplay"
    classifier(Checkpoint(path), warm_start=True).fit(X, y)
    model = classifier(warm_start=True).fit(X, y).set_params(callbacks=[Checkpoint(path)])
    with pytest.raises(ValueError, match="it starts from other weights"):
        model.fit(X, y)


def test_files_that_are_no_checkpoints_are_left_alone(tmp_path):
    classifier().fit(X, y).save(tmp_path / "model.qmlplay")
    classifier(Checkpoint(tmp_path / "c.qmlplay")).fit(X, y)
    whole = (tmp_path / "c.qmlplay").read_bytes()
    (tmp_path / "half").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "text").write_text("my diary")
    for name in ("model.qmlplay", "half", "empty", "text"):
        before = (tmp_path / name).read_bytes()
        with pytest.raises(ValueError, match=f"{name} is .*give Checkpoint another file"):
            classifier(Checkpoint(tmp_path / name)).fit(X, y)
        assert (tmp_path / name).read_bytes() == before


DAMAGES = {
    "parameters": [],
    "data": 5,
    "stop_reason": 1,
    "snapshot": None,
}


@pytest.mark.parametrize("name", [*DAMAGES, "waited", "circuits", "losses", "best", "generator"])
def test_a_damaged_checkpoint_is_refused(name, tmp_path):
    path = tmp_path / "c.qmlplay"
    classifier(Checkpoint(path), kill_at(99)).fit(X, y)
    content, arrays = read_archive(path)
    checkpoint = content["checkpoint"]
    if name in DAMAGES:
        checkpoint[name] = DAMAGES[name]
    elif name == "losses":
        arrays["snapshot_losses"] = np.zeros((2, 2))
    elif name == "best":
        arrays["snapshot_best"] = np.array(np.nan)
    else:
        checkpoint["snapshot"][name] = "much"
    write_archive(path, content, arrays)
    with pytest.raises(ValueError, match="damaged checkpoint"):
        classifier(Checkpoint(path)).fit(X, y)


def test_a_folder_has_a_file_for_every_training(tmp_path):
    def search(*callbacks):
        grid = {"alpha": [0.0, 0.1]}
        return GridSearchCV(classifier(*callbacks, max_iter=3), grid, cv=2)

    whole = search().fit(X, y)
    checkpoint = Checkpoint(f"{tmp_path}/all/", every=1)
    fits = []

    def kill(state):
        fits.append(state)
        if len(fits) == 8:  # in the third of five fits
            raise Killed

    with pytest.raises(Killed):
        search(checkpoint, kill).fit(X, y)
    assert len(os.listdir(tmp_path / "all")) == 3
    steps = []
    again = search(checkpoint, steps.append).fit(X, y)
    assert len(steps) == 15 - 8
    assert len(os.listdir(tmp_path / "all")) == 5
    scores = "mean_test_score"
    np.testing.assert_array_equal(again.cv_results_[scores], whole.cv_results_[scores])
    assert_same(again.best_estimator_, whole.best_estimator_)


REFUSED = {
    "no random state": ({"random_state": None}, "random_state=0"),
}


@pytest.mark.parametrize(("settings", "words"), REFUSED.values(), ids=REFUSED)
def test_what_could_not_go_on_is_refused_at_once(settings, words, tmp_path):
    with pytest.raises(ValueError, match=words):
        classifier(Checkpoint(tmp_path / "c"), **settings).fit(X, y)
    assert not os.listdir(tmp_path)


def test_partial_fit_and_two_checkpoints_are_refused(tmp_path):
    checkpoint = Checkpoint(tmp_path / "c")
    with pytest.raises(ValueError, match="Checkpoint is for fit"):
        classifier(checkpoint).partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match="2 Checkpoint objects"):
        classifier(checkpoint, checkpoint).fit(X, y)


@pytest.mark.parametrize(
    ("options", "error"),
    [({"every": 0}, ValueError), ({"every": 1.5}, TypeError), ({"every_seconds": -1}, ValueError)],
)
def test_wrong_options(options, error):
    with pytest.raises(error, match=next(iter(options))):
        Checkpoint("c", **options)


def test_a_place_that_cannot_be_written_is_found_out_at_once(tmp_path):
    model = classifier(Checkpoint(tmp_path / "no" / "c.qmlplay"))
    with pytest.raises(OSError, match="folder that exists"):
        model.fit(X, y)


def test_a_disk_that_gets_full_does_not_cost_the_training(tmp_path, monkeypatch):
    checkpoint = Checkpoint(tmp_path / "c.qmlplay", every=1)

    def fill(state):
        if state.iteration == 3:

            def fail(*_):
                raise OSError(28, "No space left on device")

            monkeypatch.setattr("qmlplay.model.archive.os.fsync", fail)

    with pytest.warns(UserWarning, match="not kept, and training goes on.*No space") as caught:
        model = classifier(checkpoint, fill).fit(X, y)
    assert len(caught) == 1
    assert model.n_iter_ == 6
    monkeypatch.undo()
    assert_same(classifier(checkpoint).fit(X, y), classifier().fit(X, y))  # from iteration 3


def test_two_trainings_on_one_file_are_noticed(tmp_path):
    path = tmp_path / "c.qmlplay"

    def write(state):
        if state.iteration == 2:
            path.write_text("somebody else")

    with pytest.warns(UserWarning, match="written by somebody else"):
        classifier(Checkpoint(path, every=1), write).fit(X, y)
    assert path.read_text() == "somebody else"


def test_clones_and_copies():
    checkpoint = Checkpoint("c.qmlplay", every=2)
    assert clone(classifier(checkpoint)).callbacks[0] is checkpoint
    again = pickle.loads(pickle.dumps(checkpoint))
    assert repr(again) == repr(checkpoint) == "Checkpoint('c.qmlplay', every=2)"


def test_a_fitted_estimator_can_be_pickled(tmp_path):
    model = classifier(Checkpoint(tmp_path / "c.qmlplay")).fit(X, y)
    assert_same(pickle.loads(pickle.dumps(model)), model)


SCRIPT = """
    import sys, time
    from qmlplay import VariationalClassifier, load_dataset
    from qmlplay.callbacks import Checkpoint

    def slowly(state):
        time.sleep(0.01)

    data = load_dataset("moons", n_samples=40, random_state=0)
    model = VariationalClassifier(
        n_layers=1, max_iter=20, batch_size=7, early_stopping=True, n_iter_no_change=None,
        random_state=0, verbose=0, callbacks=[Checkpoint(sys.argv[1], every=1), slowly])
    model.fit(data.X, data.y)
    print(model.loss_curve_, model.validation_scores_, model.model_.numbers.tolist())
"""


@pytest.mark.slow
def test_sigkill_at_any_time(tmp_path):
    """The process is killed twice, wherever it is, and a third one comes to the end."""
    script = tmp_path / "train.py"
    script.write_text(textwrap.dedent(SCRIPT))
    folder = tmp_path / "files"
    folder.mkdir()
    path = folder / "c.qmlplay"
    command = [sys.executable, str(script), str(path)]
    for wait in (0.0, 0.31):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        before = path.stat().st_mtime_ns if path.exists() else 0
        while not (path.exists() and path.stat().st_mtime_ns > before):
            assert process.poll() is None
            time.sleep(0.002)
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
        read_archive(path)  # whole
    again = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    whole = subprocess.run(
        [*command[:2], str(tmp_path / "other.qmlplay")], capture_output=True, text=True, check=True
    ).stdout
    assert again == whole


def test_a_replay_asks_for_no_circuit_again(tmp_path, monkeypatch):
    checkpoint = Checkpoint(tmp_path / "c", every=1)
    settings = {"optimizer": "lbfgs", "max_iter": 8}
    with pytest.raises(Killed):
        classifier(checkpoint, kill_at(5), **settings).fit(X, y)
    asked = []
    real = TrainingProblem.loss_and_gradient
    monkeypatch.setattr(
        TrainingProblem,
        "loss_and_gradient",
        lambda self, w, rows=None: asked.append(w) or real(self, w, rows),
    )
    again = classifier(checkpoint, **settings).fit(X, y)
    n_after = len(asked)
    assert_same(again, classifier(**settings).fit(X, y))
    assert n_after < len(asked) - n_after - 4


def test_an_optimizer_with_random_numbers_of_its_own(tmp_path):
    def shakes(problem, w, settings, report):
        for _ in range(settings.max_iter):
            w = w + np.random.default_rng().normal(size=len(w))
            report(w, problem.loss(w))

    checkpoint = Checkpoint(tmp_path / "c", every=1)
    with pytest.raises(Killed):
        classifier(checkpoint, kill_at(3), optimizer=shakes).fit(X, y)
    before = (tmp_path / "c").read_bytes()
    with pytest.raises(ValueError, match=r"asks for other weights.*settings\.generator"):
        classifier(checkpoint, optimizer=shakes).fit(X, y)
    assert (tmp_path / "c").read_bytes() == before
