"""What the client asks the service for, step by step, against a committed list.

A new version of the client that talks otherwise fails here, and the emulator has to follow before
anybody's job depends on it. A failing test says where it left the new list.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import pytest

pytest.importorskip("qiskit_ibm_runtime")

from emulator import Fault

from qmlplay import ibm

LIST = Path(__file__).with_name("contract.json")


class Recorder:
    """The endpoints that each step asked for, without repetitions, in alphabetical order."""

    def __init__(self, service):
        self._service = service
        self.steps = {}

    def step(self, name, function, *args, **kwargs):
        before = len(self._service.requests)
        returned = function(*args, **kwargs)
        asked = self._service.requests[before:]
        self.steps[name] = sorted({f"{method} {endpoint}" for method, endpoint in asked})
        return returned


def full_run(emulator, model, data):
    service = emulator.service
    recorder = Recorder(service)
    plan = recorder.step("plan", ibm.plan, model, data.X, data.y, shots=100)
    run = recorder.step("submit", ibm.submit, plan, max_qpu_seconds=60)
    recorder.step("wait and result", run.result, timeout=60)
    recorder.step("compare", run.compare)
    recorder.step("resume a finished run", lambda: ibm.resume(run.key).result())

    service.faults.add(Fault("POST", "/jobs", "drop", after=True))
    lost = recorder.step("submit, reply lost", ibm.submit, plan, max_qpu_seconds=60)
    recorder.step("resume and result", lambda: ibm.resume(lost.key).result(timeout=60))

    service.hold()
    queued = ibm.submit(plan, max_qpu_seconds=60)
    recorder.step("status", queued.status)
    recorder.step("cancel", queued.cancel)
    recorder.step("list_runs", ibm.list_runs)
    assert len(service.jobs) == 3
    return {
        "interface versions": sorted(service.api_versions),
        "programs": sorted({job.program for job in service.jobs.values()}),
        "schemas": sorted({job.params["schema_version"] for job in service.jobs.values()}),
        "steps": recorder.steps,
    }


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_the_client_asks_for_what_is_on_the_list(emulator, model, data, tmp_path):
    found = full_run(emulator, model, data)
    installed = {"qiskit-ibm-runtime": version("qiskit-ibm-runtime")}
    fresh = tmp_path / LIST.name
    fresh.write_text(json.dumps(installed | found, indent=2) + "\n", "utf-8")
    listed = json.loads(LIST.read_text("utf-8"))
    made_with = listed.pop("qiskit-ibm-runtime")
    assert found == listed, (
        f"{installed} talks to the service otherwise than {made_with} did, or qmlplay asks for "
        f"other things: let the emulator follow, then put {fresh} in the place of {LIST}"
    )


def test_the_list_names_endpoints_of_the_emulator():
    from emulator.routes import ROUTES

    known = {f"{route.method} {route.endpoint}" for route in ROUTES}
    listed = json.loads(LIST.read_text("utf-8"))
    asked = {endpoint for step in listed["steps"].values() for endpoint in step}
    assert asked <= known
    posts = {name for name, step in listed["steps"].items() if "POST /api/v1/jobs" in step}
    assert posts == {"submit", "submit, reply lost"}


def test_an_endpoint_that_is_not_on_the_list_is_noticed(emulator):
    recorder = Recorder(emulator.service)
    recorder.step("a new one", lambda: emulator.service.requests.append(("GET", "/api/v2/jobs")))
    assert recorder.steps == {"a new one": ["GET /api/v2/jobs"]}
