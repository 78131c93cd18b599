"""Exported circuits against the reference, by the frameworks' own means."""

import re
import sys

import cirq
import numpy as np
import pennylane as qml
import pytest
from qiskit.quantum_info import Operator, Statevector

from qmlplay.backends.testing import random_circuit, reference_states
from qmlplay.circuit import GATES, Circuit, Gate, gate_matrix
from qmlplay.interop import to_cirq, to_openqasm, to_pennylane, to_qiskit

EXPORTS = [to_qiskit, to_cirq, to_pennylane, to_openqasm]


def random_case(seed):
    """An asymmetric circuit with shared angles only; 40 gates: every name is in it."""
    generator = np.random.default_rng(seed)
    circuit = random_circuit(2 + seed % 3, 40, generator)
    return circuit, [float(angle) for angle in generator.uniform(-4, 4, circuit.n_slots)]


def reference_unitary(circuit, angles):
    """Column by column: X gates prepare each basis state in front of the circuit."""
    n_qubits = circuit.n_qubits
    columns = []
    for k in range(2**n_qubits):
        flips = (q for q in range(n_qubits) if k >> (n_qubits - 1 - q) & 1)
        prepared = tuple(Gate("x", (q,)) for q in flips) + circuit.gates
        columns.append(reference_states(Circuit(n_qubits, prepared), angles, 1)[0])
    return np.stack(columns, axis=1)


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10)


SEEDS = pytest.mark.parametrize("seed", range(6))


@SEEDS
def test_qiskit_unitary_and_state(seed):
    circuit, angles = random_case(seed)
    native = to_qiskit(circuit, angles)
    close(Operator(native.reverse_bits()).data, reference_unitary(circuit, angles))
    close(Statevector(native.reverse_bits()).data, reference_states(circuit, angles, 1)[0])


@SEEDS
def test_cirq_unitary_and_state(seed):
    circuit, angles = random_case(seed)
    native = to_cirq(circuit, angles)
    close(native.unitary(dtype=np.complex128), reference_unitary(circuit, angles))
    result = cirq.Simulator(dtype=np.complex128).simulate(native)
    close(result.final_state_vector, reference_states(circuit, angles, 1)[0])


@SEEDS
def test_pennylane_unitary_and_qnode(seed):
    circuit, angles = random_case(seed)
    qfunc = to_pennylane(circuit, angles)
    matrix = qml.matrix(qfunc, wire_order=range(circuit.n_qubits))()
    close(matrix, reference_unitary(circuit, angles))

    @qml.qnode(qml.device("default.qubit", wires=circuit.n_qubits))
    def state():
        qfunc()
        return qml.state()

    close(state(), reference_states(circuit, angles, 1)[0])


def test_qiskit_qubit_q_is_our_qubit_q():
    native = to_qiskit(Circuit(3, (Gate("x", (0,)), Gate("cx", (0, 2)))), [])
    assert [native.find_bit(bit).index for bit in native.data[1].qubits] == [0, 2]
    assert Statevector(native).probabilities_dict() == {"101": 1}
    only_first = to_qiskit(Circuit(3, (Gate("x", (0,)),)), [])
    assert Statevector(only_first).probabilities_dict() == {"001": 1}  # read from the right


@pytest.mark.parametrize("gates", [(), (Gate("h", (1,)),), (Gate("cx", (3, 1)),)])
def test_qubits_without_a_gate_are_kept(gates):
    circuit = Circuit(4, gates)
    expected = reference_unitary(circuit, [])
    close(to_cirq(circuit, []).unitary(), expected)
    close(Operator(to_qiskit(circuit, []).reverse_bits()).data, expected)
    close(qml.matrix(to_pennylane(circuit, []), wire_order=range(4))(), expected)
    tape = qml.tape.make_qscript(to_pennylane(circuit, []))()
    assert set(tape.wires) == set(range(4))
    assert "qubit[4] q;" in to_openqasm(circuit, [])


