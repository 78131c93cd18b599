"""Encodings against Qiskit, PennyLane and closed forms."""

import numpy as np
import pennylane as qml
import pytest
from qiskit.circuit.library import zz_feature_map
from qiskit.quantum_info import Statevector

from qmlplay import (
    Feature,
    Operation,
    QuantumKernel,
    VariationalClassifier,
    Weight,
    get_backend,
)
from qmlplay.ansatze import get_ansatz
from qmlplay.circuit import ParametricCircuit, build_circuit, gate_matrix
from qmlplay.encodings import (
    ENCODINGS,
    AngleEncoding,
    DenseEncoding,
    IQPEncoding,
    ReuploadingEncoding,
    ZZFeatureMap,
    get_encoding,
)

NUMPY = get_backend("numpy")


def state_of(operations, x, n_qubits, w=None):
    """The state (2**n_qubits,) that operations prepare from one row of data; weights 0 for None."""
    circuit = ParametricCircuit.from_operations(n_qubits, operations, len(x))
    angles = circuit.angles(np.array([x]), np.zeros(circuit.n_weights) if w is None else w)
    return NUMPY.statevector(circuit.circuit, angles)[0]


def fidelity(a, b):
    return abs(np.vdot(a, b)) ** 2


def layout(operations):
    return [(op.name, op.qubits, None if op.angle is None else op.angle.index) for op in operations]


@pytest.mark.parametrize("n", [2, 3, 4])
@pytest.mark.parametrize("repetitions", [1, 2, 3])
def test_zz_is_the_feature_map_of_qiskit(n, repetitions):
    x = np.random.default_rng(n).uniform(-3, 3, n)
    ours = state_of(ZZFeatureMap(repetitions)(n, n), x, n)
    theirs = Statevector(zz_feature_map(n, reps=repetitions).assign_parameters(list(x)))
    assert fidelity(ours, theirs.reverse_qargs().data) == pytest.approx(1, abs=1e-10)


@pytest.mark.parametrize("n", [2, 3, 4])
@pytest.mark.parametrize("repetitions", [1, 2])
def test_iqp_is_the_embedding_of_pennylane(n, repetitions):
    x = np.random.default_rng(n).uniform(-3, 3, n)

    @qml.qnode(qml.device("default.qubit", wires=n))
    def theirs():
        qml.IQPEmbedding(x, wires=range(n), n_repeats=repetitions)
        return qml.state()

    ours = state_of(IQPEncoding(repetitions)(n, n), x, n)
    assert fidelity(ours, theirs()) == pytest.approx(1, abs=1e-10)


def test_zz_and_iqp_differ():
    x = np.array([0.3, -1.1])
    states = [state_of(encoding(2, 2), x, 2) for encoding in (ZZFeatureMap(), IQPEncoding())]
    assert fidelity(*states) < 0.9


def test_the_state_of_the_angle_encoding_is_a_product_of_rotated_qubits():
    x = np.array([0.4, -1.3, 2.2])
    expected = np.ones(1)
    for angle in x:
        expected = np.kron(expected, [np.cos(angle / 2), np.sin(angle / 2)])
    np.testing.assert_allclose(state_of(AngleEncoding("ry")(3, 3), x, 3), expected, atol=1e-12)


def test_angle_with_more_features_than_qubits_alternates_between_two_axes():
    assert layout(AngleEncoding("ry")(2, 5)) == [
        ("ry", (0,), 0),
        ("ry", (1,), 1),
        ("rz", (0,), 2),
        ("rz", (1,), 3),
        ("ry", (0,), 4),
    ]
    assert layout(AngleEncoding("rx")(1, 2)) == [("rx", (0,), 0), ("rz", (0,), 1)]


def test_angle_with_fewer_features_than_qubits_reads_them_again():
    assert layout(AngleEncoding("rx")(3, 2)) == [
        ("rx", (0,), 0),
        ("rx", (1,), 1),
        ("rx", (2,), 0),
    ]


def test_rz_starts_with_hadamards():
    assert layout(AngleEncoding("rz")(2, 2)) == [
        ("h", (0,), None),
        ("h", (1,), None),
        ("rz", (0,), 0),
        ("rz", (1,), 1),
    ]


def test_dense_puts_two_features_on_a_qubit():
    assert layout(DenseEncoding()(2, 3)) == [
        ("ry", (0,), 0),
        ("rz", (0,), 1),
        ("ry", (1,), 2),
        ("rz", (1,), 0),
    ]
    assert layout(DenseEncoding()(1, 3)) == [("ry", (0,), 0), ("rz", (0,), 1), ("ry", (0,), 2)]


