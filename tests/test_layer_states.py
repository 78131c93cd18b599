"""Reduced states, Bloch vectors and entanglement: closed forms, Qiskit, and layer by layer."""

from itertools import combinations

import numpy as np
import pytest
from backend_helpers import each_backend

from qmlplay import NoiseModel, VariationalClassifier, VariationalRegressor, get_backend
from qmlplay.ansatze import ANSATZE, get_ansatz
from qmlplay.circuit import (
    Circuit,
    Feature,
    Gate,
    Operation,
    ParametricCircuit,
    Weight,
    circuit_blocks,
)
from qmlplay.circuit.gates import pauli_matrix
from qmlplay.diagnostics import (
    bloch_vectors,
    concurrence,
    layer_states,
    meyer_wallach,
    pair_concurrences,
    reduced_states,
)
from qmlplay.encodings import ENCODINGS

S = np.sqrt(0.5)
BELL = {
    "Φ+": [S, 0, 0, S],
    "Φ-": [S, 0, 0, -S],
    "Ψ+": [0, S, S, 0],
    "Ψ- with a phase": [0, S, 1j * S, 0],
}


def random_states(n_qubits, n_samples, seed=0):
    rng = np.random.default_rng(seed)
    psi = rng.normal(size=(n_samples, 2**n_qubits, 2)) @ [1, 1j]
    return psi / np.linalg.norm(psi, axis=1, keepdims=True)


def random_densities(n_qubits, n_samples, seed=0, rank=3):
    psi = random_states(n_qubits, n_samples * rank, seed).reshape(n_samples, rank, -1)
    return np.einsum("nki,nkj->nij", psi, psi.conj()) / rank


def ghz(n_qubits):
    psi = np.zeros(2**n_qubits)
    psi[[0, -1]] = S
    return psi


def w_state(n_qubits):
    psi = np.zeros(2**n_qubits)
    psi[[2**q for q in range(n_qubits)]] = 1 / np.sqrt(n_qubits)
    return psi


# Closed forms


def test_product_states():
    """Other angles on every qubit: (sin θ cos φ, sin θ sin φ, cos θ), nothing entangled."""
    theta, phi = np.array([0.3, 1.2, 2.5, -0.7]), np.array([0.1, -1.0, 2.0, 3.0])
    psi = np.ones(1)
    for t, p in zip(theta, phi, strict=True):
        psi = np.kron(psi, [np.cos(t / 2), np.exp(1j * p) * np.sin(t / 2)])
    expected = np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])
    rho = np.einsum("i,j->ij", psi, psi.conj())[None]
    for states in (psi, rho):
        np.testing.assert_allclose(bloch_vectors(states)[0], expected.T, atol=1e-14)
        np.testing.assert_allclose(pair_concurrences(states), 0, atol=1e-7)


@pytest.mark.parametrize("psi", BELL.values(), ids=BELL)
def test_bell_states(psi):
    np.testing.assert_allclose(bloch_vectors(psi), 0, atol=1e-14)
    np.testing.assert_allclose(pair_concurrences(psi)[0], [[0, 1], [1, 0]], atol=1e-14)
    np.testing.assert_allclose(concurrence(np.outer(psi, np.conj(psi))[None]), 1, atol=1e-7)


def test_partly_entangled():
    """cos t |00⟩ + sin t |11⟩: concurrence sin 2t, ⟨Z⟩ = cos 2t, and length² + C² = 1."""
    t = np.linspace(0, np.pi / 2, 9)
    psi = np.stack([np.cos(t), 0 * t, 0 * t, np.sin(t)], axis=1)
    np.testing.assert_allclose(pair_concurrences(psi)[:, 0, 1], np.sin(2 * t), atol=1e-14)
    np.testing.assert_allclose(bloch_vectors(psi)[:, 1, 2], np.cos(2 * t), atol=1e-14)
    lengths = np.linalg.norm(bloch_vectors(psi), axis=-1)
    np.testing.assert_allclose(lengths[:, 0] ** 2 + np.sin(2 * t) ** 2, 1, atol=1e-14)


def test_werner_states():
    p = np.linspace(0, 1, 13)
    singlet = np.outer([0, S, -S, 0], [0, S, -S, 0])
    rho = p[:, None, None] * singlet + (1 - p)[:, None, None] * np.eye(4) / 4
    np.testing.assert_allclose(concurrence(rho), np.maximum(0, (3 * p - 1) / 2), atol=1e-14)
    np.testing.assert_allclose(bloch_vectors(rho), 0, atol=1e-14)


