"""The spaces of the classical models: a few settings of every baseline.

The settings that a baseline has by default come first, so that a search is never worse than it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import optuna
from optuna.trial import FrozenTrial
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline, make_pipeline

from qmlplay.baselines import make_baseline
from qmlplay.search.space import TableShape
from qmlplay.search.time_budget import spent_seconds
from qmlplay.tables import TablePreprocessor

__all__ = ["classical_estimator", "defaults", "next_baseline", "suggest_classical"]

Suggest = Callable[[optuna.Trial, str], None]

#: Repetitions of settings after which a baseline has been tried out.
_REPETITIONS = 5
#: Setting → lowest, highest and default value; log-scaled where it is a float.
_NUMBERS: Mapping[str, Mapping[str, tuple[Any, Any, Any]]] = MappingProxyType(
    {
        "dummy": {},
        "logistic_regression": {"C": (1e-3, 1e3, 1.0)},
        "ridge": {"alpha": (1e-3, 1e3, 1.0)},
        "svc_rbf": {"C": (1e-2, 1e3, 1.0), "gamma_factor": (0.05, 20.0, 1.0)},
        "svr_rbf": {
            "C": (1e-2, 1e3, 1.0),
            "gamma_factor": (0.05, 20.0, 1.0),
            "epsilon": (1e-3, 0.5, 0.1),
        },
        "k_nearest_neighbours": {"n_neighbors": (1, 30, 5)},
        "random_forest": {"max_features": (0.1, 1.0, None), "min_samples_leaf": (1, 10, 1)},
        "gradient_boosting": {
            "n_estimators": (30, 300, 100),
            "learning_rate": (0.02, 0.5, 0.1),
            "max_depth": (1, 5, 3),
        },
        "mlp": {"hidden_units": (4, 64, 16), "alpha": (1e-5, 10.0, 1e-2)},
    }
)


def defaults(names: tuple[str, ...], shape: TableShape, n_rows: int) -> list[dict[str, Any]]:
    """Return the usual settings of every baseline, as choices; see `suggest_classical`."""
    choices = []
    for name in names:
        values = {k: v for k, (_, _, v) in _NUMBERS[name].items()}
        if "max_features" in values:  # scikit-learn's own: the root of the columns, or all
            is_regression = shape.task == "regression"
            share = 1.0 if is_regression else shape.n_columns**-0.5
            values["max_features"] = min(max(share, 0.1), 1.0)
        if "n_neighbors" in values:
            values["n_neighbors"] = min(values["n_neighbors"], n_rows)
        choices.append({"model": name} | {f"{name}__{k}": v for k, v in values.items()})
    return choices


def next_baseline(
    names: tuple[str, ...], trials: Sequence[FrozenTrial], *, by_time: bool
) -> str | None:
    """Return the baseline that had the least time, or the fewest trials; None where all had enough.

    One without settings is tried once; one that has few is left when it only repeats itself.
    """
    spent = {}
    for name in names:
        own = [trial for trial in trials if trial.params.get("model") == name]
        n_repeated = sum("skipped" in trial.user_attrs for trial in own)
        if not own or (_NUMBERS[name] and n_repeated < _REPETITIONS):
            spent[name] = spent_seconds(own) if by_time else len(own)
    return min(spent, key=lambda name: spent[name]) if spent else None


def suggest_classical(trial: optuna.Trial, names: tuple[str, ...], n_rows: int) -> None:
    """Let a trial choose a baseline and its settings.

    Parameters
    ----------
    n_rows : int
        Of the smallest training part: there are no more neighbours.
    """
    name = trial.suggest_categorical("model", names)
    for setting, (low, high, _) in _NUMBERS[name].items():
        if isinstance(low, int):
            most = min(high, n_rows) if setting == "n_neighbors" else high
            trial.suggest_int(f"{name}__{setting}", low, max(low, most), log=low > 0)
        else:
            trial.suggest_float(f"{name}__{setting}", low, high, log=True)


def classical_estimator(params: Mapping[str, Any], shape: TableShape, random_state: int) -> Any:
    """Return the unfitted pipeline of a choice."""
    name = params["model"]
    settings = {k.split("__")[1]: v for k, v in params.items() if "__" in k}
    pipeline = make_baseline(name, random_state=random_state, task=shape.task)
    model = pipeline[-1]
    if isinstance(model, TransformedTargetRegressor):
        model = model.regressor
    if "gamma_factor" in settings:  # of the columns that are standardised: "scale" is 1 / columns
        settings["gamma"] = settings.pop("gamma_factor") / shape.n_columns
    if "hidden_units" in settings:
        settings["hidden_layer_sizes"] = (settings.pop("hidden_units"),)
    model.set_params(**settings)
    return with_preprocessing(pipeline, shape)


def with_preprocessing(pipeline: Pipeline, shape: TableShape) -> Pipeline:
    """Return a pipeline that takes the table as it is."""
    if not shape.is_frame:
        return pipeline
    return make_pipeline(TablePreprocessor(), *(step for _, step in pipeline.steps))
