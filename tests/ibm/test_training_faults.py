"""Training on the service: one job an iteration, whatever happens on the way."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("qiskit_ibm_runtime")

from emulator import Fault

from qmlplay import ibm
from qmlplay.ibm.errors import BudgetError, JobError, RefusedError, ServiceError

SETTINGS = {
    "device": "ibmq_manila",
    "iterations": 3,
    "shots": 200,
    "max_qpu_seconds": 60,
    "seed": 5,
}
pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def train(emulator, model, data):
    return lambda **changes: ibm.train(model, data.X, data.y, **(SETTINGS | changes))


def only_key():
    (key,) = ibm.list_trainings()["key"]
    return key


def finished(emulator, result):
    service = emulator.service
    assert result.job_ids == tuple(service.jobs)
    assert len(result.losses) == len(service.jobs) == SETTINGS["iterations"]
    assert result.spent_seconds == sum(job.seconds for job in service.jobs.values())
    assert all(job.cost <= SETTINGS["max_qpu_seconds"] for job in service.jobs.values())


@pytest.mark.slow
def test_one_job_an_iteration(emulator, train):
    finished(emulator, train())


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault",
    [
        Fault("POST", "/jobs", "drop", skip=1, after=True),
        Fault("POST", "/jobs", status=503, skip=1, times=3),
        Fault("GET", "/jobs/{id}", status=503, skip=1, times=8),
        Fault("GET", "/jobs/{id}/results", "drop", skip=1),
    ],
    ids=["lost reply", "burst on the post", "long burst on a look", "lost result"],
)
def test_a_fault_changes_nothing(emulator, train, fault):
    emulator.service.faults.add(fault)
    finished(emulator, train())
    assert emulator.service.faults.pending() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("POST", "/jobs", status=429, skip=1), RefusedError),
        (Fault("GET", "/jobs/{id}", status=401, skip=3), ServiceError),
    ],
    ids=["refused post", "key withdrawn"],
)
def test_training_that_stops_goes_on_from_there(emulator, train, fault, error):
    emulator.service.faults.add(fault)
    with pytest.raises(error) as caught:
        train()
    assert "resume_training" in "".join(caught.value.__notes__)
    finished(emulator, ibm.resume_training(only_key()))


@pytest.mark.slow
def test_a_failed_job_is_tried_again_when_told_to_alone(emulator, train):
    emulator.service.failures.append("the machine was recalibrated")
    with pytest.raises(JobError, match="recalibrated"):
        train()
    assert len(emulator.service.jobs) == 1
    result = ibm.resume_training(only_key())
    assert len(result.losses) == 3
    assert len(emulator.service.jobs) == 4


def test_the_budget_holds_for_all_iterations_together(emulator, train):
    with pytest.raises(BudgetError, match="Nothing was posted"):
        train(max_qpu_seconds=5)
    assert emulator.service.jobs == {}
    emulator.service.seconds_used_before = 570.0
    with pytest.raises(BudgetError, match="has left"):
        train()
    assert emulator.service.jobs == {}


@pytest.mark.slow
def test_faults_do_not_change_the_weights(emulator, train):
    emulator.service.faults.add(Fault("POST", "/jobs", "drop", skip=1, after=True))
    disturbed = train()
    emulator.service.jobs.clear()  # the emulator's shots are seeded by the number of the job
    undisturbed = train()
    np.testing.assert_array_equal(disturbed.losses, undisturbed.losses)
    np.testing.assert_array_equal(disturbed.classifier.weights_, undisturbed.classifier.weights_)
