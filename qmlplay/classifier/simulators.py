"""The simulator that a classifier runs on, and what it runs there for predictions."""

from __future__ import annotations

from copy import copy
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from qmlplay.backends import Backend, get_backend
from qmlplay.classifier.validation import check_parameters
from qmlplay.training import Model

if TYPE_CHECKING:
    from qmlplay.classifier.estimator import VariationalClassifier

__all__ = [
    "checked_backend",
    "decisions",
    "expectations",
    "expectations_and_errors",
    "make_backend",
    "with_backend",
]

Real = NDArray[np.float64]


def make_backend(clf: VariationalClassifier, seed: int | None = None) -> Backend:
    """Return the simulator that a classifier's parameters ask for."""
    if isinstance(clf.backend, Backend):
        return clf.backend
    return get_backend(clf.backend, shots=clf.shots, noise=clf.noise, seed=seed)


def checked_backend(clf: VariationalClassifier, *, goes_on: bool = False) -> Backend:
    """Check a classifier's parameters, and return the simulator to train on."""
    check_parameters(clf.get_params(deep=False))
    if isinstance(clf.backend, Backend) and (clf.shots, clf.noise) != (None, None):
        raise ValueError(
            f"backend={clf.backend!r} is an object with settings of its own: give shots and noise "
            f"to it, and leave the classifier's at None"
        )
    if not clf.shots:
        return make_backend(clf)
    # Further steps need other shots than those before.
    done = clf.n_steps_ if goes_on else 0
    return make_backend(clf, check_random_state(clf.random_state).randint(2**31 - 1) + done)


def _model(clf: VariationalClassifier) -> Model:
    """Return the model to predict with; an integer random_state repeats its shots."""
    seed = int(clf.random_state) if isinstance(clf.random_state, Integral) else None
    return Model(make_backend(clf, seed), clf.circuit_, clf.observables_)


def expectations(clf: VariationalClassifier, X: Real) -> Real:
    """Return expectations (n_samples, n_observables) of checked data."""
    return _model(clf).expectations(clf.scaling_.radians(X), clf.weights_)


def expectations_and_errors(clf: VariationalClassifier, X: Real) -> tuple[Real, Real]:
    """Return expectations and their standard errors, (n_samples, n_observables) each."""
    return _model(clf).expectations_and_errors(clf.scaling_.radians(X), clf.weights_)


def decisions(clf: VariationalClassifier, X: Real) -> Real:
    """Return decision values (n_samples, n_outputs) of checked data."""
    values = expectations(clf, X)
    return np.asarray(clf.readout_.decisions(values))


def with_backend(
    clf: VariationalClassifier, backend: str | Backend, settings: dict[str, Any]
) -> VariationalClassifier:
    """Return a copy of a fitted classifier on another backend."""
    allowed = {"shots", "noise"}
    if set(settings) - allowed:
        raise TypeError(f"with_backend takes shots and noise, got {sorted(settings)}")
    check_is_fitted(clf)
    other = copy(clf)
    if isinstance(backend, Backend):
        settings = {"shots": None, "noise": None} | settings
    other.set_params(backend=backend, **settings)
    checked_backend(other)
    return other
