"""PennyLane's functions, templates and tapes: the same states on every simulator, or a reason."""

import numpy as np
import pennylane as qml
import pytest
import sympy
from backend_helpers import CORE_BACKENDS
from native_states import numbers_for, pennylane_state

from qmlplay import Feature, Weight, get_backend
from qmlplay.circuit import GATES, Circuit, FeatureProduct, Gate
from qmlplay.interop import CircuitAnsatz, CircuitEncoding, from_pennylane, to_pennylane


def block(weights, wires):
    qml.RY(weights[0], wires[0])
    qml.RY(weights[1], wires[1])
    qml.CNOT(wires)


def of_rarer_gates(w):
    qml.Rot(*w, wires=0)
    qml.CRot(*w, wires=[0, 1])
    qml.U3(*w, wires=2)
    qml.U2(w[0], w[1], wires=2)
    qml.MultiRZ(w[0], wires=[0, 1, 2])
    qml.PauliRot(w[1], "XYZ", wires=[0, 1, 2])
    qml.adjoint(qml.RX)(w[0], wires=1)
    qml.adjoint(qml.ISWAP)([0, 1])
    qml.ctrl(qml.RX(w[1], wires=2), control=[0, 1], control_values=[1, 0])
    qml.ctrl(qml.PhaseShift(w[1], wires=3), control=[0, 1, 2])
    qml.IsingXY(w[0], wires=[0, 1])
    qml.SingleExcitation(w[0], wires=[0, 1])
    qml.DoubleExcitation(w[0], wires=[0, 1, 2, 3])
    qml.PSWAP(w[0], wires=[0, 1])
    qml.FermionicSWAP(w[1], wires=[0, 1])
    qml.SISWAP([0, 1])
    qml.ECR([0, 1])
    qml.QFT(wires=[0, 1, 2])
    qml.pow(qml.S(0), 2)
    qml.MultiControlledX([0, 1, 2, 3])
    qml.QubitUnitary(np.array([[0.6, 0.8], [0.8, -0.6]]), wires=1)
    qml.exp(qml.X(0) @ qml.Y(1), 0.3j)
    qml.evolve(qml.X(0) @ qml.Z(2), w[2])
    qml.Barrier()
    qml.Snapshot()
    qml.GlobalPhase(w[0])
    qml.RX(np.pi * w[0] ** 2 - w[1] / 3, 0)


HAMILTONIAN = qml.Hamiltonian([1.0, 0.5], [qml.Z(0) @ qml.Z(1), qml.X(2)])
FUNCTIONS = {
    "strongly entangling": (lambda w: qml.StronglyEntanglingLayers(w, wires=range(3)), (2, 3, 3)),
    "basic entangler": (lambda w: qml.BasicEntanglerLayers(w, wires=range(3)), (2, 3)),
    "angle": (lambda w: qml.AngleEmbedding(w, wires=range(3), rotation="Y"), (3,)),
    "iqp": (lambda w: qml.IQPEmbedding(w, wires=range(3), n_repeats=2), (3,)),
    "qaoa": (
        lambda w: qml.QAOAEmbedding(w[:3], w[3:].reshape(1, 6), wires=range(3)),
        (9,),
    ),
    "random": (lambda w: qml.RandomLayers(w, wires=range(3), seed=3), (2, 4)),
    "two-design": (
        lambda w: qml.SimplifiedTwoDesign(w[:3], w[3:].reshape(1, 2, 2), wires=range(3)),
        (7,),
    ),
    "matrix product": (lambda w: qml.MPS(range(4), 2, block, 2, w), (3, 2)),
    "tree": (lambda w: qml.TTN(range(4), 2, block, 2, w), (3, 2)),
    "trotter": (lambda w: qml.TrotterProduct(HAMILTONIAN, w[0], 2), (1,)),
    "time evolution": (lambda w: qml.ApproxTimeEvolution(HAMILTONIAN, w[0], 2), (1,)),
    "arbitrary": (lambda w: qml.ArbitraryUnitary(w, wires=[0, 1]), (15,)),
    "layers": (
        lambda w: qml.layer(lambda v: qml.StronglyEntanglingLayers(v[None], wires=range(3)), 2, w),
        (2, 3, 3),
    ),
    "rarer gates": (of_rarer_gates, (3,)),
}


