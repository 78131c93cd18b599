"""Bridges to other libraries: circuits of Qiskit, Cirq and PennyLane, and OpenQASM, out and in.

Each imports its library when it is called.

An exported circuit holds the framework's own gates, no measurements, and nothing of qmlplay. Its
unitary is the neutral circuit's on all n_qubits qubits, global phase included; only OpenQASM, whose
standard library leaves global phases out, keeps it up to one.

A circuit that comes in becomes an encoding or an ansatz, a frozen value without any framework that
runs on every backend. Global phases are left out, which no measurement tells.
"""

from qmlplay.interop.circuit_layers import CircuitAnsatz, CircuitEncoding
from qmlplay.interop.circuits_out import to_cirq, to_openqasm, to_pennylane, to_qiskit
from qmlplay.interop.cirq_circuits import from_cirq
from qmlplay.interop.openqasm_text import from_openqasm
from qmlplay.interop.pennylane_functions import from_pennylane
from qmlplay.interop.qiskit_circuits import from_qiskit

__all__ = [
    "CircuitAnsatz",
    "CircuitEncoding",
    "from_cirq",
    "from_openqasm",
    "from_pennylane",
    "from_qiskit",
    "to_cirq",
    "to_openqasm",
    "to_pennylane",
    "to_qiskit",
]
