"""Fake devices with many qubits: the time that this machine will take is said beforehand."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("qiskit_ibm_runtime")

from qmlplay import VariationalClassifier, ibm
from qmlplay.errors import SlowSimulationWarning

X = np.random.default_rng(0).normal(size=(40, 12))
y = np.arange(40) % 2


@pytest.fixture(scope="module")
def wide():
    return VariationalClassifier(n_qubits=12, n_layers=2, max_iter=1, random_state=0).fit(X, y)


@pytest.fixture
def simulations(monkeypatch):
    """Refuse to simulate."""

    def refuse(request):
        raise AssertionError("simulated before a word was said")

    monkeypatch.setattr("qmlplay.ibm.simulated.simulate", refuse)


@pytest.mark.usefixtures("simulations")
def test_a_plan_tells_it_and_submit_warns(wide):
    plan = ibm.plan(wide, X, shots=512, device="fake_torino", seed=1)
    assert 60 < plan.local_seconds < 1e5
    assert plan.to_dict()["local_seconds"] == plan.local_seconds
    line = r"\n {6}here: about .* (min|h) to simulate noise on \d+ qubits on this machine"
    assert re.search(line, str(plan))
    with pytest.raises(SlowSimulationWarning, match=r"the run may take .* 40 circuits of 512"):
        ibm.submit(plan, max_qpu_seconds=1000)
    assert ibm.list_runs().empty


@pytest.mark.usefixtures("simulations")
def test_training_warns_of_all_its_iterations(wide):
    with pytest.raises(SlowSimulationWarning, match=r"training may take .* 2,000 circuits of 128"):
        ibm.train(wide, X, y, device="fake_torino", iterations=50, max_qpu_seconds=1e6, seed=1)
    assert ibm.list_trainings().empty


def test_small_circuits_say_nothing(model, data):
    plan = ibm.plan(model, data.X, device="fake_manila", seed=1)
    assert plan.local_seconds < 1
    assert "here:" not in str(plan)
    ibm.submit(plan, max_qpu_seconds=plan.suggested_budget).wait()


def test_real_devices_take_no_time_here(plan):
    assert plan.local_seconds is None
    assert "here:" not in str(plan)


@pytest.mark.usefixtures("simulations")
def test_what_cannot_be_held_is_refused(monkeypatch, wide):
    monkeypatch.setattr("qmlplay.backends.inputs._SURELY_FITS", 0)
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=1000))
    plan = ibm.plan(wide, X, shots=512, device="fake_torino", seed=1)
    with pytest.raises(ValueError, match=r"qubits need .* bytes \(2 state vectors\)"):
        ibm.submit(plan, max_qpu_seconds=1000)
