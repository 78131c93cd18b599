"""The runs of the server: a widget for every tab, kept a while for a page that comes back."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tornado.websocket import WebSocketClosedError, WebSocketHandler

from qmlplay.widget.server.messages import pack
from qmlplay.widget.server.socket_comm import SocketComm

if TYPE_CHECKING:
    from qmlplay.widget.playground_widget import Playground

__all__ = ["PageRun", "Runs"]

#: Seconds that a run is kept without a page, and how many such runs there may be.
_KEPT_SECONDS, _MOST_KEPT = 600.0, 20
_MOST_OPEN = 50

#: ``make(comm, configuration)`` opens a widget; ValueError for a string that is not allowed.
Maker = Callable[[SocketComm, "str | None"], "Playground"]


class PageRun:
    """A widget, its requests in a thread of their own, and the page that shows it.

    Parameters
    ----------
    loop : AbstractEventLoop
        Of the server.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.name = secrets.token_urlsafe(12)
        self.comm = SocketComm(self._wake)
        self.thread = ThreadPoolExecutor(1, "qmlplay requests")
        self.socket: WebSocketHandler | None = None
        self.expiry: asyncio.TimerHandle | None = None
        self._loop = loop
        self._widget: Playground | None = None
        self._sending: asyncio.Task[None] | None = None
        self._has_ended = False

    @property
    def widget(self) -> Playground:
        """What the page shows."""
        assert self._widget is not None
        return self._widget

    async def start(self, make: Maker, configuration: str | None) -> None:
        """Open the widget; where the string is refused, open it without, and say why."""
        self._widget = await self._loop.run_in_executor(
            self.thread, _opened, make, self.comm, configuration
        )

    def show(self, socket: WebSocketHandler) -> None:
        """Give a page everything, and from now on all changes."""
        widget = self.widget
        with widget.telling:
            self.comm.forget()
            widget.send_state()
            self.socket = socket
        self.keep()  # a page before may have left meanwhile
        self._sending = None  # nor wait for what is still sent to that one
        self._wake()

    def keep(self) -> None:
        """Forget that it was to end."""
        if self.expiry is not None:
            self.expiry.cancel()
            self.expiry = None

    async def request(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        """Answer a message of the page, in the run's own thread; none after its end."""
        from qmlplay.widget.requests import answer

        if self._has_ended:
            return
        await self._loop.run_in_executor(self.thread, answer, self.widget, content, buffers)

    def end(self) -> None:
        """Close the widget and its threads."""
        self._has_ended, self.socket = True, None
        self.keep()
        if self._widget is not None:
            self._widget.close()
        self.thread.shutdown(wait=False, cancel_futures=True)

    def _wake(self) -> None:
        with suppress(RuntimeError):  # the server has ended
            self._loop.call_soon_threadsafe(self._send)

    def _send(self) -> None:
        if self.socket is not None and (self._sending is None or self._sending.done()):
            self._sending = self._loop.create_task(self._send_all(self.socket))

    async def _send_all(self, socket: WebSocketHandler) -> None:
        """Send until nothing is left; what comes meanwhile goes together."""
        while self.socket is socket and (taken := self.comm.take()) is not None:
            try:
                await socket.write_message(pack(*taken), binary=True)
            except WebSocketClosedError:  # its handler is told, too
                return


def _opened(make: Maker, comm: SocketComm, configuration: str | None) -> Playground:
    try:
        return make(comm, configuration)
    except (ValueError, TypeError) as error:
        if configuration is None:
            raise
        widget = make(comm, None)
        widget.say_error(error, field="restore")
        return widget


class Runs:
    """All runs of a server.

    Parameters
    ----------
    make : callable
        Opens a widget.
    """

    def __init__(self, make: Maker) -> None:
        self._make = make
        self._runs: dict[str, PageRun] = {}
        self._loop = asyncio.get_running_loop()
        self._spare: asyncio.Task[PageRun] | None = None

    def prepare(self) -> asyncio.Task[PageRun]:
        """Begin to open a run before a page asks for it; the first one has much to load."""
        self._spare = self._loop.create_task(self._begin(None))
        return self._spare

    async def open(self, content: dict[str, Any], socket: WebSocketHandler) -> PageRun:
        """Give a page its run: the one that it had, or a new one.

        Parameters
        ----------
        content : dict
            ``run``: the name of the page's run, or None; ``has_left``: whether the page that had
            it said that it was left, as before a reload; ``configuration``: the string in the
            page's address, or None; ``is_edited``: whether a user has put it there.
        socket : WebSocketHandler

        Raises
        ------
        ValueError
            If too many pages are open, or it asks for anything else.
        """
        name, configuration = content.get("run"), content.get("configuration")
        if not isinstance(name, str | None) or not isinstance(configuration, str | None):
            raise ValueError("a first message of the page that says nothing")
        run = self._runs.get(name or "")
        if run is None or (run.socket is not None and content.get("has_left") is not True):
            # Another page shows it: a duplicated tab trains for itself.
            run, configuration = await self._new(configuration or None), None
        self._runs[run.name] = run
        run.socket = None  # what the page before has sent is still answered
        run.keep()
        if configuration and content.get("is_edited") is True:
            await run.request({"action": "restore", "text": configuration}, [])
        with suppress(WebSocketClosedError):  # closed meanwhile: its handler is told, too
            await socket.write_message(pack({"run": run.name}), binary=True)
        run.show(socket)
        return run

    async def _new(self, configuration: str | None) -> PageRun:
        if sum(run.socket is not None for run in self._runs.values()) >= _MOST_OPEN:
            raise ValueError(f"{_MOST_OPEN} pages are open: close some")
        if self._spare is None:
            return await self._begin(configuration)
        spare, self._spare = self._spare, None
        run = await spare
        if configuration is not None:
            await run.request({"action": "restore", "text": configuration}, [])
        return run

    async def _begin(self, configuration: str | None) -> PageRun:
        run = PageRun(self._loop)
        await run.start(self._make, configuration)
        return run

    def leave(self, run: PageRun, socket: WebSocketHandler) -> None:
        """Note that a page is gone; its run is kept a while for the next."""
        if run.socket is not socket:
            return
        run.socket = None
        run.widget.audience.all_gone()
        run.expiry = self._loop.call_later(_KEPT_SECONDS, self._end, run)
        self._runs[run.name] = self._runs.pop(run.name)  # in the order in which they were left
        kept = [run for run in self._runs.values() if run.expiry is not None]
        for oldest in kept[:-_MOST_KEPT]:
            self._end(oldest)

    def _end(self, run: PageRun) -> None:
        self._runs.pop(run.name, None)
        run.end()

    def end(self) -> None:
        """End all runs."""
        for run in list(self._runs.values()):
            if run.socket is not None:
                run.socket.close(1001)
            self._end(run)
        if self._spare is not None and self._spare.done() and not self._spare.exception():
            self._spare.result().end()
