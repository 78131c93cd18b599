"""`qmlplay export`: one clear line for what is not possible, and only the named file written."""

from __future__ import annotations

import json
import os
import sys

import numpy as np
import pandas as pd
import pytest
from cli_helpers import failure, run, write_trees
from sklearn.pipeline import make_pipeline

from qmlplay import (
    FeatureReduction,
    QuantumKernelClassifier,
    TablePreprocessor,
    VariationalClassifier,
    VariationalRegressor,
    load_dataset,
    save_model,
)
from qmlplay.backends.numpy.backend import NumpyBackend
from qmlplay.cli.export_formats import format_of
from qmlplay.export import to_html
from qmlplay.export.exported_inputs import ExportedInputs
from qmlplay.export.runtimes import report

MOONS = load_dataset("moons", n_samples=40, random_state=0)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A folder with model files: of a classifier, a regressor, pipelines, and what cannot go."""
    folder = tmp_path_factory.mktemp("models")
    settings = {"max_iter": 2, "n_layers": 1, "random_state": 0}
    VariationalClassifier(**settings).fit(MOONS.X, MOONS.y).save(folder / "moons.qmlplay")
    VariationalRegressor(**settings).fit(MOONS.X, MOONS.X[:, 0]).save(folder / "line.qmlplay")
    trees = pd.read_csv(write_trees(folder / "trees.csv"))
    days = pd.date_range("2024-01-01", periods=len(trees))
    tables = {"trees": trees, "dates": trees.assign(day=days), "colors": trees.assign(color="red")}
    tables["colors"].loc[::2, "color"] = "blue"
    for name, table in tables.items():
        model = make_pipeline(
            TablePreprocessor(), FeatureReduction(2), VariationalClassifier(**settings)
        )
        save_model(model.fit(table.drop(columns="kind"), table["kind"]), folder / f"{name}.qmlplay")
    wide = np.random.default_rng(0).normal(size=(12, 11))
    wide_model = VariationalClassifier(**settings | {"n_qubits": 11, "max_iter": 1})
    wide_model.fit(wide, wide[:, 0] > 0).save(folder / "wide.qmlplay")
    kernel = QuantumKernelClassifier(bandwidth=0.5).fit(MOONS.X, MOONS.y)
    kernel.save(folder / "kernel.qmlplay")
    return folder


def exported(capsys, *arguments):
    """Run `qmlplay export … --json` and return what it says."""
    return json.loads(run(capsys, "export", *arguments, "--json"))


def test_a_page(models, tmp_path, capsys):
    out = tmp_path / "new" / "page.html"
    facts = exported(capsys, models / "moons.qmlplay", "--out", out, "--title", "Two moons")
    page = out.read_text("utf-8")
    assert "<title>Two moons</title>" in page
    assert facts["bytes"] == out.stat().st_size
    assert facts["format"] == "html"
    assert facts["columns"] == ["x0", "x1"]
    assert "whenever it is opened" in facts["note"]


def test_in_words(models, tmp_path, capsys):
    out = tmp_path / "page.html"
    lines = run(capsys, "export", models / "colors.qmlplay", "--out", out).splitlines()
    assert lines[0].startswith(f"written: {out}, ")
    assert lines[0].endswith(" kB")
    assert lines[1] == "columns: size, mass, color"


def test_the_file_is_called_as_the_model_by_default(models, tmp_path, capsys):
    model = tmp_path / "moons.qmlplay"
    model.write_bytes((models / "moons.qmlplay").read_bytes())
    exported(capsys, model, "--to", "html")
    assert "<title>moons</title>" in (tmp_path / "moons.html").read_text("utf-8")
    before = (tmp_path / "moons.html").read_bytes()
    line = failure(capsys, "export", model, "--to", "html")  # nobody named it
    assert f"give --out {tmp_path / 'moons.html'} to replace it" in line
    assert (tmp_path / "moons.html").read_bytes() == before
    exported(capsys, model, "--out", tmp_path / "moons.html", "--title", "again")
    assert "<title>again</title>" in (tmp_path / "moons.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("moons", [], "--to is missing: give --to onnx, --to tflite, --to html"),
        ("moons", ["--out", "x.bin"], "--to is missing"),
        ("moons", ["--to", "htm"], "unknown format 'htm': did you mean 'html'?"),
        ("moons", ["--to", "html", "--out", "x.onnx"], "is called .onnx, but --to says html"),
        ("moons", ["--to", "html", "--dtype", "float64"], "--dtype is for onnx alone"),
        ("moons", ["--to", "tflite", "--dtype", "float64"], "--dtype is for onnx alone"),
        ("moons", ["--to", "onnx", "--title", "x"], "--title is for html alone"),
        ("moons", ["--to", "html", "--form", "matrix"], "unknown form 'matrix'"),
        ("moons", ["--out", "."], "--to is missing"),
        ("moons", ["--to", "html", "--out", "."], "is a folder"),
        ("nothing", ["--to", "html"], "there is no file"),
        ("wide", ["--to", "html"], "the model has 11 qubits, and models of at most 10"),
        ("dates", ["--to", "html"], "column 'day' holds dates"),
        ("dates", ["--to", "tflite"], "(here: --last-step)"),
        ("colors", ["--to", "tflite"], "'color': categories are exported to a page alone"),
        ("colors", ["--to", "onnx"], "'color': categories are exported to a page alone"),
        ("kernel", ["--to", "html"], "got QuantumKernelClassifier, whose circuit compares samples"),
    ],
)
def test_what_is_not_possible(models, tmp_path, capsys, monkeypatch, name, arguments, message):
    monkeypatch.chdir(tmp_path)
    line = failure(capsys, "export", models / f"{name}.qmlplay", *arguments)
    assert message in line
    assert os.listdir(tmp_path) == []


def test_a_damaged_model(tmp_path, capsys):
    (tmp_path / "a.qmlplay").write_bytes(b"PK nonsense")
    line = failure(capsys, "export", tmp_path / "a.qmlplay", "--to", "html")
    assert "not a zip file, or a damaged one" in line


def test_the_model_itself_is_not_replaced(models, tmp_path, capsys):
    model = tmp_path / "model.html"  # an odd name for a model file
    model.write_bytes((models / "moons.qmlplay").read_bytes())
    before = model.read_bytes()
    for out in ([], ["--out", model], ["--out", tmp_path / "." / "model.html"]):
        assert "is the model itself" in failure(capsys, "export", model, "--to", "html", *out)
    assert model.read_bytes() == before


def test_a_full_disk_leaves_an_older_file_whole(models, tmp_path, capsys, monkeypatch):
    out = tmp_path / "page.html"
    out.write_text("older")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    line = failure(capsys, "export", models / "moons.qmlplay", "--out", out)
    assert "No space left on device" in line
    assert out.read_text() == "older"
    assert os.listdir(tmp_path) == ["page.html"]


@pytest.mark.parametrize(
    ("package", "to", "command"),
    [("onnx", "onnx", 'pip install "qmlplay[onnx]"'), ("tensorflow", "tflite", "qmlplay[tflite]")],
)
def test_a_missing_library(models, tmp_path, capsys, monkeypatch, package, to, command):
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    out = tmp_path / f"model.{to}"
    assert command in failure(capsys, "export", models / "moons.qmlplay", "--out", out)
    assert not out.exists()


@pytest.mark.needs("onnx", "onnxruntime", "skl2onnx")
@pytest.mark.parametrize("name", ["moons", "line", "trees"])
def test_onnx(models, tmp_path, capsys, name):
    out = tmp_path / "model.onnx"
    single = exported(capsys, models / f"{name}.qmlplay", "--out", out)
    double = exported(capsys, models / f"{name}.qmlplay", "--out", out, "--dtype", "float64")
    assert single["largest_difference"] < 1e-5
    assert double["largest_difference"] < 1e-10
    assert double["n_rows"] == 200
    assert double["bytes"] == out.stat().st_size
    assert min(double["microseconds"], double["simulator_microseconds"]) > 0


@pytest.mark.needs("tensorflow", "ai_edge_litert")
@pytest.mark.parametrize("name", ["moons", "line", "trees"])
def test_tflite(models, tmp_path, capfd, name):
    out = tmp_path / "model.tflite"
    facts = exported(capfd, models / f"{name}.qmlplay", "--out", out)  # no line of TensorFlow's
    assert facts["largest_difference"] < 1e-5
    assert facts["bytes"] == out.stat().st_size


@pytest.mark.slow
def test_a_wrong_runtime_is_seen():
    clf = VariationalClassifier(max_iter=2, n_layers=1, random_state=0).fit(MOONS.X, MOONS.y)
    inputs = ExportedInputs.of(clf)
    right = report(inputs, clf.predict_proba)
    wrong = report(inputs, lambda rows: np.add(clf.predict_proba(rows), [0.0, 1e-3]))
    assert right.largest_difference < 1e-12
    assert wrong.largest_difference == pytest.approx(1e-3)


@pytest.mark.needs("tensorflow", "ai_edge_litert")
def test_without_a_runtime_the_file_is_written_all_the_same(models, tmp_path, capfd, monkeypatch):
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    facts = exported(capfd, models / "moons.qmlplay", "--out", tmp_path / "model.tflite")
    assert 'needs ai-edge-litert: pip install "qmlplay[tflite]"' in facts["note"]
    assert (tmp_path / "model.tflite").stat().st_size == facts["bytes"]


@pytest.mark.parametrize("name", ["colors", "dates"])
def test_the_last_step_alone(models, tmp_path, capsys, name):
    out = tmp_path / "page.html"
    facts = exported(capsys, models / f"{name}.qmlplay", "--out", out, "--last-step")
    assert facts["columns"] == ["featurereduction0", "featurereduction1"]


def test_a_simulator_that_is_not_there_is_not_missed(tmp_path, capsys):
    class Own(NumpyBackend):
        name = "own"

    clf = VariationalClassifier(backend=Own(), max_iter=1, n_layers=1, random_state=0)
    clf.fit(MOONS.X, MOONS.y).save(tmp_path / "model.qmlplay")
    exported(capsys, tmp_path / "model.qmlplay", "--to", "html")  # without a warning
    expected = to_html(clf, title="model")
    assert (tmp_path / "model.html").read_text("utf-8") == expected


def test_formats_by_ending(tmp_path):
    assert format_of(None, tmp_path / "Model.ONNX") == "onnx"
    assert format_of("tflite", tmp_path / "model.lite") == "tflite"
