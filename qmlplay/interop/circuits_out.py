"""Bridges to other libraries: native circuits of Qiskit, Cirq and PennyLane, and OpenQASM 3.

Each imports its library when it is called.

An exported circuit holds the framework's own gates and numbers as angles, no measurements, and
nothing of qmlplay. Its unitary is the neutral circuit's on all n_qubits qubits, global phase
included; only OpenQASM, whose standard library leaves global phases out, keeps it up to one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from qmlplay.backends import backend_info
from qmlplay.backends.inputs import check_angles
from qmlplay.circuit import Circuit

if TYPE_CHECKING:
    import cirq
    import qiskit

__all__ = ["to_cirq", "to_openqasm", "to_pennylane", "to_qiskit"]


def to_qiskit(circuit: Circuit, angles: Sequence[float]) -> qiskit.QuantumCircuit:
    """Return the circuit as a Qiskit circuit.

    Qiskit's qubit q is our qubit q. Qiskit writes qubit 0 last, though: in its bit strings,
    Pauli strings and state vectors the order of the qubits is the reverse of ours. Its
    `QuantumCircuit.reverse_bits` gives the circuit whose state vector equals ours.

    Parameters
    ----------
    circuit : Circuit
        The neutral circuit.
    angles : sequence of float
        One angle per slot, in radians.

    Returns
    -------
    qiskit.QuantumCircuit
        On n_qubits qubits, without classical bits.

    Raises
    ------
    ValueError
        If the angles are not one finite number per slot.
    ImportError
        If the framework is not installed; the text is the command to type.

    Examples
    --------
    >>> from qmlplay.circuit import Gate
    >>> circuit = Circuit(2, (Gate("ry", (0,), slot=0), Gate("cx", (0, 1))))
    >>> to_qiskit(circuit, [0.5]).count_ops()["cx"]
    1
    """
    numbers = _numbers(circuit, angles)
    backend_info("qiskit").load()
    from qmlplay.backends.qiskit.translation import to_qiskit_circuit

    return to_qiskit_circuit(circuit, numbers)


def to_cirq(circuit: Circuit, angles: Sequence[float]) -> cirq.Circuit:
    """Return the circuit as a Cirq circuit on ``cirq.LineQubit.range(n_qubits)``.

    Cirq orders qubits as qmlplay does. Qubits without a gate get an identity, as a Cirq
    circuit knows only the qubits that its gates name.

    Parameters
    ----------
    circuit, angles
        As in `to_qiskit`, which also says what is raised.

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
    numbers = _numbers(circuit, angles)
    backend_info("cirq").load()
    import cirq

    from qmlplay.backends.cirq_backend import to_cirq_gate

    qubits = cirq.LineQubit.range(circuit.n_qubits)
    native = cirq.Circuit(
        to_cirq_gate(gate.name, gate.angle(numbers))(*(qubits[qubit] for qubit in gate.qubits))
        for gate in circuit.gates
    )
    native.append(cirq.I(qubits[qubit]) for qubit in _idle_qubits(circuit))
    return native


def to_pennylane(circuit: Circuit, angles: Sequence[float]) -> Callable[[], None]:
    """Return the circuit as a PennyLane quantum function, to be called inside a QNode.

    PennyLane orders qubits (its wires 0, 1, …) as qmlplay does. Qubits without a gate get an
    identity, so that the function names all of them.

    Parameters
    ----------
    circuit, angles
        As in `to_qiskit`, which also says what is raised.

    Returns
    -------
    callable
        ``qfunc()`` queues the operations and measures nothing; what to measure is for the QNode
        to say. ``qml.matrix(qfunc, wire_order=range(n_qubits))()`` is its unitary.

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
    numbers = _numbers(circuit, angles)
    idle = _idle_qubits(circuit)
    backend_info("pennylane").load()
    import pennylane as qml

    from qmlplay.backends.pennylane_backend import to_pennylane_operation

    def qfunc() -> None:
        for gate in circuit.gates:
            to_pennylane_operation(gate.name, gate.qubits, gate.angle(numbers))
        for qubit in idle:
            qml.Identity(wires=qubit)

    return qfunc


def to_openqasm(circuit: Circuit, angles: Sequence[float]) -> str:
    """Return the circuit as OpenQASM 3 text, written by Qiskit.

    ``q[0]`` is our qubit 0. Gates that OpenQASM's standard library lacks are defined in the
    text, so that any reader of OpenQASM 3 understands it. The unitary is ours up to a global
    phase.

    Parameters
    ----------
    circuit, angles
        As in `to_qiskit`, which also says what is raised.

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
    native = to_qiskit(circuit, angles)
    from qiskit import qasm3

    return str(qasm3.dumps(native))


def _numbers(circuit: Circuit, angles: Sequence[float]) -> list[float]:
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


def _idle_qubits(circuit: Circuit) -> list[int]:
    busy = {qubit for gate in circuit.gates for qubit in gate.qubits}
    return [qubit for qubit in range(circuit.n_qubits) if qubit not in busy]
