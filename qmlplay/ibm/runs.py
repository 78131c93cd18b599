"""A run: jobs that were posted, to be waited for, cancelled, or taken up again."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, final

import numpy as np
import pandas as pd

from qmlplay.ibm import store
from qmlplay.ibm.device import FINAL, Device, JobValues, open_device
from qmlplay.ibm.errors import (
    AccountError,
    JobError,
    ServiceError,
    StoreError,
    still_waiting,
    unknown_job,
)
from qmlplay.ibm.planning import Plan
from qmlplay.ibm.posting import look_up, post_job
from qmlplay.ibm.records import (
    JobRecord,
    load_plan,
    load_values,
    plan_to_dict,
    save_plan,
    save_values,
)
from qmlplay.ibm.results import Result

if TYPE_CHECKING:
    from qmlplay.ibm.comparison import RunComparison

__all__ = ["Run", "list_runs", "new_run", "resume"]

_ENDS = {"ERROR": "failed", "CANCELLED": "cancelled"}
_ENDED = ("done", "failed", "cancelled")
#: Seconds between two looks at a job: at first, and at most.
_FIRST_LOOK, _LAST_LOOK = 0.1, 15.0


@final
class Run:
    """A submitted plan. Everything in it is stored under its key, and nothing secret is.

    It is made by `submit` and `resume`.

    Parameters
    ----------
    key : str
        By which `resume` finds it.
    plan : Plan
    jobs : list of JobRecord
    max_qpu_seconds : float
    created : str
        Date and time, in UTC.
    device : Device, optional
        An open connection; it is not kept in copies.
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
        self.max_qpu_seconds = max_qpu_seconds
        self.created = created
        self._jobs = jobs
        self._device = device

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_device": None}

    def __repr__(self) -> str:
        states = ", ".join(job.state for job in self._jobs)
        return f"<Run {self.key} on {self.plan.device}: {states}>"

    @property
    def job_ids(self) -> tuple[str, ...]:
        """Ids of the jobs at the service, as far as they are known."""
        return tuple(job.job_id for job in self._jobs if job.job_id is not None)

    @property
    def jobs(self) -> tuple[JobRecord, ...]:
        """What is known of every job."""
        return tuple(self._jobs)

    @property
    def used_seconds(self) -> float | None:
        """QPU seconds charged so far; None where the service has not said yet."""
        used = [job.used_seconds for job in self._jobs]
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
        for place, job in enumerate(self._jobs):
            if job.state in _ENDED and job.used_seconds is None and job.job_id is not None:
                with suppress(ServiceError):  # the service counts some time after the end
                    used = self._opened().used_seconds(job.job_id)
                    self._save(place, replace(job, used_seconds=used))
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
        started, pause, trouble = time.monotonic(), _FIRST_LOOK, ""
        while True:
            left = None if timeout is None else timeout - (time.monotonic() - started)
            if left is not None and left <= 0:
                raise still_waiting(self.key, self.job_ids, timeout or 0.0, trouble)
            try:
                state, trouble = self._look(left), ""
            except (AccountError, JobError):
                raise
            except ServiceError as error:  # the job lives on, whatever ails the line to it
                state, trouble = "queued", f" (last answer: {error})"
            if state == "done":
                return self
            if state not in ("queued", "running"):
                raise self._ended(state)
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
        found = [self._values(place) for place in range(len(self._jobs))]
        return Result.of(
            self.plan.model,
            self.plan.targets,
            np.concatenate([part.values for part in found]),
            np.concatenate([part.errors for part in found]),
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
        """
        from qmlplay.ibm.comparison import compare_run

        return compare_run(self.plan, self.result(timeout))

    def cancel(self) -> Run:
        """Cancel the jobs that have not ended; what was measured before stays.

        Returns
        -------
        Run
            This one.
        """
        for place, job in enumerate(self._jobs):
            if job.state in _ENDED:
                continue
            job_id = self._job_id(place, repost=False)
            if job_id is None:
                if job.state == "posting" and not self.plan.is_fake:
                    raise unknown_job(self.key, job.tag, "so nothing could be cancelled")
                self._save(place, replace(job, state="cancelled"))
                continue
            self._opened().cancel(job_id)
            if self._state(place, None) not in ("done", "failed"):
                self._save(place, replace(self._jobs[place], state="cancelled"))
        return self

    def _look(self, seconds: float | None) -> str:
        states = [self._state(place, seconds) for place in range(len(self._jobs))]
        for state in ("failed", "cancelled", "unknown", "incomplete", "running", "queued"):
            if state in states:
                return state
        return "done"

    def _state(self, place: int, seconds: float | None) -> str:
        """Return how far one job is; store what it measured where that is new."""
        if self._jobs[place].state in _ENDED:
            return self._jobs[place].state
        if not self.plan.is_fake and self._jobs[place].state == "planned":
            return "incomplete"
        job_id = self._job_id(place)
        if job_id is None:
            return "unknown"
        device = self._opened()
        state = device.state(job_id, seconds)
        if state in _ENDS:
            used = device.used_seconds(job_id)
            ended = replace(self._jobs[place], state=_ENDS[state], used_seconds=used)
            self._save(place, ended)
        elif state == "DONE":
            self._store_values(place, device, job_id)
        return self._jobs[place].state if state in FINAL else _going(state)

    def _store_values(self, place: int, device: Device, job_id: str) -> None:
        rows = self.plan.jobs[place]
        found = device.values(job_id, rows.stop - rows.start)
        save_values(self.key, place, found)
        self._save(place, replace(self._jobs[place], state="done", used_seconds=found.used_seconds))

    def _job_id(self, place: int, *, repost: bool = True) -> str | None:
        """Return a job's id: known, or found by its tag; a lost simulation is begun anew."""
        job, device = self._jobs[place], self._opened()
        if self.plan.is_fake:
            if device.find(job.tag) is None:
                if not repost:
                    return None
                tags = [own.tag for own in self._jobs]
                request = self.plan.requests(tags, self.max_qpu_seconds)[place]
                self._save(place, post_job(self.key, device, request, lambda record: None))
            return job.tag
        if job.job_id is None and job.state == "posting":
            found = look_up(device, job.tag)
            if found is not None:
                self._save(place, replace(job, state="posted", job_id=found))
        return self._jobs[place].job_id

    def _values(self, place: int) -> JobValues:
        return load_values(self.key, place, self._jobs[place].used_seconds)

    def _ended(self, state: str) -> Exception:
        """Return the error for a run that ended otherwise than done."""
        again = f"qmlplay.ibm.submit(qmlplay.ibm.resume({self.key!r}).plan, max_qpu_seconds=...)"
        for job in self._jobs:
            if job.state == "posting":
                return unknown_job(self.key, job.tag, "it may appear later")
            if job.state == "failed" and job.job_id is not None:
                why = self._opened().reason(job.job_id)
                return JobError(
                    f"run {self.key}: job {job.job_id} failed: {why}. Nothing is posted again by "
                    f"itself; a new run of the same plan: {again}"
                )
        if state == "incomplete":
            return ServiceError(
                f"run {self.key}: {sum(job.state == 'planned' for job in self._jobs)} of "
                f"{len(self._jobs)} jobs were never posted. Post those alone with "
                f"qmlplay.ibm.submit(qmlplay.ibm.resume({self.key!r}), max_qpu_seconds=...)"
            )
        return JobError(
            f"run {self.key} was cancelled (job {', '.join(self.job_ids) or 'never posted'}); a "
            f"new run of the same plan: {again}"
        )

    def _opened(self) -> Device:
        if self._device is None:
            plan = self.plan
            n_qubits = plan.model.circuit.n_qubits
            self._device = open_device(plan.device, plan.instance, n_qubits, plan.executions)
        return self._device

    def _save(self, place: int, record: JobRecord) -> None:
        self._jobs[place] = record
        self._write()

    def _write(self) -> None:
        content = {
            "created": self.created,
            "max_qpu_seconds": self.max_qpu_seconds,
            "plan": plan_to_dict(self.plan),
            "jobs": [asdict(job) for job in self._jobs],
        }
        store.write_record(self.key, content)

    def _post(self, max_qpu_seconds: float) -> None:
        """Post the jobs that surely do not exist yet."""
        device = self._opened()
        tags = [job.tag for job in self._jobs]
        for place, request in enumerate(self.plan.requests(tags, max_qpu_seconds)):
            if self._jobs[place].state not in ("planned", "posting"):
                continue
            if self._jobs[place].state == "posting" and self._job_id(place) is not None:
                continue

            def save(record: JobRecord, place: int = place) -> None:
                self._save(place, record)

            post_job(self.key, device, request, save)


def _going(state: str) -> str:
    return "running" if state == "RUNNING" else "queued"


def new_run(plan: Plan, max_qpu_seconds: float, device: Device | None = None) -> Run:
    """Return a run of which nothing is posted yet, after storing it."""
    key = store.new_key()
    jobs = [JobRecord(f"qmlplay-{key}-{place}") for place in range(len(plan.jobs))]
    run = Run(key, plan, jobs, float(max_qpu_seconds), store.now(), device)
    save_plan(key, plan)
    run._write()
    return run


def resume(key: str) -> Run:
    """Return a run by its key, in any process; nothing is posted, and no network touched yet.

    Parameters
    ----------
    key : str
        `Run.key`, or one of `list_runs`.

    Returns
    -------
    Run
        A stored result is read from the disk; else the jobs are found by their ids, or by the
        tags under which they were posted.

    Raises
    ------
    UnknownRunError
        If there is no such run.
    StoreError
        If its files are damaged or from a newer version; they are left as they are.
    """
    content = store.read_record(key)
    try:
        jobs = [JobRecord(**job) for job in content["jobs"]]
        plan_part, budget = content["plan"], float(content["max_qpu_seconds"])
        created = str(content["created"])
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(
            f"{store.path_of(key, 'run.json')} is damaged ({error!r}); it is left as it is"
        ) from error
    return Run(key, load_plan(key, plan_part), jobs, budget, created)


def list_runs() -> pd.DataFrame:
    """Return all stored runs, the newest first; no network is touched.

    Returns
    -------
    pandas.DataFrame
        Columns key, created, device, state, samples, shots, estimated_seconds, used_seconds and
        job_ids. The state is that of the last look.
    """
    columns = [
        "key",
        "created",
        "device",
        "state",
        "samples",
        "shots",
        "estimated_seconds",
        "used_seconds",
        "job_ids",
    ]
    return pd.DataFrame([_summary(key) for key in store.stored_keys()], columns=columns)


def _summary(key: str) -> dict[str, Any]:
    try:
        content = store.read_record(key)
        plan, jobs = content["plan"], [JobRecord(**job) for job in content["jobs"]]
        used = [job.used_seconds for job in jobs]
        return {
            "key": key,
            "created": content["created"],
            "device": plan["device"],
            "state": ", ".join(dict.fromkeys(job.state for job in jobs)),
            "samples": plan["samples"],
            "shots": plan["shots"],
            "estimated_seconds": plan["estimated_seconds"],
            "used_seconds": None if None in used else sum(seconds or 0.0 for seconds in used),
            "job_ids": ", ".join(job.job_id for job in jobs if job.job_id is not None),
        }
    except (KeyError, TypeError, StoreError):
        return {"key": key, "state": "damaged, or from a newer version"}
