"""The runs of the server: whose each is, how long it is kept, and pages that come and go."""

from __future__ import annotations

import asyncio
from threading import RLock

import pytest
from tornado.websocket import WebSocketClosedError

from qmlplay.widget.audience import Audience
from qmlplay.widget.page_widget import PageWidget
from qmlplay.widget.server import page_runs
from qmlplay.widget.server.handlers import SocketHandler
from qmlplay.widget.server.messages import pack, unpack

FIRST_PAGE = {"run": None, "has_left": False, "configuration": None, "is_edited": False}


class Widget:
    """Stands for a playground."""

    def __init__(self, comm):
        self.comm, self.telling, self.audience = comm, RLock(), Audience()
        self.message, self.is_closed = {}, False

    def send_state(self):
        state = {"run": {"step": 1}, "message": self.message}
        self.comm.send({"method": "update", "state": state, "buffer_paths": []})

    say, say_error = PageWidget.say, PageWidget.say_error

    def close(self):
        self.is_closed = True


class Socket:
    """Stands for the socket of a page: open, closed, or one that never reads."""

    def __init__(self, how="open"):
        self.how, self.states = how, []

    async def write_message(self, message, binary):
        if self.how == "closed":
            raise WebSocketClosedError
        if self.how == "stalled" and "state" in unpack(message)[0]:
            await asyncio.Event().wait()
        self.states.append(unpack(message)[0].get("state"))

    def close(self, code):
        pass


def make(comm, configuration):
    if configuration == "damaged":
        raise ValueError("n_layers=99: must be a whole number from 1 to 10")
    return Widget(comm)


def in_a_loop(work):
    """Run a coroutine function that is given all runs of a server."""

    async def main():
        runs = page_runs.Runs(make)
        try:
            await work(runs)
        finally:
            runs.end()

    asyncio.run(main())


def test_what_was_left_last_is_kept_longest(monkeypatch):
    monkeypatch.setattr(page_runs, "_MOST_KEPT", 3)

    async def work(runs):
        sockets = [Socket() for _ in range(6)]
        opened = [await runs.open(FIRST_PAGE, socket) for socket in sockets]
        for run, socket in [*zip(opened, sockets, strict=True)][1:]:
            runs.leave(run, socket)
        runs.leave(opened[0], sockets[0])  # it was the first, and is loaded again
        assert [run.widget.is_closed for run in opened] == [False, True, True, True, False, False]
        again = await runs.open(FIRST_PAGE | {"run": opened[0].name, "has_left": True}, Socket())
        assert again is opened[0]

    in_a_loop(work)


def test_a_page_that_is_closed_before_its_run_is_there_keeps_none_for_ever(monkeypatch):
    monkeypatch.setattr(page_runs, "_KEPT_SECONDS", 0.01)

    async def work(runs):
        socket = Socket("closed")
        run = await runs.open(FIRST_PAGE, socket)
        runs.leave(run, socket)  # as its handler says then
        await asyncio.sleep(0.1)
        assert run.widget.is_closed

    in_a_loop(work)


def test_a_page_that_follows_another_quickly_keeps_its_run(monkeypatch):
    """Of two reloads, the first is told that it is closed while the second waits for an answer."""
    monkeypatch.setattr(page_runs, "_KEPT_SECONDS", 0.05)

    async def work(runs):
        run = await runs.open(FIRST_PAGE, Socket())
        again = {"run": run.name, "has_left": True, "configuration": "edited", "is_edited": True}
        first, second = Socket(), Socket()

        async def open_and_leave():
            runs.leave(await runs.open(again, first), first)

        await asyncio.gather(open_and_leave(), runs.open(again, second))
        assert first.states
        await asyncio.sleep(0.2)
        assert not run.widget.is_closed
        assert run.socket is second

    in_a_loop(work)


def test_a_page_does_not_wait_for_what_is_still_sent_to_the_one_before():
    async def work(runs):
        run = await runs.open(FIRST_PAGE, Socket("stalled"))
        await asyncio.sleep(0.01)
        page = Socket()
        await runs.open(FIRST_PAGE | {"run": run.name, "has_left": True}, page)
        await asyncio.sleep(0.01)
        assert page.states[-1]["run"] == {"step": 1}

    in_a_loop(work)


def test_a_refused_address_is_told_in_the_words_of_the_page():
    async def work(runs):
        run = await runs.open(FIRST_PAGE | {"configuration": "damaged"}, Socket())
        assert run.widget.message["text"] == "Layers 99: must be a whole number from 1 to 10"
        assert run.widget.message["field"] == "restore"

    in_a_loop(work)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("unlesbar: “Tabelle für Zürich”, " + "日本語" * 50),
        ValueError("a path that is no text: \udcff"),
        OSError(13, "Permission denied", "trees.csv"),
        FileNotFoundError(),
        TypeError("x" * 124),
    ],
)
def test_the_page_is_told_why_there_is_no_run(error):
    """The end of a socket has room for 123 bytes of a reason."""
    told = []

    class Runs:
        async def open(self, content, socket):
            raise error

    handler = SocketHandler.__new__(SocketHandler)
    handler.application = type("Application", (), {"settings": {"runs": Runs()}})
    handler.close = lambda code, reason: told.append((code, reason))
    asyncio.run(handler.on_message(pack(FIRST_PAGE)))
    ((code, reason),) = told
    assert code == 1008
    assert reason
    assert len(reason.encode()) <= 123
