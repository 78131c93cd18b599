"""The three kinds of step that the NumPy backend runs, each on a whole batch at once.

States are kept as ``(2**n_qubits, n_samples)``, the batch last: a matrix on neighbouring
qubits is then one BLAS product, and a permutation moves whole rows. A batch axis of length 1
stands for all samples, as long as no step has told them apart.

Going backwards, ``bra`` is the complex conjugate of λ (see `qmlplay.backends.adjoint`), so
that every step maps it by the transpose of its matrix.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qmlplay.circuit import Angle, gate_matrix
from qmlplay.circuit.gates import eigenvalues, generator_matrix

__all__ = ["BoundStep", "DenseStep", "DiagonalStep", "PermutationStep", "Step", "embed"]

Complex = NDArray[np.complex128]
Real = NDArray[np.float64]


def embed(matrix: Complex, places: tuple[int, ...], n_qubits: int) -> Complex:
    """Return a gate's matrix on n_qubits qubits, acting on the given places.

    Examples
    --------
    >>> embed(gate_matrix("x"), (1,), 2).real.astype(int)
    array([[0, 1, 0, 0],
           [1, 0, 0, 0],
           [0, 0, 0, 1],
           [0, 0, 1, 0]])
    """
    k = len(places)
    tensor = np.eye(2**n_qubits, dtype=complex).reshape((2,) * n_qubits + (-1,))
    moved = np.tensordot(matrix.reshape((2,) * 2 * k), tensor, (tuple(range(k, 2 * k)), places))
    return np.ascontiguousarray(np.moveaxis(moved, range(k), places).reshape(2**n_qubits, -1))


class BoundStep(ABC):
    """A step with this call's angles; it adds up its gradients over the chunks of a batch."""

    @abstractmethod
    def forward(self, psi: Complex, rows: slice) -> Complex:
        """Return the states after the step, for the samples `rows` of the batch."""

    @abstractmethod
    def backward(self, psi: Complex, bra: Complex, rows: slice) -> Complex:
        """Return bra before the step, given psi before and bra after it."""

    def collect(self, gradients: list[Angle]) -> None:
        """Add the gradients found to the list, one entry per slot."""


class Step(ABC):
    """A few gates of a circuit that are run together."""

    @abstractmethod
    def bind(self, angles: Sequence[Angle]) -> BoundStep:
        """Return the step with these angles."""


@dataclass(frozen=True)
class Window:
    """Neighbouring qubits: `before` qubits, then `width` in the window, then `after`."""

    before: int
    width: int
    after: int

    def view(self, states: Complex) -> Complex:
        """Return states as (2**before, 2**width, 2**after, n_samples)."""
        return states.reshape(1 << self.before, 1 << self.width, 1 << self.after, -1)


class PermutationStep(Step, BoundStep):
    """Fixed gates such as CX, CZ and SWAP on the whole register: rows change places and signs."""

    def __init__(self, source: NDArray[np.intp], phase: Complex | None) -> None:
        self._source = source  # new row i is old row source[i] ...
        self._phase = None if phase is None else phase[:, None]  # ... times phase[i]
        self._inverse = np.argsort(source)

    def bind(self, angles: Sequence[Angle]) -> BoundStep:
        """Return the step itself: there is no angle in it."""
        return self

    def forward(self, psi: Complex, rows: slice) -> Complex:
        """Move the rows."""
        moved = psi[self._source]
        return moved if self._phase is None else moved * self._phase

    def backward(self, psi: Complex, bra: Complex, rows: slice) -> Complex:
        """Move the rows back."""
        return (bra if self._phase is None else bra * self._phase)[self._inverse]


class DiagonalStep(Step):
    """Gates with angles that are diagonal in the computational basis of a window.

    Parameters
    ----------
    window : Window
        The qubits.
    gates : sequence of (str, tuple of int, int)
        Name, places inside the window, and slot of every gate.
    """

    def __init__(self, window: Window, gates: Sequence[tuple[str, tuple[int, ...], int]]) -> None:
        self.window = window
        self.slots = [slot for _, _, slot in gates]
        index = np.arange(1 << window.width)
        rows = []
        for name, places, _ in gates:
            key = np.zeros_like(index)
            for place in places:
                key = 2 * key + (index >> (window.width - 1 - place) & 1)
            rows.append(eigenvalues(name)[key])
        self.eigenvalues = np.stack(rows)  # (n_gates, 2**width)

    def bind(self, angles: Sequence[Angle]) -> BoundStep:
        """Return the step with its phases."""
        return _BoundDiagonal(self, [angles[slot] for slot in self.slots])


