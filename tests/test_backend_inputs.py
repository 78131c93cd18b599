"""How backends are chosen, copied and shown, and what they refuse."""

import copy
import pickle
import sys

import numpy as np
import pytest
from backend_helpers import CORE_BACKENDS, each_backend

import qmlplay
from qmlplay import get_backend, list_backends
from qmlplay.backends import Backend, backend_info
from qmlplay.circuit import Circuit, Gate

BACKENDS = each_backend()
CIRCUIT = Circuit(2, (Gate("ry", (0,), 0), Gate("crx", (0, 1), 1)))
ANGLES = [np.array([0.1, 0.2, 0.3]), 0.5]


def test_names():
    assert list_backends() == ["numpy", "qiskit", "cirq", "pennylane", "torch", "jax"]
    assert CORE_BACKENDS == ["numpy", "qiskit", "cirq", "pennylane"]


@BACKENDS
def test_it_is_installed(name):
    """One that was asked for and is missing is no reason to skip."""
    backend = get_backend(name)
    assert isinstance(backend, Backend)
    assert backend.name == name
    assert get_backend(backend) is backend


def test_unknown_names():
    with pytest.raises(ValueError, match="unknown backend 'quiskit': did you mean 'qiskit'"):
        get_backend("quiskit")
    with pytest.raises(TypeError, match="backend must be a name or a Backend, got int"):
        get_backend(5)
    with pytest.raises(ValueError, match="is a backend already: give its settings to its class"):
        get_backend(get_backend("numpy"), shots=5)


@BACKENDS
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"shots": 0}, "shots must be a positive integer, or None .*got shots=0"),
        ({"shots": -3}, "got shots=-3"),
        ({"shots": True}, "got shots=True"),
        ({"shots": 10.0}, "got shots=10.0"),
        ({"shots": "10"}, "got shots='10'"),
        ({"seed": -1}, "seed must be a non-negative integer or None; got seed=-1"),
        ({"seed": 0.5}, "got seed=0.5"),
        ({"noise": "bit_flip"}, "unknown noise 'bit_flip': Allowed: 'high', 'low', 'medium'"),
    ],
)
def test_settings(name, settings, message):
    with pytest.raises(ValueError, match=message):
        get_backend(name, **settings)


@BACKENDS
def test_repr_pickle_and_copies(name):
    backend = get_backend(name, shots=np.int64(20), seed=0)
    label = type(backend).__name__
    assert repr(get_backend(name)) == f"{label}()"
    assert repr(get_backend(name, shots=20, seed=0)) == f"{label}(shots=20, seed=0)"
    first = backend.expectations(CIRCUIT, ANGLES, ["ZX"])
    for again in (pickle.loads(pickle.dumps(backend)), copy.copy(backend), copy.deepcopy(backend)):
        assert type(again) is type(backend)
        assert (again.shots, again.seed, again.noise) == (20, 0, None)
        np.testing.assert_array_equal(again.expectations(CIRCUIT, ANGLES, ["ZX"]), first)


@BACKENDS
@pytest.mark.parametrize("method", ["expectations", "gradients", "probabilities", "statevector"])
@pytest.mark.parametrize(
    ("angles", "message"),
    [
        ([0.1], "the circuit takes 2 angles, one per slot, but 1 came"),
        ([0.1, 0.2, 0.3], "takes 2 angles, one per slot, but 3 came"),
        ([np.ones(3), np.ones(4)], r"angle 1 has shape \(4,\): .*same n_samples.*here 3"),
        ([0.5, np.ones((3, 1))], r"angle 1 has shape \(3, 1\): an angle is a float, or an array"),
        ([np.ones(0), 0.5], r"angle 0 has shape \(0,\)"),
    ],
)
def test_angles(name, method, angles, message):
    more = {
        "expectations": (["ZZ"],),
        "gradients": (["ZZ"], np.ones((3, 1))),
        "probabilities": (),
        "statevector": (),
    }[method]
    with pytest.raises(ValueError, match=message):
        getattr(get_backend(name), method)(CIRCUIT, angles, *more)


@BACKENDS
@pytest.mark.parametrize("angle", [1, np.float64(1), np.float32(1), np.int64(1)])
def test_any_number_is_a_shared_angle(name, angle):
    found = get_backend(name).expectations(CIRCUIT, [angle, 0.5], ["ZI"])
    np.testing.assert_allclose(found, [[np.cos(1)]], atol=1e-12)


@BACKENDS
@pytest.mark.parametrize(
    ("observables", "error", "message"),
    [
        ("ZZ", TypeError, r"must be a list of Pauli strings, such as \['ZZ'\]"),
        ([], ValueError, "observables is empty"),
        (["ZZ", "Z"], ValueError, "observable 'Z' must have one letter .*each of the 2 qubits"),
        (["ZA"], ValueError, "observable 'ZA' must have one letter I, X, Y or Z"),
        (["zz"], ValueError, "observable 'zz'"),
    ],
)
def test_observables(name, observables, error, message):
    backend = get_backend(name)
    with pytest.raises(error, match=message):
        backend.expectations(CIRCUIT, ANGLES, observables)
    with pytest.raises(error, match=message):
        backend.gradients(CIRCUIT, ANGLES, observables, np.ones((3, 1)))


@BACKENDS
def test_cotangents(name):
    with pytest.raises(ValueError, match=r"cotangents must have shape \(3, 1\), got \(1, 3\)"):
        get_backend(name).gradients(CIRCUIT, ANGLES, ["ZZ"], np.ones((1, 3)))


@BACKENDS
@pytest.mark.parametrize("settings", [{}, {"shots": 5}], ids=["exact", "shots"])
def test_too_many_qubits_are_refused_before_memory_runs_out(name, settings):
    circuit = Circuit(60, (Gate("h", (59,)),))
    backend = get_backend(name, **settings)
    message = r"60 qubits need \S+ bytes .* but \S+ bytes of memory are free: use fewer qubits"
    with pytest.raises(ValueError, match=message):
        backend.expectations(circuit, [], ["Z" * 60])
    with pytest.raises(ValueError, match=message):
        backend.gradients(circuit, [], ["Z" * 60], np.ones((1, 1)))
    with pytest.raises(ValueError, match=message):
        backend.probabilities(circuit, [])


@pytest.mark.parametrize(
    ("name", "module", "message"),
    [
        ("cirq", "cirq", "backend='cirq' needs Cirq: pip install cirq-core"),
        ("pennylane", "pennylane", "backend='pennylane' needs PennyLane: pip install pennylane"),
        ("qiskit", "qiskit", "backend='qiskit' needs Qiskit and Qiskit Aer: pip install qiskit"),
        (
            "qiskit",
            "qiskit_aer",
            "backend='qiskit' needs Qiskit and Qiskit Aer: pip install qiskit-aer",
        ),
    ],
)
def test_a_missing_framework_says_what_to_install(name, module, message, monkeypatch):
    info = backend_info(name)
    assert info.is_installed
    assert set(info.versions) == set(info.packages.values())
    monkeypatch.delitem(sys.modules, info.module, raising=False)
    for loaded in {module} | {key for key in sys.modules if key.split(".")[0] == module}:
        monkeypatch.setitem(sys.modules, loaded, None)
    with pytest.raises(ImportError) as caught:
        get_backend(name)
    assert str(caught.value) == message
    assert isinstance(caught.value.__cause__, ImportError)
    assert not info.is_installed
    assert info.missing == [info.packages[module]]
    assert info.packages[module] not in info.versions


def test_public_names_exist():
    for name in qmlplay.__all__:
        assert hasattr(qmlplay, name)
