"""Open twenty tabs of the server, train in each, and close them, three times over.

Prints the bytes that the process grew by from the first time to the last, and the threads left. A
process of its own, as coverage keeps records of every thread, which look like a leak.
"""

from __future__ import annotations

import asyncio
import gc
import threading
import tracemalloc

from qmlplay.widget.playground_widget import Playground
from qmlplay.widget.server import page_runs as server_runs
from qmlplay.widget.server.messages import unpack

N_TABS, ROUNDS = 20, 3


class Tab:
    """Stands for the socket of a page, and remembers what it shows."""

    def __init__(self):
        self.step = 0

    async def write_message(self, message, binary):
        content, _ = unpack(message)
        self.step = content.get("state", {}).get("run", {}).get("step", self.step)

    def close(self, code):
        pass


def make(comm, configuration):
    return Playground.opened("moons", None, configuration=configuration, comm=comm)


async def one_round(runs):
    tabs = [Tab() for _ in range(N_TABS)]
    opened = [await runs.open({}, tab) for tab in tabs]
    for run in opened:
        await run.request({"action": "alive", "view": "page"}, [])
        await run.request({"action": "step"}, [])
    while not all(tab.step for tab in tabs):
        await asyncio.sleep(0.05)
    for run, tab in zip(opened, tabs, strict=True):
        runs.leave(run, tab)
    while threading.active_count() > 1:
        await asyncio.sleep(0.05)


async def main():
    server_runs._KEPT_SECONDS = 0.1
    runs = server_runs.Runs(make)
    await one_round(runs)
    tracemalloc.start()
    await one_round(runs)
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(ROUNDS):
        await one_round(runs)
    gc.collect()
    print(tracemalloc.get_traced_memory()[0] - before, threading.active_count() - 1)


asyncio.run(main())
