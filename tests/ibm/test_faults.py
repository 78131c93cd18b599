"""Whatever goes wrong on the way to the service: nothing is lost, and nothing submitted twice."""

from __future__ import annotations

import time
import warnings
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("qiskit_ibm_runtime")

from conftest import SHOTS
from emulator import OPEN, PAID, Fault
from emulator.server import environment

from qmlplay import ibm
from qmlplay.ibm.errors import (
    AccountError,
    BudgetError,
    JobError,
    RefusedError,
    ServiceError,
    StillWaitingError,
    UnknownJobError,
)

BUDGET = 60
POST = ("POST", "/api/v1/jobs")
pytestmark = pytest.mark.usefixtures("quick")


def jobs(emulator):
    return list(emulator.service.jobs.values())


def state_of(key):
    runs = ibm.list_runs().set_index("key")
    return runs.loc[key, "state"]


def only_key():
    (key,) = ibm.list_runs()["key"]
    return key


def finished_once(emulator, run, exact):
    """The service has one job, and its values are the model's, within the noise of the shots."""
    result = run.result(timeout=60)
    (job,) = jobs(emulator)
    assert result.job_ids == (job.id,)
    error = np.sqrt((1 - exact**2) / run.plan.shots)
    assert np.all(np.abs(result.expectations - exact) < 5 * error + 1e-9)


class TestWithoutFaults:
    @pytest.mark.parametrize("device", ["ibmq_manila", "ibm_miami"])
    def test_executions_and_seconds_are_as_planned(self, emulator, model, data, exact, device):
        plan = ibm.plan(model, data.X, shots=500, device=device, seed=1)
        run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        finished_once(emulator, run, exact)
        (job,) = jobs(emulator)
        assert plan.executions == job.executions == 500 * len(data.X)
        assert run.used_seconds == job.seconds
        assert plan.estimated_seconds == pytest.approx(job.seconds, rel=0.05)

    @pytest.mark.parametrize("level", [1, 2])
    def test_executions_with_mitigation_are_as_planned(self, emulator, model, data, level):
        plan = ibm.plan(
            model, data.X, shots=100, device="ibmq_manila", resilience_level=level, seed=1
        )
        ibm.submit(plan, max_qpu_seconds=BUDGET).wait(timeout=60)
        (job,) = jobs(emulator)
        assert plan.executions == job.executions

    def test_what_the_service_is_told(self, emulator, plan):
        run = ibm.submit(plan, max_qpu_seconds=7.9)
        (job,) = jobs(emulator)
        assert job.cost == 7  # whole seconds, not above the budget
        assert not job.private  # results of private jobs can be read once only
        assert job.instance == OPEN.crn
        assert any(run.key in tag for tag in job.tags)
        assert job.params["options"]["init_qubits"]

    def test_the_quickest_device_is_chosen(self, emulator, model, data):
        devices = emulator.service.devices
        devices["ibmq_manila"] = replace(devices["ibmq_manila"], queue=50)
        assert ibm.plan(model, data.X, shots=1000).device == "ibm_perth"

    def test_the_open_plan_comes_first(self, emulator, model, data, monkeypatch):
        monkeypatch.delenv("QISKIT_IBM_INSTANCE")
        assert ibm.plan(model, data.X, device="ibmq_manila").instance == OPEN.crn

    def test_another_instance_is_charged_when_named(self, emulator, model, data):
        plan = ibm.plan(model, data.X, shots=100, device="ibmq_manila", instance=PAID.name)
        run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        assert [job.instance for job in jobs(emulator)] == [PAID.crn]
        found = ibm.resume(run.key).wait(timeout=60)
        assert found.status() == "done"


class TestOnlySubmitPosts:
    def test_everything_else_posts_no_job(self, emulator, model, data, plan):
        fresh = type(model)(n_layers=1, max_iter=1).fit(data.X, data.y)
        fresh.predict(data.X)
        fresh.score(data.X, data.y)
        ibm.plan(fresh, data.X)
        str(plan), plan.to_dict(), ibm.list_runs()
        assert jobs(emulator) == []
        run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        assert len(jobs(emulator)) == 1
        run.status()
        again = ibm.resume(run.key)
        again.wait(timeout=60)
        again.result()
        again.compare()
        again.cancel()
        ibm.list_runs()
        assert len(jobs(emulator)) == 1
        assert emulator.service.requests.count(POST) == 1


