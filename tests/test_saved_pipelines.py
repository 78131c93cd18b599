"""Pipelines in one file: preprocessing and model, on any backend, without anything executable."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from qmlplay import (
    FeatureReduction,
    TablePreprocessor,
    VariationalClassifier,
    load_dataset,
    load_model,
    save_model,
)
from qmlplay.classifier import quantum_part, with_backend

BACKENDS = ["numpy", "qiskit", "cirq", "pennylane"]


def patients(n=60, seed=0):
    """Return made-up patients with gaps, text, booleans and dates, and whether they are ill."""
    random = np.random.default_rng(seed)
    ill = random.integers(0, 2, n).astype(bool)
    table = pd.DataFrame(
        {
            "age": random.normal(40 + 20 * ill, 8).round(),
            "pressure": random.normal(120 + 10 * ill, 10).round(1),
            "smoker": random.choice(["yes", "no"], n),
            "city": random.choice(["Rome", "Bonn", "Oslo", "Köln"], n),
            "since": pd.Timestamp("2023-01-01") + pd.to_timedelta(random.integers(0, 700, n), "D"),
        }
    )
    table.loc[random.random(n) < 0.2, "pressure"] = np.nan
    table.loc[random.random(n) < 0.1, "city"] = None
    return table, np.where(ill, "ill", "well")


@pytest.fixture(scope="module")
def trained():
    X, y = patients()
    model = VariationalClassifier(n_layers=1, max_iter=3, random_state=0)
    return make_pipeline(TablePreprocessor(), FeatureReduction(3), model).fit(X, y)


def document(path):
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("model.json"))


def rewrite(path, change):
    """Change the JSON of a file by a function, and leave all else as it is."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    content = json.loads(members["model.json"])
    change(content["content"])
    members["model.json"] = json.dumps(content).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


