"""Steps of the NumPy backend, each on a whole batch at once: permutations and diagonals.

The third kind, unitaries, is in `qmlplay.backends.unitary_step`.

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

from qmlplay.circuit import Angle
from qmlplay.circuit.gates import eigenvalues

__all__ = ["BoundStep", "DiagonalStep", "PermutationStep", "Step", "Window"]

Complex = NDArray[np.complex128]
Real = NDArray[np.float64]


class BoundStep(ABC):
    """A step with this call's angles; it adds up its gradients over the chunks of a batch."""

    #: Whether it holds an angle whose derivative is wanted.
    has_wanted: bool = False

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
    def bind(self, angles: Sequence[Angle], wanted: frozenset[int]) -> BoundStep:
        """Return the step with these angles, and with gradients for the slots `wanted`."""


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

    def bind(self, angles: Sequence[Angle], wanted: frozenset[int]) -> BoundStep:
        """Return the step itself: there is no angle in it."""
        return self

    def forward(self, psi: Complex, rows: slice) -> Complex:
        """Move the rows."""
        moved: Complex = np.take(psi, self._source, axis=0)
        return moved if self._phase is None else moved * self._phase

    def backward(self, psi: Complex, bra: Complex, rows: slice) -> Complex:
        """Move the rows back."""
        turned = bra if self._phase is None else bra * self._phase
        back: Complex = np.take(turned, self._inverse, axis=0)
        return back


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

    def bind(self, angles: Sequence[Angle], wanted: frozenset[int]) -> BoundStep:
        """Return the step with its phases."""
        return _BoundDiagonal(self, [angles[slot] for slot in self.slots], wanted)


class _BoundDiagonal(BoundStep):
    def __init__(self, step: DiagonalStep, angles: list[Angle], wanted: frozenset[int]) -> None:
        self._step = step
        self._wanted = wanted
        self.has_wanted = not wanted.isdisjoint(step.slots)
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
        if not self.has_wanted:
            return view.reshape(len(bra), -1)
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
            if slot not in self._wanted:
                continue
            gradients[slot] += float(gradient.sum()) if is_shared else gradient
