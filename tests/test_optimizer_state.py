"""What optimisers remember, in files: training goes on as if it had never been interrupted."""

import json

import numpy as np
import pytest

from qmlplay import VariationalClassifier, load_dataset, load_model
from qmlplay.model.archive import read_archive, write_archive
from qmlplay.training.optimizer_state import OptimizerState, state_from_arrays, state_to_arrays
from qmlplay.training.optimizers import OPTIMIZERS

MOONS = load_dataset("moons", n_samples=30, random_state=0)
X, y = MOONS.X, MOONS.y
RESUMABLE = [name for name, optimizer in OPTIMIZERS.items() if optimizer.resumable]


def classifier(**parameters):
    settings = {"max_iter": 4, "n_layers": 1, "random_state": 0}
    return VariationalClassifier(**(settings | parameters))


@pytest.mark.parametrize("name", RESUMABLE)
@pytest.mark.parametrize("options", [{}, {"batch_size": 8}, {"shots": 20}])
@pytest.mark.parametrize("begin", ["fit", "partial_fit", "warm start"])
def test_save_and_load_change_nothing_of_what_comes(name, options, begin, tmp_path):
    model = classifier(optimizer=name, **options)
    if begin == "partial_fit":
        model.partial_fit(X, y, classes=[0, 1]).partial_fit(X, y)
    else:
        model.fit(X, y)
    if begin == "warm start":
        model.set_params(warm_start=True, max_iter=2).fit(X, y)
    for _ in range(3):
        model.save(tmp_path / "m")
        again = load_model(tmp_path / "m")
        model.partial_fit(X, y)
        again.partial_fit(X, y)
        np.testing.assert_array_equal(again.weights_, model.weights_)
        np.testing.assert_array_equal(again.readout_.numbers, model.readout_.numbers)
        assert again.loss_curve_ == model.loss_curve_


def test_without_the_state_it_would_not_go_on_so(tmp_path):
    model = classifier().fit(X, y)
    model.save(tmp_path / "m")
    content, arrays = read_archive(tmp_path / "m")
    assert {"optimizer_first", "optimizer_second"} < set(arrays)
    assert content["optimizer_steps"] == {"step": 4, "start": 0}
    del content["optimizer_steps"]  # as in files of earlier versions
    write_archive(tmp_path / "old", content, arrays)
    old = load_model(tmp_path / "old")
    assert (old._history.state.step, old._history.state.arrays) == (0, {})
    old.partial_fit(X, y)
    model.partial_fit(X, y)
    assert np.abs(old.weights_ - model.weights_).max() > 1e-3


def test_only_what_a_reader_takes_is_written():
    for array in ([np.nan], [np.inf], ["a"], [1j], [[1.0, 2.0]]):
        state = OptimizerState(5, 1, {"last": np.array(array)})
        assert state_to_arrays(state, 1) == ({"step": 5, "start": 5}, {})
    for key in ("a/b", "", 1):
        assert state_to_arrays(OptimizerState(2, 0, {key: np.zeros(1)}), 1)[1] == {}
    state = OptimizerState(5, 1, {"one": np.array(2), "many": np.ones((3, 2), dtype=np.float32)})
    again = state_from_arrays(*state_to_arrays(state, 2), 2)
    assert (again.step, again.start, set(again.arrays)) == (5, 1, {"one", "many"})
    assert again.arrays["many"].dtype == np.float32


HOSTILE = {
    "steps that are a list": {"optimizer_steps": [1, 2]},
    "steps that are text": {"optimizer_steps": "step"},
    "no start": {"optimizer_steps": {"step": 1}},
    "a negative step": {"optimizer_steps": {"step": -1, "start": -1}},
    "a start to come": {"optimizer_steps": {"step": 1, "start": 2}},
    "half a step": {"optimizer_steps": {"step": 1.5, "start": 0}},
    "true steps": {"optimizer_steps": {"step": True, "start": False}},
    "endless steps": {"optimizer_steps": {"step": 10**400, "start": 0}},
    "averages of too few": {"optimizer_first": np.zeros(3)},
    "averages of none": {"optimizer_first": np.zeros(0)},
    "averages of text": {"optimizer_first": np.array(["a"] * 10)},
    "complex averages": {"optimizer_first": np.zeros(10, dtype=complex)},
    "averages that are not finite": {"optimizer_second": np.full(10, np.nan)},
}


@pytest.mark.parametrize("changes", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_state_that_does_not_fit_is_refused(changes, tmp_path):
    model = classifier().fit(X, y)
    assert model.n_parameters_ == 10
    model.save(tmp_path / "m")
    content, arrays = read_archive(tmp_path / "m")
    content = json.loads(json.dumps(content))
    for name, value in changes.items():
        (content if name in content else arrays)[name] = value
    write_archive(tmp_path / "broken", content, arrays)
    with pytest.raises(ValueError, match="is no model file of qmlplay"):
        load_model(tmp_path / "broken")


@pytest.mark.parametrize(("first", "then"), [("adam", "sgd"), ("sgd", "spsa"), ("spsa", "adam")])
def test_another_optimiser_begins_anew(first, then):
    model = classifier(optimizer=first, max_iter=2).fit(X, y)
    model.set_params(optimizer=then).partial_fit(X, y)
    assert (model._history.state.step, model._history.state.start) in ((3, 2), (3, 0))
    assert np.isfinite(model.weights_).all()


def test_ctrl_c_keeps_the_state_of_the_last_step():
    def press_ctrl_c(state):
        if state.step == 3:
            raise KeyboardInterrupt

    model = classifier(callbacks=[press_ctrl_c], max_iter=9).fit(X, y)
    assert model.interrupted_
    assert model._history.state.step == 3
