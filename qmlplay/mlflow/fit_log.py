"""The log of one fit: a run of MLflow from the first step to the pictures at the end."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import uuid4

import mlflow
from mlflow.tracking import fluent

from qmlplay.mlflow.delivery import Delivery
from qmlplay.mlflow.fit_contents import (
    FitContents,
    dataset_of,
    estimator_tags,
    fitted_parameters,
    parameters,
)
from qmlplay.mlflow.log_entry import Kind, LogEntry, now

__all__ = ["FitLog", "LogSettings", "RunContext"]

_STATUS = {"diverged": "FAILED", "interrupted": "KILLED"}


@dataclass(frozen=True)
class RunContext:
    """Where MLflow would log right now.

    Parameters
    ----------
    tracking_uri : str
    active_run_id : str or None
        The run that the user has opened in this thread.
    experiment_id : str or None
        The experiment that the user has set.
    """

    tracking_uri: str
    active_run_id: str | None = None
    experiment_id: str | None = None

    @classmethod
    def current(cls) -> RunContext:
        """Ask MLflow, but no server."""
        run = mlflow.active_run()
        run_id = None if run is None else run.info.run_id
        return cls(mlflow.get_tracking_uri(), run_id, fluent._active_experiment_id)


@dataclass(frozen=True)
class LogSettings:
    """What the user wants of the log of a fit; see `Logger`."""

    experiment: str | None = None
    run_name: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    figures: bool = True
    model: bool = True
    dataset: bool = True
    registered_model_name: str | None = None


class FitLog:
    """Logs one fit, and what goes on from it by a warm start or `partial_fit`.

    Parameters
    ----------
    delivery : Delivery
    settings : LogSettings
    """

    def __init__(self, delivery: Delivery, settings: LogSettings) -> None:
        self.delivery, self.settings = delivery, settings
        self.key = uuid4().hex
        self._start = 0.0
        self._steps_before = 0
        self._n_scores = 0

    @property
    def run_id(self) -> str | None:
        """The id of the run, once MLflow has given one."""
        return self.delivery.server.run_ids.get(self.key)

    def put(self, kind: Kind, content: Any, path: Path | None = None) -> None:
        """Log an entry to this run."""
        if content or path:
            self.delivery.put(LogEntry(kind, self.key, content, path))

    def begin(self, estimator: Any, context: RunContext, *, is_child: bool) -> None:
        """Begin the run, and log the parameters."""
        settings = self.settings
        content = {
            "time": now(),
            "name": settings.run_name,
            "experiment": settings.experiment,
            "experiment_id": context.experiment_id,
            "within": context.active_run_id,
            "is_child": is_child,
            "tags": {**settings.tags, **estimator_tags(estimator)},
        }
        self.put("begin", content)
        self.put("params", parameters(estimator) | fitted_parameters(estimator))

    def put_dataset(self, estimator: Any, X: Any, y: Any) -> None:
        """Log what is trained on, by shapes and a digest."""
        if not self.settings.dataset:
            return
        content: dict[str, Any] = {}
        with warnings.catch_warnings(), suppress(Exception):  # MLflow's view of odd columns
            warnings.simplefilter("ignore")
            content = dataset_of(estimator, X, y)
        self.put("dataset", content)

    def start_clock(self) -> None:
        """Count the seconds of the training from now on."""
        self._start = perf_counter()

    def go_on(self, estimator: Any) -> None:
        """Take up the training where an earlier call has left it."""
        self.start_clock()
        self._steps_before = estimator.n_steps_
        self._n_scores = len(estimator.validation_scores_)

    def step(self, state: Any) -> None:
        """Log the loss of a step, and the validation score where there is a new one."""
        step = self._steps_before + state.step
        self.put("metrics", {"loss": [(state.loss, now(), step)]})
        if state.estimator.early_stopping:
            scores = state.estimator.validation_scores_
            if len(scores) > self._n_scores:
                self._n_scores = len(scores)
                self.put("metrics", {"validation_score": [(scores[-1], now(), step)]})

    def end(self, estimator: Any, X: Any, y: Any, more: dict[str, float] | None = None) -> None:
        """Log what came out, end the run, and wait until it is sent.

        After `partial_fit` that is the numbers alone: it may be called hundreds of times.
        """
        seconds = perf_counter() - self._start
        contents = FitContents(estimator, X, y)
        reason = getattr(estimator, "stop_reason_", None)
        values = contents.metrics() | {"seconds": seconds} | (more or {})
        step = getattr(estimator, "n_steps_", 0)
        self.put("metrics", {name: [(value, now(), step)] for name, value in values.items()})
        folder = Path(tempfile.mkdtemp(prefix="qmlplay-mlflow-"))
        try:
            if reason != "partial_fit":
                self._put_files(contents, folder)
            tags = {"stop_reason": reason} if reason else {}
            if contents.left_out:
                tags["qmlplay.left_out"] = str(contents.left_out)
            self.put("tags", tags)
            self.close(_STATUS.get(str(reason), "FINISHED"))
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _put_files(self, contents: FitContents, folder: Path) -> None:
        if self.settings.figures:
            for path in contents.files(folder):
                self.put("artifact", {}, path)
        model = folder / "model"
        if self.settings.model and contents.write_model(model):
            name = self.settings.registered_model_name
            params = parameters(contents.estimator)
            content = {"name": "model", "params": params, "registered_model_name": name}
            self.put("model", content, model)

    def fail(self, error: BaseException) -> None:
        """End the run of a fit that came to nothing."""
        self.put("tags", {"error": f"{type(error).__name__}: {error}"})
        self.close("KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED")

    def close(self, status: str) -> None:
        """End the run, and wait until it is sent."""
        self.put("end", {"status": status, "time": now()})
        self.delivery.finish()
