"""The server itself: a port, the handlers, and a loop until Ctrl-C."""

from __future__ import annotations

import asyncio
import secrets
import webbrowser
from collections.abc import Callable, Mapping
from importlib.resources import files
from threading import Thread
from typing import Any

from qmlplay.widget.server.access import Access

__all__ = ["Server"]

#: Ports that are tried, one after the other.
_PORTS = 50


class Server:
    """The playground's page, on 127.0.0.1 alone.

    Parameters
    ----------
    port : int
        The first port to try.
    make : callable
        ``make(comm, configuration)`` opens the widget of a page.

    Raises
    ------
    OSError
        If no port is free.
    """

    def __init__(self, port: int, make: Callable[[Any, str | None], Any]) -> None:
        self._make = make
        self._sockets, free = _bound(port)
        self._access = Access(free)

    @property
    def url(self) -> str:
        """Where the page is, token included."""
        return self._access.address(self._access.token)

    def run(self, *, open_browser: bool) -> None:
        """Serve until Ctrl-C; an error in opening the first widget ends it, too."""
        try:
            asyncio.run(self._serve(open_browser))
        except KeyboardInterrupt:
            return

    async def _serve(self, open_browser: bool) -> None:
        from tornado.httpserver import HTTPServer
        from tornado.web import Application

        from qmlplay.widget.data.limits import MAX_BYTES
        from qmlplay.widget.server.handlers import FileHandler, SocketHandler
        from qmlplay.widget.server.messages import MOST_TEXT
        from qmlplay.widget.server.runs import Runs

        runs = Runs(self._make)
        first = runs.prepare()
        application = Application(
            [("/socket", SocketHandler), ("(/.*)", FileHandler)],
            access=self._access,
            runs=runs,
            files=page_files(),
            cookie_secret=secrets.token_bytes(32),
            websocket_max_message_size=MAX_BYTES + MOST_TEXT + 4,
            compress_response=True,
            log_function=lambda handler: None,
        )
        HTTPServer(application, max_buffer_size=2 * MAX_BYTES).add_sockets(self._sockets)
        if open_browser:
            address = self._access.address(self._access.ticket)
            Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        try:
            await first
            await asyncio.Event().wait()
        finally:
            runs.end()


def _bound(port: int) -> tuple[list[Any], int]:
    """Return sockets at the first port that is free, and that port."""
    from tornado.netutil import bind_sockets

    for candidate in range(port, min(port + _PORTS, 65_536)):
        try:
            return bind_sockets(candidate, "127.0.0.1"), candidate
        except OSError as error:
            failure = error
    raise OSError(f"no port is free from {port} on: choose another with --port ({failure})")


def page_files() -> Mapping[str, Callable[[], tuple[str, str]]]:
    """Return the files of the page: path → what returns the kind and the content."""

    def file(name: str) -> str:
        return (files("qmlplay.widget.server") / "static" / name).read_text("utf-8")

    def code() -> str:
        from qmlplay.widget.page import page_code

        return page_code()

    def style() -> str:
        from qmlplay.widget.page import page_style

        return page_style() + file("index.css")

    return {
        "/": lambda: ("text/html", file("index.html")),
        "/start.js": lambda: ("text/javascript", file("start.js")),
        "/address.js": lambda: ("text/javascript", file("address.js")),
        "/page.js": lambda: ("text/javascript", code()),
        "/page.css": lambda: ("text/css", style()),
    }
