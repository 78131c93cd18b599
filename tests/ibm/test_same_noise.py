"""One fake device for both: `noise="fake_…"` and `qmlplay.ibm` give the same distribution."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("qiskit_ibm_runtime")

from ibm_helpers import OBSERVABLES, asymmetric, plan_of
from scipy.stats import chi2

from qmlplay import VariationalClassifier, get_backend, ibm
from qmlplay.backends.qiskit.fake_device import fake_device, noisy_simulator
from qmlplay.backends.testing import random_circuit
from qmlplay.circuit import Circuit, Gate

DEVICES = pytest.mark.parametrize(
    "device", ["fake_manila", "fake_guadalupe", pytest.param("fake_torino", marks=pytest.mark.slow)]
)
#: A turn into the basis of a measurement, as the client's Estimator adds it where there is none.
IDENTITY = [("rz", np.pi / 2), ("sx", None), ("rz", np.pi), ("sx", None), ("rz", -3 * np.pi / 2)]


def ring():
    """Return four qubits in a ring, which no device has: it takes swaps."""
    gates = [Gate("ry", (q,), slot=q) for q in range(4)]
    gates += [Gate("cx", (q, (q + 1) % 4)) for q in range(4)]
    return Circuit(4, (*gates, Gate("rx", (2,), slot=4), Gate("rz", (1,), slot=5)))


CIRCUITS = {
    "asymmetric": (asymmetric(), OBSERVABLES),
    "ring": (ring(), ("ZIII", "IIZI", "XYII", "ZZZZ")),
    "random": (random_circuit(3, 30, np.random.default_rng(4)), OBSERVABLES),
}
EACH = pytest.mark.parametrize(("circuit", "observables"), CIRCUITS.values(), ids=CIRCUITS)


def angles_for(circuit, seed=0):
    """Return angles of 5 samples, one of which all of them share."""
    angles = np.random.default_rng(seed).uniform(-3, 3, (5, circuit.n_slots))
    angles[:, circuit.n_slots // 2] = 0.7
    return angles


def exact_noisy(circuit, angles, observables, device):
    """Return what `noise="fake_…"` says without shots, (n_samples, n_observables)."""
    backend = get_backend("qiskit", noise=device)
    return backend.expectations(circuit, list(angles.T), list(observables))


def planned(plan, *, turned=False):
    """Return the expectations of a plan's circuit by Aer's density matrices, readout included.

    With `turned`, every qubit is turned into its basis as the client's Estimator does it.
    """
    (request,) = plan.requests(["tag"], 10_000)
    small = request.circuit.reduced()
    native, observables, values = small.pub(request.observables, request.angles)
    if turned:
        for name, angle in IDENTITY:
            for qubit in small.layout:
                getattr(native, name)(*([] if angle is None else [angle]), qubit)
    simulator = noisy_simulator(plan.snapshot)
    simulator.set_options(method="density_matrix")
    rows = []
    for row in values:
        bound = native.assign_parameters(row)
        for number, (observable,) in enumerate(observables):
            bound.save_expectation_value(observable, range(native.num_qubits), label=str(number))
        data = simulator.run(bound).result().data(0)
        rows.append([data[str(number)] for number in range(len(observables))])
    misread = {g.qubits[0]: g.error for g in plan.snapshot.gates if g.name == "measure"}
    kept = [1 - 2 * misread[qubit] for qubit in small.layout]
    factors = [
        np.prod([k for k, c in zip(kept, o, strict=True) if c != "I"])
        for o in plan.model.observables
    ]
    return np.array(rows) * factors


@pytest.mark.slow
@DEVICES
@EACH
def test_the_circuit_its_place_and_its_errors_are_the_same(circuit, observables, device):
    angles = angles_for(circuit)
    plan = plan_of(circuit, angles, observables, device)
    assert plan.device_circuit.layout == fake_device(device).place(circuit).qubits
    expected = exact_noisy(circuit, angles, observables, device)
    # Aer's own rounding, where gates of a large device have many errors, is about 1e-8.
    tolerance = 2e-8 if device == "fake_torino" else 1e-12
    np.testing.assert_allclose(planned(plan), expected, rtol=0, atol=tolerance)


@pytest.mark.slow
@EACH
def test_what_the_estimator_adds_is_small_and_known(circuit, observables):
    plan = plan_of(circuit, angles_for(circuit), observables)
    added = np.abs(planned(plan, turned=True) - planned(plan)).max()
    assert 1e-5 < added < 3e-3


@pytest.mark.parametrize(
    ("circuit", "observables"),
    [
        pytest.param(*case, id=name, marks=[] if name == "asymmetric" else [pytest.mark.slow])
        for name, case in CIRCUITS.items()
    ],
)
def test_measured_values_are_those_of_the_densities(circuit, observables):
    """z-scores of both ways to measure, held against the exact densities."""
    shots, angles = 20_000, angles_for(circuit)
    expected = exact_noisy(circuit, angles, observables, "fake_manila")
    errors = np.sqrt((1 - expected**2) / shots)
    here, there = [], []
    for seed in range(4):
        plan = plan_of(circuit, angles, observables, shots=shots, seed=seed)
        run = ibm.submit(plan, max_qpu_seconds=10_000)
        there.append((run.result(120).expectations - expected) / errors)
        backend = get_backend("qiskit", noise="fake_manila", shots=shots, seed=seed)
        here.append(
            (backend.expectations(circuit, list(angles.T), observables) - expected) / errors
        )
    for scores in (np.array(here), np.array(there)):
        assert np.abs(scores).max() < 4.5
        # Observables of one sample share shots: the first ones alone are independent.
        squares = float(np.sum(scores[:, :, 0] ** 2))
        assert 1e-3 < chi2.sf(squares, scores[:, :, 0].size) < 1 - 1e-3


def test_the_seed_does_not_move_the_circuit():
    layouts = {
        plan_of(
            ring(), angles_for(ring()), ("ZIII",), "fake_guadalupe", seed=seed
        ).device_circuit.layout
        for seed in range(3)
    }
    assert len(layouts) == 1


def test_a_model_on_its_simulator_and_on_its_device(model, data):
    exact = model.model_.expectations(data.X, get_backend("qiskit", noise="fake_manila"))
    plan = ibm.plan(model, data.X, device="fake_manila", seed=1)
    np.testing.assert_allclose(planned(plan), exact, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("device", "words"),
    [
        ("fake_armonk", r"fake_armonk has 1 qubits, but the model needs 2; devices that fit"),
        pytest.param(
            "fake_kyoto",
            r"cannot put this circuit on 'fake_kyoto' .*take another",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "fake_cairo",
            r"cannot put this circuit on 'fake_cairo' .*take another",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_devices_that_cannot(data, device, words):
    plain = {"encoding": "angle", "ansatz": "hardware_efficient", "n_layers": 2}
    model = VariationalClassifier(**plain, max_iter=1, random_state=0).fit(data.X, data.y)
    with pytest.raises(ValueError, match=words):
        ibm.plan(model, data.X, device=device)
