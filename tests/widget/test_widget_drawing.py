"""Data drawn by clicking: samples become a dataset, or training waits and the page says why."""

from __future__ import annotations

import contextlib
import io
from collections import Counter

import numpy as np
import pytest
from waiting import until

from qmlplay import playground
from qmlplay.palette import CLASS_COLORS
from qmlplay.widget.code.script import script
from qmlplay.widget.data.plane import make_plane
from qmlplay.widget.requests import answer
from qmlplay.widget.settings.configuration import Configuration
from qmlplay.widget.settings.configuration_strings import from_string, to_string
from qmlplay.widget.settings.drawn_points import lacking

RING = tuple(
    (int(r > 50), round(r * np.cos(a)), round(r * np.sin(a)))
    for r in (30, 80)
    for a in np.linspace(0, 6, 12)
)


def drawn(*points, **others):
    return Configuration(dataset="drawn", data_noise=0.0, points=points, **others)


@pytest.fixture
def widget():
    opened = playground()
    yield opened
    opened.close()
    opened.session.join(20)


def ask(widget, action, **content):
    """Ask for something as the page does, and return the message that it then shows."""
    answer(widget, {"action": action, **content}, ())
    return widget.message.get("text", "")


def draw(widget, *samples):
    for label, x, y in samples:
        ask(widget, "draw", label=label, x=x, y=y)


FOUR = [(0, -0.5, 0.5), (0, -0.4, 0.4), (1, 0.5, -0.5), (1, 0.4, -0.4)]


def test_training_waits_until_there_is_enough_and_begins_then(widget):
    ask(widget, "change", name="dataset", value="drawn")
    assert widget.run["state"] == "waiting"
    assert "so far none. Training waits." in widget.plane["lacks"]
    assert widget.message == {}  # the bar would push the plane away under the pointer
    assert widget.plane["extent"] == [-1.08, 1.08, -1.08, 1.08]
    draw(widget, *FOUR[:3])
    assert "so far A 2, B 1. Training waits." in widget.plane["lacks"]
    assert widget.plane["train"]["X"] == [[-0.5, 0.5], [-0.4, 0.4], [0.5, -0.5]]
    assert widget.plane["test"]["X"] == []
    for action in ("play", "step"):
        assert "Training waits" in ask(widget, action)
        assert widget.run["state"] == "waiting"
        assert widget.run["step"] == 0
    draw(widget, FOUR[3])
    assert widget.message == {}
    assert widget.plane["lacks"] == ""
    assert [len(widget.plane[part]["X"]) for part in ("train", "test")] == [2, 2]
    ask(widget, "step")
    until(lambda: widget.run["step"] == 1)
    until(lambda: widget.model_frame.get("step") == 1)


@pytest.mark.slow
def test_one_class_left_after_erasing(widget):
    widget.change(dataset="drawn", points=[(0, -50, 50), (0, -40, 40), (1, 50, -50), (1, 40, -40)])
    ask(widget, "play")
    until(lambda: widget.run["step"] >= 2)
    assert ask(widget, "erase", x=0.52, y=-0.53) == ""
    assert "B 1. Training waits" in widget.plane["lacks"]
    ask(widget, "erase", x=0.4, y=-0.4)
    assert "so far A 2. Training waits" in widget.plane["lacks"]
    assert widget.run["state"] == "waiting"
    assert widget.model_frame == {}
    assert widget.plane["train"]["X"] == [[-0.5, 0.5], [-0.4, 0.4]]
    assert widget.script.startswith("# Draw at least two samples")
    assert from_string(widget.share)[0] == drawn((0, -50, 50), (0, -40, 40))
    ask(widget, "erase", last=True)
    assert widget.plane["lacks"].endswith("so far A 2, B 1. Training waits.")
    ask(widget, "erase", last=True)
    assert widget.plane["lacks"] == ""
    assert widget.configuration.points[2:] == ((1, 50, -50), (1, 40, -40))
    assert widget.run["state"] == "ready"


