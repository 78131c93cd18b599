"""What the tests of faults look at: the jobs of the service, and what became of a run."""

from __future__ import annotations

import numpy as np

from qmlplay import ibm

BUDGET = 60
POST = ("POST", "/api/v1/jobs")


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
