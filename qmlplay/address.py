"""The address of the playground, printed before scikit-learn is loaded, which takes a while.

A browser waits there until the server answers, and starts meanwhile.
"""

from __future__ import annotations

import secrets
import socket
import sys
import webbrowser
from dataclasses import dataclass, field
from importlib.util import find_spec
from threading import Thread

__all__ = ["DEFAULT_PORT", "Address", "listen", "missing"]

DEFAULT_PORT = 8866
#: Ports that are tried, one after the other.
_PORTS = 50


def _secret() -> str:
    return secrets.token_urlsafe(24)


@dataclass(frozen=True)
class Address:
    """Where a server listens, and the tokens that let a browser in.

    Parameters
    ----------
    listening : socket
        At 127.0.0.1.
    token : str
        In the address that is printed.
    ticket : str
        In the address of the browser that is opened: others on this computer may see its command
        line, so it works once.
    """

    listening: socket.socket
    token: str = field(default_factory=_secret)
    ticket: str = field(default_factory=_secret)

    @property
    def port(self) -> int:
        """The port that was free."""
        return int(self.listening.getsockname()[1])

    @property
    def url(self) -> str:
        """The address of the page, token included."""
        return f"http://127.0.0.1:{self.port}/?token={self.token}"

    def announce(self, *, open_browser: bool) -> None:
        """Print the address, and open a browser there."""
        print(f"The playground is at {self.url}\nCtrl-C ends it.", flush=True)
        if open_browser:
            there = self.url.replace(self.token, self.ticket)
            Thread(target=webbrowser.open, args=(there,), daemon=True).start()


def listen(port: int = DEFAULT_PORT) -> Address:
    """Open a port on this computer: this one, or the next that is free.

    Raises
    ------
    OSError
        If there is none.
    """
    for candidate in range(port, min(port + _PORTS, 65_536)):
        listening = socket.socket()
        if sys.platform != "win32":  # there it would share the port of another
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", candidate))
            listening.listen(128)
        except OSError:
            listening.close()
            continue
        listening.setblocking(False)
        return Address(listening)
    raise OSError(f"no port is free from {port} on: choose another with --port")


def missing() -> list[str]:
    """Return the packages that `qmlplay play` needs and that are not installed."""
    return [name for name in ("anywidget", "tornado") if find_spec(name) is None]
