"""Fingerprints: short texts that tell whether two trainings are the same, and what differs."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

import joblib
import numpy as np
from sklearn.base import BaseEstimator

from qmlplay.backends import Backend

__all__ = ["digest", "parameter_texts"]

_PLAIN = (bool, int, float, complex, str, bytes, type(None))
#: What is told apart by its name.
_NAMED = (FunctionType, BuiltinFunctionType, MethodType, type)


def digest(*values: Any) -> str:
    """Return a short text that equal values share, in every process; others differ.

    Examples
    --------
    >>> digest(np.zeros(2)) == digest(np.zeros(2)), digest(np.zeros(2)) == digest(np.zeros(3))
    (True, False)
    """
    return str(joblib.hash(values))[:16]


def parameter_texts(estimator: Any, *, without: Sequence[str] = ()) -> dict[str, str]:
    """Return a text for every parameter, those of estimators inside it included.

    Functions and classes are told apart by their names: nobody can notice that their code has
    changed.

    Parameters
    ----------
    estimator : estimator
    without : sequence of str
        Parameters, wherever they are, that do not count.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.pipeline import make_pipeline
    >>> texts = parameter_texts(make_pipeline(Ridge(alpha=np.float64(0.5))))
    >>> texts["ridge"], texts["ridge__alpha"]
    ('sklearn.linear_model._ridge.Ridge', '0.5')
    """
    parameters = estimator.get_params(deep=True)
    return {"": _name(type(estimator))} | {
        name: _text(value)
        for name, value in sorted(parameters.items())
        if name.split("__")[-1] not in without
    }


def _text(value: Any) -> str:
    """Return a text for a value: readable where it is short."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, _PLAIN):
        return repr(value) if len(repr(value)) < 80 else f"{repr(value)[:40]}… {digest(value)}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_text(k)}: {_text(v)}' for k, v in value.items())}}}"
    return _name(value) if isinstance(value, _NAMED) else _text_of_object(value)


def _text_of_object(value: Any) -> str:
    kind = _name(type(value))
    if isinstance(value, BaseEstimator):
        return kind  # its parameters follow
    if isinstance(value, partial):
        return f"{_text(value.func)}({_text(value.args)}, {_text(value.keywords)})"
    if isinstance(value, Backend):
        return f"{kind} {value!r}"
    if is_dataclass(value):
        return f"{kind} {_text(vars(value))}"
    try:
        return f"{kind} {digest(value)}"
    except (TypeError, AttributeError, pickle.PicklingError):  # a lock or a lambda inside
        return kind


def _name(value: Any) -> str:
    return f"{value.__module__}.{value.__qualname__}"
