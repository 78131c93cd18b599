"""The search as an estimator: what `search` does, in scikit-learn's manners."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from qmlplay.classifier import VariationalClassifier, VariationalRegressor
from qmlplay.search.search_result import SearchResult
from qmlplay.search.searching import search
from qmlplay.search.space import SearchSpace

__all__ = ["SearchClassifier", "SearchRegressor"]


def _winner_has(method: str) -> Any:
    def check(self: Any) -> bool:
        check_is_fitted(self, "best_estimator_")
        getattr(self.best_estimator_, method)
        return True

    return check


class _SearchEstimator(BaseEstimator):  # type: ignore[misc]
    """What both searches have in common; it is not made itself."""

    result_: SearchResult
    best_estimator_: Any

    def _search(self, X: Any, y: Any, **settings: Any) -> Self:
        given = self.get_params(deep=False)
        model = {name: given.pop(name) for name in ("classifier", "regressor") if name in given}
        self.result_ = search((X, y), **given, **model, **settings)
        self.best_estimator_ = self.result_.best_estimator_
        self.best_params_ = self.result_.best_params_
        self.best_score_ = self.result_.best_score_
        self.test_score_ = self.result_.test_score_
        self.leaderboard_ = self.result_.leaderboard_
        self.study_ = self.result_.study_
        self.n_features_in_ = np.shape(X)[1]
        return self

    def predict(self, X: Any) -> Any:
        """Return the winner's predictions, (n_samples,)."""
        check_is_fitted(self, "best_estimator_")
        return self.best_estimator_.predict(X)

    def __sklearn_is_fitted__(self) -> bool:
        return "best_estimator_" in vars(self)


class SearchClassifier(ClassifierMixin, _SearchEstimator):  # type: ignore[misc]
    """A classifier that is the best one found within a time.

    Parameters
    ----------
    budget, study, n_jobs, n_trials, space, classifier, baselines, test_size, cv, inner_folds,
    random_state, verbose
        As in `qmlplay.search.search`.

    Attributes
    ----------
    best_estimator_ : estimator
        The winner, fitted to all rows.
    best_params_ : dict
    best_score_, test_score_ : float
        Its inner score, by which it was chosen, and its honest one in the held-out part.
    leaderboard_ : DataFrame
    study_ : optuna.Study
        Of the quantum models.
    result_ : SearchResult
        All of it, with the verdict in words.
    classes_ : ndarray of shape (n_classes,)
    n_features_in_ : int

    Examples
    --------
    >>> from qmlplay import load_dataset
    >>> data = load_dataset("moons", n_samples=60, random_state=0)
    >>> found = SearchClassifier(n_trials=2, baselines=["svc_rbf"]).fit(data.X, data.y)
    >>> found.predict(data.X).shape, sorted(found.leaderboard_["model"])
    ((60,), ['quantum', 'svc_rbf'])
    """

    def __init__(
        self,
        budget: float | str = 60,
        *,
        study: str | PathLike[str] | None = None,
        n_jobs: int | None = None,
        n_trials: int | None = None,
        space: SearchSpace | None = None,
        classifier: VariationalClassifier | None = None,
        baselines: Sequence[str] | None = None,
        test_size: float = 0.3,
        cv: Any = None,
        inner_folds: int = 3,
        random_state: int = 0,
        verbose: int | str = "auto",
    ) -> None:
        self.budget = budget
        self.study = study
        self.n_jobs = n_jobs
        self.n_trials = n_trials
        self.space = space
        self.classifier = classifier
        self.baselines = baselines
        self.test_size = test_size
        self.cv = cv
        self.inner_folds = inner_folds
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any) -> Self:
        """Search, and fit the winner to all rows.

        Parameters
        ----------
        X : array-like or DataFrame of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
            Labels.
        """
        self._search(X, y, task="classification")
        self.classes_ = self.best_estimator_.classes_
        return self

    @available_if(_winner_has("predict_proba"))  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> Any:
        """Return the winner's class probabilities, (n_samples, n_classes)."""
        return self.best_estimator_.predict_proba(X)


class SearchRegressor(RegressorMixin, _SearchEstimator):  # type: ignore[misc]
    """A regressor that is the best one found within a time.

    Parameters
    ----------
    budget, study, n_jobs, n_trials, space, regressor, baselines, test_size, cv, inner_folds,
    random_state, verbose
        As in `qmlplay.search.search`.

    Attributes
    ----------
    best_estimator_, best_params_, best_score_, test_score_, leaderboard_, study_, result_
        As in `SearchClassifier`.
    n_features_in_ : int

    Examples
    --------
    >>> from qmlplay import load_dataset
    >>> data = load_dataset("diabetes")
    >>> found = SearchRegressor(n_trials=1, baselines=["ridge"]).fit(data.X[:60], data.y[:60])
    >>> found.predict(data.X[60:]).shape
    (382,)
    """

    def __init__(
        self,
        budget: float | str = 60,
        *,
        study: str | PathLike[str] | None = None,
        n_jobs: int | None = None,
        n_trials: int | None = None,
        space: SearchSpace | None = None,
        regressor: VariationalRegressor | None = None,
        baselines: Sequence[str] | None = None,
        test_size: float = 0.3,
        cv: Any = None,
        inner_folds: int = 3,
        random_state: int = 0,
        verbose: int | str = "auto",
    ) -> None:
        self.budget = budget
        self.study = study
        self.n_jobs = n_jobs
        self.n_trials = n_trials
        self.space = space
        self.regressor = regressor
        self.baselines = baselines
        self.test_size = test_size
        self.cv = cv
        self.inner_folds = inner_folds
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any) -> Self:
        """Search, and fit the winner to all rows.

        Parameters
        ----------
        X : array-like or DataFrame of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
            Numbers.
        """
        return self._search(X, y, task="regression")
