"""The step of the NumPy backend that does most of the work, a small unitary on a window.

However many gates it melts together, it is applied to the batch as one matrix product, and the
gradients of all its angles follow from one more: the cross matrix Σ|ψ⟩⟨λ| of the window.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from qmlplay.backends.numpy.steps import BoundStep, Step, Window, shaped
from qmlplay.circuit import GATES, Angle, embed, gate_matrix
from qmlplay.circuit.gates import GateType, generator_matrix
from qmlplay.typing import Complex, Real

__all__ = ["UnitaryStep"]


class UnitaryStep(Step):
    """Fixed gates and gates with shared angles on a window: one small unitary for the batch.

    Parameters
    ----------
    window : Window
        The qubits.
    gates : sequence of (str, tuple of int, int or None)
        Name, places inside the window, and slot (None for a fixed gate) of every gate.
    """

    def __init__(
        self, window: Window, gates: Sequence[tuple[str, tuple[int, ...], int | None]]
    ) -> None:
        self.window = window
        self.slots: list[int] = []
        size = 1 << window.width
        fixed = [np.eye(size, dtype=complex)]  # fixed[j]: fixed gates after the j-th rotation
        spectra: list[tuple[Real, Complex]] = []
        generators: list[Complex] = []
        for name, places, slot in gates:
            if slot is None:
                fixed[-1] = embed(gate_matrix(name), places, window.width) @ fixed[-1]
                continue
            self.slots.append(slot)
            spectra.append(_spectrum(GATES[name], places, window.width))
            generators.append(embed(generator_matrix(name), places, window.width))
            fixed.append(np.eye(size, dtype=complex))
        self.fixed = np.stack(fixed)
        if not spectra:
            return
        width = max(len(values) for values, _ in spectra)
        self.values = np.zeros((len(spectra), 1, width))
        self.projectors = np.zeros((len(spectra), width, size * size), dtype=complex)
        for j, (values, projectors) in enumerate(spectra):
            self.values[j, 0, : len(values)] = values
            self.projectors[j, : len(values)] = projectors.reshape(len(values), -1)
        self.generators_transposed = np.stack(generators).swapaxes(1, 2).reshape(len(spectra), -1)

    def bind(
        self, angles: Sequence[Angle], wanted: frozenset[int], dtype: np.dtype[Any]
    ) -> BoundStep:
        """Return the step with its unitary."""
        return _BoundUnitary(self, np.array([angles[slot] for slot in self.slots]), wanted, dtype)


@lru_cache(maxsize=1024)
def _spectrum(kind: GateType, places: tuple[int, ...], width: int) -> tuple[Real, Complex]:
    """Return the distinct eigenvalues of a generator and its projectors on the window."""
    values, vectors = np.linalg.eigh(kind.generator_matrix)
    distinct = np.unique(values.round(12))
    projectors = []
    for value in distinct:
        own = vectors[:, np.isclose(values, value)]
        projectors.append(embed(own @ own.conj().T, places, width))
    return distinct, np.stack(projectors)


class _BoundUnitary(BoundStep):
    def __init__(
        self, step: UnitaryStep, angles: Real, wanted: frozenset[int], dtype: np.dtype[Any]
    ) -> None:
        self._step = step
        self._wanted = wanted
        self.has_wanted = not wanted.isdisjoint(step.slots)
        unitary = step.fixed[0]
        if step.slots:
            size = len(unitary)
            phases = np.exp(-1j * step.values * angles[:, None, None])
            rotations = (phases @ step.projectors).reshape(-1, size, size)
            with_fixed = step.fixed[1:] @ rotations
            # after[j]: all gates up to and with the j-th rotation
            self._after = np.empty_like(rotations)
            for j, rotation in enumerate(rotations):
                np.matmul(rotation, unitary, out=self._after[j])
                unitary = with_fixed[j] @ unitary
        # Put together in double precision, whatever that of the states.
        matrix = unitary.astype(dtype, copy=False)
        self._matrix = matrix if unitary.imag.any() else np.ascontiguousarray(matrix.real)

    def forward(self, psi: Complex, factor: Complex | None, out: Complex) -> Complex:
        return _apply(self._matrix, psi, self._step.window, out)

    def backward(self, psi: Complex, bra: Complex, factor: Complex | None, out: Complex) -> Complex:
        if psi.shape[1] < bra.shape[1]:  # samples not yet told apart
            bra = bra.sum(axis=1, keepdims=True)
        return _apply(self._matrix.T, bra, self._step.window, out)

    def add(self, total: Complex | None, psi: Complex, bra: Complex, rows: slice) -> Complex:
        shape = (1 << self._step.window.before, len(self._matrix), -1)
        left, right = psi.reshape(shape), bra.reshape(shape)
        cross: Complex = np.matmul(left, right.swapaxes(1, 2)).sum(axis=0)  # Σ |ψ⟩⟨λ|
        return cross if total is None else total + cross

    def collect(self, total: Complex | None, gradients: list[Angle]) -> None:
        if total is None:
            return
        # d E / d angle_j = 2 Im tr(G_j A_j Σ|ψ⟩⟨λ| A_j†), with A_j the gates up to the j-th
        moved = (self._after @ total) @ self._after.conj().swapaxes(1, 2)
        traces = np.einsum(
            "ji,ji->j", self._step.generators_transposed, moved.reshape(len(moved), -1)
        )
        for slot, derivative in zip(self._step.slots, 2 * traces.imag, strict=True):
            if slot in self._wanted:
                gradients[slot] += float(derivative)


def _apply(matrix: Complex | Real, states: Complex, window: Window, out: Complex) -> Complex:
    shape = (1 << window.before, 1 << window.width, -1)
    moved = shaped(out, states.shape)
    # A real matrix acts on real and imaginary parts alike: half the work.
    kind = matrix.dtype
    np.matmul(matrix, states.view(kind).reshape(shape), out=moved.view(kind).reshape(shape))
    return moved
