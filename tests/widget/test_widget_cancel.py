"""A long step is left at once, and nothing of it stays."""

from __future__ import annotations

import time

import pytest
from waiting import until

from qmlplay import playground
from qmlplay.widget.requests import answer
from qmlplay.widget.settings.configuration import Configuration
from qmlplay.widget.settings.configuration_strings import from_string, to_string

SLOW = Configuration(n_qubits=4, n_layers=4, noise="high")


@pytest.fixture
def widget():
    opened = playground(configuration=to_string(SLOW))
    yield opened
    opened.close()


@pytest.mark.slow
def test_a_long_step_is_left_at_once_and_can_be_made_anew(widget):
    until(lambda: "model" in widget.session.frames, seconds=60)
    before = widget.session.training.numbers
    widget.step()
    until(lambda: widget.session.training.progress > 0, seconds=60)
    assert widget.session.state == "playing"
    start = time.monotonic()
    answer(widget, {"action": "cancel"}, [])
    until(lambda: widget.run["state"] == "ready", seconds=60)
    assert time.monotonic() - start < 20  # a whole step takes minutes
    assert widget.session.training.numbers == before
    assert widget.run["step"] == 0
    assert from_string(widget.share)[1] == 0
    widget.step()
    until(lambda: widget.session.training.progress > 0, seconds=60)
