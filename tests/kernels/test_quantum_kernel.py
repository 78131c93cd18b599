"""Quantum kernels: known numbers, closed forms, and the same on every simulator."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from backend_helpers import each_backend
from sklearn.svm import SVC

from qmlplay import Backend, Feature, Fixed, Operation, QuantumKernel, Weight, get_backend
from qmlplay.encodings import ENCODINGS, EncodingUse
from qmlplay.kernels import kernel_matrix as module
from qmlplay.kernels.kernel_matrix import nearest_psd, overlap_circuit

#: Kernels have no trainable weights (see test_encodings.py).
WITHOUT_WEIGHTS = [name for name in ENCODINGS if name != "reuploading"]
RANDOM = np.random.default_rng(5)
X = RANDOM.uniform(-1.5, 1.5, (7, 3))
Y = RANDOM.uniform(-1.5, 1.5, (4, 3))

# test/kernels/test_fidelity_statevector_kernel.py of qiskit-machine-learning
TRAIN = np.array(
    [
        [3.07876080, 1.75929189],
        [6.03185789, 5.27787566],
        [6.22035345, 2.70176968],
        [0.18849556, 2.82743339],
    ]
)
TEST = np.array([[2.199114860, 5.15221195], [0.50265482, 0.06283185]])
LABELS, TEST_LABELS = [0, 0, 1, 1], [0, 1]
Z_MAP = [
    [1.0, 0.78883982, 0.15984355, 0.06203766],
    [0.78883982, 1.0, 0.49363215, 0.32128356],
    [0.15984355, 0.49363215, 1.0, 0.91953051],
    [0.06203766, 0.32128356, 0.91953051, 1.0],
]
Z_MAP_TEST = [
    [0.30890363, 0.04543022],
    [0.39666513, 0.23044328],
    [0.11826802, 0.58742761],
    [0.10665779, 0.7650088],
]
ZZ_MAP = [
    [1.0, 0.81376617, 0.05102078, 0.06033439],
    [0.81376617, 1.0, 0.14750292, 0.09980414],
    [0.05102078, 0.14750292, 1.0, 0.26196463],
    [0.06033439, 0.09980414, 0.26196463, 1.0],
]
ZZ_MAP_TEST = [
    [0.24610242, 0.17510262],
    [0.36660828, 0.06476594],
    [0.13924611, 0.48450828],
    [0.24435258, 0.31099496],
]


def z_map(n_qubits, n_features):
    """Qiskit's z_feature_map with its two repetitions."""
    layer = [Operation("h", q) for q in range(n_qubits)]
    return 2 * [*layer, *(Operation("p", q, Feature(q, 2.0)) for q in range(n_qubits))]


@each_backend("backend")
@pytest.mark.parametrize(
    ("encoding", "train", "test"),
    [(z_map, Z_MAP, Z_MAP_TEST), ("zz", ZZ_MAP, ZZ_MAP_TEST)],
    ids=["z", "zz"],
)
def test_the_kernels_of_qiskit_machine_learning(encoding, train, test, backend):
    kernel = QuantumKernel(encoding, backend=backend)
    np.testing.assert_allclose(kernel(TRAIN), train, rtol=1e-4)
    np.testing.assert_allclose(kernel(TRAIN, TEST), test, rtol=1e-4)
    np.testing.assert_allclose(kernel(TRAIN[:1], TRAIN), train[:1], rtol=1e-4)


def test_an_svc_as_in_qiskit_machine_learning():
    kernel = QuantumKernel(z_map)
    assert SVC(kernel=kernel).fit(TRAIN, LABELS).score(TEST, TEST_LABELS) == 1.0
    precomputed = SVC(kernel="precomputed").fit(kernel(TRAIN), LABELS)
    assert precomputed.score(kernel(TEST, TRAIN), TEST_LABELS) == 1.0


