"""The base of all quantum estimators: the simulator that they ask, and how it is changed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from numbers import Integral
from os import PathLike
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from qmlplay.backends import Backend, get_backend
from qmlplay.backends.inputs import check_memory
from qmlplay.backends.noise import NoiseModel
from qmlplay.model.preprocessing import Steps
from qmlplay.typing import Real

__all__ = ["QuantumEstimator"]


class QuantumEstimator(BaseEstimator):  # type: ignore[misc]
    """What variational and kernel estimators have in common; it is not made itself."""

    backend: str | Backend
    shots: int | None
    noise: str | NoiseModel | None
    random_state: int | np.random.RandomState | None

    model_: Any
    #: What to do where the backend of a model file is missing, and another one cannot stand in.
    _missing_backend: str = ""

    @abstractmethod
    def _check_parameters(self) -> None:
        """Raise TypeError or ValueError for a parameter that is not allowed."""

    @abstractmethod
    def check_rows(self, X: Real) -> None:
        """Raise ValueError, naming the row, where there is no state for a row of X.

        `fit` and predictions do so as well.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features)
            Finite features in their units. Only ``encoding="amplitude"`` asks for more: a row of
            zeros is no state.
        """

    @abstractmethod
    def _fitted_to_state(self) -> dict[str, Any]:
        """Return what `fit` has left in frozen values as text and arrays, by attribute."""

    @abstractmethod
    def _fitted_from_state(self, state: dict[str, Any]) -> dict[str, Any]:
        """Return the frozen values of a state, by attribute.

        Raises
        ------
        ValueError
            If the state was damaged or changed.
        """

    def __getstate__(self) -> dict[str, Any]:
        # What pickle, joblib and skops keep: parameters as they are, and of the trained model no
        # objects of our own, so that it is small, and whoever loads it trusts few types.
        state: dict[str, Any] = super().__getstate__()
        return state | self._fitted_to_state() if "model_" in state else state

    def __setstate__(self, state: dict[str, Any]) -> None:
        fitted = self._fitted_from_state(state) if "model_" in state else {}
        super().__setstate__(state | fitted)

    def __copy__(self) -> Self:
        other = type(self).__new__(type(self))
        other.__dict__.update(self.__dict__)  # frozen values are shared, not made anew from a state
        return other

    @abstractmethod
    def _write(self, path: str | PathLike[str], steps: Steps) -> None:
        """Write the fitted model, and the steps of a pipeline before it, to a model file."""

    def make_backend(self, seed: int | None = None) -> Backend:
        """Return the simulator that the parameters ask for; a `Backend` object is itself one.

        Parameters
        ----------
        seed : int, optional
            Seed of the shots; a `Backend` object keeps its own.
        """
        if isinstance(self.backend, Backend):
            return self.backend
        return get_backend(self.backend, shots=self.shots, noise=self.noise, seed=seed)

    @property
    def backend_(self) -> Backend:
        """The simulator to predict with, a new one at every look; see the class."""
        self.model_  # noqa: B018 - there is none before fit
        seed = self.random_state
        with self._naming_a_missing_backend():
            backend = self.make_backend(int(seed) if isinstance(seed, Integral) else None)
            if self._missing_backend:  # it may have had other means for large circuits
                check_memory(self.n_qubits_, 1)
        return backend

    @property
    @abstractmethod
    def n_qubits_(self) -> int:
        """Number of qubits."""

    @contextmanager
    def _naming_a_missing_backend(self) -> Iterator[None]:
        try:
            yield
        except (ImportError, ValueError) as error:
            if not self._missing_backend:
                raise
            kind = ImportError if isinstance(error, ImportError) else ValueError
            raise kind(f"{error}. {self._missing_backend}") from error

    def with_backend(self, backend: str | Backend, **settings: Any) -> Self:
        """Return the same fitted model on another simulator; this one stays as it is.

        Parameters
        ----------
        backend : str or Backend
            The other simulator.
        **settings
            New values of ``shots`` or ``noise``; those left out stay as they are.

        Examples
        --------
        >>> from qmlplay import VariationalClassifier
        >>> model = VariationalClassifier(max_iter=1).fit([[0.0], [1.0]], ["a", "b"])
        >>> model.with_backend("cirq").backend
        'cirq'
        >>> model.with_backend("numpy", noise="medium", shots=500).predict([[0.0]]).shape
        (1,)
        """
        check_is_fitted(self)
        if set(settings) - {"shots", "noise"}:
            raise TypeError(f"with_backend takes shots and noise, got {sorted(settings)}")
        if isinstance(backend, Backend):
            settings = {"shots": None, "noise": None} | settings
        other = copy(self)
        other.__dict__.pop("_missing_backend", None)  # the user has chosen
        other.set_params(backend=backend, **settings)
        other._check_parameters()
        other.make_backend()  # what is not allowed there, or missing, is reported now
        return other
