"""The adjoint method: exact gradients from one backward run of a simulator, for a whole batch.

After the forward run let |λₙ⟩ = Σₖ c[n,k] Pₖ |ψₙ⟩, and run the inverse circuit on it. Just
before a gate exp(−iθG) is undone, the derivative by its angle is 2 Im⟨λₙ|G|ψₙ⟩, with the ψₙ
that the forward run had at that place: summed over the batch for a shared angle, kept per
sample for the others. The idea is that of Jones and Gacon, "Efficient calculation of gradients
in classical simulations of variational quantum algorithms", arXiv:2009.02823.

Looks at the states are what costs time on a framework, so one look serves many gates: all
those on other qubits, and on one qubit the whole *column* of one-qubit gates, which is
undone on the 2 × 2 matrix Σ|ψ⟩⟨λ| of that qubit instead of on the states.

Circuits are elementary here: every gate has one angle or none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from qmlplay.backends import pauli
from qmlplay.backends.cotangents import zeros_like
from qmlplay.circuit import GATES, Angle, Circuit, Gate, gate_matrix
from qmlplay.circuit.gates import generator_matrix
from qmlplay.typing import Complex, Real

__all__ = ["Echo", "Look", "adjoint_gradients", "echo"]

Run = Callable[[Circuit, Sequence[Angle], Complex, tuple[int, ...]], Iterator[Complex]]


@dataclass
class Look:
    """The gates read at one look: columns of one-qubit gates by qubit, and larger gates."""

    columns: dict[int, list[Gate]] = field(default_factory=dict)
    larger: list[Gate] = field(default_factory=list)


@dataclass(frozen=True)
class Echo:
    """An inverse circuit, when to look at its states, and what to read each time.

    Parameters
    ----------
    inverse : Circuit
        The gates of the original in reverse order, each inverted.
    cuts : tuple of int
        Numbers of inverse gates after which to look.
    looks : tuple of Look
        What to read at each look, gates of the original in the order in which they are undone.
    """

    inverse: Circuit
    cuts: tuple[int, ...]
    looks: tuple[Look, ...]

    @property
    def forward_cuts(self) -> tuple[int, ...]:
        """Numbers of the original's gates after which to look, the last one at its end."""
        n_gates = len(self.inverse.gates)
        return (*(n_gates - cut for cut in reversed(self.cuts)), n_gates)


@lru_cache(maxsize=256)
def echo(circuit: Circuit, wanted: frozenset[int]) -> Echo:
    """Plan the backward run of a circuit that reads the derivatives by the slots `wanted`."""
    cuts: list[int] = []
    looks: list[Look] = []
    blocked: set[int] = set(range(circuit.n_qubits))  # qubits on which the last look is stale
    for place, gate in enumerate(reversed(circuit.gates)):
        is_single = len(gate.qubits) == 1
        stale = blocked if is_single or not looks else blocked | set(looks[-1].columns)
        if gate.slot in wanted and stale & set(gate.qubits):
            cuts.append(place)
            looks.append(Look())
            blocked.clear()
        if not is_single:
            if gate.slot in wanted:
                looks[-1].larger.append(gate)
            blocked.update(gate.qubits)
        elif gate.qubits[0] not in blocked:
            looks[-1].columns.setdefault(gate.qubits[0], []).append(gate)
    inverse = Circuit(circuit.n_qubits, tuple(gate.inverse for gate in reversed(circuit.gates)))
    for look in looks:
        _trim(look.columns, wanted)
    return Echo(inverse, tuple(cuts), tuple(looks))


def _trim(columns: dict[int, list[Gate]], wanted: frozenset[int]) -> None:
    """Drop what follows the last gate of a column whose derivative is wanted."""
    for qubit, gates in list(columns.items()):
        while gates and gates[-1].slot not in wanted:
            gates.pop()
        if not gates:
            del columns[qubit]


def adjoint_gradients(
    run: Run,
    plan: Echo,
    angles: Sequence[Angle],
    looks: Sequence[Complex],
    weighted: Complex,
    wanted: frozenset[int],
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
        ψ at each of the plan's looks, in the order of the forward run.
    weighted : ndarray of shape (n_samples, 2**n_qubits)
        λ.
    wanted : frozenset of int
        The slots whose derivatives are needed, those of the plan.

    Returns
    -------
    list of float or ndarray of shape (n_samples,)
        Like `angles`; 0 for the slots that are not wanted.
    """
    backward = run(plan.inverse, [-angle for angle in angles], weighted, plan.cuts)
    result = zeros_like(angles)
    for psi, state, look in zip(reversed(looks), backward, plan.looks, strict=True):
        bra = state.conj()
        for gate in look.larger:
            _add(result, gate, _derivative(psi, bra, gate, plan.inverse.n_qubits))
        for qubit, gates in look.columns.items():
            own = [angles[gate.slots[0]] if gate.slots else None for gate in gates]
            together = not any(isinstance(angle, np.ndarray) for angle in own)
            cross = _cross(psi, bra, qubit, together=together)
            _read_column(result, gates, own, cross, wanted)
    return result


def _add(result: list[Angle], gate: Gate, derivative: Real) -> None:
    """Add a derivative (n_samples,) to the gate's slot, summed where the angle is shared."""
    (slot,) = gate.slots
    is_shared = not isinstance(result[slot], np.ndarray)
    result[slot] += float(derivative.sum()) if is_shared else derivative


def _cross(psi: Complex, bra: Complex, qubit: int, *, together: bool) -> Complex:
    """Return |ψ⟩⟨λ| traced over all other qubits: (n_samples, 2, 2), or (1, 2, 2) summed."""
    n_samples, dimension = psi.shape
    shape = (n_samples, 1 << qubit, 2, dimension >> qubit + 1)
    left, right = psi.reshape(shape), bra.reshape(shape)
    if together:
        flat = [part.transpose(2, 0, 1, 3).reshape(2, -1) for part in (left, right)]
        summed: Complex = flat[0] @ flat[1].T
        return summed[None]
    cross = np.empty((n_samples, 2, 2), dtype=complex)
    for i in range(2):
        for j in range(2):
            cross[:, i, j] = np.einsum("nab,nab->n", left[:, :, i], right[:, :, j])
    return cross


def _read_column(
    result: list[Angle],
    gates: Sequence[Gate],
    angles: Sequence[Angle | None],
    cross: Complex,
    wanted: frozenset[int],
) -> None:
    """Read the derivatives of a column of one-qubit gates, undoing it gate by gate."""
    for place, (gate, angle) in enumerate(zip(gates, angles, strict=True)):
        if gate.slot in wanted:
            traces = (generator_matrix(gate.name).T * cross).sum(axis=(1, 2))
            _add(result, gate, 2 * traces.imag)
        if place + 1 < len(gates):
            matrix = gate_matrix(gate.name, angle)
            cross = matrix.conj().swapaxes(-1, -2) @ cross @ matrix


def _derivative(psi: Complex, bra: Complex, gate: Gate, n_qubits: int) -> Real:
    """Return 2 Im⟨λₙ|G|ψₙ⟩ of a gate, shape (n_samples,)."""
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
