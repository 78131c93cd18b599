"""The same weights on another simulator, and how far simulators agree about them.

A quantum model may stand alone or at the end of a pipeline that prepares its data.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from qmlplay.classifier import with_backend
from qmlplay.classifier.variational import VariationalEstimator
from qmlplay.compare.setup import ABLATION, CLASSIFICATION, REGRESSION, LearningTask
from qmlplay.typing import Real

if TYPE_CHECKING:
    from qmlplay.compare.setup import Split

__all__ = ["answers", "last_quantum_model", "parity_table"]


def last_quantum_model(estimator: Any) -> VariationalEstimator | None:
    """Return the quantum model that an estimator is, or that a pipeline ends in.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from qmlplay import VariationalClassifier
    >>> last_quantum_model(make_pipeline(StandardScaler(), VariationalClassifier("cirq"))).backend
    'cirq'
    >>> last_quantum_model(StandardScaler()) is None
    True
    """
    while isinstance(estimator, Pipeline):
        estimator = estimator.steps[-1][1]
    return estimator if isinstance(estimator, VariationalEstimator) else None


def parity_table(
    fitted: Mapping[tuple[str, str], Any],
    splits: Mapping[str, Split],
    copies: Collection[tuple[str, str]] = (),
    task: LearningTask = CLASSIFICATION,
) -> pd.DataFrame:
    """Evaluate the weights trained on each simulator on all others: max |Δ probability|.

    For a regression it is max |Δ prediction|, in standard deviations of the training targets.

    Models with shots are left out, as they differ by chance.

    Parameters
    ----------
    fitted : mapping of (dataset, model) to estimator
    splits : mapping of dataset to Split
        Whose test parts the answers are for.
    copies : collection of (dataset, model)
        Those that have their weights from another one.
    task : LearningTask, optional
    """
    rows = []
    for dataset, split in splits.items():
        models = {
            name: model
            for (of_dataset, name), model in fitted.items()
            if of_dataset == dataset and _is_exact(name, model)
        }
        backends = dict.fromkeys(_backend(model) for model in models.values())
        for name, model in models.items():
            if (dataset, name) in copies:
                continue
            expected = answers(model, split, task)
            for other in (backend for backend in backends if backend != _backend(model)):
                p = answers(with_backend(model, other), split, task)
                rows.append((dataset, name, other, float(np.abs(p - expected).max())))
    columns = ["dataset", "trained_on", "evaluated_on", task.parity_column]
    return pd.DataFrame(rows, columns=columns)


def answers(model: Any, split: Split, task: LearningTask) -> Real:
    """Return probabilities, or predicted numbers in standard deviations of the training's."""
    if task is REGRESSION:
        return np.asarray(model.predict(split.X_test) / np.std(split.y_train))
    return np.asarray(model.predict_proba(split.X_test))


def _is_exact(name: str, estimator: Any) -> bool:
    model = last_quantum_model(estimator)
    if model is None or name == ABLATION:
        return False
    return isinstance(model.backend, str) and model.shots is None


def _backend(estimator: Any) -> str:
    model = last_quantum_model(estimator)
    assert model is not None
    return str(model.backend)
