"""The forecast of a step: seconds that it will take here, from a few samples that are timed."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np

from qmlplay.backends import Backend
from qmlplay.model import TrainedCircuit
from qmlplay.typing import Real

__all__ = ["seconds_of_gradient", "seconds_of_loss"]

#: Seconds from which on a measurement is long enough.
_LONG_ENOUGH = 0.05


def seconds_of_loss(model: TrainedCircuit, X: Real, backend: Backend) -> float:
    """Return about how many seconds a look at all samples takes.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier, get_backend
    >>> model = VariationalClassifier(max_iter=1).fit([[0.0], [1.0]], ["a", "b"]).model_
    >>> 0 < seconds_of_loss(model, np.zeros((100, 1)), get_backend("numpy")) < 1
    True
    """
    return _seconds(lambda rows: model.expectations(rows, backend), X, backend)


def seconds_of_gradient(model: TrainedCircuit, X: Real, backend: Backend) -> float:
    """Return about how many seconds the gradient of the loss takes, the loss included."""
    n_observables = len(model.observables)

    def differentiate(rows: Real) -> None:
        model.weight_gradient(rows, backend, np.ones((len(rows), n_observables)))

    return _seconds(differentiate, X, backend)


def _seconds(work: Callable[[Real], object], X: Real, backend: Backend) -> float:
    """Time more and more samples, until it is long enough, and count up to all of them.

    An exact simulator takes all at once, and may be compiled for their number.
    """
    n_samples = len(X)
    n_timed = n_samples if backend.is_exact else 1
    work(X[:n_timed])  # what is prepared once is not counted
    while True:
        start = perf_counter()
        work(X[:n_timed])
        seconds = perf_counter() - start
        if seconds >= _LONG_ENOUGH or n_timed == n_samples:
            return seconds * n_samples / n_timed
        n_timed = min(n_samples, 8 * n_timed)
