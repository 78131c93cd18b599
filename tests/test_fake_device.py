"""Noise of fake IBM devices: held against Aer's own simulation of the device."""

import copy
import pickle
import sys

import numpy as np
import pytest

from qmlplay import get_backend
from qmlplay.backends.testing import random_angles, random_circuit, reference_states
from qmlplay.circuit import GATES, Circuit, Gate

pytest.importorskip("qiskit_ibm_runtime", reason="needs qmlplay[ibm]")

DEVICES = pytest.mark.parametrize(
    "device",
    ["fake_manila", "fake_guadalupe", pytest.param("fake_torino", marks=pytest.mark.slow)],
)


def make_case(n_qubits, seed=0):
    generator = np.random.default_rng(10 * seed + n_qubits)
    circuit = random_circuit(n_qubits, 30, generator)
    angles = random_angles(circuit, 3, generator)
    angles[0] = generator.uniform(-4, 4, 3)
    return circuit, angles


def simulated_by_aer(circuit, angles, sample):
    """The bit strings' probabilities from Aer's simulator of the whole device, without readout."""
    from qiskit import transpile
    from qiskit_aer import AerSimulator
    from qiskit_aer.noise import NoiseModel
    from qiskit_ibm_runtime.fake_provider import FakeManilaV2

    from qmlplay.backends.qiskit.densities import parametrised
    from qmlplay.backends.qiskit.fake_device import fake_device
    from qmlplay.backends.qiskit.placement import good_qubits

    device = fake_device("fake_manila")
    native, parameters = parametrised(circuit, keep_folds=True)
    native.measure_all()
    there = transpile(
        native,
        target=device.target,
        initial_layout=good_qubits(circuit, device.target),
        optimization_level=2,
        seed_transpiler=0,
    )
    values = [np.broadcast_to(angle, 3)[sample] for angle in angles]
    bound = there.assign_parameters(dict(zip(parameters, map(float, values), strict=True)))
    bound.remove_final_measurements()
    places = device.place(circuit).qubits
    bound.save_probabilities([bound.qubits[place] for place in places[::-1]])
    simulator = AerSimulator(
        method="density_matrix", noise_model=NoiseModel.from_backend(FakeManilaV2())
    )
    return np.asarray(simulator.run(bound).result().data(0)["probabilities"])


@pytest.mark.parametrize(
    "n_qubits", [1, 3, *(pytest.param(n, marks=pytest.mark.slow) for n in (2, 4))]
)
def test_equal_to_aers_model_of_the_device(n_qubits):
    circuit, angles = make_case(n_qubits)
    backend = get_backend("qiskit", noise="fake_manila")
    densities = backend._densities(circuit, angles, 3)
    for sample in (0, 2):
        expected = simulated_by_aer(circuit, angles, sample)
        found = np.diag(densities[sample]).real
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-7)  # Aer is no more exact


@DEVICES
def test_without_its_errors_a_device_is_exact(device, monkeypatch):
    """Where our qubits are on the device, and after the swaps it needs, is followed rightly."""
    from qmlplay.backends.qiskit.fake_device import _with_errors, fake_device

    _with_errors.cache_clear()
    monkeypatch.setitem(vars(fake_device(device)), "gate_errors", {})
    circuit, angles = make_case(4, seed=1)
    states = reference_states(circuit, angles, 3)
    expected = np.einsum("ni,nj->nij", states, states.conj())
    found = get_backend("qiskit", noise=device)._densities(circuit, angles, 3)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    _with_errors.cache_clear()


