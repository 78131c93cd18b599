"""Estimators of Qiskit as backends: the same numbers, and no machine that bills."""

import pickle
import warnings
from copy import deepcopy

import numpy as np
import pytest
from qiskit.primitives import (
    BackendEstimatorV2,
    BaseEstimatorV2,
    StatevectorEstimator,
    StatevectorSampler,
)
from qiskit_aer import AerSimulator
from qiskit_aer.primitives import EstimatorV2 as AerEstimator
from qiskit_ibm_runtime import IBMBackend
from qiskit_ibm_runtime.executor_estimator import Estimator as RuntimeEstimator
from qiskit_ibm_runtime.fake_provider import FakeManilaV2
from sklearn.base import clone

from qmlplay import VariationalClassifier, get_backend, load_dataset, load_model
from qmlplay.backends.qiskit.estimator_backend import EstimatorBackend
from qmlplay.backends.testing import (
    check_contract,
    check_cotangents,
    check_expectations,
    check_gradients,
    check_vjp,
    gate_cases,
    random_observables,
)
from qmlplay.circuit import GATES, Circuit, Gate
from qmlplay.errors import ModelFileWarning

pytestmark = pytest.mark.backend("qiskit")
DATA = load_dataset("moons", n_samples=12, random_state=0)
EXACT = {"qiskit": StatevectorEstimator, "aer": AerEstimator}
SAMPLED = {
    "statevector": lambda: StatevectorEstimator(default_precision=1 / 64, seed=1),
    "backend": lambda: BackendEstimatorV2(
        backend=AerSimulator(), options={"seed_simulator": 1, "default_precision": 1 / 64}
    ),
    "runtime, locally": lambda: RuntimeEstimator(
        mode=AerSimulator(), options={"simulator": {"seed_simulator": 1}}
    ),
}


class Recording(BaseEstimatorV2):
    """An estimator that writes down what it is asked."""

    def __init__(self):
        self.asked = []

    def run(self, pubs, *, precision=None):
        self.asked.append((list(pubs), precision))
        return StatevectorEstimator(seed=0).run(pubs, precision=precision)


class OnBackend(Recording):
    """One that says where it runs, as IBM's client does."""

    def __init__(self, backend):
        super().__init__()
        self.where = backend

    def backend(self):
        return self.where


@pytest.mark.parametrize("check", [check_expectations, check_contract])
def test_conformance(check):
    check(EstimatorBackend(StatevectorEstimator()))


@pytest.mark.slow
def test_conformance_of_gradients():
    check_gradients(EstimatorBackend(AerEstimator()))


@pytest.mark.slow
@pytest.mark.parametrize("check", [check_vjp, check_cotangents])
def test_conformance_of_pullbacks(check):
    check(EstimatorBackend(AerEstimator()))


@pytest.mark.parametrize("kind", EXACT)
@pytest.mark.parametrize("name", GATES)
def test_every_gate(kind, name):
    backend, numpy = EstimatorBackend(EXACT[kind]()), get_backend("numpy")
    for case in gate_cases(name, max_qubits=3):
        arguments = (case.circuit, case.angles, case.observables)
        np.testing.assert_allclose(
            backend.expectations(*arguments), numpy.expectations(*arguments), atol=1e-10
        )


def turns(n_samples):
    gates = (Gate("ry", (0,), 0), Gate("ry", (1,), 1), Gate("cx", (0, 1)), Gate("crx", (1, 2), 2))
    angles = [np.linspace(-2, 2, n_samples), 0.7, np.linspace(1, 3, n_samples)]
    return Circuit(3, gates), angles


