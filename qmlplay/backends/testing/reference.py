"""The reference: simulators so slow and obvious that they can be checked by eye.

Every gate is a full matrix, every sample is on its numbers. For noise whole density matrices are
kept, every Kraus operator is a full matrix, and readout errors are put into the observables.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qmlplay.backends.noise import NoiseModel
from qmlplay.backends.noise.channels import kraus_operators
from qmlplay.circuit import Angle, Circuit, PauliSum, gate_matrix
from qmlplay.circuit.gates import generator_matrix, pauli_matrix
from qmlplay.typing import Complex, Real

__all__ = [
    "expectations_of_states",
    "full_matrix",
    "reference_densities",
    "reference_expectations",
    "reference_gradients",
    "reference_noisy_expectations",
    "reference_states",
]


def _angles_of(angles: Sequence[Angle], sample: int) -> list[float]:
    """Return the numbers that one sample's circuit is run with."""
    return [
        float(angle[sample]) if isinstance(angle, np.ndarray) else float(angle) for angle in angles
    ]


def reference_states(circuit: Circuit, angles: Sequence[Angle], n_samples: int) -> Complex:
    """Return the final states (n_samples, 2**n_qubits), one full matrix at a time."""
    states = np.zeros((n_samples, 2**circuit.n_qubits), dtype=complex)
    for n in range(n_samples):
        numbers = _angles_of(angles, n)
        psi = np.zeros(2**circuit.n_qubits, dtype=complex)
        psi[0] = 1
        for gate in circuit.gates:
            matrix = gate_matrix(gate.name, gate.angle(numbers))
            psi = full_matrix(matrix, gate.qubits, circuit.n_qubits) @ psi
        states[n] = psi
    return states


def full_matrix(small: Complex, qubits: Sequence[int], n_qubits: int) -> Complex:
    """Return the matrix on all qubits of one on a few, entry by entry over the basis states."""
    full = np.zeros((2**n_qubits, 2**n_qubits), dtype=complex)
    row, column, outer, inner = _entries(tuple(qubits), n_qubits)
    full[row, column] = small[outer, inner]
    return full


@lru_cache(maxsize=1024)
def _entries(qubits: tuple[int, ...], n_qubits: int) -> NDArray[np.intp]:
    """Return row and column of every entry of the full matrix, and those in the small one."""
    entries = []
    for column in range(2**n_qubits):
        bits = [column >> (n_qubits - 1 - qubit) & 1 for qubit in range(n_qubits)]
        inner = int("".join(str(bits[qubit]) for qubit in qubits), 2)
        for outer in range(2 ** len(qubits)):
            new = list(bits)
            for place, qubit in enumerate(qubits):
                new[qubit] = outer >> (len(qubits) - 1 - place) & 1
            entries.append((int("".join(map(str, new)), 2), column, outer, inner))
    return np.array(entries).T


def reference_expectations(
    circuit: Circuit, angles: Sequence[Angle], observables: Sequence[str | PauliSum], n_samples: int
) -> Real:
    """Return ⟨ψ|P|ψ⟩ from full matrices, shape (n_samples, n_observables)."""
    return expectations_of_states(reference_states(circuit, angles, n_samples), observables)


def expectations_of_states(states: Complex, observables: Sequence[str | PauliSum]) -> Real:
    """Return ⟨ψ|P|ψ⟩ of given states, shape (n_samples, n_observables)."""
    columns = [
        np.einsum("ni,ij,nj->n", states.conj(), _matrix(observable), states).real
        for observable in observables
    ]
    return np.stack(columns, axis=1)


def _matrix(observable: str | PauliSum) -> Complex:
    total: Complex = np.sum([c * pauli_matrix(string) for string, c in _terms(observable)], axis=0)
    return total


def _terms(observable: str | PauliSum) -> tuple[tuple[str, float], ...]:
    return ((observable, 1.0),) if isinstance(observable, str) else observable.terms


