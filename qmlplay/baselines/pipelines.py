"""The baselines themselves: a name, and the pipeline that it stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from qmlplay.baselines.svc import KernelSVC
from qmlplay.checks import whole_number
from qmlplay.errors import unknown_name

__all__ = ["list_baselines", "make_baseline", "matched_hidden_units"]

RandomState = int | np.random.RandomState | None


def _mlp(random_state: RandomState, hidden_units: int = 16) -> Any:
    return MLPClassifier((hidden_units,), random_state=random_state, **_MLP_SETTINGS)


def _mlp_regressor(random_state: RandomState, hidden_units: int = 16) -> Any:
    sizes = (hidden_units,)
    return _on_scaled_targets(
        MLPRegressor(hidden_layer_sizes=sizes, random_state=random_state, **_MLP_SETTINGS)
    )


def _on_scaled_targets(regressor: Any) -> Any:
    """Return a regressor whose settings count in standard units, whatever those of the target."""
    return TransformedTargetRegressor(regressor, transformer=StandardScaler())


# smooth units and L-BFGS: on a few hundred rows this converges, without a learning rate
_MLP_SETTINGS: Mapping[str, Any] = MappingProxyType(
    {"activation": "tanh", "solver": "lbfgs", "alpha": 1e-2, "max_iter": 5_000, "max_fun": 100_000}
)


_CLASSIFIERS: Mapping[str, Callable[[RandomState], Any]] = MappingProxyType(
    {
        "dummy": lambda seed: DummyClassifier(strategy="prior", random_state=seed),
        "logistic_regression": lambda seed: LogisticRegression(max_iter=1_000, random_state=seed),
        "svc_rbf": lambda seed: KernelSVC(random_state=seed),
        "k_nearest_neighbours": lambda _: KNeighborsClassifier(),
        "random_forest": lambda seed: RandomForestClassifier(random_state=seed),
        "gradient_boosting": lambda seed: GradientBoostingClassifier(random_state=seed),
        "mlp": _mlp,
    }
)

_REGRESSORS: Mapping[str, Callable[[RandomState], Any]] = MappingProxyType(
    {
        "dummy": lambda _: DummyRegressor(strategy="mean"),
        "ridge": lambda seed: Ridge(random_state=seed),
        "svr_rbf": lambda _: _on_scaled_targets(SVR()),
        "random_forest": lambda seed: RandomForestRegressor(random_state=seed),
        "gradient_boosting": lambda seed: GradientBoostingRegressor(random_state=seed),
        "mlp": _mlp_regressor,
    }
)

_TASKS: Mapping[str, Mapping[str, Callable[[RandomState], Any]]] = MappingProxyType(
    {"classification": _CLASSIFIERS, "regression": _REGRESSORS}
)


def list_baselines(task: str = "classification") -> list[str]:
    """Return the name of every baseline, from the plainest on.

    Parameters
    ----------
    task : {"classification", "regression"}, default="classification"

    Raises
    ------
    ValueError
        If the task is unknown.

    Examples
    --------
    >>> list_baselines()[:3]
    ['dummy', 'logistic_regression', 'svc_rbf']
    >>> list_baselines("regression")
    ['dummy', 'ridge', 'svr_rbf', 'random_forest', 'gradient_boosting', 'mlp']
    """
    return list(_of_task(task))


def _of_task(task: str) -> Mapping[str, Callable[[RandomState], Any]]:
    if task not in _TASKS:
        raise unknown_name("task", task, _TASKS)
    return _TASKS[task]


def make_baseline(
    name: str,
    *,
    random_state: RandomState = None,
    n_parameters: int | None = None,
    n_features: int | None = None,
    n_classes: int | None = None,
    task: str = "classification",
) -> Pipeline:
    """Return an unfitted classical pipeline: standard scaling, then a classifier or regressor.

    Every classifier has ``predict_proba``. That of ``svc_rbf`` is calibrated where every class has
    three rows or more (see `KernelSVC`); its predictions are a plain SVC's. ``dummy`` predicts the
    commonest class with the classes' shares as probabilities, for a regression the mean.
    ``svr_rbf`` and ``mlp`` standardise the target, too, as their settings count in its units.

    Parameters
    ----------
    name : str
        One of `list_baselines` of the task.
    random_state : None, int or RandomState
        Seed of the model, where it draws numbers.
    n_parameters : int, optional
        For ``mlp`` only, the others ignore it: the number of weights to match, at least 1; needs
        `n_features` and, for classes, `n_classes`. Without it the hidden layer has 16 units.
    n_features : int, optional
        The number of columns of X.
    n_classes : int, optional
        The number of different labels, at least 2.
    task : {"classification", "regression"}, default="classification"
        What is predicted.

    Returns
    -------
    sklearn.pipeline.Pipeline
        The model is its last step; labels may be of any kind.

    Raises
    ------
    ValueError
        If the name or the task is unknown, or `n_parameters` comes without the other numbers.

    Examples
    --------
    >>> from qmlplay.baselines import count_parameters
    >>> from qmlplay.datasets import load_dataset
    >>> data = load_dataset("moons", random_state=0)
    >>> model = make_baseline("mlp", random_state=0, n_parameters=50, n_features=2, n_classes=2)
    >>> count_parameters(model.fit(data.X, data.y))
    49
    """
    makers = _of_task(task)
    if name not in makers:
        raise unknown_name("baseline", name, makers)
    if name != "mlp" or n_parameters is None:
        return make_pipeline(StandardScaler(), makers[name](random_state))
    if task == "regression":
        n_classes = 2  # one output, too
    if n_features is None or n_classes is None:
        raise ValueError(
            f"n_parameters={n_parameters!r} needs n_features and n_classes, too, for instance "
            f"make_baseline('mlp', n_parameters={n_parameters!r}, n_features=2, n_classes=2)"
        )
    units = matched_hidden_units(n_parameters, n_features, n_classes)
    make = _mlp if task == "classification" else _mlp_regressor
    return make_pipeline(StandardScaler(), make(random_state, units))


def matched_hidden_units(n_parameters: int, n_features: int, n_classes: int) -> int:
    """Return the width of the hidden layer whose network has nearest to `n_parameters` weights.

    With h units and o outputs (1 for two classes, else one per class) there are
    h (n_features + 1) + o (h + 1) weights, biases included.

    Parameters
    ----------
    n_parameters : int, at least 1
    n_features : int, at least 1
    n_classes : int, at least 2

    Returns
    -------
    int
        At least 1, even where that has more weights than asked for.

    Raises
    ------
    ValueError
        If a number is too small or not whole.

    Examples
    --------
    >>> matched_hidden_units(50, n_features=2, n_classes=2)  # 12 · 3 + 13 = 49
    12
    """
    whole_number("n_parameters", n_parameters, 1)
    whole_number("n_features", n_features, 1)
    whole_number("n_classes", n_classes, 2)
    outputs = 1 if n_classes == 2 else n_classes
    return max(1, round((n_parameters - outputs) / (n_features + 1 + outputs)))
