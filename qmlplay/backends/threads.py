"""Threads that share the chunks of a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["in_threads"]

Result = TypeVar("Result")


def in_threads(
    task: Callable[[Sequence[slice]], Result], chunks: Sequence[slice], n_threads: int
) -> list[Result]:
    """Return what a task gives for each thread's share of the chunks.

    Examples
    --------
    >>> chunks = [slice(0, 4), slice(4, 8), slice(8, 9)]
    >>> in_threads(len, chunks, n_threads=2)
    [2, 1]
    """
    shares = [chunks[i::n_threads] for i in range(min(n_threads, len(chunks)))]
    if len(shares) == 1:
        return [task(chunks)]
    with ThreadPoolExecutor(len(shares)) as pool:
        return list(pool.map(task, shares))