@pytest.mark.parametrize("n", [3, 4, 5, 6])
def test_three_qubits_and_more(n):
    """GHZ: all of it is entangled, no pair is. W: every pair has 2/n."""
    assert not bloch_vectors(ghz(n)).any()
    np.testing.assert_allclose(pair_concurrences(ghz(n)), 0, atol=1e-7)
    expected = 2 / n * (1 - np.eye(n))
    np.testing.assert_allclose(pair_concurrences(w_state(n))[0], expected, atol=1e-7)


def test_an_entangled_pair_among_others():
    """RY(θ) and CX from qubit 3 to qubit 1: C = |sin θ|, and the others stay as they were."""
    theta = np.linspace(-3, 3, 7)
    gates = (Gate("ry", (0,), 1), Gate("x", (2,)), Gate("ry", (3,), 0), Gate("cx", (3, 1)))
    psi = get_backend("numpy").statevector(Circuit(4, gates), [theta, 0.4])
    expected = np.zeros((7, 4, 4))
    expected[:, 1, 3] = expected[:, 3, 1] = np.abs(np.sin(theta))
    np.testing.assert_allclose(pair_concurrences(psi), expected, atol=1e-7)
    vectors = bloch_vectors(psi)
    np.testing.assert_allclose(
        vectors[:, 0], np.tile([np.sin(0.4), 0, np.cos(0.4)], (7, 1)), atol=1e-14
    )
    np.testing.assert_allclose(vectors[:, 2], np.tile([0, 0, -1.0], (7, 1)), atol=1e-15)
    np.testing.assert_allclose(vectors[:, 3, 2], np.cos(theta), atol=1e-14)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_bloch_vectors_are_expectations(n):
    psi, rho = random_states(n, 5), random_densities(n, 5)
    for q, (axis, letter) in ((q, pair) for q in range(n) for pair in enumerate("XYZ")):
        matrix = pauli_matrix("I" * q + letter + "I" * (n - 1 - q))
        of_psi = np.einsum("ni,ij,nj->n", psi.conj(), matrix, psi).real
        np.testing.assert_allclose(bloch_vectors(psi)[:, q, axis], of_psi, atol=1e-14)
        of_rho = np.einsum("nij,ji->n", rho, matrix).real
        np.testing.assert_allclose(bloch_vectors(rho)[:, q, axis], of_rho, atol=1e-14)


@pytest.mark.parametrize("n", [3, 4, 5])
def test_state_vectors_and_density_matrices_agree(n):
    psi = random_states(n, 4, seed=n)
    rho = np.einsum("ni,nj->nij", psi, psi.conj())
    np.testing.assert_allclose(pair_concurrences(psi), pair_concurrences(rho), atol=1e-7)
    for qubits in ([0], [n - 1, 0], list(range(n))[::-1]):
        np.testing.assert_allclose(
            reduced_states(psi, qubits), reduced_states(rho, qubits), atol=1e-14
        )


def test_qubits_come_in_the_order_asked_for():
    parts = [random_densities(1, 2, seed=k) for k in range(3)]
    whole = np.einsum("nab,ncd,nef->nacebdf", *parts).reshape(2, 8, 8)
    for first, second in ((0, 2), (2, 0), (1, 0)):
        expected = np.einsum("nab,ncd->nacbd", parts[first], parts[second]).reshape(2, 4, 4)
        np.testing.assert_allclose(reduced_states(whole, [first, second]), expected, atol=1e-14)


# Qiskit


@pytest.mark.backend("qiskit")
@pytest.mark.parametrize("kind", [random_states, random_densities])
@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_qiskit(n, kind):
    """Qiskit counts qubits from the right: its qubit n − 1 − q is q here."""
    from qiskit.quantum_info import DensityMatrix, Statevector, partial_trace
    from qiskit.quantum_info import concurrence as of_qiskit

    states = kind(n, 6, seed=n)
    theirs = [(Statevector if kind is random_states else DensityMatrix)(state) for state in states]
    for a, b in combinations(range(n), 2):
        others = [n - 1 - q for q in range(n) if q not in (a, b)]
        pairs = [partial_trace(state, others) for state in theirs]
        # There the first qubit of the two is the less significant one.
        np.testing.assert_allclose(
            reduced_states(states, [a, b]), [pair.data for pair in pairs], atol=1e-14
        )
        np.testing.assert_allclose(
            pair_concurrences(states)[:, a, b], [of_qiskit(pair) for pair in pairs], atol=1e-6
        )


