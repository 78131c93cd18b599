"""Density matrices with NumPy alone: every gate and its noise is one small matrix.

A density matrix is a vector with two indices per qubit, a left and a right one. On it the gate
ρ → UρU† is the matrix U ⊗ U*, a channel is Σ K ⊗ K*, and one after the other is their product.
One-qubit gates in a row are one matrix, which melts into the next two-qubit gate unless it
differs between samples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qmlplay.backends.measurement import apply_matrix
from qmlplay.backends.noise import NoiseModel
from qmlplay.backends.noise.channels import kraus_operators
from qmlplay.circuit import Angle, Circuit, embed, gate_matrix
from qmlplay.typing import Complex

__all__ = [
    "density_axes",
    "first_density",
    "noisy_densities",
    "noisy_densities_after",
    "superoperators",
]


def noisy_densities(
    circuit: Circuit,
    angles: Sequence[Angle],
    n_samples: int,
    noise: NoiseModel,
    tell: Callable[[], None] = lambda: None,
) -> Complex:
    """Return what `Simulator._densities` does, for a noise model; tell of every step."""
    cuts = (len(circuit.gates),)
    (final,) = noisy_densities_after(circuit, angles, n_samples, noise, cuts, tell)
    return final


def noisy_densities_after(
    circuit: Circuit,
    angles: Sequence[Angle],
    n_samples: int,
    noise: NoiseModel,
    cuts: tuple[int, ...],
    tell: Callable[[], None] = lambda: None,
) -> Iterator[Complex]:
    """Yield what `Simulator._densities_after` does, for a noise model, from one run."""
    size = 2**circuit.n_qubits
    tensor = first_density(circuit.n_qubits)
    for done, cut in pairwise((0, *cuts)):
        slots = sorted({slot for gate in circuit.gates[done:cut] for slot in gate.slots})
        read = [angles[slot] for slot in slots]
        for matrix, qubits in superoperators(circuit.part(done, cut), read, noise):
            tensor = apply_matrix(matrix, tensor, density_axes(qubits, circuit.n_qubits))
            tell()
        densities = tensor.reshape(len(tensor), size, size).astype(complex, copy=False)
        yield np.broadcast_to(densities, (n_samples, size, size))


def first_density(n_qubits: int) -> NDArray[np.inexact]:
    """Return |0…0⟩⟨0…0| as a tensor of shape (1, 2, …, 2): its rows' qubits, then its columns'."""
    tensor: NDArray[np.inexact] = np.zeros((1,) + (2,) * 2 * n_qubits, dtype=complex)
    tensor[(0,) * tensor.ndim] = 1
    return tensor


def density_axes(qubits: Sequence[int], n_qubits: int) -> list[int]:
    """Return the axes of such a tensor that a superoperator on some qubits acts on."""
    left = [1 + qubit for qubit in qubits]
    return left + [axis + n_qubits for axis in left]


def superoperators(
    circuit: Circuit, angles: Sequence[Angle], noise: NoiseModel
) -> Iterator[tuple[Complex, tuple[int, ...]]]:
    """Yield superoperators, shared or one per sample, and their qubits, in the order they act."""
    waiting: dict[int, Complex] = {}
    for gate in circuit.gates:
        unitary = gate_matrix(gate.name, gate.angle(angles))
        matrix = noise_superoperator(noise, len(gate.qubits)) @ _superoperator(unitary)
        if len(gate.qubits) == 1:
            (qubit,) = gate.qubits
            waiting[qubit] = matrix @ waiting[qubit] if qubit in waiting else matrix
            continue
        before = [waiting.pop(qubit, _NOTHING) for qubit in gate.qubits]
        for place, qubit in enumerate(gate.qubits):
            if before[place].ndim == 3 or (len(before) > 2 and before[place] is not _NOTHING):
                yield before[place], (qubit,)
                before[place] = _NOTHING
        if any(one is not _NOTHING for one in before):
            matrix = matrix @ _side_by_side(*before)
        yield matrix, gate.qubits
    for qubit, matrix in waiting.items():
        yield matrix, (qubit,)


_NOTHING = np.eye(4, dtype=complex)


def _side_by_side(first: Complex, second: Complex) -> Complex:
    """Return two one-qubit superoperators as one on the pair: left indices, then right ones."""
    shape = (2, 2, 2, 2)
    product = np.einsum("abcd,efgh->aebfcgdh", first.reshape(shape), second.reshape(shape))
    return np.asarray(product.reshape(16, 16))


def _superoperator(matrix: Complex) -> Complex:
    """Return K ⊗ K* of a matrix, or of every matrix of a stack."""
    size = matrix.shape[-1] ** 2
    product = np.einsum("...ab,...cd->...acbd", matrix, matrix.conj())
    return np.asarray(product.reshape(*matrix.shape[:-2], size, size))


@lru_cache(maxsize=64)
def noise_superoperator(noise: NoiseModel, n_qubits: int) -> Complex:
    """Return all that follows a gate on n_qubits qubits as one matrix.

    Returns
    -------
    ndarray of shape (4**n_qubits, 4**n_qubits)
        It acts on a density matrix flattened row by row.

    Examples
    --------
    >>> mixed = noise_superoperator(NoiseModel(bit_flip=0.25), 1) @ [1, 0, 0, 0]
    >>> mixed.real.reshape(2, 2)
    array([[0.75, 0.  ],
           [0.  , 0.25]])
    """
    total = np.eye(4**n_qubits, dtype=complex)
    for channel in noise.channels(n_qubits):
        operators = kraus_operators(channel.name, channel.probability)
        wide = np.stack([embed(kraus, channel.places, n_qubits) for kraus in operators])
        total = _superoperator(wide).sum(axis=0) @ total
    total.flags.writeable = False
    return total
