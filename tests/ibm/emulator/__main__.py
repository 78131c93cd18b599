"""The emulator as a process of its own: prints its address and serves until it is ended."""

from __future__ import annotations

import signal
import threading

from emulator.server import Emulator

if __name__ == "__main__":
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    with Emulator() as emulator:
        print(emulator.url, flush=True)
        stopped.wait()
