"""The tracking server as log entries see it: a database, a folder or a real server of MLflow."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from mlflow import MlflowClient
from mlflow.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelOutput,
    Metric,
    Param,
    RunTag,
)
from mlflow.models import Model
from mlflow.tracking.context.registry import resolve_tags
from mlflow.tracking.fluent import _get_experiment_id
from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT, MLFLOW_PARENT_RUN_ID

from qmlplay.mlflow.log_entry import LogEntry

__all__ = ["TrackingServer", "impatient", "shown_uri"]

#: MLflow's limits of a batch and of a text.
_MOST_METRICS, _MOST_OTHERS, _LONGEST = 1000, 100, 5000
#: By this tag a run shows that a fit is logged to it already.
_TAKEN = "estimator_name"
#: MLflow asks a server that is down again and again, for minutes; a training cannot wait.
_IMPATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0", "MLFLOW_HTTP_REQUEST_TIMEOUT": "5"}
_ENVIRONMENT_LOCK = Lock()
_waiting: list[dict[str, str]] = []


@contextmanager
def impatient() -> Iterator[None]:
    """Let requests give up within seconds; settings of the user's own stay."""
    with _ENVIRONMENT_LOCK:
        if not _waiting:
            names = [name for name in _IMPATIENCE if name not in os.environ]
            _waiting.append({name: _IMPATIENCE[name] for name in names})
            os.environ.update(_waiting[0])
        else:
            _waiting.append(_waiting[0])
    try:
        yield
    finally:
        with _ENVIRONMENT_LOCK:
            settings = _waiting.pop()
            if not _waiting:
                for name in settings:
                    os.environ.pop(name, None)


def shown_uri(uri: str) -> str:
    """Return an address without the password that may be in it.

    Examples
    --------
    >>> shown_uri("https://me:secret@tracking.example.org/team")
    'https://tracking.example.org/team'
    """
    parts = urlsplit(uri)
    if "@" not in parts.netloc:
        return uri
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


