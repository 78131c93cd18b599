"""Model files of kernel estimators: all that was learned comes back, on any simulator."""

from __future__ import annotations

import json
import zipfile

import numpy as np
import pandas as pd
import pytest
from backend_helpers import each_backend
from sklearn.pipeline import make_pipeline

from qmlplay import (
    Feature,
    NoiseModel,
    Operation,
    QuantumKernelClassifier,
    QuantumKernelRegressor,
    TablePreprocessor,
    VariationalClassifier,
    get_backend,
    load_dataset,
    load_model,
    save_model,
)
from qmlplay.cli.predictions import predictions
from qmlplay.encodings import AngleEncoding
from qmlplay.errors import ModelFileWarning

IRIS = load_dataset("iris")
X, y = IRIS.X, np.array(["setosa", "versicolor", "virginica"])[IRIS.y]


def own(n_qubits, n_features):
    return [Operation("rx", i % n_qubits, Feature(i)) for i in range(n_features)]


MODELS = {
    "default": QuantumKernelClassifier(random_state=0),
    "projected": QuantumKernelClassifier(kind="projected", gamma=0.5, random_state=0),
    "settings": QuantumKernelClassifier(
        encoding=AngleEncoding("rx"),
        bandwidth=(0.1, 0.7),
        C=[1, 5],
        n_layers=2,
        class_weight={"setosa": 2.0},
        scale_inputs=(0, [8, 5, 7, 3]),
        noise=NoiseModel(depolarizing_1q=0.01),
        random_state=3,
    ),
    "shots": QuantumKernelClassifier(backend="cirq", shots=20, bandwidth=0.5, random_state=0),
    "backend": QuantumKernelClassifier(
        backend=get_backend("numpy", seed=2), bandwidth=0.5, random_state=0
    ),
    "regressor": QuantumKernelRegressor(random_state=0),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_all_comes_back(name, tmp_path):
    model, rows = MODELS[name], slice(None, None, 8)
    target = X[rows, :2] if name == "regressor" else y[rows]
    model.fit(X[rows], target)
    model.save(tmp_path / "model.qmlplay")
    again = load_model(tmp_path / "model.qmlplay")
    assert type(again) is type(model)
    assert again.model_ == model.model_
    for key, value in model.get_params().items():
        restored = again.get_params()[key]
        if key in ("bandwidth", "C", "scale_inputs") and not isinstance(value, str | float):
            assert np.concatenate([np.ravel(end) for end in restored]).tolist() == (
                np.concatenate([np.ravel(end) for end in value]).tolist()
            )
        else:
            assert repr(restored) == repr(value)
    assert again.bandwidth_scores_ == pytest.approx(model.bandwidth_scores_, nan_ok=True)
    fitted = {name for name in vars(model) if name.endswith("_")}
    assert {name for name in vars(again) if name.endswith("_")} == fitted
    assert getattr(again, "C_", 0) == getattr(model, "C_", 0)
    assert again.n_circuit_evaluations_ == model.n_circuit_evaluations_
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    other = again.fit(X[rows], target)
    assert other.model_ == model.model_


@pytest.mark.slow
@each_backend("backend")
def test_it_moves_to_another_simulator(backend, tmp_path):
    model = QuantumKernelClassifier(random_state=0).fit(X, y)
    save_model(model, tmp_path / "model.qmlplay")
    again = load_model(tmp_path / "model.qmlplay", backend=backend)
    assert again.backend == backend
    np.testing.assert_allclose(again.predict_proba(X), model.predict_proba(X), rtol=0, atol=1e-10)
    sampled = load_model(tmp_path / "model.qmlplay", backend=get_backend(backend, shots=7))
    assert sampled.backend_.shots == 7


def test_a_pipeline_takes_the_raw_table(tmp_path):
    frame = pd.DataFrame(X[:60], columns=list("abcd"))
    frame["color"] = np.where(X[:60, 0] > 5.5, "red", "blue")
    model = make_pipeline(TablePreprocessor(), QuantumKernelClassifier(random_state=0))
    save_model(model.fit(frame, y[:60]), tmp_path / "model.qmlplay")
    again = load_model(tmp_path / "model.qmlplay", backend="numpy")
    np.testing.assert_array_equal(again.predict_proba(frame), model.predict_proba(frame))
    assert [name for name, _ in again.steps] == ["tablepreprocessor", "quantumkernelclassifier"]


def test_names_of_columns_come_back(tmp_path):
    frame = pd.DataFrame(X[::10], columns=list("abcd"))
    QuantumKernelClassifier().fit(frame, y[::10]).save(tmp_path / "model.qmlplay")
    assert load_model(tmp_path / "model.qmlplay").feature_names_in_.tolist() == list("abcd")


def test_an_encoding_of_ones_own_is_kept_as_its_circuit(tmp_path):
    model = QuantumKernelClassifier(encoding=own, random_state=0).fit(X[::5], y[::5])
    model.save(tmp_path / "model.qmlplay")
    with pytest.warns(ModelFileWarning, match="not encoding=<function own"):
        again = load_model(tmp_path / "model.qmlplay")
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    with pytest.raises(ValueError, match="another kernel than the trained one"):
        again.kernel_  # noqa: B018
    assert again.set_params(encoding=own).kernel_.bandwidth == model.bandwidth_


def test_equal_models_make_equal_files(tmp_path):
    for name in "ab":
        QuantumKernelClassifier(random_state=0).fit(X[::5], y[::5]).save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_files_of_variational_models_are_read_as_before(tmp_path):
    model = VariationalClassifier(max_iter=1).fit(np.tanh(X[::5] - X.mean(axis=0)), y[::5])
    model.save(tmp_path / "model.qmlplay")
    assert isinstance(load_model(tmp_path / "model.qmlplay"), VariationalClassifier)
    with zipfile.ZipFile(tmp_path / "model.qmlplay") as archive:
        assert json.loads(archive.read("model.json"))["format_version"] == 1


def change(path, **changes):
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    document = json.loads(members["model.json"])
    document["content"] |= changes
    members["model.json"] = json.dumps(document).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


@pytest.mark.parametrize(
    "changes",
    [
        {"temperature": -1},
        {"temperature": "hot"},
        {"temperature": None},
        {"classes": ["a", "a", "b"]},
        {"classes": ["a", "b"]},
        {"classes_dtype": "V8"},
        {"classes_dtype": "import os"},
        {"design": {"kind": "other", "bandwidth": 1.0, "gamma": 1.0, "weights": []}},
        {"design": {"kind": "fidelity", "bandwidth": 0.0, "gamma": 1.0, "weights": []}},
        {"design": {"kind": "fidelity", "bandwidth": 1.0, "gamma": 1.0, "weights": [1.0]}},
        {"design": {"shell": "rm"}},
        {"design": 5},
        {"circuit": {"circuit": {"n_qubits": 1, "gates": []}, "formulas": [], "n_features": 9}},
        {"parameters": {"shell": "rm"}},
        {"parameters": []},
        {"objects": {"encoding": {"type": "system", "command": "rm"}}},
        {"noise": {"evil": 1}},
        {"numbers": {"predict": 1}},
        {"numbers": [1]},
        {"numbers": {"C_": "x"}},
        {"bandwidth_scores": [[1]]},
        {"feature_names": ["a"]},
        {"feature_names": [1, 2, 3, 4]},
        {"preprocessing": [{"name": "x", "kind": "pickle"}]},
        {"left_out": 4},
        {"estimator": ["QuantumKernelClassifier"]},
        {"estimator": "QuantumKernelTransformer"},
        {"estimator": None},
    ],
    ids=str,
)
def test_what_no_model_file_holds_is_refused(changes, tmp_path):
    path = tmp_path / "model.qmlplay"
    QuantumKernelClassifier(bandwidth=1.0).fit(X[::10], y[::10]).save(path)
    change(path, **changes)
    with pytest.raises(ValueError, match="is no model file of qmlplay"):
        load_model(path)


def test_the_command_line_predicts_with_it(tmp_path):
    frame = pd.DataFrame(X, columns=list("abcd"))
    QuantumKernelClassifier(random_state=0).fit(frame, y).save(tmp_path / "model.qmlplay")
    regressor = QuantumKernelRegressor().fit(frame[["a"]], X[:, 1])
    regressor.save(tmp_path / "regressor.qmlplay")
    frame.to_csv(tmp_path / "rows.csv", index=False)
    labels, _ = predictions(
        tmp_path / "model.qmlplay", tmp_path / "rows.csv", "cirq", with_probabilities=True
    )
    expected = load_model(tmp_path / "model.qmlplay").predict(frame)
    assert labels["prediction"].tolist() == expected.tolist()
    assert list(labels)[1:] == ["p(setosa)", "p(versicolor)", "p(virginica)"]
    values, _ = predictions(
        tmp_path / "regressor.qmlplay", tmp_path / "rows.csv", None, with_probabilities=False
    )
    np.testing.assert_allclose(values["prediction"], regressor.predict(frame[["a"]]))


def test_the_warning_names_the_line_that_reads(tmp_path):
    QuantumKernelClassifier(encoding=own).fit(X[::9], y[::9]).save(tmp_path / "model.qmlplay")
    with pytest.warns(ModelFileWarning) as caught:
        load_model(tmp_path / "model.qmlplay")
    assert [warning.filename for warning in caught] == [__file__]
