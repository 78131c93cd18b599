"""Blocks of a circuit: the gates that belong together, read off a circuit from anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from qmlplay.circuit.circuit import Gate
from qmlplay.circuit.parametric import ParametricCircuit

__all__ = ["CircuitBlock", "circuit_blocks"]


@dataclass(frozen=True)
class CircuitBlock:
    """A run of gates of a circuit that belong together.

    Parameters
    ----------
    name : str
        What it is, such as ``"encoding 1"``.
    start, stop : int
        Its gates: from number `start` on, up to `stop` − 1.
    """

    name: str
    start: int
    stop: int


def circuit_blocks(circuit: ParametricCircuit) -> tuple[CircuitBlock, ...]:
    """Return the blocks of a circuit whose layers are not known.

    Gates that read data make one kind of block, and gates with weights alone the other; fixed gates
    go with those before them, but fixed gates on one qubit with the data right after them. A block
    ends as well where a gate on one qubit follows one on several, unless it is among those of the
    data of a circuit with weights.

    Parameters
    ----------
    circuit : ParametricCircuit

    Returns
    -------
    tuple of CircuitBlock
        In order; together they are the circuit.

    Examples
    --------
    >>> from qmlplay import Feature, Operation, Weight
    >>> operations = [Operation("h", 0), Operation("rx", 0, Feature(0))]
    >>> operations += [Operation("ry", 0, Weight(0)), Operation("cx", (0, 1))]
    >>> operations += [Operation("ry", 1, Weight(1))]
    >>> blocks = circuit_blocks(ParametricCircuit.from_operations(2, operations, 1))
    >>> [(block.name, block.start, block.stop) for block in blocks]
    [('data', 0, 2), ('weights 1', 2, 4), ('weights 2', 4, 5)]
    """
    gates = circuit.circuit.gates
    kinds = _kinds(circuit)
    has_weights = "weights" in kinds
    starts = [
        k
        for k in range(len(gates))
        if k == 0
        or kinds[k] != kinds[k - 1]
        or (not (has_weights and kinds[k] == "data") and _ends_layer(gates[k - 1], gates[k]))
    ]
    stops = [*starts[1:], len(gates)]
    names = [kinds[start] for start in starts]
    return tuple(
        CircuitBlock(name, start, stop)
        for name, start, stop in zip(_numbered(names), starts, stops, strict=True)
    )


def _ends_layer(before: Gate, gate: Gate) -> bool:
    return len(before.qubits) > 1 and len(gate.qubits) == 1


def _kinds(circuit: ParametricCircuit) -> list[str]:
    """Return for every gate "data", "weights", or "gates" where there are only fixed ones."""
    own = [_kind_of(gate, circuit) for gate in circuit.circuit.gates]
    kinds: list[str] = []
    first = next(filter(None, own), "gates")
    for k, kind in enumerate(own):
        before = kinds[-1] if kinds else first
        leads_to_data = not kind and _next_is_data(circuit.circuit.gates[k:], own[k:])
        kinds.append(kind or ("data" if leads_to_data else before))
    return kinds


def _next_is_data(gates: tuple[Gate, ...], own: list[str]) -> bool:
    """Return whether only fixed gates on one qubit stand before the next gate that reads data."""
    for gate, kind in zip(gates, own, strict=True):
        if kind or len(gate.qubits) > 1:
            return kind == "data"
    return False


def _kind_of(gate: Gate, circuit: ParametricCircuit) -> str:
    formulas = [circuit.formulas[slot] for slot in gate.slots]
    if any(formula.features for formula in formulas):
        return "data"
    return "weights" if any(formula.weights for formula in formulas) else ""


def _numbered(names: list[str]) -> Iterator[str]:
    """Yield the names, numbered where there are several of one."""
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        yield f"{name} {seen[name]}" if names.count(name) > 1 else name
