"""The widget: what the page asks for is done or refused with a reason, and nothing is left over."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from waiting import all_threads_end, until

from qmlplay import VariationalClassifier, playground
from qmlplay.circuit.picture import CircuitPicture
from qmlplay.classifier.start import prepared
from qmlplay.palette import CLASS_COLORS, GATE_COLORS
from qmlplay.widget import page
from qmlplay.widget.audience import Audience
from qmlplay.widget.code.native_code import NATIVE, native_code
from qmlplay.widget.requests import answer
from qmlplay.widget.settings.configuration import Configuration
from qmlplay.widget.settings.configuration_strings import from_string, to_string

FRAME = pd.DataFrame(
    {"kind": ["x", "y"] * 20, "b": [0.0, 3.0, 1.0, 2.0] * 10, "a": np.arange(40) * 7 % 40 / 3}
)


@pytest.fixture
def opened():
    """A maker of playgrounds that are closed after the test, whether it fails or not."""
    made = []

    def make(*data, **options):
        made.append(playground(*data, **options))
        return made[-1]

    yield make
    for widget in made:
        widget.close()
        widget.session.join(20)


@pytest.fixture
def widget(opened):
    return opened()


def ask(widget, action, buffers=(), **content):
    """Ask for something as the page does, and return the message that it then shows."""
    answer(widget, {"action": action, **content}, buffers)
    return widget.message.get("text", "")


def settled(widget):
    return widget.run["state"] in ("paused", "finished")


def test_play_pause_and_what_the_page_is_told(widget):
    assert widget.run["state"] == "ready"
    assert widget.model is None
    ask(widget, "play")
    assert widget.run["state"] == "playing"
    until(lambda: widget.run["step"] >= 3)
    ask(widget, "pause")
    until(lambda: settled(widget))
    step = widget.run["step"]
    assert len(widget.run["losses"]) == step == widget.model_frame["step"]
    assert len(widget.model_frame["probabilities"]) == widget.model_frame["resolution"] ** 2 * 2
    assert f"state.step == {step}" in widget.script
    assert from_string(widget.share) == (Configuration(), step)
    assert isinstance(widget.model, VariationalClassifier)
    split = widget.session.plane.split
    assert widget.model.score(split.X_test, split.y_test) == widget.model_frame["test"]


@pytest.mark.parametrize(
    "asked", [{"action": "change", "name": "n_layers", "value": 2}, {"action": "play"}]
)
def test_no_button_changes_its_meaning_on_the_way(widget, monkeypatch, asked):
    """Whoever presses "Pause" in that moment does not press "Play" by accident."""
    widget.change(max_iter=2)
    ask(widget, "play")
    if asked["action"] == "play":
        until(lambda: widget.run["state"] == "finished")
    else:
        monkeypatch.setattr(type(widget.session), "state", "playing")
    sent = []
    keep = widget.send_state
    monkeypatch.setattr(
        widget, "send_state", lambda key=None: (sent.append(widget.run["state"]), keep(key))
    )
    ask(widget, **asked)
    assert "ready" not in sent
    assert "playing" in sent


def test_after_the_end_it_goes_on(widget):
    ask(widget, "change", name="max_iter", value=3)
    ask(widget, "speed", value=0)
    ask(widget, "play")
    until(lambda: widget.run["state"] == "finished")
    losses = widget.run["losses"]
    assert len(losses) == 3
    ask(widget, "step")
    until(lambda: widget.run["step"] == 4 and widget.run["state"] == "finished")
    ask(widget, "play")
    until(lambda: widget.run["step"] == 7 and widget.run["state"] == "finished")
    assert widget.run["losses"][:3] == losses


def test_everything_is_there_before_the_first_step(widget):
    until(lambda: widget.model_frame and widget.ablation_frame)
    assert widget.run["state"] == "ready"
    assert widget.model_frame["step"] == 0
    split = widget.session.plane.split
    first = prepared(widget.session.training.fitted(), split.X_train, split.y_train)[0]
    frame = widget.session.frames["model"]
    assert np.array_equal(frame.estimator.model_.numbers, first.model_.numbers)
    assert widget.model_frame["test"] == first.score(split.X_test, split.y_test)


def test_another_dataset_brings_its_own_settings(widget):
    ask(widget, "change", name="dataset", value="iris")
    assert widget.configuration == Configuration.for_dataset("iris")
    assert "main directions" in widget.message["text"]
    assert widget.message["kind"] == "notice"
    ask(widget, "change", name="features", value=[0, 3])
    assert widget.configuration.features == (0, 3)
    assert widget.message == {}
    ask(widget, "change", name="dataset", value="circles")
    assert widget.configuration == Configuration.for_dataset("circles")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"action": "change", "name": "n_layers", "value": 99}, "from 1 to 10"),
        ({"action": "change", "name": "__init__", "value": 1}, "unknown ['__init__']"),
        ({"action": "change", "name": "dataset", "value": {"a": 1}}, "unknown dataset"),
        ({"action": "change", "name": ["x"], "value": 1}, "must be text"),
        ({"action": "change"}, "something unknown: 'name'"),
        ({"action": "close"}, "something unknown: 'close'"),
        ({"action": "__class__"}, "something unknown"),
        ({}, "something unknown: 'action'"),
        ({"action": "speed", "value": 7}, "speed=7"),
        ({"action": "speed", "value": "fast"}, "speed='fast'"),
        ({"action": "native", "framework": "tensorflow"}, "unknown framework"),
        ({"action": "target", "value": "a"}, "upload one"),
        ({"action": "restore", "text": "x" * 90_000}, "must be text of at most"),
        ({"action": "upload", "name": "big.csv", "size": 9e6}, "9.0 MB"),
        ({"action": "change", "name": "dataset", "value": "own data"}, "does not fit"),
    ],
)
def test_what_is_refused_changes_nothing(widget, content, reason):
    before, session = widget.configuration, widget.session
    answer(widget, content, [])
    assert reason in widget.message["text"]
    assert widget.message["kind"] == "error"
    assert widget.configuration is before
    assert widget.session is session
    assert ask(widget, "dismiss") == ""


@pytest.mark.slow
def test_upload_choose_a_target_and_go_back(widget):
    content = FRAME.to_csv(index=False).encode()
    refused = ask(widget, "upload", [content], name="t.csv")
    assert "the target column 'a' looks continuous" in refused
    assert widget.settings["own"]["columns"] == ["kind", "b", "a"]
    assert widget.settings["own"]["target"] == ""
    assert widget.configuration.dataset == "moons"
    assert "target column 'kind' (as asked for)" in ask(widget, "target", value="kind")
    assert widget.message["kind"] == "notice"
    assert widget.data.name == "t"
    assert widget.settings["own"]["target"] == "kind"
    ask(widget, "change", name="dataset", value="moons")
    ask(widget, "change", name="dataset", value="own data")
    assert widget.configuration.own_data
    assert "own data" in widget.configuration.dataset


@pytest.mark.slow
def test_own_data_and_a_configuration_from_python(opened):
    first = opened(FRAME, "kind")
    first.step()
    until(lambda: settled(first))
    again = opened(FRAME, "kind", configuration=first.share)
    until(lambda: settled(again))
    assert again.model_frame["step"] == first.model_frame["step"] == 1
    np.testing.assert_array_equal(again.model.weights_, first.model.weights_)
    for part in ("train", "test", "train_loss", "test_loss", "wrong"):
        assert again.model_frame[part] == first.model_frame[part]
    with pytest.raises(ValueError, match="belongs to own data"):
        playground(configuration=first.share)
    for how in ({"target": "kind"}, {"drop": ["id"]}, {"separator": ";"}):
        with pytest.raises(ValueError, match="say how a table is read"):
            playground(**how)
    with pytest.raises(ValueError, match="did you mean 'moons'"):
        playground("mons")
    with pytest.raises(ValueError, match=r"needs two or more\. .* 'a' \(the same in every row\)"):
        playground(FRAME.assign(a="x"), "kind")


def test_a_raw_table_is_taken_with_a_line_that_says_how(widget):
    rows = "".join(
        f"{i};{'' if i % 9 == 0 else i * 7 % 40};{['dry', 'wet'][i % 2]};{['fir', 'oak'][i % 2]}\n"
        for i in range(1, 41)
    )
    told = ask(widget, "upload", [f"Id;size;site;tree\n{rows}".encode("cp1252")], name="trees.data")
    for words in (
        "trees.data: 40 rows × 4 columns, separator ';', header in line 1",
        "target column 'tree' (the last column) with fir: 20, oak: 20",
        "left out: 'Id' (counts the rows)",
        "gaps: 'size' 4",
    ):
        assert words in told
    own = widget.settings["own"]
    assert told.startswith(own["recognized"])
    assert own["columns"] == ["Id", "size", "site", "tree"]
    assert own["target"] == "tree"
    assert widget.settings["columns"] == ["size", "size is missing", "site=wet"]
    ask(widget, "change", name="features", value=[0, 2])
    assert widget.plane["axes"] == ["size", "site=wet"]
    ask(widget, "step")
    until(lambda: settled(widget))
    assert 'as_dataset("trees.data")' in widget.script
    assert "TablePreprocessor" in widget.script


def test_the_target_of_a_file_from_python_can_be_chosen_in_the_page(tmp_path, opened):
    FRAME.to_csv(tmp_path / "t.csv", index=False)
    widget = opened(tmp_path / "t.csv", "kind")
    assert widget.settings["own"]["columns"] == ["kind", "b", "a"]
    assert "with 0.0: 10" in ask(widget, "target", value="b")


def test_restore_trains_to_where_it_was(widget):
    text = to_string(Configuration.for_dataset("xor", n_layers=2), 4)
    assert ask(widget, "restore", text=text) == "The state is restored."
    until(lambda: settled(widget))
    assert widget.run["step"] == 4
    assert widget.configuration.dataset == "xor"


def test_the_native_circuit_is_that_of_the_picture(widget):
    ask(widget, "native", framework="cirq")
    assert "Train first" in widget.native["code"]
    x = widget.session.plane.split.X_test[0]
    for step in (1, 2):
        ask(widget, "step")
        until(lambda step=step: settled(widget) and widget.run["step"] == step)
        code = native_code("cirq", widget.model, x)
        until(lambda code=code: widget.native == {"framework": "cirq", "code": code})
    ask(widget, "weight", index=0, value=1.5)
    until(lambda: widget.model.weights_[0] == 1.5)
    until(lambda: widget.native["code"] == native_code("cirq", widget.model, x))
    ask(widget, "reset")
    assert "Train first" in widget.native["code"]


def test_a_native_circuit_needs_no_framework_to_be_written(widget, monkeypatch):
    for framework in NATIVE:
        monkeypatch.setitem(sys.modules, framework, None)  # importing it fails
    ask(widget, "step")
    until(lambda: settled(widget))
    for framework in NATIVE:
        assert ask(widget, "native", framework=framework) == ""
        assert widget.native == {
            "framework": framework,
            "code": native_code(framework, widget.model, widget.session.plane.split.X_test[0]),
        }


@pytest.mark.slow
def test_it_trains_for_an_audience(widget):
    ask(widget, "alive", view="one")
    ask(widget, "alive", view="two")
    ask(widget, "play")
    ask(widget, "gone", view="one")
    assert widget.session.state == "playing"
    ask(widget, "gone", view="two")
    until(lambda: widget.session.state in ("ready", "paused"))  # before or after a step


def test_silence_counts_as_gone(monkeypatch):
    now = 1000.0
    monkeypatch.setattr("qmlplay.widget.audience.monotonic", lambda: now)
    audience = Audience()
    assert not audience.has_left  # driven from Python, without a page
    audience.alive("one")
    now += 100
    assert not audience.has_left
    now += 100
    assert audience.has_left


def test_a_failure_is_said_in_the_page(widget):
    def fail(step):
        raise ValueError("batch_size")

    widget.session.training._on_step = fail
    widget.play()
    until(lambda: widget.run["state"] == "failed" and widget.message)
    assert "batch_size" in widget.message["text"]
    widget.change(n_layers=2)
    assert widget.run["state"] == "ready"
    assert widget.message == {}


@pytest.mark.slow
def test_a_hundred_cycles_leave_no_thread_and_no_memory():
    script = Path(__file__).with_name("hundred_cycles.py")
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stderr
    grown, n_threads = map(int, done.stdout.split())
    assert n_threads == 0
    assert grown < 220_000  # bytes; with a Layout that is left over in every cycle 250 000 more


@pytest.mark.slow
def test_slow_steps_of_qiskit_can_be_left_without_end():
    """Aer crashed in most tries while the threads of a run imported it themselves."""
    script = Path(__file__).with_name("slow_steps.py")
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "none left\n"


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0, 0.01, 0.02, 0.03])
@pytest.mark.parametrize("ending", ["pause", "close"])
def test_python_exits_in_peace(ending, seconds):
    # Killed while it searches for neighbours, a thread aborts the process now and then.
    code = f"""
