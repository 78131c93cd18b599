"""Gates of our table with symbolic angles, which every framework's circuit becomes first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from qmlplay.circuit import Formula, Operation, ParametricCircuit
from qmlplay.circuit.gates import gate_type
from qmlplay.interop.angle_formulas import angle_formula
from qmlplay.interop.circuit_layers import CircuitAnsatz, CircuitEncoding
from qmlplay.interop.symbols import Symbols, natural_order

__all__ = ["TranslatedGate", "circuit_layer", "refusal", "symbol_names"]


@dataclass(frozen=True)
class TranslatedGate:
    """One of our gates with symbolic angles.

    Parameters
    ----------
    name : str
        Of the gate table.
    qubits : tuple of int
    angles : tuple of float or sympy.Expr
        In radians, as many as the gate takes.
    source : str
        The gate in the circuit that it comes from, for messages.
    """

    name: str
    qubits: tuple[int, ...]
    angles: tuple[Any, ...] = ()
    source: str = ""


def refusal(source: str, reason: str, advice: str) -> ValueError:
    """Return the error for something in a circuit that cannot be translated.

    Examples
    --------
    >>> print(refusal("'reset' at position 3 on qubit 0", "nothing is reset here", "leave it out"))
    'reset' at position 3 on qubit 0 cannot be translated (nothing is reset here): leave it out
    """
    return ValueError(f"{source} cannot be translated ({reason}): {advice}")


def symbol_names(gates: Iterable[TranslatedGate]) -> list[str]:
    """Return the names of all symbols in the angles of gates, in natural order.

    Examples
    --------
    >>> import sympy
    >>> symbol_names([TranslatedGate("rx", (0,), (sympy.Symbol("w10") + sympy.Symbol("w2"),))])
    ['w2', 'w10']
    """
    import sympy

    angles = (sympy.sympify(angle) for gate in gates for angle in gate.angles)
    return natural_order({str(symbol) for angle in angles for symbol in angle.free_symbols})


def circuit_layer(
    gates: Sequence[TranslatedGate], n_qubits: int, symbols: Symbols
) -> CircuitEncoding | CircuitAnsatz:
    """Return translated gates as an encoding, or as an ansatz where no symbol is a feature.

    Weights that no angle reads in the end, as in w − w, are left out.

    Raises
    ------
    ValueError
        If an angle is no polynomial of the symbols.

    Examples
    --------
    >>> import sympy
    >>> gate = TranslatedGate("rx", (0,), (sympy.Symbol("a"),))
    >>> circuit_layer([gate], 1, Symbols(weights=("a",))).operations
    (Operation(name='rx', qubits=(0,), angle=Weight(index=0)),)
    """
    operations = [_operation(gate, symbols) for gate in gates]
    read = {j for operation in operations for f in operation.formulas for j in f.weights}
    weights = tuple(name for j, name in enumerate(symbols.weights) if j in read)
    if len(weights) < len(symbols.weights):
        unread = tuple(name for name in symbols.weights if name not in weights)
        last = Symbols(symbols.features, weights + unread)
        operations = [_operation(gate, last) for gate in gates]
    circuit = ParametricCircuit.from_operations(n_qubits, operations, len(symbols.features))
    if symbols.features:
        return CircuitEncoding(circuit, symbols.features, weights)
    return CircuitAnsatz(circuit, (), weights)


def _operation(gate: TranslatedGate, symbols: Symbols) -> Operation:
    formulas = tuple(_formula(gate, angle, symbols) for angle in gate.angles)
    angle = formulas if gate_type(gate.name).n_angles > 1 else next(iter(formulas), None)
    return Operation(gate.name, gate.qubits, angle)


def _formula(gate: TranslatedGate, angle: Any, symbols: Symbols) -> Formula:
    try:
        return angle_formula(angle, symbols.places)
    except ValueError as error:
        raise ValueError(f"an angle of {gate.source}: {error}") from error
