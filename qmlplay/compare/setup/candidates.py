"""Candidates of a comparison: models by name, or estimators of your own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from sklearn.base import BaseEstimator, clone, is_classifier, is_regressor

from qmlplay.backends import backend_info, list_backends
from qmlplay.classifier.quantum_estimator import QuantumEstimator
from qmlplay.classifier.variational import VariationalEstimator
from qmlplay.compare.setup.learning_task import CLASSIFICATION, REGRESSION, TASKS, LearningTask
from qmlplay.compare.setup.named_models import named_models
from qmlplay.compare.setup.quantum import ABLATION, KERNEL, KINDS, kind_of
from qmlplay.errors import unknown_name
from qmlplay.typing import Real

if TYPE_CHECKING:
    from qmlplay.compare.setup.splits import Split

__all__ = [
    "ABLATION",
    "Candidate",
    "check_kinds",
    "check_models",
    "check_rows",
    "lineup",
    "list_models",
]

Models = Sequence[str] | Mapping[str, Any] | None


@dataclass(frozen=True)
class Candidate:
    """A model that takes part in a comparison.

    Parameters
    ----------
    name : str
        Name in the table.
    kind : {"quantum", "ablation", "classical", "hybrid"}
        What it is; the verdict weighs them against each other, and has a line for hybrids.
    estimator : estimator
        Unfitted; it is cloned for every run.
    is_kind_given : bool, default=False
        Whether the kind was said, and not found out.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from qmlplay.compare import Candidate
    >>> Candidate("mine", "classical", LogisticRegression())
    Candidate(name='mine', kind='classical', estimator=LogisticRegression())
    """

    name: str
    kind: str
    estimator: Any
    is_kind_given: bool = field(default=False, repr=False)


def list_models(task: str = "classification") -> list[str]:
    """Return the names of all models that `compare` knows.

    Parameters
    ----------
    task : {"classification", "regression"}, default="classification"
        What they learn.

    Returns
    -------
    list of str
        The backends, the quantum model without entanglement, a support vector machine (for a
        regression ridge regression) on a quantum kernel, and the classical baselines.

    Raises
    ------
    ValueError
        If the task is unknown.

    Examples
    --------
    >>> list_models()[:7]
    ['numpy', 'qiskit', 'cirq', 'pennylane', 'torch', 'jax', 'no_entanglement']
    >>> list_models("regression")[-5:]
    ['ridge', 'svr_rbf', 'random_forest', 'gradient_boosting', 'mlp']
    """
    if task not in TASKS:
        raise unknown_name("task", task, TASKS)
    return [*list_backends(), ABLATION, KERNEL, *TASKS[task].baselines]


def check_models(models: Any, task: LearningTask = CLASSIFICATION) -> list[str] | dict[str, Any]:
    """Return models by name, or estimators by their names in the table.

    Parameters
    ----------
    models
        As in `qmlplay.compare`.
    task : LearningTask, optional

    None stands for all that can run here: those of a framework that is not installed are left
    out, unless they are asked for by name.

    Raises
    ------
    TypeError, ValueError
        If a name is unknown or comes twice, or something is not an estimator.

    Examples
    --------
    >>> check_models("numpy"), check_models(["dummy", "mlp"])
    (['numpy'], ['dummy', 'mlp'])
    """
    known = list_models(task.name)
    if models is None:
        absent = [name for name in list_backends() if not backend_info(name).is_installed]
        return [name for name in known if name not in absent]
    if isinstance(models, Mapping):
        for name, estimator in models.items():
            _check_estimator(name, estimator, task)
        return {str(name): estimator for name, estimator in models.items()} or _nothing()
    if not isinstance(models, Sequence):
        raise TypeError(f"models must be a list of names or a dict of estimators, got {models!r}")
    names = [models] if isinstance(models, str) else list(models)
    for name in names:
        if name not in known:
            raise _unknown_model(name, task)
        if names.count(name) > 1:
            raise ValueError(f"model {name!r} came {names.count(name)} times: name it once")
    return names or _nothing()


def _unknown_model(name: Any, task: LearningTask) -> ValueError:
    """Return the error of a name that no model has, or none of this task."""
    for other in TASKS.values():
        if other is not task and name in other.baselines:
            return ValueError(
                f"model {name!r} is one of {other.name}, but the data are a {task.name}: choose "
                f"among {', '.join(task.baselines)}"
            )
    return unknown_name("model", name, list_models(task.name))


def check_kinds(kinds: Any, models: list[str] | dict[str, Any]) -> dict[str, str]:
    """Return the kinds that were said of own models, by name.

    Raises
    ------
    TypeError, ValueError
        If a name is none of an own model, or a kind is unknown.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> check_kinds({"net": "hybrid"}, {"net": LogisticRegression()})
    {'net': 'hybrid'}
    """
    if kinds is None:
        return {}
    if not isinstance(kinds, Mapping):
        raise TypeError(f"kinds must be a dict such as {{'my net': 'hybrid'}}, got {kinds!r}")
    if kinds and not isinstance(models, dict):
        raise ValueError(
            f"kinds={dict(kinds)!r} is for models of your own, models={{'name': estimator}}: those "
            "by name have theirs"
        )
    for name, kind in kinds.items():
        if str(name) not in models:
            raise unknown_name("model of kinds", name, models)
        if kind not in KINDS:
            raise unknown_name("kind of model", kind, KINDS)
    return {str(name): kind for name, kind in kinds.items()}


def _nothing() -> NoReturn:
    raise ValueError(f"no model came: choose among {list_models()}, or leave models out")


def _check_estimator(name: object, estimator: Any, task: LearningTask) -> None:
    has_numbers = task is REGRESSION
    is_of_task, is_of_other = (is_classifier, is_regressor)[:: -1 if has_numbers else 1]
    has_methods = hasattr(estimator, "fit") and hasattr(estimator, "get_params")
    # A stack has `predict` only when it is fitted.
    can_predict = hasattr(estimator, "predict") or (has_methods and is_of_task(estimator))
    noun, example = ("regressor", "Ridge") if has_numbers else ("classifier", "LogisticRegression")
    if isinstance(estimator, type) or not (has_methods and can_predict):
        raise TypeError(
            f"model {name!r} must be an unfitted scikit-learn {noun} such as {example}(), "
            f"got {estimator!r}"
        )
    if is_of_other(estimator) and not is_of_task(estimator):
        others = "numbers" if not has_numbers else "classes"
        raise TypeError(
            f"model {name!r} predicts {others}, but the data are a {task.name}: pass a {noun} such "
            f"as {example}(), got {estimator!r}"
        )


def lineup(
    models: list[str] | dict[str, Any],
    prototype: VariationalEstimator,
    split: Split,
    kinds: Mapping[str, str] = MappingProxyType({}),
) -> list[Candidate]:
    """Return the models of one split, with its seed as their random state.

    Parameters
    ----------
    models : list of str or dict of str to estimator
        Checked by `check_models`.
    prototype : VariationalClassifier or VariationalRegressor
        The quantum model's settings.
    split : Split
    kinds : mapping of str to str, optional
        What was said of own models, checked by `check_kinds`.
    """
    if isinstance(models, dict):
        return [
            _seeded(name, estimator, split.seed, kinds.get(name))
            for name, estimator in models.items()
        ]
    return [Candidate(*parts) for parts in named_models(models, prototype, split)]


def check_rows(lineups: Iterable[tuple[Split, Sequence[Candidate]]]) -> None:
    """Raise ValueError where a quantum model has no state for a row of a table, naming the row.

    Models inside pipelines are left to their own fit, as they get other columns.
    """
    for split, candidates in lineups:
        table = _table(split) if isinstance(split.X_train, np.ndarray) else np.ones((1, 1))
        if table.any(axis=1).all():  # the usual case, quickly
            continue
        for candidate in candidates:
            if isinstance(candidate.estimator, QuantumEstimator):
                candidate.estimator.check_rows(table)


def _table(split: Split) -> Real:
    """Return both parts in the order of the table; rows in neither are ones."""
    parts = [(split.train_rows, split.X_train), (split.test_rows, split.X_test)]
    n_rows = 1 + max(int(rows.max()) for rows, _ in parts)
    table = np.ones((n_rows, split.X_train.shape[1]))
    for rows, X in parts:
        table[rows] = X
    return table


def _seeded(name: str, estimator: Any, seed: int, kind: str | None) -> Candidate:
    model = clone(estimator)
    _set_random_state(model, seed)
    return Candidate(name, kind or kind_of(model), model, is_kind_given=kind is not None)


def _set_random_state(value: Any, seed: int) -> None:
    """Set every `random_state` of an estimator, also of those in its lists and dicts."""
    if isinstance(value, list | tuple):
        for item in value:
            _set_random_state(item, seed)
    elif isinstance(value, Mapping):
        _set_random_state(list(value.values()), seed)
    elif isinstance(value, BaseEstimator):
        parameters = value.get_params()
        names = [key for key in parameters if key.split("__")[-1] == "random_state"]
        value.set_params(**dict.fromkeys(names, seed))
        containers = [v for v in parameters.values() if isinstance(v, list | tuple | Mapping)]
        _set_random_state(containers, seed)