# What is refused


@pytest.mark.parametrize(
    ("states", "text"),
    [
        (np.ones(3), "got shape"),
        (np.ones((2, 4, 8)) / 2, "got shape"),
        ([1.0], "got shape"),
        (1.0, "got shape"),
        ([1.0, 1.0], "norm 1"),
        (np.eye(4)[None], "trace 1"),
        ([np.nan, 1.0], "norm 1"),
    ],
)
def test_bad_states(states, text):
    for function in (bloch_vectors, pair_concurrences, lambda s: reduced_states(s, [0])):
        with pytest.raises(ValueError, match=text):
            function(states)


@pytest.mark.parametrize(
    ("qubits", "error"),
    [([2], ValueError), ([-1], ValueError), ([0, 0], ValueError), ([], ValueError),
     ([0.5], TypeError), (["0"], TypeError)],
)  # fmt: skip
def test_bad_qubits(qubits, error):
    with pytest.raises(error, match="qubits must be"):
        reduced_states(BELL["Φ+"], qubits)


def test_concurrence_is_for_two_qubits():
    with pytest.raises(ValueError, match="reduced_states"):
        concurrence(np.eye(8)[None] / 8)


@pytest.mark.parametrize("rho", [np.eye(4), np.full((4, 4), np.nan)], ids=["trace 4", "NaN"])
def test_concurrence_is_of_states(rho):
    with pytest.raises(ValueError, match="trace 1"):
        concurrence(rho[None])


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_no_samples(n):
    vectors, densities = np.zeros((0, 2**n)), np.zeros((0, 2**n, 2**n))
    for states in (vectors, densities):
        assert bloch_vectors(states).shape == (0, n, 3)
        assert pair_concurrences(states).shape == (0, n, n)
        assert reduced_states(states, [n - 1]).shape == (0, 2, 2)
    assert meyer_wallach(vectors).shape == (0,)


# Layer by layer


def fitted(n_classes=2, n_features=2, **parameters):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(12, n_features))
    y = np.arange(12) % n_classes
    return VariationalClassifier(max_iter=1, random_state=0, **parameters).fit(X, y), X


@each_backend()
def test_the_last_state_is_the_model_s(name):
    model, X = fitted(backend=name, n_qubits=3, n_layers=2)
    grown = layer_states(model, X)
    assert grown.names == ["encoding 1", "ansatz 1", "encoding 2", "ansatz 2"]
    expected = model.backend_.statevector(model.circuit_.circuit, model.model_.angles(X))
    np.testing.assert_allclose(grown.states[-1], expected, atol=1e-12)
    z_of_0 = model.model_.expectations(X, model.backend_, observables=[0])[:, 0]
    np.testing.assert_allclose(grown.bloch_vectors[-1, :, 0, 2], z_of_0, atol=1e-12)


def test_encoding_by_one_rotation():
    """H, then RY(a): the Bloch vector turns by a from the x axis on, and its length stays 1."""
    model, X = fitted(n_features=1, n_qubits=1, n_layers=1)
    grown = layer_states(model, X)
    angle = np.ravel(model.model_.angles(X)[0])
    expected = np.stack([np.cos(angle), 0 * angle, -np.sin(angle)], axis=1)
    np.testing.assert_allclose(grown.bloch_vectors[0, :, 0], expected, atol=1e-12)
    np.testing.assert_allclose(grown.lengths, 1, atol=1e-12)


def test_noise_shrinks_bloch_vectors():
    """Depolarising noise multiplies the vector by 1 − 4p/3 after every gate on one qubit."""
    p = 0.06
    model, X = fitted(n_features=1, n_qubits=1, n_layers=2)
    noisy = model.with_backend("numpy", noise=NoiseModel(depolarizing_1q=p))
    clean, grown = layer_states(model, X), layer_states(noisy, X)
    assert grown.has_densities
    gates = np.array([block.stop for block in grown.blocks])
    np.testing.assert_allclose(grown.lengths[:, 0, 0], (1 - 4 * p / 3) ** gates, atol=1e-12)
    shrunk = clean.bloch_vectors * ((1 - 4 * p / 3) ** gates)[:, None, None, None]
    np.testing.assert_allclose(grown.bloch_vectors, shrunk, atol=1e-12)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("ansatz", ANSATZE)
