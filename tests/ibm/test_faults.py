"""Refusals and outages of the service: nothing is lost, and nothing submitted twice."""

from __future__ import annotations

import warnings

import pytest

pytest.importorskip("qiskit_ibm_runtime")

from emulator import OPEN, Fault
from emulator.server import environment
from fault_helpers import BUDGET, finished_once, jobs, only_key, state_of

from qmlplay import ibm
from qmlplay.ibm.errors import AccountError, RefusedError, ServiceError, UnknownJobError

pytestmark = pytest.mark.usefixtures("quick")


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

    @pytest.mark.slow
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
