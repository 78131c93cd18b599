"""Models as ONNX against the simulator, run by onnxruntime and by ONNX's own reference."""

import json

import numpy as np
import pytest
from export_models import ANSATZE, ENCODINGS, random_model, trained
from scipy.special import expit

from qmlplay import VariationalClassifier, VariationalRegressor, get_backend, load_dataset
from qmlplay.circuit import Feature, Operation, ParametricCircuit
from qmlplay.export import ExportPlan, to_onnx
from qmlplay.model import InputScaling, Readout, TrainedModel

pytestmark = pytest.mark.needs("onnx", "onnxruntime")

#: How far results may be from the simulator's, as the documentation promises.
CLOSE = {"float32": 1e-5, "float64": 1e-10}
PRECISIONS = pytest.mark.parametrize("dtype", CLOSE)
#: Operators that onnxruntime 1.20 has for double precision, too (not Cos or Atan).
OPERATORS = {
    *("Abs", "Add", "ArgMax", "Cast", "Concat", "Div", "Gather", "Identity", "MatMul"),
    *("Max", "Min", "Mul", "Pad", "ReduceSum", "Reshape", "Sigmoid", "Sin", "Softmax", "Split"),
    *("Sqrt", "Sub", "Sum", "Transpose"),
}


def run(model, X):
    """Return what onnxruntime computes."""
    import onnxruntime

    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    is_single = session.get_inputs()[0].type == "tensor(float)"
    return session.run(None, {"X": np.asarray(X, dtype=np.float32 if is_single else np.float64)})


def agrees(clf, X, dtype, **parameters):
    """Check labels and probabilities, for the same X in the simulator."""
    labels, probabilities = run(clf.to_onnx(dtype=dtype, **parameters), X)
    same = np.asarray(X).astype(dtype).astype(float)
    expected = clf.predict_proba(same)
    assert probabilities.dtype == dtype
    np.testing.assert_allclose(probabilities, expected, rtol=0, atol=CLOSE[dtype])
    is_sure = np.ptp(np.sort(expected)[:, -2:], axis=1) > 1e-4
    assert labels[is_sure].tolist() == clf.predict(same)[is_sure].tolist()


@PRECISIONS
@pytest.mark.parametrize("ansatz", ANSATZE)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_and_ansatz(encoding, ansatz, dtype):
    parameters = {"n_layers": 4, "encoding": encoding, "ansatz": ansatz}
    clf, X = trained(np.random.default_rng(0), n_classes=3, **parameters)
    agrees(clf, X, dtype, form="circuit")


@PRECISIONS
@pytest.mark.parametrize("seed", range(25))
def test_every_gate_and_formula(seed, dtype):
    model = random_model(seed)
    X = (3 * np.random.default_rng(seed).normal(size=(10, 2))).astype(dtype)
    clf = VariationalClassifier(max_iter=1).fit(X, np.arange(10) % len(model.classes))
    clf.model_ = model
    _, probabilities = run(to_onnx(clf, dtype=dtype), X)
    expected = model.probabilities(X, "numpy")
    np.testing.assert_allclose(probabilities, expected, rtol=0, atol=CLOSE[dtype])


def test_closed_form():
    circuit = ParametricCircuit.from_operations(1, [Operation("ry", 0, Feature(0))], 1)
    readout = Readout(np.array([[2.0]]), np.array([0.5]))
    clf = VariationalClassifier(max_iter=1).fit([[0.0], [1.0]], ["a", "b"])
    clf.model_ = TrainedModel(
        circuit, ("Z",), InputScaling.identity(1), np.zeros(0), readout, np.array(["a", "b"])
    )
    X = np.linspace(-3, 3, 7)[:, None]
    for form in ("circuit", "fourier"):
        labels, probabilities = run(clf.to_onnx(dtype="float64", form=form), X)
        expected = expit(2 * np.cos(X[:, 0]) + 0.5)
        np.testing.assert_allclose(probabilities[:, 1], expected, rtol=0, atol=1e-15)
        assert labels.tolist() == np.where(expected > 0.5, "b", "a").tolist()


@PRECISIONS
@pytest.mark.parametrize("n_qubits", [5, 6, 9, 10])
@pytest.mark.parametrize("encoding", ["angle", "iqp", "amplitude"])
def test_larger_circuits(encoding, n_qubits, dtype):
    parameters = {"n_layers": 2, "n_qubits": n_qubits, "encoding": encoding}
    clf, X = trained(np.random.default_rng(1), n_qubits, **parameters)
    agrees(clf, X, dtype)


@PRECISIONS
@pytest.mark.parametrize("encoding", ["angle", "dense", "zz"])
def test_the_fourier_form(encoding, dtype):
    clf, X = trained(np.random.default_rng(2), 2, 3, n_layers=1, encoding=encoding)
    agrees(clf, X, dtype, form="fourier")


