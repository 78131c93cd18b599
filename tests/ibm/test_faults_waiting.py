"""Silence, queues, and jobs that end otherwise than done: the run says so, and can go on."""

from __future__ import annotations

import time

import pytest

pytest.importorskip("qiskit_ibm_runtime")

from emulator import Fault
from fault_helpers import BUDGET, finished_once, jobs

from qmlplay import ibm
from qmlplay.ibm.errors import JobError, ServiceError, StillWaitingError

pytestmark = pytest.mark.usefixtures("quick")


class TestStalls:
    def test_a_look_is_given_up(self, emulator, plan, exact, impatient):
        run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        emulator.service.faults.add(Fault("GET", "/jobs/{id}", "stall", times=50))
        started = time.monotonic()
        with impatient(0.5), pytest.raises(ServiceError, match="did not answer"):
            run.status()
        assert time.monotonic() - started < 5
        emulator.service.faults.lift()
        finished_once(emulator, run, exact)

    @pytest.mark.slow
    def test_waiting_keeps_to_its_time(self, emulator, plan, exact):
        run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        emulator.service.faults.add(Fault("GET", "/jobs/{id}", "stall", times=50))
        started = time.monotonic()
        with pytest.raises(StillWaitingError) as caught:
            run.wait(timeout=1)
        assert time.monotonic() - started < 3
        for needed in (run.key, *run.job_ids, "resume(", "cancel()"):
            assert needed in str(caught.value)
        emulator.service.faults.lift()
        finished_once(emulator, ibm.resume(run.key), exact)

    def test_a_long_queue_is_no_failure(self, emulator, plan, exact):
        emulator.service.hold()
        run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        assert run.status() == "queued"
        with pytest.raises(StillWaitingError):
            run.wait(timeout=0.5)
        emulator.service.release()
        finished_once(emulator, run, exact)


class TestEndedJobs:
    def test_cancelled_by_us(self, emulator, plan):
        emulator.service.hold()
        run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        assert run.cancel().status() == "cancelled"
        emulator.service.release()
        with pytest.raises(JobError, match="cancelled"):
            ibm.resume(run.key).result(timeout=60)
        (job,) = jobs(emulator)
        assert (job.status, job.seconds) == ("Cancelled", 0)

    def test_cancelled_elsewhere(self, emulator, plan):
        emulator.service.hold()
        run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        jobs(emulator)[0].end("Cancelled")
        emulator.service.release()
        with pytest.raises(JobError, match=r"cancelled.*submit\("):
            run.result(timeout=60)
        assert run.status() == "cancelled"
        assert len(jobs(emulator)) == 1

    def test_cancelling_what_is_done_keeps_the_result(self, emulator, plan, exact):
        run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        while jobs(emulator)[0].status != "Completed":
            time.sleep(0.01)
        assert run.cancel().status() == "done"
        finished_once(emulator, run, exact)

    def test_failed(self, emulator, plan):
        emulator.service.failures.append("the machine was recalibrated")
        run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        for found in (run, ibm.resume(run.key)):
            with pytest.raises(
                JobError, match=r"failed: (?s:.*)recalibrated.*Nothing is posted again"
            ):
                found.result(timeout=60)
        assert ibm.resume(run.key).status() == "failed"
        assert len(jobs(emulator)) == 1

    def test_ended_by_the_budget(self, emulator, plan):
        run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        emulator.service.hold()
        slower = ibm.submit(plan, max_qpu_seconds=BUDGET)
        jobs(emulator)[1].cost = 1
        emulator.service.release()
        with pytest.raises(JobError, match="maximum execution time"):
            slower.result(timeout=60)
        assert run.wait(timeout=60).status() == "done"
        assert len(jobs(emulator)) == 2
