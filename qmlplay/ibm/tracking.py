"""The jobs of one run: posted once each, followed, and written down whenever there is news.

Every job's intent is on the disk before it is posted, and its id after. Where the service's reply
was lost, the job is looked for by its tag and never posted again unasked.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, replace
from functools import cached_property
from time import sleep
from typing import Any, final

from qmlplay.ibm import store
from qmlplay.ibm.errors import AccountError, RefusedError, ServiceError, unknown_job
from qmlplay.ibm.jobs import FINAL, Device, JobRequest, JobValues
from qmlplay.ibm.plans import Plan
from qmlplay.ibm.preparation import device_of
from qmlplay.ibm.records import JobRecord, plan_to_dict

__all__ = ["JobTracker"]

_ENDS = {"ERROR": "failed", "CANCELLED": "cancelled"}
_ENDED = ("done", "failed", "cancelled")
#: Pauses, in seconds, between looks for a job whose reply was lost.
_PAUSES = (0.0, 1.0, 3.0)


@final
class JobTracker:
    """Posts and follows the jobs of a run.

    Parameters
    ----------
    key : str
    plan : Plan
    jobs : list of JobRecord
    max_qpu_seconds : float
    created : str
        Date and time, in UTC.
    device : Device, optional
        An open connection. It is opened when it is first needed, and never copied.
    """

    def __init__(
        self,
        key: str,
        plan: Plan,
        jobs: list[JobRecord],
        max_qpu_seconds: float,
        created: str,
        device: Device | None = None,
    ) -> None:
        self.key = key
        self.plan = plan
        self.jobs = jobs
        self.max_qpu_seconds = max_qpu_seconds
        self.created = created
        if device is not None:
            self.device = device

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "device"}

    @cached_property
    def device(self) -> Device:
        """The device, opened where it is not yet."""
        return device_of(self.plan)

    def post(self, max_qpu_seconds: float) -> None:
        """Post the jobs that surely do not exist yet.

        Raises
        ------
        RefusedError
            If the service said no: the job is "planned" again.
        UnknownJobError
            If it cannot be found out whether a job exists: it stays "posting".
        """
        for number, request in enumerate(self._requests(max_qpu_seconds)):
            state = self.jobs[number].state
            if state == "planned" or (state == "posting" and self._job_id(number) is None):
                self._post(number, request)

    def _requests(self, max_qpu_seconds: float) -> list[JobRequest]:
        return self.plan.requests([job.tag for job in self.jobs], max_qpu_seconds)

    def _post(self, number: int, request: JobRequest) -> None:
        """Post one job: intent first, then the job, then its id."""
        self._save(number, JobRecord(request.tag, "posting"))
        try:
            job_id = self.device.post(request)
        except (RefusedError, ValueError):
            self._save(number, JobRecord(request.tag))
            raise
        except Exception as error:
            job_id = self._of_lost_reply(request.tag, error)
        self._save(number, JobRecord(request.tag, "posted", job_id))

    def _of_lost_reply(self, tag: str, error: Exception) -> str:
        """Return the id of a job of which it is not known whether it was posted."""
        try:
            job_id = _look_up(self.device, tag)
        except ServiceError as silence:
            raise unknown_job(self.key, tag, silence) from error
        if job_id is not None:
            return job_id
        if isinstance(error, ServiceError):
            raise unknown_job(self.key, tag, error) from error
        raise error

    def state(self, number: int, seconds: float | None) -> str:
        """Return how far one job is; store what it measured where that is new.

        The answer is a state of `JobRecord`, or "queued", "running", "unknown" or "incomplete".
        """
        job = self.jobs[number]
        if job.state in _ENDED:
            return job.state
        if not self.plan.is_fake and job.state == "planned":
            return "incomplete"
        job_id = self._job_id(number)
        if job_id is None:
            return "unknown"
        state = self.device.state(job_id, seconds)
        if state not in FINAL:
            return "running" if state == "RUNNING" else "queued"
        if state in _ENDS:
            used = self.device.used_seconds(job_id)
        else:
            used = self._keep_values(number, job_id)
        ended = replace(self.jobs[number], state=_ENDS.get(state, "done"), used_seconds=used)
        self._save(number, ended)
        return ended.state

    def _keep_values(self, number: int, job_id: str) -> float | None:
        """Store what a job measured, and return the seconds that it used."""
        rows = self.plan.jobs[number]
        measured = self.device.values(job_id, rows.stop - rows.start)
        arrays = {"values": measured.values, "errors": measured.errors}
        store.write_arrays(self.key, f"job{number}", arrays)
        return measured.used_seconds

    def values(self, number: int) -> JobValues:
        """Return what a job measured, from the disk."""
        arrays = store.read_arrays(self.key, f"job{number}")
        return JobValues(arrays["values"], arrays["errors"], self.jobs[number].used_seconds)

    def _job_id(self, number: int) -> str | None:
        """Return a job's id: known, or found by its tag; a lost simulation is begun anew."""
        job = self.jobs[number]
        if self.plan.is_fake:
            if self.device.find(job.tag) is None:
                self._post(number, self._requests(self.max_qpu_seconds)[number])
        elif job.job_id is None and job.state == "posting":
            job_id = _look_up(self.device, job.tag)
            if job_id is not None:
                self._save(number, replace(job, state="posted", job_id=job_id))
        return self.jobs[number].job_id

    def cancel(self, number: int) -> None:
        """Cancel one job, unless it has ended.

        Raises
        ------
        UnknownJobError
            If it may exist but cannot be found.
        """
        job = self.jobs[number]
        if job.state in _ENDED:
            return
        is_new = job.state == "planned"
        if is_new or (self.plan.is_fake and self.device.find(job.tag) is None):
            self._save(number, replace(job, state="cancelled", used_seconds=0.0))
            return
        job_id = self._job_id(number)
        if job_id is None:
            raise unknown_job(self.key, job.tag, "so nothing could be cancelled")
        self.device.cancel(job_id)
        if self.state(number, None) not in _ENDED:
            self._save(number, replace(self.jobs[number], state="cancelled"))

    def count_seconds(self) -> None:
        """Ask for the QPU seconds of ended jobs that the service had not counted before."""
        for number, job in enumerate(self.jobs):
            if job.state in _ENDED and job.used_seconds is None and job.job_id is not None:
                with suppress(ServiceError):
                    used = self.device.used_seconds(job.job_id)
                    self._save(number, replace(job, used_seconds=used))

    def write(self) -> None:
        """Write the record of the run."""
        content = {
            "created": self.created,
            "max_qpu_seconds": self.max_qpu_seconds,
            "plan": plan_to_dict(self.plan),
            "jobs": [asdict(job) for job in self.jobs],
        }
        store.write_record(self.key, content)

    def _save(self, number: int, record: JobRecord) -> None:
        self.jobs[number] = record
        self.write()


def _look_up(device: Device, tag: str) -> str | None:
    """Return the id of the job with a tag, looking more than once; None if there is none.

    Raises
    ------
    ServiceError
        If the service does not answer: that is no "there is none".
    """
    for pause in _PAUSES:
        sleep(pause)
        try:
            job_id, silence = device.find(tag), None
        except AccountError:
            raise
        except ServiceError as error:
            job_id, silence = None, error
        if job_id is not None:
            return job_id
    if silence is not None:
        raise silence
    return None
