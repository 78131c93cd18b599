"""The backends "torch" and "jax": as exact, as complete and as lazy as the others."""

import copy
import json
import pickle
import subprocess
import sys

import numpy as np
import pytest

from qmlplay import (
    NoiseModel,
    VariationalClassifier,
    compare,
    get_backend,
    list_backends,
    load_dataset,
    load_model,
)
from qmlplay.backends import backend_info
from qmlplay.backends.stored import backend_from_dict, backend_to_dict
from qmlplay.backends.testing import (
    check_backend,
    random_angles,
    random_circuit,
    random_observables,
)
from qmlplay.circuit import Circuit, Gate
from qmlplay.diagnostics import parity

NEEDS = {name: pytest.mark.needs(name, "array_api_compat") for name in ("torch", "jax")}
each_array_backend = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=mark) for name, mark in NEEDS.items()]
)
both = pytest.mark.needs("torch", "jax", "array_api_compat")
MOONS = load_dataset("moons", n_samples=60, random_state=0)


def random_case(n_qubits=4, n_samples=7, seed=1):
    generator = np.random.default_rng(seed)
    circuit = random_circuit(n_qubits, 40, generator)
    angles = random_angles(circuit, n_samples, generator)
    angles[0] = generator.normal(size=n_samples)
    observables = random_observables(n_qubits, 3, generator)
    return circuit, angles, observables, generator.normal(size=(n_samples, 3))


def assert_same(found, expected, tolerance):
    for one, other in zip(found, expected, strict=True):
        assert np.shape(one) == np.shape(other)
        np.testing.assert_allclose(one, other, rtol=0, atol=tolerance)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("torch", marks=NEEDS["torch"]),
        pytest.param("jax", marks=[NEEDS["jax"], pytest.mark.slow]),  # compiles 400 functions
    ],
)
def test_conformance(name):
    check_backend(get_backend(name))


@each_array_backend
def test_as_on_numpy(name):
    case = random_case()
    backend, numpy = get_backend(name), get_backend("numpy")
    found, expected = (b.expectations_and_gradients(*case) for b in (backend, numpy))
    np.testing.assert_allclose(found[0], expected[0], rtol=0, atol=1e-12)
    assert_same(found[1], expected[1], 1e-12)
    states = [b.statevector(*case[:2]) for b in (backend, numpy)]
    np.testing.assert_allclose(states[0], states[1], rtol=0, atol=1e-13)
    assert states[0].dtype == np.complex128
    values, pullback = backend.vjp(*case[:3])
    np.testing.assert_allclose(values, expected[0], rtol=0, atol=1e-12)
    for _ in range(2):  # it may be asked again
        assert_same(pullback(case[3]), expected[1], 1e-12)


@each_array_backend
def test_only_the_wanted_slots_have_derivatives(name):
    circuit, angles, observables, cotangents = random_case()
    shared = [k for k, angle in enumerate(angles) if np.ndim(angle) == 0]
    others = [k for k, angle in enumerate(angles) if np.ndim(angle) == 1]
    for slots in (shared, others, shared[:1], []):
        found, expected = (
            get_backend(b).expectations_and_gradients(
                circuit, angles, observables, cotangents, slots=slots
            )[1]
            for b in (name, "numpy")
        )
        assert_same(found, expected, 1e-12)


@each_array_backend
def test_many_samples_in_chunks_and_threads(name):
    case = random_case(n_samples=37)
    backend = get_backend(name, n_threads=2)
    backend.chunk_amplitudes = 128  # eight samples at a time, and five in the end
    found = backend.expectations_and_gradients(*case)
    expected = get_backend("numpy").expectations_and_gradients(*case)
    np.testing.assert_allclose(found[0], expected[0], rtol=0, atol=1e-12)
    assert_same(found[1], expected[1], 1e-12)


@each_array_backend
def test_gates_without_angles_and_angles_that_all_are_shared(name):
    bell = Circuit(2, (Gate("h", (0,)), Gate("cx", (0, 1))))
    np.testing.assert_allclose(get_backend(name).probabilities(bell, []), [[0.5, 0, 0, 0.5]])
    circuit, angles, observables, _ = random_case()
    angles = [float(np.ravel(angle)[0]) for angle in angles]
    found, expected = (
        get_backend(b).expectations_and_gradients(circuit, angles, observables, np.ones((1, 3)))
        for b in (name, "numpy")
    )
    np.testing.assert_allclose(found[0], expected[0], rtol=0, atol=1e-12)
    assert_same(found[1], expected[1], 1e-12)


@each_array_backend
def test_single_precision_is_off_by_its_rounding_alone(name):
    case = random_case(n_samples=50)
    found = get_backend(name, precision="single").expectations_and_gradients(*case)
    expected = get_backend("numpy").expectations_and_gradients(*case)
    assert 1e-12 < np.abs(found[0] - expected[0]).max() < 2e-6
    assert_same(found[1], expected[1], 2e-4)


@each_array_backend
def test_noise_and_shots(name):
    circuit, angles, observables, _ = random_case(3)
    noise = NoiseModel(depolarizing_2q=0.02, amplitude_damping=0.03, readout_error=(0.01, 0.02))
    found, expected = (
        get_backend(b, noise=noise).expectations(circuit, angles, observables)
        for b in (name, "numpy")
    )
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    shots = [
        get_backend(name, shots=50, seed=3).expectations(circuit, angles, observables)
        for _ in range(2)
    ]
    assert np.array_equal(*shots)
    assert not np.allclose(shots[0], get_backend(name).expectations(circuit, angles, observables))


