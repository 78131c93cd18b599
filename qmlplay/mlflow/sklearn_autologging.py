"""Autologging of quantum estimators, by the settings of ``mlflow.sklearn.autolog()``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import mlflow
import numpy as np
from mlflow.sklearn import (
    _AUTOLOGGING_METRICS_MANAGER,
    _SklearnTrainingSession,
)
from mlflow.tracking import fluent
from mlflow.utils import autologging_utils
from mlflow.utils.autologging_utils import (
    autologging_is_disabled,
    get_autologging_config,
    safe_patch,
)
from mlflow.utils.gorilla import _ORIGINAL_NAME
from mlflow.utils.mlflow_tags import MLFLOW_AUTOLOGGING

from qmlplay.mlflow.fit_contents import asked_apart, fitted_parameters, named
from qmlplay.mlflow.logger import Logger
from qmlplay.mlflow.tracking_server import impatient
from qmlplay.mlflow.usual_metrics import usual_metrics

__all__ = ["logged_fit"]

_FLAVOR = "sklearn"
_manager = _AUTOLOGGING_METRICS_MANAGER


def logged_fit(fit: Callable[..., Any], estimator: Any, *data: Any, **settings: Any) -> Any:
    """Fit an estimator, and log it where autologging is on and nothing around it is logged."""
    if not _is_wanted(estimator):
        return fit(estimator, *data, **settings)
    logger = _AutoLogger()
    _see_predictions(type(estimator))
    with (
        _SklearnTrainingSession(estimator=estimator, allow_children=False),
        _manager.disable_log_post_training_metrics(),
    ):
        if "callbacks" in estimator.get_params(deep=False):
            with _one_more_callback(estimator, logger):
                fitted = fit(estimator, *data, **settings)
        else:
            fitted = logger.fit(fit, estimator, *data, **settings)
    if logger.run_ids:
        (run_id,) = logger.run_ids
        _manager.register_model(estimator, run_id)
        fluent._last_active_run_id.set(run_id)  # mlflow.last_active_run() is how it is found
    return fitted


def _is_wanted(estimator: Any) -> bool:
    is_off = autologging_is_disabled(_FLAVOR) or autologging_utils._AUTOLOGGING_GLOBALLY_DISABLED
    if is_off or _SklearnTrainingSession.is_active():  # a pipeline or a search logs all of it
        return False
    if get_autologging_config(_FLAVOR, "exclusive", False) and mlflow.active_run():
        return False
    callbacks = getattr(estimator, "callbacks", None) or ()
    return not any(isinstance(callback, Logger) for callback in callbacks)


@contextmanager
def _one_more_callback(estimator: Any, logger: Logger) -> Iterator[None]:
    before = estimator.callbacks
    estimator.callbacks = [*(before or ()), logger]
    try:
        yield
    finally:
        estimator.callbacks = before


class _AutoLogger(Logger):
    """A logger with the settings of ``mlflow.sklearn.autolog`` and the metrics that it logs."""

    def __init__(self) -> None:
        def setting(name: str, default: Any) -> Any:
            return get_autologging_config(_FLAVOR, name, default)

        tags = {MLFLOW_AUTOLOGGING: _FLAVOR, **(setting("extra_tags", None) or {})}
        registered = setting("registered_model_name", None)
        super().__init__(
            tags=tags, model=bool(setting("log_models", True)), registered_model_name=registered
        )
        has_dataset = bool(setting("log_datasets", True))
        self.settings = replace(self.settings, dataset=has_dataset)

    def fit(
        self, fit: Callable[..., Any], estimator: Any, X: Any, y: Any, *more: Any, **settings: Any
    ) -> Any:
        """Fit an estimator that calls no callbacks."""
        self.on_data(estimator, X if hasattr(X, "columns") else np.asarray(X), np.asarray(y))
        self.on_fit_begin(estimator)
        try:
            fitted = fit(estimator, X, y, *more, **settings)
        except BaseException as error:
            self.on_fit_error(estimator, error)
            raise
        self._fits[estimator].put("params", fitted_parameters(estimator))
        self.on_fit_end(estimator)
        return fitted

    def _more_metrics(self, estimator: Any, X: Any, y: Any) -> dict[str, float]:
        positive = get_autologging_config(_FLAVOR, "pos_label", None)
        return usual_metrics(asked_apart(estimator), named(estimator, X), y, positive)


def _see_predictions(kind: type) -> None:
    """Let MLflow see scores and predictions on other data, until its autologging is changed."""
    methods = {"predict": _seen_predict, "predict_proba": _seen_predict, "score": _seen_score}
    if not get_autologging_config(_FLAVOR, "log_post_training_metrics", True):
        return
    for name, method in methods.items():
        if hasattr(kind, name) and _ORIGINAL_NAME % name not in vars(kind):
            safe_patch(_FLAVOR, kind, name, method)


def _seen_predict(original: Callable[..., Any], self: Any, X: Any) -> Any:
    """Predict, and note for which run and data, so that metrics of scikit-learn are logged."""
    run_id = _manager.get_run_id_for_model(self)
    if not (run_id and _manager.should_log_post_training_metrics()):
        return original(self, X)
    with _manager.disable_log_post_training_metrics():
        predicted = original(self, X)
    name = _manager.register_prediction_input_dataset(self, X)
    _manager.register_prediction_result(run_id, name, predicted)
    return predicted


def _seen_score(original: Callable[..., Any], self: Any, X: Any, y: Any, *more: Any) -> Any:
    """Score, and log it under the name of the data."""
    run_id = _manager.get_run_id_for_model(self)
    if not (run_id and _manager.should_log_post_training_metrics()):
        return original(self, X, y, *more)
    with _manager.disable_log_post_training_metrics():
        score = original(self, X, y, *more)
    call = _manager.gen_metric_call_command(self, original, X, y, *more)
    data = _manager.register_prediction_input_dataset(self, X)
    metric = f"{type(self).__name__}_score"
    key = _manager.register_metric_api_call(run_id, metric, data, call)
    with impatient():
        _manager.log_post_training_metric(run_id, key, score)
    return score
