"""Cirq's circuits as encodings and ansätze: the same states on every simulator, or a reason."""

import cirq
import numpy as np
import pytest
import sympy
from native_states import check_states, cirq_state, numbers_for

from qmlplay import Feature
from qmlplay.interop import from_cirq

a, b, x0, x1 = sympy.symbols("a b x0 x1")
q = cirq.LineQubit.range(3)
BEFORE = [
    cirq.rx(0.3)(q[0]),
    cirq.ry(0.7)(q[1]),
    cirq.rz(0.2)(q[1]),
    cirq.PhasedXPowGate(phase_exponent=0.3, exponent=0.4)(q[2]),
    cirq.CX(q[0], q[1]),
]
GATES = [
    *(gate**a for gate in (cirq.X, cirq.Y, cirq.Z, cirq.H, cirq.CX, cirq.CZ, cirq.SWAP)),
    *(gate**a for gate in (cirq.ISWAP, cirq.XX, cirq.YY, cirq.ZZ, cirq.CCX, cirq.CCZ)),
    *(turn(a * b + 1) for turn in (cirq.rx, cirq.ry, cirq.rz)),
    *(turn(a).controlled() for turn in (cirq.rx, cirq.ry, cirq.rz)),
    cirq.rx(a).controlled(2, control_values=[0, 1]),
    cirq.rz(a).controlled(control_values=[0]),
    (cirq.X**a).controlled(),
    (cirq.Y**a).controlled(2),
    (cirq.H**a).controlled(),
    (cirq.SWAP**a).controlled(),
    (cirq.ZZ**a).controlled(),
    cirq.XPowGate(exponent=a, global_shift=0.3).controlled(),
    cirq.ZPowGate(exponent=a, global_shift=0.3).controlled(),
    cirq.GlobalPhaseGate(1j).controlled(),
    cirq.PhasedXPowGate(phase_exponent=a, exponent=b),
    cirq.PhasedXZGate(x_exponent=a, z_exponent=b, axis_phase_exponent=0.2),
    cirq.FSimGate(a, b),
    cirq.PhasedFSimGate(a, b, 0.1, 0.2, 0.3),
    cirq.PhasedISwapPowGate(phase_exponent=0.3, exponent=a),
    cirq.givens(a),
    cirq.cphase(a),
    cirq.ms(a),
    cirq.ParallelGate(cirq.X**a, 2),
    cirq.MatrixGate(cirq.testing.random_unitary(2, random_state=1)),
    cirq.MatrixGate(cirq.testing.random_unitary(4, random_state=1)),
    cirq.MatrixGate(cirq.testing.random_unitary(8, random_state=1)),
    cirq.QuantumFourierTransformGate(3),
    cirq.DiagonalGate([0.1, 0.2, 0.3, 0.4]),
    cirq.DensePauliString("XYZ"),
    cirq.SingleQubitCliffordGate.X_sqrt,
    cirq.S.controlled(),
    cirq.X.controlled(control_values=[0]),
    cirq.CSWAP,
    cirq.Y**0.5,
    cirq.X**3,
    cirq.I,
]


@pytest.mark.parametrize("gate", GATES, ids=str)
def test_gates(gate):
    places = (q[2], q[0], q[1])[: cirq.num_qubits(gate)]
    circuit = cirq.Circuit(BEFORE, gate(*places), cirq.ry(2 * x0)(q[1]), cirq.ZZ(q[0], q[2]) ** 0.3)
    layer = from_cirq(circuit, features="x")
    X, w, by_name = numbers_for(layer)
    check_states(layer, cirq_state(circuit, by_name), X, w)


def test_circuits_inside_tags_pauli_strings_and_last_measurements():
    inside = cirq.FrozenCircuit(cirq.X(q[0]) ** b, cirq.CX(q[0], q[1]))
    word = cirq.X(q[0]) * cirq.Y(q[1]) * cirq.Z(q[2])
    circuit = cirq.Circuit(
        BEFORE,
        cirq.PauliStringPhasor(word, exponent_neg=a),
        cirq.CircuitOperation(inside, repetitions=2),
        cirq.ry(a)(q[1]).with_tags("mine"),
        cirq.measure(*q),
    )
    layer = from_cirq(circuit)
    assert layer.weight_names == ("a", "b")
    X, w, by_name = numbers_for(layer)
    check_states(layer, cirq_state(circuit, by_name), X, w)


