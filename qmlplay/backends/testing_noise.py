"""The part of the conformance kit that holds shots to statistics and noise to Kraus operators.

The reference for noise keeps whole density matrices, applies every Kraus operator as a full
matrix, and puts readout errors into the observables. All random numbers are seeded, so that a
check that passes passes every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from qmlplay.backends.base import Backend
from qmlplay.backends.channels import kraus_operators
from qmlplay.backends.noise import NoiseModel
from qmlplay.backends.testing import (
    full_matrix,
    random_angles,
    random_circuit,
    random_observables,
    reference_states,
)
from qmlplay.circuit import Angle, Circuit, Gate, gate_matrix
from qmlplay.circuit.gates import pauli_matrix

__all__ = [
    "check_noise_channels",
    "check_noisy_circuits",
    "check_shots",
    "reference_densities",
    "reference_noisy_expectations",
]

Complex = NDArray[np.complex128]
Real = NDArray[np.float64]

#: Chance that a check of sampling that is right fails, for a seed that nobody has tried.
_RISK = 1e-6
_EVERYTHING = NoiseModel(
    depolarizing_1q=0.02,
    depolarizing_2q=0.05,
    amplitude_damping=0.03,
    phase_damping=0.04,
    bit_flip=0.01,
    phase_flip=0.015,
    readout_error=(0.03, 0.08),
)


def reference_densities(
    circuit: Circuit, angles: Sequence[Angle], n_samples: int, noise: NoiseModel
) -> Complex:
    """Return the final density matrices (n_samples, 2**n, 2**n), one Kraus operator at a time."""
    n_qubits = circuit.n_qubits
    densities = np.zeros((n_samples, 2**n_qubits, 2**n_qubits), dtype=complex)
    for n in range(n_samples):
        rho = np.zeros((2**n_qubits, 2**n_qubits), dtype=complex)
        rho[0, 0] = 1
        for gate in circuit.gates:
            angle = None if gate.slot is None else np.broadcast_to(angles[gate.slot], n_samples)[n]
            rho = _apply([gate_matrix(gate.name, angle)], gate.qubits, rho)
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
    observables: Sequence[str],
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
    for string in observables:
        matrix = np.eye(1, dtype=complex)
        for letter in string:
            own = pauli_matrix(letter)
            shown = own if letter == "I" else (1 - a - b) * own + (b - a) * np.eye(2)
            matrix = np.kron(matrix, shown)
        columns.append(np.einsum("nij,ji->n", densities, matrix).real)
    return np.stack(columns, axis=1)


def check_noise_channels(backend: Backend) -> None:
    """Compare noise with closed forms, one channel at a time, and on random circuits.

    Raises
    ------
    AssertionError
        From the first comparison that fails.

    Examples
    --------
    >>> from qmlplay import get_backend
    >>> check_noise_channels(get_backend("numpy"))
    """
    p, theta = 0.3, np.array([0.4, 1.9])
    turn, plus = Circuit(1, (Gate("ry", (0,), 0),)), Circuit(1, (Gate("h", (0,)),))
    cosine = np.cos(theta)
    for field, circuit, angles, observable, expected in (
        ("depolarizing_1q", turn, [theta], "Z", (1 - 4 * p / 3) * cosine),
        ("depolarizing_2q", Circuit(2, (Gate("cz", (1, 0)),)), [], "ZI", 1 - 16 * p / 15),
        ("depolarizing_2q", Circuit(2, (Gate("cz", (1, 0)),)), [], "ZZ", 1 - 16 * p / 15),
        ("amplitude_damping", turn, [theta], "Z", (1 - p) * cosine + p),
        ("amplitude_damping", turn, [theta], "X", np.sqrt(1 - p) * np.sin(theta)),
        ("phase_damping", turn, [theta], "Z", cosine),
        ("phase_damping", plus, [], "X", np.sqrt(1 - p)),
        ("bit_flip", turn, [theta], "Z", (1 - 2 * p) * cosine),
        ("bit_flip", plus, [], "X", 1.0),
        ("phase_flip", plus, [], "X", 1 - 2 * p),
        ("phase_flip", turn, [theta], "Z", cosine),
        ("readout_error", turn, [theta], "Z", (1 - 2 * p) * cosine),
    ):
        noisy = _with(backend, noise=NoiseModel(**{field: p}))
        found = noisy.expectations(circuit, angles, [observable])[:, 0]
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-8, err_msg=field)
    noisy = _with(backend, noise=NoiseModel(readout_error=(0.1, 0.3)))
    ones = np.sin(theta / 2) ** 2
    read = 0.1 * (1 - ones) + 0.7 * ones
    _close(noisy.probabilities(turn, [theta]), np.stack([1 - read, read], axis=1))
    check_noisy_circuits(backend)


def check_noisy_circuits(backend: Backend, *, seed: int = 0) -> None:
    """Compare densities, probabilities and expectations on random circuits within 1e-8."""
    noisy = _with(backend, noise=_EVERYTHING)
    assert not noisy.is_exact
    for n_qubits in range(1, 5):
        generator = np.random.default_rng(seed + n_qubits)
        circuit = random_circuit(n_qubits, 30, generator)
        angles = random_angles(circuit, 3, generator)
        angles[0] = generator.uniform(-4, 4, 3)
        observables = random_observables(n_qubits, 4, generator)
        expected = reference_densities(circuit, angles, 3, _EVERYTHING)
        _close(noisy._densities(circuit, angles, 3), expected)
        _close(
            noisy.expectations(circuit, angles, observables),
            reference_noisy_expectations(circuit, angles, observables, 3, _EVERYTHING),
        )
        true = np.einsum("nii->ni", expected).real
        confusion: NDArray[Any] = np.eye(1)
        for _ in range(n_qubits):
            confusion = np.kron(confusion, _EVERYTHING.confusion)
        _close(noisy.probabilities(circuit, angles), true @ confusion.T)


def check_shots(backend: Backend, *, n_seeds: int = 20) -> None:
    """Hold shots to statistics: whole counts, right frequencies, independent samples, seeds.

    Raises
    ------
    AssertionError
        From the first test that fails.

    Examples
    --------
    >>> from qmlplay import get_backend
    >>> check_shots(get_backend("numpy"))
    """
    shots, n_samples = 200, 12
    generator = np.random.default_rng(0)
    circuit = random_circuit(3, 30, generator)
    shared = [float(generator.uniform(-4, 4)) for _ in range(circuit.n_slots)]
    angles: list[Angle] = [np.full(n_samples, shared[0]), *shared[1:]]
    exact = np.abs(reference_states(circuit, shared, 1)[0]) ** 2  # the same for all samples
    seen = []
    for seed in range(n_seeds):
        counts = _with(backend, shots=shots, seed=seed).probabilities(circuit, angles) * shots
        again = _with(backend, shots=shots, seed=seed).probabilities(circuit, angles) * shots
        np.testing.assert_array_equal(counts, again)
        _close(counts, counts.round())
        _close(counts.sum(axis=1), shots)
        seen.append(counts)
    assert len(np.unique(seen, axis=0)) == n_seeds, "some seeds draw the same shots"
    # Each sample on its own; all samples of a seed together, and a sample of all seeds, which
    # see random numbers that were used twice.
    _check_chi_square(np.reshape(seen, (-1, len(exact))), shots * exact)
    _check_chi_square(np.sum(seen, axis=1), shots * n_samples * exact)
    _check_chi_square(np.sum(seen, axis=0), shots * n_seeds * exact)


def _check_chi_square(counts: Real, expected: Real) -> None:
    """Check rows of counts, with rare bit strings taken together, on both tails."""
    is_common = expected >= 5
    counts = np.column_stack([counts[:, is_common], counts[:, ~is_common].sum(axis=1)])
    expected = np.append(expected[is_common], expected[~is_common].sum())
    counts, expected = counts[:, expected > 0], expected[expected > 0]
    chi_square = np.sum((counts - expected) ** 2 / expected)
    freedom = len(counts) * (len(expected) - 1)
    low, high = stats.chi2.ppf([_RISK / 2, 1 - _RISK / 2], freedom)
    assert low < chi_square < high, f"χ² = {chi_square:.1f} with {freedom} degrees of freedom"


def _with(backend: Backend, **settings: Any) -> Backend:
    return type(backend)(**settings)


def _close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-8)
