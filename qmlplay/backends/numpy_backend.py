"""The NumPy backend: no framework, few large array operations, the fastest on small circuits.

How a circuit becomes a handful of steps is told in `qmlplay.backends.fusion`, what a step does
in `qmlplay.backends.steps` and `unitary_step`. The slow and obvious simulator that this one is
tested against is `qmlplay.backends.testing.reference_states`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, final

import numpy as np
from numpy.typing import NDArray

from qmlplay.backends import pauli
from qmlplay.backends.adjoint import Cotangents, cotangents_of
from qmlplay.backends.base import Backend
from qmlplay.backends.fusion import fuse
from qmlplay.backends.steps import BoundStep
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
            psi = _forward(_bind(circuit.part(done, cut), [angles[s] for s in slots]), psi)[-1]
            yield np.broadcast_to(psi.T, states.shape)
            done = cut

    def _n_states(self, circuit: Circuit) -> int:
        return 4 + len(circuit.gates)  # the states before every step are kept

    def _final_states(self, circuit: Circuit, angles: Sequence[Angle], n_samples: int) -> Complex:
        psi = _forward(_bind(circuit, angles), _start(circuit))[-1]
        return np.broadcast_to(psi.T, (n_samples, len(psi)))

    def _exact_expectations(
        self, circuit: Circuit, angles: list[Angle], n_samples: int, observables: tuple[str, ...]
    ) -> Real:
        steps = _bind(circuit, angles)
        values = np.empty((n_samples, len(observables)))
        for rows in self._chunks(circuit.n_qubits, n_samples):
            psi = _start(circuit)
            for step in steps:
                psi = step.forward(psi, rows)
            values[rows] = pauli.expectations(psi.T, observables)
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
        steps = _bind(circuit, angles, wanted)
        # What comes before the first angle of interest need not be undone.
        first = next((k for k, step in enumerate(steps) if step.has_wanted), len(steps))
        values = np.empty((n_samples, len(observables)))
        for rows in self._chunks(circuit.n_qubits, n_samples):
            states = _forward(steps, _start(circuit), rows)
            final_states = states.pop().T
            values[rows] = pauli.expectations(final_states, observables)
            weights = cotangents_of(cotangents, values[rows], rows)
            weighted = pauli.weighted_sum(final_states, observables, weights)
            bra = np.ascontiguousarray(weighted.T.conj())
            for step in reversed(steps[first:]):
                bra = step.backward(states.pop(), bra, rows)
        gradients: list[Angle] = [
            np.zeros(n_samples) if isinstance(a, np.ndarray) else 0.0 for a in angles
        ]
        for step in steps:
            step.collect(gradients)
        return values, gradients


def _bind(
    circuit: Circuit, angles: Sequence[Angle], wanted: frozenset[int] = frozenset()
) -> list[BoundStep]:
    per_sample = tuple(isinstance(angle, np.ndarray) for angle in angles)
    return [step.bind(angles, wanted) for step in fuse(circuit, per_sample)]


def _start(circuit: Circuit) -> Complex:
    """Return |0…0⟩ as (2**n_qubits, 1): one column stands for every sample."""
    psi = np.zeros((1 << circuit.n_qubits, 1), dtype=complex)
    psi[0] = 1
    return psi


def _forward(steps: Sequence[BoundStep], psi: Complex, rows: slice = slice(None)) -> list[Complex]:
    """Return the states before every step and after the last."""
    states = [psi]
    for step in steps:
        states.append(step.forward(states[-1], rows))
    return states
