"""Stores, servers and models for the tests of MLflow, which is imported when they are asked for."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

from qmlplay import VariationalClassifier, load_dataset

DATA = load_dataset("moons", n_samples=40, random_state=0)
X, y = DATA.X, DATA.y
SETTINGS = {"n_layers": 1, "max_iter": 4, "n_iter_no_change": None, "random_state": 0}
#: What MLflow keeps of where to log: in the environment, too.
VARIABLES = ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_ID")


def classifier(*callbacks, **settings):
    return VariationalClassifier(callbacks=list(callbacks), **(SETTINGS | settings))


def empty_database(folder):
    """Return a database of MLflow: making one takes seconds, copying it none."""
    from mlflow import MlflowClient

    MlflowClient(f"sqlite:///{folder}/empty.db").search_experiments()
    return folder / "empty.db"


@contextmanager
def logging_to(uri, artifacts=None):
    """Let MLflow log to an address, and forget it at the end."""
    import mlflow
    from mlflow.tracking import fluent

    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(uri)
    client = None
    if artifacts is not None:
        client = mlflow.MlflowClient()
        mlflow.set_experiment(experiment_id=client.create_experiment("tests", f"{artifacts}"))
    try:
        yield client
    finally:
        while mlflow.active_run():
            mlflow.end_run()
        mlflow.set_tracking_uri(before)
        fluent._active_experiment_id = None
        for name in VARIABLES:
            os.environ.pop(name, None)


@contextmanager
def database_in(folder, empty):
    """Log to a database of its own."""
    shutil.copy(empty, folder / "runs.db")
    with logging_to(f"sqlite:///{folder}/runs.db", folder / "artifacts") as client:
        yield client


def free_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


class Process:
    """A server in a process group of its own, which is asked once it listens."""

    def __init__(self, arguments, port, folder):
        self.uri = f"http://127.0.0.1:{port}"
        self.log = folder / f"server-{time.monotonic_ns()}.log"
        beside = os.path.dirname(sys.executable)  # MLflow calls other commands of this environment
        variables = {
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "MLFLOW_TRACKING_URI": "",
            "PATH": f"{beside}{os.pathsep}{os.environ['PATH']}",
        }
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mlflow", *arguments],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | variables,
                cwd=folder,
                start_new_session=True,
            )
        self._wait()

    def _wait(self):
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"{self.uri}/health", timeout=5) as answer:
                    assert answer.status == 200
                    return
            except OSError:
                assert self.process.poll() is None, self.log.read_text()
                time.sleep(0.2)
        self.kill()
        raise AssertionError(self.log.read_text())

    def kill(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def tracking_server(folder, port):
    """Start a real ``mlflow server`` on loopback."""
    store, artifacts = f"sqlite:///{folder}/server.db", folder / "artifacts"
    options = ["--backend-store-uri", store, "--artifacts-destination", f"{artifacts}"]
    address = ["--host", "127.0.0.1", "--port", f"{port}", "--workers", "1"]
    return Process(["server", *address, *options], port, folder)


def losses(client, run_id):
    """Return step → loss."""
    return {metric.step: metric.value for metric in client.get_metric_history(run_id, "loss")}


def files(client, run_id):
    return {artifact.path for artifact in client.list_artifacts(run_id)}


def runs(client, **conditions):
    """Return all runs, the first one first."""
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    return client.search_runs(experiments, order_by=["attributes.start_time ASC"], **conditions)


def parent(run):
    return run.data.tags.get("mlflow.parentRunId")


def models(client):
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    return list(client.search_logged_models(experiments))
