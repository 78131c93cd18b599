"""The settings of a search, the same in every process that takes part in it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from qmlplay.classifier.variational import VariationalEstimator
from qmlplay.search.space import SearchSpace, TableShape

__all__ = ["SIDES", "SearchSettings", "fingerprint", "table_hash"]

#: The two sides of a search; each has a study, and the same time.
SIDES = ("quantum", "classical")


@dataclass(frozen=True, eq=False)
class SearchSettings:
    """What decides which trials there are, and what they mean.

    Parameters
    ----------
    task : {"classification", "regression"}
    metric : {"accuracy", "balanced accuracy", "R²"}
        What is to be high.
    space : SearchSpace
    prototype : VariationalEstimator
        All that is not searched of the quantum model.
    baselines : tuple of str
        Classical candidates.
    n_folds : int
        Folds of the inner validation.
    random_state : int
    shape : TableShape
    n_fewest : int
        Rows of the smallest training part of any trial.
    n_trials : int or None
        The most trials of quantum models and of each baseline, on each outer split; None leaves
        it to the time.
    """

    task: str
    metric: str
    space: SearchSpace
    prototype: VariationalEstimator
    baselines: tuple[str, ...]
    n_folds: int
    random_state: int
    shape: TableShape
    n_fewest: int
    n_trials: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return what trials depend on as plain values."""
        prototype = {k: repr(v) for k, v in self.prototype.get_params(deep=False).items()}
        return {
            "task": self.task,
            "space": self.space.to_dict(),
            "model": {k: v for k, v in prototype.items() if k not in ("verbose", "callbacks")},
            "baselines": list(self.baselines),
            "folds": self.n_folds,
            "random_state": self.random_state,
        }


def table_hash(X: Any, y: Any) -> str:
    """Return a hash of a table's content, the same in every process and on every machine.

    Examples
    --------
    >>> table_hash(np.eye(2), np.array([0, 1])) == table_hash(np.eye(2), np.array([0, 1]))
    True
    >>> table_hash(np.eye(2), np.array([0, 1])) == table_hash(np.eye(2), np.array([1, 0]))
    False
    """
    digest = hashlib.sha256(repr(X.shape).encode())
    frame = X if isinstance(X, pd.DataFrame) else pd.DataFrame(X)
    digest.update("\0".join(map(str, frame.columns)).encode())
    digest.update(pd.util.hash_pandas_object(frame.reset_index(drop=True)).to_numpy().tobytes())
    labels = pd.Series(np.asarray(y))
    digest.update(pd.util.hash_pandas_object(labels).to_numpy().tobytes())
    return digest.hexdigest()[:16]


def fingerprint(settings: SearchSettings, X: Any, y: Any, splits: list[Any]) -> dict[str, str]:
    """Return what a study must agree in, part by part, to be gone on with.

    Parameters
    ----------
    splits : list of Split
        The outer splits.
    """
    rows = [np.asarray(split.test_rows).tolist() for split in splits]
    return {
        "table": table_hash(X, y),
        "outer splits": hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16],
        **{k: json.dumps(v, sort_keys=True) for k, v in settings.to_dict().items()},
    }
