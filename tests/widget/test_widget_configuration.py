"""Configurations and the strings that carry them: a closed schema, nothing evaluated."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import FrozenInstanceError, fields

import pytest

from qmlplay import list_datasets
from qmlplay.widget.settings.choices import FIELD_LABELS, TOYS
from qmlplay.widget.settings.configuration import RULES, Configuration, WholeNumber
from qmlplay.widget.settings.configuration_strings import from_string, to_string
from qmlplay.widget.settings.page_words import in_page_words

UNDERSCORED = {name for name in FIELD_LABELS if "_" in name}
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


def packed(values):
    """Return a well-formed string around any JSON value or text."""
    plain = values.encode() if isinstance(values, str) else json.dumps(values).encode()
    body = base64.urlsafe_b64encode(plain).decode().rstrip("=")
    return f"qmlplay1.{body}.{hashlib.sha256(plain).hexdigest()[:8]}"


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
    ],
)
def test_a_hostile_string_is_refused(values, reason):
    with pytest.raises(ValueError, match=reason):
        from_string(packed(values))


@pytest.mark.parametrize("text", ["", "moons", None, 5, b"qmlplay1", "q" * 9_999, "qmlplay1.."])
def test_no_string_at_all_is_refused(text):
    with pytest.raises(ValueError, match="not a configuration string"):
        from_string(text)


def test_a_later_version_is_named():
    with pytest.raises(ValueError, match="version qmlplay2"):
        from_string(to_string(OTHER).replace("qmlplay1", "qmlplay2"))


def test_every_setting_has_a_label_and_a_line_on_the_page():
    assert FIELD_LABELS.keys() >= {field.name for field in fields(Configuration)}
    for field in FIELD_LABELS.values():
        assert field.label
        assert "_" not in field.label
        assert field.help.endswith(".")
        assert len(field.help) <= 80
    labels = [field.label for field in FIELD_LABELS.values()]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("name", FIELD_LABELS)
def test_no_name_of_python_is_left_in_an_error_of_a_setting(name):
    for value in (None, 1e99, "it's", -1, "n_layers", (1, 1)):
        try:
            RULES.get(name, WholeNumber(1, 1)).check(name, value)
        except ValueError as error:
            words = in_page_words(str(error))
            assert FIELD_LABELS[name].label in words or words.startswith("unknown")
            assert f"{name}=" not in words
            assert not set(re.findall(r"\w+", words.replace(str(value), ""))) & UNDERSCORED


def test_what_belongs_to_no_setting_stays_as_it_is():
    text = "column 'size' has noise, shots and features = 3"
    assert in_page_words(text) == text
    told = "noise='high' with n_qubits=6: choose at most 5 qubits, or no noise"
    wanted = "Device noise 'high' with Qubits 6: choose at most 5 qubits, or no noise"
    assert in_page_words(told) == wanted
