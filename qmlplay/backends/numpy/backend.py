"""The NumPy backend: no framework, few large array operations, the fastest on small circuits.

`qmlplay.backends.numpy.fusion` makes a handful of steps of a circuit; what a step does is in
`steps` and `unitaries` beside it. The slow and obvious simulator that this one is tested against
is `qmlplay.backends.testing.reference_states`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any, ClassVar, final

import numpy as np

from qmlplay.backends.base import Backend
from qmlplay.backends.cotangents import zeros_like
from qmlplay.backends.noise import NoiseModel
from qmlplay.backends.numpy.densities import noisy_densities, noisy_densities_after
from qmlplay.backends.numpy.fusion import fuse, n_steps
from qmlplay.backends.simulation import Forward, Simulation
from qmlplay.backends.simulator import Simulator
from qmlplay.circuit import Angle, Circuit
from qmlplay.typing import Complex

__all__ = ["NumpyBackend"]


@final
class FusedSimulation(Simulation):
    """A simulation in few large steps, which are bound to the angles once for all chunks."""

    def __init__(
        self,
        backend: Simulator,
        circuit: Circuit,
        angles: Sequence[Angle],
        wanted: frozenset[int],
    ) -> None:
        self._dtype = dtype = backend.dtype
        steps = fuse(circuit, _per_sample(angles))
        self._steps = [step.bind(angles, wanted, dtype) for step in steps]
        self._angles = angles
        # What comes before the first angle of interest need not be undone.
        has_wanted = (k for k, step in enumerate(self._steps) if step.has_wanted)
        self._first = next(has_wanted, len(self._steps))
        # Which steps are followed by one that reads derivatives off the states.
        self._is_kept = [*(step.has_wanted for step in self._steps), bool(wanted)][1:]
        # |0…0⟩ as (2**n_qubits, 1): one column stands for every sample.
        self._start: Complex = np.zeros((1 << circuit.n_qubits, 1), dtype)
        self._start[0] = 1

    def memory(self, n_rows: int) -> Complex:
        """Return memory for two states per sample, and for those that are kept.

        Fresh memory for every chunk would cost more than the arithmetic.
        """
        n_states = 2 + sum(self._is_kept)
        return np.empty((n_states, n_rows * len(self._start)), self._dtype)

    def forward(self, rows: slice, memory: Complex | None) -> Forward:
        """Return the final states, and those before steps that read derivatives off them."""
        assert memory is not None
        spare, kept = cycle(memory[:2]), iter(memory[2:])
        psi, looks, factors = self._start, [], []
        for step, is_kept in zip(self._steps, self._is_kept, strict=True):
            looks.append(psi if step.has_wanted else psi[:0])  # else its shape says enough
            factors.append(step.factor(rows))
            psi = step.forward(psi, factors[-1], next(kept if is_kept else spare))
        return Forward(rows, psi.T, looks, factors)

    def run(self, psi: Complex, rows: slice, memory: Complex) -> Complex:
        """Return states (2**n_qubits, n_rows) after the last step.

        They go to and fro between two pieces of memory.
        """
        for step, out in zip(self._steps, cycle(memory[:2]), strict=False):
            psi = step.forward(psi, step.factor(rows), out)
        return psi

    def totals(self) -> list[Any]:
        """Return an entry per step."""
        return [None] * len(self._steps)

    def backward(
        self, forward: Forward, weighted: Complex, memory: Complex | None, totals: list[Any]
    ) -> None:
        """Undo the steps, and add to every one's entry what its gradients need."""
        assert memory is not None
        rows, looks, factors = forward.rows, forward.looks, forward.factors
        bra = np.ascontiguousarray(weighted.T.conj(), self._dtype)
        undone = reversed(range(self._first, len(self._steps)))
        for k, out in zip(undone, cycle(memory[:2]), strict=False):
            step, psi = self._steps[k], looks[k]
            bra = step.backward(psi, bra, factors[k], out)
            if step.has_wanted:
                totals[k] = step.add(totals[k], psi, bra, rows)

    def gradients(self, totals: list[Any]) -> list[Angle]:
        """Return what the entries of the steps say."""
        gradients = zeros_like(self._angles)
        for step, total in zip(self._steps, totals, strict=True):
            step.collect(total, gradients)
        return gradients


def _per_sample(angles: Sequence[Angle]) -> tuple[bool, ...]:
    """Return for every slot whether its angle has one value per sample."""
    return tuple([isinstance(angle, np.ndarray) for angle in angles])


@final
class NumpyBackend(Backend):
    """Exact simulation with NumPy alone.

    Examples
    --------
    >>> from qmlplay.circuit import Circuit, Gate
    >>> bell = Circuit(2, (Gate("h", (0,)), Gate("cx", (0, 1))))
    >>> NumpyBackend().probabilities(bell, []).round(3)
    array([[0.5, 0. , 0. , 0.5]])
    """

    name: ClassVar[str] = "numpy"
    capabilities: ClassVar[frozenset[str]] = frozenset({"states", "densities"})
    _simulation: ClassVar[type[Simulation]] = FusedSimulation
    # A chunk's states stay in the processor's cache, and are small enough for the allocator to
    # use the same memory again: twice the size is a third slower.
    chunk_amplitudes: ClassVar[int] = 2**14

    def _run(
        self, circuit: Circuit, angles: Sequence[Angle], states: Complex, cuts: tuple[int, ...]
    ) -> Iterator[Complex]:
        psi = np.ascontiguousarray(states.T, self.dtype)
        done = 0
        for cut in cuts:
            slots = sorted({slot for gate in circuit.gates[done:cut] for slot in gate.slots})
            read = [angles[slot] for slot in slots]
            part = circuit.part(done, cut)
            simulation = FusedSimulation(self, part, read, frozenset())
            psi = simulation.run(psi, slice(None), simulation.memory(len(states)))
            yield np.broadcast_to(psi.T, states.shape)
            done = cut

    def _n_states(self, circuit: Circuit, angles: Sequence[Angle]) -> int:
        # The states before every step are kept.
        return 4 + n_steps(circuit.elementary, _per_sample(angles))

    def _densities(self, circuit: Circuit, angles: Sequence[Angle], n_samples: int) -> Complex:
        assert isinstance(self.noise, NoiseModel)
        return noisy_densities(circuit, angles, n_samples, self.noise, self._tell)

    def _densities_after(
        self, circuit: Circuit, angles: Sequence[Angle], n_samples: int, cuts: tuple[int, ...]
    ) -> Iterator[Complex]:
        assert isinstance(self.noise, NoiseModel)
        yield from noisy_densities_after(circuit, angles, n_samples, self.noise, cuts, self._tell)