@pytest.mark.slow
def test_clear_undo_and_another_dataset_in_between(widget):
    ask(widget, "change", name="dataset", value="drawn")
    assert "nothing drawn that could be taken back" in ask(widget, "erase", last=True)
    draw(widget, *FOUR)
    ask(widget, "erase", all=True)
    assert widget.configuration.points == ()
    ask(widget, "erase", last=True)
    assert len(widget.configuration.points) == 4
    ask(widget, "change", name="dataset", value="circles")
    assert widget.configuration == Configuration.for_dataset("circles")
    assert "choose the dataset" in ask(widget, "draw", label=0, x=0.0, y=0.0)
    assert "nothing drawn" in ask(widget, "erase", last=True)
    ask(widget, "change", name="dataset", value="drawn")
    assert len(widget.configuration.points) == 4
    ask(widget, "erase", last=True)
    assert len(widget.configuration.points) == 3


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"label": 0, "x": 1.2, "y": 0}, "outside the plane"),
        ({"label": 0, "x": 0, "y": float("nan")}, "outside the plane"),
        ({"label": 0, "x": float("inf"), "y": 0}, "outside the plane"),
        ({"label": 0, "x": None, "y": 0}, "outside the plane"),
        ({"label": 0, "x": "0", "y": 0}, "outside the plane"),
        ({"label": 0, "x": True, "y": 0}, "outside the plane"),
        ({"label": 4, "x": 0, "y": 0}, "from 0 to 3"),
        ({"label": -1, "x": 0, "y": 0}, "from 0 to 3"),
        ({"label": "A", "x": 0, "y": 0}, "from 0 to 3"),
        ({"label": 0, "x": 0}, "something unknown: 'y'"),
        ({}, "something unknown: 'label'"),
    ],
)
def test_a_click_that_draws_nothing(widget, content, reason):
    widget.change(dataset="drawn", points=[(0, 0, 0)])
    session = widget.session
    assert reason in ask(widget, "draw", **content)
    assert widget.session is session
    assert widget.configuration.points == ((0, 0, 0),)


def test_nothing_is_erased_far_from_every_sample(widget):
    widget.change(dataset="drawn", points=[(0, 0, 0), (1, 20, 0)])
    assert "no sample to erase" in ask(widget, "erase", x=0.5, y=0.5)
    ask(widget, "erase", x=0.12, y=0.0)
    assert widget.configuration.points == ((0, 0, 0),)


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        ("abc", "must be a list"),
        ([(0, 1)], "must be (class, x, y)"),
        ([(4, 0, 0)], "from 0 to 3"),
        ([(0, 101, 0)], "outside the plane"),
        ([(0, 1.5, 0)], "outside the plane"),
        ([(0, 0, 0)] * 301, "at most 300"),
        ([None], "must be (class, x, y)"),
        ({"a": 1}, "must be a list"),
    ],
)
def test_points_that_are_refused(points, reason):
    with pytest.raises(ValueError, match=reason.replace("(", r"\(").replace(")", r"\)")):
        Configuration(dataset="drawn", data_noise=0.0, points=points)


@pytest.mark.parametrize("index", [0, 2], ids=["tested", "trained"])
def test_sample_without_amplitudes_is_named_in_words_of_the_page(widget, index):
    """No state has the amplitudes (0, 0); without that sample training goes on."""
    points = [(0, -20, 30), (0, -50, 50), (0, -40, 40), (1, 50, -50), (1, 40, -40), (1, 30, -20)]
    points[index] = (0, 0, 0)
    widget.change(dataset="drawn", points=points)
    at_zero = [0.0, 0.0]
    assert at_zero in widget.plane["test" if index == 0 else "train"]["X"]
    ask(widget, "change", name="encoding", value="amplitude")
    ask(widget, "step")
    until(lambda: widget.run["state"] == "failed" and widget.message)
    text = widget.message["text"]
    assert text.startswith("A sample is zero in both features")
    assert "X[" not in text
    ask(widget, "erase", x=0, y=0)
    assert widget.message == {}
    ask(widget, "step")
    until(lambda: widget.run["step"] == 1)


def test_points_belong_to_drawn_data():
    with pytest.raises(ValueError, match="drawn points do not fit dataset='moons'"):
        Configuration(points=((0, 0, 0),))


def test_a_string_carries_them():
    configuration = drawn(*((k % 4, k % 100, -k % 100) for k in range(300)))
    assert from_string(to_string(configuration, 7)) == (configuration, 7)


def test_a_string_without_enough_of_them_opens_and_waits():
    opened = playground(configuration=to_string(drawn((0, 1, 1), (1, 2, 2)), 20))
    try:
        assert opened.run["state"] == "waiting"
        opened.restore(to_string(drawn((0, 1, 1)), 20))
        assert opened.run["state"] == "waiting"
        opened.restore(to_string(drawn(*RING), 2))
        until(lambda: opened.run["step"] == 2)
    finally:
        opened.close()
        opened.session.join(20)