class TestKeyAndInstance:
    def test_a_wrong_key(self, emulator, model, data, monkeypatch):
        wrong = "a-key-with-a-typo"
        for name, value in environment(emulator.url, key=wrong).items():
            monkeypatch.setenv(name, value)
        with pytest.raises(AccountError, match=r"refuses the API key.*save_account") as caught:
            ibm.plan(model, data.X)
        assert wrong not in str(caught.value)
        assert jobs(emulator) == []
        assert emulator.service.raw_keys_seen == 0

    @pytest.mark.parametrize("instance", ["somebody-elses", OPEN.crn.replace("001", "009")])
    def test_a_wrong_instance(self, emulator, model, data, instance):
        with pytest.raises(AccountError, match=r"cannot be used with this account") as caught:
            ibm.plan(model, data.X, instance=instance)
        assert repr(instance) in str(caught.value)
        assert jobs(emulator) == []

    def test_the_key_is_withdrawn_before_the_post(self, emulator, plan, exact):
        emulator.service.faults.add(Fault("POST", "/jobs", status=401))
        with pytest.raises(AccountError, match="refuses the API key"):
            ibm.submit(plan, max_qpu_seconds=BUDGET)
        assert jobs(emulator) == []
        assert state_of(only_key()) == "planned"
        run = ibm.submit(ibm.resume(only_key()), max_qpu_seconds=BUDGET)
        finished_once(emulator, run, exact)

    def test_the_key_is_withdrawn_while_waiting(self, emulator, plan, exact):
        run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        emulator.service.faults.add(Fault("GET", "/jobs/{id}", status=401))
        with pytest.raises(AccountError, match="refuses the API key"):
            run.wait(timeout=60)
        finished_once(emulator, ibm.resume(run.key), exact)

    @pytest.mark.parametrize("is_connected", [True, False])
    def test_the_raw_key_is_not_sent_when_there_are_no_tokens(
        self, emulator, plan, exact, is_connected
    ):
        emulator.service.token_seconds = 10  # every request needs a new token
        run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        asked = run if is_connected else ibm.resume(run.key)
        emulator.service.faults.add(Fault("POST", "/identity/token", status=500, times=50))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # as in programs that do not look at warnings
            with pytest.raises(ServiceError):
                asked.status()
        assert emulator.service.raw_keys_seen == 0
        emulator.service.faults.lift()
        finished_once(emulator, ibm.resume(run.key), exact)

    def test_no_key_goes_to_an_address_that_is_not_ibms(self, emulator, model, data, monkeypatch):
        monkeypatch.delenv("QMLPLAY_IBM_TEST_URL")
        with pytest.raises(ServiceError, match="none of IBM's addresses"):
            ibm.plan(model, data.X)
        assert emulator.service.requests == []


class TestUsedSeconds:
    def test_seconds_that_are_not_counted_yet(self, emulator, plan):
        emulator.service.accounting_is_late = True
        run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        assert run.result(timeout=60).used_seconds is None
        emulator.service.accounting_is_late = False
        (job,) = jobs(emulator)
        again = ibm.resume(run.key)
        again.status()
        assert again.used_seconds == job.seconds


class TestTooManyRequests:
    def test_a_look_is_repeated_after_the_time_asked_for(self, emulator, plan, exact):
        run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        emulator.service.faults.add(
            Fault("GET", "/jobs/{id}", status=429, headers={"Retry-After": "0"}, times=2)
        )
        finished_once(emulator, run, exact)
        assert emulator.service.faults.pending() == []

    def test_a_look_without_a_time_to_come_back(self, emulator, plan, exact):
        run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        emulator.service.faults.add(Fault("GET", "/jobs/{id}", status=429))
        with pytest.raises(ServiceError, match="429"):
            run.status()
        finished_once(emulator, run, exact)

    @pytest.mark.parametrize("headers", [{}, {"Retry-After": "0"}])
    def test_a_refused_post_is_known_to_have_made_no_job(self, emulator, plan, exact, headers):
        emulator.service.faults.add(Fault("POST", "/jobs", status=429, headers=headers))
        with pytest.raises(RefusedError, match=r"429.*Nothing was posted"):
            ibm.submit(plan, max_qpu_seconds=BUDGET)
        assert jobs(emulator) == []
        assert state_of(only_key()) == "planned"
        run = ibm.submit(ibm.resume(only_key()), max_qpu_seconds=BUDGET)
        finished_once(emulator, run, exact)


