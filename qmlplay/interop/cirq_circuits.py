"""Cirq's circuits as encodings and ansätze."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from qmlplay.backends import backend_info
from qmlplay.errors import listed
from qmlplay.interop.circuit_layers import CircuitAnsatz, CircuitEncoding
from qmlplay.interop.symbols import split_symbols
from qmlplay.interop.translated_gates import TranslatedGate, circuit_layer, refusal, symbol_names

if TYPE_CHECKING:
    import cirq

__all__ = ["from_cirq"]


def from_cirq(
    circuit: cirq.AbstractCircuit,
    features: Any = None,
    *,
    weights: Any = None,
    qubit_order: Sequence[cirq.Qid] | None = None,
) -> CircuitEncoding | CircuitAnsatz:
    """Return a Cirq circuit as an encoding, or as an ansatz where no feature is named.

    Gates that are not in our gate table are what Cirq decomposes them to, symbols kept.
    Measurements at the end, identities, waits and global phases are left out: models measure by
    themselves.

    Parameters
    ----------
    circuit : cirq.Circuit
        Exponents and angles may be numbers, SymPy symbols, and polynomials of symbols.
    features : str or sequence of str, optional
        Which symbols are features: a symbol's name; what the names of several begin with (``"x"``
        for x0, x1, …, also x_0 or x[0]); or a list of these in the order of the features. None
        makes an ansatz.
    weights : str or sequence of str, optional
        Which symbols are weights, in the same way; None takes all others in natural order (w2
        before w10). With it, a symbol that is neither is refused.
    qubit_order : sequence of cirq.Qid, optional
        Our qubits 0, 1, …; qubits without a gate may be among them. None takes the circuit's own
        in Cirq's order, where ``LineQubit(q)`` has to be our qubit q.

    Returns
    -------
    CircuitEncoding or CircuitAnsatz
        A frozen value without anything of Cirq.

    Raises
    ------
    TypeError
        If it is no Cirq circuit.
    ValueError
        If something in it cannot be translated (measurements in the middle, channels, classical
        control, gates without a decomposition, angles that are no polynomials), a name stands for
        no symbol, or the qubits leave it open which is which; the text says what to do.
    ImportError
        If Cirq is not installed; the text is the command to type.

    Examples
    --------
    >>> import cirq, sympy
    >>> from qmlplay.circuit import draw_text
    >>> x, w = sympy.symbols("x:2"), sympy.Symbol("w")
    >>> q = cirq.LineQubit.range(2)
    >>> circuit = cirq.Circuit(cirq.rx(x[0])(q[0]), cirq.ry(x[1] * w)(q[1]), cirq.CX(*q))
    >>> print(draw_text(from_cirq(circuit, features="x").circuit))
    q0: ────RX(x0)───●──
                     │
    q1: ──RY(w0·x1)──⊕──
    """
    backend_info("cirq").load()
    import cirq

    from qmlplay.interop.cirq_gates import translated_operation

    if not isinstance(circuit, cirq.AbstractCircuit):
        raise TypeError(f"a cirq.Circuit is needed, got {type(circuit).__name__}")
    places = _places(circuit, qubit_order)
    gates: list[TranslatedGate] = []
    for position, moment in enumerate(circuit):
        for operation in moment:
            source = f"{shorten(str(operation), 60)!r} in moment {position}"
            if not _is_last_measurement(circuit, operation, position, source):
                gates += translated_operation(operation, places, source)
    symbols = split_symbols(symbol_names(gates), features, weights)
    return circuit_layer(gates, len(places), symbols)


def _is_last_measurement(
    circuit: cirq.AbstractCircuit, operation: cirq.Operation, position: int, source: str
) -> bool:
    """Return whether an operation is a measurement at the end; one in the middle is refused."""
    import cirq

    if not isinstance(operation.gate, cirq.MeasurementGate | cirq.PauliMeasurementGate):
        return False
    later = circuit.next_moment_operating_on(operation.qubits, position + 1)
    if later is not None:
        raise refusal(
            source,
            f"a measurement in the middle, as something follows in moment {later}: a model is one "
            f"unitary circuit that is measured at its end",
            "take the measurement out, or what comes after it",
        )
    return True


def _places(
    circuit: cirq.AbstractCircuit, qubit_order: Sequence[cirq.Qid] | None
) -> dict[cirq.Qid, int]:
    """Return which of our qubits each of Cirq's is."""
    import cirq

    used = sorted(circuit.all_qubits())
    order = used if qubit_order is None else list(qubit_order)
    if missing := [qubit for qubit in used if qubit not in order]:
        raise ValueError(
            f"qubit_order lacks {listed(missing, quoted=False)}, which the circuit uses"
        )
    if not order:
        raise ValueError("the circuit has no qubits: give gates, or qubit_order=")
    lines = [qubit.x for qubit in order if isinstance(qubit, cirq.LineQubit)]
    if qubit_order is None and lines and lines != list(range(len(order))):
        raise ValueError(
            f"the circuit has the qubits {listed(order, quoted=False)}, so it is open which are "
            f"our qubits 0, 1, …: give qubit_order=cirq.LineQubit.range({max(lines) + 1}), or the "
            f"qubits in the order that you mean"
        )
    return {qubit: place for place, qubit in enumerate(order)}
