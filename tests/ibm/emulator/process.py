"""The emulator as a process of its own, watched and disturbed from outside."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from dataclasses import asdict
from pathlib import Path
from typing import Any

from emulator.faults import Fault


class EmulatorProcess:
    """A running emulator; a context manager."""

    def __enter__(self) -> EmulatorProcess:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "emulator"],
            cwd=Path(__file__).parents[1],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self._process.stdout.readline().strip()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate(timeout=30)

    def jobs(self) -> list[dict[str, Any]]:
        """Return every job on the service, oldest first."""
        return self._ask("GET", "")["jobs"]

    def requests(self) -> list[list[str]]:
        """Return method and endpoint of every request so far."""
        return self._ask("GET", "")["requests"]

    def add(self, fault: Fault) -> None:
        """Let this fault happen."""
        self._ask("POST", "/faults", asdict(fault))

    def lift(self) -> None:
        """End every fault."""
        self._ask("POST", "/lift")

    def wait_for(self, n_jobs: int, timeout: float = 60) -> None:
        """Wait until the service has this many jobs."""
        end = time.monotonic() + timeout
        while len(self.jobs()) < n_jobs:
            if time.monotonic() > end:
                raise TimeoutError(f"{len(self.jobs())} of {n_jobs} jobs after {timeout} s")
            time.sleep(0.005)

    def _ask(self, method: str, path: str, content: dict[str, Any] | None = None) -> Any:
        data = json.dumps(content).encode() if content else (b"" if method == "POST" else None)
        request = urllib.request.Request(f"{self.url}/emulator{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=30) as reply:
            text = reply.read()
        return json.loads(text) if text else None