@PRECISIONS
@pytest.mark.parametrize("steepness", [1, 30, 1000])
def test_steep_readouts_and_long_circuits(steepness, dtype):
    clf, X = trained(np.random.default_rng(3), 4, n_layers=20)
    numbers = clf.model_.numbers.copy()
    numbers[clf.model_.circuit.n_weights :] *= steepness
    steep = clf.with_model(clf.model_.with_numbers(numbers))
    for row in X.astype(dtype).astype(float)[:8]:
        numbers[-1] -= steep.decision_function([row])[0]  # where the slope is the largest
        steep = clf.with_model(clf.model_.with_numbers(numbers))
        agrees(steep, [row], dtype)


@PRECISIONS
class TestRegressors:
    @pytest.mark.parametrize("n_targets", [0, 1, 2])
    def test_any_number_of_targets(self, n_targets, dtype):
        X, y = regression_data(n_targets)
        reg = VariationalRegressor(max_iter=3, random_state=0).fit(X, y)
        (values,) = run(reg.to_onnx(dtype=dtype), X)
        assert values.shape == (len(X), max(n_targets, 1))
        expected = reg.predict(X.astype(dtype)).reshape(values.shape)
        scale = reg.model_.target_scaling.scale.max()
        np.testing.assert_allclose(values / scale, expected / scale, rtol=0, atol=CLOSE[dtype])

    def test_raw_scores_are_for_classifiers(self, dtype):
        reg = VariationalRegressor(max_iter=1).fit(*regression_data(0))
        with pytest.raises(ValueError, match="a regressor has no probabilities"):
            reg.to_onnx(dtype=dtype, raw_scores=True)


def regression_data(n_targets):
    data = load_dataset("fourier", n_samples=40, random_state=0)
    y = 3 + 7 * data.y
    return data.X, np.column_stack([y, -y][:n_targets]) if n_targets else y


def test_numbers_that_single_precision_does_not_hold():
    X, y = regression_data(0)
    reg = VariationalRegressor(max_iter=1, random_state=0).fit(X, 1e200 * y)
    with pytest.raises(ValueError, match=r'float32 holds numbers up to 3e.38: .*dtype="float64"'):
        reg.to_onnx()
    (values,) = run(reg.to_onnx(dtype="float64"), X)
    np.testing.assert_allclose(values[:, 0], reg.predict(X), rtol=1e-10)


@pytest.fixture(scope="module")
def holding():
    data = load_dataset("moons", n_samples=60, random_state=0)
    X = data.X.copy()
    X[0] = 1e6  # held at a limit
    return VariationalClassifier(max_iter=5, random_state=0).fit(X, data.y)


class TestInputs:
    @PRECISIONS
    @pytest.mark.parametrize("far", [1.0, 1e3, 1e6, 1e30])
    def test_outliers_are_held(self, holding, far, dtype):
        assert holding.scaling_.holds
        agrees(holding, far * np.random.default_rng(0).normal(size=(30, 2)), dtype)

    @PRECISIONS
    @pytest.mark.parametrize("form", ["circuit", "fourier"])
    def test_far_away(self, form, dtype):
        clf, X = trained(np.random.default_rng(3), 2, n_layers=2, encoding="angle")
        assert not clf.scaling_.holds
        agrees(clf, 1e4 * X, dtype, form=form)

    @pytest.mark.parametrize("far", [1e17, np.inf])
    def test_farther_than_angles_are_resolved(self, far):
        clf, _ = trained(np.random.default_rng(3), 2, encoding="angle")
        _, probabilities = run(clf.to_onnx(dtype="float64"), [[far, -far]])
        assert 0 < probabilities.min() < probabilities.max() < 1
        assert probabilities.sum() == pytest.approx(1)

    def test_infinity_is_held(self, holding):
        _, probabilities = run(holding.to_onnx(), [[np.inf, -np.inf], [1e30, -1e30]])
        assert np.isfinite(probabilities).all()
        assert probabilities[0].tolist() == probabilities[1].tolist()

    @pytest.mark.parametrize("form", ["circuit", "fourier"])
    def test_nan_stays_in_its_row(self, form):
        clf, X = trained(np.random.default_rng(3), 2, n_layers=1, encoding="angle")
        X[1, 0] = np.nan
        _, probabilities = run(clf.to_onnx(form=form), X)
        assert np.isnan(probabilities).all(axis=1).tolist() == [i == 1 for i in range(len(X))]

    def test_zeros_are_no_amplitudes(self):
        clf, _ = trained(np.random.default_rng(3), encoding="amplitude")
        _, probabilities = run(clf.to_onnx(), [[0, 0, 0], [0, 0, 1e-30]])
        assert np.isnan(probabilities).all(axis=1).tolist() == [True, False]

    @PRECISIONS
    @pytest.mark.parametrize("n_qubits", [2, 6])
    def test_any_number_of_rows(self, n_qubits, dtype):
        clf, _ = trained(np.random.default_rng(4), 2, n_qubits=n_qubits, n_layers=1)
        labels, probabilities = run(clf.to_onnx(dtype=dtype), np.zeros((0, 2)))
        assert (labels.shape, probabilities.shape) == ((0,), (0, 2))
        for n_rows in (1, 10_000):
            agrees(clf, np.random.default_rng(5).normal(size=(n_rows, 2)), dtype)


