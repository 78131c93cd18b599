"""Predictions of a run for its test part: classes or numbers, sample by sample."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from qmlplay.compare.setup import (
    ACCURACY,
    BALANCED_ACCURACY,
    CLASSIFICATION,
    REGRESSION,
    LearningTask,
)
from qmlplay.typing import Real

__all__ = ["Predictions", "RegressionPredictions", "RunPredictions"]


@dataclass(frozen=True, eq=False)
class RunPredictions(ABC):
    """What one run predicted for the samples of its test part.

    Parameters
    ----------
    table : int
        The number of the table that was divided.
    rows : ndarray of int, shape (n_test,)
        The samples' numbers in it.
    labels, predicted : ndarray of shape (n_test,)
        What is true, and what was predicted.
    guess : label or float
        What somebody says who knows the training part's answers and no features.
    n_train : int
    """

    task: ClassVar[LearningTask]

    table: int
    rows: Any
    labels: Any
    predicted: Any
    guess: Any
    n_train: int

    @property
    def samples(self) -> Any:
        """A number for each sample that no sample of another table has."""
        return np.asarray(self.rows, dtype=np.int64) + (self.table << 40)

    @abstractmethod
    def gains(self, metric: str) -> Real:
        """Return each sample's part of the score, (n_test,); their sum is the score."""

    @abstractmethod
    def weights(self, metric: str) -> Real:
        """Return what a single mistake costs, (n_test,)."""

    @abstractmethod
    def guessed(self, metric: str) -> float:
        """Return the score of the guess."""

    @property
    @abstractmethod
    def training_score(self) -> float:
        """How well the model knows its training part."""

    @classmethod
    @abstractmethod
    def optimism(cls, runs: Sequence[Self]) -> float:
        """Return by how much a model knows its training parts better than its test parts."""

    @abstractmethod
    def score(self, metric: str) -> float:
        """Return the score."""


@dataclass(frozen=True, eq=False)
class Predictions(RunPredictions):
    """What one run predicted for the samples of its test part: classes.

    Parameters
    ----------
    table, rows, labels, predicted, n_train
        As in `RunPredictions`.
    guess : label
        The commonest class of the training part.
    train_balanced_accuracy : float
    """

    task: ClassVar[LearningTask] = CLASSIFICATION

    train_balanced_accuracy: float

    @property
    def is_correct(self) -> Any:
        """Which samples were predicted right, an array of bool."""
        return np.asarray(self.predicted == self.labels)

    def weights(self, metric: str) -> Real:
        """Return what each sample counts for in a metric, (n_test,); their sum is 1."""
        if metric == ACCURACY:
            return np.full(len(self.labels), 1 / len(self.labels))
        _, inverse, counts = np.unique(self.labels, return_inverse=True, return_counts=True)
        return np.asarray(1 / (len(counts) * counts[inverse]))

    def gains(self, metric: str) -> Real:
        """Return the weights of the samples that are right, 0 for the others, (n_test,)."""
        return np.asarray(self.is_correct * self.weights(metric))

    def score(self, metric: str) -> float:
        """Return accuracy or balanced accuracy."""
        return float(self.weights(metric) @ self.is_correct)

    def guessed(self, metric: str) -> float:
        """Return the score of the commonest class of the training part."""
        return float(self.weights(metric) @ (self.labels == self.guess))

    @property
    def training_score(self) -> float:
        """The balanced accuracy in the training part."""
        return self.train_balanced_accuracy

    @classmethod
    def optimism(cls, runs: Sequence[Self]) -> float:
        """Return how far balanced accuracy in training is above that of all test parts."""
        labels, predicted = _joined(runs)
        tested = replace(runs[0], labels=labels, predicted=predicted).score(BALANCED_ACCURACY)
        return float(np.mean([run.train_balanced_accuracy for run in runs])) - tested


@dataclass(frozen=True, eq=False)
class RegressionPredictions(RunPredictions):
    """What one run predicted for the samples of its test part: numbers.

    Parameters
    ----------
    table, rows, labels, predicted, n_train
        As in `RunPredictions`.
    guess : float
        The mean of the training part.
    train_r2 : float
        R² in the training part.

    Examples
    --------
    >>> y, p = np.array([1.0, 2.0, 6.0]), np.array([1.0, 3.0, 5.0])
    >>> run = RegressionPredictions(0, np.arange(3), y, p, 3.0, 7, 0.9)
    >>> round(run.score("R²"), 4)  # 1 − 2 / 14
    0.8571
    """

    task: ClassVar[LearningTask] = REGRESSION

    train_r2: float

    @property
    def squared_errors(self) -> Real:
        """The samples' squared errors, (n_test,), in squared units of the target."""
        return np.asarray((self.labels - self.predicted) ** 2, dtype=np.float64)

    def weights(self, metric: str) -> Real:
        """Return zeros: no error is the same for all samples."""
        return np.zeros(len(self.labels))

    def gains(self, metric: str) -> Real:
        """Return 1/n minus each squared error as a share of the test part's sum of squares."""
        errors, total = self.squared_errors, _sum_of_squares(self.labels)
        if total == 0:  # as scikit-learn's r2_score
            return np.full(len(errors), 0.0 if errors.any() else 1 / len(errors))
        return np.asarray(1 / len(errors) - errors / total)

    def score(self, metric: str) -> float:
        """Return R²."""
        return float(self.gains(metric).sum())

    def guessed(self, metric: str) -> float:
        """Return R² of the mean of the training part: 0 or less."""
        guesses = np.full(len(self.labels), self.guess)
        return replace(self, predicted=guesses).score(metric)

    @property
    def training_score(self) -> float:
        """R² in the training part."""
        return self.train_r2

    @classmethod
    def optimism(cls, runs: Sequence[Self]) -> float:
        """Return which share of the mean squared error of the test parts is not in training.

        It is 0 for a model that is as good elsewhere, and 1 for one that knows its training part
        by heart.
        """
        labels, predicted = _joined(runs)
        unexplained = 1 - replace(runs[0], labels=labels, predicted=predicted).score("R²")
        if unexplained <= 0:
            return 0.0
        return 1 - (1 - float(np.mean([run.train_r2 for run in runs]))) / unexplained


def _joined(runs: Sequence[RunPredictions]) -> tuple[Any, Any]:
    labels = np.concatenate([run.labels for run in runs])
    return labels, np.concatenate([run.predicted for run in runs])


def _sum_of_squares(y: Any) -> float:
    values = np.asarray(y, dtype=np.float64)
    return float(((values - values.mean()) ** 2).sum()) if np.ptp(values) else 0.0