@pytest.mark.slow
def test_a_file_predicts_bit_for_bit_in_another_process_on_every_backend(trained, tmp_path):
    new, _ = patients(20, seed=1)
    new.loc[0, "city"] = "never seen"
    save_model(trained, tmp_path / "m.qmlplay")
    new.to_pickle(tmp_path / "new.pickle")
    program = f"""
import numpy as np, pandas as pd
from qmlplay import load_model
X = pd.read_pickle("new.pickle")
for backend in {BACKENDS}:
    np.save(backend, load_model("m.qmlplay", backend=backend).predict_proba(X))
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path)
    exact = trained.predict_proba(new)
    for backend in BACKENDS:
        expected = with_backend(trained, backend).predict_proba(new)
        loaded = np.load(tmp_path / f"{backend}.npy")
        np.testing.assert_array_equal(loaded, expected)
        np.testing.assert_allclose(loaded, exact, atol=1e-12)


def test_what_is_loaded_is_the_same_pipeline(trained, tmp_path):
    save_model(trained, tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert isinstance(again, Pipeline)
    assert [name for name, _ in again.steps] == [name for name, _ in trained.steps]
    assert again[0].columns_ == trained[0].columns_
    assert again[-1].model_ == trained[-1].model_
    assert again.classes_.tolist() == ["ill", "well"]
    assert again.feature_names_in_.tolist() == trained.feature_names_in_.tolist()
    save_model(again, tmp_path / "n")
    assert (tmp_path / "n").read_bytes() == (tmp_path / "m").read_bytes()
    X, y = patients(30, seed=2)
    refitted = clone(again).fit(X, y)
    np.testing.assert_array_equal(
        refitted.predict_proba(X), clone(trained).fit(X, y).predict_proba(X)
    )


def test_the_file_holds_json_and_numbers(trained, tmp_path):
    save_model(trained, tmp_path / "m")
    content = document(tmp_path / "m")
    assert content["format_version"] == 2  # older versions would leave the preprocessing out
    first, second = content["content"]["preprocessing"]
    assert first["columns"][0]["median"] == float(np.median(patients()[0]["age"]))
    assert second == {
        "name": "featurereduction",
        "kind": "reduction",
        "n_components": 3,
        "method": "pca",
        "feature_names": [],
    }


def test_a_model_alone_is_saved_as_before(trained, tmp_path):
    save_model(trained[-1], tmp_path / "alone")
    trained[-1].save(tmp_path / "as_before")
    assert (tmp_path / "alone").read_bytes() == (tmp_path / "as_before").read_bytes()
    assert document(tmp_path / "alone")["format_version"] == 1
    assert isinstance(load_model(tmp_path / "alone"), VariationalClassifier)


@pytest.mark.parametrize(
    "steps",
    [
        [("reduce", FeatureReduction(2))],
        [("table", TablePreprocessor())],
        [("table", TablePreprocessor()), ("nothing", "passthrough"), ("no", None)],
        [("a", FeatureReduction(5)), ("b", FeatureReduction(2))],
        [("variationalclassifier", TablePreprocessor())],
        [],
    ],
    ids=range(6),
)
@pytest.mark.parametrize("with_names", [False, True])
def test_every_pipeline_of_our_steps(steps, with_names, tmp_path):
    data = load_dataset("wine")
    X = data.X[:, :6]
    X = pd.DataFrame(X, columns=list("abcdef")) if with_names else X
    model = VariationalClassifier(n_layers=1, max_iter=1, random_state=0)
    pipeline = Pipeline([*steps, ("model", model)]).fit(X, data.y)
    save_model(pipeline, tmp_path / "m")
    again = load_model(tmp_path / "m")
    np.testing.assert_array_equal(again.predict_proba(X), pipeline.predict_proba(X))
    rows, last = quantum_part(again, X)[1], quantum_part(again, X)[0]
    np.testing.assert_array_equal(last.predict_proba(rows), pipeline.predict_proba(X))


def test_output_as_a_frame_is_kept(tmp_path):
    X, y = patients()
    model = VariationalClassifier(n_layers=1, max_iter=1, random_state=0)
    pipeline = make_pipeline(TablePreprocessor(), model)
    pipeline[:-1].set_output(transform="pandas")
    pipeline.fit(X, y)
    save_model(pipeline, tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert again[-1].feature_names_in_[0] == "age"
    np.testing.assert_array_equal(again.predict_proba(X), pipeline.predict_proba(X))


@pytest.mark.parametrize(
    ("step", "name"),
    [
        (StandardScaler(), "step 'standardscaler', StandardScaler, cannot be saved"),
        (PCA(2), "step 'pca', PCA, cannot be saved"),
        (make_pipeline(TablePreprocessor()), "step 'pipeline', Pipeline, cannot be saved"),
    ],
)
def test_other_steps_are_refused_with_what_can_be_saved(step, name, tmp_path):
    X, y = load_dataset("wine")["X"][:, :4], load_dataset("wine")["y"]
    pipeline = make_pipeline(step, VariationalClassifier(n_layers=1, max_iter=1)).fit(X, y)
    with pytest.raises(TypeError, match=name) as caught:
        save_model(pipeline, tmp_path / "m")
    assert "FeatureReduction standardises" in str(caught.value)
    assert not (tmp_path / "m").exists()


def test_what_is_no_quantum_model_or_not_fitted_is_refused(tmp_path):
    with pytest.raises(TypeError, match="got LogisticRegression: it must be a Variational"):
        save_model(LogisticRegression(), tmp_path / "m")
    with pytest.raises(TypeError, match="got LogisticRegression at the end: it must be"):
        save_model(make_pipeline(TablePreprocessor(), LogisticRegression()), tmp_path / "m")
    with pytest.raises(TypeError, match="got TablePreprocessor"):
        with_backend(TablePreprocessor(), "cirq")
    with pytest.raises(NotFittedError):
        save_model(make_pipeline(TablePreprocessor(), VariationalClassifier()), tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_another_simulator_leaves_the_pipeline_as_it_is(trained):
    X, _ = patients(10)
    moved = with_backend(trained, "cirq", shots=100)
    assert (moved[-1].backend, moved[-1].shots) == ("cirq", 100)
    assert (trained[-1].backend, trained[-1].shots) == ("numpy", None)
    assert moved[0] is trained[0]
    assert moved.predict_proba(X).shape == (10, 2)


def test_joblib_keeps_a_pipeline_too(trained, tmp_path):
    X, _ = patients(10)
    joblib.dump(trained, tmp_path / "m.joblib")
    again = joblib.load(tmp_path / "m.joblib")
    np.testing.assert_array_equal(again.predict_proba(X), trained.predict_proba(X))


def first_column(content):
    return content["preprocessing"][0]["columns"][0]


HOSTILE = {
    "steps are no list": lambda c: c.update(preprocessing={"a": 1}),
    "steps are text": lambda c: c.update(preprocessing="os.system"),
    "a step is text": lambda c: c.update(preprocessing=["os.system"]),
    "an unknown kind": lambda c: c["preprocessing"][0].update(kind="os.system"),
    "a kind that is a list": lambda c: c["preprocessing"][0].update(kind=[]),
    "a name with two underscores": lambda c: c["preprocessing"][0].update(name="a__b"),
    "a name that is a number": lambda c: c["preprocessing"][0].update(name=1),
    "no name": lambda c: c["preprocessing"][0].pop("name"),
    "one name twice": lambda c: c["preprocessing"][0].update(name="featurereduction"),
    "more entries": lambda c: c["preprocessing"][0].update(function="eval"),
    "more entries of a reduction": lambda c: c["preprocessing"][1].update(function="eval"),
    "columns are no list": lambda c: c["preprocessing"][0].update(columns={"a": 1}),
    "no columns": lambda c: c["preprocessing"][0].update(columns=[]),
    "a column is text": lambda c: c["preprocessing"][0].update(columns=["eval"]),
    "a column of another kind": lambda c: first_column(c).update(kind="eval"),
    "a column with more entries": lambda c: first_column(c).update(code="eval"),
    "a column without its median": lambda c: first_column(c).pop("median"),
    "a median that is text": lambda c: first_column(c).update(median="1"),
    "a median that is endless": lambda c: first_column(c).update(median=float("inf")),
    "a median that is none": lambda c: first_column(c).update(median=float("nan")),
    "a flag that is text": lambda c: first_column(c).update(marks_gaps="yes"),
    "a name that is a list": lambda c: first_column(c).update(name=["age"]),
    "a name twice": lambda c: first_column(c).update(name="city"),
    "one column less": lambda c: c["preprocessing"][0]["columns"].pop(),
    "one step less": lambda c: c["preprocessing"].pop(0),
    "no steps, but their arrays": lambda c: c["preprocessing"].pop(1),
    "too many components": lambda c: c["preprocessing"][1].update(n_components=-1),
    "a method that is unknown": lambda c: c["preprocessing"][1].update(method="eval"),
    "names that do not fit": lambda c: c["preprocessing"][1].update(feature_names=["a"]),
    "categories that are text": lambda c: c["preprocessing"][0]["columns"][3].update(
        categories="abcd"
    ),
    "categories that are numbers": lambda c: c["preprocessing"][0]["columns"][3].update(
        categories=[1, 2, 3, 4, 5]
    ),
    "categories twice": lambda c: c["preprocessing"][0]["columns"][3].update(
        categories=["a", "a", "b", "c", None]
    ),
    "a date that is none": lambda c: c["preprocessing"][0]["columns"][4].update(first="now"),
    "a date that is a number": lambda c: c["preprocessing"][0]["columns"][4].update(first=5),
    "cycles that are unknown": lambda c: c["preprocessing"][0]["columns"][4].update(
        cycles=["year", "weekday"]
    ),
    "cycles that are text": lambda c: c["preprocessing"][0]["columns"][4].update(cycles="month"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_json_is_refused(trained, tmp_path, what):
    save_model(trained, tmp_path / "m")
    load_model(tmp_path / "m")
    rewrite(tmp_path / "m", HOSTILE[what])
    with pytest.raises(ValueError, match=r"is no model file of qmlplay|cannot read") as caught:
        load_model(tmp_path / "m")
    assert len(str(caught.value)) < 1_000


def test_hostile_arrays_are_refused(trained):
    content, arrays = trained[1].to_parts()
    for name, wrong in [
        ("matrix", arrays["matrix"][:-1]),
        ("matrix", arrays["matrix"][:, :0]),
        ("matrix", arrays["matrix"].ravel()),
        ("matrix", np.where(arrays["matrix"] > 0, np.nan, arrays["matrix"])),
        ("matrix", arrays["matrix"].astype("U5")),
        ("center", arrays["center"][:, None]),
        ("center", arrays["center"].astype(complex)),
        ("explained_variance_ratio", arrays["explained_variance_ratio"][:1]),
        ("further", arrays["center"]),
    ]:
        with pytest.raises(ValueError, match="a reduction"):
            FeatureReduction.from_parts(content, arrays | {name: wrong})
    with pytest.raises(ValueError, match="no arrays"):
        TablePreprocessor.from_parts(trained[0].to_dict(), arrays)
