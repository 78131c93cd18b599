"""Devices: one spelling for all simulators that have some, handed over as each calls them."""

from __future__ import annotations

import numpy as np
import pytest

from qmlplay import VariationalClassifier, get_backend, load_model
from qmlplay.circuit import Circuit, Gate
from qmlplay.errors import ModelFileWarning

BELL = Circuit(2, (Gate("h", (0,)), Gate("cx", (0, 1))))


@pytest.fixture
def aer_with_gpu(monkeypatch):
    """An Aer that claims a GPU, computes on the CPU, and writes down what it was asked for."""
    from qiskit_aer import AerSimulator

    from qmlplay.backends.qiskit import aer, batch_register, densities

    asked = []

    class Claiming(AerSimulator):
        def available_devices(self):
            return ("CPU", "GPU")

    def simulator(**options):
        if options:
            asked.append((options["method"], options["device"]))
        return Claiming(**options | ({"device": "CPU"} if options else {}))

    monkeypatch.setattr(aer, "AerSimulator", simulator)
    for remembered in (densities._simulator, batch_register._known_names):
        remembered.cache_clear()
    yield asked
    densities._simulator.cache_clear()


@pytest.mark.backend("qiskit")
class TestQiskit:
    @pytest.mark.parametrize("word", ["GPU", "gpu"])
    def test_states_shots_and_noise_run_there(self, word, aer_with_gpu):
        expected = np.array([[0.5, 0, 0, 0.5]])
        found = get_backend("qiskit", device=word).probabilities(BELL, [])
        np.testing.assert_allclose(found, expected, atol=1e-12)
        assert ("statevector", "GPU") in aer_with_gpu
        aer_with_gpu.clear()
        get_backend("qiskit", device=word, shots=10, seed=0).probabilities(BELL, [])
        assert aer_with_gpu.count(("statevector", "GPU")) == 2  # the state, and the shots
        get_backend("qiskit", device=word, noise="low").probabilities(BELL, [])
        assert ("density_matrix", "GPU") in aer_with_gpu

    def test_so_do_fake_devices(self, aer_with_gpu):
        pytest.importorskip("qiskit_ibm_runtime")
        get_backend("qiskit", device="GPU", noise="fake_manila").probabilities(BELL, [])
        assert ("density_matrix", "GPU") in aer_with_gpu

    def test_the_cpu_is_the_default(self, aer_with_gpu):
        for settings in ({}, {"device": "CPU"}, {"device": "cpu"}):
            backend = get_backend("qiskit", **settings)
            assert backend.device == "CPU"
            backend.probabilities(BELL, [])
        assert {device for _, device in aer_with_gpu} == {"CPU"}

    def test_files_keep_it(self, aer_with_gpu, tmp_path):
        model = VariationalClassifier(
            get_backend("qiskit", device="GPU"), n_qubits=2, n_layers=1, max_iter=1, verbose=0
        ).fit([[0.0], [1.0]], [0, 1])
        model.save(tmp_path / "model.qmlplay")
        assert load_model(tmp_path / "model.qmlplay").backend.device == "GPU"

    def test_one_that_is_not_there(self):
        with pytest.raises(
            ValueError, match=r"device='GPU' cannot be used here: .* finds CPU.*-gpu"
        ):
            get_backend("qiskit", device="GPU")
        for name in ("cuda", "GPU:1", "TPU", ""):
            with pytest.raises(ValueError, match=r"take 'CPU' or 'GPU' .*CUDA_VISIBLE_DEVICES"):
                get_backend("qiskit", device=name)
        with pytest.raises(TypeError, match="device must be 'CPU' or 'GPU'; got 0"):
            get_backend("qiskit", device=0)

    def test_a_file_from_a_machine_with_one(self, tmp_path, monkeypatch):
        from qmlplay.backends.qiskit import backend

        with monkeypatch.context() as patch:
            patch.setattr(backend, "check_device", lambda device, method: device)
            there = get_backend("qiskit", device="GPU")
        model = VariationalClassifier("qiskit", n_qubits=2, n_layers=1, max_iter=1, verbose=0)
        model.fit([[0.0], [1.0]], [0, 1])
        expected = model.predict_proba([[0.5]])
        model.backend = there
        model.save(tmp_path / "model.qmlplay")
        text = r"does not hold backend='qiskit' \(device='GPU' cannot be used here.*backend=\.\.\."
        with pytest.warns(ModelFileWarning, match=text):
            substitute = load_model(tmp_path / "model.qmlplay")
        for here in (substitute, load_model(tmp_path / "model.qmlplay", backend="qiskit")):
            np.testing.assert_allclose(here.predict_proba([[0.5]]), expected)


@pytest.mark.needs("torch", "array_api_compat")
class TestTorch:
    @pytest.mark.parametrize(
        ("word", "own"),
        [
            ("GPU", "cuda"),
            ("gpu", "cuda"),
            ("GPU:1", "cuda:1"),
            ("cuda:1", "cuda:1"),
            ("CPU", "cpu"),
        ],
    )
    def test_the_word_is_handed_over_as_its_own(self, word, own, monkeypatch):
        from qmlplay.backends.arrays.torch_backend import TorchFramework

        tried = []
        monkeypatch.setattr(
            TorchFramework, "check_device", lambda self, asked: tried.append((self.device, asked))
        )
        backend = get_backend("torch", device=word)
        assert tried == [(own, word)]
        assert backend.device == backend.framework.device == own

    def test_one_that_is_not_there(self, monkeypatch):
        import torch

        if torch.cuda.is_available():
            pytest.skip("there is one here")
        with pytest.raises(
            ValueError, match=r"device='GPU' cannot be used here: PyTorch .* finds cpu"
        ):
            get_backend("torch", device="GPU")


@pytest.mark.needs("jax", "array_api_compat")
class TestJax:
    @pytest.mark.parametrize(
        ("word", "own"), [("GPU", ("gpu", 0)), ("GPU:1", ("gpu", 1)), ("CPU", ("cpu", 0))]
    )
    def test_the_word_is_handed_over_as_its_own(self, word, own, monkeypatch):
        import jax

        from qmlplay.backends.arrays import jax_backend

        cpu, asked = jax.devices("cpu")[0], []

        def devices(platform=None):
            asked.append(platform)
            return [cpu, cpu]

        jax_backend._device.cache_clear()
        monkeypatch.setattr(jax_backend.jax, "devices", devices)
        backend = get_backend("jax", device=word)
        np.testing.assert_allclose(backend.probabilities(BELL, [])[0], [0.5, 0, 0, 0.5], atol=1e-12)
        assert set(asked) == {own[0]}
        assert backend.device == f"{own[0]}:{own[1]}".removesuffix(":0")
        jax_backend._device.cache_clear()

    def test_one_that_is_not_there(self):
        import jax

        if any(device.platform != "cpu" for device in jax.devices()):
            pytest.skip("there is one here")
        with pytest.raises(
            ValueError, match=r"device='GPU' cannot be used here: JAX .* finds cpu:0"
        ):
            get_backend("jax", device="GPU")


@pytest.mark.parametrize("name", ["numpy", "cirq", "pennylane"])
def test_the_others_have_none(name):
    with pytest.raises(
        TypeError, match=r"no setting 'device'; that is one of .*'qiskit' or 'torch'"
    ):
        get_backend(name, device="GPU")
