"""Samples, of which every dataset is made, and the draws that the generators share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from qmlplay.checks import is_integer
from qmlplay.datasets.dataset import Dataset
from qmlplay.typing import Integers, Real

if TYPE_CHECKING:
    from sklearn.utils import Bunch

__all__ = [
    "Drawn",
    "Labels",
    "RandomState",
    "Samples",
    "balanced_labels",
    "balanced_sample",
    "check_classification",
    "random_source",
    "to_bunch",
]

RandomState = int | np.random.RandomState | None
Labels = NDArray[Any]
Drawn = tuple[Real, Integers]  # X, (n_samples, n_features), and y, (n_samples,)

_MAX_ROUNDS = 200
_MIN_ROUND = 1000


@dataclass(frozen=True)
class Samples:
    """Rows, labels and names, as a generator returns them.

    Parameters
    ----------
    X : ndarray of float64, shape (n_samples, n_features)
        The features.
    y : ndarray, shape (n_samples,)
        The labels or numbers.
    feature_names : sequence of str
        One name per column; ``x0, x1, ...`` when empty.
    target_names : sequence of str
        One name per class, in the order of ``np.unique(y)``; the labels themselves when empty.
        For a regression the name of the target.
    task : {"classification", "regression"}
        Whether y holds labels or numbers.
    """

    X: Real
    y: Labels
    feature_names: Sequence[str] = ()
    target_names: Sequence[str] = ()
    task: str = "classification"


def to_bunch(samples: Samples, name: str, description: str) -> Dataset:
    """Return the samples as a Dataset, whose entries `load_dataset` describes."""
    features = samples.feature_names or [f"x{i}" for i in range(samples.X.shape[1])]
    targets = samples.target_names or [str(label) for label in np.unique(samples.y).tolist()]
    return Dataset(
        X=np.asarray(samples.X, dtype=np.float64),
        y=samples.y,
        feature_names=list(features),
        target_names=list(targets),
        DESCR=description,
        name=name,
        task=samples.task,
    )


def check_classification(data: Bunch) -> None:
    """Raise ValueError where a dataset is a regression, for those who need classes.

    Examples
    --------
    >>> from qmlplay.datasets import load_dataset
    >>> check_classification(load_dataset("sine"))
    Traceback (most recent call last):
    ValueError: sine is a regression, but classes are needed here: the playground shows
    classification only; compare models on it with qmlplay.compare('sine') (qmlplay compare sine)
    """
    if data.get("task") == "regression":
        raise ValueError(
            f"{data.name} is a regression, but classes are needed here: the playground shows "
            f"classification only; compare models on it with qmlplay.compare({data.name!r}) "
            f"(qmlplay compare {data.name})"
        )


def random_source(random_state: RandomState) -> np.random.RandomState:
    """Return the RandomState for a seed, as scikit-learn does; ValueError for a bad seed."""
    is_source = random_state is None or isinstance(random_state, np.random.RandomState)
    if not is_source and not is_integer(random_state, 0, 2**32 - 1):
        raise ValueError(
            f"random_state={random_state!r}: must be None, a whole number in [0, 2**32 - 1] "
            "or a numpy.random.RandomState"
        )
    source: np.random.RandomState = check_random_state(random_state)
    return source


def balanced_labels(n_samples: int, n_classes: int, source: np.random.RandomState) -> Integers:
    """Return shuffled labels 0 ... n_classes - 1 whose counts differ by one at most."""
    return source.permutation(np.arange(n_samples, dtype=np.int64) % n_classes)


def balanced_sample(
    draw: Callable[[int], Drawn], n_samples: int, source: np.random.RandomState, remedy: str
) -> Drawn:
    """Draw points by rejection until both classes, 0 and 1, have half of `n_samples`.

    Parameters
    ----------
    draw : callable
        ``draw(size)`` tries `size` points and returns those accepted, (m, n_features), and their
        labels, (m,).
    n_samples : int
        How many points to return, at least 2.
    source : RandomState
        Orders the labels.
    remedy : str
        The error's text when the points do not come.

    Returns
    -------
    tuple of ndarray
        X, shape (n_samples, n_features), and y, shape (n_samples,), in random order.

    Raises
    ------
    ValueError
        If one class is still short after many rounds.
    """
    y = balanced_labels(n_samples, 2, source)
    n_needed = np.bincount(y, minlength=2)
    rounds: list[Drawn] = []
    n_drawn = np.zeros(2, dtype=np.int64)
    while (n_drawn < n_needed).any():
        if len(rounds) == _MAX_ROUNDS:
            raise ValueError(remedy)
        rounds.append(draw(max(_MIN_ROUND, n_samples)))
        n_drawn += np.bincount(rounds[-1][1], minlength=2)
    points, labels = (np.concatenate(arrays) for arrays in zip(*rounds, strict=True))
    X = np.empty((n_samples, points.shape[1]))
    for label in (0, 1):
        X[y == label] = points[labels == label][: n_needed[label]]
    return X, y
