"""The flavour of MLflow: models in its format, from a safe file, that predict the same."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import urllib.request
import zipfile

import numpy as np
import pandas as pd
import pytest
from mlflow_helpers import (
    SETTINGS,
    Process,
    X,
    classifier,
    free_port,
    y,
)
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from qmlplay import (
    FeatureReduction,
    QuantumKernelClassifier,
    QuantumKernelRegressor,
    TablePreprocessor,
    VariationalClassifier,
    VariationalRegressor,
)

pytestmark = pytest.mark.needs("mlflow")

NAMED = pd.DataFrame({"size": X[:, 0], "mass": X[:, 1]})
RAW = pd.DataFrame(
    {
        "size": [*X[:-1, 0], None],
        "color": ["red", "blue", None, "red"] * 10,
        "when": pd.date_range("2024-01-01", periods=40).astype(str),
        "count": [1, 2, 3, 4] * 10,
    }
)
TEXTS = np.array(["low", "high"], dtype=object)[y]
NUMBERS = X.sum(axis=1)


def small(kind, **settings):
    return kind(**(SETTINGS | {"max_iter": 2} | settings))


MODELS = {
    "arrays": lambda: (small(VariationalClassifier), X, y),
    "texts": lambda: (small(VariationalClassifier), X, TEXTS),
    "truth values": lambda: (small(VariationalClassifier), X, y == 1),
    "three classes": lambda: (small(VariationalClassifier), X, np.arange(40) % 3),
    "columns": lambda: (small(VariationalClassifier), NAMED, y),
    "numbers": lambda: (small(VariationalRegressor), NAMED, NUMBERS),
    "two targets": lambda: (small(VariationalRegressor), X, X),
    "kernel": lambda: (QuantumKernelClassifier(bandwidth=1.0), X, TEXTS),
    "kernel numbers": lambda: (QuantumKernelRegressor(bandwidth=1.0), NAMED, NUMBERS),
    "raw table": lambda: (
        make_pipeline(TablePreprocessor(), small(VariationalClassifier)),
        RAW,
        TEXTS,
    ),
    "reduced table": lambda: (
        make_pipeline(TablePreprocessor(), FeatureReduction(2), small(VariationalRegressor)),
        RAW,
        NUMBERS,
    ),
    "kernel of a table": lambda: (
        make_pipeline(TablePreprocessor(), QuantumKernelClassifier(bandwidth=1.0)),
        RAW,
        y,
    ),
    "cirq": lambda: (small(VariationalClassifier, backend="cirq"), X, y),
}
METHODS = ("predict_proba", "decision_function")
#: What another process does with a folder.
ELSEWHERE = """
import pickle, sys, warnings
warnings.simplefilter("ignore")  # of MLflow's
import mlflow, numpy as np
X = pickle.load(sys.stdin.buffer)
model = mlflow.pyfunc.load_model(sys.argv[1])
answers = [model.predict(X)]
for method in sys.argv[2:]:
    answers.append(model.predict(X, params={"predict_method": method}))