def entangled(n_qubits):
    turns = tuple(Gate("u", (q,), (3 * q, 3 * q + 1, 3 * q + 2)) for q in range(n_qubits))
    return Circuit(n_qubits, turns + tuple(Gate("cx", (q, q + 1)) for q in range(n_qubits - 1)))


def check(layer, function, array, w, X, before=None):
    """Compare states after an entangled one, as an ansatz comes after others."""
    before = Circuit(layer.n_qubits, ()) if before is None else before
    start = np.linspace(-2, 2, before.n_slots).tolist() if before.n_slots else []
    prepare = to_pennylane(before, start)
    expected = pennylane_state(lambda: (prepare(), function(array)), layer.n_qubits)
    gates = tuple(
        Gate.reading(gate.name, gate.qubits, [slot + len(start) for slot in gate.slots])
        for gate in layer.circuit.circuit.gates
    )
    whole = Circuit(layer.n_qubits, before.gates + gates)
    for name in CORE_BACKENDS:
        found = get_backend(name).statevector(whole, start + layer.circuit.angles(X, w))[0]
        phase = np.vdot(expected, found)
        np.testing.assert_allclose(found, expected * phase / abs(phase), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_as_ansatz(name):
    function, shape = FUNCTIONS[name]
    layer = from_pennylane(function, weights=shape)
    assert isinstance(layer, CircuitAnsatz)
    array = np.random.default_rng(1).uniform(-3, 3, shape)
    places = [text.split("[")[1][:-1].split(",") for text in layer.weight_names]
    w = np.array([array[tuple(map(int, place))] for place in places])
    check(layer, function, array, w, np.zeros((1, 0)), entangled(layer.n_qubits))


@pytest.mark.parametrize("name", ["angle", "iqp"])
def test_functions_as_encoding(name):
    function, shape = FUNCTIONS[name]
    layer = from_pennylane(function, features=shape)
    X, w, _ = numbers_for(layer)
    assert isinstance(layer, CircuitEncoding)
    check(layer, function, X[0], w, X)


def test_the_iqp_embedding_has_the_formulas_of_our_own():
    layer = from_pennylane(FUNCTIONS["iqp"][0], features=3)
    products = [f for f in layer.circuit.formulas if isinstance(f, FeatureProduct)]
    assert products == 2 * [FeatureProduct(pair) for pair in ((0, 1), (0, 2), (1, 2))]


def test_a_state_may_be_prepared_by_what_comes_first():
    def excitations(x):
        wires, occupied = range(4), np.array([1, 1, 0, 0])
        qml.AllSinglesDoubles(x, wires, occupied, singles=[[0, 2]], doubles=[[0, 1, 2, 3]])

    layer = from_pennylane(excitations, features=2)
    X, w, _ = numbers_for(layer)
    check(layer, excitations, X[0], w, X)
    with pytest.raises(ValueError, match="it prepares a state, whatever came before"):
        from_pennylane(excitations, weights=2)


def test_a_template_takes_its_wires():
    template = qml.StronglyEntanglingLayers
    layer = from_pennylane(template, weights=(1, 2, 3), wires=2)
    assert layer == from_pennylane(lambda w: template(w, wires=range(2)), weights=(1, 2, 3))
    shapes = qml.SimplifiedTwoDesign.shape(n_layers=2, n_wires=3)
    layer = from_pennylane(qml.SimplifiedTwoDesign, weights=shapes, wires=3)
    assert layer.weight_names[:4] == ("w0[0]", "w0[1]", "w0[2]", "w1[0,0,0]")
    with pytest.raises(ValueError, match=r"a template needs wires=, such as from_pennylane\(qml"):
        from_pennylane(template, weights=(1, 2, 3))


def test_features_come_before_weights_and_names_go_by_name():
    def circuit(x, w, *, b):
        qml.RX(w[1] * x[0], wires=0)
        qml.RY(b, wires=0)

    layer = from_pennylane(lambda x, w: circuit(x, w, b=0.5), 2, 3)
    assert layer.feature_names == ("x[0]", "x[1]")  # read or not
    assert layer.weight_names == ("w[1]",)
    layer = from_pennylane(circuit, {"x": 2}, {"w": 3, "b": ()})
    assert layer.weight_names == ("w[1]", "b")
    assert layer.operations[1].angle == Weight(1)


def test_a_qnode_is_its_function():
    @qml.qnode(qml.device("default.qubit", wires=2))
    def node(x):
        qml.RX(x[0], wires=1)
        return qml.expval(qml.Z(0))

    layer = from_pennylane(node, features=1)
    assert (layer.n_qubits, layer.operations[0].qubits) == (2, (1,))


def test_a_tape_has_symbols_of_its_own():
    x, w = sympy.symbols("x0 w")
    tape = qml.tape.QuantumScript([qml.RX(x, 0), qml.RY(w, "b")], [qml.expval(qml.Z(0))])
    layer = from_pennylane(tape, "x")
    assert [op.angle for op in layer.operations] == [Feature(0), Weight(0)]
    assert [op.qubits for op in layer.operations] == [(0,), (1,)]
    assert from_pennylane(tape, "x", wires=["b", 0]).operations[0].qubits == (1,)


@pytest.mark.parametrize("name", GATES)
def test_our_own_gates_come_back(name):
    kind = GATES[name]
    gate = Gate.reading(name, tuple(range(kind.n_qubits)), range(kind.n_angles))
    angles = [0.3, -1.7, 2.9][: kind.n_angles]
    layer = from_pennylane(to_pennylane(Circuit(kind.n_qubits, (gate,)), angles))
    assert [(op.name, op.qubits) for op in layer.operations] == [(name, gate.qubits)]
    assert [formula.angle for formula in layer.operations[0].formulas] == angles


def measured(x):
    qml.RX(x[0], wires=0)
    outcome = qml.measure(0)
    qml.cond(outcome, qml.X)(1)


def noisy(x):
    qml.RX(x[0], wires=0)
    qml.DepolarizingChannel(0.1, wires=0)


def in_batches(x):
    qml.RX(x[0] + 0, wires=0)
    qml.RX(np.array([0.1, 0.2]), wires=0)


def with_a_symbol(x):
    qml.RX(x[0] + sympy.Symbol("free"), wires=0)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (measured, "'MidMeasureMP' at position 1 .*a measurement in the middle"),
        (noisy, "'DepolarizingChannel' at position 1 .*it is a channel"),
        (in_batches, "'RX' at position 1 .*it has an array as angle"),
        (with_a_symbol, "the symbols 'free' are neither features nor weights"),
        (lambda x: qml.RX(np.cos(x[0]), wires=0), "does not take arrays of symbols"),
        (lambda x: qml.RX(x[0], 0) if x[0] > 0 else None, "sums and products of their entries"),
        (lambda x: qml.RX(x[5], wires=0), "IndexError.*check the shapes"),
        (lambda: qml.RX(0.1, wires=0), "takes 0 positional arguments but 1 was given"),
        (lambda x: qml.RX(sympy.sin(x[0]), wires=0), "is no polynomial"),
        (lambda x: qml.DisplacementEmbedding(x, wires=[0]), "'DisplacementEmbedding' at posit"),
        (lambda x: None, "the circuit has no operations"),
    ],
)
def test_what_cannot_be_translated_is_named(function, message):
    with pytest.raises(ValueError, match=message):
        from_pennylane(function, features=1)


@pytest.mark.parametrize("shape", ["x", 0, (2, 0), 1.5, [1, "a"], [[1]]])
def test_a_shape_is_a_shape(shape):
    with pytest.raises(TypeError, match=r"the shape of 'w.?' must be a number or a tuple"):
        from_pennylane(measured, weights=shape)


def test_something_else_is_refused():
    with pytest.raises(TypeError, match="a quantum function, a QNode, a template or a tape"):
        from_pennylane(3, features=1)
    with pytest.raises(ValueError, match="wires= lacks 1"):
        from_pennylane(lambda: qml.CNOT([0, 1]), wires=1)