@pytest.mark.parametrize("reupload", [True, False])
def test_blocks_are_those_of_the_layers(encoding, ansatz, reupload):
    """As many gates as the encoding and the ansatz return, called here once more."""
    n_features = 2 if encoding != "amplitude" else 4
    clf = VariationalClassifier(encoding=encoding, ansatz=ansatz, n_layers=3, reupload=reupload)
    design = clf.design(n_features)
    n_qubits = design.circuit.n_qubits
    of_ansatz = [len(get_ansatz(ansatz)(n_qubits, layer)) for layer in range(3)]
    blocks = design.blocks
    assert [block.stop - block.start for block in blocks if "ansatz" in block.name] == of_ansatz
    assert [block.start for block in blocks] == [0, *(block.stop for block in blocks[:-1])]
    assert blocks[-1].stop == len(design.circuit.circuit.gates)
    gates, formulas = design.circuit.circuit.gates, design.circuit.formulas
    for block in blocks:
        reads_data = any(
            formulas[slot].features
            for gate in gates[block.start : block.stop]
            for slot in gate.slots
        )
        assert reads_data == ("encoding" in block.name)
    assert sum("encoding" in block.name for block in blocks) in ((3, 1) if reupload else (1,))


def test_a_circuit_without_known_layers():
    """A gate taken out afterwards: blocks by what gates read, and where entangling ends."""
    model, _ = fitted(n_qubits=2, n_layers=2)
    kept = [gate for gate in model.circuit_.circuit.gates if gate.name != "cx"]
    operations = [
        Operation(gate.name, gate.qubits, gate.angle(model.circuit_.formulas)) for gate in kept
    ]
    circuit = ParametricCircuit.from_operations(2, operations, 2)
    names = [block.name for block in circuit_blocks(circuit)]
    assert names == ["data 1", "weights 1", "data 2", "weights 2"]


def test_blocks_of_own_circuits():
    turn, fixed, read = (
        Operation("ry", 0, Weight(0)), Operation("h", 1), Operation("rx", 1, Feature(0))
    )  # fmt: skip
    cases = {
        "weights alone": ([turn, fixed], ["weights"]),
        "fixed gates alone": ([fixed, Operation("cx", (0, 1)), fixed], ["gates 1", "gates 2"]),
        "data alone": (
            [read, Operation("cx", (0, 1)), read],
            ["data 1", "data 2"],
        ),
        "H before data": (
            [turn, Operation("cx", (0, 1)), fixed, read],
            ["weights", "data"],
        ),
    }  # fmt: skip
    for name, (operations, expected) in cases.items():
        circuit = ParametricCircuit.from_operations(2, operations, 1)
        blocks = circuit_blocks(circuit)
        assert [block.name for block in blocks] == expected, name
        assert blocks[0].start == 0
        assert blocks[-1].stop == len(operations)


def test_own_ansatz_and_a_regressor():
    def ansatz(n_qubits, layer):
        return [] if layer == 1 else [Operation("rx", 0, Weight(0)), Operation("cz", (0, 1))]

    model, X = fitted(ansatz=ansatz, n_layers=3, n_qubits=2)
    assert layer_states(model, X).names == [
        "encoding 1", "ansatz 1", "encoding 2", "encoding 3", "ansatz 3",
    ]  # fmt: skip
    regressor = VariationalRegressor(n_layers=1, max_iter=1, random_state=0).fit(X, X[:, 0])
    assert layer_states(regressor, X[:3]).states.shape[1] == 3


def test_data_that_no_gate_reads_twice():
    """A batch whose states do not differ yet is a whole batch all the same."""

    def encoding(n_qubits, n_features):
        return [Operation("ry", 0, Feature(0))]

    encoding.at_layer = lambda layer: encoding if layer else lambda n, f: [Operation("x", 1)]
    model, X = fitted(encoding=encoding, n_layers=2, n_qubits=2)
    assert layer_states(model, X).states.shape == (4, 12, 4)


@pytest.mark.parametrize(
    ("X", "error"), [([[0.0]], ValueError), ([[np.nan, 0.0]], ValueError), ("moons", ValueError)]
)
def test_bad_samples(X, error):
    model, _ = fitted()
    with pytest.raises(error):
        layer_states(model, X)
