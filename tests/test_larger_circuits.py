"""Matrix product states: as state vectors say where those reach, and on beyond."""

from __future__ import annotations

import pickle
from functools import partial
from math import cos

import numpy as np
import pytest
from sklearn.base import clone

from qmlplay import (
    QuantumKernel,
    QuantumKernelClassifier,
    QuantumKernelRegressor,
    VariationalClassifier,
    VariationalRegressor,
    compare,
    get_backend,
    load_model,
)
from qmlplay.ansatze import HardwareEfficient
from qmlplay.backends.stored import backend_from_dict, backend_to_dict
from qmlplay.backends.testing.cases import gate_cases, random_case
from qmlplay.circuit import GATES, Circuit, Gate, build_circuit
from qmlplay.encodings import get_encoding

pytestmark = pytest.mark.backend("qiskit")

CHAIN = HardwareEfficient(entanglement="linear")
METHOD = "matrix_product_state"


def product_states(**settings):
    return get_backend("qiskit", method=METHOD, **settings)


def layered(n_qubits, n_layers=2, encoding="angle", ansatz=CHAIN):
    """A circuit as models have it, and angles of three samples."""
    circuit = build_circuit(
        get_encoding(encoding),
        ansatz,
        n_qubits=n_qubits,
        n_features=n_qubits,
        n_layers=n_layers,
        trainable_scaling=encoding != "amplitude",
    )
    generator = np.random.default_rng(n_qubits)
    X = generator.uniform(-1.5, 1.5, (3, n_qubits))
    weights = generator.uniform(-3, 3, circuit.n_weights)
    return circuit.circuit, circuit.angles(X, weights)


