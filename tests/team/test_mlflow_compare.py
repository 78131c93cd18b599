"""A comparison logged to MLflow: a run around runs, as they come, and what a kill leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from mlflow_helpers import classifier, files, losses, parent, runs
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from qmlplay import compare
from qmlplay.cli import main

pytestmark = pytest.mark.needs("mlflow")


def family(client):
    """Return the run around all others, and those."""
    (first,) = [run for run in runs(client) if run.data.tags.get("qmlplay") == "comparison"]
    return first, [run for run in runs(client) if parent(run) == first.info.run_id]


def test_a_run_per_model_dataset_and_seed(client):
    names = ["numpy", "cirq", "logistic_regression"]
    settings = {"classifier": classifier(max_iter=2), "train_everywhere": True}
    result = compare(["moons", "circles"], models=names, seeds=2, track=True, **settings)
    first, children = family(client)
    assert len(children) == len(result.runs) == 12
    by_name = {
        (r.data.params["dataset"], r.data.params["model"], r.data.params["seed"]): r
        for r in children
    }
    for row in result.runs.to_dict(orient="records"):
        run = by_name[row["dataset"], row["model"], str(row["seed"])]
        for name in ("test_accuracy", "train_accuracy", "fit_seconds", "n_parameters"):
            assert run.data.metrics[name] == row[name], name
        assert run.info.status == "FINISHED"
        assert run.info.run_name == "{dataset} · {model} · seed {seed}".format(**row)
        assert run.data.tags["kind"] == row["kind"]
    quantum = by_name["moons", "cirq", "1"]
    assert (quantum.data.params["n_layers"], quantum.data.params["backend"]) == ("1", "cirq")
    assert len(losses(client, quantum.info.run_id)) == 2
    assert "logisticregression__C" in by_name["moons", "logistic_regression", "0"].data.params
    assert first.data.tags["verdict"] == "\n".join(result.verdict)
    assert first.data.params["datasets"] == "[moons, circles]"
    assert first.data.params["seeds"] == "[0, 1]"
    mean = result.table.set_index(["dataset", "model"]).loc[("moons", "cirq"), "test_accuracy"]
    assert first.data.metrics["moons/cirq/test_accuracy"] == mean
    written = files(client, first.info.run_id)
    assert {"table.csv", "runs.csv", "verdict.txt", "moons_scores.png"} <= written
    assert first.info.status == "FINISHED"


def test_in_several_processes(client):
    models = {"a (1)": LogisticRegression(), "b": LogisticRegression(C=0.1)}
    compare("moons", models=models, seeds=2, n_jobs=2, track="mine")
    first, children = family(client)
    assert len(children) == 4
    assert client.get_experiment(first.info.experiment_id).name == "mine"
    assert {child.info.experiment_id for child in children} == {first.info.experiment_id}
    assert "moons/a _1_/test_accuracy" in first.data.metrics


def test_a_model_that_fails_is_marked(client):
    models = {"good": LogisticRegression(), "bad": LogisticRegression(C=-1)}
    compare("moons", models=models, seeds=1, track=True)
    _, children = family(client)
    status = {run.data.params["model"]: run.info.status for run in children}
    assert status == {"good": "FINISHED", "bad": "FAILED"}
    (bad,) = [run for run in children if run.info.status == "FAILED"]
    assert "InvalidParameterError" in bad.data.tags["status"]


def test_inside_an_active_run(client):
    import mlflow

    with mlflow.start_run() as outer:
        compare("moons", models=["dummy"], seeds=1, track=True)
    first, children = family(client)
    assert parent(first) == outer.info.run_id
    assert len(children) == 1


def test_nothing_is_logged_unless_it_is_asked_for(client):
    compare("moons", models=["dummy"], seeds=1)
    assert runs(client) == []


@pytest.mark.parametrize("track", [None, 1, "", " ", ["a"]])
def test_refuses_other_answers(track):
    with pytest.raises(TypeError, match="track must be True, False or the name"):
        compare("moons", models=["dummy"], track=track)


def test_a_picture_that_fails_costs_no_result(client, monkeypatch):
    from qmlplay.plots import ScoresDisplay

    def fail(*_, **__):
        raise RuntimeError("no ink")

    monkeypatch.setattr(ScoresDisplay, "from_comparison", fail)
    result = compare("moons", models=["dummy"], seeds=1, track=True)
    assert len(result.runs) == 1
    first, _ = family(client)
    assert first.info.status == "FINISHED"
    assert "no ink" in first.data.tags["qmlplay.left_out"]


class Interrupting(MLPClassifier):
    def fit(self, X, y):
        raise KeyboardInterrupt


def test_what_an_interruption_leaves_is_logged(client):
    models = {"good": LogisticRegression(), "slow": Interrupting()}
    result = compare("moons", models=models, seeds=1, track=True)
    assert result.n_missing == 1
    first, children = family(client)
    assert first.info.status == "KILLED"
    assert [run.data.params["model"] for run in children] == ["good"]


def test_what_goes_on_is_logged_whole(client, tmp_path):
    options = {"seeds": 1, "resume": tmp_path / "kept"}
    compare("moons", models=["dummy"], **options)
    compare("moons", models=["dummy", "logistic_regression"], track=True, **options)
    _, children = family(client)
    assert {run.data.params["model"] for run in children} == {"dummy", "logistic_regression"}


def test_on_the_command_line(client, capsys):
    main(["compare", "moons", "--models", "dummy", "--seeds", "1", "--track"])
    assert "moons" in capsys.readouterr().out
    _, children = family(client)
    assert [run.data.params["model"] for run in children] == ["dummy"]


@pytest.mark.slow
def test_what_a_kill_leaves_is_there(client, tmp_path):
    import mlflow

    code = f"""
import mlflow
from qmlplay import VariationalClassifier, compare
mlflow.set_tracking_uri({mlflow.get_tracking_uri()!r})
clf = VariationalClassifier(max_iter=100_000, tol=0, n_iter_no_change=None)
compare("moons", models=["dummy", "logistic_regression", "numpy"], classifier=clf, track=True)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, env=os.environ | {"PYTHONWARNINGS": "ignore"}
    )
    try:
        for _ in range(600):
            done = [run for run in runs(client) if run.info.status == "FINISHED"]
            if len(done) == 2:
                break
            assert process.poll() is None
            time.sleep(0.2)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    first, children = family(client)
    assert first.info.status == "RUNNING"
    assert {run.data.params["model"] for run in children} == {"dummy", "logistic_regression"}
    assert {"test_accuracy", "fit_seconds"} <= set(children[0].data.metrics)
