"""The endpoints: method, path and what each answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from emulator.faults import Fault
from emulator.state import FINAL, Job, Service

API = "/api/v1"


@dataclass(frozen=True)
class Request:
    """What came: path parameters, query, form or JSON body, headers."""

    endpoint: str
    parameters: tuple[str, ...]
    query: dict[str, list[str]]
    body: str
    headers: dict[str, str]

    @property
    def crn(self) -> str:
        """The instance that the request is for."""
        return self.headers.get("service-crn", "")


@dataclass(frozen=True)
class Reply:
    """What is answered."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def error(status: int, code: int, message: str) -> Reply:
    """Return an error in the service's format."""
    return Reply(status, {"errors": [{"code": code, "message": message}], "trace": "emulator"})


Handler = Callable[[Service, Request], Reply]


def token(service: Service, request: Request) -> Reply:
    key = parse_qs(request.body).get("apikey", [""])[0]
    issued = service.issue_token(key)
    if issued is None:
        message = "Provided API key could not be found."
        return Reply(400, {"errorCode": "BXNIM0415E", "errorMessage": message})
    return Reply(body={"access_token": issued, "token_type": "Bearer", "expires_in": 3600})


def search(service: Service, request: Request) -> Reply:
    items = [
        {
            "crn": instance.crn,
            "name": instance.name,
            "service_plan_unique_id": instance.plan.lower(),
            "doc": {"extensions": {"backends": list(service.devices)}},
            "tags": [],
        }
        for instance in service.instances.values()
    ]
    return Reply(body={"items": items, "limit": 100})


def catalog(service: Service, request: Request) -> Reply:
    plans = {instance.plan.lower(): instance for instance in service.instances.values()}
    instance = plans[request.parameters[0]]
    pricing = {"pricing": {"type": instance.pricing}}
    names = {"en": {"display_name": instance.plan}}
    return Reply(body={"overview_ui": names, "metadata": pricing})


def backends(service: Service, request: Request) -> Reply:
    return Reply(body={"devices": [device.listing() for device in service.devices.values()]})


def backend(service: Service, request: Request) -> Reply:
    name, what = request.parameters[0], request.endpoint.rpartition("/")[2]
    device = service.devices.get(name)
    if device is None:
        return error(404, 1216, f"Backend {name} not found.")
    answers = {
        "configuration": device.configuration,
        "properties": device.properties,
        "status": device.status(),
    }
    return Reply(body=answers[what])


def usage(service: Service, request: Request) -> Reply:
    return Reply(body=service.usage(request.crn))


def submit(service: Service, request: Request) -> Reply:
    payload = json.loads(request.body)
    if payload["backend"] not in service.devices:
        return error(404, 1216, f"Backend {payload['backend']} not found.")
    job = service.submit(payload, request.crn)
    return Reply(body={"id": job.id, "backend": job.backend, "private": job.private})


def jobs(service: Service, request: Request) -> Reply:
    wanted = set(request.query.get("tags", []))
    pending = request.query.get("pending", [None])[0]
    found = [
        job
        for job in ([] if service.listing_is_late else reversed(service.jobs.values()))
        if job.instance == request.crn
        and wanted <= set(job.tags)
        and (pending is None or (pending == "true") == (job.status not in FINAL))
    ]
    offset = int(request.query.get("offset", ["0"])[0])
    limit = int(request.query.get("limit", ["200"])[0])
    page = [job.describe() for job in found[offset : offset + limit]]
    return Reply(body={"jobs": page, "count": len(found), "limit": limit, "offset": offset})


def _of_job(answer: Callable[[Service, Job, Request], Reply]) -> Handler:
    def handler(service: Service, request: Request) -> Reply:
        job = service.jobs.get(request.parameters[0])
        if job is None or job.instance != request.crn:
            return error(404, 1291, f"Job not found. Job ID: {request.parameters[0]}")
        return answer(service, job, request)

    return handler


@_of_job
def job(service: Service, found: Job, request: Request) -> Reply:
    params = {} if request.query.get("exclude_params") == ["true"] else {"params": found.params}
    return Reply(body=found.describe() | params)


@_of_job
def results(service: Service, found: Job, request: Request) -> Reply:
    return Reply(body=found.result)


@_of_job
def metrics(service: Service, found: Job, request: Request) -> Reply:
    return Reply(body=found.metrics(counted=not service.accounting_is_late))


@_of_job
def cancel(service: Service, found: Job, request: Request) -> Reply:
    if found.status in FINAL:
        return error(409, 1293, f"Job {found.id} is already {found.status.lower()}.")
    found.end("Cancelled")
    return Reply(204)


# For the tests alone, when the emulator runs as its own process.
def watch(service: Service, request: Request) -> Reply:
    content = [job.describe() for job in list(service.jobs.values())]
    return Reply(body={"jobs": content, "requests": service.requests})


def inject(service: Service, request: Request) -> Reply:
    service.faults.add(Fault(**json.loads(request.body)))
    return Reply(204)


def lift(service: Service, request: Request) -> Reply:
    service.faults.lift()
    return Reply(204)


@dataclass(frozen=True)
class Route:
    """A method and path, with what answers it and whether it wants a token."""

    method: str
    endpoint: str
    handler: Handler
    open: bool = False

    def match(self, method: str, path: str) -> tuple[str, ...] | None:
        """Return the path's parameters, or None for another request."""
        pattern = re.sub(r"\{\w+\}", "([^/]+)", self.endpoint)
        found = re.fullmatch(pattern, path)
        return found.groups() if found and method == self.method else None


ROUTES = (
    Route("POST", "/identity/token", token, open=True),
    Route("POST", "/v3/resources/search", search),
    Route("GET", "/catalog/{plan}", catalog),
    Route("GET", f"{API}/backends", backends),
    Route("GET", f"{API}/backends/{{name}}/configuration", backend),
    Route("GET", f"{API}/backends/{{name}}/properties", backend),
    Route("GET", f"{API}/backends/{{name}}/status", backend),
    Route("GET", f"{API}/instances/usage", usage),
    Route("POST", f"{API}/jobs", submit),
    Route("GET", f"{API}/jobs", jobs),
    Route("GET", f"{API}/jobs/{{id}}", job),
    Route("GET", f"{API}/jobs/{{id}}/results", results),
    Route("GET", f"{API}/jobs/{{id}}/metrics", metrics),
    Route("POST", f"{API}/jobs/{{id}}/cancel", cancel),
    Route("GET", "/emulator", watch, open=True),
    Route("POST", "/emulator/faults", inject, open=True),
    Route("POST", "/emulator/lift", lift, open=True),
)
