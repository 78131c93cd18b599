"""The same weights on every simulator: identical maps, in the background, cancelled at once."""

from __future__ import annotations

from threading import Event, Thread

import numpy as np
import pytest
from waiting import until

from qmlplay import VariationalClassifier, list_backends, playground
from qmlplay.widget.data.plane import make_plane
from qmlplay.widget.playing import simulator_tour
from qmlplay.widget.requests import answer
from qmlplay.widget.settings.configuration import Configuration
from qmlplay.widget.views import simulator_views
from qmlplay.widget.views.simulator_views import listed_simulators, view_on

PLANE = make_plane(Configuration())


@pytest.fixture(scope="module")
def model():
    split = PLANE.split
    return VariationalClassifier(max_iter=5, random_state=0, verbose=0, n_iter_no_change=None).fit(
        split.X_train, split.y_train
    )


@pytest.fixture
def widget():
    opened = playground(experiment="simulators")
    until(lambda: "model" in opened.session.frames)
    yield opened
    opened.close()
    opened.session.join(20)
    opened.session.tour.join(20)


def test_numpy_says_what_the_model_says(model):
    view = view_on("numpy", model, PLANE)
    expected = model.predict_proba(PLANE.grid(24)).reshape(24, 24, 2)
    np.testing.assert_allclose(view.probabilities, expected, atol=1e-14)
    assert view.n_samples == len(PLANE.split.X_test)
    assert view.to_dict(view)["difference"] == 0


def test_the_first_run_is_told_apart_and_the_others_have_their_median(model, monkeypatch):
    ticks = iter([0, 0.9, 1, 1.01, 2, 2.07, 3, 3.05, 4])  # starts and ends of runs
    monkeypatch.setattr(simulator_views, "perf_counter", lambda: next(ticks))
    view = view_on("numpy", model, PLANE)
    assert (view.first_seconds, round(view.seconds, 9)) == (0.9, 0.05)
    assert next(ticks) == 4  # after a second nothing is run again


@pytest.mark.slow
@pytest.mark.parametrize("name", list_backends(installed=True)[1:])
@pytest.mark.parametrize("noise", [None, "high"])
def test_all_simulators_agree(model, name, noise):
    """The guided experiment says: to at least six digits."""
    if noise and name in ("torch", "jax"):
        pytest.skip("slow to compile with noise")
    shown = model.with_backend("numpy", noise=noise, shots=100)
    values = view_on(name, shown, PLANE).to_dict(view_on("numpy", shown, PLANE))
    assert values["difference"] < 1e-6
    assert len(values["probabilities"]) == 2 * values["resolution"] ** 2


def test_another_model_is_told_apart(model):
    other = VariationalClassifier(max_iter=9, random_state=1, verbose=0).fit(
        PLANE.split.X_train, PLANE.split.y_train
    )
    values = view_on("numpy", other, PLANE).to_dict(view_on("numpy", model, PLANE))
    assert values["difference"] > 0.01


def test_missing_ones_are_listed_with_what_to_type(monkeypatch):
    monkeypatch.setattr("qmlplay.backends.find_spec", lambda name: None)
    rows = listed_simulators()
    assert [row["name"] for row in rows] == list_backends()
    assert {row["name"]: row["to_install"] for row in rows if not row["is_installed"]} == {
        "numpy": "pip install numpy",
        "qiskit": "pip install qiskit qiskit-aer",
        "cirq": "pip install cirq-core",
        "pennylane": "pip install pennylane",
        "torch": 'pip install "qmlplay[torch]"',
        "jax": 'pip install "qmlplay[jax]"',
    }


def ask_of(widget, **content):
    answer(widget, {"action": "simulators", **content}, ())


def stub(monkeypatch, view):
    """Let a function stand for the simulators, of which three are there."""
    rows = [
        {"name": name, "label": name, "is_installed": name != "cirq", "to_install": ""}
        for name in ("numpy", "cirq", "qiskit", "pennylane")
    ]
    monkeypatch.setattr(simulator_tour, "listed_simulators", lambda: [dict(row) for row in rows])
    monkeypatch.setattr(simulator_tour, "view_on", view)


def test_the_page_is_told_one_after_the_other(widget, monkeypatch):
    def view(name, *others):
        if name == "qiskit":
            raise MemoryError("too large")
        return view_on("numpy", *others)

    stub(monkeypatch, view)
    widget.step()
    until(lambda: widget.run["step"] == 1)
    ask_of(widget)
    until(lambda: widget.simulators.get("state") == "finished")
    rows = {row["name"]: row for row in widget.simulators["rows"]}
    assert widget.simulators["step"] == 1
    assert rows["numpy"]["difference"] == rows["pennylane"]["difference"] == 0
    assert "seconds" not in rows["cirq"]
    assert rows["qiskit"]["error"] == "too large"
    assert widget.message == {}
    widget.change(n_layers=2)
    assert widget.simulators == {}


def test_it_is_cancelled_at_once_and_nothing_comes_after(widget, monkeypatch):
    asked, go_on = Event(), Event()

    def view(name, model, plane, is_cancelled):
        if name == "qiskit":
            asked.set()
            go_on.wait(20)
            assert is_cancelled()
        return view_on("numpy", model, plane)

    stub(monkeypatch, view)
    ask_of(widget)
    assert asked.wait(20)
    ask_of(widget, cancel=True)
    assert widget.simulators["state"] == "cancelled"
    go_on.set()
    widget.session.tour.join(20)
    rows = {row["name"]: row for row in widget.simulators["rows"]}
    assert "seconds" in rows["numpy"]
    assert "seconds" not in rows["qiskit"]
    assert "seconds" not in rows["pennylane"]
    ask_of(widget, cancel=True)  # nothing to cancel
    ask_of(widget)
    until(lambda: widget.simulators["state"] == "finished")


def tour_under_way(widget, monkeypatch):
    """Return a tour whose first simulator waits, and the event that it waits for."""
    asked, go_on = Event(), Event()

    def view(name, *others):
        asked.set()
        go_on.wait(20)

    stub(monkeypatch, view)
    ask_of(widget)
    assert asked.wait(20)
    return widget.session.tour, go_on


def test_another_run_ends_it(widget, monkeypatch):
    tour, go_on = tour_under_way(widget, monkeypatch)
    widget.reset()
    assert tour.state == "cancelled"
    assert widget.simulators == {}
    go_on.set()
    tour.join(20)
    assert widget.simulators == {}


def test_another_run_can_begin_while_the_page_is_told(widget, monkeypatch):
    """Whoever begins it holds the lock that the tour waits for, to tell what a simulator said."""
    (tour, go_on), told = tour_under_way(widget, monkeypatch), Event()
    monkeypatch.setattr(tour, "_show", lambda values, show=tour._show: (told.set(), show(values)))

    def begin():
        with widget.at_once():
            go_on.set()
            assert told.wait(20)
            widget.reset()

    thread = Thread(target=begin, daemon=True)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()
    tour.join(20)
    assert tour.state == "cancelled"
    assert widget.simulators == {}
