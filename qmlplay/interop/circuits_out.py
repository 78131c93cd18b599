"""Circuits in the words of Qiskit, Cirq, PennyLane and OpenQASM 3, with numbers or with symbols."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from qmlplay.backends import backend_info
from qmlplay.circuit import Circuit, ParametricCircuit
from qmlplay.interop.slot_values import numbers_of, parametric_of, slot_values, sympy_vector
from qmlplay.interop.symbolic_angles import Units, expressions

if TYPE_CHECKING:
    import cirq
    import qiskit

__all__ = ["to_cirq", "to_openqasm", "to_pennylane", "to_qiskit"]


def to_qiskit(
    circuit: Circuit | ParametricCircuit,
    angles: Sequence[float] | None = None,
    *,
    units: Units | None = None,
) -> qiskit.QuantumCircuit:
    """Return the circuit as a Qiskit circuit.

    Qiskit's qubit q is our qubit q. Qiskit writes qubit 0 last, though: in its bit strings,
    Pauli strings and state vectors the order of the qubits is the reverse of ours. Its
    `QuantumCircuit.reverse_bits` gives the circuit whose state vector equals ours.

    Parameters
    ----------
    circuit : Circuit or ParametricCircuit
        The neutral circuit.
    angles : sequence of float, optional
        One angle per slot, in radians. Without it, a parametric circuit is exported with symbols:
        the vectors of parameters x, the features, and w, the weights.
    units : (ndarray, ndarray), optional
        Of the features, for symbols: center and slope of each, shape (n_features,), where radians
        are (x − center) · slope; None takes x in radians.

    Returns
    -------
    qiskit.QuantumCircuit
        On n_qubits qubits, without classical bits. Of the symbols it has those that it reads.

    Raises
    ------
    ValueError
        If the angles are not one finite number per slot, or there are neither angles nor symbols.
    ImportError
        If the framework is not installed; the text is the command to type.

    Examples
    --------
    >>> from qmlplay.circuit import Feature, Gate, Operation
    >>> circuit = Circuit(2, (Gate("ry", (0,), slot=0), Gate("cx", (0, 1))))
    >>> to_qiskit(circuit, [0.5]).count_ops()["cx"]
    1
    >>> turn = Operation("ry", 0, Feature(0))
    >>> print(to_qiskit(ParametricCircuit.from_operations(1, [turn], n_features=1)))
       ┌──────────┐
    q: ┤ Ry(x[0]) ├
       └──────────┘
    """
    backend_info("qiskit").load()
    from qiskit.circuit import ParameterVector

    from qmlplay.backends.qiskit.translation import to_qiskit_circuit

    bare, values = slot_values(circuit, angles, units, ParameterVector)
    return to_qiskit_circuit(bare, values)


def to_cirq(
    circuit: Circuit | ParametricCircuit,
    angles: Sequence[float] | None = None,
    *,
    units: Units | None = None,
) -> cirq.Circuit:
    """Return the circuit as a Cirq circuit on ``cirq.LineQubit.range(n_qubits)``.

    Cirq orders qubits as qmlplay does. Qubits without a gate get an identity, as a Cirq
    circuit knows only the qubits that its gates name.

    Parameters
    ----------
    circuit, angles, units
        As in `to_qiskit`, which also says what is raised. Symbols are SymPy's, named
        ``x[0]``, ``w[0]`` and so on.

    Returns
    -------
    cirq.Circuit
        Without measurements. `cirq.Simulator` computes in complex64 unless it is given
        ``dtype=np.complex128``.

    Examples
    --------
    >>> from qmlplay.circuit import Gate
    >>> circuit = Circuit(2, (Gate("ry", (0,), slot=0), Gate("cx", (0, 1))))
    >>> print(to_cirq(circuit, [3.14159265358979]))
    0: ───Ry(π)───@───
                  │
    1: ───────────X───
    """
    backend_info("cirq").load()
    import cirq

    from qmlplay.backends.cirq_backend import to_cirq_gate

    bare, values = slot_values(circuit, angles, units, sympy_vector)
    if angles is None:  # a gate of several angles is a matrix in Cirq, which holds no symbols
        bare = bare.elementary
    qubits = cirq.LineQubit.range(bare.n_qubits)
    native = cirq.Circuit(
        to_cirq_gate(gate.name, gate.angle(values))(*(qubits[qubit] for qubit in gate.qubits))
        for gate in bare.gates
    )
    native.append(cirq.I(qubits[qubit]) for qubit in _idle_qubits(bare))
    return native


def to_pennylane(
    circuit: Circuit | ParametricCircuit,
    angles: Sequence[float] | None = None,
    *,
    units: Units | None = None,
) -> Callable[..., None]:
    """Return the circuit as a PennyLane quantum function, to be called inside a QNode.

    PennyLane orders qubits (its wires 0, 1, …) as qmlplay does. Qubits without a gate get an
    identity, so that the function names all of them.

    Parameters
    ----------
    circuit, angles, units
        As in `to_qiskit`, which also says what is raised.

    Returns
    -------
    callable
        ``qfunc()`` queues the operations and measures nothing; what to measure is for the QNode
        to say. ``qml.matrix(qfunc, wire_order=range(n_qubits))()`` is its unitary. Without angles
        it is ``qfunc(x, w)``, of features (n_features,) or (n_samples, n_features) and weights
        (n_weights,), arrays of any framework that PennyLane differentiates.

    Examples
    --------
    >>> import pennylane as qml
    >>> from qmlplay.circuit import Gate
    >>> circuit = Circuit(2, (Gate("ry", (0,), slot=0), Gate("cx", (0, 1))))
    >>> qfunc = to_pennylane(circuit, [0.0])
    >>> @qml.qnode(qml.device("default.qubit", wires=2))
    ... def expectation():
    ...     qfunc()
    ...     return qml.expval(qml.Z(1))
    >>> float(expectation())
    1.0
    """
    backend_info("pennylane").load()
    import pennylane as qml

    from qmlplay.backends.pennylane_backend import to_pennylane_operation

    bare = circuit.circuit if isinstance(circuit, ParametricCircuit) else circuit
    idle = _idle_qubits(bare)

    def queue(values: Sequence[Any]) -> None:
        for gate in bare.gates:
            to_pennylane_operation(gate.name, gate.qubits, gate.angle(values))
        for qubit in idle:
            qml.Identity(wires=qubit)

    if angles is not None:
        numbers = numbers_of(bare, angles)
        return lambda: queue(numbers)
    parametric = parametric_of(circuit)

    def qfunc(x: Any, w: Any) -> None:
        features = [x[..., i] for i in range(parametric.n_features)]
        queue(expressions(parametric, features, w, units))

    return qfunc


def to_openqasm(
    circuit: Circuit | ParametricCircuit,
    angles: Sequence[float] | None = None,
    *,
    units: Units | None = None,
) -> str:
    """Return the circuit as OpenQASM 3 text, written by Qiskit.

    ``q[0]`` is our qubit 0. Gates that OpenQASM's standard library lacks are defined in the
    text, so that any reader of OpenQASM 3 understands it. Angles are written out to the last bit.
    The unitary is ours up to a global phase.

    Parameters
    ----------
    circuit, angles, units
        As in `to_qiskit`, which also says what is raised. Symbols are declared as
        ``input float[64] x_0;`` and so on.

    Returns
    -------
    str

    Examples
    --------
    >>> from qmlplay.circuit import Gate
    >>> print(to_openqasm(Circuit(2, (Gate("ry", (0,), slot=0), Gate("cx", (0, 1)))), [0.5]))
    OPENQASM 3.0;
    include "stdgates.inc";
    qubit[2] q;
    ry(0.5) q[0];
    cx q[0], q[1];
    """
    backend_info("qiskit").load()
    from qiskit import qasm3
    from qiskit.circuit import Parameter

    from qmlplay.backends.qiskit.translation import to_qiskit_circuit

    def vector(name: str, length: int) -> list[Any]:
        return [Parameter(f"{name}_{k}") for k in range(length)]

    bare, values = slot_values(circuit, angles, units, vector)
    # Constants would be fractions of π that are off by up to 1e-9.
    return str(qasm3.dumps(to_qiskit_circuit(bare, values), disable_constants=True))


def _idle_qubits(circuit: Circuit) -> list[int]:
    busy = {qubit for gate in circuit.gates for qubit in gate.qubits}
    return [qubit for qubit in range(circuit.n_qubits) if qubit not in busy]
