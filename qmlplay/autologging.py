"""Autologging: the place where MLflow's sees a fit, without importing MLflow."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any, TypeVar, cast

__all__ = ["autologged"]

Fit = TypeVar("Fit", bound=Callable[..., Any])


def autologged(fit: Fit) -> Fit:
    """Return a method `fit` that ``mlflow.sklearn.autolog()`` sees, where it has been called.

    MLflow changes the classes of scikit-learn alone. It is asked only where the user has imported
    it, and by name, as it lies above all estimators.

    Examples
    --------
    >>> class Estimator:
    ...     @autologged
    ...     def fit(self, X, y):
    ...         return self
    >>> Estimator().fit([[0.0]], [0]).fit.__name__
    'fit'
    """

    @wraps(fit)
    def seen(self: Any, *arguments: Any, **settings: Any) -> Any:
        if "mlflow.sklearn" not in sys.modules:
            return fit(self, *arguments, **settings)
        logging = import_module("qmlplay.mlflow.sklearn_autologging")
        return logging.logged_fit(fit, self, *arguments, **settings)

    return cast("Fit", seen)
