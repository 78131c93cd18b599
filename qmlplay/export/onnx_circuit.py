"""A circuit's expectations as ONNX operators: the steps of a plan on a state vector."""

from __future__ import annotations

from typing import Any

import numpy as np

from qmlplay.export.circuit_form import CircuitForm
from qmlplay.export.circuit_steps import DataPhases, RowMoves, WindowMatrix
from qmlplay.export.expectation_groups import expectation_groups
from qmlplay.export.export_plan import ExportPlan
from qmlplay.export.onnx_graph import OnnxGraph
from qmlplay.export.onnx_states import StateOperators
from qmlplay.typing import Real

__all__ = ["add_circuit"]


def add_circuit(
    graph: OnnxGraph,
    plan: ExportPlan,
    form: CircuitForm,
    inputs: tuple[str, str],
    weights: Real,
    dtype: type[np.floating[Any]],
) -> str:
    """Add a state vector, and return the name of Σ weights · expectation (n_outputs, n_samples).

    Parameters
    ----------
    graph : OnnxGraph
    plan : ExportPlan
    form : CircuitForm
        That of the plan.
    inputs : tuple of str
        Names of the features in radians and of the products of `AngleProducts`, both
        (…, n_samples) and in double precision, as cosines of large angles would not be exact else.
    weights : ndarray of shape (n_observables, n_outputs)
    dtype : type
        Of the states.
    """
    radians, products = inputs
    operators = StateOperators(graph, form.n_qubits, dtype)
    state = operators.start(form, radians)
    phases = iter(_phases(graph, operators, plan, form, products))
    for step in form.steps:
        if isinstance(step, WindowMatrix):
            state = operators.after_matrix(state, step)
        elif isinstance(step, RowMoves):
            state = operators.after_moves(state, step)
        else:
            state = operators.after_phases(state, step, *next(phases))
    groups = expectation_groups(plan.observables, form.n_qubits)
    sums = [operators.weighted(state, group, weights) for group in groups]
    return sums[0] if len(sums) == 1 else graph.add("Sum", *sums)


def _phases(
    graph: OnnxGraph, operators: StateOperators, plan: ExportPlan, form: CircuitForm, products: str
) -> list[tuple[str, str]]:
    """Add the cosines and signed sines of all steps by data at once, and return their names."""
    steps = [step for step in form.steps if isinstance(step, DataPhases)]
    if not steps:
        return []
    rows = [operators.phase_rows(step) for step in steps]
    factors = [
        part @ plan.angles.coefficients[step.angles]
        for (part, _, _), step in zip(rows, steps, strict=True)
    ]
    constants, signs = (np.concatenate([row[k] for row in rows])[:, None] for k in (1, 2))
    turns = np.hstack([np.concatenate(factors), constants])
    # Turns differ in nothing but their sign for half of the basis states or more.
    first = np.take_along_axis(turns, (turns != 0).argmax(axis=1)[:, None], axis=1)
    is_negative = np.where(first < 0, -1.0, 1.0)
    different, place = np.unique(is_negative * turns + 0.0, axis=0, return_inverse=True)
    cosines, sines = graph.waves(products, different[:, :-1], different[:, -1:])
    where = graph.constant(place.astype(np.int32))
    cosines, sines = (
        graph.add("Gather", operators.cast(name), where, axis=0) for name in (cosines, sines)
    )
    sines = graph.add("Mul", sines, operators.constant(signs * is_negative))
    sizes = [len(part) for part in factors]
    return list(zip(graph.split(cosines, sizes), graph.split(sines, sizes), strict=True))
