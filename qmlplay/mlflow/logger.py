"""The callback that logs a training to MLflow."""

from __future__ import annotations

import os
from collections.abc import Mapping
from copy import copy
from dataclasses import asdict
from os import PathLike
from typing import Any, Self
from weakref import WeakKeyDictionary

from qmlplay.callbacks import Callback
from qmlplay.checks import check_flag, check_positive
from qmlplay.mlflow.delivery import Delivery
from qmlplay.mlflow.fit_log import FitLog, LogSettings, RunContext

__all__ = ["Logger"]


class Logger(Callback):
    """A callback that logs a training to MLflow, as it runs.

    Parameters, what they came to (`n_qubits_`, `n_parameters_`, versions), the loss of every step,
    the validation score, the score on the training data, iterations, seconds and why training
    ended; the circuit as text and picture, the loss curve, and with two features the decision
    boundary; and the model, in MLflow's format (see `qmlplay.mlflow.save_model`).

    It logs to the active run, or opens one of its own and ends it. A clone's fit, as in
    `sklearn.model_selection.cross_val_score` or a grid search, and a second fit within an active
    run, get a run of their own, nested in the active one. `partial_fit` and warm starts go on in
    the run of the first call; `partial_fit` logs no pictures and no model, as it comes often.

    A thread sends all of it, and training waits for no server, only its end for the last
    entries. Where a server is down, or a database or folder cannot be written, training goes on,
    one `qmlplay.errors.TrackingWarning` says so, and what was to be logged is kept in a folder,
    which `qmlplay.mlflow.send` sends later.

    Parameters
    ----------
    experiment : str, optional
        Name of the experiment, made if there is none; by default the one that is set.
    run_name : str, optional
        Name of the run; MLflow makes one up by default.
    tags : dict of str to str, optional
        Further tags of the run.
    figures : bool, default=True
        Whether to log texts and pictures.
    model : bool, default=True
        Whether to log the model.
    registered_model_name : str, optional
        Also registers the model, as a new version of this name.
    unsent : path, default="qmlplay-unsent"
        Where a folder is made for what cannot be sent.
    timeout : float, default=30.0
        Seconds that the end of a fit waits at most, for a server that hangs.

    Attributes
    ----------
    run_ids : list of str
        Ids of the runs, those of clones too, in the order in which they ended; of fits in this
        process.

    Examples
    --------
    >>> import mlflow, tempfile
    >>> from qmlplay import VariationalClassifier
    >>> uri = mlflow.get_tracking_uri()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     mlflow.set_tracking_uri(f"sqlite:///{folder}/runs.db")
    ...     logger = Logger(figures=False, model=False)
    ...     model = VariationalClassifier(max_iter=3, callbacks=[logger])
    ...     _ = model.fit([[0.0], [1.0]], ["a", "b"])
    ...     len(mlflow.MlflowClient().get_metric_history(logger.run_ids[0], "loss"))
    3
    >>> mlflow.set_tracking_uri(uri)
    """

    def __init__(
        self,
        experiment: str | None = None,
        *,
        run_name: str | None = None,
        tags: Mapping[str, str] | None = None,
        figures: bool = True,
        model: bool = True,
        registered_model_name: str | None = None,
        unsent: str | PathLike[str] = "qmlplay-unsent",
        timeout: float = 30.0,
    ) -> None:
        check_flag("figures", figures)
        check_flag("model", model)
        check_positive("timeout", timeout)
        self.settings = LogSettings(
            experiment,
            run_name,
            dict(tags or {}),
            figures,
            model,
            registered_model_name=registered_model_name,
        )
        self.unsent, self.timeout = unsent, timeout
        self.run_ids: list[str] = []
        self._context: RunContext | None = None
        self._is_clone = False
        self._forget_fits()

    def _forget_fits(self) -> None:
        #: Shared with clones: what failed for one fit is expected to fail for the next.
        self._deliveries: dict[tuple[int, str], Delivery] = {}
        self._fits: WeakKeyDictionary[Any, FitLog] = WeakKeyDictionary()
        self._data: WeakKeyDictionary[Any, tuple[Any, Any]] = WeakKeyDictionary()

    def on_data(self, estimator: Any, X: Any, y: Any) -> None:
        """Remember the training data, for the scores and pictures at the end."""
        self._data[estimator] = X, y

    def on_fit_begin(self, estimator: Any) -> None:
        """Begin a run, or take up the one that training goes on from."""
        if estimator in self._fits and estimator.loss_curve_:
            self._fits[estimator].go_on(estimator)
            return
        context = self._context_now()
        fit = FitLog(self._delivery(context.tracking_uri), self.settings)
        self._fits[estimator] = fit
        fit.begin(estimator, context, is_child=self._is_clone)
        fit.put_dataset(estimator, *self._data[estimator])
        fit.start_clock()

    def __call__(self, state: Any) -> None:
        """Log a step."""
        self._fits[state.estimator].step(state)

    def on_fit_end(self, estimator: Any) -> None:
        """Log what came out, and end the run."""
        fit, (X, y) = self._fits[estimator], self._data.pop(estimator)
        fit.end(estimator, X, y, self._more_metrics(estimator, X, y))
        self._note(fit)
        if self._is_clone:
            self._context = None  # of the search around it, which a later fit is no part of

    def _more_metrics(self, estimator: Any, X: Any, y: Any) -> dict[str, float]:
        return {}

    def on_fit_error(self, estimator: Any, error: BaseException) -> None:
        """End the run as failed."""
        self._data.pop(estimator, None)
        if estimator in self._fits:  # it was begun
            fit = self._fits.pop(estimator)
            fit.fail(error)
            self._note(fit)

    def _note(self, fit: FitLog) -> None:
        if fit.run_id is not None and fit.run_id not in self.run_ids:
            self.run_ids.append(fit.run_id)

    def _context_now(self) -> RunContext:
        """Return the context of this thread, or that of the clone where here is no run."""
        here = RunContext.current()
        if here.active_run_id is None and self._context is not None:
            return self._context
        return here

    def _delivery(self, uri: str) -> Delivery:
        key = (os.getpid(), uri)  # a fork has no threads
        if key not in self._deliveries:
            self._deliveries[key] = Delivery(uri, self.unsent, self.timeout)
        return self._deliveries[key]

    def __sklearn_clone__(self) -> Self:
        """Return a logger of the same run ids, whose fits get runs of their own."""
        here = RunContext.current()
        if here.active_run_id is not None:
            self._context = here  # for clones that other threads make
        clone = copy(self)
        clone._deliveries, clone._fits, clone._data = self._deliveries, self._fits, self._data
        clone.run_ids = self.run_ids
        clone._context = here if here.active_run_id is not None else self._context or here
        clone._is_clone = True
        return clone

    def __getstate__(self) -> dict[str, Any]:
        """Return the settings, and for the fit of a clone in another process where to log."""
        left_out = ("_deliveries", "_fits", "_data")
        state = {name: value for name, value in vars(self).items() if name not in left_out}
        context = self._context if self._is_clone else None
        return state | {"_context": context, "run_ids": list(self.run_ids)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._forget_fits()

    def __repr__(self) -> str:
        defaults = asdict(LogSettings()) | {"unsent": "qmlplay-unsent", "timeout": 30.0}
        values = asdict(self.settings) | {"unsent": self.unsent, "timeout": self.timeout}
        shown = [f"{name}={v!r}" for name, v in values.items() if v != defaults[name]]
        return f"Logger({', '.join(shown)})"
