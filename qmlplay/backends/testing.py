"""A conformance kit: what any backend, ours or a third party's, has to get right.

``check_backend(MyBackend())`` runs a new backend against a reference simulator so slow and
obvious that it can be checked by eye: every gate a full matrix, every sample on its own.
The circuits are random and asymmetric: another angle on every qubit, every gate name, slots
used twice, shared and per-sample angles mixed. Shots and noise, where the backend has them,
are checked by `qmlplay.backends.testing_noise`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qmlplay.backends.base import Backend
from qmlplay.backends.shift import shift_gradients
from qmlplay.circuit import GATES, Angle, Circuit, Gate, gate_matrix
from qmlplay.circuit.gates import pauli_matrix

__all__ = [
    "check_backend",
    "check_closed_forms",
    "check_contract",
    "check_expectations",
    "check_gates",
    "check_gradients",
    "check_states",
    "full_matrix",
    "random_angles",
    "random_circuit",
    "random_observables",
    "reference_expectations",
    "reference_states",
]

Complex = NDArray[np.complex128]
Real = NDArray[np.float64]


def random_circuit(n_qubits: int, n_gates: int, generator: np.random.Generator) -> Circuit:
    """Return a random circuit in which some slots are read by several gates.

    Every gate name that fits on n_qubits qubits appears when n_gates is at least
    the number of names.
    """
    names = [name for name, kind in GATES.items() if kind.n_qubits <= n_qubits]
    chosen = (names * (1 + n_gates // len(names)))[:n_gates]
    generator.shuffle(chosen)
    gates, n_slots = [], 0
    for name in chosen:
        qubits = generator.choice(n_qubits, GATES[name].n_qubits, replace=False)
        slot = None
        if GATES[name].has_angle:
            reuse = n_slots and generator.random() < 0.25
            slot = int(generator.integers(n_slots)) if reuse else n_slots
            n_slots = max(n_slots, slot + 1)
        gates.append(Gate(name, tuple(map(int, qubits)), slot))
    return Circuit(n_qubits, tuple(gates))


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


def reference_states(circuit: Circuit, angles: Sequence[Angle], n_samples: int) -> Complex:
    """Return the final states (n_samples, 2**n_qubits), one full matrix at a time."""
    states = np.zeros((n_samples, 2**circuit.n_qubits), dtype=complex)
    for n in range(n_samples):
        psi = np.zeros(2**circuit.n_qubits, dtype=complex)
        psi[0] = 1
        for gate in circuit.gates:
            angle = None if gate.slot is None else np.broadcast_to(angles[gate.slot], n_samples)[n]
            psi = full_matrix(gate_matrix(gate.name, angle), gate.qubits, circuit.n_qubits) @ psi
        states[n] = psi
    return states


def full_matrix(small: Complex, qubits: Sequence[int], n_qubits: int) -> Complex:
    """Return the matrix on all qubits of one on a few, entry by entry over the basis states."""
    full = np.zeros((2**n_qubits, 2**n_qubits), dtype=complex)
    for column in range(2**n_qubits):
        bits = [column >> (n_qubits - 1 - qubit) & 1 for qubit in range(n_qubits)]
        inner = int("".join(str(bits[qubit]) for qubit in qubits), 2)
        for outer in range(len(small)):
            new = list(bits)
            for place, qubit in enumerate(qubits):
                new[qubit] = outer >> (len(qubits) - 1 - place) & 1
            row = int("".join(map(str, new)), 2)
            full[row, column] += small[outer, inner]
    return full


def reference_expectations(
    circuit: Circuit, angles: Sequence[Angle], observables: Sequence[str], n_samples: int
) -> Real:
    """Return ⟨ψ|P|ψ⟩ from full matrices, shape (n_samples, n_observables)."""
    states = reference_states(circuit, angles, n_samples)
    columns = [
        np.einsum("ni,ij,nj->n", states.conj(), pauli_matrix(string), states).real
        for string in observables
    ]
    return np.stack(columns, axis=1)


def _case(seed: int, n_qubits: int, n_samples: int = 3) -> tuple[Circuit, list[Angle], list[str]]:
    generator = np.random.default_rng(seed)
    circuit = random_circuit(n_qubits, 30, generator)
    angles = random_angles(circuit, n_samples, generator)
    angles[0] = generator.uniform(-4, 4, n_samples)  # at least one per sample
    return circuit, angles, random_observables(n_qubits, 3, generator)


def check_closed_forms(backend: Backend) -> None:
    """Check closed forms: ⟨Z⟩ after RY(θ) is cos θ; CX copies qubit 0 to 1 and not 1 to 0."""
    theta = np.linspace(-3, 3, 7)
    turn = Circuit(1, (Gate("ry", (0,), 0),))
    _close(
        backend.expectations(turn, [theta], ["Z", "X"]),
        np.stack([np.cos(theta), np.sin(theta)], axis=1),
    )
    slopes = backend.gradients(turn, [theta], ["Z"], np.ones((7, 1)))
    _close(slopes[0], -np.sin(theta))
    copy = Circuit(2, (Gate("x", (0,)), Gate("cx", (0, 1))))
    other = Circuit(2, (Gate("x", (1,)), Gate("cx", (0, 1))))
    _close(backend.probabilities(copy, []), np.eye(4)[[3]])
    _close(backend.probabilities(other, []), np.eye(4)[[1]])


def check_states(backend: Backend, *, seed: int = 0) -> None:
    """Compare states: they equal the reference's, global phase included, within 1e-10."""
    for n_qubits in range(1, 5):
        circuit, angles, _ = _case(seed + n_qubits, n_qubits)
        expected = reference_states(circuit, angles, 3)
        _close(backend.statevector(circuit, angles), expected)
        _close(backend.probabilities(circuit, angles), np.abs(expected) ** 2)