@DEVICES
def test_readout_errors_are_those_of_the_qubits_used(device):
    from qmlplay.backends.qiskit.fake_device import fake_device

    circuit, angles = make_case(3)
    backend = get_backend("qiskit", noise=device)
    target = fake_device(device).target["measure"]
    places = fake_device(device).place(circuit).qubits
    assert len(set(places)) == 3
    expected = np.einsum("nii->ni", backend._densities(circuit, angles, 3)).real
    confusions = [backend._confusions(circuit)[qubit] for qubit in range(3)]
    for place, confusion in zip(places, confusions, strict=True):
        np.testing.assert_allclose(confusion.sum(axis=0), 1)
        assert 1 - np.trace(confusion) / 2 == pytest.approx(target[place,].error, rel=0.02)
    whole = np.kron(np.kron(*confusions[:2]), confusions[2])
    np.testing.assert_allclose(backend.probabilities(circuit, angles), expected @ whole.T)


@DEVICES
def test_noise_of_a_device_is_plain_to_see_but_not_overwhelming(device):
    theta = np.linspace(-3, 3, 7)
    circuit = Circuit(2, (Gate("ry", (0,), 0), Gate("cx", (0, 1))))
    found = get_backend("qiskit", noise=device).expectations(circuit, [theta], ["IZ", "ZZ"])
    shrink = found[:, 0] / np.cos(theta)
    assert np.all((shrink > 0.75) & (shrink < 1.05))
    assert np.all(np.abs(found[:, 0] - np.cos(theta)) > 1e-4)


@DEVICES
def test_folded_circuits_keep_their_noise_and_their_place(device):
    """U U† U is not simplified to U: with three times the gates goes three times the noise."""
    from qmlplay.backends.qiskit.fake_device import _with_errors, fake_device
    from qmlplay.backends.qiskit.placement import good_qubits

    gates = [Gate("ry", (q,), q) for q in range(3)]
    gates += [Gate("cx", (0, 1)), Gate("s", (1,)), Gate("cz", (2, 1)), Gate("ry", (0,), 3)]
    backwards = [Gate(GATES[g.name].inverse, g.qubits, g.slot) for g in reversed(gates)]
    shifted = [Gate(g.name, g.qubits, None if g.slot is None else 4 + g.slot) for g in backwards]
    circuit, folded = Circuit(3, tuple(gates)), Circuit(3, (*gates, *shifted, *gates))
    found = fake_device(device)
    assert good_qubits(circuit, found.target) == good_qubits(folded, found.target)
    counts = [
        sum(len(item.qubits) == 2 and item.operation.name != "superop" for item in noisy.data)
        for noisy in (_with_errors(found, circuit), _with_errors(found, folded))
    ]
    assert counts[1] == 3 * counts[0]
    assert counts[0] > 0
    angles = [0.4, 1.1, -0.7, 0.3]
    backend = get_backend("qiskit", noise=device)
    purities = [
        np.einsum("nij,nji->n", rho, rho).real[0]
        for rho in (
            backend._densities(circuit, angles, 1),
            backend._densities(folded, [*angles, *(-a for a in angles)], 1),
        )
    ]
    lost = 1 - np.array(purities)
    assert 2.3 < lost[1] / lost[0] < 3.3


def test_gradients_by_parameter_shift():
    backend = get_backend("qiskit", noise="fake_manila")
    circuit = Circuit(2, (Gate("ry", (0,), 0), Gate("crx", (0, 1), 1), Gate("ry", (0,), 0)))
    angles = [np.array([0.3, 1.2]), 0.9]
    weights = np.array([[1.0, 0.5], [-0.7, 0.2]])
    observables = ["ZX", "IZ"]
    found = backend.gradients(circuit, angles, observables, weights)

    def loss(slot, step):
        moved = [*angles[:slot], angles[slot] + step, *angles[slot + 1 :]]
        return np.sum(weights * backend.expectations(circuit, moved, observables), axis=1)

    for slot in range(2):
        slope = (loss(slot, 1e-4) - loss(slot, -1e-4)) / 2e-4
        np.testing.assert_allclose(found[slot], slope if slot == 0 else slope.sum(), atol=1e-7)