@each_backend("backend")
def test_rotations_give_products_of_cosines(backend):
    expected = np.cos((X[:, None] - Y[None]) / 2) ** 2
    one = QuantumKernel("angle_ry", backend=backend, n_qubits=1)(X[:, :1], Y[:, :1])
    np.testing.assert_allclose(one, expected[:, :, 0], atol=1e-12)
    three = QuantumKernel("angle_ry", backend=backend)(X, Y)
    np.testing.assert_allclose(three, expected.prod(axis=2), atol=1e-12)
    narrow = QuantumKernel("angle_rx", backend=backend, bandwidth=0.3)(X, Y)
    expected = np.cos(0.3 * (X[:, None] - Y[None]) / 2) ** 2
    np.testing.assert_allclose(narrow, expected.prod(axis=2), atol=1e-12)


def test_layers_are_repetitions():
    twice = QuantumKernel("angle_ry", n_layers=2)
    np.testing.assert_allclose(twice(X), QuantumKernel("angle_ry", bandwidth=2)(X), atol=1e-12)


def one_qubit_densities(states, n_qubits, qubit):
    tensor = states.reshape(-1, 2**qubit, 2, 2 ** (n_qubits - 1 - qubit))
    return np.einsum("naib,najb->nij", tensor, tensor.conj())


def test_the_projected_kernel_from_density_matrices():
    kernel = QuantumKernel("iqp", kind="projected", gamma=0.7, bandwidth=0.8)
    design = kernel.design(3)
    states = {
        name: get_backend("numpy").statevector(design.circuit.circuit, design.angles(rows))
        for name, rows in (("X", X), ("Y", Y))
    }
    distance = np.zeros((len(X), len(Y)))
    for qubit in range(3):
        left, right = (one_qubit_densities(states[name], 3, qubit) for name in "XY")
        difference = left[:, None] - right[None]
        # Twice the squared Frobenius norm is the sum over the Pauli letters.
        distance += 2 * (np.abs(difference) ** 2).sum(axis=(2, 3))
    np.testing.assert_allclose(kernel(X, Y), np.exp(-0.7 * distance), atol=1e-12)


def own(n_qubits, n_features):
    turns = [Operation("rx", i % n_qubits, Feature(i, 0.5)) for i in range(n_features)]
    return [*turns, Operation("s", 0), Operation("cry", (0, 1), Fixed(0.4)), *turns[::-1]]


@each_backend("backend")
@pytest.mark.parametrize("kind", ["fidelity", "projected"])
@pytest.mark.parametrize("encoding", [*WITHOUT_WEIGHTS, own], ids=[*WITHOUT_WEIGHTS, "own"])
def test_every_encoding_on_every_simulator(encoding, kind, backend):
    settings = {"kind": kind, "bandwidth": 0.6, "n_layers": 2}
    expected = QuantumKernel(encoding, **settings)
    kernel = QuantumKernel(encoding, backend=backend, **settings)
    matrix = kernel(X)
    np.testing.assert_allclose(matrix, expected(X), rtol=0, atol=1e-10)
    np.testing.assert_allclose(kernel(X, Y), expected(X, Y), rtol=0, atol=1e-10)
    np.testing.assert_array_equal(matrix, matrix.T)
    np.testing.assert_array_equal(np.diag(matrix), 1)
    assert np.linalg.eigvalsh(matrix)[0] > -1e-12
    assert matrix.min() >= 0
    assert matrix.max() <= 1


def test_wide_rows_share_qubits():
    wide = RANDOM.uniform(-1, 1, (5, 20))
    for encoding in WITHOUT_WEIGHTS:
        n_qubits = 5 if encoding == "amplitude" else 8
        assert QuantumKernel(encoding).design(20).circuit.n_qubits == n_qubits
        assert QuantumKernel(encoding, bandwidth=0.1)(wide).shape == (5, 5)


