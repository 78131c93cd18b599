"""The adjoint method: exact gradients from one backward run of a simulator, for a whole batch.

After the forward run let |λₙ⟩ = Σₖ c[n,k] Pₖ |ψₙ⟩, and run the inverse circuit on it. Just
before a gate exp(−iθG) is undone, the derivative by its angle is 2 Im⟨λₙ|G|ψₙ⟩, with the ψₙ
that the forward run had at that place: summed over the batch for a shared angle, kept per
sample for the others. Gates on disjoint qubits share one look at the states.
The idea is that of Jones and Gacon, "Efficient calculation of gradients in classical
simulations of variational quantum algorithms", arXiv:2009.02823.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qmlplay.backends import pauli
from qmlplay.circuit import GATES, Angle, Circuit, Gate

__all__ = ["Cotangents", "Echo", "adjoint_gradients", "cotangents_of", "echo"]

Complex = NDArray[np.complex128]
Real = NDArray[np.float64]
Cotangents = Real | Callable[[Real, slice], Real]
Run = Callable[[Circuit, Sequence[Angle], Complex, tuple[int, ...]], Iterator[Complex]]


@dataclass(frozen=True)
class Echo:
    """An inverse circuit, when to look at its states, and which gates to read each time.

    Parameters
    ----------
    inverse : Circuit
        The gates of the original in reverse order, each inverted.
    cuts : tuple of int
        Numbers of inverse gates after which to look.
    reads : tuple of tuple of Gate
        The gates whose derivatives are read at each look.
    """

    inverse: Circuit
    cuts: tuple[int, ...]
    reads: tuple[tuple[Gate, ...], ...]

    @property
    def forward_cuts(self) -> tuple[int, ...]:
        """Numbers of the original's gates after which to look, the last one at its end."""
        n_gates = len(self.inverse.gates)
        return (*(n_gates - cut for cut in reversed(self.cuts)), n_gates)


@lru_cache(maxsize=256)
def echo(circuit: Circuit, wanted: frozenset[int]) -> Echo:
    """Plan the backward run of a circuit that reads the derivatives by the slots `wanted`."""
    cuts: list[int] = []
    reads: list[list[Gate]] = []
    undone: set[int] = set()  # qubits of the gates undone since the last look
    for place, gate in enumerate(reversed(circuit.gates)):
        if gate.slot in wanted:
            if not cuts or undone & set(gate.qubits):
                cuts.append(place)
                reads.append([])
                undone.clear()
            reads[-1].append(gate)
        undone.update(gate.qubits)
    inverse = Circuit(circuit.n_qubits, tuple(gate.inverse for gate in reversed(circuit.gates)))
    return Echo(inverse, tuple(cuts), tuple(map(tuple, reads)))


def adjoint_gradients(
    run: Run, plan: Echo, angles: Sequence[Angle], looks: Sequence[Complex], weighted: Complex
) -> list[Angle]:
    """Return the derivatives of Σₙ Re⟨λₙ|ψₙ⟩ by the angles.

    Parameters
    ----------
    run : callable
        ``run(circuit, angles, states, cuts)`` applies a circuit to a batch of states and
        yields the batch after each of the given numbers of gates.
    plan : Echo
        The backward run.
    angles : sequence of float or ndarray of shape (n_samples,)
        Angles of the forward run, in radians.
    looks : sequence of ndarray of shape (n_samples, 2**n_qubits)
        ψ after each of the plan's `Echo.forward_cuts`.
    weighted : ndarray of shape (n_samples, 2**n_qubits)
        λ.

    Returns
    -------
    list of float or ndarray of shape (n_samples,)
        Like `angles`; 0 for the slots that are not wanted.
    """
    backward = run(plan.inverse, [-angle for angle in angles], weighted, plan.cuts)
    result: list[Angle] = [np.zeros(a.shape) if isinstance(a, np.ndarray) else 0.0 for a in angles]
    for psi, look, gates in zip(reversed(looks[:-1]), backward, plan.reads, strict=True):
        bra = look.conj()
        for gate in gates:
            assert gate.slot is not None
            derivative = _derivative(psi, bra, gate, plan.inverse.n_qubits)
            shared = not isinstance(result[gate.slot], np.ndarray)
            result[gate.slot] += float(derivative.sum()) if shared else derivative
    return result


def _derivative(psi: Complex, bra: Complex, gate: Gate, n_qubits: int) -> Real:  # (n_samples,)
    total = np.zeros(len(psi))
    for coefficient, letters in GATES[gate.name].generator or ():
        string = ["I"] * n_qubits
        for qubit, letter in zip(gate.qubits, letters, strict=True):
            string[qubit] = letter
        if set(letters) == {"I"}:
            continue  # ⟨λ|ψ⟩ is real: a global phase has no derivative
        source, phase = pauli.action("".join(string))
        moved = psi if source is None else np.take(psi, source, axis=1)
        total += 2 * coefficient * ((bra * moved) @ phase).imag
    return total


def cotangents_of(cotangents: Cotangents, values: Real, rows: slice) -> Real:
    """Return the cotangents of the samples `rows`, whose expectations are `values`."""
    return cotangents(values, rows) if callable(cotangents) else np.asarray(cotangents)[rows]
