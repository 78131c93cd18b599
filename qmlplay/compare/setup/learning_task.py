"""The two tasks of a comparison, classes and numbers: their scores, and the words for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from qmlplay.baselines import list_baselines
from qmlplay.errors import unknown_name

__all__ = [
    "ACCURACY",
    "BALANCED_ACCURACY",
    "CLASSIFICATION",
    "R2",
    "REGRESSION",
    "TASKS",
    "LearningTask",
    "check_task",
]

#: What a verdict compares.
ACCURACY, BALANCED_ACCURACY, R2 = "accuracy", "balanced accuracy", "R²"


@dataclass(frozen=True)
class LearningTask:
    """What is learned, and how a comparison speaks of it.

    Parameters
    ----------
    name : {"classification", "regression"}
    metric : str
        By which models are compared, unless something speaks against it.
    metrics : mapping of str to str
        Column of `Comparison.runs` → its heading; the first one is the score in the test part,
        the second one that in the training part.
    shown : frozenset of str
        Those in every printed table.
    with_spread : frozenset of str
        Those printed with the spread between the splits.
    guess : str
        Who guesses, after "the accuracy of".
    answer : str
        What features should do, after "tell".
    same : str
        What two models are that answer all test samples alike.
    parity_column : str
        In `Comparison.parity_table`.
    parity : str
        What backends differ in, after which "at most …" follows.
    parity_unit : str
    differs_by : str
        The same for an axis of a picture.
    """

    name: str
    metric: str
    metrics: Mapping[str, str]
    shown: frozenset[str]
    with_spread: frozenset[str]
    guess: str
    answer: str
    same: str
    parity_column: str
    parity: str
    differs_by: str
    parity_unit: str = ""

    @property
    def test_score(self) -> str:
        """The column of the score in the test part."""
        return next(iter(self.metrics))

    @property
    def train_score(self) -> str:
        """The column of the score in the training part."""
        return list(self.metrics)[1]

    @property
    def baselines(self) -> list[str]:
        """The names of the classical models."""
        return list_baselines(self.name)


CLASSIFICATION = LearningTask(
    name="classification",
    metric=ACCURACY,
    metrics=MappingProxyType(
        {
            "test_accuracy": "test accuracy",
            "train_accuracy": "train accuracy",
            "balanced_accuracy": "balanced accuracy",
            "roc_auc": "ROC AUC",
            "log_loss": "log-loss",
        }
    ),
    shown=frozenset({"test_accuracy", "train_accuracy"}),
    with_spread=frozenset({"test_accuracy", "balanced_accuracy", "roc_auc", "log_loss"}),
    guess="the commonest class alone",
    answer="the classes apart",
    same="right on the same samples",
    parity_column="max_probability_difference",
    parity="probabilities differ by",
    differs_by="probability",
)
REGRESSION = LearningTask(
    name="regression",
    metric=R2,
    metrics=MappingProxyType(
        {"test_r2": "test R²", "train_r2": "train R²", "mae": "MAE", "rmse": "RMSE"}
    ),
    shown=frozenset({"test_r2", "train_r2", "mae", "rmse"}),
    with_spread=frozenset({"test_r2", "mae", "rmse"}),
    guess="the training part's mean alone",
    answer="the target",
    same="equally far off on every sample",
    parity_column="max_prediction_difference",
    parity="predictions differ by",
    differs_by="prediction / std",
    parity_unit=" standard deviations of the target",
)
TASKS: Mapping[str, LearningTask] = MappingProxyType(
    {task.name: task for task in (CLASSIFICATION, REGRESSION)}
)


def check_task(task: object) -> str:
    """Return "auto" or the name of a task.

    Raises
    ------
    ValueError
        If it is anything else.

    Examples
    --------
    >>> check_task("auto"), check_task("regression")
    ('auto', 'regression')
    """
    if not isinstance(task, str) or task not in ("auto", *TASKS):
        raise unknown_name("task", task, ("auto", *TASKS))
    return task
