"""Ansätze against Qiskit, PennyLane and counting."""

import numpy as np
import pennylane as qml
import pytest
from qiskit.circuit.library import real_amplitudes
from qiskit.quantum_info import Statevector

from qmlplay import Operation, VariationalClassifier, Weight, get_backend
from qmlplay.ansatze import (
    ANSATZE,
    HardwareEfficient,
    NoEntanglement,
    RealAmplitudes,
    StronglyEntangling,
    entangled_pairs,
    get_ansatz,
)
from qmlplay.circuit import build_circuit
from qmlplay.encodings import AngleEncoding

NUMPY = get_backend("numpy")


def circuit_of(ansatz, n_qubits, n_layers, encoding=lambda n, f: []):
    return build_circuit(
        encoding, ansatz, n_qubits=n_qubits, n_features=1, n_layers=n_layers, reupload=False
    )


def state_of(ansatz, n_qubits, n_layers, weights):
    circuit = circuit_of(ansatz, n_qubits, n_layers)
    return NUMPY.statevector(circuit.circuit, circuit.angles(np.zeros((1, 1)), weights))[0]


def random_weights(n, seed=0):
    return np.random.default_rng(seed).uniform(-3, 3, n)


@pytest.mark.parametrize(
    ("pattern", "n_qubits", "pairs"),
    [
        ("linear", 4, [(0, 1), (1, 2), (2, 3)]),
        ("reverse_linear", 4, [(2, 3), (1, 2), (0, 1)]),
        ("ring", 4, [(0, 1), (1, 2), (2, 3), (3, 0)]),
        ("ring", 2, [(0, 1)]),  # once, as a second gate would undo the first
        ("full", 4, [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]),
        ("full", 1, []),
        ("ring", 1, []),
    ],
)
def test_entangled_pairs(pattern, n_qubits, pairs):
    assert entangled_pairs(n_qubits, pattern) == pairs


@pytest.mark.parametrize(
    ("ansatz", "per_qubit"),
    [
        (HardwareEfficient(), 2),
        (HardwareEfficient(rotations=("rx", "ry", "rz")), 3),
        (StronglyEntangling(), 3),
        (RealAmplitudes(), 1),
        (NoEntanglement(), 2),
        (NoEntanglement(rotations=("ry",)), 1),
    ],
)
@pytest.mark.parametrize("n_qubits", [1, 2, 3, 5])
def test_number_of_weights(ansatz, per_qubit, n_qubits):
    n_layers = 3
    assert circuit_of(ansatz, n_qubits, n_layers).n_weights == per_qubit * n_qubits * n_layers


@pytest.mark.parametrize("n_qubits", [1, 2, 3, 4])
@pytest.mark.parametrize("n_layers", [1, 3])
@pytest.mark.parametrize("pattern", ["reverse_linear", "linear", "full"])
def test_real_amplitudes_is_that_of_qiskit(n_qubits, n_layers, pattern):
    weights = random_weights(n_qubits * n_layers)
    theirs = real_amplitudes(
        n_qubits, reps=n_layers, entanglement=pattern, skip_final_rotation_layer=True
    )
    expected = Statevector(theirs.assign_parameters(list(weights))).reverse_qargs().data
    ours = state_of(RealAmplitudes(pattern), n_qubits, n_layers, weights)
    np.testing.assert_allclose(ours, expected, atol=1e-12)
    np.testing.assert_allclose(ours.imag, 0, atol=1e-12)


@pytest.mark.parametrize(("n_qubits", "n_layers"), [(1, 2), (2, 3), (3, 1), (3, 4), (4, 5)])
def test_strongly_entangling_is_that_of_pennylane(n_qubits, n_layers):
    weights = random_weights(3 * n_qubits * n_layers)
    # Ours: name after name; PennyLane's Rot takes the three angles of a qubit together.
    theirs = weights.reshape(n_layers, 3, n_qubits).transpose(0, 2, 1)

    @qml.qnode(qml.device("default.qubit", wires=n_qubits))
    def expected():
        qml.StronglyEntanglingLayers(theirs, wires=range(n_qubits))
        return qml.state()

    ours = state_of(StronglyEntangling(), n_qubits, n_layers, weights)
    np.testing.assert_allclose(ours, expected(), atol=1e-12)


