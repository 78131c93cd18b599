"""Plans: the right circuit on the right qubits, and costs that the client's own count confirms."""

from __future__ import annotations

import json
import math
import pickle
from importlib import resources

import numpy as np
import pytest

pytest.importorskip("qiskit_ibm_runtime")

from backend_helpers import each_backend
from ibm_helpers import OBSERVABLES, asymmetric, exact_values, plan_of
from qiskit import qasm3
from qiskit_ibm_runtime.executor_estimator.prepare import prepare
from qiskit_ibm_runtime.options_models import EstimatorOptions
from qiskit_ibm_runtime.quantum_program.params_converters import QUANTUM_PROGRAM_PARAMS_CONVERTERS

from qmlplay import VariationalClassifier, get_backend, ibm, load_dataset
from qmlplay.backends.testing import random_circuit
from qmlplay.circuit import GATES, Circuit, Gate
from qmlplay.ibm import compiled


def client_program(plan):
    """Return the program that the client makes of a plan's first job."""
    (request, *_) = plan.requests(["tag"] * len(plan.jobs), 10_000)
    pub = request.circuit.pub(request.observables, request.angles)
    options = EstimatorOptions(**request.options())
    return prepare([pub], options, add_tags=False)


def client_executions(plan):
    program, _ = client_program(plan)
    return program.shots * sum(item.size() for item in program.items)


class TestCircuit:
    @pytest.mark.parametrize("device", ["fake_manila", "fake_torino", "fake_brisbane"])
    def test_expectations_are_those_of_the_neutral_circuit(self, device):
        angles = np.random.default_rng(3).uniform(-3, 3, (4, 6))
        angles[:, 3] = 0.7  # one angle that all samples share
        plan = plan_of(asymmetric(), angles, device=device)
        columns = [0.7 if k == 3 else angles[:, k] for k in range(6)]
        wanted = get_backend("numpy").expectations(asymmetric(), columns, OBSERVABLES)
        (request,) = plan.requests(["tag"], 100)
        np.testing.assert_allclose(exact_values(request).values, wanted, atol=1e-8)

    @pytest.mark.parametrize("name", sorted(GATES))
    def test_every_gate_gets_there(self, name):
        kind = GATES[name]
        slot = {0: None, 1: 3, 3: (3, 4, 5)}[kind.n_angles]
        gate = Gate(name, tuple(range(kind.n_qubits))[::-1], slot)
        turns = [Gate("ry", (q,), slot=q) for q in range(3)]
        circuit = Circuit(3, (*turns, gate, Gate("h", (0,))))
        angles = np.random.default_rng(1).uniform(-3, 3, (3, circuit.n_slots))
        plan = plan_of(circuit, angles)
        wanted = get_backend("numpy").expectations(circuit, list(angles.T), OBSERVABLES)
        (request,) = plan.requests(["tag"], 100)
        np.testing.assert_allclose(exact_values(request).values, wanted, atol=1e-8)

    @pytest.mark.slow
    @pytest.mark.parametrize("seed", range(8))
    def test_random_circuits(self, seed):
        generator = np.random.default_rng(seed)
        circuit = random_circuit(3, 40, generator)
        angles = generator.uniform(-3, 3, (3, circuit.n_slots))
        plan = plan_of(circuit, angles)
        wanted = get_backend("numpy").expectations(circuit, list(angles.T), OBSERVABLES)
        (request,) = plan.requests(["tag"], 100)
        np.testing.assert_allclose(exact_values(request).values, wanted, atol=1e-8)

    def test_one_circuit_with_parameters_where_samples_differ(self, model, data):
        plan = ibm.plan(model, data.X, device="fake_manila", seed=1)
        formulas = model.circuit_.formulas
        read = [k for k, formula in enumerate(formulas) if formula.features]
        names = [parameter.name for parameter in plan.device_circuit.native().parameters]
        assert names == [f"angle_{slot:05d}" for slot in read]
        assert plan.shared.tolist() == [not formula.features for formula in formulas]

    @each_backend("backend", names=["qiskit", "cirq", "pennylane"])
    def test_any_backends_model(self, model, data, backend):
        here = ibm.plan(model, data.X, device="fake_manila", seed=1)
        there = ibm.plan(model.with_backend(backend), data.X, device="fake_manila", seed=1)
        assert qasm3.dumps(here.device_circuit.native()) == qasm3.dumps(
            there.device_circuit.native()
        )
        assert here.device_circuit.layout == there.device_circuit.layout
        assert (here.angles == there.angles).all()

    def test_a_model_of_many_classes(self):
        data = load_dataset("iris")
        model = VariationalClassifier(n_layers=1, max_iter=2, random_state=0).fit(data.X, data.y)
        plan = ibm.plan(model, data.X[::15], data.y[::15], device="fake_manila", seed=1)
        (request,) = plan.requests(["tag"], 100)
        decisions = plan.model.readout.decisions(exact_values(request).values)
        np.testing.assert_allclose(decisions, model.decision_function(data.X[::15]), atol=1e-8)