def strings(n_qubits):
    alone = [{"Z": "I" * q + "Z" + "I" * (n_qubits - q - 1)}["Z"] for q in range(n_qubits)]
    ends = "X" + "I" * (n_qubits - 2) + "Y"
    return [*alone, ends, "ZX" * (n_qubits // 2) + "Y" * (n_qubits % 2), {alone[0]: 0.5, ends: -2}]


@pytest.mark.parametrize("n_qubits", [2, 5, 8, 12, 16])
@pytest.mark.parametrize("n_layers", [1, 3])
def test_expectations_are_those_of_state_vectors(n_qubits, n_layers):
    case = (*layered(n_qubits, n_layers), strings(n_qubits))
    expected = get_backend("numpy").expectations(*case)
    np.testing.assert_allclose(product_states().expectations(*case), expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize("encoding", ["zz", "iqp", "dense", "amplitude"])
def test_encodings_of_all_kinds(encoding):
    case = (*layered(6, 1, encoding, HardwareEfficient()), strings(6))
    expected = get_backend("numpy").expectations(*case)
    np.testing.assert_allclose(product_states().expectations(*case), expected, atol=1e-10, rtol=0)


@pytest.mark.parametrize("name", GATES)
def test_every_gate_of_the_table(name):
    for case in gate_cases(name, max_qubits=4):
        n_qubits = case.circuit.n_qubits
        measured = ["Z" * n_qubits, "X" + "Y" * (n_qubits - 1)]
        found = product_states().expectations(case.circuit, case.angles, measured)
        expected = get_backend("numpy").expectations(case.circuit, case.angles, measured)
        np.testing.assert_allclose(found, expected, atol=1e-10, rtol=0)


def test_gradients_come_from_parameter_shift():
    case = random_case(3, 4)
    generator = np.random.default_rng(0)
    measured = ["ZIII", "XYIZ", {"IZZI": 0.5, "IIIX": 2}]
    cotangents = generator.normal(size=(case.n_samples, 3))
    found = product_states().gradients(case.circuit, case.angles, measured, cotangents)
    expected = get_backend("numpy").gradients(case.circuit, case.angles, measured, cotangents)
    for one, other in zip(found, expected, strict=True):
        assert np.shape(one) == np.shape(other)
        np.testing.assert_allclose(one, other, atol=1e-9)


def test_forty_qubits_by_a_closed_form():
    """RY on every qubit and a chain of CX: ⟨Z_k⟩ is the product of all cosines up to k."""
    n_qubits, theta = 40, 0.2
    turns = tuple(Gate("ry", (q,), 0) for q in range(n_qubits))
    chain = tuple(Gate("cx", (q, q + 1)) for q in range(n_qubits - 1))
    circuit = Circuit(n_qubits, turns + chain)
    values = product_states().expectations(circuit, [theta], list(range(n_qubits)))
    expected = [cos(theta) ** (k + 1) for k in range(n_qubits)]
    np.testing.assert_allclose(values[0], expected, atol=1e-10)


def test_what_is_left_out_is_left_out():
    """A bond dimension of 1 keeps no entanglement: a Bell pair loses ⟨XX⟩, or ⟨XX⟩ = ⟨ZZ⟩."""
    case = (*layered(8, 4, ansatz=HardwareEfficient()), strings(8))
    exact = product_states().expectations(*case)
    errors = [
        np.abs(product_states(**{f"{METHOD}_max_bond_dimension": n}).expectations(*case) - exact)
        for n in (1, 4, 16)
    ]
    assert errors[0].max() > 0.1
    assert errors[0].mean() > errors[1].mean() > errors[2].mean()
    assert errors[2].max() < 1e-10  # 2**(8 / 2) is enough for any state
    coarse = product_states(**{f"{METHOD}_truncation_threshold": 0.1}).expectations(*case)
    assert np.abs(coarse - exact).max() > 1e-3


class TestShots:
    def test_they_spread_around_the_expectations(self):
        circuit, angles = layered(5, 2)
        measured = [*strings(5)]
        exact = product_states().expectations(circuit, angles, measured)
        backend = product_states(shots=2000, seed=3)
        values, errors = backend.expectations(circuit, angles, measured, return_std=True)
        pulls = (values - exact) / errors
        assert np.abs(pulls).max() < 4.5
        assert 0.6 < pulls.std() < 1.5
        of_states = get_backend("numpy", shots=2000, seed=3)
        usual = of_states.expectations(circuit, angles, measured, return_std=True)[1]
        np.testing.assert_allclose(errors, usual, rtol=0.2)

    def test_a_seed_repeats_them_and_samples_differ(self):
        circuit, measured = Circuit(2, (Gate("ry", (0,), 0),)), ["ZI", "XI"]
        angles = [np.full(300, np.pi / 2)]  # more samples than Aer gets at a time
        one, other, third = (
            product_states(shots=100, seed=seed).expectations(circuit, angles, measured)
            for seed in (1, 1, 2)
        )
        np.testing.assert_array_equal(one, other)
        assert not np.array_equal(one, third)
        assert one[:, 0].std() == pytest.approx(0.1, rel=0.25)
        assert np.all(one[:, 1] == 1)

    def test_many_qubits(self):
        ghz = Circuit(40, (Gate("h", (0,)), *(Gate("cx", (q, q + 1)) for q in range(39))))
        values, errors = product_states(shots=500, seed=0).expectations(
            ghz, [], ["Z" * 40, "Z" + "I" * 39, "Z" + "I" * 38 + "Z"], return_std=True
        )
        assert values[0, 0] == values[0, 2] == 1
        assert errors[0, 0] == errors[0, 2] == 0
        assert abs(values[0, 1]) < 4 * errors[0, 1]
        assert errors[0, 1] == pytest.approx(500**-0.5, rel=0.02)


@pytest.fixture(scope="module")
def rows():
    generator = np.random.default_rng(0)
    X = generator.normal(size=(12, 40))
    return X, (X[:, 0] > 0).astype(int)


def test_threads_change_nothing(rows):
    case = (*layered(10), strings(10))
    found = product_states(n_threads=2).expectations(*case)
    np.testing.assert_array_equal(found, product_states().expectations(*case))


class TestModels:
    def test_a_model_trains_as_on_state_vectors(self):
        generator = np.random.default_rng(0)
        X = generator.normal(size=(12, 3))
        y = (X[:, 0] > 0).astype(int)
        make = partial(
            VariationalClassifier, ansatz=CHAIN, n_layers=1, max_iter=3, verbose=0, random_state=0
        )
        model = make(product_states()).fit(X, y)
        usual = make("numpy").fit(X, y)
        np.testing.assert_allclose(model.loss_curve_, usual.loss_curve_, atol=1e-8)
        np.testing.assert_allclose(model.predict_proba(X), usual.predict_proba(X), atol=1e-7)

    def test_forty_qubits(self, rows, tmp_path):
        X, y = rows
        model = VariationalClassifier(
            product_states(),
            n_qubits=40,
            n_layers=1,
            ansatz=CHAIN,
            gradient_method="spsa",
            max_iter=3,
            verbose=0,
            random_state=0,
        ).fit(X, y)
        assert model.n_qubits_ == 40
        assert len(model.loss_curve_) >= 3
        expected = model.predict_proba(X)
        model.save(tmp_path / "large.qmlplay")
        again = load_model(tmp_path / "large.qmlplay")
        assert again.backend.method == METHOD
        for other in (again, pickle.loads(pickle.dumps(model))):
            np.testing.assert_array_equal(other.predict_proba(X), expected)
        assert clone(model).backend.method == METHOD
        with pytest.raises(ValueError, match=r"40 qubits need .* method='matrix_product_state'"):
            load_model(tmp_path / "large.qmlplay", backend="numpy").predict(X)

    def test_a_regressor(self, rows):
        X, _ = rows
        model = VariationalRegressor(
            product_states(), n_qubits=30, n_layers=1, ansatz=CHAIN, gradient_method="spsa",
            max_iter=2, verbose=0, random_state=0,
        )  # fmt: skip
        assert np.isfinite(model.fit(X[:, :30], X[:, 0]).predict(X[:, :30])).all()

    def test_the_projected_kernel(self, rows):
        X, y = rows
        kernel = {"encoding": "angle_ry", "kind": "projected", "bandwidth": 0.5, "verbose": 0}
        model = QuantumKernelClassifier(backend=product_states(), n_qubits=40, **kernel).fit(X, y)
        assert model.score(X, y) == 1
        small, usual = (
            QuantumKernel("angle_ry", kind="projected", n_qubits=4, backend=backend)(X[:, :4])
            for backend in (product_states(), "numpy")
        )
        np.testing.assert_allclose(small, usual, atol=1e-10)
        regressor = QuantumKernelRegressor(backend=product_states(), n_qubits=40, **kernel)
        assert np.isfinite(regressor.fit(X, X[:, 0]).predict(X)).all()

    def test_a_comparison(self, rows):
        X, y = rows
        model = VariationalClassifier(
            product_states(), n_qubits=40, n_layers=1, ansatz=CHAIN, max_iter=1,
            gradient_method="spsa", verbose=0,
        )  # fmt: skip
        result = compare((X, y), models={"large": model}, seeds=1, verbose=0)
        assert result.table["status"].tolist() == ["ok"]
        assert result.table["n_qubits"].tolist() == [40]
        assert 0 < result.forecast.seconds < 60

    @pytest.mark.needs("torch", "array_api_compat")
    def test_a_layer(self, rows):
        import torch

        from qmlplay.torch import QuantumLayer

        layer = QuantumLayer(
            40, n_qubits=40, n_layers=1, ansatz=CHAIN, backend=product_states(), random_state=0
        )
        with torch.no_grad():
            values = layer(torch.tensor(rows[0][:2]))
        assert values.shape == (2, 40)
        assert bool(torch.isfinite(values).all())


class TestRefused:
    @pytest.mark.needs("torch", "array_api_compat")
    def test_frameworks_that_compute_states(self, rows):
        X, y = rows
        model = VariationalClassifier(
            product_states(), n_qubits=40, n_layers=1, ansatz=CHAIN, max_iter=1,
            gradient_method="spsa", verbose=0,
        ).fit(X, y)  # fmt: skip
        with pytest.raises(ValueError, match=r"40 qubits need .* use fewer qubits"):
            model.to_torch()

    @pytest.mark.parametrize("ask", ["probabilities", "statevector"])
    def test_amplitudes(self, ask):
        circuit, angles = layered(3)
        text = r"need.* all 2\*\*n_qubits amplitudes, .* does not keep: ask it for expectations, or"
        with pytest.raises(ValueError, match=text):
            getattr(product_states(), ask)(circuit, angles)
        with pytest.raises(ValueError, match=text):
            product_states(shots=10).probabilities(circuit, angles)
        with pytest.raises(ValueError, match=text):
            product_states().state_gradients(circuit, angles, np.ones((3, 8)))

    @pytest.mark.parametrize(
        ("settings", "text"),
        [
            ({"method": "mps"}, r"unknown method 'mps': .*'matrix_product_state', 'statevector'"),
            ({"method": "stabilizer"}, r"no rotations.* take 'statevector' or 'matrix_product"),
            ({"method": "automatic"}, r"none for models .* take 'statevector' or 'matrix_product"),
            ({"method": "tensor_network"}, r"take 'statevector' or 'matrix_product_state'"),
            ({"method": METHOD, "noise": "low"}, r"without: leave out noise, or method"),
            ({"method": METHOD, "noise": "fake_manila"}, r"without: leave out noise, or method"),
            ({"method": METHOD, "device": "GPU"}, r"on the CPU alone; leave out device, or method"),
            ({f"{METHOD}_max_bond_dimension": 8}, r"dimension need method='matrix_product_state'"),
            (
                {"method": METHOD, f"{METHOD}_max_bond_dimension": 0},
                r"dimension must be an integer",
            ),
            (
                {"method": METHOD, f"{METHOD}_truncation_threshold": 1},
                r"threshold must be a number",
            ),
        ],
    )
    def test_settings(self, settings, text):
        with pytest.raises(ValueError, match=text):
            get_backend("qiskit", **settings)

    def test_settings_of_another_type(self):
        for settings in ({"method": None}, {"method": METHOD, f"{METHOD}_max_bond_dimension": "8"}):
            with pytest.raises(TypeError, match="must be"):
                get_backend("qiskit", **settings)

    def test_settings_of_other_backends(self):
        with pytest.raises(TypeError, match=r"no setting 'method'; that is one of .*'qiskit'"):
            get_backend("numpy", method=METHOD)
        with pytest.raises(TypeError, match=r"no setting 'shoots'. It has shots, noise, seed"):
            get_backend("cirq", shoots=3)

    def test_models_that_need_states(self, rows):
        X, y = rows
        with pytest.raises(ValueError, match="take kind='projected', which needs expectations"):
            QuantumKernelClassifier(backend=product_states(), n_qubits=4, verbose=0).fit(X, y)
        adjoint = VariationalClassifier(product_states(), n_qubits=4, gradient_method="adjoint")
        with pytest.raises(ValueError, match=r"needs exact states, .* or leave out method"):
            adjoint.fit(X, y)
        with pytest.raises(ValueError, match=r"40 qubits need .* method='matrix_product_state'"):
            VariationalClassifier("qiskit", n_qubits=40).fit(X, y)


@pytest.mark.parametrize(
    "settings",
    [
        {"method": METHOD},
        {"method": METHOD, "shots": 10, "seed": 3},
        {"method": METHOD, f"{METHOD}_max_bond_dimension": 8},
        {"method": METHOD, f"{METHOD}_truncation_threshold": 1e-8, "n_threads": 2},
        {"method": "statevector", "precision": "single"},
    ],
)
def test_files_keep_the_settings(settings, tmp_path):
    backend = get_backend("qiskit", **settings)
    assert repr(backend_from_dict(backend_to_dict(backend))) == repr(backend)
    model = VariationalClassifier(backend, n_qubits=2, n_layers=1, max_iter=1, verbose=0)
    model.fit([[0.0, 1.0], [1.0, 0.0]], [0, 1]).save(tmp_path / "model.qmlplay")
    again = load_model(tmp_path / "model.qmlplay")
    assert repr(again.backend) == repr(backend)


def test_files_of_before_have_no_method():
    stored = backend_to_dict(get_backend("qiskit", seed=1))
    older = {key: stored[key] for key in stored if key not in ("method", "device")}
    older = {key: value for key, value in older.items() if not key.startswith(METHOD)}
    assert repr(backend_from_dict(older)) == "QiskitBackend(seed=1)"
    unpickled = pickle.loads(pickle.dumps(get_backend("qiskit", seed=1)))
    for name in ("method", "device"):
        del vars(unpickled)[name]
    assert repr(pickle.loads(pickle.dumps(unpickled))) == "QiskitBackend(seed=1)"
