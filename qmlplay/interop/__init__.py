"""Bridges from qmlplay to other libraries; each imports its library when it is called."""

from qmlplay.interop.native import to_cirq, to_openqasm, to_pennylane, to_qiskit

__all__ = ["to_cirq", "to_openqasm", "to_pennylane", "to_qiskit"]
