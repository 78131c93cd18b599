"""The HTTP side: one thread a connection, on 127.0.0.1 alone."""

from __future__ import annotations

import json
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from emulator.faults import Fault
from emulator.routes import API, ROUTES, Reply, Request, Route, error
from emulator.state import API_KEY, OPEN, Service


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else head and body of every reply are 40 ms apart
    server: _Server

    def answer(self) -> None:
        """Find the endpoint, let a waiting fault happen, answer."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        address = urlsplit(self.path)
        route, parameters = self._route(address.path)
        endpoint = route.endpoint if route else address.path
        service = self.server.service
        if not endpoint.startswith("/emulator"):
            service.requests.append((self.command, endpoint))
        fault = service.faults.take(self.command, endpoint.removeprefix(API))
        if fault and not fault.after:
            self._misbehave(fault)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(endpoint, parameters, parse_qs(address.query), body, headers)
        reply = self._reply(route, request)
        if fault:
            self._misbehave(fault)
        else:
            self._send(reply)

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - the library's names

    def _route(self, path: str) -> tuple[Route | None, tuple[str, ...]]:
        for route in ROUTES:
            parameters = route.match(self.command, path)
            if parameters is not None:
                return route, parameters
        return None, ()

    def _reply(self, route: Route | None, request: Request) -> Reply:
        service = self.server.service
        if route is None:
            return error(404, 1000, f"no such endpoint: {self.command} {request.endpoint}")
        if not route.open and not service.accepts(request.headers.get("authorization", "")):
            return error(401, 1200, "Unauthorized: the token is not valid.")
        if route.endpoint.startswith(API) and request.crn not in service.instances:
            return error(403, 1201, "The instance is not available to this account.")
        if route.endpoint.startswith(API):
            service.api_versions.add(request.headers.get("ibm-api-version", ""))
        return route.handler(service, request)

    def _misbehave(self, fault: Fault) -> None:
        if fault.kind == "stall":
            self.server.service.faults.stall()
        if fault.kind == "reply":
            self._send(Reply(fault.status, fault.body(), fault.headers))
            return
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, reply: Reply) -> None:
        text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
        content = b"" if reply.status == 204 else text.encode()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing: the service keeps its own list of requests."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a stalled request must not keep the test waiting

    def __init__(self, service: Service) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.service = service

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Leave out clients that went away: that is what the tests are about."""
        if not isinstance(sys.exception(), ConnectionError | OSError):
            super().handle_error(request, client_address)


class Emulator:
    """The service and its server in this process; a context manager."""

    def __init__(self, service: Service | None = None) -> None:
        self.service = service or Service()
        self._server = _Server(self.service)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def url(self) -> str:
        """Address of the service."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Emulator:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.service.faults.lift()
        self._server.shutdown()
        self._server.server_close()
        self.service.stop()


def environment(url: str, key: str = API_KEY, instance: str | None = OPEN.crn) -> dict[str, str]:
    """Return the environment variables that lead the client and qmlplay to this address."""
    variables = {
        "QMLPLAY_IBM_TEST_URL": url,
        "IAM_URL": url,
        "GLOBAL_SEARCH_URL": url,
        "GLOBAL_CATALOG_URL": f"{url}/catalog",
        "QISKIT_IBM_TOKEN": key,
        "QISKIT_IBM_CHANNEL": "ibm_quantum_platform",
    }
    return variables | ({"QISKIT_IBM_INSTANCE": instance} if instance else {})
