"""The log of a comparison: a run with the verdict, and one in it per model, dataset and seed."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import isfinite
from numbers import Real
from pathlib import Path
from typing import Any
from uuid import uuid4

from mlflow.utils.autologging_utils import disable_autologging
from sklearn.pipeline import Pipeline

from qmlplay.mlflow.delivery import Delivery
from qmlplay.mlflow.fit_contents import estimator_tags, text_of
from qmlplay.mlflow.fit_log import RunContext
from qmlplay.mlflow.log_entry import Kind, LogEntry, now

__all__ = ["ComparisonLog", "logged_comparison"]

#: Columns of a run that name it rather than measure it.
_NAMES = ("dataset", "model", "kind", "seed", "trained_on")
_UNSENT, _TIMEOUT = "qmlplay-unsent", 30.0
#: MLflow's names of metrics have no other characters.
_NOT_IN_NAMES = re.compile(r"[^\w\-. /:]")


@contextmanager
def logged_comparison(track: str | bool, parameters: Mapping[str, Any]) -> Iterator[ComparisonLog]:
    """Begin a log, and end it as failed where the comparison raises an error.

    Parameters
    ----------
    track : str or True
        Name of the experiment; True takes the one that is set.
    parameters : mapping
        Of the comparison.
    """
    log = ComparisonLog(track if isinstance(track, str) else None, parameters)
    try:
        with disable_autologging():  # a comparison is one log
            yield log
    except BaseException as error:
        log.fail(error)
        raise


class ComparisonLog:
    """Logs a comparison as it runs: what a kill leaves is there.

    Parameters
    ----------
    experiment : str or None
    parameters : mapping
        Name → value, of the comparison.
    """

    def __init__(self, experiment: str | None, parameters: Mapping[str, Any]) -> None:
        context = RunContext.current()
        self.delivery = Delivery(context.tracking_uri, _UNSENT, _TIMEOUT)
        self.key = uuid4().hex
        content = {
            "time": now(),
            "name": f"compare {text_of(parameters.get('datasets', ''))}"[:250],
            "experiment": experiment,
            "experiment_id": context.experiment_id,
            "within": context.active_run_id,
            "is_child": True,
            "tags": {"qmlplay": "comparison"},
        }
        self._put(self.key, "begin", content)
        texts = {name: text_of(value) for name, value in parameters.items()}
        self._put(self.key, "params", texts)

    @property
    def run_id(self) -> str | None:
        """The id of the run around all others, once MLflow has given one."""
        return self.delivery.server.run_ids.get(self.key)

    def _put(self, run: str, kind: Kind, content: Any, path: Path | None = None) -> None:
        if content or path:
            self.delivery.put(LogEntry(kind, run, content, path))

    def add(self, runs: Sequence[Any]) -> None:
        """Log runs that are done: each has a ``row`` and, if it came about, an ``estimator``."""
        for run in runs:
            self._add(run.row, run.estimator)

    def _add(self, row: Mapping[str, Any], estimator: Any) -> None:
        key, time, names = uuid4().hex, now(), [row[name] for name in ("dataset", "model", "seed")]
        seconds = sum(_finite(row, ("fit_seconds", "predict_seconds")).values())
        is_done, start = row["status"] == "ok", time - int(1000 * seconds)
        tags = {"status": row["status"], "kind": row["kind"]}
        content = {
            "time": start,
            "name": "{} · {} · seed {}".format(*names),
            "parent": self.key,
            "is_child": True,
            "tags": tags | (estimator_tags(estimator) if estimator is not None else {}),
        }
        self._put(key, "begin", content)
        texts = {name: str(row[name]) for name in _NAMES if row.get(name) is not None}
        self._put(key, "params", _parameters(estimator) | texts)
        values = _finite(row, [name for name in row if name not in _NAMES])
        self._put(key, "metrics", {name: [(value, time, 0)] for name, value in values.items()})
        self._put(key, "metrics", _losses(estimator, start, seconds))
        self._put(key, "end", {"status": "FINISHED" if is_done else "FAILED", "time": time})

    def finish(self, comparison: Any) -> None:
        """Log table, verdict and pictures, and wait until all is sent."""
        folder = Path(tempfile.mkdtemp(prefix="qmlplay-mlflow-"))
        try:
            self._put_files(comparison, folder)
        except Exception as error:  # what was compared must not be lost for a picture
            self._put(self.key, "tags", {"qmlplay.left_out": f"{type(error).__name__}: {error}"})
        self._put(self.key, "metrics", _means(comparison.table))
        self._put(self.key, "tags", {"verdict": "\n".join(comparison.verdict)})
        self._close("KILLED" if comparison.n_missing else "FINISHED")
        shutil.rmtree(folder, ignore_errors=True)

    def _put_files(self, comparison: Any, folder: Path) -> None:
        verdict = folder / "verdict.txt"
        verdict.write_text("\n".join([*comparison.verdict, ""]), encoding="utf-8")
        self._put(self.key, "artifact", {}, verdict)
        for path in comparison.save(folder):
            self._put(self.key, "artifact", {}, path)

    def fail(self, error: BaseException) -> None:
        """End the log of a comparison that came to nothing."""
        self._put(self.key, "tags", {"error": f"{type(error).__name__}: {error}"})
        self._close("KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED")

    def _close(self, status: str) -> None:
        self._put(self.key, "end", {"status": status, "time": now()})
        self.delivery.finish()


def _finite(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, float]:
    """Return the numbers of a row by column."""
    numbers = {name: row[name] for name in names if isinstance(row.get(name), Real)}
    return {name: float(value) for name, value in numbers.items() if isfinite(value)}


def _parameters(estimator: Any) -> dict[str, str]:
    """Return the parameters of all parts, but not the parts themselves."""
    if estimator is None:
        return {}
    values = estimator.get_params(deep=True)
    parts = [name for name, value in values.items() if hasattr(value, "get_params")]
    return {n: text_of(value) for n, value in values.items() if n not in [*parts, "steps"]}


def _losses(estimator: Any, start: int, seconds: float) -> dict[str, list[Any]]:
    """Return the loss of every iteration, spread over the seconds that the fit took."""
    model = estimator[-1] if isinstance(estimator, Pipeline) else estimator
    losses, step = list(getattr(model, "loss_curve_", [])), 1000 * seconds
    n = len(losses)
    values = [(losses[i], start + int(step * i / n), i + 1) for i in range(n)]
    return {"loss": values} if values else {}


def _means(table: Any) -> dict[str, list[Any]]:
    """Return the means over the seeds by dataset, model and column."""
    metrics = {}
    for row in table.to_dict(orient="records"):
        for name, value in _finite(row, [n for n in row if n not in _NAMES]).items():
            full = f"{row['dataset']}/{row['model']}/{name}"
            metrics[_NOT_IN_NAMES.sub("_", full)] = [(value, now(), 0)]
    return metrics
