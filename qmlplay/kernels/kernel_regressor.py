"""The quantum kernel regressor: a kernel ridge regression."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import RegressorMixin
from sklearn.utils.validation import validate_data

from qmlplay.autologging import autologged
from qmlplay.backends import Backend
from qmlplay.backends.noise import NoiseModel
from qmlplay.classifier.fitting import all_or_nothing
from qmlplay.classifier.validation import numeric_features
from qmlplay.encodings import Encoding
from qmlplay.kernels.kernel_estimator import (
    Candidates,
    QuantumKernelEstimator,
    candidates,
    check_candidates,
)
from qmlplay.kernels.kernel_model import KernelModel
from qmlplay.kernels.kernel_search import DistinctRows, RidgeMachine
from qmlplay.typing import Real

__all__ = ["QuantumKernelRegressor"]

#: Candidates of ``alpha="auto"``.
_RIDGES = (0.001, 0.01, 0.1, 1.0)


class QuantumKernelRegressor(RegressorMixin, QuantumKernelEstimator):  # type: ignore[misc]
    """A kernel ridge regression on a quantum kernel, in scikit-learn's manners.

    As `QuantumKernelClassifier`, with ``KernelRidge`` and an intercept, the mean of y; it takes
    several targets. (A support vector regression is ``SVR(kernel=QuantumKernel(...))``.)

    Parameters
    ----------
    backend, encoding, kind, gamma, n_qubits, n_layers, scale_inputs
        As in `QuantumKernelClassifier`.
    bandwidth : float, "auto" or sequence of float, default="auto"
        As there; the one with the smallest squared error in cross-validation is taken.
    alpha : float, "auto" or sequence of float, default="auto"
        As in ``KernelRidge``: the larger, the more regular. Candidates are chosen from together
        with the bandwidth; "auto" stands for 0.001, 0.01, 0.1 and 1.
    shots, noise, enforce_psd, n_folds, verbose, random_state
        As in `QuantumKernelClassifier`.

    Attributes
    ----------
    model_ : KernelModel
        All that was learned, in one frozen value: rows and their coefficients.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Column names, where X had any.
    alpha_ : float
        The one that was given or found.
    bandwidth_scores_ : dict of float to float
        Bandwidth → minus the mean squared error on rows held out, in units of the variance of y.
    bandwidth_, kernel_, scaling_, backend_, n_qubits_, n_parameters_, n_circuit_evaluations_
        As in `QuantumKernelClassifier`.

    Examples
    --------
    >>> X = np.linspace(0, 1, 40)[:, None]
    >>> model = QuantumKernelRegressor(random_state=0).fit(X, np.sin(6 * X[:, 0]))
    >>> model.score(X, np.sin(6 * X[:, 0])) > 0.95
    True
    """

    def __init__(
        self,
        backend: str | Backend = "numpy",
        *,
        encoding: str | Encoding = "zz",
        kind: str = "fidelity",
        bandwidth: Candidates = "auto",
        gamma: float = 1.0,
        n_qubits: int | None = None,
        n_layers: int = 1,
        scale_inputs: bool | str | tuple[ArrayLike, ArrayLike] = "auto",
        alpha: Candidates = "auto",
        shots: int | None = None,
        noise: str | NoiseModel | None = None,
        enforce_psd: bool = True,
        n_folds: int = 5,
        verbose: int | str = "auto",
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.backend = backend
        self.encoding = encoding
        self.kind = kind
        self.bandwidth = bandwidth
        self.gamma = gamma
        self.n_qubits = n_qubits
        self.n_layers = n_layers
        self.scale_inputs = scale_inputs
        self.alpha = alpha
        self.shots = shots
        self.noise = noise
        self.enforce_psd = enforce_psd
        self.n_folds = n_folds
        self.verbose = verbose
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _machines(self) -> list[RidgeMachine]:
        return [RidgeMachine(alpha) for alpha in candidates(self.alpha, _RIDGES)]

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_candidates("alpha", self.alpha)

    @autologged
    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Learn the scaling, choose the bandwidth, and solve for the coefficients.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Real, finite features.
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Real, finite targets.
        sample_weight : array-like of shape (n_samples,), optional
            Non-negative weights; samples of weight 0 are left out.

        Returns
        -------
        self

        Raises
        ------
        TypeError, ValueError
            As in `QuantumKernelClassifier.fit`.
        """
        with all_or_nothing(self):
            self._check_parameters()
            with numeric_features(X):
                checked, y = validate_data(
                    self, X, y, dtype=float, multi_output=True, y_numeric=True
                )
            self.check_rows(checked)
            targets = np.asarray(y, dtype=float)
            weights = self._weights(checked, sample_weight)
            rows = DistinctRows.of(checked, targets.reshape(len(targets), -1), weights)
            design, scaling, choice = self._search(rows)
            assert isinstance(choice.machine, RidgeMachine)
            self.alpha_ = choice.machine.alpha
            coefficients, intercept = choice.machine.fit(choice.matrix, rows.y, rows.weights)
            self.model_ = KernelModel(
                design,
                scaling,
                rows=rows.X,
                coefficients=coefficients.T,
                intercept=intercept,
                classes=np.empty(0),
                n_support=np.empty(0, dtype=np.int64),
            )
            self.n_outputs_ = 0 if targets.ndim == 1 else targets.shape[1]
        return self

    def predict(self, X: ArrayLike) -> Real:
        """Return predictions.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_targets)
            As y was in `fit`.
        """
        rows, backend = self._asked(X)
        values = self.model_.values(rows, backend)
        return values if self.n_outputs_ else values[:, 0]
