"""What pictures of circuits ask of a fitted classifier, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from qmlplay.backends import Backend, get_backend
from qmlplay.circuit import ParametricCircuit
from qmlplay.plots.feature_plane import named_rows

__all__ = ["FittedModel"]

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FittedModel:
    """A fitted quantum classifier, or a pipeline that ends with one.

    Parameters
    ----------
    classifier : estimator
        With the public attributes of `qmlplay.VariationalClassifier`.
    steps : Pipeline or None
        What comes before it.
    """

    classifier: Any
    steps: Pipeline | None

    @classmethod
    def of(cls, estimator: Any) -> FittedModel:
        """Take an estimator apart.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If it is not fitted.
        TypeError
            If it has no circuit.
        """
        check_is_fitted(estimator)
        is_pipeline = isinstance(estimator, Pipeline)
        classifier = estimator[-1] if is_pipeline else estimator
        if not isinstance(getattr(classifier, "circuit_", None), ParametricCircuit):
            raise TypeError(
                f"this picture needs a fitted VariationalClassifier (or a pipeline that ends with "
                f"one), got {type(classifier).__name__}, which has no circuit"
            )
        return cls(classifier, estimator[:-1] if is_pipeline and len(estimator) > 1 else None)

    @property
    def circuit(self) -> ParametricCircuit:
        """The circuit with the formulas of its angles."""
        circuit: ParametricCircuit = self.classifier.circuit_
        return circuit

    @property
    def backend(self) -> Backend:
        """The simulator that the classifier predicts with, its shots and noise included."""
        clf = self.classifier
        if isinstance(clf.backend, Backend):
            return clf.backend
        seed = int(clf.random_state) if isinstance(clf.random_state, Integral) else None
        return get_backend(clf.backend, shots=clf.shots, noise=clf.noise, seed=seed)

    def features(self, X: ArrayLike) -> Real:
        """Return what reaches the classifier, shape (n_samples, n_features).

        Raises
        ------
        ValueError
            If X has another number of features.
        """
        is_frame = isinstance(X, pd.DataFrame)
        rows: Any = X if is_frame else np.atleast_2d(np.asarray(X, dtype=float))
        if self.steps is not None:
            rows = self.steps.transform(rows if is_frame else named_rows(self.steps, rows))
        n_features = self.classifier.n_features_in_
        if np.shape(rows)[1:] != (n_features,):
            raise ValueError(f"X must have {n_features} features, got shape {np.shape(X)}")
        return np.asarray(rows, dtype=float)

    def one(self, x: ArrayLike) -> Real:
        """Return one sample's features, shape (n_features,).

        Raises
        ------
        ValueError
            If x is not one sample.
        """
        if np.ndim(x) != 1:
            raise ValueError(f"one sample is needed, such as X[0]; got shape {np.shape(x)}")
        return np.asarray(self.features(x)[0])

    def radians(self, X: ArrayLike) -> Real:
        """Return data in radians, as the circuit reads them, shape (n_samples, n_features)."""
        return np.asarray(self.classifier.scaling_.radians(self.features(X)))

    def expectations(self, X: ArrayLike, observables: list[str]) -> Real:
        """Return expectations (n_samples, n_observables) of the states for X."""
        rows = self.radians(X)
        angles = self.circuit.angles(rows, self.classifier.weights_)
        values = self.backend.expectations(self.circuit.circuit, angles, observables)
        return np.broadcast_to(values, (len(rows), len(observables)))

    def probabilities(self, X: ArrayLike) -> Real:
        """Return the probabilities (n_samples, 2**n_qubits) of all bit strings for X."""
        rows = self.radians(X)
        angles = self.circuit.angles(rows, self.classifier.weights_)
        values = self.backend.probabilities(self.circuit.circuit, angles)
        return np.broadcast_to(values, (len(rows), values.shape[1]))
