"""Encoding and ansatz, layer upon layer: the circuit of a variational model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from qmlplay.checks import is_integer
from qmlplay.circuit.blocks import CircuitBlock
from qmlplay.circuit.parametric import Operation, ParametricCircuit
from qmlplay.errors import interop_advice, interop_advice_inside

__all__ = ["build_circuit", "build_layers", "fixed_n_qubits"]

Layer = Callable[[int, int], Sequence[Operation]]


def build_circuit(
    encoding: Layer,
    ansatz: Layer,
    *,
    n_qubits: int,
    n_features: int,
    n_layers: int,
    reupload: bool = True,
    trainable_scaling: bool = True,
) -> ParametricCircuit:
    """Put a variational circuit together.

    Parameters
    ----------
    encoding : callable
        ``encoding(n_qubits, n_features)`` → operations of one encoding layer. One that differs
        from layer to layer has a method ``at_layer(layer)``, which returns that of a layer.
    ansatz : callable
        ``ansatz(n_qubits, layer)`` → operations of one trainable layer, its weights numbered
        from 0.
    n_qubits, n_features, n_layers : int
        Sizes, each at least 1.
    reupload : bool, default=True
        Whether the data are encoded before every layer (data re-uploading, arXiv:1907.02085)
        or only before the first.
    trainable_scaling : bool, default=True
        Whether every encoding angle is multiplied by a trainable weight, which starts at 1.

    Returns
    -------
    ParametricCircuit

    Raises
    ------
    TypeError
        If the encoding or the ansatz returns something other than operations.

    Examples
    --------
    >>> from qmlplay.ansatze import get_ansatz
    >>> from qmlplay.encodings import get_encoding
    >>> circuit = build_circuit(
    ...     get_encoding("angle"), get_ansatz("no_entanglement"),
    ...     n_qubits=2, n_features=2, n_layers=3)
    >>> circuit.n_weights  # 3 layers of 2 scalings, 2 RY and 2 RZ
    18
    """
    circuit, _ = build_layers(
        encoding,
        ansatz,
        n_qubits=n_qubits,
        n_features=n_features,
        n_layers=n_layers,
        reupload=reupload,
        trainable_scaling=trainable_scaling,
    )
    return circuit


def build_layers(
    encoding: Layer,
    ansatz: Layer,
    *,
    n_qubits: int,
    n_features: int,
    n_layers: int,
    reupload: bool = True,
    trainable_scaling: bool = True,
) -> tuple[ParametricCircuit, tuple[CircuitBlock, ...]]:
    """Put a variational circuit together, and say which gates are which layer.

    Parameters are those of `build_circuit`.

    Returns
    -------
    circuit : ParametricCircuit
    blocks : tuple of CircuitBlock
        The encoding and the ansatz of every layer, in order, none of them empty.

    Raises
    ------
    TypeError
        If the encoding or the ansatz returns something other than operations.

    Examples
    --------
    >>> from qmlplay.ansatze import get_ansatz
    >>> from qmlplay.encodings import get_encoding
    >>> circuit, blocks = build_layers(
    ...     get_encoding("angle"), get_ansatz("real_amplitudes"),
    ...     n_qubits=2, n_features=2, n_layers=2, reupload=False)
    >>> [(block.name, block.start, block.stop) for block in blocks]
    [('encoding', 0, 2), ('ansatz 1', 2, 5), ('ansatz 2', 5, 8)]
    """
    operations: list[Operation] = []
    ends = [("", 0)]
    n_weights = 0
    for layer in range(n_layers):
        number = f" {layer + 1}" if n_layers > 1 else ""
        if layer == 0 or reupload:
            data = _operations("encoding", _of_layer(encoding, layer), n_qubits, n_features)
            if trainable_scaling:
                data = _scaled(data)
            operations, n_weights = _append(operations, data, n_weights)
            ends.append((f"encoding{number if reupload else ''}", len(operations)))
        trainable = _operations("ansatz", ansatz, n_qubits, layer)
        operations, n_weights = _append(operations, trainable, n_weights)
        ends.append((f"ansatz{number}", len(operations)))
    blocks = tuple(
        CircuitBlock(name, start, stop)
        for (_, start), (name, stop) in pairwise(ends)
        if start < stop
    )
    return ParametricCircuit.from_operations(n_qubits, operations, n_features), blocks


def _of_layer(encoding: Any, layer: int) -> Layer:
    at_layer: Callable[[int], Layer] | None = getattr(encoding, "at_layer", None)
    return encoding if at_layer is None else at_layer(layer)


def fixed_n_qubits(*layers: Layer | None) -> int | None:
    """Return the number of qubits of the first layer that is a circuit of a certain size, or None.

    Such an encoding or ansatz says it in an attribute ``n_qubits``.

    Examples
    --------
    >>> from qmlplay.encodings import get_encoding
    >>> fixed_n_qubits(get_encoding("angle")) is None
    True
    """
    numbers: list[Any] = [getattr(layer, "n_qubits", None) for layer in layers]
    return next((int(number) for number in numbers if is_integer(number, 1)), None)


def _operations(source: str, layer: Layer, n_qubits: int, number: int) -> list[Operation]:
    """Return the operations of an encoding or an ansatz, checked."""
    try:
        operations: Any = layer(n_qubits, number)
    except Exception as error:  # of a function of the user's
        advice = interop_advice_inside(error)
        if advice is None:
            raise
        raise TypeError(
            f"the {source}, called with ({n_qubits}, {number}), failed inside another framework "
            f"({type(error).__name__}: {error}), but it must return a list of Operation: {advice}"
        ) from error
    is_list = isinstance(operations, Sequence)
    if not is_list or not all(isinstance(operation, Operation) for operation in operations):
        advice = interop_advice(operations)
        raise TypeError(
            f"the {source} must return a list of Operation, such as "
            f"[Operation('ry', 0, Weight(0))]; it returned {operations!r}"
            + (f": {advice}" if advice else "")
        )
    return list(operations)


def _scaled(operations: list[Operation]) -> list[Operation]:
    """Give every angle that reads features and has no weight yet a weight of its own."""
    n_weights = _n_weights(operations)
    result = []
    for operation in operations:
        formulas = []
        for formula in operation.formulas:
            is_bare = formula.features and formula.scaling_weight is None
            scaled = formula.with_scaling(n_weights) if is_bare else formula
            n_weights += len(scaled.scaling_weights) if is_bare else 0
            formulas.append(scaled)
        result.append(operation.with_formulas(formulas))
    return result


def _append(
    operations: list[Operation], more: list[Operation], n_weights: int
) -> tuple[list[Operation], int]:
    """Append operations whose weights are numbered from 0 behind n_weights others."""
    moved = [
        operation.with_formulas(formula.shifted(n_weights) for formula in operation.formulas)
        for operation in more
    ]
    return operations + moved, n_weights + _n_weights(more)


def _n_weights(operations: list[Operation]) -> int:
    used = [i for op in operations for formula in op.formulas for i in formula.weights]
    return 1 + max(used, default=-1)