def schmidt_rank(state, n_left):
    values = np.linalg.svd(state.reshape(2**n_left, -1), compute_uv=False)
    return int(np.sum(values > 1e-10))


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_no_entanglement_gives_products_and_the_others_do_not(cut):
    for name, ansatz in ANSATZE.items():
        circuit = circuit_of(ansatz, 4, 3, AngleEncoding())
        angles = circuit.angles(np.array([[0.7]]), random_weights(circuit.n_weights))
        state = NUMPY.statevector(circuit.circuit, angles)[0]
        if name == "no_entanglement":
            assert schmidt_rank(state, cut) == 1
            assert circuit.circuit.n_two_qubit_gates == 0
        else:
            assert schmidt_rank(state, cut) > 1, name


@pytest.mark.parametrize("entangler", ["cx", "cz"])
@pytest.mark.parametrize("pattern", ["linear", "reverse_linear", "ring", "full"])
def test_hardware_efficient_is_rotations_then_entanglers(entangler, pattern):
    operations = HardwareEfficient(entangler, pattern, ("rx", "rz"))(3, 0)
    turns = [(name, (q,)) for name in ("rx", "rz") for q in range(3)]
    pairs = [(entangler, pair) for pair in entangled_pairs(3, pattern)]
    assert [(op.name, op.qubits) for op in operations] == turns + pairs
    assert [op.angle for op in operations[:6]] == [Weight(i) for i in range(6)]


@pytest.mark.parametrize("entangler", ["rxx", "ryy", "rzz"])
def test_trainable_entanglers_have_the_weights_behind_those_of_the_rotations(entangler):
    operations = HardwareEfficient(entangler)(3, 0)
    last = [(op.name, op.qubits, op.angle) for op in operations[6:]]
    pairs = entangled_pairs(3, "ring")
    assert last == [(entangler, pair, Weight(6 + k)) for k, pair in enumerate(pairs)]
    assert operations[:6] == HardwareEfficient()(3, 0)[:6]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("hardware_eficient", "hardware_efficient"), ("real", "real_amplitudes"), ("xyz", None)],
)
def test_an_unknown_name_suggests_the_nearest(typed, meant):
    hint = f"did you mean '{meant}'" if meant == "hardware_efficient" else "Allowed: "
    with pytest.raises(ValueError, match=f"unknown ansatz '{typed}': .*{hint}"):
        get_ansatz(typed)


def test_unknown_options_are_refused():
    with pytest.raises(ValueError, match="unknown entangler 'cy'"):
        HardwareEfficient(entangler="cy")
    with pytest.raises(ValueError, match="unknown entanglement 'rings': did you mean 'ring'"):
        HardwareEfficient(entanglement="rings")
    with pytest.raises(ValueError, match="unknown entanglement"):
        RealAmplitudes("star")(2, 0)
    with pytest.raises(TypeError, match=r"ansatz must be a name or a function .* got None"):
        get_ansatz(None)


def test_an_own_function_is_told_its_layer_and_numbers_its_own_weights():
    layers = []

    def my_ansatz(n_qubits, layer):
        layers.append(layer)
        return [Operation("crx", (layer % n_qubits, (layer + 1) % n_qubits), Weight(0))]

    model = VariationalClassifier(
        ansatz=my_ansatz, n_layers=3, trainable_scaling=False, max_iter=1
    ).fit([[0.0, 1.0], [1.0, 0.0]], [0, 1])
    assert layers == [0, 1, 2]
    turns = [gate for gate in model.circuit_.circuit.gates if gate.name == "crx"]
    assert [gate.qubits for gate in turns] == [(0, 1), (1, 0), (0, 1)]
    assert [f.index for f in model.circuit_.formulas if f.weights] == [0, 1, 2]


@pytest.mark.parametrize("nonsense", [None, "ry", [1, 2], {"ry": 0}])
def test_nonsense_from_an_own_function_is_a_type_error(nonsense):
    with pytest.raises(TypeError, match="the ansatz must return a list of Operation"):
        VariationalClassifier(ansatz=lambda n, layer: nonsense).fit([[0.0], [1.0]], [0, 1])


def test_an_own_function_with_a_qubit_that_is_not_there_or_a_gap_in_its_weights():
    def too_far(n_qubits, layer):
        return [Operation("ry", n_qubits, Weight(0))]

    def gap(n_qubits, layer):
        return [Operation("ry", 0, Weight(0)), Operation("ry", 1, Weight(2))]

    X, y = [[0.0, 1.0], [1.0, 0.0]], [0, 1]
    with pytest.raises(ValueError, match=r"'ry' acts on qubits \(2,\)"):
        VariationalClassifier(ansatz=too_far).fit(X, y)
    with pytest.raises(ValueError, match="weights must be numbered 0, 1, 2, … without a gap"):
        VariationalClassifier(ansatz=gap).fit(X, y)