def test_symbols_with_assumptions_are_known_by_their_names():
    first, second = sympy.Symbol("w", real=True), sympy.Symbol("w")
    circuit = cirq.Circuit(cirq.rx(first)(q[0]), cirq.ry(second)(q[0]))
    assert from_cirq(circuit).weight_names == ("w",)


def test_qubits_are_in_cirqs_order_or_in_the_order_given():
    grid = cirq.GridQubit.rect(1, 2)
    layer = from_cirq(cirq.Circuit(cirq.CX(grid[1], grid[0])))
    assert layer.operations[0].qubits == (1, 0)
    circuit = cirq.Circuit(cirq.rx(x0)(q[0]), cirq.CX(q[0], q[2]))
    with pytest.raises(ValueError, match=r"qubit_order=cirq.LineQubit.range\(3\)"):
        from_cirq(circuit, "x")
    layer = from_cirq(circuit, "x", qubit_order=q)
    assert (layer.n_qubits, layer.operations[1].qubits) == (3, (0, 2))
    assert from_cirq(circuit, "x", qubit_order=(q[2], q[0])).operations[1].qubits == (1, 0)
    with pytest.raises(ValueError, match=r"qubit_order lacks q\(2\)"):
        from_cirq(circuit, "x", qubit_order=q[:2])


def test_exponents_become_exact_angles():
    circuit = cirq.Circuit(cirq.X(q[0]) ** (x0 / sympy.pi), cirq.rz(x1)(q[0]))
    assert [f for op in from_cirq(circuit, "x").operations for f in op.formulas] == [
        Feature(0),
        Feature(1),
    ]


class Opaque(cirq.Gate):
    def _num_qubits_(self):
        return 1


@pytest.mark.parametrize(
    ("operations", "message"),
    [
        (
            [cirq.measure(q[0], key="m"), cirq.X(q[0])],
            "in moment 0 cannot be translated .a measurement in the middle, as something follows "
            "in moment 1",
        ),
        (
            [cirq.measure(q[0], key="m"), cirq.X(q[1]).with_classical_controls("m")],
            "in moment 1 cannot be translated .classical control",
        ),
        ([cirq.ResetChannel()(q[0])], "it is a channel, no unitary gate"),
        ([cirq.depolarize(0.1)(q[0])], "it is a channel, no unitary gate"),
        ([Opaque()(q[0])], "no decomposition of it into gates we know"),
        ([cirq.rx(sympy.sin(a))(q[0])], "is no polynomial of a"),
        ([cirq.XPowGate(dimension=3)(cirq.LineQid(0, 3))], "more than two levels"),
    ],
)
def test_what_cannot_be_translated_is_named(operations, message):
    with pytest.raises(ValueError, match=message):
        from_cirq(cirq.Circuit(operations))


def test_something_else_is_refused():
    with pytest.raises(TypeError, match=r"a cirq.Circuit is needed, got list"):
        from_cirq([cirq.X(q[0])])
    with pytest.raises(ValueError, match="the circuit has no qubits"):
        from_cirq(cirq.Circuit())


def test_a_random_unitary_of_one_qubit_becomes_u():
    for seed in range(20):
        matrix = cirq.testing.random_unitary(2, random_state=seed)
        if seed % 4 == 0:  # diagonal, antidiagonal, and nearly so
            matrix = np.diag(np.diag(matrix) / np.abs(np.diag(matrix)))[:: 1 if seed % 8 else -1]
        circuit = cirq.Circuit(cirq.H(q[0]), cirq.MatrixGate(matrix)(q[0]))
        layer = from_cirq(circuit)
        assert layer.operations[1].name == "u"
        check_states(layer, cirq_state(circuit, {}), np.zeros((1, 0)), [], ["numpy"])
