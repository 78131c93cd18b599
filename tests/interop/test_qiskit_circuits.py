"""Qiskit's circuits as encodings and ansätze: the same states on every simulator, or a reason."""

import numpy as np
import pytest
from native_states import check_states, numbers_for, qiskit_state
from qiskit import QuantumCircuit, QuantumRegister
from qiskit.circuit import (
    AnnotatedOperation,
    ControlModifier,
    Gate,
    InverseModifier,
    Parameter,
    ParameterVector,
)
from qiskit.circuit import library as lib
from qiskit.quantum_info import SparsePauliOp, random_unitary

from qmlplay import Feature, FeatureProduct, Fixed, Weight
from qmlplay.circuit import Polynomial
from qmlplay.encodings import ZZFeatureMap
from qmlplay.interop import CircuitAnsatz, CircuitEncoding, from_qiskit

a, b = Parameter("a"), Parameter("b")
MAPS = {
    "zz": lib.zz_feature_map(3),
    "zz full": lib.zz_feature_map(3, reps=1, entanglement="full"),
    "z": lib.z_feature_map(3),
    "pauli": lib.pauli_feature_map(3, paulis=["Z", "YY", "ZXZ"], alpha=1.3),
}
ANSATZE = {
    "real amplitudes": lib.real_amplitudes(3),
    "efficient su2": lib.efficient_su2(3, entanglement="sca"),
    "n_local": lib.n_local(3, ["rx", "crz"], "cry", "circular"),
    "n_local of rarer gates": lib.n_local(2, ["u", "p", "r"], ["rzz", "ecr"]),
    "excitation preserving": lib.excitation_preserving(3),
}


def check(circuit, features=None, **settings):
    layer = from_qiskit(circuit, features, **settings)
    X, w, by_name = numbers_for(layer)
    check_states(layer, qiskit_state(circuit, by_name), X, w)
    return layer


@pytest.mark.parametrize("name", MAPS)
def test_feature_maps(name):
    layer = check(MAPS[name], "x")
    assert isinstance(layer, CircuitEncoding)
    assert layer.feature_names == ("x[0]", "x[1]", "x[2]")
    assert layer.weight_names == ()


@pytest.mark.parametrize("name", ANSATZE)
def test_ansatze(name):
    layer = check(ANSATZE[name])
    assert isinstance(layer, CircuitAnsatz)
    assert len(layer.weight_names) == ANSATZE[name].num_parameters
    assert list(layer.weight_names) == [p.name for p in ANSATZE[name].parameters]


def test_the_zz_map_has_the_formulas_of_our_own():
    theirs = from_qiskit(lib.zz_feature_map(2, reps=1), "x")
    ours = ZZFeatureMap(repetitions=1)(2, 2)
    pair = FeatureProduct((0, 1), scale=2.0, shift=np.pi)
    assert [f for op in theirs.operations for f in op.formulas] == [
        Feature(0, 2.0),
        Feature(1, 2.0),
        pair,
    ]
    assert ours[-1].angle == pair


def crowded():
    """A circuit of most kinds of gates that are none of ours."""
    v = ParameterVector("v", 4)
    circuit = QuantumCircuit(3, 2)
    circuit.h(0)
    circuit.rv(0.1, 0.2, 0.3, 0)
    circuit.mcp(a, [0, 1], 2)
    circuit.append(lib.RZXGate(a * b + 1), [2, 0])
    circuit.append(lib.XXPlusYYGate(a, b), [0, 1])
    circuit.append(lib.UnitaryGate(random_unitary(4, seed=3)), [2, 0])
    circuit.append(lib.UnitaryGate(random_unitary(8, seed=4)), [0, 1, 2])
    circuit.cu(a, b, 0.3, 0.2, 0, 1)
    commuting = SparsePauliOp(["XYI", "IYZ"], [1, 0.5])
    circuit.append(lib.PauliEvolutionGate(commuting, time=a), [0, 1, 2])
    circuit.append(lib.QFTGate(3), [0, 1, 2])
    circuit.rx(v[2] * v[2] - v[0] / 3, 1)
    circuit.barrier()
    circuit.append(lib.PermutationGate([2, 0, 1]), [0, 1, 2])
    circuit.id(0)
    circuit.delay(100, 1)
    circuit.append(AnnotatedOperation(lib.RYGate(a), [ControlModifier(2)]), [0, 2, 1])
    circuit.append(AnnotatedOperation(lib.RYGate(a), [InverseModifier()]), [1])
    circuit.append(lib.iSwapGate().inverse(), [0, 2])
    circuit.append(lib.RZXGate(b).control(1, ctrl_state=0), [0, 1, 2])
    circuit.append(lib.XGate().control(2, ctrl_state=1), [0, 1, 2])
    circuit.append(lib.DiagonalGate([1, 1j, -1, 1]), [0, 2])
    circuit.append(lib.StatePreparation([0.6, 0.8j]), [2])
    circuit.append(lib.GlobalPhaseGate(0.3), [])
    circuit.measure([0, 1], [0, 1])
    return circuit


