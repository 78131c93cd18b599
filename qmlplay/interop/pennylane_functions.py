"""PennyLane's quantum functions, QNodes, tapes and templates as encodings and ansätze."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from qmlplay.backends import backend_info
from qmlplay.checks import is_integer
from qmlplay.errors import listed
from qmlplay.interop.circuit_layers import CircuitAnsatz, CircuitEncoding
from qmlplay.interop.symbols import Symbols, split_symbols
from qmlplay.interop.translated_gates import TranslatedGate, circuit_layer, symbol_names

__all__ = ["from_pennylane"]


def from_pennylane(
    function: Any,
    features: Any = None,
    weights: Any = None,
    *,
    wires: int | Sequence[Any] | None = None,
) -> CircuitEncoding | CircuitAnsatz:
    """Return a PennyLane circuit as an encoding, or as an ansatz where it has no features.

    A quantum function is called once, with arrays of SymPy symbols in the place of numbers; what
    it queues is the circuit. Operations that are not in our gate table are what PennyLane
    decomposes them to. What is measured at the end, barriers, snapshots and global phases are left
    out: models measure by themselves. A state that is prepared at the start of an encoding
    (`BasisState` and the like) becomes the gates that prepare it from |0⟩.

    Parameters
    ----------
    function : callable, QNode, template or QuantumScript
        Called as ``function(x)``, ``function(w)`` or ``function(x, w)``; a template, such as
        ``qml.StronglyEntanglingLayers``, with ``wires=`` as well. The symbols of a tape
        (QuantumScript) are those in its angles.
    features : int, tuple of int, list of these, dict of str to these, or str, optional
        The shape of the array of features, and n_features its size, in C order; several arrays as
        a list of shapes, and arguments given by name as ``{"x": 2}``. None makes an ansatz. For a
        tape the names of symbols, as in `from_cirq`.
    weights : int, tuple of int, list of these, dict of str to these, or str, optional
        The same for the weights; entries that no angle reads are left out. For a tape None takes
        all other symbols.
    wires : int or sequence, optional
        Our qubits 0, 1, …, or how many there are. None takes wire q for our qubit q where wires
        are integers, and others in the order in which the circuit names them.

    Returns
    -------
    CircuitEncoding or CircuitAnsatz
        A frozen value without anything of PennyLane.

    Raises
    ------
    TypeError
        If it is nothing of the kind, or a shape is none.
    ValueError
        If the function does not take symbols, or something in it cannot be translated
        (measurements in the middle, channels, operations without a decomposition, angles that are
        no polynomials); the text says what to do.
    ImportError
        If PennyLane is not installed; the text is the command to type.

    Examples
    --------
    >>> import pennylane as qml
    >>> from qmlplay.circuit import draw_text
    >>> def circuit(x, w):
    ...     qml.AngleEmbedding(x, wires=range(2))
    ...     qml.BasicEntanglerLayers(w, wires=range(2))
    >>> print(draw_text(from_pennylane(circuit, features=2, weights=(1, 2)).circuit))
    q0: ──RX(x0)──RX(w0)──●──
                          │
    q1: ──RX(x1)──RX(w1)──⊕──
    """
    backend_info("pennylane").load()
    import pennylane as qml

    from qmlplay.interop.pennylane_gates import translated_operation

    is_tape = isinstance(function, qml.tape.QuantumScript)
    if is_tape:
        operations = list(function.operations)
    else:
        x, w = _Arguments.of(features, "x"), _Arguments.of(weights, "w")
        operations = _queued(_callable(function, wires), x, w)
    places = _places(operations, wires)
    gates: list[TranslatedGate] = []
    for position, operation in enumerate(operations):
        source = f"{operation.name!r} at position {position} on wires {operation.wires.tolist()}"
        gates += translated_operation(operation, places, source, comes_first=features is not None)
    if is_tape:
        symbols = split_symbols(symbol_names(gates), features, weights)
    else:
        symbols = _symbols(gates, x, w)
    return circuit_layer(gates, len(places), symbols)


@dataclass(frozen=True)
class _Arguments:
    """Arrays of symbols that a quantum function is called with, and the names of all symbols."""

    positional: tuple[Any, ...] = ()
    by_name: Mapping[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, request: Any, letter: str) -> _Arguments:
        """Return the arrays of the shapes that were given."""
        if request is None:
            return cls()
        if isinstance(request, Mapping):
            shapes = dict(request)
        elif isinstance(request, list):
            shapes = {f"{letter}{k}": shape for k, shape in enumerate(request)}
        else:
            shapes = {letter: request}
        arrays = {name: _symbol_array(name, shape) for name, shape in shapes.items()}
        names = tuple(str(s) for array in arrays.values() for s in np.ravel(array))
        if isinstance(request, Mapping):
            return cls((), arrays, names)
        return cls(tuple(arrays.values()), {}, names)


def _symbol_array(name: str, shape: Any) -> Any:
    """Return an array of symbols, or one symbol where the shape is ()."""
    import sympy

    sizes = (shape,) if is_integer(shape, 1) else shape
    if not isinstance(sizes, tuple) or not all(is_integer(size, 1) for size in sizes):
        raise TypeError(
            f"the shape of {name!r} must be a number or a tuple of numbers of at least 1, such as "
            f"2 or (2, 3), and several of them a list; got {shape!r}"
        )
    array = np.empty(sizes, dtype=object)
    for index in np.ndindex(sizes):
        text = f"{name}[{','.join(map(str, index))}]" if index else name
        array[index] = sympy.Symbol(text, real=True)
    return array if sizes else array[()]


def _callable(function: Any, wires: int | Sequence[Any] | None) -> Callable[..., Any]:
    """Return what queues the operations when it is called with arrays."""
    import pennylane as qml

    if isinstance(function, type) and issubclass(function, qml.operation.Operator):
        if wires is None:
            raise ValueError(
                f"a template needs wires=, such as from_pennylane(qml.{function.__name__}, "
                f"weights=(2, 3, 3), wires=3)"
            )
        labels = range(wires) if isinstance(wires, int) else list(wires)
        return lambda *arrays, **named: function(*arrays, wires=labels, **named)
    if isinstance(function, qml.QNode):
        return function.func  # type: ignore[no-any-return]
    if not callable(function):
        raise TypeError(
            f"a quantum function, a QNode, a template or a tape of PennyLane is needed, got "
            f"{type(function).__name__}"
        )
    return function  # type: ignore[no-any-return]


def _queued(function: Callable[..., Any], x: _Arguments, w: _Arguments) -> list[Any]:
    import pennylane as qml

    try:
        with qml.queuing.AnnotatedQueue() as queue:
            function(*x.positional, *w.positional, **x.by_name, **w.by_name)
    except Exception as error:  # whatever a function of other people raises
        raise ValueError(
            f"the quantum function does not take arrays of symbols ({type(error).__name__}: "
            f"{error}): check the shapes given as features= and weights=, which it is called "
            f"with in this order, and that its angles are sums and products of their entries: "
            f"other functions, and conditions, belong into the data (amplitudes are "
            f"encoding='amplitude')"
        ) from error
    return list(qml.tape.QuantumScript.from_queue(queue).operations)


def _places(operations: Sequence[Any], wires: int | Sequence[Any] | None) -> dict[Any, int]:
    """Return which of our qubits each wire is."""
    used = list(dict.fromkeys(wire for operation in operations for wire in operation.wires))
    if wires is not None:
        order = list(range(wires)) if isinstance(wires, int) else list(wires)
    elif all(is_integer(wire, 0) for wire in used):
        order = list(range(1 + max(used, default=-1)))
    else:
        order = used
    if missing := [wire for wire in used if wire not in order]:
        raise ValueError(f"wires= lacks {listed(missing, quoted=False)}, which the circuit uses")
    if not order:
        raise ValueError("the circuit has no operations: give it some, or wires=")
    return {wire: place for place, wire in enumerate(order)}


def _symbols(gates: Sequence[TranslatedGate], x: _Arguments, w: _Arguments) -> Symbols:
    """Return all features, and the weights that some angle reads."""
    read = set(symbol_names(gates))
    if unknown := read - {*x.names, *w.names}:
        raise ValueError(
            f"the symbols {listed(sorted(unknown))} are neither features nor weights: give numbers "
            f"for them, or make them arguments of the function"
        )
    return Symbols(x.names, tuple(name for name in w.names if name in read))
