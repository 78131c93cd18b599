"""Steps of the NumPy backend, each on a whole batch at once: permutations and diagonals.

The third kind, unitaries, is in `qmlplay.backends.numpy.unitaries`.

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
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qmlplay.circuit import Angle
from qmlplay.circuit.gates import eigenvalues
from qmlplay.typing import Complex, Real

__all__ = ["BoundStep", "DiagonalStep", "PermutationStep", "Step", "Window", "shaped"]


def shaped(memory: Complex, shape: tuple[int, ...]) -> Complex:
    """Return the beginning of a flat array in another shape.

    Examples
    --------
    >>> shaped(np.arange(8) + 0j, (2, 3)).real
    array([[0., 1., 2.],
           [3., 4., 5.]])
    """
    return memory[: shape[0] * shape[1]].reshape(shape)


class BoundStep(ABC):
    """A step with this call's angles, in which nothing changes any more.

    Results are written to the flat array `out`, which is not the one that is read.
    """

    #: Whether it holds an angle whose derivative is wanted.
    has_wanted: bool = False

    def factor(self, rows: slice) -> Complex | None:
        """Return what both directions need for the samples `rows` of the batch."""
        return None

    @abstractmethod
    def forward(self, psi: Complex, factor: Complex | None, out: Complex) -> Complex:
        """Return the states after the step."""

    @abstractmethod
    def backward(self, psi: Complex, bra: Complex, factor: Complex | None, out: Complex) -> Complex:
        """Return bra before the step, given psi before and bra after it."""

    def add(self, total: Any, psi: Complex, bra: Complex, rows: slice) -> Any:
        """Return the total (None at first) with the derivatives of some samples added.

        It has a form of the step's own; psi and bra are those before the step.
        """
        return total

    def collect(self, total: Any, gradients: list[Angle]) -> None:
        """Add what the total says to the gradients, one entry per slot."""


class Step(ABC):
    """A few gates of a circuit that are run together."""

    @abstractmethod
    def bind(
        self, angles: Sequence[Angle], wanted: frozenset[int], dtype: np.dtype[Any]
    ) -> BoundStep:
        """Return the step with these angles, with gradients for the slots `wanted`.

        `dtype` is that of the states, complex128 or complex64.
        """


@dataclass(frozen=True)
class Window:
    """Neighbouring qubits: `before` qubits, then `width` in the window, then `after`."""

    before: int
    width: int
    after: int

    def view(self, states: Complex) -> Complex:
        """Return states as (2**before, 2**width, 2**after, n_samples)."""
        return states.reshape(1 << self.before, 1 << self.width, 1 << self.after, -1)


class PermutationStep(Step):
    """Fixed gates such as CX, CZ and SWAP on the whole register: rows change places and signs."""

    def __init__(self, source: NDArray[np.intp], phase: Complex | None) -> None:
        self.source = source  # new row i is old row source[i] ...
        self.inverse = np.argsort(source)
        self.phase = phase  # ... times phase[i]

    def bind(
        self, angles: Sequence[Angle], wanted: frozenset[int], dtype: np.dtype[Any]
    ) -> BoundStep:
        """Return the step for states of this type: there is no angle in it."""
        return _BoundPermutation(self, dtype)


class _BoundPermutation(BoundStep):
    def __init__(self, step: PermutationStep, dtype: np.dtype[Any]) -> None:
        self._step = step
        phase = step.phase
        self._phase = None if phase is None else phase.astype(dtype)[:, None]
        self._phase_back = None if self._phase is None else self._phase[step.inverse]

    def forward(self, psi: Complex, factor: Complex | None, out: Complex) -> Complex:
        return _moved(psi, self._step.source, self._phase, out)

    def backward(self, psi: Complex, bra: Complex, factor: Complex | None, out: Complex) -> Complex:
        return _moved(bra, self._step.inverse, self._phase_back, out)


def _moved(
    states: Complex, source: NDArray[np.intp], phase: Complex | None, out: Complex
) -> Complex:
    # "clip" alone lets NumPy write to `out` at once; no index is out of range.
    moved = np.take(states, source, axis=0, out=shaped(out, states.shape), mode="clip")
    return moved if phase is None else np.multiply(moved, phase, out=moved)


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

    def bind(
        self, angles: Sequence[Angle], wanted: frozenset[int], dtype: np.dtype[Any]
    ) -> BoundStep:
        """Return the step with its phases."""
        return _BoundDiagonal(self, [angles[slot] for slot in self.slots], wanted, dtype)


class _BoundDiagonal(BoundStep):
    def __init__(
        self, step: DiagonalStep, angles: list[Angle], wanted: frozenset[int], dtype: np.dtype[Any]
    ) -> None:
        self._step = step
        self._wanted = wanted
        self.has_wanted = not wanted.isdisjoint(step.slots)
        self._is_shared = [not isinstance(angle, np.ndarray) for angle in angles]
        n_samples = max(np.size(angle) for angle in angles)
        self._angles = np.empty((len(angles), n_samples))
        for row, angle in zip(self._angles, angles, strict=True):
            row[:] = angle
        self._dtype = dtype

    def _columns(self, rows: slice) -> slice:
        # Shared angles alone have one column, which stands for every sample of every chunk.
        return slice(None) if self._angles.shape[1] == 1 else rows

    def factor(self, rows: slice) -> Complex:
        exponents = -(self._step.eigenvalues.T @ self._angles[:, self._columns(rows)])
        phases = np.empty(exponents.shape, self._dtype)  # (2**width, rows)
        np.cos(exponents, out=phases.real, casting="same_kind")
        np.sin(exponents, out=phases.imag, casting="same_kind")
        return phases[None, :, None, :]

    def forward(self, psi: Complex, factor: Complex | None, out: Complex) -> Complex:
        assert factor is not None
        moved = shaped(out, (len(psi), max(psi.shape[1], factor.shape[3])))
        view = self._step.window.view
        np.multiply(view(psi), factor, out=view(moved))
        return moved

    def backward(self, psi: Complex, bra: Complex, factor: Complex | None, out: Complex) -> Complex:
        assert factor is not None
        moved = shaped(out, bra.shape)
        view = self._step.window.view
        np.multiply(view(bra), factor, out=view(moved))
        return moved

    def add(self, total: Real | None, psi: Complex, bra: Complex, rows: slice) -> Real:
        step = self._step
        left, right = step.window.view(psi), step.window.view(bra)
        overlap = np.einsum("abcn,abcn->bn", left, right, optimize=False).imag
        gradients = 2 * (step.eigenvalues @ overlap)  # (n_gates, rows)
        if self._angles.shape[1] == 1:
            gradients = gradients.sum(axis=1, keepdims=True)
        total = np.zeros(self._angles.shape) if total is None else total
        total[:, self._columns(rows)] += gradients
        return total

    def collect(self, total: Real | None, gradients: list[Angle]) -> None:
        if total is None:
            return
        for slot, is_shared, gradient in zip(self._step.slots, self._is_shared, total, strict=True):
            if slot not in self._wanted:
                continue
            gradients[slot] += float(gradient.sum()) if is_shared else gradient
