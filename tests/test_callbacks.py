"""Callbacks of fit: what ends training, what clones do to them, and the calls around a fit."""

from __future__ import annotations

import io
import pickle
from threading import Lock

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from qmlplay import VariationalClassifier, VariationalRegressor, compare, load_dataset
from qmlplay.callbacks import Callback
from qmlplay.plots import FrameRecorder, HistoryRecorder

DATA = load_dataset("moons", n_samples=24, random_state=0)
X, y = DATA.X, DATA.y


class Calls(Callback):
    """Notes what it is told; the lock makes a deep copy fail."""

    def __init__(self):
        self.names, self.steps, self.errors, self.lock = [], 0, [], Lock()

    def on_fit_begin(self, estimator):
        estimator.predict(X)  # it is usable
        self.names.append("begin")

    def __call__(self, state):
        self.steps += 1
        if self.names[-1] != "step":
            self.names.append("step")

    def on_fit_end(self, estimator):
        estimator.predict(X)
        self.names.append("end")

    def on_fit_error(self, estimator, error):
        self.names.append("error")
        self.errors.append(error)


def classifier(*callbacks, **settings):
    values = {"n_layers": 1, "max_iter": 3, "random_state": 0} | settings
    return VariationalClassifier(callbacks=list(callbacks), **values)


ANSWERS = {
    "number of characters": lambda state: io.StringIO().write("loss"),
    "one": lambda state: 1,
    "text": lambda state: "go on",
    "list": lambda state: [True],
    "number": lambda state: np.float64(1.0),
    "array": lambda state: np.ones(2),
    "one truth in an array": lambda state: np.array([True]),
    "object": lambda state: state,
    "function": lambda state: print,
    "print": lambda state: print(end=""),
    "False": lambda state: False,
    "NumPy's False": lambda state: np.False_,
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_only_true_ends_training(answer):
    assert classifier(answer).fit(X, y).n_iter_ == 3


@pytest.mark.parametrize("answer", [True, np.True_, np.bool_(True)])
def test_true_ends_training(answer):
    model = classifier(lambda state: answer).fit(X, y)
    assert (model.n_iter_, model.stop_reason_) == (1, "callbacks")


def test_an_answer_that_has_no_truth_value_is_no_error():
    import pandas as pd

    assert classifier(lambda state: pd.DataFrame({"loss": [1]})).fit(X, y).n_iter_ == 3


def test_common_functions_as_callbacks(tmp_path):
    from tqdm import tqdm

    kept = {}
    with open(tmp_path / "losses", "w") as file, tqdm(total=3, file=io.StringIO()) as bar:
        model = classifier(
            lambda state: file.write(f"{state.loss}\n"),
            lambda state: bar.update(),
            lambda state: kept.setdefault(state.step, state.loss),
            lambda state: kept.update(last=state.step),
        ).fit(X, y)
        assert bar.n == 3
    assert model.n_iter_ == 3
    assert [float(line) for line in (tmp_path / "losses").read_text().split()] == list(
        model.loss_curve_
    )


def test_calls_around_a_fit():
    calls = Calls()
    classifier(calls).fit(X, y)
    assert calls.names == ["begin", "step", "end"]
    assert calls.steps == 3


def test_calls_around_a_regression_and_a_partial_fit():
    calls = Calls()
    VariationalRegressor(n_layers=1, max_iter=2, callbacks=[calls]).fit(X, X[:, 0])
    classifier(calls).partial_fit(X, y, classes=[0, 1])
    assert calls.names == ["begin", "step", "end"] * 2


def ctrl_c(state):
    if state.step == 2:
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"callbacks": [ctrl_c]}, "interrupted"),
        ({"callbacks": [lambda state: True]}, "callbacks"),
        ({"max_time": 1e-9}, "max_time"),
        ({"tol": 10.0, "n_iter_no_change": 1, "max_iter": 9}, "n_iter_no_change"),
        ({"optimizer": "lbfgs"}, None),
        ({"optimizer": "cobyla", "max_iter": 6}, None),
        ({"optimizer": "spsa"}, "max_iter"),
    ],
)
def test_the_end_is_told_however_it_comes(settings, reason):
    settings = dict(settings)
    calls = Calls()
    model = classifier(calls, *settings.pop("callbacks", ()), **settings)
    model.fit(X, y)
    assert calls.names == ["begin", "step", "end"]
    assert reason in (None, model.stop_reason_)


def run_away(step):
    return 0.1 if step < 2 else 1e200