def check_gates(backend: Backend) -> None:
    """Compare every gate on its own, shared and per sample, global phase included."""
    for name, kind in GATES.items():
        qubits = (2, 0)[: kind.n_qubits]
        spread = [Gate("ry", (q,), q) for q in range(3)]
        gates = (*spread, Gate(name, qubits, 3 if kind.has_angle else None))
        circuit = Circuit(3, gates)
        start: list[Angle] = [0.3, 1.1, 2.3]
        for angle in (0.7, np.array([0.7, -2.9])) if kind.has_angle else (None,):
            angles = start if angle is None else [*start, angle]
            n_samples = np.size(angle) if angle is not None else 1
            expected = reference_states(circuit, angles, n_samples)
            _close(backend.statevector(circuit, angles), expected)


def check_expectations(backend: Backend, *, seed: int = 0) -> None:
    """Compare expectations: they equal the reference's within 1e-10 on 1 to 6 qubits."""
    for n_qubits in range(1, 7):
        circuit, angles, observables = _case(seed + n_qubits, n_qubits)
        expected = reference_expectations(circuit, angles, observables, 3)
        _close(backend.expectations(circuit, angles, observables), expected)


def check_gradients(backend: Backend, *, seed: int = 0) -> None:
    """Compare gradients: with parameter shift within 1e-9, with differences within 1e-6."""
    for n_qubits in range(1, 5):
        circuit, angles, observables = _case(seed + n_qubits, n_qubits)
        weights = np.random.default_rng(seed).normal(size=(3, len(observables)))
        found = backend.gradients(circuit, angles, observables, weights)
        shifted = shift_gradients(backend.expectations, circuit, angles, observables, weights)
        numeric = _central_differences(backend, circuit, angles, observables, weights)
        for angle, gradient, by_shift, by_difference in zip(
            angles, found, shifted, numeric, strict=True
        ):
            assert isinstance(gradient, np.ndarray) == isinstance(angle, np.ndarray)
            _close(gradient, by_shift, 1e-9)
            _close(gradient, by_difference, 1e-6)


def _central_differences(
    backend: Backend,
    circuit: Circuit,
    angles: list[Angle],
    observables: Sequence[str],
    weights: Real,
    step: float = 1e-5,
) -> list[Angle]:
    result: list[Angle] = []
    for slot, angle in enumerate(angles):
        ends = []
        for sign in (1, -1):
            moved = [*angles[:slot], angle + sign * step, *angles[slot + 1 :]]
            ends.append((weights * backend.expectations(circuit, moved, observables)).sum(axis=1))
        slope = (ends[0] - ends[1]) / (2 * step)
        result.append(slope if isinstance(angle, np.ndarray) else float(slope.sum()))
    return result


def check_contract(backend: Backend) -> None:
    """Check the manners: shapes are as promised, chunks do not show, and bad input is refused."""
    circuit, angles, observables = _case(5, 3, n_samples=11)
    whole = backend.expectations(circuit, angles, observables)
    assert whole.shape == (11, 3)
    one_by_one = [
        backend.expectations(circuit, [_row(angle, n) for angle in angles], observables)
        for n in range(11)
    ]
    _close(whole, np.concatenate(one_by_one))
    shared = [float(np.mean(angle)) for angle in angles]
    assert backend.expectations(circuit, shared, observables).shape == (1, 3)
    _refuses(lambda: backend.expectations(circuit, angles[1:], observables))
    _refuses(lambda: backend.expectations(circuit, angles, ["ZZ"]))
    _refuses(lambda: backend.expectations(Circuit(60, (Gate("h", (59,)),)), [], ["Z" * 60]))


def _row(angle: Angle, n: int) -> Angle:
    return angle[n : n + 1] if isinstance(angle, np.ndarray) else angle


def _refuses(call: Callable[[], object]) -> None:
    try:
        call()
    except ValueError:
        return
    raise AssertionError("bad input was accepted")


def _close(found: Any, expected: Any, tolerance: float = 1e-10) -> None:
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)


def check_backend(backend: Backend) -> None:
    """Run every check on an exact backend, those of shots and of noise where it has them.

    Parameters
    ----------
    backend : Backend
        Without shots and noise; its class is called with them.

    Raises
    ------
    AssertionError
        From the first check that fails.

    Examples
    --------
    >>> from qmlplay import get_backend
    >>> check_backend(get_backend("numpy"))
    """
    for check in (
        check_closed_forms,
        check_gates,
        check_states,
        check_expectations,
        check_gradients,
        check_contract,
    ):
        check(backend)
    from qmlplay.backends import testing_noise

    testing_noise.check_shots(backend)
    if type(backend)._densities is not Backend._densities:
        testing_noise.check_noise_channels(backend)
