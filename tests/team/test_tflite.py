"""TensorFlow Lite: files of built-in operators that answer as the simulator does, without it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from qmlplay import (
    Feature,
    FeatureReduction,
    Operation,
    TablePreprocessor,
    VariationalClassifier,
    VariationalRegressor,
    load_dataset,
)
from qmlplay.ansatze import ANSATZE
from qmlplay.encodings import ENCODINGS
from qmlplay.export import to_tflite

pytestmark = pytest.mark.needs("tensorflow", "ai_edge_litert")

IRIS = load_dataset("iris")


def classifier(X=IRIS.X, y=IRIS.y, **settings):
    settings = {"n_layers": 2, "max_iter": 5, "random_state": 0} | settings
    return VariationalClassifier(**settings).fit(X, y)


def rows_of(X, n_rows=300):
    """Rows in single precision from a box a little wider than the data."""
    margin = 0.2 * np.ptp(X, axis=0)
    shape = (n_rows, X.shape[1])
    rows = np.random.default_rng(1).uniform(X.min(0) - margin, X.max(0) + margin, shape)
    return rows.astype(np.float32)


def run(data, rows):
    from ai_edge_litert.interpreter import Interpreter

    return Interpreter(model_content=data).get_signature_runner()(X=rows)


def assert_same(data, clf, rows):
    outputs = run(data, rows)
    assert set(outputs) == {"label", "probabilities"}
    expected = clf.predict_proba(rows.astype(float))
    np.testing.assert_allclose(outputs["probabilities"], expected, rtol=0, atol=1e-5)
    first, second = np.sort(expected)[:, ::-1][:, :2].T
    is_clear = first - second > 1e-4
    assert is_clear.mean() > 0.9
    np.testing.assert_array_equal(outputs["label"][is_clear], expected.argmax(axis=1)[is_clear])


@pytest.mark.parametrize(
    ("encoding", "ansatz"),
    [(encoding, "hardware_efficient_rxx") for encoding in ENCODINGS]
    + [("angle_sum", ansatz) for ansatz in ANSATZE],
)
def test_every_encoding_and_ansatz(encoding, ansatz):
    clf = classifier(encoding=encoding, ansatz=ansatz)
    assert_same(clf.to_tflite(form="circuit"), clf, rows_of(IRIS.X))


@pytest.mark.parametrize("form", ["fourier", "auto"])
def test_the_trigonometric_polynomial(form):
    X = IRIS.X[:, 2:]
    clf = classifier(X, encoding="angle", trainable_scaling=False)
    assert_same(clf.to_tflite(form=form), clf, rows_of(X))
    assert len(clf.to_tflite(form="fourier")) < len(clf.to_tflite(form="circuit"))


def test_windows_of_wide_circuits_and_other_observables():
    X = np.random.default_rng(0).normal(size=(40, 7))
    observables = ["XYZIIII", {"IIZIIIX": 0.5, "IYIIIII": -1.5}, 6]
    clf = classifier(X, X[:, 0] > 0, n_qubits=7, observables=observables, max_iter=2)
    assert_same(clf.to_tflite(form="circuit"), clf, rows_of(X, 50))


def test_ten_qubits():
    X = np.random.default_rng(0).normal(size=(20, 10))
    clf = classifier(X, X[:, 0] > 0, n_qubits=10, n_layers=1, max_iter=1)
    assert_same(clf.to_tflite(), clf, rows_of(X, 20))


def test_ones_own_circuit():
    def encoding(n_qubits, n_features):
        return [
            Operation("h", 0),
            Operation("s", 1),
            Operation("crx", (0, 1), Feature(0)),
            Operation("cx", (1, 0)),
            Operation("iswap", (0, 1)),
            Operation("ryy", (0, 1), Feature(1, scale=0.7)),
        ]

    clf = classifier(IRIS.X[:, 2:], encoding=encoding, n_qubits=2)
    assert_same(clf.to_tflite(form="circuit"), clf, rows_of(IRIS.X[:, 2:]))


@pytest.mark.parametrize("n_targets", [None, 1, 2])
def test_a_regression_has_the_shape_of_its_targets(n_targets):
    X = np.random.default_rng(0).uniform(-3, 5, (60, 2))
    y = np.column_stack([100 + X[:, 0] ** 2, X.sum(axis=1)])
    y = y[:, 0] if n_targets is None else y[:, :n_targets]
    model = VariationalRegressor(max_iter=5, random_state=0).fit(X, y)
    rows = rows_of(X)
    (name, values), *others = run(model.to_tflite(), rows).items()
    expected = model.predict(rows.astype(float))
    assert (name, others) == ("prediction", [])
    assert values.shape == expected.shape
    np.testing.assert_allclose(values, expected, rtol=0, atol=1e-5 * np.max(y.std(axis=0)))


@pytest.mark.parametrize("n_rows", [1, 2, 1000])
def test_any_number_of_rows(n_rows):
    clf = classifier()
    assert_same(clf.to_tflite(), clf, rows_of(IRIS.X, 1000)[:n_rows])


def test_by_tensor_index_as_on_a_phone():
    from ai_edge_litert.interpreter import Interpreter

    clf = classifier()
    interpreter = Interpreter(model_content=clf.to_tflite())
    (entry,) = interpreter.get_input_details()
    interpreter.allocate_tensors()  # one row, unless it is resized
    interpreter.set_tensor(entry["index"], IRIS.X[:1].astype(np.float32))
    interpreter.invoke()
    shapes = {tuple(o["shape"]): o["index"] for o in interpreter.get_output_details()}
    p = interpreter.get_tensor(shapes[1, 3])
    np.testing.assert_allclose(p, clf.predict_proba(IRIS.X[:1]), atol=1e-5)


def test_only_built_in_operators():
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=classifier().to_tflite())
    names = {operator["op_name"] for operator in interpreter._get_ops_details()}
    assert "FULLY_CONNECTED" in names
    assert not [name for name in names if name.startswith("Flex") or name == "CUSTOM"]


def test_values_far_from_zero_keep_what_single_precision_leaves():
    X = IRIS.X[:, 2:] + [3e4, -2e5]
    clf = classifier(X)
    with pytest.warns(UserWarning, match=r"single precision rounds .* x1 \(up to 2e\+05"):
        data = clf.to_tflite()
    rows = rows_of(X)
    p = run(data, rows)["probabilities"]
    np.testing.assert_allclose(p, clf.predict_proba(rows.astype(float)), rtol=0, atol=1e-5)


def test_far_outliers_are_held_as_in_training():
    X = np.append(np.linspace(20, 60, 50), 1e6)[:, None]
    clf = classifier(X, X[:, 0] > 40)
    assert clf.scaling_.holds
    rows = np.array([[112.0], [113.0], [5e5], [3e38], [-3e38], [np.inf]], dtype=np.float32)
    p = run(clf.to_tflite(), rows)["probabilities"]
    finite = np.nan_to_num(rows.astype(float), posinf=1e300)
    np.testing.assert_allclose(p, clf.predict_proba(finite), rtol=0, atol=1e-5)


def table():
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"age": random.integers(20, 70, 90).astype(float), "always": 1.0})
    frame["mass"] = random.normal(5, 2, 90)
    frame.loc[::7, "age"] = np.nan
    return frame, np.where(frame["mass"] > 5, "heavy", "light")


def test_a_pipeline_takes_its_table_with_gaps():
    frame, y = table()
    model = make_pipeline(
        TablePreprocessor(), FeatureReduction(3), VariationalClassifier(max_iter=5, random_state=0)
    ).fit(frame, y)
    rows = frame.to_numpy(dtype=np.float32)
    data = to_tflite(model)
    assert run(data, rows)["probabilities"].shape == (90, 2)
    expected = model.predict_proba(pd.DataFrame(rows.astype(float), columns=frame.columns))
    p = run(data, rows)["probabilities"]
    np.testing.assert_allclose(p, expected, rtol=0, atol=1e-5)


def test_scikit_learn_steps_before_it():
    model = make_pipeline(StandardScaler(), VariationalClassifier(max_iter=3, random_state=0))
    model.fit(IRIS.X * [1, 10, 100, 1000], IRIS.y)
    rows = rows_of(IRIS.X * [1, 10, 100, 1000])
    p = run(to_tflite(model), rows)["probabilities"]
    np.testing.assert_allclose(p, model.predict_proba(rows.astype(float)), rtol=0, atol=1e-5)


def test_categories_do_not_go():
    frame, y = table()
    frame["color"] = np.where(np.arange(90) % 2, "red", "blue")
    model = make_pipeline(TablePreprocessor(), VariationalClassifier(max_iter=1)).fit(frame, y)
    with pytest.raises(TypeError, match="'color': categories are exported to a page alone"):
        to_tflite(model)
    last = to_tflite(model[-1])
    features = model[:-1].transform(frame).astype(np.float32)
    p = run(last, features)["probabilities"]
    np.testing.assert_allclose(p, model.predict_proba(frame), rtol=0, atol=1e-5)


def test_labels_and_names_are_at_the_end_of_the_file(tmp_path):
    X = pd.DataFrame(IRIS.X, columns=IRIS.feature_names)
    classes = np.array(["sétosa", "two\nlines", "c"])
    clf = classifier(X, classes[IRIS.y])
    data = clf.to_tflite(tmp_path / "iris.tflite")
    assert (tmp_path / "iris.tflite").read_bytes() == data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        labels = archive.read("labels.txt").decode().split("\n")
        names = json.loads(archive.read("model.json"))
    assert labels == ["c", "sétosa", "two lines"]
    assert names["classes"] == ["c", "sétosa", "two\nlines"]
    assert names["columns"] == IRIS.feature_names
    assert clf.to_tflite() == data  # the same model, the same file


def test_what_cannot_go():
    with pytest.raises(NotFittedError):
        VariationalClassifier().to_tflite()
    with pytest.raises(TypeError, match="is needed, got StandardScaler"):
        to_tflite(StandardScaler().fit(IRIS.X))
    with pytest.raises(ValueError, match="unknown form 'short'"):
        classifier().to_tflite(form="short")


def test_a_path_that_is_none_leaves_nothing(tmp_path):
    with pytest.raises(OSError, match="give a file in a folder that exists"):
        classifier().to_tflite(tmp_path / "no" / "model.tflite")
    assert list(tmp_path.iterdir()) == []


SCRIPT = """
import sys
import numpy as np
from ai_edge_litert.interpreter import Interpreter
runner = Interpreter(model_path=sys.argv[1]).get_signature_runner()
print(runner(X=np.array([[5.1, 3.5, 1.4, 0.2]], np.float32))["probabilities"].tolist())
assert not {"tensorflow", "qmlplay", "sklearn"} & set(sys.modules)
"""


def test_it_runs_without_tensorflow_and_without_qmlplay(tmp_path):
    clf = classifier()
    clf.to_tflite(tmp_path / "iris.tflite")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, tmp_path / "iris.tflite"],
        capture_output=True,
        text=True,
        check=True,
    )
    p = json.loads(done.stdout)
    np.testing.assert_allclose(p, clf.predict_proba([[5.1, 3.5, 1.4, 0.2]]), rtol=0, atol=1e-5)


QUIET = """
import io, sys
sys.stdout = sys.stderr = said = io.StringIO()  # as in a notebook, which has its own
from qmlplay import VariationalClassifier
clf = VariationalClassifier(max_iter=1).fit([[0.0], [1.0]], [0, 1])
clf.to_tflite()
clf.to_tflite()
sys.__stderr__.write(said.getvalue())
"""


@pytest.mark.slow
def test_tensorflow_says_nothing():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", QUIET], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")
