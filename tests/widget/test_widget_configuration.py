"""Configurations and the strings that carry them: a closed schema, nothing evaluated."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import FrozenInstanceError, fields

import pytest

from qmlplay import list_datasets
from qmlplay.widget.settings.choices import TOYS
from qmlplay.widget.settings.configuration import RULES, Configuration
from qmlplay.widget.settings.configuration_strings import from_string, to_string

OTHER = Configuration(
    dataset="digits",
    data_noise=0,
    features=(3, 20),
    encoding="zz",
    ansatz="real_amplitudes",
    n_layers=2,
    n_qubits=3,
    backend="cirq",
    shots=500,
    noise="low",
    optimizer="spsa",
    learning_rate_init=0.05,
    max_iter=30,
    baseline="mlp",
    random_state=7,
)


def packed(values, start="qmlplay2"):
    """Return a well-formed string around any JSON value or text."""
    plain = values.encode() if isinstance(values, str) else json.dumps(values).encode()
    body = base64.urlsafe_b64encode(plain).decode().rstrip("=")
    return f"{start}.{body}.{hashlib.sha256(plain).hexdigest()[:8]}"


def test_every_setting_has_a_rule():
    assert [field.name for field in fields(Configuration)] == list(RULES)
    assert set(TOYS) == set(list_datasets("classification"))


def test_it_is_frozen():
    with pytest.raises(FrozenInstanceError):
        OTHER.n_layers = 3


@pytest.mark.parametrize("name", TOYS)
def test_every_dataset_has_its_usual_noise(name):
    configuration = Configuration.for_dataset(name)
    assert configuration.has_data_noise == (TOYS[name].noise is not None)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"n_layers": 0}, "from 1 to 10"),
        ({"n_layers": 2.0}, "whole number"),
        ({"n_layers": True}, "whole number"),
        ({"n_layers": None}, "whole number"),
        ({"n_qubits": 9}, "from 1 to 8"),
        ({"shots": 0}, "or None"),
        ({"learning_rate_init": float("nan")}, "a number from"),
        ({"learning_rate_init": float("inf")}, "a number from"),
        ({"learning_rate_init": "0.1"}, "a number from"),
        ({"learning_rate_init": True}, "a number from"),
        ({"optimizer": "adm"}, "did you mean 'adam'"),
        ({"backend": "__import__"}, "unknown backend"),
        ({"dataset": ["moons"]}, "unknown dataset"),
        ({"features": (1, 1)}, "two different column numbers"),
        ({"features": (0, -1)}, "two different column numbers"),
        ({"features": "ab"}, "two different column numbers"),
        ({"own_data": "0123456789abcdef"}, "does not fit"),
        ({"own_data": "x"}, "hexadecimal"),
        ({"dataset": "own data", "data_noise": 0}, "does not fit"),
        ({"dataset": "iris"}, "no noise to choose"),
        (
            {"dataset": "drawn", "data_noise": 0, "features": (0, 3)},
            r"features=\(0, 3\) do not fit",
        ),
        ({"noise": "low", "n_qubits": 6}, "at most 5 qubits"),
        ({"random_state": 2**32}, "from 0 to"),
    ],
)
def test_what_is_not_allowed_is_refused(settings, reason):
    with pytest.raises(ValueError, match=reason):
        Configuration(**settings)


@pytest.mark.parametrize("configuration", [Configuration(), OTHER])
@pytest.mark.parametrize("steps", [0, 57])
def test_a_string_brings_back_the_same(configuration, steps):
    text = to_string(configuration, steps)
    assert from_string(text) == (configuration, steps)
    assert from_string(f"  {text[:30]}\n{text[30:]} ") == (configuration, steps)
    assert text.isascii()
    assert len(text) < 700


def test_one_changed_letter_is_noticed():
    text = to_string(OTHER, 3)
    for place in range(len(text)):
        letter = "A" if text[place] != "A" else "B"
        with pytest.raises(ValueError, match=r"configuration string|version"):
            from_string(text[:place] + letter + text[place + 1 :])
    for end in range(len(text)):
        with pytest.raises(ValueError, match="configuration string"):
            from_string(text[:end])


GOOD = OTHER.to_dict() | {"steps": 3}
FIRST_SETTINGS = (
    *("dataset", "data_noise", "features", "own_data", "encoding", "ansatz", "n_layers"),
    *("n_qubits", "backend", "shots", "noise", "optimizer", "learning_rate_init", "max_iter"),
    *("baseline", "random_state"),
)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (GOOD | {"extra": 1}, "unknown settings: \\['extra'\\]"),
        (GOOD | {"__class__": "os"}, "unknown settings"),
        ({k: v for k, v in GOOD.items() if k != "ansatz"}, "missing \\['ansatz'\\]"),
        (GOOD | {"steps": -1}, "steps=-1"),
        (GOOD | {"steps": None}, "steps=None"),
        (GOOD | {"n_layers": {"n_layers": 2}}, "unknown|whole number"),
        (GOOD | {"encoding": "__import__('os').system('ls')"}, "unknown encoding"),
        (GOOD | {"max_iter": 1e99}, "max_iter"),
        ([1, 2], "holds no object"),
        ("null", "holds no object"),
        ('{"steps": NaN}', "NaN, which is no number"),
        ('{"steps": 1, "steps": 2}', "twice"),
        ("{", "no JSON"),
        ("\ud83d".encode("utf-8", "surrogatepass").decode("latin-1"), "no JSON"),
        ("[" * 1400, "nested too deeply|no JSON"),
        ('{"steps": 1e999}', "steps=inf"),
        ('{"steps": ' + "1" * 9_999 + "}", "a number of 9999 digits"),
        ("[" * 40_000, "nested too deeply|no JSON"),
        (GOOD | {"n_layers": 10**18}, "n_layers=1000000000000000000"),
    ],
)
def test_a_hostile_string_is_refused(values, reason):
    with pytest.raises(ValueError, match=reason):
        from_string(packed(values))


@pytest.mark.parametrize("name", [*GOOD, "unknown"])
@pytest.mark.parametrize(
    "value",
    ["x" * 40_000, [0] * 9_000, list(range(2_001)), [[0, 0, 0]] * 301, {"steps": "x" * 9_000}],
)
def test_what_a_long_value_is_refused_with_is_short(name, value):
    with pytest.raises(ValueError, match=r"\w") as refused:
        from_string(packed(GOOD | {name: value}))
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize("name", ["dataset", "features", "steps", "points"])
def test_no_depth_of_nesting_is_too_deep_to_be_refused(name):
    """Where reading it just went well, showing it in the message did not."""
    others = json.dumps({k: v for k, v in GOOD.items() if k != name})[:-1]
    for depth in (*range(3, 1000, 50), *range(930, 1000)):
        text = f'{others}, "{name}": {"[" * depth}{"]" * depth}}}'
        with pytest.raises(ValueError, match=r"nested|dataset|features|steps|points"):
            from_string(packed(text))


@pytest.mark.parametrize("text", ["", "moons", None, 5, b"qmlplay1", "q" * 99_999, "qmlplay2.."])
def test_no_string_at_all_is_refused(text):
    with pytest.raises(ValueError, match="not a configuration string"):
        from_string(text)


def test_a_later_version_is_named():
    with pytest.raises(ValueError, match="version qmlplay3"):
        from_string(to_string(OTHER).replace("qmlplay2", "qmlplay3"))


def test_strings_of_the_first_version_are_read():
    """One that version 0.1 wrote, with its default settings and 30 steps."""
    text = (
        "qmlplay1.eyJhbnNhdHoiOiJoYXJkd2FyZV9lZmZpY2llbnRfcnh4IiwiYmFja2VuZCI6Im51bXB5IiwiYmF"
        "zZWxpbmUiOiJzdmNfcmJmIiwiZGF0YV9ub2lzZSI6MC4xNSwiZGF0YXNldCI6Im1vb25zIiwiZW5jb2Rpbmc"
        "iOiJhbmdsZV9zdW0iLCJmZWF0dXJlcyI6bnVsbCwibGVhcm5pbmdfcmF0ZV9pbml0IjowLjEsIm1heF9pdGV"
        "yIjoxMDAsIm5fbGF5ZXJzIjoyLCJuX3F1Yml0cyI6Miwibm9pc2UiOiJub25lIiwib3B0aW1pemVyIjoiYWR"
        "hbSIsIm93bl9kYXRhIjoiIiwicmFuZG9tX3N0YXRlIjowLCJzaG90cyI6bnVsbCwic3RlcHMiOjMwfQ.3c0e"
        "113a"
    )
    configuration, steps = from_string(text)
    assert configuration == Configuration(n_layers=2)
    assert steps == 30


def test_what_came_later_is_left_out_where_it_is_as_at_first():
    later = {field.name for field in fields(Configuration)} - {*FIRST_SETTINGS}
    told = json.loads(base64.urlsafe_b64decode(to_string(Configuration()).split(".")[1] + "=="))
    assert set(told) == {*FIRST_SETTINGS, "steps"}
    for name in later:
        with pytest.raises(ValueError, match="does not know"):
            from_string(packed(told | {name: None}, "qmlplay1"))
