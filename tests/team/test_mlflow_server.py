"""A real ``mlflow server`` on loopback: logged to, asked, killed half-way, and started again."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from mlflow_helpers import (
    X,
    classifier,
    files,
    free_port,
    logging_to,
    losses,
    models,
    parent,
    runs,
    tracking_server,
    y,
)
from sklearn.model_selection import GridSearchCV

from qmlplay import compare
from qmlplay.callbacks import Callback
from qmlplay.errors import TrackingWarning

pytestmark = [pytest.mark.needs("mlflow"), pytest.mark.slow]

#: What another process does with a registered model.
ELSEWHERE = """
import json, sys, warnings
warnings.simplefilter("ignore")  # of MLflow's
import mlflow
model = mlflow.pyfunc.load_model(sys.argv[1])
X = json.load(sys.stdin)
import numpy as np
p = model.predict(np.array(X), params={"predict_method": "predict_proba"})
print(json.dumps([model.predict(np.array(X)).tolist(), p.tolist()]))
"""


@pytest.fixture
def server(tmp_path, monkeypatch):
    """Start a server, and give its port, too, on which another one may follow."""
    monkeypatch.chdir(tmp_path)
    port, servers = free_port(), []

    def start():
        servers.append(tracking_server(tmp_path, port))
        return servers[-1]

    yield start
    for process in servers:
        process.kill()


class Killer(Callback):
    """Kills the server in the middle of a training, once what came before has arrived."""

    def __init__(self, process, client, step):
        self.process, self.client, self.step = process, client, step

    def __call__(self, state):
        if state.step == self.step:
            while not (begun := runs(self.client)) or not losses(self.client, begun[0].info.run_id):
                pass
            self.process.kill()


def test_a_server_killed_in_the_middle_loses_nothing(server, monkeypatch):
    import mlflow

    from qmlplay.mlflow import Logger, send

    process = server()
    with logging_to(process.uri):
        client = mlflow.MlflowClient()
        logger = Logger()
        clf = classifier(logger, Killer(process, client, 20), max_iter=40)
        with pytest.warns(TrackingWarning) as warned:
            clf.fit(X, y)
        (warning,) = warned
        assert clf.n_iter_ == 40
        folder = str(warning.message).split("send('")[1].split("')")[0]
        monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        with pytest.raises(ConnectionError, match=r"call qmlplay\.mlflow\.send"):
            send(folder)  # it is still down
        monkeypatch.delenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES")
        server()
        assert send(folder) == logger.run_ids
        (run,) = runs(client)  # the one that was begun before the kill
        history = client.get_metric_history(run.info.run_id, "loss")
        assert [metric.value for metric in history] == clf.loss_curve_
        assert run.info.status == "FINISHED"
        assert len(files(client, run.info.run_id)) == 4
        assert len(models(client)) == 1


def test_all_of_it_on_a_server(server, tmp_path):
    import mlflow

    from qmlplay.mlflow import Logger, load_model

    with logging_to(server().uri):
        client = mlflow.MlflowClient()
        mlflow.set_experiment("team")
        logger = Logger(registered_model_name="moons")
        clf = classifier(logger).fit(X, y)
        assert losses(client, logger.run_ids[0]) == dict(enumerate(clf.loss_curve_, start=1))
        client.set_registered_model_alias("moons", "best", 1)
        again = load_model("models:/moons@best")
        np.testing.assert_array_equal(again.predict_proba(X), clf.predict_proba(X))
        done = subprocess.run(
            [sys.executable, "-c", ELSEWHERE, "models:/moons/1"],
            input=json.dumps(X.tolist()),
            capture_output=True,
            text=True,
            check=True,
        )
        labels, p = json.loads(done.stdout)
        assert labels == clf.predict(X).tolist()
        assert p == clf.predict_proba(X).tolist()  # to the last bit
        searching = Logger(figures=False, model=False)
        with mlflow.start_run() as run:
            GridSearchCV(classifier(searching), {"n_layers": [1, 2]}, cv=2).fit(X, y)
        assert sum(parent(r) == run.info.run_id for r in runs(client)) == 5
        models_ = ["numpy", "logistic_regression", "dummy"]
        settings = {"classifier": classifier(), "train_everywhere": True}
        compare("moons", models=models_, seeds=2, track=True, **settings)
        (first,) = [r for r in runs(client) if r.data.tags.get("qmlplay") == "comparison"]
        assert sum(parent(r) == first.info.run_id for r in runs(client)) == 6
        assert {"table.csv", "verdict.txt", "moons_scores.png"} <= files(client, first.info.run_id)
