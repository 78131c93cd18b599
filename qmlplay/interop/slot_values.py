"""Values for the slots of a circuit that goes out: numbers, or expressions of symbols."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from qmlplay.backends.inputs import check_angles
from qmlplay.circuit import Circuit, ParametricCircuit
from qmlplay.interop.symbolic_angles import Units, expressions

__all__ = ["numbers_of", "parametric_of", "slot_values", "sympy_vector"]


def slot_values(
    circuit: Circuit | ParametricCircuit,
    angles: Sequence[float] | None,
    units: Units | None,
    vector: Callable[[str, int], Sequence[Any]],
) -> tuple[Circuit, list[Any]]:
    """Return the bare circuit, and numbers or symbolic expressions for its slots."""
    if angles is not None:
        bare = circuit.circuit if isinstance(circuit, ParametricCircuit) else circuit
        return bare, numbers_of(bare, angles)
    parametric = parametric_of(circuit)
    x, w = vector("x", parametric.n_features), vector("w", parametric.n_weights)
    return parametric.circuit, expressions(parametric, x, w, units)


def parametric_of(circuit: Circuit | ParametricCircuit) -> ParametricCircuit:
    """Return a circuit with its formulas, of which a circuit without slots needs none."""
    if isinstance(circuit, ParametricCircuit):
        return circuit
    if circuit.n_slots:
        raise ValueError(
            f"the circuit takes {circuit.n_slots} angles: give them, or a ParametricCircuit, which "
            f"says how they follow from features and weights"
        )
    return ParametricCircuit(circuit, (), 0)


def sympy_vector(name: str, length: int) -> list[Any]:
    """Return symbols of SymPy, such as x[0] and x[1]."""
    import sympy

    return [sympy.Symbol(f"{name}[{k}]") for k in range(length)]


def numbers_of(circuit: Circuit, angles: Sequence[float]) -> list[float]:
    """Return the angles, one number per slot."""
    numbers: list[float] = []
    for slot, angle in enumerate(check_angles(circuit, angles)[0]):
        if not isinstance(angle, float):
            raise ValueError(
                f"angle {slot} is an array of shape {angle.shape}: a native circuit belongs to one "
                f"sample, so every angle must be a number, such as float(angle[0])"
            )
        numbers.append(angle)
    return numbers