def read_openqasm(text):
    """Return the unitary of the small part of OpenQASM 3 that an export uses."""
    body = re.sub(r'^OPENQASM 3\.0;\s*include "stdgates\.inc";', "", text)
    definition = re.compile(r"gate (\w+)(?:\((\w+)\))? ([^{]+)\{([^}]*)\}")
    macros = {name: rest for name, *rest in definition.findall(body)}
    body = definition.sub("", body)
    n_qubits = int(re.search(r"qubit\[(\d+)\] q;", body)[1])
    gates, angles = [], []

    def run(statements, wires, names):
        for name, angle, places in re.findall(r"(\w+)(?:\(([^)]*)\))? ([^;]+);", statements):
            qubits = [wires[place.strip()] for place in places.split(",")]
            value = eval(angle, {}, names) if angle else None  # the test's own text
            if name in macros:
                parameter, formal, inner = macros[name]
                inner_wires = dict(zip(re.findall(r"\w+", formal), qubits, strict=True))
                run(inner, inner_wires, {"pi": np.pi, parameter: value})
                continue
            values = value if isinstance(value, tuple) else [] if value is None else [value]
            slots = tuple(range(len(angles), len(angles) + len(values)))
            slot = slots if len(slots) > 1 else slots[0] if slots else None
            gates.append(Gate("u" if name == "U" else name, tuple(qubits), slot))
            angles.extend(values)

    wires = {f"q[{qubit}]": qubit for qubit in range(n_qubits)}
    run(re.sub(r"qubit\[\d+\] q;", "", body), wires, {"pi": np.pi})
    return reference_unitary(Circuit(n_qubits, tuple(gates)), angles)


@SEEDS
def test_openqasm_text_means_the_same_circuit(seed):
    circuit, angles = random_case(seed)
    text = to_openqasm(circuit, angles)
    assert text.startswith('OPENQASM 3.0;\ninclude "stdgates.inc";\n')
    product = reference_unitary(circuit, angles).conj().T @ read_openqasm(text)
    assert abs(abs(product[0, 0]) - 1) < 1e-10
    close(product, product[0, 0] * np.eye(len(product)))  # equal up to a global phase


def test_openqasm_lists_the_gates_in_order():
    gates = (Gate("h", (2,)), Gate("crx", (2, 0), 0), Gate("rz", (1,), 1))
    lines = to_openqasm(Circuit(3, gates), [0.25, -1.5]).splitlines()
    assert lines[2:] == ["qubit[3] q;", "h q[2];", "crx(0.25) q[2], q[0];", "rz(-1.5) q[1];"]


@pytest.mark.parametrize("name", GATES)
def test_each_gate_alone_keeps_its_global_phase(name):
    kind = GATES[name]
    angles = [0.7, -1.2, 2.3][: kind.n_angles]
    gate = Gate(name, tuple(range(kind.n_qubits)), (None, 0, None, (0, 1, 2))[kind.n_angles])
    circuit = Circuit(kind.n_qubits, (gate,))
    expected = gate_matrix(name, gate.angle(angles))
    close(Operator(to_qiskit(circuit, angles).reverse_bits()).data, expected)
    close(to_cirq(circuit, angles).unitary(), expected)
    matrix = qml.matrix(to_pennylane(circuit, angles), wire_order=range(kind.n_qubits))
    close(matrix(), expected)


@pytest.mark.parametrize("export", EXPORTS)
@pytest.mark.parametrize(
    ("angles", "message"),
    [
        ([], "takes 1 angles, one per slot, but 0 came"),
        ([0.1, 0.2], "takes 1 angles, one per slot, but 2 came"),
        ([np.array([0.1, 0.2])], r"angle 0 is an array of shape \(2,\).*one sample.*float"),
        ([np.array([0.1])], r"angle 0 is an array of shape \(1,\)"),
        ([np.nan], r"finite, but those of slots \[0\]"),
    ],
)
def test_wrong_angles_are_refused(export, angles, message):
    with pytest.raises(ValueError, match=message):
        export(Circuit(1, (Gate("ry", (0,), 0),)), angles)


@pytest.mark.parametrize(
    ("export", "module", "package"),
    [
        (to_qiskit, "qiskit", "qiskit"),
        (to_openqasm, "qiskit", "qiskit"),
        (to_cirq, "cirq", "cirq-core"),
        (to_pennylane, "pennylane", "pennylane"),
    ],
)
def test_a_missing_framework_says_what_to_install(export, module, package, monkeypatch):
    ours = ("cirq_backend", "pennylane_backend", "qiskit.backend", "qiskit.translation")
    for name in ours:
        monkeypatch.delitem(sys.modules, f"qmlplay.backends.{name}", raising=False)
    for loaded in [name for name in sys.modules if name.split(".")[0] == module]:
        monkeypatch.setitem(sys.modules, loaded, None)
    with pytest.raises(ImportError, match=f"needs .*: pip install .*{package}"):
        export(Circuit(1, ()), [])