class TrackingServer:
    """What log entries are sent to.

    Parameters
    ----------
    uri : str
        MLflow's tracking URI.

    Attributes
    ----------
    run_ids : dict of str to str
        Key of a run → its id, for runs that are begun.
    is_ours : dict of str to bool
        Key of a run → whether it is ended by its "end"; a run of the user's is not.
    """

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.run_ids: dict[str, str] = {}
        self.is_ours: dict[str, bool] = {}
        self._client: MlflowClient | None = None
        self._actions: dict[str, Callable[[LogEntry], None]] = {
            "begin": self._begin,
            "params": self._log_params,
            "metrics": self._log_metrics,
            "tags": self._log_tags,
            "dataset": self._log_dataset,
            "artifact": self._log_artifact,
            "model": self._log_model,
            "end": self._end,
        }

    def log(self, entry: LogEntry) -> None:
        """Send an entry.

        Raises
        ------
        Exception
            Of any kind, as any kind of store may be behind the address.
        """
        self._actions[entry.kind](entry)

    @property
    def client(self) -> MlflowClient:
        """MLflow's client, made when it is first needed."""
        if self._client is None:
            _check_database(self.uri)
            self._client = MlflowClient(self.uri)
        return self._client

    def _begin(self, entry: LogEntry) -> None:
        content = entry.content
        run_id, parent = content.get("run_id"), content.get("within")
        run_id = run_id or self.run_ids.get(entry.run)  # of a first try that broke off
        self.is_ours[entry.run] = content.get("is_ours", True)
        may_be_taken = run_id is None and parent is not None and not content.get("is_child")
        if may_be_taken and _TAKEN not in self.client.get_run(parent).data.tags:
            run_id, self.is_ours[entry.run] = parent, False
        self.run_ids[entry.run] = run_id or self._new_run(content, parent)
        self._log_tags(entry)

    def _new_run(self, content: Mapping[str, Any], parent: str | None) -> str:
        parent = self.run_ids.get(content.get("parent", ""), parent)
        tags = resolve_tags() | ({MLFLOW_PARENT_RUN_ID: parent} if parent else {})
        if parent:
            experiment_id = self.client.get_run(parent).info.experiment_id
        else:
            experiment_id = self._experiment_id(content)
        run = self.client.create_run(experiment_id, content["time"], tags, content.get("name"))
        return str(run.info.run_id)

    def _experiment_id(self, content: Mapping[str, Any]) -> str:
        name = content.get("experiment")
        if name is None:
            return str(content.get("experiment_id") or _get_experiment_id() or "0")
        experiment = self.client.get_experiment_by_name(name)
        return str(experiment.experiment_id if experiment else self.client.create_experiment(name))

    def _log_params(self, entry: LogEntry) -> None:
        run_id, given = self.run_ids[entry.run], {}
        if not self.is_ours[entry.run]:
            given = self.client.get_run(run_id).data.params
        params = []
        for name, value in entry.content.items():
            text = str(value)[:_LONGEST]
            # MLflow changes no parameter: one that the user has logged keeps its value.
            differs = given.get(name, text) != text
            params.append(Param(f"qmlplay.{name}" if differs else name, text))
        for batch in _batches(params, _MOST_OTHERS):
            self.client.log_batch(run_id, params=batch)

    def _log_metrics(self, entry: LogEntry) -> None:
        metrics = [
            Metric(name, float(value), time, step)
            for name, values in entry.content.items()
            for value, time, step in values
        ]
        for batch in _batches(metrics, _MOST_METRICS):
            self.client.log_batch(self.run_ids[entry.run], metrics=batch)

    def _log_tags(self, entry: LogEntry) -> None:
        content = entry.content.get("tags", {}) if entry.kind == "begin" else entry.content
        tags = [RunTag(name, str(value)[:_LONGEST]) for name, value in content.items()]
        for batch in _batches(tags, _MOST_OTHERS):
            self.client.log_batch(self.run_ids[entry.run], tags=batch)

    def _log_dataset(self, entry: LogEntry) -> None:
        tags = [InputTag(MLFLOW_DATASET_CONTEXT, "train")]
        inputs = [DatasetInput(Dataset(**entry.content), tags)]
        self.client.log_inputs(self.run_ids[entry.run], inputs)

    def _log_artifact(self, entry: LogEntry) -> None:
        folder = entry.content.get("folder")
        self.client.log_artifact(self.run_ids[entry.run], str(entry.path), folder)

    def _log_model(self, entry: LogEntry) -> None:
        """Log a folder that `qmlplay.mlflow.save_model` has written."""
        run_id, folder = self.run_ids[entry.run], Path(str(entry.path))
        experiment_id = self.client.get_run(run_id).info.experiment_id
        model = self.client.create_logged_model(
            experiment_id, entry.content["name"], run_id, params=dict(entry.content["params"])
        )
        self.client.log_outputs(run_id, [LoggedModelOutput(model.model_id, step=0)])
        description = Model.load(str(folder / "MLmodel"))
        description.run_id, description.model_id = run_id, model.model_id
        description.model_uuid = model.model_id
        description.artifact_path = model.artifact_location
        description.save(str(folder / "MLmodel"))
        self.client.log_model_artifacts(model.model_id, str(folder))
        self.client.finalize_logged_model(model.model_id, "READY")
        if name := entry.content.get("registered_model_name"):
            self._register(name, run_id, model)

    def _register(self, name: str, run_id: str, model: Any) -> None:
        if not self.client.search_registered_models(f"name = '{name}'"):
            self.client.create_registered_model(name)
        self.client.create_model_version(
            name, model.artifact_location, run_id, model_id=model.model_id
        )

    def _end(self, entry: LogEntry) -> None:
        if self.is_ours[entry.run]:
            content = entry.content
            self.client.set_terminated(self.run_ids[entry.run], content["status"], content["time"])


def _batches(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _check_database(uri: str) -> None:
    """Raise sqlite3.DatabaseError now, where MLflow would try again for two minutes."""
    if not uri.startswith("sqlite:///"):
        return
    path = Path(uri.removeprefix("sqlite:///").partition("?")[0])
    if str(path) in ("", ".", ":memory:"):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=3)) as connection:
        connection.execute("PRAGMA schema_version").fetchone()