@each_array_backend
def test_settings(name):
    backend = get_backend(name, shots=10, seed=3, precision="single")
    assert repr(backend) == f"{type(backend).__name__}(shots=10, seed=3, precision='single')"
    first = random_case()[:3]
    state = backend.generator_state
    drawn = backend.expectations(*first)
    for twin in (copy.deepcopy(backend), pickle.loads(pickle.dumps(backend))):
        assert repr(twin) == repr(backend)
        assert np.array_equal(twin.expectations(*first), drawn)  # from the seed anew
    stored = json.loads(json.dumps(backend_to_dict(backend)))
    assert stored["device"] == "cpu"
    again = backend_from_dict(stored)
    again.generator_state = state
    assert np.array_equal(again.expectations(*first), drawn)


@each_array_backend
def test_devices(name):
    assert get_backend(name, device="cpu:0").device == "cpu:0"
    assert "device='cpu:0'" in repr(get_backend(name, device="cpu:0"))
    case = random_case()[:3]
    found = get_backend(name, device="cpu:0").expectations(*case)
    np.testing.assert_allclose(found, get_backend("numpy").expectations(*case), atol=1e-12)
    for device in ("cuda:77", "gpu:77", "no such device", "meta", "cpu:x", "cpu:-1", ""):
        with pytest.raises(ValueError, match=f"device='{device}' cannot be used .* finds cpu"):
            get_backend(name, device=device)
    for device in (None, 0):
        with pytest.raises(TypeError, match=r"device must be a name, such as 'cpu' or 'cuda'; got"):
            get_backend(name, device=device)
    with pytest.raises(TypeError, match="device"):
        get_backend("numpy", device="cpu")
    with pytest.raises(ValueError, match="precision must be 'double' or 'single' here"):
        get_backend(name, precision="half")


@pytest.mark.needs("jax", "array_api_compat")
def test_the_precision_of_jax_stays_as_the_user_set_it():
    import jax

    assert jax.numpy.zeros(1).dtype == np.float32
    get_backend("jax").expectations(*random_case()[:3])
    assert not jax.config.jax_enable_x64
    assert jax.numpy.zeros(1).dtype == np.float32


@pytest.mark.needs("jax", "array_api_compat")
def test_jax_compiles_once_for_batches_of_similar_size():
    from qmlplay.backends.arrays import jax_backend

    circuit, angles, observables, cotangents = random_case(n_samples=8)
    backend = get_backend("jax")
    before = jax_backend._compiled_vjp.cache_info().misses
    for n in (8, 7, 5):
        part = [angle[:n] if np.ndim(angle) else angle for angle in angles]
        backend.expectations_and_gradients(circuit, part, observables, cotangents[:n])
    assert jax_backend._compiled_vjp.cache_info().misses == before + 1
    from qmlplay.backends.arrays.array_backend import _Angles
    from qmlplay.backends.arrays.plan import make_plan

    found = _Angles(angles)
    plan = make_plan(circuit.elementary, found.shared, found.per_sample)
    for compiled in jax_backend._compiled_vjp(plan, "double", (True, True)):
        assert compiled._cache_size() == 1


@both
def test_one_model_on_six_simulators():
    case = random_case()[:3]
    table = parity(*case)
    assert set(table["first"]) | set(table["second"]) == set(list_backends())
    assert table["max_difference"].max() < 1e-12


@both
def test_parity_of_trained_models_and_files(tmp_path):
    classifier = VariationalClassifier(max_iter=3, n_layers=1, random_state=0)
    result = compare("moons", models=["numpy", "torch", "jax"], classifier=classifier, seeds=1)
    assert len(result.parity_table) == 6
    assert result.parity <= 1e-10
    model = VariationalClassifier("torch", max_iter=3, n_layers=1).fit(MOONS.X, MOONS.y)
    expected = model.predict_proba(MOONS.X)
    model.save(tmp_path / "model.qmlplay")
    assert load_model(tmp_path / "model.qmlplay").backend == "torch"
    for name in list_backends():
        moved = load_model(tmp_path / "model.qmlplay", backend=name)
        np.testing.assert_allclose(moved.predict_proba(MOONS.X), expected, rtol=0, atol=1e-12)


@each_array_backend
def test_a_model_with_a_backend_object_is_saved_with_its_settings(name, tmp_path):
    backend = get_backend(name, precision="single")
    model = VariationalClassifier(backend, max_iter=2, n_layers=1).fit(MOONS.X, MOONS.y)
    model.save(tmp_path / "model.qmlplay")
    loaded = load_model(tmp_path / "model.qmlplay")
    assert repr(loaded.backend) == repr(backend)
    assert np.array_equal(loaded.predict_proba(MOONS.X), model.predict_proba(MOONS.X))


def test_one_that_is_missing_says_which_extra_to_install(monkeypatch):
    for name, label in (("torch", "PyTorch"), ("jax", "JAX")):
        info = backend_info(name)
        monkeypatch.delitem(sys.modules, info.module, raising=False)
        for module in info.packages:
            monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(ImportError) as caught:
            get_backend(name)
        assert str(caught.value) == f'backend={name!r} needs {label}: pip install "qmlplay[{name}]"'


@both
def test_nothing_is_imported_before_it_is_asked_for():
    code = (
        "import sys, qmlplay\n"
        "from qmlplay.backends import backend_info\n"
        "for name in qmlplay.list_backends(): backend_info(name).is_installed\n"
        "import qmlplay.backends.arrays.array_evaluation\n"
        "qmlplay.get_backend('numpy')\n"
        "print(sorted({'torch', 'jax', 'array_api_compat'} & set(sys.modules)))\n"
        "qmlplay.get_backend('torch')\n"
        "print('jax' in sys.modules, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "False True"]