class TestExecutions:
    @pytest.mark.parametrize("level", [0, 1, 2])
    @pytest.mark.parametrize("shots", [1, 63, 65, 1000, 3001, 4096])
    def test_are_those_of_the_client(self, model, data, shots, level):
        plan = ibm.plan(
            model, data.X, device="fake_manila", shots=shots, resilience_level=level, seed=1
        )
        assert plan.executions == client_executions(plan)

    @pytest.mark.parametrize("level", [0, 1, 2])
    @pytest.mark.parametrize(
        "observables", [("ZII", "IZI"), ("ZII", "XII"), OBSERVABLES, ("XXI", "YYI", "ZZI", "IIX")]
    )
    def test_in_several_bases(self, observables, level):
        angles = np.random.default_rng(0).uniform(-3, 3, (5, 6))
        plan = plan_of(asymmetric(), angles, observables, shots=300, level=level)
        assert plan.executions == client_executions(plan)

    def test_figures_known_beforehand(self):
        assert [compiled.executions(20, 1, 1024, level) for level in (0, 1, 2)] == [
            20_480,
            21_504,
            62_464,
        ]

    def test_a_job_is_no_larger_than_reckoned(self):
        for n_samples in (10, 300):
            angles = np.random.default_rng(0).uniform(-3, 3, (n_samples, 6))
            plan = plan_of(asymmetric(), angles, device="fake_torino")
            encoder = QUANTUM_PROGRAM_PARAMS_CONVERTERS["v2.0"].encoder
            n_bytes = len(encoder(*client_program(plan)).model_dump_json())
            limit = compiled.samples_per_job(plan.n_bases, 6, 133, shots=1, resilience_level=0)
            per_sample = compiled.MAX_BYTES / limit
            assert n_bytes < 200_000 + n_samples * per_sample


class TestSeconds:
    @pytest.mark.parametrize(("device", "delay"), [("manila", 250e-6), ("miami", 4000e-6)])
    def test_are_within_a_fifth_of_ibms_formula(self, model, device, delay):
        folder = resources.files("qiskit_ibm_runtime.fake_provider.backends") / device
        stated = json.loads((folder / f"conf_{device}.json").read_text("utf-8"))
        assert stated["default_rep_delay"] * 1e-6 == pytest.approx(delay)
        X = load_dataset("moons", n_samples=100, random_state=0).X
        plan = ibm.plan(model, X, shots=1024, device=f"fake_{device}", seed=1)
        circuit_length = 5e-6  # some microseconds, next to nothing
        formula = 2 + (delay + circuit_length) * 100 * 1024
        assert plan.estimated_seconds == pytest.approx(formula, rel=0.2)
        assert 0 < plan.timing.circuit < 50e-6

    def test_a_device_that_does_not_say(self, model, data):
        plan = ibm.plan(model, data.X, shots=1000, device="fake_essex", seed=1)
        quick = 2 + 0.00035 * 1000 * len(data.X)
        assert plan.estimated_seconds == pytest.approx(quick, rel=0.05)

    def test_the_suggested_budget_is_enough(self, model, data):
        plan = ibm.plan(model, data.X, device="fake_manila", seed=1)
        assert plan.estimated_seconds <= plan.suggested_budget <= 1.2 * plan.estimated_seconds + 2


class TestSeveralJobs:
    def test_more_samples_than_fit_are_split(self, model, monkeypatch):
        monkeypatch.setattr(compiled, "MAX_EXECUTIONS", 7000)
        X = load_dataset("moons", n_samples=40, random_state=0).X
        plan = ibm.plan(model, X, shots=500, device="fake_manila", seed=1)
        assert [(rows.start, rows.stop) for rows in plan.jobs] == [(0, 14), (14, 28), (28, 40)]
        assert plan.executions == 500 * 40
        assert max(map(plan.executions_of, plan.jobs)) <= 7000
        one = 2 + (plan.timing.rep_delay + plan.timing.circuit) * 7000
        assert plan.estimated_seconds == pytest.approx(3 * one, rel=0.1)
        requests = plan.requests(["a", "b", "c"], 20)
        assert (np.concatenate([job.angles for job in requests]) == plan.angles).all()
        assert sum(job.max_seconds for job in requests) <= 20
        for job, rows in zip(requests, plan.jobs, strict=True):
            assert job.max_seconds >= plan.timing.seconds(plan.executions_of(rows))

    def test_limits_are_ibms_with_room(self):
        assert compiled.MAX_EXECUTIONS <= 10_000_000
        assert compiled.MAX_BYTES <= 50_000_000
        n = compiled.samples_per_job(2, 30, 156, shots=1, resilience_level=0)
        assert n * 2 * (30 * 8 + 156) * 4 / 3 <= compiled.MAX_BYTES
        assert compiled.samples_per_job(1, 1, 5, shots=10**9, resilience_level=0) == 1


class TestFace:
    def test_says_it_all(self, model, data):
        text = str(ibm.plan(model, data.X, shots=512, device="fake_manila", seed=1))
        for wanted in (
            "fake_manila",
            "old snapshot",
            "2 of 5",
            "two-qubit gates",
            "2,048 in 1 job",
        ):
            assert wanted in text
        assert "max_qpu_seconds=4" in text

    def test_is_plain_data(self, model, data):
        plan = ibm.plan(model, data.X, data.y, device="fake_manila", seed=1)
        again = pickle.loads(pickle.dumps(plan))
        assert again.to_dict() == plan.to_dict() == json.loads(json.dumps(plan.to_dict()))
        assert (again.targets == plan.targets).all()

    def test_the_seed_fixes_the_layout(self, model, data):
        plans = [ibm.plan(model, data.X, device="fake_brisbane", seed=5) for _ in "ab"]
        assert len({plan.device_circuit.layout for plan in plans}) == 1
        assert len({qasm3.dumps(plan.device_circuit.native()) for plan in plans}) == 1

    def test_depth_and_gates_are_those_of_the_device(self, model, data):
        plan = ibm.plan(model, data.X, device="fake_torino", seed=1)
        native = plan.device_circuit.native()
        assert set(native.count_ops()) <= {"cz", "rz", "sx", "x"}
        assert plan.n_two_qubit_gates == native.count_ops()["cz"]
        assert plan.depth == native.depth()
        assert math.isclose(plan.timing.rep_delay, 250e-6)
