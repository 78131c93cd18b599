"""The task of a command, and the quantum model with the settings that were typed for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qmlplay.classifier import VariationalClassifier, VariationalRegressor
from qmlplay.classifier.variational import VariationalEstimator
from qmlplay.compare.setup import CLASSIFICATION, REGRESSION, TASKS, LearningTask, check_task
from qmlplay.datasets import list_datasets
from qmlplay.errors import unknown_name

__all__ = ["check_metrics", "common_task", "estimator_of", "prototypes"]


def check_metrics(metrics: Sequence[str], task: LearningTask = CLASSIFICATION) -> None:
    """Raise ValueError for a name that is no metric of a task."""
    for metric in metrics:
        if metric not in task.metrics:
            raise unknown_name("metric", metric, task.metrics)


def common_task(items: Sequence[Any], task: str) -> LearningTask:
    """Return the task that is asked for, or that of the first dataset: `compare` checks the others.

    Parameters
    ----------
    items : sequence of str or Bunch
        From `read_tables`.
    task : str
        As it was typed.
    """
    check_task(task)
    if task != "auto":
        return TASKS[task]
    first = items[0]
    if isinstance(first, str):
        return REGRESSION if first in list_datasets(REGRESSION.name) else CLASSIFICATION
    return TASKS[first.task]


def prototypes(task: LearningTask, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the quantum model of a task as keywords of `compare`.

    Raises
    ------
    ValueError
        If a setting is none of its parameters.
    """
    name = "regressor" if task is REGRESSION else "classifier"
    return {name: estimator_of(task, settings)}


def estimator_of(task: LearningTask, settings: Mapping[str, Any]) -> VariationalEstimator:
    """Return the quantum model of a task with its settings; see `prototypes`."""
    make = VariationalRegressor if task is REGRESSION else VariationalClassifier
    known = make().get_params()
    for name in settings:
        if name not in known:
            raise ValueError(
                f"--set {name} is no parameter of {make.__name__}, which a {task.name} takes: "
                "leave it out"
            )
    estimator: VariationalEstimator = make(**settings)
    return estimator
