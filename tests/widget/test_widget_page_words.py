"""The page's words: settings are called there what their controls are called."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from qmlplay.widget.settings.choices import FIELD_LABELS
from qmlplay.widget.settings.configuration import RULES, Configuration, WholeNumber
from qmlplay.widget.settings.page_words import in_page_words

UNDERSCORED = {name for name in FIELD_LABELS if "_" in name}


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
            if f"{name}=" in str(error):
                assert words.startswith(FIELD_LABELS[name].label)
            assert f"{name}=" not in words
            assert "or None" not in words
            assert not set(re.findall(r"\w+", words.replace(str(value), ""))) & UNDERSCORED


def test_what_belongs_to_no_setting_stays_as_it_is():
    text = "column 'size' has noise, shots and features = 3"
    assert in_page_words(text) == text
    for told in ("data_noise=0.5: 'iris' has none", "'Iris flowers' has none"):
        assert in_page_words(told).endswith("'Iris flowers' has none")
    told = "noise='high' with n_qubits=6: choose at most 5 qubits, or no noise"
    wanted = "Device noise 'high' with Qubits 6: choose at most 5 qubits, or no noise"
    assert in_page_words(told) == wanted