import time
from qmlplay import playground
widget = playground()
widget.change(baseline="k_nearest_neighbours")
widget.play()
time.sleep({seconds})
widget.{ending}()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize("action", ["play", "step"])
def test_after_a_failure_it_begins_once_more(widget, action):
    def fail(step):
        raise ValueError("batch_size")

    failed = widget.session
    failed.training._on_step = fail
    ask(widget, "step")
    until(lambda: widget.run["state"] == "failed")
    ask(widget, action)
    assert widget.session is not failed
    until(lambda: widget.run["step"] > 0)


def test_what_is_asked_for_after_the_end_leaves_no_thread(widget):
    """A page may be closed while its last request is answered."""
    ask(widget, "play")
    widget.close()
    ask(widget, "change", name="max_iter", value=1000)
    ask(widget, "change", name="n_layers", value=2)
    ask(widget, "play")
    widget.session.join(20)
    all_threads_end()


def test_another_speed_is_no_play(widget):
    until(lambda: widget.model_frame)
    ask(widget, "step")
    ask(widget, "speed", value=30)
    until(lambda: settled(widget) and widget.run["step"] == 1)
    assert widget.session.training._allowed == 1


def test_all_that_is_shipped_is_there():
    code = page.page_code()
    assert "export default { render }" in code
    assert code.count("export ") == 1
    assert "http" not in code.replace("http://www.w3.org/2000/svg", "")
    assert ".qmlplay" in page.page_style()


