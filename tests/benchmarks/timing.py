"""Interleaved timing: every participant has its turn in every round."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter

import numpy as np
from participants import Participant

#: Seconds that a turn of a fast participant is filled with; a slow one is called once.
TURN = 0.1


def seconds_of(call: Callable[[], object]) -> float:
    """Return the seconds of one call."""
    start = perf_counter()
    call()
    return perf_counter() - start


def turn(call: Callable[[], object], length: float = TURN) -> float:
    """Return the median seconds of as many calls as fit into a turn.

    The first call after the others' turns finds cold caches. In training a step follows a
    step, so it counts only when it fills the turn by itself.
    """
    first = seconds_of(call)
    if first > length:
        return first
    calls: list[float] = []
    while sum(calls) < length:
        calls.append(seconds_of(call))
    return float(np.median(calls))


def race(
    participants: Sequence[Participant], n_rounds: int, report: Callable[[int], None] | None = None
) -> None:
    """Time A B C, A B C, …; add one entry per round to everyone's `seconds`."""
    for number in range(n_rounds):
        for participant in participants:
            participant.seconds.append(participant.scale * turn(participant.step))
        if report is not None:
            report(number + 1)
