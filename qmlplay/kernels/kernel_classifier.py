"""The quantum kernel classifier: a support vector machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import validate_data

from qmlplay.autologging import autologged
from qmlplay.backends import Backend
from qmlplay.backends.noise import NoiseModel
from qmlplay.classifier.fitting import all_or_nothing
from qmlplay.classifier.validation import check_labels, numeric_features
from qmlplay.classifier.weights import check_class_weight, class_weights
from qmlplay.encodings import Encoding
from qmlplay.kernels.kernel_estimator import (
    Candidates,
    QuantumKernelEstimator,
    candidates,
    check_candidates,
)
from qmlplay.kernels.kernel_model import KernelModel
from qmlplay.kernels.kernel_search import DistinctRows, SupportVectorMachine
from qmlplay.model.class_labels import check_not_mixed, check_one_column
from qmlplay.typing import Real

__all__ = ["QuantumKernelClassifier"]

#: Candidates of ``C="auto"``.
_REGULARITIES = (1.0, 10.0, 100.0)


class QuantumKernelClassifier(ClassifierMixin, QuantumKernelEstimator):  # type: ignore[misc]
    """A support vector machine on a quantum kernel, in scikit-learn's manners.

    Features are scaled to angles, states of all rows are simulated at once, and an ``SVC`` takes
    their fidelities. The bandwidth is chosen by stratified cross-validation inside `fit`, each
    candidate with one kernel matrix. Nothing is trained by gradients.

    Parameters
    ----------
    backend : str or Backend, default="numpy"
        The simulator: ``"numpy"``, ``"qiskit"``, ``"cirq"``, ``"pennylane"``, or an object.
    encoding : str or callable, default="zz"
        How a row of data becomes gates, see `QuantumKernel`.
    kind : {"fidelity", "projected"}, default="fidelity"
        The kernel, see `QuantumKernel`.
    bandwidth : float, "auto" or sequence of float, default="auto"
        Positive factor of every angle that reads features. Of several candidates the one with the
        highest accuracy in cross-validation is taken, of equally good ones the smallest; "auto"
        stands for 1/16, 1/8, 1/4, 1/2, 1 and 2.
    gamma : float, default=1.0
        Of the projected kernel.
    n_qubits : int or None, default=None
        None takes one per feature, at least 2 and at most 8; further features share them.
    n_layers : int, default=1
        How often the encoding is repeated.
    scale_inputs : bool, "auto" or (low, high), default="auto"
        As in `qmlplay.VariationalClassifier`: by default features are scaled by their range in
        training to the angles that the encoding was published with.
    C : float, "auto" or sequence of float, default="auto"
        As in ``SVC``: the smaller, the more regular. Candidates are chosen from together with the
        bandwidth; "auto" stands for 1, 10 and 100.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, by which those of the samples are multiplied.
    shots : int or None, default=None
        Measurements per pair of rows; None is exact.
    noise : None, str or NoiseModel, default=None
        See `qmlplay.VariationalClassifier`.
    enforce_psd : bool, default=True
        Whether measured kernel matrices are made positive semi-definite, see `QuantumKernel`.
    n_folds : int, default=5
        Of the cross-validation, at least 2.
    verbose : int or "auto", default="auto"
        "auto" shows a progress bar once `fit` has taken two seconds, 0 none, 1 one in any case.
    random_state : int, RandomState or None, default=None
        Seed of the folds and the shots.

    Attributes
    ----------
    model_ : KernelModel
        All that was learned, in one frozen value: support vectors and their coefficients.
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Column names, where X had any.
    bandwidth_, C_ : float
        Those that were given or found.
    bandwidth_scores_ : dict of float to float
        Bandwidth → accuracy on rows held out, with its best C; NaN where no class has two rows.
    kernel_ : QuantumKernel
        The kernel of rows in radians.
    scaling_ : InputScaling
        From features to radians.
    backend_ : Backend
        The simulator that predictions run on.
    n_qubits_, n_parameters_ : int
        Number of qubits; of all numbers kept (support vectors, coefficients, intercepts).
    n_circuit_evaluations_ : int
        Circuits that `fit` took: exactly one per row and bandwidth, with shots or noise one per
        pair of rows (three per row for the projected kernel).

    Notes
    -----
    Probabilities are a sigmoid (a softmax, for more than two classes) of the decision values over
    one temperature, which makes held-out labels likeliest, so that the likeliest class is always
    the predicted one. ``SVC(probability=True)``, deprecated in scikit-learn 1.9, differs there.
    Predictions are those of ``SVC(break_ties=True)``.

    Examples
    --------
    >>> from qmlplay import load_dataset
    >>> data = load_dataset("moons", n_samples=100, random_state=0)
    >>> model = QuantumKernelClassifier(random_state=0).fit(data.X, data.y)
    >>> model.score(data.X, data.y) > 0.9, model.predict_proba(data.X).shape
    (True, (100, 2))
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
        C: Candidates = "auto",
        class_weight: str | Mapping[Any, float] | None = None,
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
        self.C = C
        self.class_weight = class_weight
        self.shots = shots
        self.noise = noise
        self.enforce_psd = enforce_psd
        self.n_folds = n_folds
        self.verbose = verbose
        self.random_state = random_state

    def _machines(self) -> list[SupportVectorMachine]:
        return [SupportVectorMachine(C) for C in candidates(self.C, _REGULARITIES)]

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_candidates("C", self.C)
        check_class_weight("class_weight", self.class_weight)

    @autologged
    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Learn the scaling, choose the bandwidth, and train the support vector machine.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Real, finite features.
        y : array-like of shape (n_samples,)
            Labels of any one type, at least two classes.
        sample_weight : array-like of shape (n_samples,), optional
            Non-negative factors of C; samples of weight 0 are left out.

        Returns
        -------
        self

        Raises
        ------
        TypeError, ValueError
            If the data or a parameter is not allowed, or the kernel matrix would not fit into
            memory; nothing fitted before is lost.
        """
        with all_or_nothing(self):
            self._check_parameters()
            check_one_column(y)
            check_not_mixed("y", y)
            with numeric_features(X):
                checked, y = validate_data(self, X, y, dtype=float)
            check_labels(y)
            self.check_rows(checked)
            labels = np.asarray(y)
            weights = self._weights(checked, sample_weight)
            classes = np.unique(labels)
            weights = weights * class_weights(self.class_weight, classes, labels, weights)
            rows = DistinctRows.of(checked, np.searchsorted(classes, labels), weights)
            missing = np.setdiff1d(np.arange(len(classes)), rows.y)
            if len(missing):
                raise ValueError(f"classes {classes[missing].tolist()} have only weights of 0")
            self.model_ = self._fitted(rows, classes)
        return self

    def _fitted(self, rows: DistinctRows, classes: NDArray[Any]) -> KernelModel:
        design, scaling, choice = self._search(rows)
        machine = choice.machine
        assert isinstance(machine, SupportVectorMachine)
        self.C_ = machine.C
        svc = machine.fit(choice.matrix, rows.y, rows.weights)
        return KernelModel(
            design,
            scaling,
            rows=rows.X[svc.support_],
            coefficients=svc.dual_coef_,
            intercept=svc.intercept_,
            classes=classes,
            n_support=svc.n_support_,
            temperature=machine.temperature(choice.held_out, rows),
        )

    @property
    def classes_(self) -> NDArray[Any]:
        """The labels, sorted."""
        return self.model_.classes

    def decision_function(self, X: ArrayLike) -> Real:
        """Return the decisions of the support vector machine.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            As ``SVC.decision_function``: for two classes positive for the second one.
        """
        rows, backend = self._asked(X)
        return self.model_.decisions(rows, backend)

    def predict_proba(self, X: ArrayLike) -> Real:
        """Return class probabilities, see the notes of the class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            In the order of `classes_`; every row sums to 1.
        """
        rows, backend = self._asked(X)
        return self.model_.probabilities(rows, backend)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the label of every row, shape (n_samples,)."""
        decisions = self.decision_function(X)
        index = decisions.argmax(axis=1) if decisions.ndim == 2 else (decisions > 0).astype(int)
        return np.asarray(self.classes_[index])

    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the accuracy on X (n_samples, n_features) and y (n_samples,)."""
        check_one_column(y)
        return float(super().score(X, y, sample_weight))
