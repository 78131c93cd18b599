"""What the tests of the playground share."""

from __future__ import annotations

import sys
import threading
import time
import traceback


def until(condition, seconds=20.0):
    """Wait for a condition; fail when it does not come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def threads_left():
    """Return where every thread of the playground's that still runs stands."""
    frames = sys._current_frames()
    return [
        f"{thread.name}:\n" + "".join(traceback.format_stack(frames[thread.ident]))
        for thread in threading.enumerate()
        if thread.name.startswith("qmlplay") and thread.ident in frames
    ]


def all_threads_end(seconds=20.0):
    """Wait for the playground's threads, those of earlier tests included; fail if one stays."""
    deadline = time.monotonic() + seconds
    while threads_left() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threads_left() == []
