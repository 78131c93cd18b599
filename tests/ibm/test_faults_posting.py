"""Requests and replies that are lost while a job is posted: one job, and it is found."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("qiskit_ibm_runtime")

from emulator import Fault
from fault_helpers import BUDGET, POST, finished_once, jobs, only_key
from ibm_helpers import SHOTS

from qmlplay import ibm
from qmlplay.ibm.errors import RefusedError, ServiceError, UnknownJobError

pytestmark = pytest.mark.usefixtures("quick")


class TestLostReplies:
    def test_the_job_of_a_lost_reply_is_found(self, emulator, plan, exact):
        emulator.service.faults.add(Fault("POST", "/jobs", "drop", after=True))
        run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        finished_once(emulator, run, exact)
        assert emulator.service.requests.count(POST) == 1

    def test_the_right_one_of_two_jobs_is_found(self, emulator, plan):
        first = ibm.submit(plan, max_qpu_seconds=BUDGET)
        emulator.service.faults.add(Fault("POST", "/jobs", "drop", after=True))
        second = ibm.submit(plan, max_qpu_seconds=BUDGET)
        assert [*first.job_ids, *second.job_ids] == list(emulator.service.jobs)

    def test_a_lost_request_made_no_job(self, emulator, plan, exact):
        emulator.service.faults.add(Fault("POST", "/jobs", "drop"))
        with pytest.raises(UnknownJobError) as caught:
            ibm.submit(plan, max_qpu_seconds=BUDGET)
        assert only_key() in str(caught.value)
        assert jobs(emulator) == []
        run = ibm.submit(ibm.resume(only_key()), max_qpu_seconds=BUDGET)
        finished_once(emulator, run, exact)

    def test_a_lost_reply_and_then_silence(self, emulator, plan, exact):
        emulator.service.faults.add(
            Fault("POST", "/jobs", "drop", after=True), Fault("GET", "/jobs", status=503, times=12)
        )
        with pytest.raises(UnknownJobError):
            ibm.submit(plan, max_qpu_seconds=BUDGET)
        assert len(jobs(emulator)) == 1
        again = ibm.submit(ibm.resume(only_key()), max_qpu_seconds=BUDGET)  # asked to, even so
        finished_once(emulator, again, exact)

    def test_silence_is_not_taken_for_a_no(self, emulator, plan, exact):
        emulator.service.faults.add(
            Fault("POST", "/jobs", "drop", after=True), Fault("GET", "/jobs", status=503, times=500)
        )
        with pytest.raises(UnknownJobError):
            ibm.submit(plan, max_qpu_seconds=BUDGET)
        run = ibm.resume(only_key())
        with pytest.raises(ServiceError):  # whether it exists cannot be seen: no second one
            ibm.submit(run, max_qpu_seconds=BUDGET)
        with pytest.raises(ServiceError):
            run.cancel()
        assert emulator.service.requests.count(POST) == 1
        emulator.service.faults.lift()
        finished_once(emulator, ibm.resume(run.key), exact)

    def test_what_cannot_be_found_is_not_called_cancelled(self, emulator, plan, exact):
        emulator.service.faults.add(Fault("POST", "/jobs", "drop", after=True))
        emulator.service.listing_is_late = True
        with pytest.raises(UnknownJobError):
            ibm.submit(plan, max_qpu_seconds=BUDGET)
        run = ibm.resume(only_key())
        with pytest.raises(UnknownJobError):
            run.cancel()
        assert run.status() == "unknown"
        emulator.service.listing_is_late = False
        finished_once(emulator, ibm.resume(run.key), exact)

    def test_a_job_that_the_service_lists_late(self, emulator, plan, exact):
        emulator.service.faults.add(Fault("POST", "/jobs", "drop", after=True))
        emulator.service.listing_is_late = True
        with pytest.raises(UnknownJobError):
            ibm.submit(plan, max_qpu_seconds=BUDGET)
        emulator.service.listing_is_late = False
        finished_once(emulator, ibm.resume(only_key()), exact)

    @pytest.mark.slow
    def test_a_reply_that_never_comes(self, emulator, plan, exact, impatient):
        emulator.service.faults.add(Fault("POST", "/jobs", "stall", after=True))
        with impatient(0.7):
            run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        finished_once(emulator, run, exact)


class TestSeveralJobs:
    """A run of two jobs with two samples each; something happens to the second one."""

    @pytest.fixture
    def plan(self, emulator, model, data, monkeypatch):
        monkeypatch.setattr("qmlplay.ibm.preparation.samples_per_job", lambda *_, **__: 2)
        return ibm.plan(model, data.X, shots=SHOTS, device="ibmq_manila", seed=1)

    def finished(self, emulator, run, exact):
        result = run.result(timeout=60)
        assert result.job_ids == tuple(job.id for job in jobs(emulator))
        assert len(jobs(emulator)) == 2
        assert run.used_seconds == sum(job.seconds for job in jobs(emulator))
        error = np.sqrt((1 - exact**2) / SHOTS)
        assert np.all(np.abs(result.expectations - exact) < 5 * error + 1e-9)

    def test_without_faults(self, emulator, plan, exact):
        run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        self.finished(emulator, run, exact)
        assert plan.executions == sum(job.executions for job in jobs(emulator))
        assert sum(job.cost for job in jobs(emulator)) <= BUDGET

    def test_the_second_is_refused(self, emulator, plan, exact):
        emulator.service.faults.add(Fault("POST", "/jobs", status=429, skip=1))
        with pytest.raises(RefusedError):
            ibm.submit(plan, max_qpu_seconds=BUDGET)
        run = ibm.resume(only_key())
        assert run.status() == "incomplete"
        with pytest.raises(ServiceError, match="1 of 2 jobs were never posted"):
            run.result(timeout=60)
        assert len(jobs(emulator)) == 1
        self.finished(emulator, ibm.submit(run, max_qpu_seconds=BUDGET), exact)

    def test_the_second_reply_is_lost(self, emulator, plan, exact):
        emulator.service.faults.add(Fault("POST", "/jobs", "drop", skip=1, after=True))
        self.finished(emulator, ibm.submit(plan, max_qpu_seconds=BUDGET), exact)

    def test_the_second_request_is_lost(self, emulator, plan, exact):
        emulator.service.faults.add(Fault("POST", "/jobs", "drop", skip=1))
        with pytest.raises(UnknownJobError):
            ibm.submit(plan, max_qpu_seconds=BUDGET)
        assert len(jobs(emulator)) == 1
        run = ibm.submit(ibm.resume(only_key()), max_qpu_seconds=BUDGET)
        self.finished(emulator, run, exact)

    def test_cancelling_reaches_both(self, emulator, plan):
        emulator.service.hold()
        ibm.submit(plan, max_qpu_seconds=BUDGET).cancel()
        assert [job.status for job in jobs(emulator)] == ["Cancelled", "Cancelled"]
