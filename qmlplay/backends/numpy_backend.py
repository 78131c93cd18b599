"""The NumPy backend: no framework, few large array operations, the fastest on small circuits.

How a circuit becomes a handful of steps is told in `qmlplay.backends.fusion`, what a step does
in `qmlplay.backends.steps` and `unitary_step`. The slow and obvious simulator that this one is
tested against is `qmlplay.backends.testing.reference_states`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from qmlplay.backends import pauli
from qmlplay.backends.adjoint import Cotangents, added, cotangents_of, zeros_like
from qmlplay.backends.base import Backend
from qmlplay.backends.fusion import fuse
from qmlplay.backends.noise import NoiseModel
from qmlplay.backends.numpy_densities import noisy_densities
from qmlplay.backends.steps import BoundStep
from qmlplay.backends.threads import in_threads
from qmlplay.circuit import Angle, Circuit

__all__ = ["NumpyBackend"]

Complex = NDArray[np.complex128]
Real = NDArray[np.float64]


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
    # A chunk's states stay in the processor's cache, and are small enough for the allocator to
    # use the same memory again: twice the size is a third slower.
    chunk_amplitudes: ClassVar[int] = 2**14

    def _run(
        self, circuit: Circuit, angles: Sequence[Angle], states: Complex, cuts: tuple[int, ...]
    ) -> Iterator[Complex]:
        psi = np.ascontiguousarray(states.T)
        done = 0
        for cut in cuts:
            gates = circuit.gates[done:cut]
            slots = sorted({gate.slot for gate in gates if gate.slot is not None})
            steps = _bind(circuit.part(done, cut), [angles[s] for s in slots], states.dtype)
            psi = _last(steps, psi, np.empty((2, states.size), states.dtype))
            yield np.broadcast_to(psi.T, states.shape)
            done = cut

    def _n_states(self, circuit: Circuit) -> int:
        return 4 + len(circuit.gates)  # the states before every step are kept

    def _densities(self, circuit: Circuit, angles: Sequence[Angle], n_samples: int) -> Complex:
        assert isinstance(self.noise, NoiseModel)
        return noisy_densities(circuit, angles, n_samples, self.noise)

    def _final_states(self, circuit: Circuit, angles: Sequence[Angle], n_samples: int) -> Complex:
        steps = _bind(circuit, angles, self.dtype)
        psi = _last(
            steps,
            _start(circuit, self.dtype),
            np.empty((2, n_samples << circuit.n_qubits), self.dtype),
        )
        return np.broadcast_to(psi.T, (n_samples, len(psi)))

    def _exact_expectations(
        self, circuit: Circuit, angles: list[Angle], n_samples: int, observables: tuple[str, ...]
    ) -> Real:
        values = np.empty((n_samples, len(observables)))

        def evaluate(chunks: Sequence[slice]) -> None:
            steps = _bind(circuit, angles, self.dtype)
            memory = np.empty((2, chunks[0].stop - chunks[0].start << circuit.n_qubits), self.dtype)
            for rows in chunks:
                psi = _last(steps, _start(circuit, self.dtype), memory, rows)
                values[rows] = pauli.expectations(psi.T, observables)

        in_threads(evaluate, self._chunks(circuit.n_qubits, n_samples), self.n_threads)
        return values

    def _exact_gradients(
        self,
        circuit: Circuit,
        angles: list[Angle],
        n_samples: int,
        observables: tuple[str, ...],
        cotangents: Cotangents,
        wanted: frozenset[int],
    ) -> tuple[Real, list[Angle]]:
        values = np.empty((n_samples, len(observables)))

        def differentiate(chunks: Sequence[slice]) -> list[Angle]:
            steps = _bind(circuit, angles, self.dtype, wanted)
            size = chunks[0].stop - chunks[0].start << circuit.n_qubits
            # Written again for every chunk: fresh memory would cost more than the arithmetic.
            memory = np.empty((len(steps) + 2, size), self.dtype)
            for rows in chunks:
                states = _forward(steps, _start(circuit, self.dtype), memory[2:], rows)
                final_states = states.pop().T
                values[rows] = pauli.expectations(final_states, observables)
                weights = cotangents_of(cotangents, values[rows], rows)
                weighted = pauli.weighted_sum(final_states, observables, weights)
                bra = np.ascontiguousarray(weighted.T.conj(), self.dtype)
                _backward(steps, states, bra, memory[:2], rows)
            gradients = zeros_like(angles)
            for step in steps:
                step.collect(gradients)
            return gradients

        chunks = self._chunks(circuit.n_qubits, n_samples)
        return values, added(in_threads(differentiate, chunks, self.n_threads))


def _bind(
    circuit: Circuit,
    angles: Sequence[Angle],
    dtype: np.dtype[Any],
    wanted: frozenset[int] = frozenset(),
) -> list[BoundStep]:
    per_sample = tuple(isinstance(angle, np.ndarray) for angle in angles)
    return [step.bind(angles, wanted, dtype) for step in fuse(circuit, per_sample)]


def _start(circuit: Circuit, dtype: np.dtype[Any]) -> Complex:
    """Return |0…0⟩ as (2**n_qubits, 1): one column stands for every sample."""
    psi = np.zeros((1 << circuit.n_qubits, 1), dtype)
    psi[0] = 1
    return psi


def _forward(
    steps: Sequence[BoundStep], psi: Complex, memory: Complex, rows: slice
) -> list[Complex]:
    """Return the states before every step and after the last."""
    states = [psi]
    for step, out in zip(steps, memory, strict=True):
        states.append(step.forward(states[-1], rows, out))
    return states


def _backward(
    steps: Sequence[BoundStep], states: list[Complex], bra: Complex, memory: Complex, rows: slice
) -> None:
    """Undo the steps; every step keeps what its gradients need."""
    # What comes before the first angle of interest need not be undone.
    first = next((k for k, step in enumerate(steps) if step.has_wanted), len(steps))
    for step, out in zip(reversed(steps[first:]), cycle(memory), strict=False):
        bra = step.backward(states.pop(), bra, rows, out)


def _last(
    steps: Sequence[BoundStep], psi: Complex, memory: Complex, rows: slice = slice(None)
) -> Complex:
    """Return the states after the last step, going to and fro between two pieces of memory."""
    for step, out in zip(steps, cycle(memory), strict=False):
        psi = step.forward(psi, rows, out)
    return psi
