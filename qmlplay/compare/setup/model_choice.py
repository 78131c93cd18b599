"""The choice of models for a comparison: names that it knows, and estimators of one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from sklearn.base import is_classifier, is_regressor

from qmlplay.backends import backend_info, list_backends
from qmlplay.compare.setup.learning_task import CLASSIFICATION, REGRESSION, TASKS, LearningTask
from qmlplay.compare.setup.model_names import distinct_names
from qmlplay.compare.setup.quantum import ABLATION, KERNEL, KINDS
from qmlplay.errors import unknown_name

__all__ = ["Models", "check_kinds", "check_models", "list_models"]

#: A name or an estimator, several of both, or estimators by their names in the table.
Models = Any


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


def check_models(models: Models, task: LearningTask = CLASSIFICATION) -> list[str] | dict[str, Any]:
    """Return models by name, or models by their names in the table.

    Parameters
    ----------
    models
        As in `qmlplay.compare`.
    task : LearningTask, optional

    None stands for all that can run here: those of a framework that is not installed are left
    out, unless they are asked for by name.

    Returns
    -------
    list of str or dict of str to (str or estimator)
        A list where all came by name. In a dict the name of a known model stands for that model,
        under the same key.

    Raises
    ------
    TypeError, ValueError
        If a name is unknown or comes twice, or something is not an estimator.

    Examples
    --------
    >>> check_models("numpy"), check_models(["dummy", "mlp"])
    (['numpy'], ['dummy', 'mlp'])
    >>> from sklearn.svm import SVC
    >>> check_models(["numpy", SVC(), ("stiff", SVC(C=100))])
    {'numpy': 'numpy', 'SVC': SVC(), 'stiff': SVC(C=100)}
    """
    if models is None:
        absent = [name for name in list_backends() if not backend_info(name).is_installed]
        return [name for name in list_models(task.name) if name not in absent]
    if isinstance(models, Mapping):
        for name, estimator in models.items():
            _check_estimator(name, estimator, task)
        return {str(name): estimator for name, estimator in models.items()} or _nothing()
    if isinstance(models, str) or _is_estimator(models):
        models = [models]
    if not isinstance(models, Sequence):
        raise TypeError(
            f"models must be a list of names or a dict of estimators, or a list of both, got "
            f"{models!r}"
        )
    if not models:
        _nothing()
    return _listed(models, task)


def _is_estimator(model: Any) -> bool:
    return callable(getattr(model, "fit", None))


def _listed(models: Sequence[Any], task: LearningTask) -> list[str] | dict[str, Any]:
    """Return the items of a list by their names: names, estimators, and pairs of both."""
    known = list_models(task.name)
    names: list[str | None] = []
    chosen: list[Any] = []
    for item in models:
        is_pair = isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str)
        name, model = item if is_pair else (None, item)
        if is_pair or _is_estimator(model):
            _check_estimator(name or type(model).__name__, model, task)
        elif not isinstance(model, str) or model not in known:
            raise _unknown_model(model, task)
        names.append(model if isinstance(model, str) else name)
        chosen.append(model)
    given = [name for name in names if name is not None]
    for name in given:
        if given.count(name) > 1:
            raise ValueError(f"model {name!r} came {given.count(name)} times: name it once")
    if all(isinstance(model, str) for model in chosen):
        return given
    return dict(zip(distinct_names(names, chosen, known), chosen, strict=True))


def _unknown_model(name: Any, task: LearningTask) -> ValueError:
    """Return the error of a name that no model has, or none of this task."""
    for other in TASKS.values():
        if other is not task and isinstance(name, str) and name in other.baselines:
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
    chosen = models if isinstance(models, dict) else dict(zip(models, models, strict=True))
    own = [name for name, model in chosen.items() if not isinstance(model, str)]
    if kinds and (not own or set(kinds) & (set(chosen) - set(own))):
        raise ValueError(
            f"kinds={dict(kinds)!r} is for models of your own, models={{'name': estimator}}: those "
            "by name have theirs"
        )
    for name, kind in kinds.items():
        if str(name) not in own:
            raise unknown_name("model of kinds", name, own)
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
        advice = "; a name goes into a list: models=['numpy', estimator]"
        raise TypeError(
            f"model {name!r} must be an unfitted scikit-learn {noun} such as {example}(), "
            f"got {estimator!r}{advice if isinstance(estimator, str) else ''}"
        )
    if is_of_other(estimator) and not is_of_task(estimator):
        others = "numbers" if not has_numbers else "classes"
        raise TypeError(
            f"model {name!r} predicts {others}, but the data are a {task.name}: pass a {noun} such "
            f"as {example}(), got {estimator!r}"
        )