def test_blocks_change_nothing(monkeypatch):
    kernels = [QuantumKernel("zz"), QuantumKernel("zz", noise="low")]
    whole = [(kernel(X), kernel(X, Y)) for kernel in kernels]
    monkeypatch.setattr(module, "_BLOCK", 16)
    monkeypatch.setattr(module, "_MEASURED", 24)
    for kernel, (square, other) in zip(kernels, whole, strict=True):
        np.testing.assert_allclose(kernel(X), square, atol=1e-14)
        np.testing.assert_allclose(kernel(X, Y), other, atol=1e-14)


def test_states_of_all_rows_are_simulated_once(monkeypatch):
    asked = []
    numpy = get_backend("numpy")
    statevector = type(numpy).statevector

    def counted(self, circuit, angles):
        asked.append(len(angles[0]))
        return statevector(self, circuit, angles)

    monkeypatch.setattr(type(numpy), "statevector", counted)
    QuantumKernel("angle_ry")(X)
    QuantumKernel("angle_ry")(X, Y)
    assert asked == [7, 7, 4]


def test_too_many_rows_say_the_bytes(monkeypatch):
    class Memory:
        available = 1000

    monkeypatch.setattr(module.psutil, "virtual_memory", Memory)
    message = "12 × 12 entries needs 1.15e\\+03 bytes, but 1e\\+03 bytes"
    with pytest.raises(ValueError, match=message):
        QuantumKernel("angle_ry")(np.zeros((12, 2)) + np.arange(12)[:, None])


@pytest.mark.slow
@each_backend("backend")
@pytest.mark.parametrize("kind", ["fidelity", "projected"])
def test_shots_estimate_the_exact_kernel(kind, backend):
    shots = 4000
    exact = QuantumKernel("iqp", kind=kind, bandwidth=0.7)
    kernel = QuantumKernel(
        "iqp", kind=kind, bandwidth=0.7, backend=backend, shots=shots, random_state=3,
        enforce_psd=False,
    )  # fmt: skip
    matrix, expected = kernel(X), exact(X)
    assert 0 < np.abs(matrix - expected).max() < 0.12
    np.testing.assert_array_equal(matrix, kernel(X))  # the same seed
    np.testing.assert_array_equal(matrix, matrix.T)
    np.testing.assert_array_equal(np.diag(matrix), 1)
    if kind == "fidelity":
        error = np.sqrt(expected * (1 - expected) / shots)
        assert (np.abs(matrix - expected) <= 5 * error + 1e-12).all()
        np.testing.assert_allclose(matrix * shots, np.round(matrix * shots), atol=1e-8)
        error = np.sqrt(exact(X, Y) * (1 - exact(X, Y)) / shots)
        assert (np.abs(kernel(X, Y) - exact(X, Y)) <= 5 * error + 1e-12).all()


@each_backend("backend")
def test_noise_is_that_of_the_overlap_circuit(backend):
    kernel = QuantumKernel("iqp", backend=backend, noise="medium")
    matrix = kernel(X[:3], Y[:2])
    reference = get_backend("numpy", noise="medium")
    design = kernel.design(3)
    circuit = overlap_circuit(design.circuit.circuit)
    for i, j in product(range(3), range(2)):
        angles = design.angles(X[i : i + 1]) + [-a for a in design.angles(Y[j : j + 1])]
        found = reference.probabilities(circuit, angles)[0, 0]
        assert matrix[i, j] == pytest.approx(found, abs=1e-10)
    assert (matrix < QuantumKernel("iqp")(X[:3], Y[:2]) + 0.05).all()


def test_the_overlap_circuit_is_the_fidelity():
    design = QuantumKernel(own).design(3)
    circuit = overlap_circuit(design.circuit.circuit)
    angles = design.angles(X[:4]) + [-a for a in design.angles(Y)]
    found = get_backend("numpy").probabilities(circuit, angles)[:, 0]
    np.testing.assert_allclose(found, np.diag(QuantumKernel(own)(X[:4], Y)), atol=1e-12)


