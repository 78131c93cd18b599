"""The cost of a trial, told before it is run, so that none can eat the time of all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import optuna
import pandas as pd
from optuna.trial import TrialState
from sklearn.pipeline import Pipeline

from qmlplay.compare.running import baseline_time, quantum_time
from qmlplay.search.search_part import SearchPart
from qmlplay.search.time_budget import forecast_seconds

__all__ = ["trial_cost"]

#: Amplitudes that take as long as all else that comes with a gate.
_OVERHEAD = 10_000
#: Rows from which on the time of a classical trial is forecast; below, it is short in any case.
_MANY_ROWS = 2_000


def trial_cost(
    part: SearchPart,
    side: str,
    study: optuna.Study,
    params: Mapping[str, Any],
    estimator: Any,
    folds: Sequence[Any],
) -> tuple[float | None, float]:
    """Return the seconds that a trial takes at most, None where nobody knows, and its work.

    The work of a quantum model is amplitudes times gates times circuits. Its time follows from
    the finished trial whose work was the likest, that of the first trial from a timed step.
    """
    train, test = folds[0]
    if side == "classical":
        if len(train) < _MANY_ROWS:
            return None, 0.0
        X, y = _rows(part.X, train), part.y[train]
        return baseline_time(params["model"], estimator, X, y).fit * len(folds), 0.0
    work = _work(part, params, estimator, len(train))
    done = [
        (t.user_attrs["work"], t.user_attrs.get("forecast") or sum(t.user_attrs["fold_seconds"]))
        for t in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))
        if "work" in t.user_attrs and {"forecast", "fold_seconds"} & t.user_attrs.keys()
    ]
    forecast = forecast_seconds(work, done)
    if forecast is None:
        X, y = _rows(part.X, train), part.y[train]
        forecast = quantum_time(estimator, X, y, len(test)).fit * len(folds)
    return forecast, work


def _work(part: SearchPart, params: Mapping[str, Any], estimator: Any, n_rows: int) -> float:
    """Return amplitudes times gates times circuits of one fit, at most."""
    model = estimator[-1] if isinstance(estimator, Pipeline) else estimator
    n_inputs = params.get("n_components", part.settings.shape.n_columns)
    is_regression = part.settings.task == "regression"
    given = () if is_regression else (len(np.unique(part.y)),)
    circuit = model.design(n_inputs, *given).circuit.circuit
    amplitudes = 2**circuit.n_qubits * n_rows + _OVERHEAD
    return float(amplitudes * len(circuit.gates) * model.max_iter)


def _rows(X: Any, rows: Any) -> Any:
    return X.iloc[rows] if isinstance(X, pd.DataFrame) else X[rows]
