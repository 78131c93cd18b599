"""Threads that share the work on a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["in_threads"]

Result = TypeVar("Result")


def in_threads(task: Callable[..., Result], *arguments: Iterable[object]) -> list[Result]:
    """Return what `map` would give, each call in a thread of its own if there are several.

    Examples
    --------
    >>> in_threads(max, [1, 5], [2, 3])
    [2, 5]
    """
    calls = list(zip(*arguments, strict=True))
    if len(calls) == 1:
        return [task(*calls[0])]
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(task, *zip(*calls, strict=True)))
