"""The python_function of a model: predictions as MLflow's scoring asks for them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from mlflow.models import ModelSignature, infer_signature

from qmlplay.checks import check_choice

__all__ = ["METHODS", "PredictionFunction", "inferred_signature"]

#: Prediction methods that a call may ask for.
METHODS = ("predict", "predict_proba", "decision_function")


class PredictionFunction:
    """A fitted model as MLflow calls it.

    Parameters
    ----------
    model : estimator or Pipeline
        Fitted.
    predict_method : {"predict", "predict_proba", "decision_function"}, default="predict"
        What a call without parameters answers with.

    Raises
    ------
    ValueError
        If the model has no such method.
    """

    def __init__(self, model: Any, predict_method: str = "predict") -> None:
        self.model, self.predict_method = model, predict_method
        self._method(predict_method)

    def get_raw_model(self) -> Any:
        """Return the estimator or pipeline, for ``get_raw_model`` of MLflow."""
        return self.model

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        """Return predictions for rows of X.

        Parameters
        ----------
        model_input : DataFrame or array-like of shape (n_samples, n_features)
        params : dict, optional
            ``{"predict_method": "predict_proba"}`` or another of `METHODS`.
        """
        asked = (params or {}).get("predict_method") or self.predict_method
        return np.asarray(self._method(asked)(self._rows(model_input)))

    def _method(self, name: str) -> Any:
        check_choice("predict_method", name, METHODS)
        if not hasattr(self.model, name):
            able = [method for method in METHODS if hasattr(self.model, method)]
            raise ValueError(f"the model has no {name}: use one of {able}")
        return getattr(self.model, name)

    def _rows(self, model_input: Any) -> Any:
        """Return X as the model was trained on: columns by name, or an array without names."""
        names = getattr(self.model, "feature_names_in_", None)
        if not isinstance(model_input, pd.DataFrame):
            return model_input if names is None else pd.DataFrame(model_input, columns=names)
        if names is None:
            return model_input.to_numpy()
        missing = [name for name in names if name not in model_input.columns]
        return model_input if missing else model_input[list(names)]


def inferred_signature(function: PredictionFunction, example: Any) -> ModelSignature:
    """Return the signature of rows like the example, with the prediction method as parameter."""
    rows = example if isinstance(example, pd.DataFrame) else np.asarray(example)
    answers = function.predict(rows)
    with warnings.catch_warnings():
        # Whole numbers are hinted at, as gaps would make them decimals: models take both.
        warnings.filterwarnings("ignore", message="(?s).*integer column", category=UserWarning)
        return infer_signature(rows, answers, {"predict_method": function.predict_method})
