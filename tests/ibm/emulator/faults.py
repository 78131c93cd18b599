"""What can go wrong between a client and the service, on order."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal


@dataclass(frozen=True)
class Fault:
    """One kind of trouble at one endpoint, for the next `times` requests after `skip` good ones.

    ``"reply"`` answers with `status`; ``"drop"`` closes the connection without a reply;
    ``"stall"`` keeps the client waiting until the faults are lifted. With `after` the request has
    had its effect before the trouble starts: the job exists, but nobody was told.
    """

    method: str
    endpoint: str  # as in the list of routes: "/jobs/{id}"
    kind: Literal["reply", "drop", "stall"] = "reply"
    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    code: int = 1000
    message: str = "injected fault"
    skip: int = 0
    times: int = 1
    after: bool = False

    def body(self) -> dict[str, Any]:
        """Return the service's error format."""
        return {"errors": [{"code": self.code, "message": self.message}], "trace": "emulator"}


class Faults:
    """The faults waiting for their requests; used by many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self._lifted = threading.Event()

    def add(self, *faults: Fault) -> None:
        """Let these faults happen, in this order."""
        with self._lock:
            self._lifted.clear()
            self._waiting.extend(faults)

    def take(self, method: str, endpoint: str) -> Fault | None:
        """Return the fault for this request, if one waits, and count it."""
        with self._lock:
            for index, fault in enumerate(self._waiting):
                if (fault.method, fault.endpoint) != (method, endpoint):
                    continue
                if fault.skip:
                    self._waiting[index] = replace(fault, skip=fault.skip - 1)
                    return None
                left = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                self._waiting[index : index + 1] = left
                return fault
        return None

    def pending(self) -> list[dict[str, Any]]:
        """Return the faults that have not happened yet."""
        with self._lock:
            return [asdict(fault) for fault in self._waiting]

    def stall(self, limit: float = 60) -> None:
        """Wait until the faults are lifted, at most `limit` seconds."""
        self._lifted.wait(limit)

    def lift(self) -> None:
        """End every fault and let stalled requests go."""
        with self._lock:
            self._waiting.clear()
            self._lifted.set()