# Qiskit's own matrix of an evolution is made by SciPy with sparse matrices of another kind.
@pytest.mark.filterwarnings("ignore:.*CSC:scipy.sparse.SparseEfficiencyWarning")
def test_gates_that_are_none_of_ours_are_decomposed_with_their_symbols():
    layer = check(crowded(), "v")
    assert layer.feature_names == ("v[0]", "v[1]", "v[2]", "v[3]")  # used or not
    assert layer.weight_names == ("a", "b")
    assert any(isinstance(f, Polynomial) for f in layer.circuit.formulas)


def test_a_gate_with_the_name_of_another_is_what_its_definition_says():
    inner = QuantumCircuit(1, name="h")
    inner.x(0)
    inner.rz(a, 0)
    circuit = QuantumCircuit(2)
    circuit.ry(0.3, 0)
    circuit.append(inner.to_gate(), [0])
    circuit.append(inner.to_gate().control(1), [0, 1])
    assert check(circuit).operations[1].name == "x"


def test_qubits_keep_their_numbers_over_several_registers():
    circuit = QuantumCircuit(QuantumRegister(2, "one"), QuantumRegister(1, "two"))
    circuit.x(0)
    circuit.cx(0, 2)
    circuit.ry(a, 1)
    assert [op.qubits for op in check(circuit).operations] == [(0,), (0, 2), (1,)]


def test_angles_take_the_simplest_formula():
    x, w = ParameterVector("x", 2), ParameterVector("w", 2)
    circuit = QuantumCircuit(1)
    for angle in (
        *(0.5, w[1], 2 * x[1], x[0] + x[1], 2 * x[0] + w[1], w[0] * x[0] + w[1]),
        *(x[0] * x[1], w[0] + 1),
    ):
        circuit.rx(angle, 0)
    kinds = [type(f).__name__ for f in check(circuit, "x").circuit.formulas]
    assert kinds == [
        "Fixed",
        "Weight",
        "Feature",
        "FeatureSum",
        "OffsetFeature",
        "WeightedFeature",
        "FeatureProduct",
        "Polynomial",
    ]


def test_a_weight_that_cancels_out_is_left_out():
    circuit = QuantumCircuit(1)
    circuit.rx((a + b) * (a - b) - a * a, 0)  # −b²
    circuit.ry(Parameter("c"), 0)
    layer = from_qiskit(circuit)
    assert layer.weight_names == ("b", "c")
    assert layer.operations[0].angle == Polynomial(((-1.0, (), (0, 0)),))
    assert layer.operations[1].angle == Weight(1)


def two_symbols():
    circuit = QuantumCircuit(2)
    circuit.rx(Parameter("x10"), 0)
    for k in range(10):
        circuit.ry(Parameter(f"x{k}"), 1)
    return circuit


def test_features_by_what_their_names_begin_with_are_in_the_order_of_their_numbers():
    layer = check(two_symbols(), "x")
    assert layer.feature_names == tuple(f"x{k}" for k in range(11))
    assert layer.operations[0].angle == Feature(10)


