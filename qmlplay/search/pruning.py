"""The pruning callback: a training that reports to a trial of Optuna, and ends where it lags."""

from __future__ import annotations

from typing import Any

import optuna
from sklearn.utils import check_consistent_length

from qmlplay.checks import check_count
from qmlplay.training import TrainingState
from qmlplay.training.callback import Callback

__all__ = ["PruningCallback"]


class PruningCallback(Callback):
    """A callback that reports the course of a training to a trial, and prunes it.

    Every few iterations it reports how good the model is, and raises `optuna.TrialPruned` where
    the study's pruner says that others were better at that point. What is reported is

    - the score on X and y, where they are given;
    - else the last of ``validation_scores_``, where the estimator has ``early_stopping=True``;
    - else the training loss.

    Its sign follows the study: a loss counts as negative in a study that maximises, a score in one
    that minimises. Several fits of one trial, as in cross-validation, follow each other. Give
    `sklearn.model_selection.cross_val_score` ``error_score="raise"``, as it takes exceptions for
    failures otherwise.

    Parameters
    ----------
    trial : optuna.Trial
        Of a study with one objective.
    X : array-like of shape (n_samples, n_features), optional
        Held-out data, as the estimator takes them.
    y : array-like of shape (n_samples,), optional
        Their labels or numbers.
    every : int, default=5
        Iterations from one report to the next.

    Raises
    ------
    TypeError, ValueError
        If one of X and y is missing, they differ in length, or `every` is no integer above 0.
    optuna.TrialPruned
        From `fit`, which then leaves the estimator as it was.

    Examples
    --------
    >>> import optuna
    >>> from qmlplay import VariationalClassifier, load_dataset
    >>> optuna.logging.set_verbosity(optuna.logging.ERROR)
    >>> data = load_dataset("moons", n_samples=60, random_state=0)
    >>> def objective(trial):
    ...     model = VariationalClassifier(
    ...         learning_rate_init=trial.suggest_float("learning_rate_init", 0.01, 1, log=True),
    ...         max_iter=10, callbacks=[PruningCallback(trial, data.X[40:], data.y[40:])],
    ...         random_state=0)
    ...     return model.fit(data.X[:40], data.y[:40]).score(data.X[40:], data.y[40:])
    >>> study = optuna.create_study(direction="maximize")
    >>> study.optimize(objective, n_trials=2)
    >>> list(study.trials[0].intermediate_values)
    [5, 10]
    """

    def __init__(
        self, trial: optuna.Trial, X: Any = None, y: Any = None, *, every: int = 5
    ) -> None:
        check_count("every", every)
        if (X is None) != (y is None):
            raise TypeError("X and y come together: give both, or none to report the loss")
        if X is not None:
            check_consistent_length(X, y)
        self.trial, self.X, self.y, self.every = trial, X, y, every
        self._n_fits = 0
        self._last = 0

    def on_fit_begin(self, estimator: Any) -> None:
        """Begin another fit, whose steps follow those of the last one."""
        self._n_fits += 1
        self._last = 0

    def __call__(self, state: TrainingState) -> None:
        """Report at every few iterations, once each.

        Raises
        ------
        optuna.TrialPruned
            Where the pruner says so.
        """
        if state.iteration == self._last or state.iteration % self.every:
            return
        self._last = state.iteration
        step = (self._n_fits - 1) * state.estimator.max_iter + state.iteration
        self.trial.report(self._value(state), step)
        if self.trial.should_prune():
            raise optuna.TrialPruned(f"pruned at iteration {state.iteration}")

    def _value(self, state: TrainingState) -> float:
        is_maximum = self.trial.study.direction == optuna.study.StudyDirection.MAXIMIZE
        estimator = state.estimator
        if self.X is not None:
            score = estimator.score(self.X, self.y)
        elif estimator.early_stopping:
            score = estimator.validation_scores_[-1]
        else:
            score = -state.loss
        return float(score if is_maximum else -score)
