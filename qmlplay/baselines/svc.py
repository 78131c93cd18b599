"""A support vector classifier with scikit-learn's predictions, and with probabilities, too."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, softmax
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.svm import SVC
from sklearn.utils.validation import check_is_fitted, column_or_1d

from qmlplay.progress import Progress, progress_bar
from qmlplay.typing import Real

__all__ = ["KernelSVC"]

_FOLDS = 3


class KernelSVC(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """SVC with an RBF kernel; its predictions are exactly those of ``sklearn.svm.SVC``.

    Where every class has at least three rows, the probabilities come from sigmoids fitted to
    held-out scores in three-fold cross-validation. With fewer rows they are a sigmoid (for more
    than two classes a softmax) of the decision function, and not calibrated. The likeliest class
    can differ from the predicted one, as with ``SVC(probability=True)``.

    Parameters
    ----------
    random_state : None, int or RandomState
        Handed to the SVC, which draws no numbers without probabilities of its own.
    verbose : int or "auto", default="auto"
        "auto" shows a progress bar once fitting has taken two seconds, in a terminal or a
        notebook only; 0 shows none, and 1 shows one in any case.
    C, gamma : float, default=1.0 and "scale"
        As in ``sklearn.svm.SVC``.

    Attributes
    ----------
    svc_ : SVC
        The one that predicts.
    calibrated_ : CalibratedClassifierCV or None
        The one that gives probabilities.
    n_sigmoids_ : int
        How many sigmoids were fitted.

    Examples
    --------
    >>> model = KernelSVC().fit([[0.0], [1.0], [2.0]], ["low", "low", "high"])
    >>> model.predict([[1.9]]), model.calibrated_
    (array(['high'], dtype='<U4'), None)
    """

    def __init__(
        self,
        random_state: int | np.random.RandomState | None = None,
        verbose: int | str = "auto",
        C: float = 1.0,
        gamma: float | str = "scale",
    ) -> None:
        self.random_state = random_state
        self.verbose = verbose
        self.C = C
        self.gamma = gamma

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit the SVC to X (n_samples, n_features) and y (n_samples,), and its sigmoids."""
        labels = column_or_1d(y, warn=True)
        with progress_bar(2, "fit (SVC)", verbose=self.verbose) as progress:
            self._fit(X, labels, progress)
        return self

    def _fit(self, X: ArrayLike, y: NDArray[Any], progress: Progress) -> None:
        svc = SVC(C=self.C, gamma=self.gamma, random_state=self.random_state)
        self.svc_ = svc.fit(X, y)
        self.classes_, counts = np.unique(y, return_counts=True)
        self.n_features_in_ = self.svc_.n_features_in_
        progress.advance(note="calibration")
        self.calibrated_, self.n_sigmoids_ = None, 0
        if counts.min() >= _FOLDS:
            # ensemble=False: one SVC on all rows, and sigmoids from held-out scores
            calibrated = CalibratedClassifierCV(clone(self.svc_), ensemble=False, cv=_FOLDS)
            self.calibrated_ = calibrated.fit(X, y)
            (inner,) = self.calibrated_.calibrated_classifiers_
            self.n_sigmoids_ = len(inner.calibrators)
        progress.advance()

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the class of every row, shape (n_samples,)."""
        check_is_fitted(self)
        return np.asarray(self.svc_.predict(X))

    def decision_function(self, X: ArrayLike) -> Real:
        """Return the SVC's scores: (n_samples,) for two classes, else (n_samples, n_classes)."""
        check_is_fitted(self)
        return np.asarray(self.svc_.decision_function(X))

    def predict_proba(self, X: ArrayLike) -> Real:
        """Return the probability of every class, shape (n_samples, n_classes)."""
        check_is_fitted(self)
        if self.calibrated_ is not None:
            return np.asarray(self.calibrated_.predict_proba(X))
        scores = self.decision_function(X)
        if scores.ndim == 1:
            return np.column_stack([expit(-scores), expit(scores)])
        return np.asarray(softmax(scores, axis=1))
