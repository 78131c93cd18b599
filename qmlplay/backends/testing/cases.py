"""Random cases: circuits, angles and observables that no mistake can hide behind.

Circuits are asymmetric (another angle on every qubit), slots are used twice, and shared and
per-sample angles are mixed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from qmlplay.circuit import GATES, Angle, Circuit, Gate, Observables, PauliSum
from qmlplay.typing import Real

__all__ = [
    "Case",
    "gate_cases",
    "random_angles",
    "random_case",
    "random_circuit",
    "random_observables",
]


def random_circuit(n_qubits: int, n_gates: int, generator: np.random.Generator) -> Circuit:
    """Return a random circuit in which some slots are read by several gates.

    Every gate name that fits on n_qubits qubits appears when n_gates is at least
    the number of names.
    """
    names = _fitting(n_qubits)
    chosen = (names * (1 + n_gates // len(names)))[:n_gates]
    generator.shuffle(chosen)
    return Circuit(n_qubits, tuple(_random_gates(chosen, n_qubits, generator)))


def _fitting(n_qubits: int) -> list[str]:
    return [name for name, kind in GATES.items() if kind.n_qubits <= n_qubits]


def _random_gates(
    names: Iterable[str], n_qubits: int, generator: np.random.Generator, n_slots: int = 0
) -> list[Gate]:
    """Return gates of these names; they read new slots from n_slots on, or older ones again."""
    gates = []
    for name in names:
        qubits = generator.choice(n_qubits, GATES[name].n_qubits, replace=False)
        slots = []
        for _ in range(GATES[name].n_angles):
            reuse = n_slots and generator.random() < 0.25
            slots.append(int(generator.integers(n_slots)) if reuse else n_slots)
            n_slots = max(n_slots, slots[-1] + 1)
        gates.append(Gate.reading(name, tuple(map(int, qubits)), slots))
    return gates


def random_angles(circuit: Circuit, n_samples: int, generator: np.random.Generator) -> list[Angle]:
    """Return angles in radians, about half of them shared and half per sample."""
    return [
        generator.uniform(-4, 4, n_samples)
        if generator.random() < 0.5
        else float(generator.uniform(-4, 4))
        for _ in range(circuit.n_slots)
    ]


def random_observables(n_qubits: int, n: int, generator: np.random.Generator) -> list[str]:
    """Return n random Pauli strings, the first with no symmetry between qubits."""
    letters = "ZXYI"
    first = "".join(letters[qubit % 4] for qubit in range(n_qubits))
    others = ["".join(generator.choice(list("IXYZ"), n_qubits)) for _ in range(n - 1)]
    return [first, *others]


@dataclass(frozen=True)
class Case:
    """A circuit, its angles for a batch, observables, and the weights of a sum of them.

    Parameters
    ----------
    circuit : Circuit
    angles : tuple of float or ndarray of shape (n_samples,)
        One entry per slot, in radians; at least one is an array.
    observables : tuple of (str or PauliSum)
        Two Pauli strings, and a sum of them, another one and the identity.
    cotangents : ndarray of shape (n_samples, n_observables)
        d loss / d E.
    """

    circuit: Circuit
    angles: tuple[Angle, ...]
    observables: Observables
    cotangents: Real

    @property
    def n_samples(self) -> int:
        """Length of the batch."""
        return len(self.cotangents)


def random_case(seed: int, n_qubits: int, n_samples: int = 3) -> Case:
    """Return a case with a circuit of forty gates."""
    generator = np.random.default_rng(seed)
    return _case(random_circuit(n_qubits, 40, generator), n_samples, generator)


def _case(circuit: Circuit, n_samples: int, generator: np.random.Generator) -> Case:
    angles = random_angles(circuit, n_samples, generator)
    angles[0] = generator.uniform(-4, 4, n_samples)
    first, second, third = random_observables(circuit.n_qubits, 3, generator)
    weights = generator.normal(size=(n_samples, 3))
    terms = {second: 0.5, third: -1.5, first: 0.25, "I" * circuit.n_qubits: 0.125}
    total = PauliSum.from_dict(terms)
    return Case(circuit, tuple(angles), (first, second, total), weights)


def gate_cases(name: str, *, max_qubits: int = 7, n_seeds: int = 1) -> Iterator[Case]:
    """Yield random circuits of every size that put one gate to the test.

    The gate acts on neighbours, on the qubits farthest apart, on the same in reverse order and on
    random ones, after turns that differ on every qubit and between random other gates; its
    angles are shared at one place and per sample at another.

    Parameters
    ----------
    name : str
        A name of the gate table.
    max_qubits : int, default=7
        The largest register.
    n_seeds : int, default=1
        Circuits of each size.
    """
    n_places = GATES[name].n_qubits
    for n_qubits in range(n_places, max_qubits + 1):
        for seed in range(n_seeds):
            generator = np.random.default_rng([seed, n_qubits, *name.encode()])
            yield _case(_tested(name, n_qubits, generator), 2, generator)


def _tested(name: str, n_qubits: int, generator: np.random.Generator) -> Circuit:
    n_places = GATES[name].n_qubits
    first = int(generator.integers(n_qubits - n_places + 1))
    apart = [int(place) for place in np.linspace(0, n_qubits - 1, n_places).round()]
    places: list[Sequence[int]] = [range(first, first + n_places), apart, apart[::-1]]
    places.append(generator.choice(n_qubits, n_places, replace=False).tolist())
    turns = ["ry"] * n_qubits + ["rx", "rz"] * n_qubits
    gates = [Gate(turns[k], (k % n_qubits,), k) for k in range(2 * n_qubits)]
    for k in generator.permutation(len(places)):
        n_slots = 1 + max(slot for gate in gates for slot in gate.slots)
        slots = range(n_slots, n_slots + GATES[name].n_angles)
        gates.append(Gate.reading(name, tuple(places[k]), slots))
        others = generator.choice(_fitting(n_qubits), 3)
        gates += _random_gates(map(str, others), n_qubits, generator, n_slots + len(slots))
    return Circuit(n_qubits, tuple(gates))
