"""The trials: a model, trained and tested on one division of one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from time import perf_counter
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from qmlplay import VariationalClassifier
from qmlplay.baselines import make_baseline
from qmlplay.examples.study.suite import divided

__all__ = ["DEFAULT", "MODELS", "RIVALS", "VARIANTS", "Trial", "run", "summary"]

DEFAULT = "default"
RIVALS = ("logistic_regression", "svc_rbf")


def _quantum(**settings: Any) -> Callable[[int], Any]:
    return lambda seed: VariationalClassifier(random_state=seed, verbose=0, **settings)


def _rival(name: str) -> Callable[[int], Any]:
    return lambda seed: make_baseline(name, random_state=seed)


#: name: function of the seed that makes the model
MODELS: Mapping[str, Callable[[int], Any]] = MappingProxyType(
    {
        DEFAULT: _quantum(),
        "without entanglement": _quantum(ansatz="no_entanglement"),
        "default of 0.1.0": _quantum(encoding="angle", ansatz="hardware_efficient"),
        **{name: _rival(name) for name in RIVALS},
    }
)
#: What else was tried by validation.
VARIANTS: Mapping[str, Callable[[int], Any]] = MappingProxyType(
    {
        "3 layers": _quantum(n_layers=3),
        "2 layers": _quantum(n_layers=2),
        "no penalty": _quantum(alpha=0),
        "learning rate 0.05": _quantum(learning_rate_init=0.05),
        "fixed CX": _quantum(ansatz="hardware_efficient"),
        "a turn per feature": _quantum(encoding="angle"),
    }
)


@dataclass(frozen=True)
class Trial:
    """What came out of one training."""

    table: str
    model: str
    seed: int
    n_features: int
    n_classes: int
    n_samples: int
    accuracy: float
    train_accuracy: float
    seconds: float


def run(
    work: Iterable[tuple[str, str, int]], *, validates: bool = False, n_jobs: int = 1
) -> Iterator[Trial]:
    """Yield the trials of (table, model, seed), each as it is done."""
    yield from Parallel(n_jobs=n_jobs, return_as="generator_unordered", batch_size=1)(
        delayed(_trial)(table, model, seed, validates) for table, model, seed in work
    )


def _trial(table: str, model: str, seed: int, validates: bool) -> Trial:
    X_train, X_test, y_train, y_test = divided(table, seed, validates=validates)
    estimator = {**MODELS, **VARIANTS}[model](seed)
    start = perf_counter()
    with threadpool_limits(1):  # as many trials as cores go on at once
        estimator.fit(X_train, y_train)
    seconds = perf_counter() - start
    return Trial(
        table,
        model,
        seed,
        n_features=X_train.shape[1],
        n_classes=len(np.unique(y_train)),
        n_samples=len(X_train) + len(X_test),
        accuracy=float(estimator.score(X_test, y_test)),
        train_accuracy=float(estimator.score(X_train, y_train)),
        seconds=seconds,
    )


def summary(trials: Iterable[Trial], model: str = DEFAULT) -> pd.DataFrame:
    """Return a row per table: means over seeds, spreads, and what is behind the better rival.

    Columns ``mean`` and ``spread`` (sample standard deviation) are the model's test accuracy,
    those named as the rivals theirs, ``ahead`` the difference to the better rival's mean, and
    ``seconds`` the median time of a training.
    """
    runs = pd.DataFrame([asdict(trial) for trial in trials])
    sizes = runs.groupby("table", sort=False)[["n_features", "n_classes", "n_samples"]].first()
    mean = runs.pivot_table(index="table", columns="model", values="accuracy", sort=False)
    own = runs[runs["model"] == model].groupby("table", sort=False)
    result = sizes.assign(mean=own["accuracy"].mean(), spread=own["accuracy"].std())
    for rival in RIVALS:
        result[rival] = mean[rival]
    result["ahead"] = result["mean"] - mean[list(RIVALS)].max(axis=1)
    result["seconds"] = own["seconds"].median()
    return result
