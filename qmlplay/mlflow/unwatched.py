"""Models without what only watched their training."""

from __future__ import annotations

from copy import copy
from typing import Any

from sklearn.pipeline import Pipeline

from qmlplay.callbacks import Callback

__all__ = ["unwatched"]


def unwatched(model: Any) -> Any:
    """Return a copy without callbacks that log or keep a training: no model needs them.

    Functions, which may end a training, stay.
    """
    is_pipeline = isinstance(model, Pipeline)
    last = copy(model.steps[-1][1] if is_pipeline else model)
    if callbacks := getattr(last, "callbacks", None):
        last.callbacks = [c for c in callbacks if not isinstance(c, Callback)] or None
    if not is_pipeline:
        return last
    pipeline = copy(model)
    pipeline.steps = [*model.steps[:-1], (model.steps[-1][0], last)]
    return pipeline
