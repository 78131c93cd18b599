"""The whole way on simulated devices: no account, no network, the same path."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("qiskit_ibm_runtime")

from ibm_helpers import exact_values
from qiskit.quantum_info import SparsePauliOp
from qiskit_aer import AerSimulator
from qiskit_ibm_runtime.fake_provider import FakeManilaV2, FakeTorino

from qmlplay import ibm, load_dataset
from qmlplay.backends.qiskit.fake_device import noisy_simulator
from qmlplay.backends.qiskit.snapshot import Snapshot
from qmlplay.ibm import compiled, results, store
from qmlplay.ibm.errors import BudgetError, JobError, StillWaitingError

SHOTS = 200


@pytest.fixture(scope="module")
def plan(model, data):
    return ibm.plan(model, data.X, data.y, shots=SHOTS, device="fake_manila", seed=1)


@pytest.fixture
def held(monkeypatch):
    """Hold every simulation until told to go on."""
    go_on = threading.Event()

    def slow(request):
        go_on.wait(30)
        return exact_values(request)

    monkeypatch.setattr("qmlplay.ibm.simulated.simulate", slow)
    yield go_on
    go_on.set()


def density_matrix_values(native, observables, values, simulator):
    """Return exact noisy expectations (n_samples, n_observables), as Aer computes them."""
    found = []
    for row in values:
        bound = native.assign_parameters(row)
        for place, (one,) in enumerate(observables):
            bound.save_expectation_value(one, range(native.num_qubits), label=str(place))
        data = simulator.run(bound).result().data(0)
        found.append([data[str(place)] for place in range(len(observables))])
    return np.array(found)


class TestNoise:
    @pytest.mark.parametrize(
        ("name", "device"),
        [
            ("manila", FakeManilaV2),
            pytest.param("torino", FakeTorino, marks=pytest.mark.slow),
        ],
    )
    def test_own_qubits_alone_are_as_noisy_as_on_the_whole_device(self, model, data, name, device):
        plan = ibm.plan(model, data.X, device=f"fake_{name}", seed=1)
        (request,) = plan.requests(["tag"], 100)
        small = noisy_simulator(plan.snapshot)
        small.set_options(method="density_matrix")
        reduced = density_matrix_values(
            *request.circuit.reduced().pub(request.observables, request.angles), small
        )
        whole = AerSimulator.from_backend(device(), method="density_matrix")
        native, column, values = request.circuit.pub(request.observables, request.angles)
        # Aer would carry all qubits along: keep those that the circuit touches.
        own = list(plan.device_circuit.qubits())
        found = []
        for row in values:
            bound = native.assign_parameters(row)
            for place, (one,) in enumerate(column):
                letters = one.paulis[0].to_label()[::-1]
                label = "".join(letters[q] for q in own)[::-1]
                bound.save_expectation_value(SparsePauliOp(label), own, label=str(place))
            data_ = whole.run(bound).result().data(0)
            found.append([data_[str(place)] for place in range(len(column))])
        np.testing.assert_allclose(reduced, np.array(found), atol=1e-9)
        assert np.abs(reduced - exact_values(request).values).max() > 1e-3  # there is noise

    def test_measured_values_agree_with_the_density_matrix(self, model, data):
        plan = ibm.plan(model, data.X, shots=4000, device="fake_manila", seed=1)
        run = ibm.submit(plan, max_qpu_seconds=60)
        (request,) = plan.requests(["tag"], 100)
        # Readout errors act after the circuit, and are not in the density matrix: add them.
        errors = {
            record.qubits[0]: record.error
            for record in plan.snapshot.gates
            if record.name == "measure"
        }
        small = noisy_simulator(plan.snapshot)
        small.set_options(method="density_matrix")
        circuit = request.circuit.reduced()
        values = density_matrix_values(*circuit.pub(request.observables, request.angles), small)
        for k, string in enumerate(request.observables):
            for qubit, letter in enumerate(string):
                if letter != "I":
                    values[:, k] *= 1 - 2 * errors[circuit.layout[qubit]]
        result = run.result(60)
        z = (result.expectations - values) / np.sqrt((1 - values**2) / 4000)
        assert np.abs(z).max() < 4.5
        assert np.sqrt(np.mean(z**2)) < 2

    def test_snapshots_survive_json(self, plan):
        text = json.dumps(plan.snapshot.to_dict())
        assert Snapshot.from_dict(json.loads(text)) == plan.snapshot


class TestRun:
    def test_from_plan_to_labels(self, plan, model, data, exact):
        run = ibm.submit(plan, max_qpu_seconds=10)
        assert run.wait(timeout=60) is run
        assert run.status() == "done"
        result = run.result()
        assert result.expectations.shape == result.standard_errors.shape == exact.shape
        assert np.abs(result.expectations - exact).max() < 0.5
        assert set(result.predictions) <= set(model.classes_)
        np.testing.assert_allclose(result.probabilities.sum(axis=1), 1)
        assert result.accuracy == np.mean(result.predictions == data.y)
        assert result.used_seconds == 0.0
        assert json.loads(json.dumps(result.to_dict()))["device"] == "fake_manila"

    @pytest.mark.slow
    @pytest.mark.parametrize("level", [1, 2])
    def test_mitigation(self, model, data, exact, level):
        plan = ibm.plan(
            model, data.X, shots=2000, device="fake_manila", resilience_level=level, seed=1
        )
        result = ibm.submit(plan, max_qpu_seconds=60).result(60)
        assert np.abs(result.expectations - exact).max() < 0.25

    def test_a_device_of_a_hundred_qubits(self, model, data, exact):
        plan = ibm.plan(model, data.X, shots=2000, device="fake_torino", seed=1)
        result = ibm.submit(plan, max_qpu_seconds=60).result(60)
        assert np.abs(result.expectations - exact).max() < 0.25

    def test_the_seed_fixes_the_shots(self, plan):
        first, second = (ibm.submit(plan, max_qpu_seconds=10).result(60) for _ in "ab")
        assert (first.expectations == second.expectations).all()
        other = ibm.submit(replace(plan, seed=2), max_qpu_seconds=10).result(60)
        assert (first.expectations != other.expectations).any()

    def test_several_jobs_make_one_result(self, model, monkeypatch, exact, data):
        monkeypatch.setattr(compiled, "MAX_EXECUTIONS", 600)
        plan = ibm.plan(model, data.X, shots=300, device="fake_manila", seed=1)
        assert len(plan.jobs) == 2
        run = ibm.submit(plan, max_qpu_seconds=20)
        result = ibm.resume(run.key).result(60)
        assert len(result.job_ids) == 2
        assert np.abs(result.expectations - exact).max() < 0.5

    def test_copies_go_on_alone(self, plan):
        run = ibm.submit(plan, max_qpu_seconds=10)
        again = pickle.loads(pickle.dumps(run))
        assert (again.result(60).expectations == run.result(60).expectations).all()


class TestResume:
    def test_a_stored_result_needs_no_device(self, plan, monkeypatch):
        run = ibm.submit(plan, max_qpu_seconds=10).wait(60)
        refuse = lambda *_: pytest.fail("a device was opened")  # noqa: E731
        monkeypatch.setattr("qmlplay.ibm.tracking.device_of", refuse)
        again = ibm.resume(run.key)
        assert again.status() == "done"
        assert (again.result().expectations == run.result().expectations).all()
        assert again.plan.to_dict() == plan.to_dict()

    @pytest.mark.parametrize("state", ["planned", "posting", "posted"])
    def test_a_simulation_that_died_with_its_process_is_done_again(self, plan, state):
        run = ibm.submit(plan, max_qpu_seconds=10).wait(60)
        wanted = run.result().expectations
        content = store.read_record(run.key)
        content["jobs"][0] |= {"state": state, "job_id": None}
        store.write_record(run.key, content)
        store.path_of(run.key, "job0.npz").unlink()
        assert (ibm.resume(run.key).result(60).expectations == wanted).all()

    @pytest.mark.slow
    def test_in_a_new_process(self, plan):
        run = ibm.submit(plan, max_qpu_seconds=10).wait(60)
        program = (
            "import json, sys; from qmlplay import ibm; "
            "print(json.dumps(ibm.resume(sys.argv[1]).result().expectations.tolist()))"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, run.key], capture_output=True, text=True, check=True
        )
        assert json.loads(done.stdout) == run.result().expectations.tolist()

    def test_labels_of_text_come_back(self, data):
        from qmlplay import VariationalClassifier

        names = np.array(["low", "high"], dtype=object)[data.y]
        model = VariationalClassifier(n_layers=1, max_iter=2).fit(data.X, names)
        run = ibm.submit(
            ibm.plan(model, data.X, names, shots=50, device="fake_manila"), max_qpu_seconds=10
        ).wait(60)
        again = ibm.resume(run.key).result()
        assert again.predictions.tolist() == run.result().predictions.tolist()
        assert set(again.predictions) <= {"low", "high"}


class TestWaiting:
    def test_too_long_is_no_failure(self, plan, held):
        run = ibm.submit(plan, max_qpu_seconds=10)
        assert run.status() == "running"
        with pytest.raises(StillWaitingError, match=rf"{run.key}.*not finished.*resume.*cancel"):
            run.wait(timeout=0.3)
        held.set()
        assert run.wait(timeout=30).status() == "done"

    def test_cancelling(self, plan, held):
        run = ibm.submit(plan, max_qpu_seconds=10)
        assert run.cancel().status() == "cancelled"
        held.set()
        for one in (run, ibm.resume(run.key)):
            with pytest.raises(JobError, match=r"cancelled.*submit"):
                one.result(30)

    def test_a_failed_simulation(self, plan, monkeypatch):
        def fail(request):
            raise MemoryError("no room")

        monkeypatch.setattr("qmlplay.ibm.simulated.simulate", fail)
        run = ibm.submit(plan, max_qpu_seconds=10)
        with pytest.raises(JobError, match="failed: no room"):
            run.wait(30)
        assert run.status() == "failed"


class TestBudget:
    def test_is_needed(self, plan):
        with pytest.raises(TypeError, match="max_qpu_seconds"):
            ibm.submit(plan)

    def test_below_the_estimate(self, plan):
        with pytest.raises(BudgetError, match=r"2\.2 QPU seconds.*=2 .*raise it to 3"):
            ibm.submit(plan, max_qpu_seconds=2)
        assert ibm.list_runs().empty

    def test_says_how_many_shots_it_would_pay_for(self, model):
        X = load_dataset("moons", n_samples=100, random_state=0).X
        plan = ibm.plan(model, X, shots=1024, device="fake_manila", seed=1)
        with pytest.raises(BudgetError, match=r"plan with shots=\d+") as caught:
            ibm.submit(plan, max_qpu_seconds=15)
        shots = int(str(caught.value).split("shots=")[1].split(",")[0])
        assert replace(plan, shots=shots).estimated_seconds <= 15

    @pytest.mark.parametrize("value", [0, -1, 0.5, float("nan"), float("inf")])
    def test_what_is_no_budget(self, plan, value):
        with pytest.raises(ValueError, match="max_qpu_seconds must be at least 1"):
            ibm.submit(plan, max_qpu_seconds=value)

    @pytest.mark.parametrize("value", ["10", None, True])
    def test_what_is_no_number(self, plan, value):
        with pytest.raises(TypeError, match="max_qpu_seconds must be a number"):
            ibm.submit(plan, max_qpu_seconds=value)

    def test_the_service_is_told(self, plan):
        (request,) = plan.requests(["the-tag"], 7.9)
        options = request.options()
        assert options["max_execution_time"] == 7
        assert options["environment"] == {"job_tags": ["qmlplay", "the-tag"], "private": False}


class TestCompare:
    def test_the_table(self, plan, data):
        found = ibm.submit(plan, max_qpu_seconds=10).compare(60)
        assert found.table["run"].tolist() == [
            "exact",
            "same shots, no noise",
            "simulated noise of fake_manila",
            "fake_manila",
        ]
        exact = found.table.iloc[0]
        assert (exact["rms_difference"], exact["rms_z"], exact["label_flips"]) == (0, 0, 0)
        assert found.table["accuracy"].between(0, 1).all()
        text = str(found)
        for wanted in ("old snapshot", "label flips", "0.0 used, 2.2 estimated", "4 samples"):
            assert wanted in text
        assert json.loads(json.dumps(found.to_dict()))["rows"][0]["run"] == "exact"

    def test_without_labels(self, model, data):
        plan = ibm.plan(model, data.X, shots=50, device="fake_manila", seed=1)
        found = ibm.submit(plan, max_qpu_seconds=10).compare(60)
        assert found.table["accuracy"].isna().all()
        assert "accuracy" not in str(found)
        json.dumps(found.to_dict(), allow_nan=False)

    def test_z_is_one_where_shots_alone_differ(self, plan):
        exact = results._simulated(plan, None)
        errors = np.sqrt((1 - exact**2) / plan.shots)
        squares = [
            results._row(
                plan, exact, "", results._simulated(replace(plan, seed=seed), SHOTS), errors
            )["rms_z"]
            ** 2
            for seed in range(200)
        ]
        assert np.mean(squares) == pytest.approx(1, abs=0.15)

    def test_no_spread_is_no_certainty(self, plan):
        exact = np.full((4, 2), 1 - 1 / SHOTS)
        row = results._row(plan, exact, "", np.ones((4, 2)), np.zeros((4, 2)))
        assert row["rms_z"] == pytest.approx(1)

    def test_wilson_interval(self, plan):
        exact = results._simulated(plan, None)
        row = results._row(plan, exact, "", exact, np.zeros_like(exact))
        n, p, z = 4, row["accuracy"], 1.959963984540054
        center = (p + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
        assert row["accuracy_low"] == pytest.approx(center - half)
        assert row["accuracy_high"] == pytest.approx(center + half)

    def test_flips_are_counted(self, plan):
        exact = results._simulated(plan, None)
        row = results._row(plan, exact, "", -exact - 2, np.ones_like(exact))
        assert 1 <= row["label_flips"] <= 4

    def test_many_noisy_qubits_are_left_out(self, plan, monkeypatch):
        monkeypatch.setattr(results, "_MAX_NOISY_QUBITS", 1)
        found = ibm.submit(plan, max_qpu_seconds=10).compare(60)
        assert len(found.table) == 3
        assert "noise is simulated on up to 1 qubits" in str(found)
