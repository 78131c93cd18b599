"""Readable names for estimators that came without one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

__all__ = ["distinct_names"]

#: Values of parameters that a name can show.
_PLAIN = (bool, int, float, str)
#: Parameters in which a model that contains another one keeps it.
_INNER = ("estimator", "base_estimator", "regressor", "classifier")
#: Letters of a name with its parameters, which shares a line of a table with much else.
_LONGEST = 48


def distinct_names(
    names: Sequence[str | None], models: Sequence[Any], taken: Collection[str] = ()
) -> list[str]:
    """Return a name for every model, all of them different.

    Parameters
    ----------
    names : sequence of str or None
        Those that were given, which are different.
    models : sequence of estimator or str
        What has no name is called after its class. Where several would be called the same, the
        parameters in which they differ are added, or else a number.
    taken : collection of str, optional
        Names that no nameless model may get.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn.svm import SVC
    >>> models = ["numpy", SVC(C=1), SVC(C=9), make_pipeline(StandardScaler(), SVC()), SVC()]
    >>> distinct_names(["numpy", None, None, None, "mine"], models)
    ['numpy', 'SVC(C=1)', 'SVC(C=9)', 'StandardScaler + SVC', 'mine']
    >>> distinct_names([None, None], [LogisticRegression(), LogisticRegression()])
    ['LogisticRegression', 'LogisticRegression (2)']
    """
    classes = [
        described(model) if name is None else None
        for name, model in zip(names, models, strict=True)
    ]
    result: list[str] = []
    used = {name for name in names if name is not None} | set(taken)
    for name, model, plain in zip(names, models, classes, strict=True):
        if name is not None:
            result.append(name)
            continue
        namesakes = [other for other, of in zip(models, classes, strict=True) if of == plain]
        result.append(_numbered(f"{plain}{_differences(model, namesakes)}", used))
        used.add(result[-1])
    return result


def described(model: Any) -> str:
    """Return what an estimator is, in the names of its classes.

    Examples
    --------
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.svm import SVC
    >>> described(GridSearchCV(SVC(), {"C": [1, 10]}))
    'GridSearchCV(SVC)'
    """
    if isinstance(model, Pipeline):
        steps = [step for _, step in model.steps if step not in (None, "passthrough")]
        return " + ".join(map(described, steps))
    plain = type(model).__name__
    inner = [
        vars(model)[name]
        for name in _INNER
        if isinstance(model, BaseEstimator) and name in vars(model)
    ]
    inside = [described(part) for part in inner if isinstance(part, BaseEstimator)]
    return f"{plain}({', '.join(inside)})" if inside else plain


def _differences(model: Any, namesakes: Sequence[Any]) -> str:
    """Return the plain parameters in which a model differs from its namesakes, in parentheses."""
    if len(namesakes) < 2:
        return ""
    parameters = [other.get_params() for other in namesakes]
    mine = model.get_params()
    differing = {
        name: value
        for name, value in mine.items()
        if isinstance(value, _PLAIN)
        and not name.endswith("random_state")  # every split sets it
        and any(_differ(value, others.get(name)) for others in parameters)
    }
    text = ", ".join(f"{name}={value!r}" for name, value in differing.items())
    return f"({text})" if text and len(text) <= _LONGEST else ""


def _differ(value: Any, other: Any) -> bool:
    return repr(value) != repr(other)  # as NaN differs from itself


def _numbered(name: str, used: Collection[str]) -> str:
    number, result = 1, name
    while result in used:
        number += 1
        result = f"{name} ({number})"
    return result