class TestOutputs:
    @pytest.mark.parametrize(
        ("labels", "expected"),
        [
            (["no", "yes"], ["no", "yes"]),
            (["ü", "日本"], ["ü", "日本"]),
            ([-3, 7], [-3, 7]),
            (np.array([1, 2], dtype=np.uint8), [1, 2]),
            ([False, True], [0, 1]),
            ([1.0, 2.0], [1, 2]),
        ],
    )
    def test_labels(self, labels, expected):
        X = np.linspace(0, 1, 20)[:, None]
        y = np.array(labels)[(X[:, 0] > 0.5).astype(int)]
        clf = VariationalClassifier(max_iter=20, random_state=0).fit(X, y)
        model = clf.to_onnx()
        came, _ = run(model, X)
        assert set(came.tolist()) == set(expected)
        assert came.tolist() == [expected[list(labels).index(label)] for label in clf.predict(X)]
        properties = {entry.key: entry.value for entry in model.metadata_props}
        assert json.loads(properties["classes"]) == expected

    @pytest.mark.parametrize("n_classes", [2, 3])
    def test_raw_scores(self, n_classes):
        clf, X = trained(np.random.default_rng(6), n_classes=n_classes)
        _, scores = run(clf.to_onnx(dtype="float64", raw_scores=True), X)
        expected = clf.decision_function(X)
        if n_classes == 2:  # as skl2onnx has it
            expected = np.column_stack([-expected, expected])
        np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-10)

    def test_shots_and_noise_are_not_exported(self):
        clf, X = trained(np.random.default_rng(7))
        noisy = clf.with_backend(get_backend("numpy", shots=10, seed=0))
        assert noisy.to_onnx() == clf.to_onnx()
        agrees(clf, X, "float32")


class TestFile:
    @PRECISIONS
    @pytest.mark.parametrize("encoding", ["angle", "zz", "amplitude"])
    def test_the_reference_implementation_agrees(self, encoding, dtype):
        from onnx.reference import ReferenceEvaluator

        clf, X = trained(np.random.default_rng(8), 6, n_qubits=6, encoding=encoding)
        model = clf.to_onnx(dtype=dtype)
        _, probabilities = ReferenceEvaluator(model).run(None, {"X": X.astype(dtype)})
        expected = clf.predict_proba(X.astype(dtype))
        np.testing.assert_allclose(probabilities, expected, rtol=0, atol=CLOSE[dtype])

    def test_only_operators_that_are_everywhere(self):
        models = [random_model(seed) for seed in range(10)]
        for encoding in ENCODINGS:
            models.append(trained(np.random.default_rng(0), encoding=encoding)[0].model_)
        clf = VariationalClassifier(max_iter=1).fit([[0.0, 1.0], [1.0, 0.0]], [0, 1])
        used = set()
        for model in models:
            clf.model_ = model
            exported = to_onnx(clf)
            assert [(entry.domain, entry.version) for entry in exported.opset_import] == [("", 13)]
            used |= {node.op_type for node in exported.graph.node}
        assert used <= OPERATORS

    def test_says_what_it_is(self):
        clf, _ = trained(np.random.default_rng(9), n_qubits=3)
        model = clf.to_onnx()
        properties = {entry.key: entry.value for entry in model.metadata_props}
        assert model.producer_name == "qmlplay"
        assert "3 qubit(s), 3 feature(s), the exact state vector" in model.doc_string
        assert (properties["n_qubits"], properties["form"]) == ("3", "circuit")
        (batch, columns) = model.graph.input[0].type.tensor_type.shape.dim
        assert (batch.dim_param, columns.dim_value) == ("N", 3)

    def test_grows_slowly_with_qubits(self):
        sizes = {
            n: len(trained(np.random.default_rng(0), n, n_qubits=n, n_layers=4)[0].to_onnx()
                   .SerializeToString())
            for n in (2, 4, 6, 8, 10)
        }  # fmt: skip
        limits = {2: 8_000, 4: 40_000, 6: 80_000, 8: 250_000, 10: 800_000}
        assert all(sizes[n] < limits[n] for n in sizes), sizes

    def test_fourier_files_are_short(self):
        parameters = {"n_layers": 1, "encoding": "angle", "trainable_scaling": False}
        clf, _ = trained(np.random.default_rng(0), 1, **parameters)
        assert ExportPlan.of(clf.model_).form.to_dict()["type"] == "fourier"
        assert len(clf.to_onnx().SerializeToString()) < 2_500

    def test_is_written_whole_or_not_at_all(self, tmp_path):
        clf, _ = trained(np.random.default_rng(0))
        model = clf.to_onnx(tmp_path / "model.onnx")
        assert (tmp_path / "model.onnx").read_bytes() == model.SerializeToString()
        with pytest.raises(OSError, match="give a file in a folder that exists"):
            clf.to_onnx(tmp_path / "nowhere" / "model.onnx")
        with pytest.raises(ValueError, match="unknown dtype 'float16'"):
            clf.to_onnx(tmp_path / "model.onnx", dtype="float16")
        assert (tmp_path / "model.onnx").read_bytes() == model.SerializeToString()
