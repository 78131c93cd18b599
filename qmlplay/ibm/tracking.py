"""The jobs of one run: where each stands, on the disk and at the service."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any, final

from qmlplay.ibm import store
from qmlplay.ibm.device import FINAL, Device, JobValues
from qmlplay.ibm.errors import JobError, ServiceError, unknown_job
from qmlplay.ibm.opening import open_device
from qmlplay.ibm.plans import Plan
from qmlplay.ibm.posting import look_up, post_job
from qmlplay.ibm.records import JobRecord, load_values, plan_to_dict, save_values

__all__ = ["JobTracker"]

_ENDS = {"ERROR": "failed", "CANCELLED": "cancelled"}
_ENDED = ("done", "failed", "cancelled")


@final
class JobTracker:
    """Posts and follows the jobs of a run; whatever is new is written down at once.

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
        self._device = device

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_device": None}

    @property
    def device(self) -> Device:
        """The device, opened where it is not yet."""
        if self._device is None:
            plan = self.plan
            n_qubits = plan.model.circuit.n_qubits
            self._device = open_device(plan.device, plan.instance, n_qubits, plan.executions)
        return self._device

    @device.setter
    def device(self, device: Device) -> None:
        self._device = device

    def post(self, max_qpu_seconds: float) -> None:
        """Post the jobs that surely do not exist yet."""
        tags = [job.tag for job in self.jobs]
        for place, request in enumerate(self.plan.requests(tags, max_qpu_seconds)):
            if self.jobs[place].state not in ("planned", "posting"):
                continue
            if self.jobs[place].state == "posting" and self._job_id(place) is not None:
                continue

            def save(record: JobRecord, place: int = place) -> None:
                self._save(place, record)

            post_job(self.key, self.device, request, save)

    def state(self, place: int, seconds: float | None) -> str:
        """Return how far one job is; store what it measured where that is new.

        The answer is a state of `JobRecord`, or "queued", "running", "unknown" or "incomplete".
        """
        if self.jobs[place].state in _ENDED:
            return self.jobs[place].state
        if not self.plan.is_fake and self.jobs[place].state == "planned":
            return "incomplete"
        job_id = self._job_id(place)
        if job_id is None:
            return "unknown"
        state = self.device.state(job_id, seconds)
        if state not in FINAL:
            return "running" if state == "RUNNING" else "queued"
        if state in _ENDS:
            used = self.device.used_seconds(job_id)
        else:
            rows = self.plan.jobs[place]
            found = self.device.values(job_id, rows.stop - rows.start)
            save_values(self.key, place, found)
            used = found.used_seconds
        ended = replace(self.jobs[place], state=_ENDS.get(state, "done"), used_seconds=used)
        self._save(place, ended)
        return ended.state

    def _job_id(self, place: int) -> str | None:
        """Return a job's id: known, or found by its tag; a lost simulation is begun anew."""
        job = self.jobs[place]
        if self.plan.is_fake:
            if self.device.find(job.tag) is None:
                tags = [own.tag for own in self.jobs]
                request = self.plan.requests(tags, self.max_qpu_seconds)[place]
                self._save(place, post_job(self.key, self.device, request, lambda record: None))
        elif job.job_id is None and job.state == "posting":
            found = look_up(self.device, job.tag)
            if found is not None:
                self._save(place, replace(job, state="posted", job_id=found))
        return self.jobs[place].job_id

    def cancel(self, place: int) -> None:
        """Cancel one job, unless it has ended.

        Raises
        ------
        UnknownJobError
            If it may exist but cannot be found.
        """
        job = self.jobs[place]
        if job.state in _ENDED:
            return
        is_new = job.state == "planned"
        if is_new or (self.plan.is_fake and self.device.find(job.tag) is None):
            self._save(place, replace(job, state="cancelled", used_seconds=0.0))
            return
        job_id = self._job_id(place)
        if job_id is None:
            raise unknown_job(self.key, job.tag, "so nothing could be cancelled")
        self.device.cancel(job_id)
        if self.state(place, None) not in _ENDED:
            self._save(place, replace(self.jobs[place], state="cancelled"))

    def count_seconds(self) -> None:
        """Ask for the QPU seconds of ended jobs that the service had not counted before."""
        for place, job in enumerate(self.jobs):
            if job.state in _ENDED and job.used_seconds is None and job.job_id is not None:
                with suppress(ServiceError):
                    used = self.device.used_seconds(job.job_id)
                    self._save(place, replace(job, used_seconds=used))

    def values(self, place: int) -> JobValues:
        """Return what a job measured, from the disk."""
        return load_values(self.key, place, self.jobs[place].used_seconds)

    def write(self) -> None:
        """Write the record of the run."""
        content = {
            "created": self.created,
            "max_qpu_seconds": self.max_qpu_seconds,
            "plan": plan_to_dict(self.plan),
            "jobs": [asdict(job) for job in self.jobs],
        }
        store.write_record(self.key, content)

    def _save(self, place: int, record: JobRecord) -> None:
        self.jobs[place] = record
        self.write()

    def ended(self, state: str) -> Exception:
        """Return the error for a run that ended otherwise than done."""
        key, jobs = self.key, self.jobs
        again = f"qmlplay.ibm.submit(qmlplay.ibm.resume({key!r}).plan, max_qpu_seconds=...)"
        for job in jobs:
            if job.state == "failed" and job.job_id is not None:
                why = self.device.reason(job.job_id)
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
