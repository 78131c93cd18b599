"""What the tests of the playground share."""

from __future__ import annotations

import time


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