def test_shots():
    circuit, angles = make_case(2)
    exact = get_backend("qiskit", noise="fake_manila").probabilities(circuit, angles)
    settings = {"noise": "fake_manila", "shots": 20_000, "seed": 3}
    found = get_backend("qiskit", **settings).probabilities(circuit, angles)
    assert np.any(found != exact)
    assert np.all(np.abs(found - exact) < 5 * np.sqrt(exact * (1 - exact) / 20_000))
    again = get_backend("qiskit", **settings).probabilities(circuit, angles)
    np.testing.assert_array_equal(found, again)


def test_copies():
    backend = get_backend("qiskit", noise="fake_manila", seed=1)
    assert repr(backend) == "QiskitBackend(noise='fake_manila', seed=1)"
    assert not backend.is_exact
    circuit, angles = make_case(2)
    first = backend.probabilities(circuit, angles)
    for again in (pickle.loads(pickle.dumps(backend)), copy.deepcopy(backend)):
        assert again.noise == "fake_manila"
        np.testing.assert_array_equal(again.probabilities(circuit, angles), first)


def test_bad_input():
    with pytest.raises(ValueError, match="unknown fake device 'fake_manilla': did you mean 'fake_"):
        get_backend("qiskit", noise="fake_manilla")
    with pytest.raises(ValueError, match="unknown noise 'manila'"):
        get_backend("qiskit", noise="manila")
    for name in ("numpy", "cirq", "pennylane"):
        with pytest.raises(ValueError, match="'fake_manila' is a fake IBM device, which backend="):
            get_backend(name, noise="fake_manila")
    circuit = Circuit(6, (Gate("h", (5,)),))
    message = r"the circuit has 6 qubits, but noise='fake_manila' is a device with 5: use fewer"
    backend = get_backend("qiskit", noise="fake_manila")
    with pytest.raises(ValueError, match=message):
        backend.probabilities(circuit, [])
    with pytest.raises(ValueError, match=message):
        backend.expectations(circuit, [], ["Z" * 6])
    with pytest.raises(ValueError, match="has no exact states"):
        backend.statevector(circuit, [])


@pytest.mark.slow
def test_broken_gates_are_avoided():
    from qmlplay.backends.qiskit.fake_device import fake_device

    errors = [p.error for p in fake_device("fake_torino").target["cz"].values()]
    assert len(errors) == 300 - 22  # as many have error 1 in the snapshot
    assert max(errors) < 1


@pytest.mark.slow
def test_a_device_without_a_gate_that_works():
    """The snapshot of fake_kyoto has error 1 for every two-qubit gate."""
    circuit = Circuit(2, (Gate("ry", (0,), 0), Gate("cx", (0, 1))))
    backend = get_backend("qiskit", noise="fake_kyoto")
    with pytest.raises(ValueError, match=r"cannot put this circuit on 'fake_kyoto' .*take another"):
        backend.expectations(circuit, [0.4], ["IZ"])


def test_what_qiskit_cannot_place_is_a_value_error():
    """On fake_cairo Qiskit 2 fails to turn some of the gates around."""
    from qiskit import transpile
    from qiskit.transpiler import TranspilerError

    from qmlplay.backends.qiskit import placement

    def failing(circuit, **settings):
        if "initial_layout" in settings:
            raise TranspilerError("no rules are known")
        return transpile(circuit, **settings)

    backend = get_backend("qiskit", noise="fake_manila")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(placement, "transpile", failing)
        with pytest.raises(
            ValueError, match=r"cannot put this circuit on 'fake_manila' \(.*no rule"
        ):
            backend.probabilities(Circuit(1, (Gate("t", (0,)), Gate("y", (0,)))), [])


def test_a_missing_package_says_what_to_install(monkeypatch):
    from qmlplay.backends.qiskit.fake_device import fake_device

    fake_device.cache_clear()
    for loaded in {key for key in sys.modules if key.split(".")[0] == "qiskit_ibm_runtime"}:
        monkeypatch.setitem(sys.modules, loaded, None)
    message = r'noise=\'fake_manila\' needs .*: pip install "qmlplay\[ibm\]"'
    with pytest.raises(ImportError, match=message):
        get_backend("qiskit", noise="fake_manila")
