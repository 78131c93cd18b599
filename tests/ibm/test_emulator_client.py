"""The emulator serves the real client: a job without any part of qmlplay."""

from __future__ import annotations

import time

import numpy as np
import pytest

pytest.importorskip("qiskit_ibm_runtime")

from emulator import OPEN, Fault
from qiskit import QuantumCircuit, generate_preset_pass_manager
from qiskit.circuit import Parameter
from qiskit.quantum_info import SparsePauliOp
from qiskit_ibm_runtime import QiskitRuntimeService, RuntimeJobMaxTimeoutError
from qiskit_ibm_runtime.executor_estimator import Estimator

SHOTS = 1000
VALUES = np.array([[0.3, 1.0], [2.0, 0.4], [1.0, 1.0]])
EXACT = np.array([np.cos(VALUES[:, 0]), np.cos(VALUES).prod(axis=1)])  # of Z on qubits 0 and 1


@pytest.fixture
def service(emulator):
    return QiskitRuntimeService(url_resolver=lambda *_: f"{emulator.url}/api/v1")


def submit(service, device, **options):
    backend = service.backend(device)
    a, b = Parameter("a"), Parameter("b")
    circuit = QuantumCircuit(2)
    circuit.ry(a, 0)
    circuit.ry(b, 1)
    circuit.cx(0, 1)
    isa = generate_preset_pass_manager(1, backend=backend, seed_transpiler=0).run(circuit)
    observables = [[SparsePauliOp(name).apply_layout(isa.layout)] for name in ("IZ", "ZI")]
    settings = {"default_shots": SHOTS, "resilience_level": 0} | options
    return Estimator(backend, options=settings).run([(isa, observables, VALUES)])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("device", "seconds"),
    [("ibmq_manila", 2 + 0.25e-3 * 3 * SHOTS), ("ibm_miami", 2 + 4e-3 * 3 * SHOTS)],
)
def test_a_job_from_submission_to_result(emulator, service, device, seconds):
    job = submit(service, device, environment={"job_tags": ["a-tag"]})
    data = job.result(timeout=60)[0].data
    error = np.sqrt((1 - EXACT**2) / SHOTS)
    assert data.evs.shape == EXACT.shape
    assert np.all(np.abs(data.evs - EXACT) < 5 * error)
    assert job.usage() == pytest.approx(seconds)
    assert service.usage()["usage_consumed_seconds"] == pytest.approx(seconds)
    assert [found.job_id() for found in service.jobs(job_tags=["a-tag"])] == [job.job_id()]
    assert service.jobs(job_tags=["another"]) == []
    assert list(emulator.service.jobs) == [job.job_id()]
    assert emulator.service.raw_keys_seen == 0


def test_a_queued_job_waits_and_is_cancelled(emulator, service):
    emulator.service.hold()
    job = submit(service, "ibmq_manila")
    assert job.status() == "QUEUED"
    job.cancel()
    emulator.service.release()
    assert service.job(job.job_id()).status() == "CANCELLED"
    assert service.usage()["usage_consumed_seconds"] == 0


def test_the_cap_on_seconds_ends_a_job(emulator, service):
    job = submit(service, "ibm_miami", max_execution_time=5)
    with pytest.raises(RuntimeJobMaxTimeoutError, match="1305"):
        job.result(timeout=60)
    assert service.usage()["usage_consumed_seconds"] == 5


def test_a_fault_happens_as_often_as_ordered(emulator, service, no_backoff):
    emulator.service.faults.add(Fault("GET", "/instances/usage", status=503, times=5))
    assert service.usage()["usage_limit_seconds"] == 600
    assert emulator.service.requests.count(("GET", "/api/v1/instances/usage")) == 6
    assert emulator.service.faults.pending() == []


@pytest.mark.slow
def test_the_client_bears_five_faults_in_a_row_at_its_own_pace(emulator, service):
    emulator.service.faults.add(Fault("GET", "/instances/usage", status=503, times=5))
    started = time.monotonic()
    assert service.usage()["usage_limit_seconds"] == 600
    assert 10 < time.monotonic() - started < 30  # 0 + 1 + 2 + 4 + 8 s


def test_an_unknown_endpoint_is_on_the_record(emulator, service):
    with pytest.raises(Exception, match="no such endpoint"):
        service._active_api_client.session_details("a-session")
    assert ("GET", "/api/v1/sessions/a-session") in emulator.service.requests


def test_the_open_plan_is_the_instance(emulator, service):
    assert service.active_instance() == OPEN.crn
    plans = {found["name"]: found["plan"] for found in service.instances()}
    assert plans == {"open-instance": "open", "paid-instance": "pay-as-you-go"}