@pytest.mark.parametrize("n_classes", [2, 3, 4])
@pytest.mark.parametrize("each", [2, 3, 5, 20])
@pytest.mark.parametrize("seed", [0, 1])
def test_every_class_is_in_both_parts(n_classes, each, seed):
    points = [(k, 10 * k + i, i) for k in range(n_classes) for i in range(each)]
    split = make_plane(drawn(*points, random_state=seed)).split
    for y in (split.y_train, split.y_test):
        assert len(np.unique(y)) == n_classes
    n_test = max(int(np.ceil(0.3 * n_classes * each - 1e-9)), n_classes)
    assert len(split.y_test) == n_test
    rows = Counter(map(tuple, np.concatenate([split.X_train, split.X_test]).tolist()))
    assert rows == Counter((x / 100, y / 100) for _, x, y in points)


def test_few_samples_of_one_class_among_many():
    plane = make_plane(drawn((1, 5, 5), (1, 6, 6), *((0, i, -i) for i in range(60))))
    assert (plane.split.y_train == "B").sum() == (plane.split.y_test == "B").sum() == 1


def test_a_class_keeps_its_colour_whichever_others_there_are(widget):
    points = [(k, 10 * k + i, 10 * i) for k in (1, 3) for i in range(3)]
    widget.change(dataset="drawn", points=points)
    assert widget.plane["class_names"] == ["B", "D"]
    assert widget.plane["colors"] == [CLASS_COLORS[1], CLASS_COLORS[3]]
    assert set(widget.plane["train"]["labels"]) == {0, 1}


@pytest.mark.parametrize("points", [RING, RING[9:15]])
def test_the_script_makes_the_same_run(points):
    configuration = drawn(*points, max_iter=30, n_layers=2)
    plane = make_plane(configuration)
    code = script(configuration, plane, steps=5)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, names := {})
    np.testing.assert_array_equal(names["X_train"], plane.split.X_train)
    np.testing.assert_array_equal(names["X_test"], plane.split.X_test)
    np.testing.assert_array_equal(names["y_train"], plane.split.y_train)
    assert "train accuracy" in printed.getvalue()
    assert max(map(len, code.splitlines())) <= 100


def test_what_is_lacking():
    assert lacking(()).endswith("so far none. Training waits.")
    assert lacking(((2, 0, 0), (2, 1, 1), (3, 2, 2))).endswith("C 2, D 1. Training waits.")
    assert lacking(((2, 0, 0), (2, 1, 1), (3, 2, 2), (3, 2, 2))) == ""
    assert "A 1" in lacking(((0, 9, 9), (2, 0, 0), (2, 1, 1), (3, 2, 2), (3, 2, 2)))


@pytest.mark.slow
def test_drawing_goes_on_while_it_trains(widget):
    widget.change(dataset="drawn", points=RING, max_iter=1000)
    widget.speed = 0
    ask(widget, "play")
    until(lambda: widget.run["step"] >= 3)
    ask(widget, "draw", label=0, x=0.0, y=0.0)
    assert widget.run["state"] == "playing"
    until(lambda: widget.run["step"] >= 3)
    assert len(widget.plane["train"]["X"]) + len(widget.plane["test"]["X"]) == len(RING) + 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [
        {"action": "weight", "index": 0, "value": 0.5},
        {"action": "freeze", "index": 0, "frozen": True},
        {"action": "gate", "index": 3},
        {"action": "inspect", "x": 0.1, "y": 0.2},
        {"action": "simulators"},
        {"action": "native", "framework": "qiskit"},
        {"action": "pause"},
        {"action": "reset"},
        {"action": "change", "name": "n_layers", "value": 2},
        {"action": "change", "name": "learning_rate_init", "value": 0.2},
        {"action": "change", "name": "baseline", "value": "mlp"},
        {"action": "cancel"},
        {"action": "speed", "value": 0},
        {"action": "experiment", "name": "layers"},
    ],
)
def test_whatever_is_asked_while_it_waits(widget, content):
    """It is done or refused with a reason; nothing trains, and nothing falls over."""
    widget.change(dataset="drawn", points=[(0, 0, 0), (0, 5, 5)])
    answer(widget, content, ())
    assert "unknown" not in widget.message.get("text", "")
    if content["action"] != "experiment":
        assert widget.run["state"] == "waiting"
        assert widget.run["step"] == 0
        assert widget.configuration.points == ((0, 0, 0), (0, 5, 5))
        draw(widget, *FOUR)
        ask(widget, "step")
        until(lambda: widget.run["step"] == 1)
