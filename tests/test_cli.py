"""The command line does its jobs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from backend_helpers import CORE_BACKENDS
from cli_helpers import QUICK, run, write_trees

from qmlplay import __version__, list_backends, list_datasets, load_dataset, load_model
from qmlplay.ansatze import ANSATZE
from qmlplay.cli import commands, main
from qmlplay.cli.predictions import predictions
from qmlplay.cli.tasks import class_names
from qmlplay.compare import list_models
from qmlplay.compare.reports import METRICS, report
from qmlplay.encodings import ENCODINGS
from qmlplay.training.monitor import Monitor
from qmlplay.training.optimizers import OPTIMIZERS

COMMANDS = ("compare", "train", "predict", "datasets", "backends")


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def no_pictures(monkeypatch):
    """What is looked at is text."""
    monkeypatch.setattr(report, "figures", lambda comparison: {})


@pytest.fixture
def trees(tmp_path):
    return write_trees(tmp_path / "trees.csv")


@pytest.mark.slow
def test_compare_prints_a_table_and_saves_it(capsys, tmp_path):
    shown = run(capsys, "compare", "moons", *QUICK)
    assert shown.startswith("moons: 210 training and 90 test samples, one split\n")
    assert "\n quantum (NumPy) " in shown
    assert "\n dummy " in shown
    assert "0.500 " in shown
    assert "Parity: " in shown
    assert "moons: the best model is quantum (NumPy)" in shown
    names = "table.csv, runs.csv, parity.csv, comparison.json, moons_scores.png, "
    assert f"Written to qmlplay-results/: {names}moons_cost.png, moons_boundaries.png" in shown
    assert len(list((tmp_path / "qmlplay-results").iterdir())) == 7
    assert "log-loss" not in shown


@pytest.mark.slow
@pytest.mark.usefixtures("no_pictures")
def test_compare_several_datasets_with_further_metrics(capsys, trees):
    metrics = [f"--metric={metric}" for metric in METRICS]
    shown = run(capsys, "compare", "moons", trees, *QUICK, "--target", "kind", *metrics)
    assert "\ntrees: 16 training and 8 test samples" in shown
    assert "log-loss" in shown
    assert "balanced" in shown


@pytest.mark.usefixtures("no_pictures")
def test_compare_as_json_alone(capsys):
    shown = run(capsys, "compare", "moons", *QUICK, "--json", "--out", "a/b", "--csv", "c/t.csv")
    content = json.loads(shown)
    assert [row["model"] for row in content["table"]] == ["numpy", "dummy"]
    saved = json.loads(Path("a/b/comparison.json").read_text("utf-8"))
    assert saved == content


@pytest.mark.slow
def test_compare_writes_where_it_is_told(capsys, tmp_path):
    places = ["--out", "all", "--csv", "tables/t.csv", "--html", "pages/p.html"]
    shown = run(capsys, "compare", "moons", *QUICK, *places)
    assert "Written: tables/t.csv" in shown
    assert "Written: pages/p.html" in shown
    assert pd.read_csv("tables/t.csv")["model"].tolist() == ["numpy", "dummy"]
    assert "<!DOCTYPE html>" in (tmp_path / "pages" / "p.html").read_text("utf-8")
    assert not (tmp_path / "qmlplay-results").exists()


@pytest.mark.usefixtures("no_pictures")
def test_compare_takes_the_models_settings(capsys):
    settings = ["--n-qubits", "3", "--ansatz", "strongly_entangling", "--encoding", "angle"]
    settings += ["--optimizer", "spsa", "--test-size", "0.5", "--jobs", "1"]
    content = json.loads(run(capsys, "compare", "moons", *QUICK, *settings, "--json"))
    row = content["table"][0]
    assert row["n_qubits"] == 3
    assert row["two_qubit_gates"] == 3
    # SPSA takes two circuits per sample and step, and no gradient.
    assert row["circuit_evaluations"] < 1.1 * 150 * 3 * 3


@pytest.mark.usefixtures("no_pictures")
def test_shots_and_noise_of_training(capsys):
    options = ["--shots", "50", "--noise", "medium", "--gradient-method", "spsa", "--max-iter", "2"]
    run(capsys, "train", "moons", *options, "--n-layers", "1")
    model = load_model("model.qmlplay")
    assert (model.shots, model.noise, model.gradient_method_) == (50, "medium", "spsa")
    content = json.loads(run(capsys, "compare", "moons", *QUICK, *options, "--json"))
    row = content["table"][0]
    assert row["circuit_evaluations"] == 2 * 2 * 210


def test_shots_and_noise_of_predictions(trees, capsys):
    run(capsys, "train", trees, "--max-iter", "5", "--n-layers", "1")
    model = load_model("model.qmlplay")
    X = pd.read_csv(trees)[["size", "mass"]]
    noisy, _ = predictions(
        Path("model.qmlplay"), trees, "cirq", with_probabilities=True, shots=20, noise="high"
    )
    expected = model.with_backend("cirq", shots=20, noise="high").predict_proba(X)
    np.testing.assert_allclose(noisy[["p(fir)", "p(oak)"]], expected, atol=1e-12)
    assert np.abs(expected - model.predict_proba(X)).max() > 0.01


@pytest.mark.usefixtures("no_pictures")
def test_spaces_between_models(capsys):
    shown = run(capsys, "compare", "moons", "--models", " dummy , logistic_regression", "--seeds=1")
    assert "logistic_regression" in shown


def test_train_then_predict(capsys, trees, tmp_path):
    options = ["--target", "kind", "--max-iter", "40", "--backend", "cirq", "--out", "m/trees.qml"]
    shown = run(capsys, "train", trees, *options)
    assert "backend: cirq" in shown
    assert "test accuracy: " in shown
    model = load_model("m/trees.qml")
    frame = pd.read_csv(trees)
    expected = model.predict(frame[["size", "mass"]])
    assert (expected == frame["kind"]).mean() > 0.8

    mixed = frame.assign(note="old")[["note", "mass", "kind", "size"]]
    mixed.to_csv("new.csv", index=False)
    for backend in ([], ["--backend", "numpy"]):
        lines = run(capsys, "predict", "m/trees.qml", "new.csv", *backend).splitlines()
        assert lines[0] == "prediction"
        assert lines[1:] == expected.tolist()
    records = json.loads(run(capsys, "predict", "m/trees.qml", "new.csv", "--json"))
    assert [record["prediction"] for record in records] == expected.tolist()


def test_predict_with_probabilities(capsys, trees):
    report = json.loads(run(capsys, "train", trees, "--max-iter", "5", "--json"))
    assert report["file"] == "model.qmlplay"
    assert report["qubits"] == 2
    assert 0 <= report["test_accuracy"] <= 1
    shown = run(capsys, "predict", "model.qmlplay", trees, "--probabilities", "--json")
    table = pd.DataFrame(json.loads(shown))
    assert table.columns.tolist() == ["prediction", "p(fir)", "p(oak)"]
    assert table[["p(fir)", "p(oak)"]].sum(axis=1).round(9).eq(1).all()
    most = table[["p(fir)", "p(oak)"]].idxmax(axis=1).str[2:-1]
    assert most.tolist() == table["prediction"].tolist()


def test_predict_with_a_model_that_knows_no_column_names(capsys, trees):
    frame = pd.read_csv(trees)
    run(capsys, "train", "moons", "--max-iter", "1", "--out", "moons.qml")
    model = load_model("moons.qml")
    del model.feature_names_in_
    model.save("plain.qml")
    frame[["size", "mass"]].to_csv("two.csv", index=False)
    lines = run(capsys, "predict", "plain.qml", "two.csv").splitlines()
    assert lines[1:] == model.predict(frame[["size", "mass"]].to_numpy()).tolist()
    assert set(lines[1:]) <= {"upper moon", "lower moon"}


def test_train_on_the_names_of_the_classes(capsys):
    run(capsys, "train", "iris", "--max-iter", "1", "--n-layers", "1")
    assert load_model("model.qmlplay").classes_.tolist() == ["setosa", "versicolor", "virginica"]
    labels = class_names(load_dataset("digits", classes=[3, 8], n_samples=40), np.array([8, 3]))
    assert labels.tolist() == [8, 3]  # "8" and "3" would tell no more


@pytest.mark.parametrize("passes", [0, 1])
def test_ctrl_c_while_training_saves_the_model(capsys, monkeypatch, passes):
    steps = []

    def stop(monitor, w, loss, end):
        if len(steps) == passes:
            raise KeyboardInterrupt
        steps.append(loss)
        watch(monitor, w, loss, end)

    watch = Monitor.__call__
    monkeypatch.setattr(Monitor, "__call__", stop)
    for flags, shown in ([["--json"], '"interrupted": true'], [[], "loss: "]):
        steps.clear()
        with pytest.raises(SystemExit) as stopped:
            main(["train", "moons", "--n-layers", "1", *flags])
        assert stopped.value.code == 130
        out, err = capsys.readouterr()
        assert shown in out
        assert err == "qmlplay: stopped early: the model trained so far is saved\n"
        assert load_model("model.qmlplay").classes_.tolist() == ["lower moon", "upper moon"]
        Path("model.qmlplay").unlink()
    assert ("loss: –" in out) == (passes == 0)
    assert f"iterations: {passes}\n" in out


def test_train_is_reproducible(capsys):
    options = ["train", "moons", "--max-iter", "2", "--json", "--seed", "3"]
    assert run(capsys, *options) == run(capsys, *options)


def test_datasets(capsys):
    names = [row["name"] for row in json.loads(run(capsys, "datasets", "--json"))]
    assert names == list_datasets()
    shown = run(capsys, "datasets")
    assert all(f"\n{name} " in shown for name in list_datasets())


def test_one_dataset(capsys):
    assert "Havlíček" in run(capsys, "datasets", "ad_hoc")
    record = json.loads(run(capsys, "datasets", "iris", "--json"))
    assert (record["samples"], record["features"], record["classes"]) == (150, 4, 3)
    assert record["target_names"] == ["setosa", "versicolor", "virginica"]
    assert "What is hard" in record["description"]


def test_backends(capsys, monkeypatch):
    rows = json.loads(run(capsys, "backends", "--json"))
    assert [row["name"] for row in rows] == list_backends()
    core = [row for row in rows if row["name"] in CORE_BACKENDS]
    assert all(row["installed"] is True and row["to_install"] == "" for row in core)
    assert all(row["installed"] is (row["to_install"] == "") for row in rows)
    assert rows[2]["versions"]["cirq-core"]
    assert "yes" in run(capsys, "backends")
    missing = property(lambda info: ["cirq-core"] if info.name == "cirq" else [])
    monkeypatch.setattr("qmlplay.backends.BackendInfo.missing", missing)
    assert "pip install cirq-core" in run(capsys, "backends")
    assert json.loads(run(capsys, "backends", "--json"))[2]["installed"] is False


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_help_of_all(capsys, arguments):
    shown = run(capsys, *arguments)
    assert "Examples:\n    qmlplay compare moons\n" in shown
    assert all(f"\n  {command} " in shown for command in COMMANDS)


@pytest.mark.parametrize("columns", [40, 80, 100])
@pytest.mark.parametrize("group", [[], ["ibm"]])
def test_no_summary_is_cut(capsys, monkeypatch, group, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = " ".join(run(capsys, *group, "--help").split())
    parent = commands.commands[group[0]] if group else commands
    for command in parent.commands.values():
        first = " ".join(command.help.split()).split(". ")[0].rstrip(".")
        assert first in shown
    assert "... " not in shown.split("Commands:")[1]
    assert not group or "qmlplay ibm plan" in shown
    assert group or "qmlplay play" in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_has_an_example(capsys, command):
    shown = run(capsys, command, "--help")
    assert f"Examples:\n    qmlplay {command}" in shown
    assert "\\b" not in shown
    assert "--json" in shown


def test_help_names_what_may_be_chosen(capsys):
    shown = " ".join(run(capsys, "compare", "--help").split())
    for name in (*list_models(), *ENCODINGS, *ANSATZE, *OPTIMIZERS):
        assert name in shown
    assert all(name in run(capsys, "train", "--help") for name in list_backends())


def test_version(capsys):
    assert run(capsys, "--version") == f"qmlplay, version {__version__}\n"


def test_ctrl_c(capsys, monkeypatch):
    def stop(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("qmlplay.cli.tasks.dataset_rows", stop)
    with pytest.raises(SystemExit) as stopped:
        main(["datasets"])
    assert stopped.value.code == 130
    assert capsys.readouterr().err.strip() == "qmlplay: stopped"


@pytest.mark.slow
def test_as_a_module(tmp_path):
    command = [sys.executable, "-m", "qmlplay", "compare", "moons", *QUICK, "--json"]
    done = subprocess.run(command, capture_output=True, cwd=tmp_path, timeout=60, check=True)
    assert done.stderr == b""
    assert len(json.loads(done.stdout)["table"]) == 2


@pytest.mark.slow
def test_as_a_module_with_bad_input(tmp_path):
    command = [sys.executable, "-m", "qmlplay", "compare", "mons"]
    done = subprocess.run(command, capture_output=True, cwd=tmp_path, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stdout == b""
    (line,) = done.stderr.decode().splitlines()
    assert "did you mean 'moons'" in line


@pytest.mark.slow
def test_a_reader_that_leaves_early(tmp_path):
    command = f"'{sys.executable}' -m qmlplay datasets --json | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, timeout=60, check=False)
    assert done.stdout == b"[\n"
    assert done.stderr == b""


def test_predict_with_shots_and_noise(capsys, trees):
    run(capsys, "train", trees, "--max-iter", "2", "--out", "trees.qml")
    predict = ("predict", "trees.qml", trees, "--probabilities")
    exact = run(capsys, *predict)
    noisy = run(capsys, *predict, "--noise", "high")
    few_shots = run(capsys, *predict, "--shots", "10")
    assert len({exact, noisy, few_shots}) == 3
