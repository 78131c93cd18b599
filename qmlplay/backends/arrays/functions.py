"""The array simulator itself: angles, states and expectations by whole-batch array operations.

`xp` is the namespace of array functions of a framework. Nothing here depends on numbers in an
array, so that all of it can be differentiated, vectorised and compiled.
"""

from __future__ import annotations

from typing import Any

from qmlplay.backends.arrays.adapters import computed_once
from qmlplay.backends.arrays.angles import AngleTable
from qmlplay.backends.arrays.array_readout import ArrayReadout, Reading
from qmlplay.backends.arrays.plan import Applied, Diagonals, Exponents, StepPlan, Unitaries
from qmlplay.circuit.formulas import formula_values

__all__ = ["angles", "final_states", "measured"]

#: An array of whatever framework.
Array = Any


def angles(xp: Any, table: AngleTable, X: Array, w: Array) -> tuple[Array, Array]:
    """Return all angles in radians: shared ones (n_shared,), others (n_per_sample, n_samples)."""
    linear = table.constants
    if w.shape[0]:
        linear = linear + xp.matmul(table.weights, w)
    n_shared = table.n_shared
    shared = linear[:n_shared]
    factors = table.factors
    if w.shape[0] and factors.shape[0]:
        chosen = xp.reshape(xp.take(w, table.factor_weights, axis=0), factors.shape)
        factors = factors + table.weighted_factors * chosen
    per_sample = xp.matmul(factors, X.T)
    if table.has_offsets:
        per_sample = per_sample + linear[n_shared:, None]
    if table.other_shared:
        others = [formula.value(X, w) for formula in table.other_shared]
        shared = xp.concat([shared, xp.stack(others)])
    if table.other_per_sample:
        rows = formula_values(table.other_per_sample, X, w)
        per_sample = xp.concat([per_sample, xp.stack(rows)])
    return shared, per_sample


def final_states(
    xp: Any, plan: StepPlan, shared: Array, per_sample: Array, states: Array | None = None
) -> Array:
    """Return the final states (2**n_qubits, n_samples), one column where samples do not differ.

    They start in |0…0⟩, or in the states that are given.
    """
    unitaries = [_unitaries(xp, group, shared) for group in plan.unitaries]
    diagonals = [_phases(xp, group, shared, per_sample) for group in plan.diagonals]
    states = plan.start if states is None else states
    for step in plan.steps:
        if step.kind == "unitary":
            states = _matrix_applied(xp, unitaries[step.group][step.place], states, step)
        elif step.kind == "diagonal":
            entries = diagonals[step.group][step.place : step.place + (1 << step.window.width)]
            states = _diagonal_applied(xp, entries, states, step)
        elif step.kind == "constant":
            states = _matrix_applied(xp, step.matrix, states, step)
        else:
            states = states[step.source]
            states = states if step.matrix is None else states * step.matrix[:, None]
    return states


def _turned(xp: Any, exponents: Array) -> Array:
    """Return exp(−i · exponents)."""
    return xp.cos(exponents) - 1j * xp.sin(exponents)


def _product(xp: Any, part: Exponents, angles: Array) -> Array:
    return xp.matmul(part.eigenvalues, xp.take(angles, part.columns, axis=0))


def _unitaries(xp: Any, group: Unitaries, shared: Array) -> Array:
    """Return unitaries (n_unitaries, size, size) of one form."""
    n_diagonals, n_unitaries, size, _ = group.constants.shape
    phases = _turned(xp, xp.matmul(group.eigenvalues, shared))
    factors = group.constants * xp.reshape(phases, (n_diagonals, n_unitaries, 1, size))
    while (n_factors := factors.shape[0]) > 1:
        pairs = xp.matmul(factors[1::2, ...], factors[0 : n_factors - n_factors % 2 : 2, ...])
        factors = xp.concat([pairs, factors[-1:, ...]]) if n_factors % 2 else pairs
    return xp.matmul(factors[0, ...], group.first)


def _phases(xp: Any, group: Diagonals, shared: Array, per_sample: Array) -> Array:
    """Return the entries of diagonals, (n_entries, n_samples) or (n_entries, 1)."""
    exponents = 0.0
    if group.per_sample is not None:
        exponents = _product(xp, group.per_sample, per_sample)
    if group.shared is not None:
        exponents = exponents + _product(xp, group.shared, shared)[:, None]
    return computed_once(xp, _turned(xp, exponents))


def _matrix_applied(xp: Any, matrix: Array, states: Array, step: Applied) -> Array:
    before, size = 1 << step.window.before, 1 << step.window.width
    if before == 1:
        return xp.reshape(xp.matmul(matrix, xp.reshape(states, (size, -1))), states.shape)
    # As many matrices as there are blocks: their gradient then needs no transposed states.
    matrices = xp.broadcast_to(matrix, (before, size, size))
    blocks = xp.reshape(states, (before, size, -1))
    return xp.reshape(xp.matmul(matrices, blocks), states.shape)


def _diagonal_applied(xp: Any, entries: Array, states: Array, step: Applied) -> Array:
    window = step.window
    shape = (1 << window.before, 1 << window.width, 1 << window.after, -1)
    moved = xp.reshape(states, shape) * entries[None, :, None, :]
    return xp.reshape(moved, (states.shape[0], moved.shape[3]))  # there may be no sample


def measured(xp: Any, readout: ArrayReadout, states: Array) -> Array:
    """Return expectations (n_samples, n_observables) of states (2**n_qubits, n_samples)."""
    rows = [_read(xp, reading, states) for reading in readout.readings]
    values = rows[0] if len(rows) == 1 else xp.concat(rows)
    if not readout.is_trivial:
        values = xp.matmul(readout.coefficients, values)
    return values.T


def _read(xp: Any, reading: Reading, states: Array) -> Array:
    """Return expectations (n_strings, n_samples)."""
    real, imaginary = xp.real(states), xp.imag(states)
    if reading.source is None:
        return xp.matmul(reading.phases, real * real + imaginary * imaginary)
    moved = states[reading.source]
    conjugated = real - 1j * imaginary  # PyTorch's vmap has no fast conj
    return xp.real(xp.matmul(reading.phases, conjugated * moved))
