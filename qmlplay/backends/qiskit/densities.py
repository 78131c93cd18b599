"""Density matrices on Qiskit Aer: one circuit with parameters, run for every sample.

After each gate stands one *superoperator* with all of its noise, made of Aer's own errors.
Conventions are turned here: Qiskit's ``depolarizing_error(λ, n)`` mixes in the maximally mixed
state, so that one of the 4ⁿ − 1 Paulis acts with total probability p = λ(4ⁿ − 1)/4ⁿ, which is
what we call the probability; and qubit 0 is the least significant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from qiskit.circuit import Instruction, Parameter, QuantumCircuit
from qiskit.quantum_info import SuperOp
from qiskit_aer import AerSimulator
from qiskit_aer.library import SaveDensityMatrix
from qiskit_aer.noise import (
    QuantumError,
    amplitude_damping_error,
    depolarizing_error,
    pauli_error,
    phase_damping_error,
)

from qmlplay.backends.noise import NoiseModel
from qmlplay.backends.qiskit.aer import aer_simulator
from qmlplay.backends.qiskit.translation import to_qiskit_circuit
from qmlplay.circuit import Angle, Circuit
from qmlplay.typing import Complex

__all__ = ["in_known_gates", "noisy_densities", "parametrised", "run_densities"]


_ERRORS: dict[str, Callable[[float], QuantumError]] = {
    "depolarizing_1q": lambda p: depolarizing_error(p * 4 / 3, 1),
    "depolarizing_2q": lambda p: depolarizing_error(p * 16 / 15, 2),
    "amplitude_damping": amplitude_damping_error,
    "phase_damping": phase_damping_error,
    "bit_flip": lambda p: pauli_error([("X", p), ("I", 1 - p)]),
    "phase_flip": lambda p: pauli_error([("Z", p), ("I", 1 - p)]),
}
#: Samples that Aer runs at a time: a fraction of a second, after which others have their say.
_RUNS = 128
#: Aer 0.18 gets a ``cp`` wrong whose angle is a parameter.
_WRONG = {"cp"}


def noisy_densities(
    circuit: Circuit,
    angles: Sequence[Angle],
    n_samples: int,
    noise: NoiseModel,
    device: str = "CPU",
    tell: Callable[[], None] = lambda: None,
) -> Complex:
    """Return what `Simulator._densities` does, for a noise model; tell of every part."""
    aer_circuit, parameters = _noisy_circuit(circuit, noise)
    return run_densities(aer_circuit, parameters, angles, n_samples, device, tell)


def run_densities(
    aer_circuit: QuantumCircuit,
    parameters: Sequence[Parameter],
    angles: Sequence[Angle],
    n_samples: int,
    device: str = "CPU",
    tell: Callable[[], None] = lambda: None,
) -> Complex:
    """Run a circuit that saves its density matrix, once for all samples if none differs."""
    n_runs = n_samples if any(isinstance(angle, np.ndarray) for angle in angles) else 1
    rows = [np.broadcast_to(angle, n_runs) for angle in angles]
    found: list[Complex] = []
    for start in range(0, n_runs, _RUNS):
        parts = [row[start : start + _RUNS].tolist() for row in rows]
        bindings = dict(zip(parameters, parts, strict=True))
        binds = [bindings] if bindings else None
        n_here = min(_RUNS, n_runs - start)
        result = _simulator(device).run(aer_circuit, parameter_binds=binds).result()
        # A copy, made while the result is there, whose memory they may be.
        found.append(np.array([result.data(n)["density_matrix"] for n in range(n_here)]))
        del result
        tell()
    whole = np.concatenate(found)
    return np.broadcast_to(whole, (n_samples, *whole.shape[1:]))


@lru_cache(maxsize=64)
def _noisy_circuit(circuit: Circuit, noise: NoiseModel) -> tuple[QuantumCircuit, list[Parameter]]:
    sizes = {len(gate.qubits) for gate in circuit.gates}
    errors = {n: error for n in sizes if (error := _error(noise, n)) is not None}
    noisy, parameters = parametrised(circuit, errors)
    noisy.append(SaveDensityMatrix(circuit.n_qubits), range(circuit.n_qubits))
    return in_known_gates(noisy, _simulator("CPU")), parameters


def in_known_gates(native: QuantumCircuit, simulator: AerSimulator) -> QuantumCircuit:
    """Return a circuit with gates that a simulator of Aer lacks replaced by definitions."""
    known = set(simulator.configuration().basis_gates) - _WRONG
    while unknown := {item.operation.name for item in native.data} - known:
        native = native.decompose(list(unknown))
    return native


@lru_cache(maxsize=2)
def _simulator(device: str) -> AerSimulator:
    return aer_simulator("density_matrix", device)


def parametrised(
    circuit: Circuit, errors: dict[int, Instruction] | None = None, *, keep_folds: bool = False
) -> tuple[QuantumCircuit, list[Parameter]]:
    """Return Qiskit's circuit in our order of qubits, and its parameters, one per slot.

    The arguments are those of `to_qiskit_circuit`.
    """
    parameters = [Parameter(f"angle {slot}") for slot in range(circuit.n_slots)]
    native = to_qiskit_circuit(
        circuit, parameters, reverse=True, errors=errors, keep_folds=keep_folds
    )
    return native, parameters


def _error(noise: NoiseModel, n_qubits: int) -> Instruction | None:
    """Return all that follows a gate as one instruction."""
    total = None
    for channel in noise.channels(n_qubits):
        error = SuperOp(_ERRORS[channel.name](channel.probability))
        start = SuperOp(np.eye(4**n_qubits)) if total is None else total
        total = start.compose(error, qargs=list(channel.places))
    return None if total is None else total.to_instruction()
