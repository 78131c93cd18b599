"""The plan of an export against the simulator, read by an independent slow reader."""

import sys

import numpy as np
import pytest
from export_evaluation import decisions
from export_models import ANSATZE, ENCODINGS, random_model, trained
from sklearn.exceptions import NotFittedError

from qmlplay import Operation, QuantumKernelClassifier, VariationalClassifier, Weight
from qmlplay.circuit import GATES, Feature, ParametricCircuit, PauliSum, WeightedFeature
from qmlplay.circuit.gate_types import rotation
from qmlplay.circuit.matrices import pauli_matrix
from qmlplay.export import (
    CircuitForm,
    ExportPlan,
    FourierForm,
    RowMoves,
    expectation_groups,
    register_converters,
    to_onnx,
)
from qmlplay.model import InputScaling, Readout, TrainedModel


def agrees(plan, model, X):
    expected = model.decisions(X, "numpy")
    np.testing.assert_allclose(decisions(plan.to_dict(), X), expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize("ansatz", ANSATZE)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_plan_computes_what_the_simulator_does(encoding, ansatz):
    rng = np.random.default_rng(0)
    clf, X = trained(rng, n_classes=3, encoding=encoding, ansatz=ansatz)
    agrees(ExportPlan.of(clf.model_, "circuit"), clf.model_, X[:3])


@pytest.mark.parametrize("seed", range(20))
def test_every_gate_and_formula(seed):
    model = random_model(seed)
    X = 3 * np.random.default_rng(seed).normal(size=(3, 2))
    agrees(ExportPlan.of(model, "circuit"), model, X)
    agrees(ExportPlan.of(model), model, X)


@pytest.mark.slow
@pytest.mark.parametrize("n_qubits", [6, 7, 10])
@pytest.mark.parametrize("encoding", ["angle", "zz"])
def test_windows_of_larger_circuits(encoding, n_qubits):
    rng = np.random.default_rng(1)
    clf, X = trained(rng, 2, n_layers=1, n_qubits=n_qubits, encoding=encoding)
    agrees(ExportPlan.of(clf.model_), clf.model_, X[:1])


def test_groups_of_pauli_strings_add_up_to_expectations():
    rng = np.random.default_rng(2)
    state = rng.normal(size=8) + 1j * rng.normal(size=8)
    observables = ("XYZ", "IYI", "YYX", PauliSum.from_dict({"ZZI": 0.5, "YXY": -2.0, "III": 1.0}))
    expected = [
        sum(c * (state.conj() @ pauli_matrix(string) @ state).real for string, c in terms)
        for terms in (getattr(o, "terms", ((o, 1.0),)) for o in observables)
    ]
    total = np.zeros(4)
    for group in expectation_groups(observables, 3):
        products = state.conj() * state[np.arange(8) ^ group.mask]
        total += (products.imag if group.is_imaginary else products.real) @ group.weights
    np.testing.assert_allclose(total, expected, rtol=0, atol=1e-13)


def test_moves_of_rows_one_after_the_other():
    rng = np.random.default_rng(3)
    state = rng.normal(size=4) + 1j * rng.normal(size=4)
    first, second = (
        RowMoves(rng.permutation(4), np.exp(1j * rng.normal(size=4))) for _ in range(2)
    )
    both = second.after(first).apply(state)
    np.testing.assert_allclose(both, second.apply(first.apply(state)), rtol=0, atol=1e-15)


class TestFourierForm:
    @pytest.mark.parametrize("form", ["circuit", "fourier"])
    def test_own_gates(self, form, monkeypatch):
        turn = rotation("fast", (1.5, "X"))  # three turns where the others make one
        monkeypatch.setitem(GATES, "fast", turn)
        turns = [Operation("fast", 0, Feature(0)), Operation("rx", 0, Feature(0, 0.25))]
        circuit = ParametricCircuit.from_operations(1, turns, 1)
        model = TrainedModel(
            circuit, ("Z",), InputScaling.identity(1), np.zeros(0), READOUT, np.arange(2)
        )
        X = np.array([[0.3], [2.0]])
        expected = 2 * np.cos(3.25 * X) + 0.5
        found = decisions(ExportPlan.of(model, form).to_dict(), X)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)

    @pytest.mark.parametrize("encoding", ["angle", "dense", "zz", "reuploading"])
    def test_agrees(self, encoding):
        clf, X = trained(np.random.default_rng(3), 2, n_layers=1, encoding=encoding)
        plan = ExportPlan.of(clf.model_, "fourier")
        assert isinstance(plan.form, FourierForm)
        agrees(plan, clf.model_, X[:5])

    def test_a_turn_that_is_trained_has_frequencies_that_are_no_whole_numbers(self):
        model = one_qubit(WeightedFeature(0, 0), np.array([np.sqrt(2)]))
        plan = ExportPlan.of(model, "fourier")
        (frequency,) = plan.form.frequencies[plan.form.frequencies.any(axis=1)]
        assert frequency == pytest.approx([np.sqrt(2)], abs=1e-15)  # cos(√2·x) has no other

    def test_scales_of_one_feature_share_a_turn(self):
        turns = [Operation("ry", 0, Feature(0, scale)) for scale in (1.0, 3.0, 1.5)]
        circuit = ParametricCircuit.from_operations(1, turns, 1)
        model = TrainedModel(
            circuit, ("Z",), InputScaling.identity(1), np.zeros(0), READOUT, np.arange(2)
        )
        form = ExportPlan.of(model, "fourier").form
        assert form.frequencies.ravel().tolist() == [0.0, 5.5]  # 0 is kept, though it is empty
        assert form.cosines.ravel() == pytest.approx([0.0, 1.0], abs=1e-14)

    def test_is_taken_where_it_is_shorter(self):
        rng = np.random.default_rng(4)
        short, _ = trained(rng, 1, n_layers=1, encoding="angle", trainable_scaling=False)
        long, _ = trained(rng, 4, n_layers=3, encoding="angle")
        assert isinstance(ExportPlan.of(short.model_).form, FourierForm)
        assert isinstance(ExportPlan.of(long.model_).form, CircuitForm)


