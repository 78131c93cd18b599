"""The NumPy backend: no framework, few large array operations, the fastest on small circuits.

`qmlplay.backends.numpy.fusion` makes a handful of steps of a circuit; what a step does is in
`steps` and `unitaries` beside it. The slow and obvious simulator that this one is tested against
is `qmlplay.backends.testing.reference_states`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import ClassVar, final

import numpy as np

from qmlplay.backends.adjoint import zeros_like
from qmlplay.backends.base import Backend
from qmlplay.backends.noise import NoiseModel
from qmlplay.backends.numpy.densities import noisy_densities
from qmlplay.backends.numpy.fusion import fuse, n_steps
from qmlplay.backends.simulation import Simulation
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
        n_rows: int,
        wanted: frozenset[int] | None,
    ) -> None:
        dtype = backend.dtype
        slots = wanted or frozenset()
        steps = fuse(circuit, _per_sample(angles))
        self._steps = [step.bind(angles, slots, dtype) for step in steps]
        self._angles = angles
        self._keeps_states = wanted is not None
        n_states = 2 + len(self._steps) if self._keeps_states else 2
        # Written again for every chunk: fresh memory would cost more than the arithmetic.
        self._memory: Complex = np.empty((n_states, n_rows << circuit.n_qubits), dtype)
        # |0…0⟩ as (2**n_qubits, 1): one column stands for every sample.
        self._start: Complex = np.zeros((1 << circuit.n_qubits, 1), dtype)
        self._start[0] = 1

    def forward(self, rows: slice) -> Complex:
        """Return the final states; those before every step are kept for a backward run."""
        self._rows = rows
        if not self._keeps_states:
            return self.run(self._start, rows).T
        self._states = [self._start]
        for step, out in zip(self._steps, self._memory[2:], strict=True):
            self._states.append(step.forward(self._states[-1], rows, out))
        return self._states.pop().T

    def run(self, psi: Complex, rows: slice) -> Complex:
        """Return states (2**n_qubits, n_rows) after the last step.

        They go to and fro between two pieces of memory.
        """
        for step, out in zip(self._steps, cycle(self._memory[:2]), strict=False):
            psi = step.forward(psi, rows, out)
        return psi

    def backward(self, weighted: Complex) -> None:
        """Undo the steps; every step keeps what its gradients need."""
        bra = np.ascontiguousarray(weighted.T.conj(), self._memory.dtype)
        # What comes before the first angle of interest need not be undone.
        has_wanted = (k for k, step in enumerate(self._steps) if step.has_wanted)
        first = next(has_wanted, len(self._steps))
        for step, out in zip(reversed(self._steps[first:]), cycle(self._memory[:2]), strict=False):
            bra = step.backward(self._states.pop(), bra, self._rows, out)

    def gradients(self) -> list[Angle]:
        """Return the derivatives that the steps have added up."""
        gradients = zeros_like(self._angles)
        for step in self._steps:
            step.collect(gradients)
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
            own = [angles[slot] for slot in slots]
            part = FusedSimulation(self, circuit.part(done, cut), own, len(states), None)
            psi = part.run(psi, slice(None))
            yield np.broadcast_to(psi.T, states.shape)
            done = cut

    def _n_states(self, circuit: Circuit, angles: Sequence[Angle]) -> int:
        # The states before every step are kept.
        return 4 + n_steps(circuit.elementary, _per_sample(angles))

    def _densities(self, circuit: Circuit, angles: Sequence[Angle], n_samples: int) -> Complex:
        assert isinstance(self.noise, NoiseModel)
        return noisy_densities(circuit, angles, n_samples, self.noise)