def test_the_projection_clips_eigenvalues():
    kernel = QuantumKernel("angle_ry", shots=3, random_state=0, enforce_psd=False)
    matrix = kernel(X)
    values, vectors = np.linalg.eigh(matrix)
    assert values[0] < -0.1
    clipped = kernel.set_params(enforce_psd=True)(X)
    expected = sum(
        max(value, 0) * np.outer(v, v) for value, v in zip(values, vectors.T, strict=True)
    )
    np.testing.assert_allclose(clipped, expected, atol=1e-12)
    assert np.linalg.eigvalsh(clipped)[0] > -1e-12
    positive = np.array([[1.0, 0.5], [0.5, 1.0]])
    assert nearest_psd(positive) is positive


def test_a_backend_object_is_taken_as_it_is():
    backend = get_backend("numpy", shots=50, seed=1)
    kernel = QuantumKernel("iqp", backend=backend)
    assert kernel.make_backend() is backend
    assert 0 < np.abs(kernel(X) - QuantumKernel("iqp")(X)).max() < 0.5
    with pytest.raises(ValueError, match="an object with settings of its own"):
        QuantumKernel("iqp", backend=backend, shots=10)


class Device(Backend):
    """Knows expectations alone."""

    name = "device"

    def expectations(self, circuit, angles, observables, *, return_std=False):
        return get_backend("numpy").expectations(circuit, angles, observables)


def test_a_device_that_knows_expectations_has_the_projected_kernel():
    projected = QuantumKernel("iqp", kind="projected")
    np.testing.assert_allclose(projected(X), projected.set_params(backend=Device())(X), atol=1e-12)
    with pytest.raises(NotImplementedError, match="not for probabilities"):
        QuantumKernel("iqp", backend=Device())(X)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"bandwidth": 0}, ValueError, "bandwidth must be a positive number, got 0"),
        ({"bandwidth": -0.5}, ValueError, "bandwidth must be a positive number, got -0.5"),
        ({"bandwidth": np.nan}, ValueError, "bandwidth must be a positive number"),
        ({"bandwidth": "wide"}, TypeError, "bandwidth must be a positive number"),
        ({"gamma": 0}, ValueError, "gamma must be a positive number"),
        ({"kind": "fidelty"}, ValueError, "did you mean 'fidelity'"),
        ({"encoding": "zzz"}, ValueError, "unknown encoding 'zzz'"),
        ({"n_qubits": 0}, ValueError, "n_qubits must be"),
        ({"n_layers": 0}, ValueError, "n_layers must be"),
        ({"enforce_psd": "yes"}, TypeError, "enforce_psd must be"),
    ],
)
def test_settings_that_are_not_allowed(settings, error, message):
    with pytest.raises(error, match=message):
        QuantumKernel(**settings)
    kernel = QuantumKernel().set_params(**settings)
    with pytest.raises(error, match=message):
        kernel(X)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0, 2.0],), "Expected 2D array"),
        (([[1.0, np.nan]],), "contains NaN"),
        ((X, Y[:, :2]), "X has 3 features, but Y has 2"),
        ((np.zeros((0, 3)),), "0 sample"),
    ],
)
def test_data_that_are_not_allowed(arguments, message):
    with pytest.raises(ValueError, match=message):
        QuantumKernel("iqp")(*arguments)


def test_encodings_that_make_no_kernel():
    def weighted(n_qubits, n_features):
        return [Operation("ry", 0, Weight(0)), Operation("ry", 0, Feature(0))]

    def blind(n_qubits, n_features):
        return [Operation("h", 0)]

    with pytest.raises(ValueError, match="no trainable weights of its own"):
        QuantumKernel(weighted)(X)
    with pytest.raises(ValueError, match="reads no feature"):
        QuantumKernel(blind)(X)
    blind.published_use = EncodingUse()
    with pytest.raises(ValueError, match="weights must be 3 finite numbers"):
        QuantumKernel("angle_ry", weights=(1.0, 2.0))(X)


def test_its_text_shows_what_differs():
    assert repr(QuantumKernel("iqp", bandwidth=0.5)) == (
        "QuantumKernel(encoding='iqp', bandwidth=0.5)"
    )
