"""Runs over HTTP without faults: figures as planned, budgets kept, and only submit posts."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("qiskit_ibm_runtime")

from emulator import OPEN, PAID
from fault_helpers import BUDGET, POST, finished_once, jobs

from qmlplay import ibm
from qmlplay.ibm.errors import BudgetError

pytestmark = pytest.mark.usefixtures("quick")


class TestWithoutFaults:
    @pytest.mark.slow
    @pytest.mark.parametrize("device", ["ibmq_manila", "ibm_miami"])
    def test_executions_and_seconds_are_as_planned(self, emulator, model, data, exact, device):
        plan = ibm.plan(model, data.X, shots=500, device=device, seed=1)
        run = ibm.submit(plan, max_qpu_seconds=BUDGET)
        finished_once(emulator, run, exact)
        (job,) = jobs(emulator)
        assert plan.executions == job.executions == 500 * len(data.X)
        assert run.used_seconds == job.seconds
        assert plan.estimated_seconds == pytest.approx(job.seconds, rel=0.05)

    @pytest.mark.slow
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
    @pytest.mark.slow
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
