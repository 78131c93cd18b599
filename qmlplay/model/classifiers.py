"""The owners of trained models: fitted quantum estimators, told from everything else."""

from __future__ import annotations

from typing import Any

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from qmlplay.model.trained import TrainedModel
from qmlplay.model.trained_circuit import TrainedCircuit

__all__ = ["check_classifier", "check_quantum_model"]


def check_quantum_model(estimator: Any) -> None:
    """Check that an estimator is a fitted quantum classifier or regressor, with a ``model_``.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If it is not fitted.
    TypeError
        If it has no circuit, as a pipeline or a scaler.

    Examples
    --------
    >>> check_quantum_model("moons")
    Traceback (most recent call last):
    TypeError: a fitted VariationalClassifier or VariationalRegressor is needed, got str
    """
    _check(estimator, TrainedCircuit, "VariationalClassifier or VariationalRegressor")


def check_classifier(estimator: Any) -> None:
    """Check that an estimator is a fitted quantum classifier, with a ``model_`` of classes.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If it is not fitted.
    TypeError
        If it has no circuit, as a pipeline or a scaler, or predicts numbers.

    Examples
    --------
    >>> check_classifier("moons")
    Traceback (most recent call last):
    TypeError: a fitted VariationalClassifier is needed, got str
    """
    _check(estimator, TrainedModel, "VariationalClassifier")


def _check(estimator: Any, model_type: Any, needed: str) -> None:
    is_class = isinstance(estimator, type)
    kind = f"the class {estimator.__name__}" if is_class else type(estimator).__name__
    if is_class or not callable(getattr(estimator, "fit", None)):
        raise TypeError(f"a fitted {needed} is needed, got {kind}")
    check_is_fitted(estimator)
    model = getattr(estimator, "model_", None)
    if not isinstance(model, model_type):
        if isinstance(model, TrainedCircuit):
            reason = "which predicts numbers, not classes"
        elif isinstance(estimator, Pipeline):
            reason = (
                "which has no circuit: give its last step, and X as that gets it, pipeline[-1] "
                "and pipeline[:-1].transform(X)"
            )
        elif model is None:
            reason = "which has no circuit"
        else:
            reason = "whose circuit compares samples with those of its training"
        raise TypeError(f"a fitted {needed} is needed, got {kind}, {reason}")
