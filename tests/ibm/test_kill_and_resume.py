"""A process that is killed while it submits: one job on the service, and its result recovered.

Everything is real but the machine: two processes of a user, one after the other, and the emulator
as a third one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("qiskit_ibm_runtime")

from emulator import Fault
from emulator.process import EmulatorProcess
from emulator.server import environment
from ibm_helpers import SHOTS

from qmlplay import ibm

pytestmark = pytest.mark.slow  # every test is two or three processes

CLIENT = Path(__file__).with_name("kill_client.py")
#: Seconds between the job's arrival and the end of the process, where the reply does come.
DELAYS = (0.0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8)


@pytest.fixture(scope="module")
def service():
    with EmulatorProcess() as running:
        yield running


@pytest.fixture
def files(model, tmp_path):
    model.save(tmp_path / "model.qmlplay")
    return tmp_path


class User:
    """A process of a user, with a store of runs of its own."""

    def __init__(self, service, folder, *task):
        store = {"HOME": str(folder), "QMLPLAY_HOME": str(folder / "store")}
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", str(CLIENT), *task],
            env=os.environ | environment(service.url) | store | {"OMP_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def read(self):
        return self.process.stdout.readline().strip()

    def tell(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def kill(self):
        self.process.kill()
        self.process.communicate(timeout=30)
        assert self.process.returncode == -9

    def finish(self):
        text, _ = self.process.communicate(timeout=180)
        assert self.process.returncode == 0
        return json.loads(text.splitlines()[-1])


def planned(service, files, task="submit"):
    user = User(service, files, task, str(files / "model.qmlplay"), str(SHOTS))
    assert user.read() == "planned"
    return user


def kill_while_submitting(service, files, delay):
    """Kill a process once its job exists: before the reply comes, or some time after it did."""
    before = len(service.jobs())
    user = planned(service, files)
    if delay is None:
        service.add(Fault("POST", "/jobs", "stall", after=True))
    user.tell()
    service.wait_for(before + 1)
    if delay is not None:
        time.sleep(delay)
    user.kill()
    service.lift()
    return before


def recovered_once(service, files, before, exact):
    """A new process finds the job and its result, and there is no second job."""
    found = User(service, files, "resume").finish()
    (job,) = service.jobs()[before:]
    assert found["job_ids"] == [job["id"]]
    error = np.sqrt((1 - exact**2) / SHOTS)
    assert np.all(np.abs(np.array(found["expectations"]) - exact) < 5 * error + 1e-9)
    return found


@pytest.mark.parametrize("delay", [None, 0.0])
def test_killed_after_the_post(service, files, exact, delay):
    before = kill_while_submitting(service, files, delay)
    recovered_once(service, files, before, exact)


def test_a_recovered_result_is_stored(service, files, exact):
    """A third process reads it from the disk, without any question to the service."""
    before = kill_while_submitting(service, files, None)
    first = recovered_once(service, files, before, exact)
    asked = service.requests()
    second = recovered_once(service, files, before, exact)
    assert second == first | {"status": "done"}
    assert service.requests() == asked


def test_killed_after_the_post_twenty_times(service, model, tmp_path, exact, monkeypatch):
    states = []
    for number, delay in enumerate([None] * 10 + list(DELAYS)):
        folder = tmp_path / str(number)
        folder.mkdir()
        model.save(folder / "model.qmlplay")
        before = kill_while_submitting(service, folder, delay)
        monkeypatch.setenv("QMLPLAY_HOME", str(folder / "store"))
        states.append(ibm.list_runs()["state"].item())
        recovered_once(service, folder, before, exact)
    assert states[:10] == 10 * ["posting"]  # killed before the reply came
    assert states[-1] == "posted"  # and long after it


def test_killed_before_the_post(service, files):
    before = len(service.jobs())
    user = planned(service, files)
    service.add(Fault("POST", "/jobs", "stall"))  # the intent is stored, the job never arrives
    posts = service.requests().count(["POST", "/api/v1/jobs"])
    user.tell()
    while service.requests().count(["POST", "/api/v1/jobs"]) == posts:
        time.sleep(0.005)
    user.kill()
    service.lift()
    found = User(service, files, "resume").finish()
    assert found["status"] == "unknown"
    assert found["job_ids"] == []
    assert len(service.jobs()) == before


def test_killed_before_anything_was_stored(service, files):
    before = len(service.jobs())
    user = planned(service, files)
    service.add(Fault("GET", "/instances/usage", "stall"))
    usage = ["GET", "/api/v1/instances/usage"]
    asked = service.requests().count(usage)
    user.tell()
    while service.requests().count(usage) == asked:
        time.sleep(0.005)
    user.kill()
    service.lift()
    assert len(service.jobs()) == before
    assert not list((files / "store").rglob("*.json"))


def test_training_killed_after_a_post(service, files, tmp_path):
    """Training that is killed twice gets one job an iteration."""
    before = len(service.jobs())
    user = planned(service, files, "train")
    service.add(Fault("POST", "/jobs", "stall", skip=1, after=True))
    user.tell()
    service.wait_for(before + 2)
    user.kill()
    service.lift()

    service.add(Fault("POST", "/jobs", "stall", after=True))
    user = User(service, files, "resume-training")
    service.wait_for(before + 3)
    user.kill()
    service.lift()

    found = User(service, files, "resume-training").finish()
    assert len(found["losses"]) == 4
    assert found["job_ids"] == [job["id"] for job in service.jobs()[before:]]