def test_all_samples_and_observables_go_in_one_pub():
    estimator = Recording()
    circuit, angles = turns(30)
    EstimatorBackend(estimator, shots=2500).expectations(circuit, angles, ["ZII", "IXY", "IIZ"])
    ((pubs, precision),) = estimator.asked
    assert len(pubs) == 1
    assert precision == 0.02
    _, observables, parameters = pubs[0]
    assert len(observables) == 3
    assert [values.shape for values in parameters.values()] == [(30, 3)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", SAMPLED)
def test_sampled_expectations_and_their_errors(kind):
    backend = EstimatorBackend(SAMPLED[kind]())
    circuit, angles = turns(20)
    observables = random_observables(3, 4, np.random.default_rng(5))
    exact = get_backend("numpy").expectations(circuit, angles, observables)
    values, errors = backend.expectations(circuit, angles, observables, return_std=True)
    assert errors.shape == values.shape == (20, 4)
    assert 0.5 / 64 < np.median(errors) < 1.1 / 64
    assert 1e-6 < np.abs(values - exact).max() < 5 / 64
    assert np.sqrt(np.mean(((values - exact) * 64) ** 2)) == pytest.approx(0.9, abs=0.35)


def test_shots_are_those_of_the_precision():
    assert EstimatorBackend(StatevectorEstimator()).shots is None
    assert EstimatorBackend(AerEstimator()).shots is None
    assert EstimatorBackend(SAMPLED["backend"]()).shots == 4096
    assert EstimatorBackend(StatevectorEstimator(default_precision=0.1)).shots == 100
    assert EstimatorBackend(StatevectorEstimator(default_precision=0.1), shots=9).shots == 9
    with pytest.raises(ValueError, match="shots must be a positive integer"):
        EstimatorBackend(StatevectorEstimator(), shots=0)


def test_sums_of_strings_and_circuits_without_slots():
    backend, numpy = EstimatorBackend(StatevectorEstimator()), get_backend("numpy")
    circuit, angles = turns(3)
    sums = [{"ZII": 0.5, "IXY": -2.0}, "IIZ"]
    np.testing.assert_allclose(
        backend.expectations(circuit, angles, sums),
        numpy.expectations(circuit, angles, sums),
        atol=1e-12,
    )
    np.testing.assert_array_equal(backend.expectations(Circuit(2, ()), [], ["ZI", "II"]), [[1, 1]])


def test_circuits_are_compiled_for_the_backend_that_is_named():
    """The last qubit of five: a layout that is not undone would show."""
    circuit = Circuit(2, (Gate("ry", (0,), 0), Gate("cx", (0, 1)), Gate("rxx", (1, 0), 1)))
    angles = [np.array([0.3, 1.1]), 0.4]
    device = FakeManilaV2()
    estimator = OnBackend(device)
    values = EstimatorBackend(estimator).expectations(circuit, angles, ["ZI", "IZ", "YX"])
    exact = get_backend("numpy").expectations(circuit, angles, ["ZI", "IZ", "YX"])
    np.testing.assert_allclose(values, exact, atol=1e-10)
    native = estimator.asked[0][0][0][0]
    assert native.num_qubits == 5
    assert set(native.count_ops()) <= set(device.operation_names)
    noisy = EstimatorBackend(BackendEstimatorV2(backend=device, options={"seed_simulator": 1}))
    found = noisy.expectations(circuit, angles, ["ZI", "IZ", "YX"])
    assert 0.001 < np.abs(found - exact).max() < 0.2


@pytest.mark.parametrize(("optimizer", "method"), [("adam", "parameter_shift"), ("spsa", None)])
def test_training_is_that_of_another_backend(optimizer, method):
    settings = {"n_layers": 1, "max_iter": 2, "optimizer": optimizer, "random_state": 0}
    backend = EstimatorBackend(StatevectorEstimator())
    found = VariationalClassifier(backend, **settings).fit(DATA.X, DATA.y)
    exact = VariationalClassifier("numpy", **settings).fit(DATA.X, DATA.y)
    assert found.gradient_method_ == method
    np.testing.assert_allclose(found.weights_, exact.weights_, atol=1e-10)


def test_gradients_by_spsa():
    clf = VariationalClassifier(
        EstimatorBackend(StatevectorEstimator(), shots=1000),
        n_layers=1,
        max_iter=2,
        gradient_method="spsa",
        random_state=0,
    ).fit(DATA.X, DATA.y)
    assert clf.gradient_method_ == "spsa"
    assert clf.training_cost_.shots == 1000


def test_files_name_it_and_take_it_back(tmp_path):
    backend = EstimatorBackend(StatevectorEstimator())
    clf = VariationalClassifier(backend, n_layers=1, max_iter=1).fit(DATA.X, DATA.y)
    clf.save(tmp_path / "model.qmlplay")
    with pytest.warns(ModelFileWarning, match="EstimatorBackend.*load_model.path, backend="):
        load_model(tmp_path / "model.qmlplay")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = load_model(tmp_path / "model.qmlplay", backend=backend)
    np.testing.assert_allclose(
        again.decision_function(DATA.X), clf.decision_function(DATA.X), atol=1e-12
    )


def test_copies_share_the_estimator():
    backend = EstimatorBackend(Recording(), shots=7)
    copied = clone(VariationalClassifier(backend)).backend
    assert copied is not backend
    assert copied.estimator is backend.estimator is deepcopy(backend).estimator
    assert pickle.loads(pickle.dumps(backend)).shots == 7
    assert repr(backend) == "EstimatorBackend(Recording(), shots=7)"


def test_it_has_no_states():
    backend = EstimatorBackend(StatevectorEstimator())
    with pytest.raises(NotImplementedError, match="simulates no states"):
        backend.probabilities(Circuit(1, ()), [])
    with pytest.raises(ValueError, match="no exact states"):
        backend.statevector(Circuit(1, ()), [])
    with pytest.raises(ValueError, match="gradient_method='adjoint' needs exact states"):
        VariationalClassifier(backend, gradient_method="adjoint").fit(DATA.X, DATA.y)


@pytest.mark.parametrize("given", [3, "aer", StatevectorEstimator, StatevectorSampler()])
def test_something_else_is_refused(given):
    with pytest.raises(TypeError, match="an estimator of Qiskit, a BaseEstimatorV2, is needed"):
        EstimatorBackend(given)


def test_a_machine_of_ibm_is_refused_before_anything_is_asked():
    machine = object.__new__(IBMBackend)
    with pytest.raises(ValueError, match=r"would be billed: .*qmlplay\.ibm\.submit"):
        EstimatorBackend(OnBackend(machine))
    estimator = OnBackend(FakeManilaV2())
    backend = EstimatorBackend(estimator)
    estimator.where = machine  # later
    with pytest.raises(ValueError, match="would be billed"):
        backend.expectations(Circuit(1, ()), [], ["Z"])
    assert estimator.asked == []
