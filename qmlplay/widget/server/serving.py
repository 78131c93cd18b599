"""The server itself: an address, the handlers, and a loop until Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.resources import files
from typing import Any

from qmlplay.address import Address
from qmlplay.palette import DARK_PAGE_COLORS, PAGE_COLORS
from qmlplay.widget.data.upload_limits import MAX_BYTES
from qmlplay.widget.server.access import Access
from qmlplay.widget.server.cookie_secret import cookie_secret
from qmlplay.widget.server.messages import MOST_TEXT

__all__ = ["run"]

#: Threads that train keep the interpreter from the server's own for so long, not for Python's 5 ms.
_SWITCH_SECONDS = 0.001


def run(address: Address, make: Callable[[Any, str | None], Any]) -> None:
    """Serve until Ctrl-C, or until the first widget cannot be opened.

    Parameters
    ----------
    address : Address
    make : callable
        ``make(comm, configuration)`` opens the widget of a page.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        asyncio.run(_serve(address, make))
    except KeyboardInterrupt:
        return


async def _serve(address: Address, make: Callable[[Any, str | None], Any]) -> None:
    from tornado.httpserver import HTTPServer
    from tornado.web import Application

    from qmlplay.widget.server.handlers import FileHandler, SocketHandler
    from qmlplay.widget.server.page_runs import Runs

    runs = Runs(make)
    first = runs.prepare()
    application = Application(
        [("/socket", SocketHandler), ("(/.*)", FileHandler)],
        access=Access(address),
        runs=runs,
        files=page_files(),
        cookie_secret=cookie_secret(),
        websocket_max_message_size=MAX_BYTES + MOST_TEXT + 4,
        compress_response=True,
        log_function=lambda handler: None,
    )
    server = HTTPServer(application, max_buffer_size=2 * MAX_BYTES)
    server.add_socket(address.listening)
    stopped = _stop_signal()
    waiting = asyncio.ensure_future(stopped.wait())
    try:
        await asyncio.wait({first, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if first.done():
            first.result()  # raises why there is no widget
        await waiting
    finally:
        server.stop()
        runs.end()


def _stop_signal() -> asyncio.Event:
    """Return what Ctrl-C sets, and SIGTERM, so that neither breaks off in the middle of a task."""
    stopped = asyncio.Event()
    # Windows cannot, nor can another than the main thread: there KeyboardInterrupt ends the loop.
    with suppress(NotImplementedError, RuntimeError, ValueError):
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


def page_files() -> Mapping[str, Callable[[], tuple[str, str]]]:
    """Return the files of the page: path → what returns the kind and the content."""

    def file(name: str) -> str:
        return (files("qmlplay.widget.server") / "static" / name).read_text("utf-8")

    def code() -> str:
        from qmlplay.widget.page import page_code

        return page_code()

    def style() -> str:
        from qmlplay.widget.page import page_style

        grounds = f"--light: {PAGE_COLORS['ground']}; --dark: {DARK_PAGE_COLORS['ground']};"
        return f"{page_style()}\nhtml {{ {grounds} }}{file('index.css')}"

    return {
        "/": lambda: ("text/html", file("index.html")),
        "/start.js": lambda: ("text/javascript", file("start.js")),
        "/address.js": lambda: ("text/javascript", file("address.js")),
        "/page.js": lambda: ("text/javascript", code()),
        "/page.css": lambda: ("text/css", style()),
    }