READOUT = Readout(np.array([[2.0]]), np.array([0.5]))


def one_qubit(formula, weights=()):
    circuit = ParametricCircuit.from_operations(1, [Operation("ry", 0, formula)], n_features=1)
    return TrainedModel(
        circuit, ("Z",), InputScaling.identity(1), np.array(weights), READOUT, np.arange(2)
    )


@pytest.mark.parametrize("formula", [Weight(0), WeightedFeature(0, 0)])
def test_circuits_that_read_nothing(formula):
    model = one_qubit(formula, [0.0])
    agrees(ExportPlan.of(model), model, np.array([[0.3], [5.0]]))
    with pytest.raises(ValueError, match='or it reads none: export it with form="circuit"'):
        ExportPlan.of(model, "fourier")


class TestRefusals:
    def test_too_many_qubits(self):
        clf, _ = trained(np.random.default_rng(0), n_qubits=11, n_layers=1)
        with pytest.raises(ValueError, match=r"has 11 qubits, and models of at most 10 are exp"):
            ExportPlan.of(clf.model_)

    def test_amplitudes_in_the_middle(self):
        clf, _ = trained(np.random.default_rng(0), encoding="amplitude", reupload=True)
        with pytest.raises(ValueError, match="encoding='amplitude' and reupload=False"):
            ExportPlan.of(clf.model_)

    def test_amplitudes_have_no_frequencies(self):
        clf, _ = trained(np.random.default_rng(0), encoding="amplitude")
        with pytest.raises(ValueError, match=r'its features are amplitudes .* form="circuit"'):
            ExportPlan.of(clf.model_, "fourier")

    def test_too_many_terms(self):
        clf, _ = trained(np.random.default_rng(0), 7)
        with pytest.raises(ValueError, match=r'too many \(at most 4096 terms\): .*form="circuit"'):
            ExportPlan.of(clf.model_, "fourier")

    def test_forms(self):
        with pytest.raises(ValueError, match="unknown form 'taylor'"):
            ExportPlan.of(one_qubit(Feature(0)), "taylor")

    def test_kernels(self):
        kernel = QuantumKernelClassifier().fit([[0.0], [1.0]], ["a", "b"])
        with pytest.raises(TypeError, match="a circuit for each of their training samples"):
            to_onnx(kernel)
        with pytest.raises(TypeError, match="is the model_ of a fitted VariationalClassifier"):
            ExportPlan.of(kernel.model_)

    def test_unfitted(self):
        with pytest.raises(NotFittedError):
            VariationalClassifier().to_onnx()


class TestWithoutTheLibraries:
    def test_onnx(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "onnx", None)
        clf, _ = trained(np.random.default_rng(0))
        with pytest.raises(ImportError, match=r'needs ONNX: pip install "qmlplay\[onnx\]"'):
            clf.to_onnx()

    def test_skl2onnx(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "skl2onnx", None)
        with pytest.raises(ImportError, match=r'needs skl2onnx: pip install "qmlplay\[onnx\]"'):
            register_converters()