def test_no_rule_of_the_page_meets_a_display_beside_it_in_a_notebook():
    shown = VariationalClassifier(max_iter=1).fit([[0.0], [1.0]], ["a", "b"])
    html = shown._repr_mimebundle_()["text/html"]
    style = html.partition("<style>")[2].partition("</style>")[0]
    ours, theirs = (
        set(re.findall(r"\.([a-zA-Z][\w-]*)", css)) for css in (page.page_style(), style)
    )
    assert {"qmlplay", "qp-bar"} <= ours
    assert {"qmlplay-html", "q-row"} <= theirs
    assert not ours & theirs
    assert all(".qmlplay-html" in rule for rule in style.split("}")[:-1])


def test_without_anywidget_it_says_what_to_type(monkeypatch):
    monkeypatch.setattr("qmlplay.widget.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r'pip install "qmlplay\[widget\]"'):
        playground()


@pytest.mark.slow
def test_opening_and_training_needs_no_matplotlib():
    code = (
        "import sys, time; from qmlplay import playground; widget = playground('circles')\n"
        "widget.step()\n"
        "while widget.model is None: time.sleep(0.05)\n"
        "widget.write_native('qiskit')\n"
        "print(widget.plane['colors'], 'matplotlib' in sys.modules); widget.close()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"{list(CLASS_COLORS[:2])} False"


def test_the_circuit_of_the_page_is_that_of_every_other_picture():
    drawn = {"encoding": "angle", "ansatz": "hardware_efficient", "n_layers": 1}
    model = VariationalClassifier(**drawn, max_iter=1).fit([[0.0], [1.0]], [0, 1])
    circuit = model.circuit_
    told = page.circuit(circuit)
    placed = CircuitPicture.of(circuit).placed()
    assert [g["x"] for g in told["gates"]] == [g.x for g in placed]
    assert list(told["kinds"]) == ["scaled", "weight", "link"]
    assert told["kinds"]["weight"]["fill"] == GATE_COLORS["weight"].fill
    texts = [symbol["text"] for gate in told["gates"] for symbol in gate["symbols"]]
    assert texts[-2:] == ["●", "⊕"]
    assert all(text in told["text"] for text in texts)


def test_an_error_is_told_beside_its_field_in_the_words_of_the_page(widget):
    request = {"action": "change", "name": "n_layers", "value": 99}
    answer(widget, request, [])
    text = "Layers 99: must be a whole number from 1 to 10"
    assert widget.message == {"text": text, "kind": "error", "field": "n_layers"}
    answer(widget, {"action": "restore", "text": "nonsense"}, [])
    assert widget.message["field"] == "restore"
    table = b"n_layers,max_iter\n1,a\n2,b\n"
    answer(widget, {"action": "upload", "name": "n_layers.csv", "size": 9}, [table])
    assert widget.message["field"] == "upload"
    assert "n_layers" in widget.message["text"]  # the name of the file
    answer(widget, {"action": "dismiss"}, [])
    assert widget.message == {}


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("max_iter", 99_999, 500),
        ("learning_rate_init", 99, 0.2),
        ("baseline", "x", "svc_rbf"),
        ("n_layers", 99, 4),  # as it was
        ("n_layers", 99, 2),
    ],
)
def test_an_error_goes_when_its_field_is_right_and_not_before(widget, name, wrong, right):
    def change(field, value):
        answer(widget, {"action": "change", "name": field, "value": value}, [])

    change(name, wrong)
    assert widget.message["field"] == name
    answer(widget, {"action": "gate", "index": 0}, [])
    answer(widget, {"action": "alive", "view": "a"}, [])
    assert widget.message["field"] == name
    change(name, right)
    assert widget.message == {}


def test_an_error_about_a_weight_goes_with_the_next_right_value(widget):
    for value, field in ((1e300, "weight 2"), (float("nan"), "weight 2"), (1.0, None)):
        answer(widget, {"action": "weight", "index": 2, "value": value}, [])
        assert widget.message.get("field") == field