class _BoundDiagonal(BoundStep):
    def __init__(self, step: DiagonalStep, angles: list[Angle]) -> None:
        self._step = step
        self._is_shared = [not isinstance(angle, np.ndarray) for angle in angles]
        n_samples = max(np.size(angle) for angle in angles)
        self._angles = np.empty((len(angles), n_samples))
        for row, angle in zip(self._angles, angles, strict=True):
            row[:] = angle
        self._gradients = np.zeros_like(self._angles)
        self._phases = np.ones((1, 1, 1, 1), dtype=complex)  # of the last chunk

    def _columns(self, rows: slice) -> slice:
        # Shared angles alone have one column, which stands for every sample of every chunk.
        return slice(None) if self._angles.shape[1] == 1 else rows

    def forward(self, psi: Complex, rows: slice) -> Complex:
        step = self._step
        angles = self._angles[:, self._columns(rows)]
        exponents = -(step.eigenvalues.T @ angles)  # (2**width, rows)
        phases = np.empty(exponents.shape, dtype=complex)
        np.cos(exponents, out=phases.real)
        np.sin(exponents, out=phases.imag)
        self._phases = phases[None, :, None, :]
        moved: Complex = step.window.view(psi) * self._phases
        return moved.reshape(len(psi), -1)

    def backward(self, psi: Complex, bra: Complex, rows: slice) -> Complex:
        step = self._step
        view = step.window.view(bra) * self._phases
        overlap = np.einsum("abcn,abcn->bn", step.window.view(psi), view, optimize=False).imag
        gradients = 2 * (step.eigenvalues @ overlap)  # (n_gates, rows)
        if self._angles.shape[1] == 1:
            gradients = gradients.sum(axis=1, keepdims=True)
        self._gradients[:, self._columns(rows)] += gradients
        return view.reshape(len(bra), -1)

    def collect(self, gradients: list[Angle]) -> None:
        for slot, is_shared, gradient in zip(
            self._step.slots, self._is_shared, self._gradients, strict=True
        ):
            gradients[slot] += float(gradient.sum()) if is_shared else gradient


class DenseStep(Step):
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
            spectra.append(_spectrum(name, places, window.width))
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

    def bind(self, angles: Sequence[Angle]) -> BoundStep:
        """Return the step with its unitary."""
        return _BoundDense(self, np.array([angles[slot] for slot in self.slots]))


def _spectrum(name: str, places: tuple[int, ...], width: int) -> tuple[Real, Complex]:
    """Return the distinct eigenvalues of a generator and its projectors on the window."""
    generator = generator_matrix(name)
    values, vectors = np.linalg.eigh(generator)
    distinct = np.unique(values.round(12))
    projectors = []
    for value in distinct:
        own = vectors[:, np.isclose(values, value)]
        projectors.append(embed(own @ own.conj().T, places, width))
    return distinct, np.stack(projectors)


class _BoundDense(BoundStep):
    def __init__(self, step: DenseStep, angles: Real) -> None:
        self._step = step
        self._unitary = step.fixed[0]
        self._cross: Complex | None = None
        if not step.slots:
            return
        size = len(self._unitary)
        phases = np.exp(-1j * step.values * angles[:, None, None])
        rotations = (phases @ step.projectors).reshape(-1, size, size)
        with_fixed = step.fixed[1:] @ rotations
        # after[j]: all gates up to and with the j-th rotation
        self._after = np.empty_like(rotations)
        for j, rotation in enumerate(rotations):
            np.matmul(rotation, self._unitary, out=self._after[j])
            self._unitary = with_fixed[j] @ self._unitary

    def forward(self, psi: Complex, rows: slice) -> Complex:
        return _apply(self._unitary, psi, self._step.window)

    def backward(self, psi: Complex, bra: Complex, rows: slice) -> Complex:
        if psi.shape[1] < bra.shape[1]:  # samples not yet told apart
            bra = bra.sum(axis=1, keepdims=True)
        result = _apply(self._unitary.T, bra, self._step.window)
        if self._step.slots:
            size = len(self._unitary)
            before = self._step.window.before
            left = psi.reshape(1 << before, size, -1)
            right = result.reshape(1 << before, size, -1)
            cross = np.matmul(left, right.swapaxes(1, 2)).sum(axis=0)  # Σ |ψ⟩⟨λ|
            self._cross = cross if self._cross is None else self._cross + cross
        return result

    def collect(self, gradients: list[Angle]) -> None:
        if self._cross is None:
            return
        # d E / d angle_j = 2 Im tr(G_j A_j Σ|ψ⟩⟨λ| A_j†), with A_j the gates up to the j-th
        moved = (self._after @ self._cross) @ self._after.conj().swapaxes(1, 2)
        traces = np.einsum(
            "ji,ji->j", self._step.generators_transposed, moved.reshape(len(moved), -1)
        )
        for slot, derivative in zip(self._step.slots, 2 * traces.imag, strict=True):
            gradients[slot] += float(derivative)


def _apply(matrix: Complex, states: Complex, window: Window) -> Complex:
    view = states.reshape(1 << window.before, 1 << window.width, -1)
    moved: Complex = np.matmul(matrix, view)
    return moved.reshape(len(states), -1)
