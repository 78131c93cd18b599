"""OpenQASM 2 and 3 as encodings and ansätze; and our own text, read again to the last bit."""

import math
import sys

import numpy as np
import pytest

from qmlplay import Feature, get_backend
from qmlplay.circuit import (
    GATES,
    Circuit,
    Gate,
    OffsetFeature,
    Operation,
    ParametricCircuit,
    Polynomial,
)
from qmlplay.interop import from_openqasm, to_openqasm

HEAD_3 = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'
HEAD_2 = '// a comment\nOPENQASM 2.0;\ninclude "qelib1.inc";\n'


def test_inputs_are_symbols():
    text = HEAD_3 + (
        "input float[64] x_0; input float x_1; input angle w;\n"
        "qubit[2] q; qubit r; bit[2] c;\n"
        "rx(x_1/2 + w) q[1]; p(x_0*x_0) r; ctrl @ inv @ s q[0], r; U(x_0, 0, w) r; c = measure q;"
    )
    layer = from_openqasm(text, features="x")
    assert layer.feature_names == ("x_0", "x_1")
    assert layer.n_qubits == 3
    assert layer.operations[0] == Operation("rx", 1, OffsetFeature(1, offset=0, scale=0.5))
    assert layer.operations[-1].formulas[0] == Feature(0)


def test_openqasm_2_has_numbers_alone():
    gates = "qreg q[2]; creg c[2]; rx(pi/4) q[0]; rxx(0.3) q[0],q[1]; u2(0,pi) q[1]; measure q->c;"
    layer = from_openqasm(HEAD_2 + gates)
    assert [op.name for op in layer.operations] == ["rx", "rxx", "u"]
    assert layer.operations[0].angle.angle == math.pi / 4
    with pytest.raises(ValueError, match="the circuit has no symbols, only numbers"):
        from_openqasm(HEAD_2 + gates, features="x")


@pytest.mark.parametrize("version", ["2.0", "3.0"])
def test_a_gate_of_the_text_is_what_the_text_says(version):
    register = "qreg q[1];" if version == "2.0" else "qubit[1] q;"
    text = f"OPENQASM {version}; gate h a {{ U(0.1,0.2,0.3) a; }} {register} h q[0];"
    (operation,) = from_openqasm(text).operations
    assert operation.name == "u"
    assert [formula.angle for formula in operation.formulas] == [0.1, 0.2, 0.3]


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (3, TypeError, "OpenQASM text is needed, got int"),
        ("circuit.qasm", ValueError, "does not begin with OPENQASM 2.0; .* 'circuit.qasm'"),
        ("OPENQASM 3.0; gate", ValueError, "the OpenQASM 3 text cannot be read"),
        ("OPENQASM 2.0; gate", ValueError, "the OpenQASM 2 text cannot be read"),
        (HEAD_3 + "qubit q; foo q;", ValueError, "gate 'foo' is not defined"),
        (HEAD_3 + "input int n; qubit q; x q;", ValueError, "only 'float' and 'angle' inputs"),
        (HEAD_3 + "qubit q; bit c; c = measure q; if (c) x q;", ValueError, "in the middle"),
        (HEAD_3 + "qubit[2] q; bit c; c = measure q[0]; if (c) x q[1];", ValueError, "classical"),
        (HEAD_3 + "qubit q; reset q; x q;", ValueError, "a reset is no unitary gate"),
        (HEAD_2 + "qreg q[1]; creg c[1]; if (c==1) x q[0];", ValueError, "classical control"),
        (HEAD_2 + "opaque foo a; qreg q[1]; foo q[0];", ValueError, "'foo' at position 0"),
    ],
)
def test_what_cannot_be_read_says_why(text, error, message):
    with pytest.raises(error, match=message):
        from_openqasm(text)


def test_a_missing_reader_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "qiskit_qasm3_import", None)
    with pytest.raises(ImportError, match="pip install qiskit-qasm3-import"):
        from_openqasm("OPENQASM 3.0; qubit q;")


ANGLES = [
    math.pi / 4,
    math.pi / 4 + 3e-10,
    math.nextafter(math.pi / 4, 9),
    math.pi / 3 * (1 + 1e-15),
    3 * math.pi / 8 - 1e-12,
    -math.pi / 2 - 1e-10,
    0.1,
    1e-17,
    -1e-5,
    5e-324,
    123456789.123456789,
    1e16,
    0.0,
]


@pytest.mark.parametrize("name", ["rx", "ry", "rz", "p", "crx", "cry", "crz", "cp"])
def test_angles_come_back_bit_for_bit(name):
    qubits = tuple(range(GATES[name].n_qubits))
    circuit = Circuit(len(qubits), tuple(Gate(name, qubits, k) for k in range(len(ANGLES))))
    layer = from_openqasm(to_openqasm(circuit, ANGLES))
    assert [formula.angle for formula in layer.circuit.formulas] == ANGLES


def test_the_angles_of_u_come_back_bit_for_bit():
    circuit = Circuit(1, (Gate("u", (0,), (0, 1, 2)),))
    layer = from_openqasm(to_openqasm(circuit, ANGLES[1:4]))
    assert [formula.angle for formula in layer.circuit.formulas] == ANGLES[1:4]


def test_formulas_come_back_with_exact_numbers():
    formula = Polynomial(((ANGLES[1], (), ()), (0.1 + 0.2, (0,), ()), (1 / 3, (0, 0), (0,))))
    circuit = ParametricCircuit.from_operations(1, [Operation("rx", 0, formula)], n_features=1)
    layer = from_openqasm(to_openqasm(circuit), features="x")
    assert layer.circuit == circuit


@pytest.mark.parametrize("name", GATES)
def test_every_gate_means_the_same_when_it_is_read_again(name):
    kind = GATES[name]
    before = tuple(Gate("u", (q,), (3 * q, 3 * q + 1, 3 * q + 2)) for q in range(kind.n_qubits))
    n = 3 * kind.n_qubits
    gate = Gate.reading(name, tuple(range(kind.n_qubits)), range(n, n + kind.n_angles))
    circuit = Circuit(kind.n_qubits, (*before, gate))
    angles = np.random.default_rng(2).uniform(-3, 3, circuit.n_slots).tolist()
    layer = from_openqasm(to_openqasm(circuit, angles))
    numpy = get_backend("numpy")
    found = numpy.statevector(layer.circuit.circuit, layer.circuit.angles(np.zeros((1, 0)), []))
    overlap = np.vdot(found, numpy.statevector(circuit, angles))
    assert abs(abs(overlap) - 1) < 1e-12
