"""The playground answers what its page asks about a gate, and sends the page what it draws."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest
from waiting import until

from qmlplay import VariationalClassifier, playground
from qmlplay.widget import page
from qmlplay.widget.requests import answer


@pytest.fixture
def widget():
    opened = playground()
    until(lambda: opened.gate_view)
    yield opened
    opened.close()
    opened.session.join(20)


def ask(widget, action, **content):
    """Ask for something as the page does, and return the message that it then shows."""
    answer(widget, {"action": action, **content}, [])
    return widget.message.get("text", "")


def test_gates_know_their_weights_in_the_order_of_the_picture():
    circuit = VariationalClassifier(max_iter=1).fit([[0.0, 1.0], [1.0, 0.0]], [0, 1]).circuit_
    told = page.circuit(circuit)["gates"]
    assert sorted(gate["index"] for gate in told) == list(range(len(circuit.circuit.gates)))
    for gate in told:
        operation = circuit.circuit.gates[gate["index"]]
        assert gate["name"] == operation.name
        read = {w for slot in operation.slots for w in circuit.formulas[slot].weights}
        assert set(gate["weights"]) == read


def test_a_gate_is_chosen_followed_and_let_go(widget):
    assert widget.gate_view == {"gate": None}
    assert ask(widget, "gate", index=4) == ""
    assert widget.gate_view["gate"] == 4
    (curve,) = widget.gate_view["slices"]
    assert curve["weight"] == widget.circuit["gates"][4]["weights"][0]
    ask(widget, "weight", index=curve["weight"], value=1.5)
    until(lambda: widget.gate_view["slices"][0]["value"] == 1.5)
    until(lambda: widget.gates["weights"][curve["weight"]] == 1.5)
    losses = np.interp(1.5, curve["values"], curve["losses"])
    assert widget.gates["loss"] == pytest.approx(losses, abs=2e-3)
    ask(widget, "gate", index=None)
    assert widget.gate_view == {"gate": None}


@pytest.mark.parametrize("index", [-1, 999, 1.5, nan, inf, "4", [], {}, True, 10**30])
def test_a_gate_that_is_not_there_changes_nothing(widget, index):
    ask(widget, "gate", index=2)
    before = widget.gate_view
    assert "gate" in ask(widget, "gate", index=index)
    assert widget.gate_view is before


def test_frames_carry_curves_errors_and_what_is_drawn(widget):
    widget.change(shots=100)
    until(lambda: widget.model_frame.get("flips"))
    frame = widget.model_frame
    n = frame["resolution"]
    assert len(frame["probabilities"]) == 2 * n * n
    assert len(frame["flips"]) == n * n
    assert frame["picture"]["shots"] == 100
    n_train = len(widget.plane["train"]["X"])
    assert len(frame["wrong"]["train"]) == round((1 - frame["train"]) * n_train)
    widget.step()
    until(lambda: [point[0] for point in widget.model_frame["curve"]] == [0, 1])