@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize(("n_qubits", "n_features"), [(1, 1), (1, 3), (2, 3), (3, 2), (2, 4)])
def test_every_encoding_reads_every_feature_on_every_layout(name, n_qubits, n_features):
    encoding = get_encoding(name)
    if name == "amplitude" and n_features > 2**n_qubits:
        with pytest.raises(ValueError, match="encoding='amplitude' takes at most"):
            encoding(n_qubits, n_features)
        return
    operations = encoding(n_qubits, n_features)
    read = {i for op in operations if op.angle is not None for i in op.angle.features}
    assert read == set(range(n_features))
    norm = np.linalg.norm(state_of(operations, np.linspace(0.1, 1, n_features), n_qubits))
    assert norm == pytest.approx(1)


@pytest.mark.parametrize("n_features", [1, 2, 3, 5])
@pytest.mark.parametrize("n_qubits", [1, 2])
def test_reuploading_turns_every_qubit_by_offset_plus_weighted_features(n_qubits, n_features):
    """As in arXiv:1907.02085, U(θ + w∘x), here by products of matrices."""
    circuit = build_circuit(
        ReuploadingEncoding(),
        lambda n, layer: [],
        n_qubits=n_qubits,
        n_features=n_features,
        n_layers=2,
    )
    random = np.random.default_rng(n_features)
    x, w = random.normal(size=n_features), random.normal(size=circuit.n_weights)
    n_angles = -(-n_features // 3) * 3
    order = [k + j for k in range(0, n_angles, 3) for j in (2, 0, 1)]  # RZ(φ₃), RY(φ₁), RZ(φ₂)
    features = [k for k in order if k < n_features]
    per_layer = n_qubits * (n_angles + n_features)
    assert circuit.n_weights == 2 * per_layer
    assert len(circuit.scaling_weights) == 2 * n_qubits * n_features
    state = np.ones(1)
    for qubit in range(n_qubits):
        matrix = np.eye(2)
        for weights in (w[:per_layer], w[per_layer:]):
            offsets = weights[: n_qubits * n_angles][qubit::n_qubits]
            factors = dict(
                zip(features, weights[n_qubits * n_angles :][qubit::n_qubits], strict=True)
            )
            for k, offset in zip(order, offsets, strict=True):
                angle = offset + (factors[k] * x[k] if k in factors else 0)
                matrix = gate_matrix("ry" if k % 3 == 0 else "rz", angle) @ matrix
        state = np.kron(state, matrix[:, 0])
    ours = NUMPY.statevector(circuit.circuit, circuit.angles(x[None], w))[0]
    np.testing.assert_allclose(ours, state, atol=1e-12)


def test_reuploading_needs_one_qubit_and_has_weights_that_kernels_have_not():
    assert VariationalClassifier(encoding="reuploading").design(40).circuit.n_qubits == 1
    with pytest.raises(ValueError, match="has no trainable weights of its own"):
        QuantumKernel("reuploading")([[0.0], [1.0]])


@pytest.mark.parametrize(
    ("typed", "meant"), [("angel", "angle"), ("zzz", "zz"), ("denze", "dense")]
)
def test_an_unknown_name_suggests_the_nearest(typed, meant):
    with pytest.raises(ValueError, match=f"unknown encoding '{typed}': did you mean '{meant}'"):
        get_encoding(typed)


def test_unknown_options_are_refused():
    with pytest.raises(ValueError, match=r"unknown rotation 'rw': did you mean 'r.'"):
        AngleEncoding("rw")
    with pytest.raises(ValueError, match="repetitions must be at least 1, got 0"):
        ZZFeatureMap(repetitions=0)
    with pytest.raises(TypeError, match=r"encoding must be a name or a function .* got 3"):
        get_encoding(3)


def my_encoding(n_qubits, n_features):
    return [Operation("rx", i % n_qubits, Feature(i, scale=2.0)) for i in range(n_features)]


def test_an_own_function_is_used_as_it_is():
    X, y = [[0.0, 1.0], [1.0, 0.0], [0.3, 0.4]], [0, 1, 1]
    model = VariationalClassifier(
        encoding=my_encoding, n_layers=2, trainable_scaling=False, max_iter=1
    ).fit(X, y)
    read = [f for f in model.circuit_.formulas if f.features]
    assert read == [Feature(0, 2.0), Feature(1, 2.0)] * 2


@pytest.mark.parametrize("nonsense", [None, "ry", 5, [("ry", 0)], [Feature(0)]])
def test_nonsense_from_an_own_function_is_a_type_error(nonsense):
    with pytest.raises(TypeError, match="the encoding must return a list of Operation"):
        VariationalClassifier(encoding=lambda n, f: nonsense).fit([[0.0], [1.0]], [0, 1])


@pytest.mark.parametrize("name", [name for name in ENCODINGS if name != "amplitude"])
def test_trainable_scaling_starts_at_one_where_it_changes_nothing(name):
    sizes = {"n_qubits": 2, "n_features": 3, "n_layers": 2}
    parts = get_encoding(name), get_ansatz("hardware_efficient")
    free = build_circuit(*parts, **sizes, trainable_scaling=True)
    fixed = build_circuit(*parts, **sizes, trainable_scaling=False)
    assert fixed.scaling_weights == ()
    assert free.n_weights == fixed.n_weights + len(free.scaling_weights)

    generator = np.random.default_rng(0)
    X, w = generator.normal(size=(4, 3)), generator.normal(size=fixed.n_weights)
    all_weights = np.ones(free.n_weights)
    others = [i for i in range(free.n_weights) if i not in free.scaling_weights]
    all_weights[others] = w
    np.testing.assert_allclose(
        NUMPY.statevector(free.circuit, free.angles(X, all_weights)),
        NUMPY.statevector(fixed.circuit, fixed.angles(X, w)),
        atol=1e-12,
    )
    all_weights[free.scaling_weights[-1]] = 1.5  # of the last layer: |0⟩ does not mind RZ
    changed = NUMPY.statevector(free.circuit, free.angles(X, all_weights))
    before = NUMPY.statevector(fixed.circuit, fixed.angles(X, w))
    assert np.abs(np.abs(changed) - np.abs(before)).max() > 1e-3


def test_fit_starts_scaling_weights_at_one():
    first = []

    def remember(state):
        first.append(state.estimator.weights_)

    model = VariationalClassifier(
        optimizer="sgd", learning_rate_init=1e-12, max_iter=1, callbacks=[remember], random_state=0
    ).fit([[0.0, 1.0], [1.0, 0.5]], [0, 1])
    scaling = list(model.circuit_.scaling_weights)
    assert len(scaling) == 2 * model.n_layers
    np.testing.assert_allclose(first[0][scaling], 1, atol=1e-9)


def fourier_coefficients(circuit, weights, n_points=16):
    """c_k of <Z> on qubit 0, for k = 0 … n_points/2, from a grid over one period."""
    grid = 2 * np.pi * np.arange(n_points) / n_points
    angles = circuit.angles(grid[:, None], weights)
    letters = "Z" + "I" * (circuit.n_qubits - 1)
    values = NUMPY.expectations(circuit.circuit, angles, [letters])[:, 0]
    return np.fft.rfft(values) / n_points


@pytest.mark.parametrize("rotation", ["rx", "ry", "rz"])
@pytest.mark.parametrize("n_layers", [1, 2, 3])
def test_r_uploads_give_the_frequencies_up_to_r(rotation, n_layers):
    circuit = build_circuit(
        AngleEncoding(rotation),
        get_ansatz("strongly_entangling"),
        n_qubits=1,
        n_features=1,
        n_layers=n_layers,
        trainable_scaling=False,
    )
    weights = np.random.default_rng(1).uniform(-3, 3, circuit.n_weights)
    coefficients = np.abs(fourier_coefficients(circuit, weights))
    assert coefficients[n_layers + 1 :].max() < 1e-10
    assert coefficients[n_layers] > 1e-3


def test_rx_has_one_half_at_frequency_one():
    one = [Operation("rx", 0, Feature(0))]
    for operations, frequency in [(one, 1), (one * 2, 2)]:
        circuit = ParametricCircuit.from_operations(1, operations, 1)
        expected = np.zeros(9)
        expected[frequency] = 0.5
        np.testing.assert_allclose(
            fourier_coefficients(circuit, np.zeros(0)), expected, rtol=0, atol=1e-12
        )


def test_an_own_weighted_formula_is_scaled_too():
    circuit = build_circuit(
        lambda n, f: [Operation("ry", 0, Feature(0)), Operation("rz", 0, Weight(0))],
        get_ansatz("no_entanglement"),
        n_qubits=1,
        n_features=1,
        n_layers=1,
    )
    assert circuit.n_weights == 4  # the encoding's own, its scaling, RY and RZ
    assert circuit.scaling_weights == (1,)
