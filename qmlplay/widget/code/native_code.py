"""The circuit of one sample, written out as code for Qiskit, Cirq or PennyLane."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from qmlplay.backends.pauli import expanded
from qmlplay.circuit import Circuit
from qmlplay.classifier import VariationalClassifier
from qmlplay.errors import unknown_name
from qmlplay.model import TrainedModel

__all__ = ["NATIVE", "native_code"]

Angles = Sequence[float]

#: Names in Cirq and PennyLane of the gates that the playground's circuits have.
_CIRQ = MappingProxyType(
    {"h": "H", "x": "X", "cx": "CNOT", "cz": "CZ", "rx": "rx", "ry": "ry", "rz": "rz"}
)
_PENNYLANE = MappingProxyType(
    {
        "h": "Hadamard",
        "x": "PauliX",
        "cx": "CNOT",
        "cz": "CZ",
        "rx": "RX",
        "ry": "RY",
        "rz": "RZ",
        "p": "PhaseShift",
        "rxx": "IsingXX",
        "ryy": "IsingYY",
        "rzz": "IsingZZ",
        "crx": "CRX",
        "crz": "CRZ",
    }
)


def native_code(framework: str, model: VariationalClassifier, x: ArrayLike) -> str:
    """Return a script that builds the circuit in a framework and computes the probabilities.

    Parameters
    ----------
    framework : {"qiskit", "cirq", "pennylane"}
    model : VariationalClassifier
        Fitted.
    x : array-like of shape (n_features,)
        The sample whose angles are written into the circuit.

    Returns
    -------
    str
        A script that needs NumPy and the framework, nothing of qmlplay; it prints the class
        probabilities of exact simulation.

    Raises
    ------
    ValueError
        If there is no such framework.
    """
    if framework not in NATIVE:
        raise unknown_name("framework", framework, NATIVE)
    trained = model.model_
    angles = trained.sample_angles(x)
    strings, coefficients = expanded(trained.observables)
    body = NATIVE[framework](trained.circuit.circuit, angles, strings)
    if coefficients is not None:
        body += f"expectations = expectations @ np.array({coefficients.tolist()!r})  # sums\n"
    sample = ", ".join(f"{value:.4g}" for value in np.asarray(x, dtype=float))
    head = f"# The trained circuit for the sample ({sample}); angles in radians.\n"
    return head + body + _readout(trained)


def _readout(model: TrainedModel) -> str:
    """Return the lines from expectations to class probabilities, the same for all."""
    scale, bias = model.readout.scale.tolist(), model.readout.bias.tolist()
    lines = f"scale = np.array({scale!r})\nbias = np.array({bias!r})\ndecisions = "
    lines += "expectations @ scale + bias\n"
    if len(bias) == 1:
        lines += "decisions = np.array([0.0, decisions[0]])\n"
    labels = model.classes.tolist()
    return lines + (
        "p = np.exp(decisions - decisions.max())\n"
        f"for label, probability in zip({labels!r}, p / p.sum(), strict=True):\n"
        '    print(f"p({label}) = {probability:.6f}")\n'
    )


def _qiskit(circuit: Circuit, angles: Angles, observables: Sequence[str]) -> str:
    lines = [
        "import numpy as np",
        "from qiskit import QuantumCircuit",
        "from qiskit.quantum_info import SparsePauliOp, Statevector",
        "",
        f"circuit = QuantumCircuit({circuit.n_qubits})",
    ]
    for gate in circuit.gates:
        angle = [repr(angles[slot]) for slot in gate.slots]
        arguments = ", ".join(angle + [str(qubit) for qubit in gate.qubits])
        lines.append(f"circuit.{gate.name}({arguments})")
    turned = [observable[::-1] for observable in observables]
    lines += [
        "print(circuit)",
        "",
        "# Qiskit writes qubit 0 last.",
        f"observables = [SparsePauliOp(pauli) for pauli in {turned!r}]",
        "state = Statevector(circuit)",
        "expectations = np.array([state.expectation_value(o).real for o in observables])",
    ]
    return "\n".join(lines) + "\n"


def _cirq(circuit: Circuit, angles: Angles, observables: Sequence[str]) -> str:
    lines = [
        "import cirq",
        "import numpy as np",
        "",
        f"q = cirq.LineQubit.range({circuit.n_qubits})",
        "circuit = cirq.Circuit(cirq.I.on_each(*q))",
    ]
    for gate in circuit.gates:
        on = ", ".join(f"q[{qubit}]" for qubit in gate.qubits)
        angle = angles[gate.slots[0]] if gate.slots else 0.0
        lines.append(f"circuit.append({_cirq_gate(gate.name, angle)}({on}))")
    paulis = [
        " * ".join(f"cirq.{p}(q[{i}])" for i, p in enumerate(o) if p != "I") for o in observables
    ]
    lines += [
        "print(circuit)",
        "",
        "simulator = cirq.Simulator(dtype=np.complex128)",
        f"observables = [{', '.join(f'1.0 * {pauli}' for pauli in paulis)}]",
        "expectations = np.real(simulator.simulate_expectation_values(circuit, observables))",
    ]
    return "\n".join(lines) + "\n"


def _cirq_gate(name: str, angle: float) -> str:
    if name in ("rxx", "ryy", "rzz"):  # exp(−iθPP/2); the shift keeps the global phase
        return f"cirq.{name[1:].upper()}PowGate(exponent={angle!r} / np.pi, global_shift=-0.5)"
    if name in ("crx", "crz"):
        return f"cirq.{name[1:]}({angle!r}).controlled()"
    if name == "p":
        return f"cirq.ZPowGate(exponent={angle!r} / np.pi)"
    return f"cirq.{_CIRQ[name]}({angle!r})" if name in ("rx", "ry", "rz") else f"cirq.{_CIRQ[name]}"


def _pennylane(circuit: Circuit, angles: Angles, observables: Sequence[str]) -> str:
    lines = [
        "import numpy as np",
        "import pennylane as qml",
        "",
        f'@qml.qnode(qml.device("default.qubit", wires={circuit.n_qubits}))',
        "def circuit():",
    ]
    for gate in circuit.gates:
        angle = "".join(f"{angles[slot]!r}, " for slot in gate.slots)
        wires = gate.qubits[0] if len(gate.qubits) == 1 else list(gate.qubits)
        lines.append(f"    qml.{_PENNYLANE[gate.name]}({angle}wires={wires})")
    paulis = [" @ ".join(f"qml.{p}({i})" for i, p in enumerate(o) if p != "I") for o in observables]
    values = ", ".join(f"qml.expval({pauli})" for pauli in paulis)
    lines += [
        f"    return [{values}]",
        "",
        "print(qml.draw(circuit)())",
        "expectations = np.array(circuit())",
    ]
    return "\n".join(lines) + "\n"


#: Framework → function that writes the circuit.
NATIVE: Mapping[str, Callable[[Circuit, Angles, Sequence[str]], str]] = MappingProxyType(
    {"qiskit": _qiskit, "cirq": _cirq, "pennylane": _pennylane}
)