class TestUnavailable:
    @pytest.mark.parametrize("request_", [("GET", "/jobs/{id}"), ("POST", "/jobs")])
    def test_a_short_burst_is_not_noticed(self, emulator, plan, exact, request_):
        emulator.service.faults.add(Fault(*request_, status=503, times=5))
        run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        finished_once(emulator, run, exact)
        assert emulator.service.faults.pending() == []

    def test_six_in_a_row_do_not_end_a_job(self, emulator, plan, exact):
        run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        emulator.service.faults.add(Fault("GET", "/jobs/{id}", status=503, times=6))
        with pytest.raises(ServiceError, match=r"does not answer.*Nothing is lost"):
            run.status()
        finished_once(emulator, run, exact)

    def test_waiting_goes_on_through_a_long_burst(self, emulator, plan, exact):
        run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        emulator.service.faults.add(Fault("GET", "/jobs/{id}", status=503, times=20))
        finished_once(emulator, run, exact)
        assert emulator.service.faults.pending() == []

    def test_six_in_a_row_on_the_post_leave_it_open(self, emulator, plan, exact):
        emulator.service.faults.add(Fault("POST", "/jobs", status=503, times=6))
        with pytest.raises(UnknownJobError, match=r"Nothing is posted again without your word"):
            ibm.submit(plan, max_qpu_seconds=BUDGET)
        assert jobs(emulator) == []
        again = ibm.resume(only_key())
        assert again.status() == "unknown"
        assert jobs(emulator) == []  # looking posts nothing
        finished_once(emulator, ibm.submit(again, max_qpu_seconds=BUDGET), exact)

    def test_the_client_posts_again_after_a_gateways_error(self, emulator, plan):
        """The reply says 504 but the job exists; the client's second one is the run's."""
        emulator.service.hold()
        emulator.service.faults.add(Fault("POST", "/jobs", status=504, after=True))
        run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        emulator.service.release()
        run.wait(timeout=60)
        twin, job = jobs(emulator)
        assert run.job_ids == (job.id,)
        assert (twin.status, twin.seconds) == ("Cancelled", 0)

    def test_silence_after_the_post_does_no_harm(self, emulator, plan, exact):
        emulator.service.faults.add(Fault("GET", "/jobs", status=503, times=6))
        finished_once(emulator, ibm.submit(plan, max_qpu_seconds=BUDGET), exact)


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

    def test_a_reply_that_never_comes(self, emulator, plan, exact, impatient):
        emulator.service.faults.add(Fault("POST", "/jobs", "stall", after=True))
        with impatient(0.7):
            run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        finished_once(emulator, run, exact)


class TestSeveralJobs:
    """A run of two jobs with two samples each; something happens to the second one."""

    @pytest.fixture
    def plan(self, emulator, model, data, monkeypatch):
        monkeypatch.setattr("qmlplay.ibm.planning.samples_per_job", lambda *_, **__: 2)
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


class TestUsage:
    def test_exhausted(self, emulator, plan):
        emulator.service.seconds_used_before = 600.0
        with pytest.raises(BudgetError, match="used up"):
            ibm.submit(plan, max_qpu_seconds=BUDGET)
        assert jobs(emulator) == []
        assert ibm.list_runs().empty

    def test_a_budget_above_what_is_left(self, emulator, plan):
        emulator.service.seconds_used_before = 590.0
        with pytest.raises(BudgetError, match=r"lower it to 10"):
            ibm.submit(plan, max_qpu_seconds=BUDGET)
        assert jobs(emulator) == []
        ibm.submit(plan, max_qpu_seconds=10).wait(timeout=60)
        assert len(jobs(emulator)) == 1

    def test_a_budget_below_the_estimate(self, emulator, plan):
        with pytest.raises(BudgetError, match="does not cover"):
            ibm.submit(plan, max_qpu_seconds=2)
        assert jobs(emulator) == []