def reference_gradients(
    circuit: Circuit,
    angles: Sequence[Angle],
    observables: Sequence[str | PauliSum],
    cotangents: Real,
) -> list[Angle]:
    """Return the derivatives of Σ cotangents · E by the angles, by the product rule.

    Along with the state every derivative of it is carried through the circuit; a gate
    exp(−iθG) adds −iGψ to the one by its angle. Floats for floats and arrays for arrays.
    """
    n_samples, n_qubits = len(cotangents), circuit.n_qubits
    slopes = np.zeros((circuit.n_slots, n_samples))
    matrices = [_matrix(observable) for observable in observables]
    for n in range(n_samples):
        numbers = _angles_of(angles, n)
        psi = np.zeros(2**n_qubits, dtype=complex)
        psi[0] = 1
        derivatives = np.zeros((circuit.n_slots, len(psi)), dtype=complex)
        for gate in circuit.elementary.gates:
            matrix = gate_matrix(gate.name, gate.angle(numbers))
            full = full_matrix(matrix, gate.qubits, n_qubits)
            psi, derivatives = full @ psi, derivatives @ full.T
            for slot in gate.slots:
                generator = full_matrix(generator_matrix(gate.name), gate.qubits, n_qubits)
                derivatives[slot] -= 1j * (generator @ psi)
        weighted = sum(c * P for c, P in zip(cotangents[n], matrices, strict=True))
        slopes[:, n] = 2 * (derivatives.conj() @ (weighted @ psi)).real
    return [
        row if isinstance(angle, np.ndarray) else float(row.sum())
        for row, angle in zip(slopes, angles, strict=True)
    ]


def reference_densities(
    circuit: Circuit, angles: Sequence[Angle], n_samples: int, noise: NoiseModel
) -> Complex:
    """Return the final density matrices (n_samples, 2**n, 2**n), one Kraus operator at a time."""
    n_qubits = circuit.n_qubits
    densities = np.zeros((n_samples, 2**n_qubits, 2**n_qubits), dtype=complex)
    for n in range(n_samples):
        numbers = _angles_of(angles, n)
        rho = np.zeros((2**n_qubits, 2**n_qubits), dtype=complex)
        rho[0, 0] = 1
        for gate in circuit.gates:
            rho = _apply([gate_matrix(gate.name, gate.angle(numbers))], gate.qubits, rho)
            for channel in noise.channels(len(gate.qubits)):
                operators = kraus_operators(channel.name, channel.probability)
                rho = _apply(operators, [gate.qubits[place] for place in channel.places], rho)
        densities[n] = rho
    return densities


def _apply(operators: Sequence[Complex] | Complex, qubits: Sequence[int], rho: Complex) -> Complex:
    n_qubits = len(rho).bit_length() - 1
    full = [full_matrix(operator, qubits, n_qubits) for operator in operators]
    total: Complex = np.sum([kraus @ rho @ kraus.conj().T for kraus in full], axis=0)
    return total


def reference_noisy_expectations(
    circuit: Circuit,
    angles: Sequence[Angle],
    observables: Sequence[str | PauliSum],
    n_samples: int,
    noise: NoiseModel,
) -> Real:
    """Return tr(Pρ), shape (n_samples, n_observables), readout errors put into P.

    A qubit that reads 1 for 0 with probability a and 0 for 1 with probability b shows
    (1 − a − b)Z + (b − a) where Z was to be measured.
    """
    densities = reference_densities(circuit, angles, n_samples, noise)
    error = noise.readout_error
    a, b = error if isinstance(error, tuple) else (error, error)
    columns = []
    for observable in observables:
        total = np.zeros(densities.shape[1:], dtype=complex)
        for string, coefficient in _terms(observable):
            matrix = np.eye(1, dtype=complex)
            for letter in string:
                true = pauli_matrix(letter)
                shown = true if letter == "I" else (1 - a - b) * true + (b - a) * np.eye(2)
                matrix = np.kron(matrix, shown)
            total += coefficient * matrix
        columns.append(np.einsum("nij,ji->n", densities, total).real)
    return np.stack(columns, axis=1)