def test_features_in_the_order_of_a_list():
    circuit = QuantumCircuit(1)
    circuit.rx(a, 0)
    circuit.ry(b, 0)
    circuit.rz(Parameter("c"), 0)
    layer = check(circuit, ["b", "a"])
    assert (layer.feature_names, layer.weight_names) == (("b", "a"), ("c",))
    assert layer.operations[0].angle == Feature(1)
    assert from_qiskit(circuit, [b, a]) == layer
    assert from_qiskit(circuit, a).feature_names == ("a",)
    x = ParameterVector("x", 3)
    circuit.rx(x[2], 0)
    assert from_qiskit(circuit, x) == from_qiskit(circuit, "x")
    assert from_qiskit(circuit, "x").circuit.n_features == 3


def test_numbers_alone_make_an_ansatz_without_weights():
    circuit = QuantumCircuit(1)
    circuit.rx(0.25, 0)
    layer = check(circuit)
    assert layer.operations[0].angle == Fixed(0.25)
    assert layer.circuit.n_weights == 0


def with_symbol(change, n_clbits=2):
    circuit = QuantumCircuit(2, n_clbits)
    circuit.ry(Parameter("x0"), 0)
    change(circuit)
    return circuit


def classically_controlled(circuit):
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(1)


def looped(circuit):
    with circuit.for_loop(range(3)):
        circuit.x(1)


def reset_inside(circuit):
    inner = QuantumCircuit(1)
    inner.reset(0)
    circuit.append(inner.to_instruction(), [0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda c: (c.measure(0, 0), c.x(0)),
            r"'measure' at position 1 on qubit\(s\) 0 cannot be translated \(a measurement in the "
            r"middle, as 'x' at position 2",
        ),
        (lambda c: c.reset(0), "'reset' at position 1 .*a reset is no unitary gate"),
        (lambda c: c.initialize([1, 0], 0), "'initialize' at position 1 .*StatePreparation"),
        (reset_inside, "at position 1 .*'reset' in it is no unitary gate"),
        (classically_controlled, "'if_else' at position 2 .*classical control"),
        (looped, "'for_loop' at position 1 .*classical control"),
        (lambda c: c.append(Gate("magic", 1, [0.3]), [1]), "'magic' at position 1 .* leave it out"),
        (lambda c: c.rx(a.sin(), 1), "an angle of 'rx' at position 1 .* sin.a. is no polynomial"),
        (lambda c: c.rx(1 / a, 1), "1/a is no polynomial of a: apply other functions to the data"),
        (lambda c: c.rx(a**0.5, 1), "is no polynomial of a"),
    ],
)
def test_what_cannot_be_translated_is_named(change, message):
    with pytest.raises(ValueError, match=message):
        from_qiskit(with_symbol(change), "x")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("y",), "unknown symbol or vector of symbols 'y': Allowed: 'a', 'x0', 'x2'"),
        (("x",), "'x0', 'x2', which are not numbered 0, 1, 2, … without a gap: list their names"),
        ((["a", "a"],), "names a symbol twice"),
        (([],), "features names no symbol"),
        (("a", "a"), "the symbols 'a' are features and weights"),
        (("a", "x2"), "the symbols 'x0' are neither features nor weights"),
    ],
)
def test_names_that_say_too_little_are_refused(arguments, message):
    circuit = with_symbol(lambda c: (c.rx(a, 0), c.rx(Parameter("x2"), 1)))
    with pytest.raises(ValueError, match=message):
        from_qiskit(circuit, arguments[0], weights=None if len(arguments) < 2 else arguments[1])


@pytest.mark.parametrize("features", [{"a", "x0"}, {"a": 0}])
def test_names_without_an_order_are_refused(features):
    with pytest.raises(TypeError, match="features must be a list of names, whose order counts"):
        from_qiskit(with_symbol(lambda c: c.rx(a, 0)), features)


def test_weights_may_be_named():
    layer = from_qiskit(with_symbol(lambda c: c.rx(a, 0)), "x", weights="a")
    assert layer.operations[1].angle == Weight(0)


def test_something_else_is_refused():
    with pytest.raises(TypeError, match=r"a qiskit.QuantumCircuit is needed, got str"):
        from_qiskit("OPENQASM 3.0;")
