"""Runs: jobs that were posted, to be waited for, cancelled, or taken up again."""

from __future__ import annotations

import logging
import time
from typing import final

import numpy as np

from qmlplay.ibm.errors import (
    AccountError,
    JobError,
    RefusedError,
    ServiceError,
    still_waiting,
    unknown_job,
)
from qmlplay.ibm.plans import Plan
from qmlplay.ibm.records import JobRecord
from qmlplay.ibm.results import Result, RunComparison, compare_run
from qmlplay.ibm.tracking import JobTracker

__all__ = ["Run"]

#: Seconds between two looks at a job: at first, and at most.
_FIRST_LOOK, _LAST_LOOK = 0.1, 15.0
#: Refused looks in a row after which waiting ends.
_REFUSALS = 6
_LOG = logging.getLogger(__name__)


@final
class Run:
    """A submitted plan. Everything in it is stored under its key, and nothing secret is.

    It is made by `submit` and `resume`, and can be pickled.

    Parameters
    ----------
    tracker : JobTracker
        It posts and follows the jobs.
    """

    def __init__(self, tracker: JobTracker) -> None:
        self.tracker = tracker

    def __repr__(self) -> str:
        states = ", ".join(job.state for job in self.jobs)
        return f"<Run {self.key} on {self.plan.device}: {states}>"

    @property
    def key(self) -> str:
        """By which `resume` finds it."""
        return self.tracker.key

    @property
    def plan(self) -> Plan:
        """What was submitted."""
        return self.tracker.plan

    @property
    def jobs(self) -> tuple[JobRecord, ...]:
        """What is known of every job."""
        return tuple(self.tracker.jobs)

    @property
    def job_ids(self) -> tuple[str, ...]:
        """Ids of the jobs at the service, as far as they are known."""
        return tuple(job.job_id for job in self.jobs if job.job_id is not None)

    @property
    def used_seconds(self) -> float | None:
        """QPU seconds charged so far; None where the service has not said yet."""
        used = [job.used_seconds for job in self.jobs]
        return None if None in used else float(sum(seconds or 0.0 for seconds in used))

    def status(self) -> str:
        """Ask how far the run is.

        Returns
        -------
        str
            "queued", "running", "done", "failed", "cancelled", "unknown" (whether a job exists
            could not be found out) or "incomplete" (the process ended before all were posted).

        Raises
        ------
        ServiceError
            If the service does not answer; the run goes on.
        """
        state = self._look(None)
        self.tracker.count_seconds()
        return state

    def wait(self, timeout: float | None = None) -> Run:
        """Wait until the run has ended, and store what it measured.

        Parameters
        ----------
        timeout : float, optional
            Seconds to wait at most; None waits as long as it takes.

        Returns
        -------
        Run
            This one.

        Raises
        ------
        StillWaitingError
            If it is not finished in time: no failure, it goes on.
        JobError
            If a job failed or was cancelled.
        UnknownJobError
            If it cannot be found out whether a job exists.
        """
        started, pause = time.monotonic(), _FIRST_LOOK
        troubles: list[ServiceError] = []
        while True:
            left = None if timeout is None else timeout - (time.monotonic() - started)
            if left is not None and left <= 0:
                why = f" (last answer: {troubles[-1]})" if troubles else ""
                raise still_waiting(self.key, self.job_ids, timeout or 0.0, why)
            try:
                state, troubles = self._look(left), []
            except (AccountError, JobError):
                raise
            except ServiceError as error:  # the job lives on, whatever ails the line to it
                state, troubles = "queued", [*troubles, error]
                self._complain(troubles)
            if state == "done":
                return self
            if state not in ("queued", "running"):
                raise self._error(state)
            left = None if timeout is None else timeout - (time.monotonic() - started)
            time.sleep(pause if left is None else max(0.0, min(pause, left)))
            pause = min(1.5 * pause, _LAST_LOOK)

    def result(self, timeout: float | None = None) -> Result:
        """Return what the run measured, waiting for it.

        Parameters
        ----------
        timeout : float, optional
            As in `wait`, which also says what is raised.

        Returns
        -------
        Result
        """
        self.wait(timeout)
        jobs = [self.tracker.values(number) for number in range(len(self.jobs))]
        parts = [job.of(self.plan.model.observables) for job in jobs]
        values, errors = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return Result.of(
            self.plan.model,
            self.plan.targets,
            values,
            errors,
            device=self.plan.device,
            estimated_seconds=self.plan.estimated_seconds,
            used_seconds=self.used_seconds,
            job_ids=self.job_ids,
        )

    def compare(self, timeout: float | None = None) -> RunComparison:
        """Compare what the device measured with simulations of the same circuits and shots.

        Parameters
        ----------
        timeout : float, optional
            As in `wait`.

        Returns
        -------
        RunComparison
            Print it.

        Examples
        --------
        >>> from qmlplay import VariationalClassifier, ibm
        >>> model = VariationalClassifier(n_layers=1, max_iter=1).fit([[0.0], [1.0]], ["a", "b"])
        >>> plan = ibm.plan(model, [[0.2], [0.4]], ["a", "b"], device="fake_manila", seed=1)
        >>> run = ibm.submit(plan, max_qpu_seconds=5)
        >>> print(run.compare(timeout=60))
        2 samples on fake_manila, 512 shots each
                                   run rms difference rms z label flips  accuracy [95 %]
                                 exact         0.0000  0.00           0 ...
                  same shots, no noise ...
        simulated noise of fake_manila ...
                           fake_manila ...
        differences are of expectations, from the exact ones; z: in standard errors
        QPU seconds: 0.0 used, 2.3 estimated
        fake_manila is an old snapshot of a machine, simulated here
        """
        return compare_run(self.plan, self.result(timeout))

    def cancel(self) -> Run:
        """Cancel the jobs that have not ended; what was measured before stays.

        Returns
        -------
        Run
            This one.
        """
        for number in range(len(self.jobs)):
            self.tracker.cancel(number)
        return self

    def _complain(self, troubles: list[ServiceError]) -> None:
        """Say that looking failed, once; give up where the service refuses again and again."""
        if len(troubles) == 1:
            _LOG.warning("run %s: %s; looking again", self.key, troubles[0])
        last = troubles[-_REFUSALS:]
        if len(last) == _REFUSALS and all(isinstance(error, RefusedError) for error in last):
            raise last[-1]

    def _look(self, seconds: float | None) -> str:
        states = [self.tracker.state(number, seconds) for number in range(len(self.jobs))]
        for state in ("failed", "cancelled", "unknown", "incomplete", "running", "queued"):
            if state in states:
                return state
        return "done"

    def _error(self, state: str) -> Exception:
        """Return the error for a run that ended otherwise than done."""
        key, jobs = self.key, self.jobs
        again = f"qmlplay.ibm.submit(qmlplay.ibm.resume({key!r}).plan, max_qpu_seconds=...)"
        for job in jobs:
            if job.state == "failed" and job.job_id is not None:
                why = self.tracker.device.reason(job.job_id)
                return JobError(
                    f"run {key}: job {job.job_id} failed: {why}. Nothing is posted again by "
                    f"itself; a new run of the same plan: {again}"
                )
            if job.state == "posting" and state == "unknown":
                return unknown_job(key, job.tag, "it may appear later")
        if state == "incomplete":
            missing = sum(job.state == "planned" for job in jobs)
            return ServiceError(
                f"run {key}: {missing} of {len(jobs)} jobs were never posted. Post those alone "
                f"with qmlplay.ibm.submit(qmlplay.ibm.resume({key!r}), max_qpu_seconds=...)"
            )
        ids = ", ".join(job.job_id for job in jobs if job.job_id is not None)
        return JobError(
            f"run {key} was cancelled (job {ids or 'never posted'}); a new run of the same plan: "
            f"{again}"
        )
