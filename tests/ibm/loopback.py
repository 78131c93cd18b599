"""A guard on sockets: this machine's own address, or nothing.

It listens to the interpreter's audit events, so that no library can go round it.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_ADDRESSED = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_NAMED = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
_HOME = {None, "", "localhost", "127.0.0.1"}


class NetworkTouchedError(BaseException):
    """Code under test wanted to leave this machine; no ``except Exception`` may hide it."""


class _Guard:
    """What is watched: audit hooks cannot be taken away, so this one is switched."""

    def __init__(self) -> None:
        self.active = False
        self.attempts: list[str] = []

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.active:
            return
        if event in _ADDRESSED:
            self._allow(event, arguments[0].family, arguments[1])
        elif event in _NAMED:
            self._allow(event, socket.AF_INET, arguments)

    def _allow(self, event: str, family: int, address: Any) -> None:
        if family == socket.AF_UNIX or (isinstance(address, tuple) and address[0] in _HOME):
            return
        self.attempts.append(f"{event}: {address}")
        raise NetworkTouchedError(self.attempts[-1])


_GUARD = _Guard()
sys.addaudithook(_GUARD)


@contextmanager
def only_loopback() -> Iterator[list[str]]:
    """Let sockets reach 127.0.0.1 alone; give the list of attempts to go further."""
    _GUARD.active, _GUARD.attempts = True, []
    try:
        yield _GUARD.attempts
    finally:
        _GUARD.active = False