sys.stdout.buffer.write(pickle.dumps(answers))
"""


def fitted(name):
    estimator, features, target = MODELS[name]()
    return estimator.fit(features, target), features


@pytest.mark.parametrize("name", MODELS)
def test_predicts_the_same(name, tmp_path):
    import mlflow

    from qmlplay.mlflow import load_model, save_model

    model, features = fitted(name)
    save_model(model, tmp_path / "model", input_example=features[:5])
    function = mlflow.pyfunc.load_model(str(tmp_path / "model"))
    np.testing.assert_array_equal(function.predict(features), model.predict(features))
    for method in METHODS:
        if hasattr(model, method):
            values = function.predict(features, params={"predict_method": method})
            np.testing.assert_array_equal(values, getattr(model, method)(features))
    again = load_model(str(tmp_path / "model"))
    np.testing.assert_array_equal(again.predict(features), model.predict(features))
    signature = function.metadata.signature
    assert [param.name for param in signature.params] == ["predict_method"]
    if isinstance(features, pd.DataFrame):
        assert signature.inputs.input_names() == list(features.columns)
    assert set(function.metadata.flavors) == {"qmlplay", "python_function"}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["texts", "raw table", "kernel numbers"])
def test_predicts_the_same_in_a_fresh_process(name, tmp_path):
    import pickle

    from qmlplay.mlflow import save_model

    model, features = fitted(name)
    save_model(model, tmp_path / "model", input_example=features[:5])
    methods = [method for method in METHODS if hasattr(model, method)]
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, str(tmp_path / "model"), *methods],
        input=pickle.dumps(features),
        capture_output=True,
        check=True,
    )
    answers = pickle.loads(done.stdout)
    for method, answer in zip(["predict", *methods], answers, strict=True):
        np.testing.assert_array_equal(answer, getattr(model, method)(features))


@pytest.mark.parametrize("name", ["arrays", "raw table", "kernel"])
def test_nothing_is_pickled(name, tmp_path):
    from qmlplay.mlflow import save_model

    model, features = fitted(name)
    save_model(model, tmp_path / "model", input_example=features[:5])
    written = {path.name for path in (tmp_path / "model").iterdir()}
    assert written == {
        *("MLmodel", "conda.yaml", "python_env.yaml", "requirements.txt"),
        *("input_example.json", "serving_input_example.json", "model.qmlplay"),
    }
    for path in (tmp_path / "model").iterdir():
        if path.name == "model.qmlplay":
            continue
        path.read_text(encoding="utf-8")  # no bytes
    with zipfile.ZipFile(tmp_path / "model" / "model.qmlplay") as archive:
        assert archive.namelist() == ["model.json", "arrays.npz"]
        json.loads(archive.read("model.json"))
        arrays = np.load(io.BytesIO(archive.read("arrays.npz")), allow_pickle=False)
        assert all(arrays[key].dtype != object for key in arrays)


def test_a_frame_for_a_model_of_arrays(tmp_path):
    import mlflow

    from qmlplay.mlflow import save_model

    model, _ = fitted("arrays")
    for number, example in enumerate((None, X[:5], X[:5].tolist())):
        folder = tmp_path / f"{number}"
        save_model(model, folder, input_example=example)
        function = mlflow.pyfunc.load_model(str(folder))
        np.testing.assert_array_equal(function.predict(NAMED), model.predict(X))
        np.testing.assert_array_equal(function.predict(X), model.predict(X))


def test_columns_in_another_order(tmp_path):
    import mlflow

    from qmlplay.mlflow import save_model

    model, _ = fitted("columns")
    other = NAMED[["mass", "size"]].assign(more=1.0)
    for example in (None, NAMED[:5]):
        folder = tmp_path / f"{example is None}"
        save_model(model, folder, input_example=example)
        function = mlflow.pyfunc.load_model(str(folder))
        np.testing.assert_array_equal(function.predict(other), model.predict(NAMED))


def test_probabilities_by_default(tmp_path):
    import mlflow

    from qmlplay.mlflow import save_model

    model, _ = fitted("texts")
    save_model(model, tmp_path / "a", input_example=X[:5], pyfunc_predict_fn="predict_proba")
    function = mlflow.pyfunc.load_model(str(tmp_path / "a"))
    np.testing.assert_array_equal(function.predict(X), model.predict_proba(X))
    save_model(model, tmp_path / "b")  # a signature would name the method itself
    settings = {"predict_method": "decision_function"}
    function = mlflow.pyfunc.load_model(str(tmp_path / "b"), model_config=settings)
    np.testing.assert_array_equal(function.predict(X), model.decision_function(X))


def test_says_which_methods_there_are(tmp_path):
    import mlflow

    from qmlplay.mlflow import save_model

    model, _ = fitted("numbers")
    with pytest.raises(ValueError, match=r"no predict_proba: use one of \['predict'\]"):
        save_model(model, tmp_path / "model", pyfunc_predict_fn="predict_proba")
    with pytest.raises(ValueError, match="pyfunc_predict_fn"):
        save_model(model, tmp_path / "model", pyfunc_predict_fn="score")
    assert not (tmp_path / "model").exists()
    save_model(model, tmp_path / "model", input_example=NAMED[:5])
    function = mlflow.pyfunc.load_model(str(tmp_path / "model"))
    with pytest.raises(ValueError, match="predict_method"):
        function.predict(NAMED, params={"predict_method": "fit"})


def test_a_signature_of_ones_own(tmp_path):
    from mlflow.models import infer_signature

    from qmlplay.mlflow import save_model

    model, _ = fitted("columns")
    signature = infer_signature(NAMED, model.predict(NAMED))
    save_model(model, tmp_path / "a", signature=signature, metadata={"team": "quantum"})
    save_model(model, tmp_path / "b", signature=False, input_example=NAMED[:5])
    text = (tmp_path / "a" / "MLmodel").read_text()
    assert "mass" in text
    assert "team: quantum" in text
    assert "signature" not in (tmp_path / "b" / "MLmodel").read_text()


def test_requirements_are_pinned(tmp_path):
    from importlib.metadata import version

    import qmlplay
    from qmlplay.mlflow import save_model

    model, _ = fitted("cirq")
    save_model(model, tmp_path / "a")
    lines = (tmp_path / "a" / "requirements.txt").read_text().splitlines()
    assert f"qmlplay=={qmlplay.__version__}" in lines
    assert f"cirq-core=={version('cirq-core')}" in lines
    assert f"mlflow=={version('mlflow')}" in lines
    assert all("==" in line for line in lines)
    save_model(model, tmp_path / "b", extra_pip_requirements=["tea==1"])
    assert "tea==1" in (tmp_path / "b" / "requirements.txt").read_text()
    save_model(model, tmp_path / "c", pip_requirements=["qmlplay"])
    assert (tmp_path / "c" / "requirements.txt").read_text().splitlines()[-1] == "qmlplay"


# MLflow leaves the folder open that it finds full.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_refuses_what_it_cannot_write(tmp_path):
    from mlflow.exceptions import MlflowException

    from qmlplay.mlflow import save_model

    with pytest.raises(NotFittedError):
        save_model(classifier(), tmp_path / "model")
    with pytest.raises(TypeError, match="VariationalClassifier"):
        save_model(SVC().fit(X, y), tmp_path / "model")
    assert not (tmp_path / "model").exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(MlflowException, match="not empty"):
        save_model(fitted("arrays")[0], tmp_path / "full")


def test_logged_and_registered(client):
    import mlflow

    from qmlplay.mlflow import load_model, log_model

    model, _ = fitted("columns")
    with mlflow.start_run() as run:
        info = log_model(model, input_example=NAMED[:5], registered_model_name="moons")
    client.set_registered_model_alias("moons", "best", 1)
    for uri in (info.model_uri, "models:/moons/1", "models:/moons@best", "models:/moons/latest"):
        np.testing.assert_array_equal(load_model(uri).weights_, model.weights_)
        function = mlflow.pyfunc.load_model(uri)
        np.testing.assert_array_equal(function.predict(NAMED), model.predict(NAMED))
    assert load_model(info.model_uri, backend="cirq").backend == "cirq"
    assert client.get_logged_model(info.model_id).source_run_id == run.info.run_id


@pytest.mark.needs("skops")
def test_the_flavour_of_scikit_learn_takes_pipelines_of_ours(client):
    """With any steps before the quantum model, and without a pickle: its format is skops."""
    import mlflow

    from qmlplay.sharing import trusted_types

    pipeline = make_pipeline(StandardScaler(), small(VariationalClassifier)).fit(X, y)
    with mlflow.start_run():
        info = mlflow.sklearn.log_model(
            pipeline, name="model", skops_trusted_types=trusted_types(), pip_requirements=["x"]
        )
    again = mlflow.sklearn.load_model(info.model_uri)
    np.testing.assert_array_equal(again.predict_proba(X), pipeline.predict_proba(X))


def test_a_model_needs_no_logger(tmp_path):
    from qmlplay.callbacks import Callback
    from qmlplay.mlflow import load_model, save_model

    watched = small(VariationalClassifier, callbacks=[Callback()])
    for number, model in enumerate((watched, make_pipeline(TablePreprocessor(), watched))):
        save_model(model.fit(X, y), tmp_path / f"{number}")
        again = load_model(str(tmp_path / f"{number}"))  # without a warning
        np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert len(watched.callbacks) == 1


def test_another_flavour_is_refused(client, tmp_path):
    from mlflow.exceptions import MlflowException

    from qmlplay.mlflow import load_model

    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "MLmodel").write_text("flavors: {sklearn: {}}\n")
    with pytest.raises(MlflowException, match='does not have the "qmlplay" flavor'):
        load_model(str(tmp_path / "model"))


@pytest.mark.slow
def test_served(tmp_path):
    from qmlplay.mlflow import save_model

    model, _ = fitted("texts")
    save_model(model, tmp_path / "model", input_example=X[:5])
    port = free_port()
    address = ["--host", "127.0.0.1", "--port", f"{port}", "--env-manager", "local"]
    server = Process(["models", "serve", "-m", f"{tmp_path}/model", *address], port, tmp_path)
    try:
        rows = X[:5].tolist()
        assert _asked(server.uri, {"inputs": rows}) == model.predict(X[:5]).tolist()
        split = {"dataframe_split": {"columns": ["a", "b"], "data": rows}}
        assert _asked(server.uri, split) == model.predict(X[:5]).tolist()
        asked = {"inputs": rows, "params": {"predict_method": "predict_proba"}}
        assert _asked(server.uri, asked) == model.predict_proba(X[:5]).tolist()
    finally:
        server.kill()


def _asked(uri, content):
    request = urllib.request.Request(
        f"{uri}/invocations",
        json.dumps(content).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["predictions"]
