"""A batch on an exact simulator: cut into chunks, shared among threads, run there and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar, final

import numpy as np
from numpy.typing import ArrayLike

from qmlplay.backends import pauli
from qmlplay.backends.cotangents import (
    Cotangents,
    Pullback,
    added,
    check_cotangents,
    cotangents_of,
    finite_cotangents,
    make_unknown,
)
from qmlplay.backends.simulation import Forward, Simulation, in_threads
from qmlplay.circuit import Angle, Observables
from qmlplay.typing import Complex, Integers, Real

__all__ = ["Batch"]

Result = TypeVar("Result")


@final
@dataclass(frozen=True)
class Batch:
    """A simulation of samples, and what is measured of them.

    Parameters
    ----------
    simulation : Simulation
    observables : tuple of (str or PauliSum)
        What is measured, checked.
    chunks : sequence of slice
        The samples that are simulated at a time; the first chunk is the largest.
    n_threads : int
        Threads that share the chunks.
    wanted : frozenset of int
        The slots whose derivatives are needed.
    tell : callable, optional
        ``tell(n)`` is called after every chunk, which has n samples.
    """

    simulation: Simulation
    observables: Observables
    chunks: Sequence[slice]
    n_threads: int
    wanted: frozenset[int] = frozenset()
    tell: Callable[[int], None] = lambda n_samples: None

    def expectations(self) -> Real:
        """Return the expectations, shape (n_samples, n_observables)."""
        return self._forward(0)[0]

    def expectations_and_gradients(self, cotangents: Cotangents) -> tuple[Real, list[Angle]]:
        """Return expectations and gradients, every chunk run there and back at once."""
        values = self._no_values()

        def run(share: Sequence[slice]) -> list[Angle]:
            memory = self._memory()
            way_back = _WayBack(self, memory)
            for rows in share:
                forward = self.simulation.forward(rows, memory)
                values[rows] = pauli.expectations(forward.states, self.observables)
                way_back.add(forward, cotangents_of(cotangents, values[rows], rows))
                self.tell(rows.stop - rows.start)
            return way_back.gradients()

        return values, added(self._in_threads(run))

    def vjp(self, kept_bytes: int) -> tuple[Real, Pullback]:
        """Return expectations, and the function from cotangents to gradients.

        The chunks whose states take no more than `kept_bytes` keep them; the others are run
        forward again on the way back.
        """
        values, kept = self._forward(kept_bytes if self.wanted else 0)
        shape = values.shape

        def pullback(cotangents: ArrayLike) -> list[Angle]:
            weights = check_cotangents(cotangents, shape)

            def run(share: Sequence[slice]) -> list[Angle]:
                memory = self._memory()
                way_back = _WayBack(self, memory)
                for rows in reversed(share):  # the last ones may still be in the cache
                    if self.wanted and weights[rows].any():
                        forward = kept.get(rows.start) or self.simulation.forward(rows, memory)
                        way_back.add(forward, weights[rows])
                return way_back.gradients()

            return added(self._in_threads(run))

        return values, pullback

    def _forward(self, kept_bytes: int) -> tuple[Real, dict[int, Forward]]:
        """Return the expectations, and the first chunks of every thread by their first row."""
        values, kept = self._no_values(), {}

        def run(share: Sequence[slice]) -> None:
            memories = [self._memory()]
            n_kept = 0
            for k, rows in enumerate(share):
                forward = self.simulation.forward(rows, memories[min(k, len(memories) - 1)])
                values[rows] = pauli.expectations(forward.states, self.observables)
                if k == 0:
                    n_kept = kept_bytes * len(share) // len(self.chunks) // forward.n_bytes
                    memories += self._memories(min(n_kept, len(share) - 1))
                if k < n_kept:
                    kept[rows.start] = forward
                self.tell(rows.stop - rows.start)

        self._in_threads(run)
        return values, kept

    def _no_values(self) -> Real:
        return np.empty((self.chunks[-1].stop, len(self.observables)))

    def _memory(self) -> Complex | None:
        return self.simulation.memory(self.chunks[0].stop)

    def _memories(self, n: int) -> list[Complex] | list[None]:
        """Return memory for n chunks, in one piece: the allocator then has it ready next time."""
        whole = self.simulation.memory(n * self.chunks[0].stop) if n else None
        return [None] * n if whole is None else np.split(whole, n, axis=1)

    def _in_threads(self, run: Callable[[Sequence[slice]], Result]) -> list[Result]:
        n_shares = min(self.n_threads, len(self.chunks))
        return in_threads(run, [self.chunks[k::n_shares] for k in range(n_shares)])


class _WayBack:
    """The gradients of one thread, to which one chunk after the other adds its own."""

    def __init__(self, batch: Batch, memory: Complex | None) -> None:
        self._batch, self._memory = batch, memory
        self._totals = batch.simulation.totals()
        self._unknown: list[Integers] = []  # samples

    def add(self, forward: Forward, cotangents: Real) -> None:
        """Run a chunk backward, but for cotangents that say what the gradients are."""
        weights, unknown = finite_cotangents(cotangents)
        if len(unknown):
            self._unknown.append(forward.rows.start + unknown)
        if self._batch.wanted and weights.any():
            weighted = pauli.weighted_sum(forward.states, self._batch.observables, weights)
            self._batch.simulation.backward(forward, weighted, self._memory, self._totals)

    def gradients(self) -> list[Angle]:
        gradients = self._batch.simulation.gradients(self._totals)
        for samples in self._unknown:
            gradients = make_unknown(gradients, samples, self._batch.wanted)
        return gradients
