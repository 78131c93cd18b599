"""Qiskit's circuits as encodings and ansätze."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from qmlplay.backends import backend_info
from qmlplay.circuit import GATES
from qmlplay.errors import listed
from qmlplay.interop.circuit_layers import CircuitAnsatz, CircuitEncoding
from qmlplay.interop.symbols import split_symbols
from qmlplay.interop.translated_gates import TranslatedGate, circuit_layer, refusal

if TYPE_CHECKING:
    import qiskit

__all__ = ["from_qiskit"]

#: Instructions without effect on a state; a delay has none without noise.
_WITHOUT_EFFECT = ("barrier", "id", "delay", "global_phase")
_NOT_UNITARY = ("measure", "reset", "initialize")
_ADVICE = "leave it out, or write it in gates such as 'u' and 'cx'"
_CONTROL_FLOW = ("if_else", "for_loop", "while_loop", "switch_case", "box", "break_loop", "store")


def from_qiskit(
    circuit: qiskit.QuantumCircuit, features: Any = None, *, weights: Any = None
) -> CircuitEncoding | CircuitAnsatz:
    """Return a Qiskit circuit as an encoding, or as an ansatz where no feature is named.

    Our qubit q is Qiskit's qubit q (see `to_qiskit`). Gates that are not in our gate table, and
    circuits inside the circuit, are what Qiskit defines them as, their symbols kept (so an
    evolution is what its synthesis makes of it). Measurements at the end, barriers,
    delays and global phases are left out: models measure by themselves.

    Parameters
    ----------
    circuit : qiskit.QuantumCircuit
        Angles may be numbers, parameters, and polynomials of parameters, in radians.
    features : str or sequence of str, optional
        Which parameters are features: the name of a `ParameterVector`, whose element k is feature
        k; the name of a parameter; what the names of several begin with (``"x"`` for x0, x1, …);
        or a list of these in the order of the features. None makes an ansatz.
    weights : str or sequence of str, optional
        Which parameters are weights, in the same way; None takes all others, in the order of
        ``circuit.parameters``. With it, a parameter that is neither is refused.

    Returns
    -------
    CircuitEncoding or CircuitAnsatz
        A frozen value without anything of Qiskit.

    Raises
    ------
    TypeError
        If it is no Qiskit circuit.
    ValueError
        If something in it cannot be translated (measurements in the middle, resets, classical
        control, gates without a definition, angles that are no polynomials), or a name stands
        for no parameter; the text says which, where, and what to do.
    ImportError
        If Qiskit is not installed; the text is the command to type.

    Examples
    --------
    >>> from qiskit.circuit.library import real_amplitudes, zz_feature_map
    >>> from qmlplay import VariationalClassifier
    >>> clf = VariationalClassifier(
    ...     encoding=from_qiskit(zz_feature_map(2, reps=1), features="x"),
    ...     ansatz=from_qiskit(real_amplitudes(2, reps=1)),
    ...     n_layers=1)
    >>> from qmlplay.circuit import draw_text
    >>> print(draw_text(clf.design(n_features=2).circuit))
    q0: ──H──P(2·x0)──●─────────────────────●──RY(w0)──●──RY(w2)──
                      │                     │          │
    q1: ──H──P(2·x1)──⊕──P(2·(π−x0)(π−x1))──⊕──RY(w1)──⊕──RY(w3)──
    """
    backend_info("qiskit").load()
    from qiskit import QuantumCircuit

    if not isinstance(circuit, QuantumCircuit):
        raise TypeError(f"a qiskit.QuantumCircuit is needed, got {type(circuit).__name__}")
    names = [parameter.name for parameter in circuit.parameters]
    symbols = split_symbols(names, features, weights, _vectors(circuit))
    _check_instructions(circuit)
    gates = list(_translated(circuit))
    return circuit_layer(gates, circuit.num_qubits, symbols)


def _vectors(circuit: qiskit.QuantumCircuit) -> dict[str, list[str]]:
    """Return the vectors of parameters in a circuit, by their names, with all of their elements."""
    from qiskit.circuit import ParameterVectorElement

    return {
        parameter.vector.name: [element.name for element in parameter.vector]
        for parameter in circuit.parameters
        if isinstance(parameter, ParameterVectorElement)
    }


def _positions(circuit: qiskit.QuantumCircuit) -> Iterator[tuple[Any, tuple[int, ...], str]]:
    """Yield every instruction with its qubits, and how messages call it."""
    for position, instruction in enumerate(circuit.data):
        qubits = tuple(circuit.find_bit(bit).index for bit in instruction.qubits)
        name = instruction.operation.name
        places = listed(qubits, quoted=False)
        yield instruction, qubits, f"{name!r} at position {position} on qubit(s) {places}"


def _check_instructions(circuit: qiskit.QuantumCircuit) -> None:
    """Refuse what no unitary circuit has: all but gates, and measurements at the end."""
    if circuit.num_vars or circuit.num_stretches:
        raise refusal(
            "a classical variable",
            "models have no classical memory",
            "give a circuit without any; features and weights are parameters, input float in "
            "OpenQASM 3",
        )
    measured: dict[int, str] = {}
    for instruction, qubits, source in _positions(circuit):
        name = instruction.operation.name
        if name in _WITHOUT_EFFECT:
            continue
        if name == "measure":
            measured |= dict.fromkeys(qubits, source)
            continue
        if later := [measured[qubit] for qubit in qubits if qubit in measured]:
            raise refusal(
                later[0],
                f"a measurement in the middle, as {source} follows: a model is one unitary circuit "
                f"that is measured at its end",
                "take the measurement out, or what comes after it",
            )
        if name in _CONTROL_FLOW or instruction.clbits:
            raise refusal(
                source,
                "classical control: what it does depends on classical values",
                "write the gates out, controlled by qubits instead of bits",
            )
        if name in ("reset", "initialize"):
            raise refusal(
                source,
                "a reset is no unitary gate",
                "leave it out (models start from |0⟩), or take qiskit.circuit.library."
                "StatePreparation for a given state",
            )


def _translated(circuit: qiskit.QuantumCircuit) -> Iterator[TranslatedGate]:
    for instruction, qubits, source in _positions(circuit):
        if instruction.operation.name != "measure":
            yield from _gates_of(instruction.operation, qubits, source)


def _gates_of(operation: Any, qubits: tuple[int, ...], source: str) -> Iterator[TranslatedGate]:
    """Yield the gates of our table that an operation is, or is made of."""
    from qiskit.circuit.library import get_standard_gate_name_mapping

    name = operation.name
    if name in _WITHOUT_EFFECT:
        return
    # A gate that somebody defined may have the name of another.
    standard = get_standard_gate_name_mapping().get(name)
    if name in GATES and standard is not None and operation.base_class is standard.base_class:
        yield TranslatedGate(name, qubits, tuple(map(_sympy, operation.params)), source)
        return
    if name in _NOT_UNITARY:
        raise refusal(source, f"{name!r} in it is no unitary gate", _ADVICE)
    inside = getattr(operation, "definition", None)  # annotated operations have no such attribute
    if inside is None:
        inside = _decomposed(operation, source)
    for instruction, places, _ in _positions(inside):
        yield from _gates_of(instruction.operation, tuple(qubits[p] for p in places), source)


def _decomposed(operation: Any, source: str) -> qiskit.QuantumCircuit:
    """Return a circuit of one operation without a definition in gates of our table."""
    from qiskit import QuantumCircuit, transpile
    from qiskit.exceptions import QiskitError

    single = QuantumCircuit(operation.num_qubits)
    single.append(operation, range(operation.num_qubits))
    basis = [name for name in GATES if name != "iswapdg"]  # Qiskit has no such name
    settings = {"basis_gates": basis, "optimization_level": 0, "qubits_initially_zero": False}
    try:
        inside = transpile(single, **settings)
    except QiskitError as error:
        reason = f"Qiskit finds no gates for it that we know: {shorten(error.message, 80)}"
        raise refusal(source, reason, _ADVICE) from error
    if operation.name in inside.count_ops():
        raise refusal(source, "it has no definition", _ADVICE)
    return inside


def _sympy(angle: Any) -> Any:
    """Return a parameter expression of Qiskit as an expression of SymPy, and a number as it is."""
    from qiskit.circuit import ParameterExpression

    return angle.sympify() if isinstance(angle, ParameterExpression) else float(angle)
