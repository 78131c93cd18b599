"""The fitted models of finished runs: those of qmlplay, in its own files, which run nothing."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from sklearn.base import clone

from qmlplay.classifier import save_model
from qmlplay.compare.running import last_quantum_model
from qmlplay.compare.setup import Candidate
from qmlplay.saving import load_model

__all__ = ["read_fitted", "write_fitted"]


def write_fitted(file: Path, estimator: Any) -> bool:
    """Write a fitted model if it is one of qmlplay's, or a pipeline of its steps.

    Returns
    -------
    bool
        Whether there is a file now.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    try:
        save_model(estimator, file)
    except (TypeError, ValueError, AttributeError):  # not ours, or with parts that are not
        return False
    return True


def read_fitted(file: Path, candidate: Candidate) -> Any:
    """Return a fitted model with the parameters that its candidate has; None where it has others.

    Raises
    ------
    OSError, ValueError
        If there is no such file, or it is damaged.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # parameters that the file cannot hold come from here
        estimator = load_model(file)
    model = last_quantum_model(estimator)
    if model is not None:
        like = last_quantum_model(clone(candidate.estimator))
        if like is None or type(like) is not type(model):
            raise ValueError(f"it holds a {type(model).__name__}")
        model.set_params(**like.get_params(deep=False))
    return estimator
