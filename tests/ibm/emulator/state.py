"""What the service knows: accounts, instances, devices, jobs and the seconds they used."""

from __future__ import annotations

import queue
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import jwt

from emulator.devices import Device, all_devices
from emulator.faults import Faults
from emulator.program import SECONDS_PER_JOB, execute

API_KEY = "sentinel-api-key-5f3a9c1e7b"
FINAL = ("Completed", "Failed", "Cancelled")
RAN_TOO_LONG = 1305


@dataclass(frozen=True)
class Instance:
    """What an account may use: a plan with its seconds."""

    name: str
    crn: str
    plan: str
    pricing: str


def _crn(number: int) -> str:
    account = "a/0123456789abcdef"
    return f"crn:v1:bluemix:public:quantum-computing:us-east:{account}:{uuid.UUID(int=number)}::"


OPEN = Instance("open-instance", _crn(1), "Open", "free")
PAID = Instance("paid-instance", _crn(2), "Pay-as-you-go", "paygo")


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


@dataclass
class Job:
    """A job on the service."""

    backend: str
    program: str
    params: dict[str, Any]
    instance: str
    tags: list[str]
    cost: float | None
    private: bool
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:20])
    created: str = field(default_factory=_now)
    running: str | None = None
    finished: str | None = None
    status: str = "Queued"
    reason: str | None = None
    reason_code: int | None = None
    executions: int = 0
    seconds: float = 0.0
    result: str = ""

    def describe(self) -> dict[str, Any]:
        """Return what ``GET /jobs/{id}`` says, without the program."""
        state = {"status": self.status, "reason": self.reason, "reason_code": self.reason_code}
        return {
            "id": self.id,
            "backend": self.backend,
            "program": {"id": self.program},
            "status": self.status,
            "state": {name: value for name, value in state.items() if value is not None},
            "tags": self.tags,
            "cost": self.cost,
            "private": self.private,
            "created": self.created,
            "ended": self.finished,
        }

    def metrics(self, *, counted: bool) -> dict[str, Any]:
        """Return what ``GET /jobs/{id}/metrics`` says, before or after the seconds are counted."""
        done = counted and self.status in FINAL
        seconds = self.seconds if done else 0.0
        return {
            "timestamps": {
                "created": self.created,
                "running": self.running,
                "finished": self.finished,
            },
            "usage": {
                "status": "complete" if done else "pending",
                "qpu_charge_time_seconds": seconds,
                "quantum_seconds": seconds,
                "seconds": seconds,
            },
        }

    def end(self, status: str, reason: str | None = None, code: int | None = None) -> None:
        """Bring the job to a final state."""
        self.status, self.reason, self.reason_code = status, reason, code
        self.finished = _now()


class Service:
    """The service behind the endpoints. One thread runs the jobs, one after the other."""

    def __init__(self, *, seconds_allowed: float = 600.0, seed: int = 0) -> None:
        self.devices: dict[str, Device] = all_devices()
        self.instances = {instance.crn: instance for instance in (OPEN, PAID)}
        self.keys = {API_KEY}
        self.token_seconds = 3600  # the client asks for a new token 10 s before the end
        self.seconds_allowed = seconds_allowed
        self.seconds_used_before = 0.0
        self.faults = Faults()
        self.jobs: dict[str, Job] = {}
        self.requests: list[tuple[str, str]] = []  # method and endpoint, in order of arrival
        self.api_versions: set[str] = set()  # of the service's interface, as clients name it
        self.raw_keys_seen = 0  # requests that carried an API key instead of a token
        self.failures: list[str] = []  # reasons for which the next jobs fail
        self.listing_is_late = False  # new jobs are not in the list of jobs yet
        self.accounting_is_late = False  # jobs end before their seconds are counted
        self._seed = seed
        self.tokens: set[str] = set()
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._open = threading.Event()
        self._open.set()
        self._worker = threading.Thread(target=self._work, daemon=True)
        self._worker.start()

    def hold(self) -> None:
        """Leave new jobs in the queue."""
        self._open.clear()

    def release(self) -> None:
        """Run the jobs that wait."""
        self._open.set()

    def stop(self) -> None:
        """End the thread that runs jobs."""
        self.release()
        self._queue.put(None)
        self._worker.join(timeout=30)

    def issue_token(self, key: str) -> str | None:
        """Return a new token, or None for a wrong key."""
        if key not in self.keys:
            return None
        now = int(time.time())
        claims = {"iat": now, "exp": now + self.token_seconds, "jti": uuid.uuid4().hex}
        token = jwt.encode(claims, "a secret that only the emulator knows", algorithm="HS256")
        self.tokens.add(token)
        return token

    def accepts(self, authorization: str) -> bool:
        """Say whether the header holds a token of this service."""
        self.raw_keys_seen += authorization.lower().startswith("apikey")
        return authorization.removeprefix("Bearer ") in self.tokens

    def usage(self, crn: str) -> dict[str, Any]:
        """Return the instance's seconds."""
        jobs = [job for job in self.jobs.values() if job.instance == crn]
        used = self.seconds_used_before + sum(job.seconds for job in jobs)
        return {
            "instance_id": crn,
            "usage_consumed_seconds": used,
            "usage_limit_seconds": self.seconds_allowed,
            "usage_allocation_seconds": self.seconds_allowed,
            "usage_limit_reached": used >= self.seconds_allowed,
        }

    def submit(self, payload: dict[str, Any], crn: str) -> Job:
        """Take a job; without seconds left it stays in the queue, as on the real service."""
        job = Job(
            backend=payload["backend"],
            program=payload["program_id"],
            params=payload["params"],
            instance=crn,
            tags=payload.get("tags", []),
            cost=payload.get("cost"),
            private=payload.get("private", False),
        )
        runs = not self.usage(crn)["usage_limit_reached"]
        self.jobs[job.id] = job
        if runs:
            self._queue.put(job)
        return job

    def _work(self) -> None:
        while (job := self._queue.get()) is not None:
            self._open.wait()
            if job.status == "Queued":
                self._run(job)

    def _run(self, job: Job) -> None:
        job.status, job.running = "Running", _now()
        if self.failures:
            job.end("Failed", self.failures.pop(0), 1517)
            return
        try:
            outcome = execute(job.params, self._seed + len(self.jobs))
        except Exception as error:  # the service says so too, and goes on
            job.end("Failed", f"{type(error).__name__}: {error}", 1519)
            return
        if job.status == "Cancelled":
            return
        job.executions = outcome.executions
        rep_delay = self.devices[job.backend].rep_delay
        seconds = SECONDS_PER_JOB + rep_delay * job.executions  # circuits take microseconds
        if job.cost is not None and seconds > job.cost:
            job.seconds = job.cost
            job.end("Cancelled", "Job ran longer than maximum execution time", RAN_TOO_LONG)
            return
        job.seconds, job.result = seconds, outcome.text
        job.end("Completed")