def test_the_end_is_told_where_training_ran_away_after_good_steps():
    calls = Calls()
    model = classifier(calls, learning_rate_init=run_away)
    with pytest.raises(FloatingPointError):
        model.fit(X, y)
    assert calls.names == ["begin", "step", "end"]
    assert model.n_iter_ == 2


def test_an_error_is_told_where_nothing_is_kept():
    calls = Calls()
    model = classifier(calls).fit(X, y)
    weights = model.weights_
    model.set_params(learning_rate_init=run_away)
    with pytest.raises(FloatingPointError) as caught:
        model.fit(X, y)
    assert calls.names == ["begin", "step", "end", "begin", "step", "error"]
    assert calls.errors == [caught.value]
    assert np.array_equal(model.weights_, weights)


def test_an_error_of_another_callback_is_told():
    def fail(state):
        raise ZeroDivisionError("mine")

    calls = Calls()
    with pytest.raises(ZeroDivisionError, match="mine"):
        classifier(calls, fail).fit(X, y)
    assert calls.names == ["begin", "step", "error"]


def test_nothing_is_told_of_a_fit_that_did_not_begin():
    calls = Calls()
    with pytest.raises(ValueError, match="n_layers"):
        classifier(calls, n_layers=0).fit(X, y)
    assert not calls.names


def test_an_error_at_the_end_leaves_the_estimator_trained():
    class Fails(Callback):
        def on_fit_end(self, estimator):
            raise OSError("the server is down")

    model = classifier(Fails())
    with pytest.raises(OSError, match="server is down"):
        model.fit(X, y)
    assert model.n_iter_ == 3
    assert model.predict(X).shape == y.shape


SEARCHES = {
    "clone": (lambda model: clone(clone(model)).fit(X, y), 1),
    "cross_val_score": (lambda model: cross_val_score(model, X, y, cv=2), 2),
    "pipeline": (
        lambda model: cross_val_score(make_pipeline(StandardScaler(), model), X, y, cv=2),
        2,
    ),
    "grid search": (lambda model: GridSearchCV(model, {"alpha": [0.0, 0.1]}, cv=2).fit(X, y), 5),
    "compare": (lambda model: compare(X, y, models={"mine": model}, seeds=2), 2),
    "compare's quantum models": (
        lambda model: compare(X, y, models=["numpy"], classifier=model, seeds=2),
        2,
    ),
}


@pytest.mark.parametrize(("use", "n_fits"), SEARCHES.values(), ids=SEARCHES)
def test_clones_share_a_callback(use, n_fits):
    calls = Calls()
    use(classifier(calls))
    assert calls.names == ["begin", "step", "end"] * n_fits


def test_clones_share_recorders():
    frames, history = FrameRecorder(X, resolution=4), HistoryRecorder(X, y)
    model = clone(classifier(frames, history)).fit(X, y)
    assert len(frames.frames) == len(history.losses) == model.n_iter_ == 3
    first = frames.frames
    other = clone(model).set_params(random_state=1, max_iter=2).fit(X, y)  # the last fit counts
    assert history.losses == list(other.loss_curve_)
    assert [frame.iteration for frame in frames.frames] == [1, 2]
    assert len(first) == 3


class Locked:
    def __init__(self):
        self.lock, self.seen = Lock(), 0

    def __call__(self, state):
        self.seen += 1

    def method(self, state):
        self.seen += 1


@pytest.mark.parametrize("callback", [Locked(), Locked().method])
def test_a_callback_that_cannot_be_copied_is_named(callback):
    model = classifier(print, callback)
    with pytest.raises(TypeError, match=r"callbacks\[1\] cannot be copied.*callbacks.Callback"):
        clone(model)
    shared = classifier(lambda state: callback(state))  # noqa: PLW0108 - functions are shared
    assert clone(shared).fit(X, y).n_iter_ == 3


def test_objects_of_other_classes_are_copied():
    class Counts:
        seen = 0

        def __call__(self, state):
            self.seen += 1

    counts = Counts()
    clone(classifier(counts)).fit(X, y)
    assert counts.seen == 0


def test_a_class_in_place_of_an_object():
    with pytest.raises(TypeError, match=r"callbacks\[0\] is the class Calls.*Calls\(\.\.\.\)"):
        classifier(Calls).fit(X, y)


def test_pickle_keeps_what_it_can():
    model = classifier(Callback(), print).fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    assert isinstance(again.callbacks[0], Callback)
    assert again.callbacks[1] is print


def test_n_jobs_takes_functions_without_a_name():
    scores = cross_val_score(classifier(lambda state: None), X, y, cv=2, n_jobs=2)
    assert len(scores) == 2
