"""What the tests of the playground share."""

from __future__ import annotations

import time


def until(condition, seconds=20.0):
    """Wait for a condition; fail when it does not come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
