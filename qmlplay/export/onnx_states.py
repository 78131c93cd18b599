"""State vectors as ONNX operators on real numbers, a whole batch at once.

A state is kept as rows of numbers, the batch last: for every amplitude a real and an imaginary
part. Circuits of up to 5 qubits have one window, and their states the axes (part, window,
n_samples); others have two, (first window, part, second window, n_samples), so that a matrix on
either window acts on neighboring axes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qmlplay.export.circuit_form import MAX_WIDTH, CircuitForm
from qmlplay.export.circuit_steps import DataPhases, RowMoves, WindowMatrix
from qmlplay.export.expectation_groups import ExpectationGroup
from qmlplay.export.onnx_graph import OnnxGraph
from qmlplay.typing import Integers, Real

__all__ = ["OnnxState", "StateOperators"]

#: The imaginary unit as a matrix on (real part, imaginary part).
_I = np.array([[0.0, -1.0], [1.0, 0.0]])


@dataclass(frozen=True)
class OnnxState:
    """A state in a graph: the name of its rows, and in which shape they are but for the batch.

    Parameters
    ----------
    name : str
    shape : tuple of int
    """

    name: str
    shape: tuple[int, ...]


class StateOperators:
    """Operators of an ONNX graph on states of so many qubits.

    Parameters
    ----------
    graph : OnnxGraph
    n_qubits : int
    dtype : type
        Of the states.
    """

    def __init__(self, graph: OnnxGraph, n_qubits: int, dtype: type[np.floating[Any]]) -> None:
        self._graph = graph
        self._dtype = dtype
        self._windows = (1 << n_qubits // 2, 1 << n_qubits - n_qubits // 2)
        if n_qubits <= MAX_WIDTH:
            self._windows = (1, 1 << n_qubits)
        self._size = 1 << n_qubits

    def constant(self, array: Any) -> str:
        """Return the name of a constant of the states' type."""
        return self._graph.constant(np.asarray(array, dtype=self._dtype))

    def _rows(self, real: Any, imaginary: Any) -> NDArray[Any]:
        """Return an entry per row of a state for arrays (2**n_qubits, …) of its two parts."""
        shape = (self._windows[0], 1, self._windows[1])
        parts = [np.reshape(part, (*shape, *np.shape(part)[1:])) for part in (real, imaginary)]
        rows = np.concatenate(parts, axis=1)
        return np.asarray(rows.reshape(2 * self._size, *rows.shape[3:]))

    def _shaped(self, state: OnnxState, *shape: int) -> str:
        """Return the name of a state in a shape."""
        if state.shape == shape:
            return state.name
        return self._graph.add("Reshape", state.name, self._graph.constant(np.array([*shape, -1])))

    def start(self, form: CircuitForm, radians: str) -> OnnxState:
        """Return the state before the first step."""
        if form.start is None:
            return self._amplitudes(form.n_amplitudes, radians)
        rows = self._rows(form.start.real, form.start.imag)[:, None]
        shape = (2 * self._size,)
        return OnnxState(self.constant(rows), shape)

    def _amplitudes(self, n_amplitudes: int, radians: str) -> OnnxState:
        """Return the state whose first amplitudes are the features, divided by their norm."""
        add, axis = self._graph.add, self._graph.constant(np.array([0]))
        # First by their sum, as squares may over- or underflow.
        values = add("Div", radians, add("ReduceSum", add("Abs", radians), axis, keepdims=1))
        squares = add("ReduceSum", add("Mul", values, values), axis, keepdims=1)
        values = self.cast(add("Div", values, add("Sqrt", squares)))
        placing = np.eye(self._size, n_amplitudes)
        placed = add("MatMul", self.constant(self._rows(placing, 0 * placing)), values)
        return OnnxState(placed, (2 * self._size,))

    def cast(self, value: str) -> str:
        """Return a value in double precision as the states' type."""
        if self._dtype == np.float64:
            return value
        return self._graph.add("Cast", value, to=np.dtype(self._dtype))

    def after_matrix(self, state: OnnxState, step: WindowMatrix) -> OnnxState:
        """Return the state after a small matrix."""
        first, second = self._windows
        real, imaginary = step.matrix.real, step.matrix.imag
        if step.first == 0 and first > 1:
            matrix = np.kron(real, np.eye(2)) + np.kron(imaginary, _I)
            shape: tuple[int, ...] = (2 * first,)
        else:
            matrix = np.kron(np.eye(2), real) + np.kron(_I, imaginary)
            shape = (first, 2 * second) if first > 1 else (2 * second,)
        product = self._graph.add("MatMul", self.constant(matrix), self._shaped(state, *shape))
        return OnnxState(product, shape)

    def after_moves(self, state: OnnxState, step: RowMoves) -> OnnxState:
        """Return the state after its amplitudes have changed places and phases."""
        rows = self._shaped(state, 2 * self._size)
        index = self._rows(step.source, step.source + self._size)
        other = self._rows(step.source + self._size, step.source)
        straight = self._rows(step.phases.real, step.phases.real)
        crossed = self._rows(-step.phases.imag, step.phases.imag)
        # Where a phase is ±1 or ±i, one of the two products is left.
        is_crossed = np.abs(crossed) > np.abs(straight)
        index, other = np.where(is_crossed, other, index), np.where(is_crossed, index, other)
        straight, crossed = (
            np.where(is_crossed, crossed, straight),
            np.where(is_crossed, straight, crossed),
        )
        moved = self._moved(rows, index, straight)
        if np.abs(crossed).max() > 1e-16:
            moved = self._graph.add("Add", moved, self._moved(rows, other, crossed))
        return OnnxState(moved, (2 * self._size,))

    def _moved(self, rows: str, index: Integers, factors: Real) -> str:
        """Return factors · rows[index], the index of (part, amplitude) in the order of the rows."""
        moved = self._gathered(rows, index)
        if (factors == 1).all():
            return moved
        return self._graph.add("Mul", moved, self.constant(factors[:, None]))

    def _gathered(self, rows: str, index: Integers) -> str:
        where = np.argsort(self._rows(np.arange(self._size), np.arange(self._size) + self._size))
        places = where[index].astype(np.int32)
        if (places == np.arange(len(places))).all():
            return rows
        return self._graph.add("Gather", rows, self._graph.constant(places), axis=0)

    def phase_rows(self, step: DataPhases) -> tuple[Real, Real, Real]:
        """Return for every cosine of a step its (angles' factors, constant, sign of the sine).

        There is one for the real and one for the imaginary part: exp(−iφ)·(x + iy) is
        cos φ·(x, y) + sin φ·(y, −x).
        """
        shape = self._phase_shape(step)
        factors = step.eigenvalues.T.reshape(shape[0], 1, shape[2], -1)
        constants = step.constants.reshape(shape[0], 1, shape[2])
        signs = np.array([1.0, -1.0])[None, :, None]
        n_angles = len(step.angles)
        return (
            np.broadcast_to(factors, (*shape, n_angles)).reshape(-1, n_angles),
            np.broadcast_to(constants, shape).ravel(),
            np.broadcast_to(signs, shape).ravel(),
        )

    def _phase_shape(self, step: DataPhases) -> tuple[int, int, int]:
        first, second = self._windows
        is_whole = 1 << step.width == self._size
        return (
            first if is_whole or step.first == 0 else 1,
            2,
            second if is_whole or step.first > 0 else 1,
        )

    def after_phases(
        self, state: OnnxState, step: DataPhases, cosines: str, sines: str
    ) -> OnnxState:
        """Return the state after phases by data, whose cosines and signed sines are given."""
        first, second = self._windows
        axes = (2 * second,) if first == 1 else (first, 2, second)
        add, constant = self._graph.add, self._graph.constant
        rows = self._shaped(state, *axes)
        if first == 1:
            swapped = self._gathered(rows, self._swapped)
        else:
            shape = self._phase_shape(step)
            cosines, sines = (
                self._shaped(OnnxState(name, ()), *shape) for name in (cosines, sines)
            )
            swapped = add("Gather", rows, constant(np.array([1, 0])), axis=1)
        turned = add("Add", add("Mul", rows, cosines), add("Mul", swapped, sines))
        return OnnxState(turned, axes)

    @property
    def _swapped(self) -> Integers:
        index = np.arange(self._size)
        return np.asarray(self._rows(index + self._size, index))

    def weighted(self, state: OnnxState, group: ExpectationGroup, weights: Real) -> str:
        """Return Σ weights · what a group adds to the expectations, (n_outputs, n_samples)."""
        rows = self._shaped(state, 2 * self._size)
        index = np.arange(self._size) ^ group.mask
        factors = group.weights @ weights
        other = rows
        if group.is_imaginary:
            other = self._gathered(rows, self._rows(index + self._size, index))
            factors = self._rows(factors, -factors)
        else:
            factors = self._rows(factors, factors)
            if group.mask:
                other = self._gathered(rows, self._rows(index, index + self._size))
        products = self._graph.add("Mul", rows, other)
        return self._graph.add("MatMul", self.constant(factors.T), products)
