"""The owners of trained models: fitted classifiers, told from everything else."""

from __future__ import annotations

from typing import Any

from sklearn.utils.validation import check_is_fitted

from qmlplay.model.trained import TrainedModel

__all__ = ["check_classifier"]


def check_classifier(estimator: Any) -> None:
    """Check that an estimator is a fitted quantum classifier, with a ``model_``.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If it is not fitted.
    TypeError
        If it has no circuit, as a pipeline or a scaler.

    Examples
    --------
    >>> check_classifier("moons")
    Traceback (most recent call last):
    TypeError: a fitted VariationalClassifier is needed, got str
    """
    is_class = isinstance(estimator, type)
    kind = f"the class {estimator.__name__}" if is_class else type(estimator).__name__
    if is_class or not callable(getattr(estimator, "fit", None)):
        raise TypeError(f"a fitted VariationalClassifier is needed, got {kind}")
    check_is_fitted(estimator)
    if not isinstance(getattr(estimator, "model_", None), TrainedModel):
        raise TypeError(
            f"a fitted VariationalClassifier is needed, got {kind}, which has no circuit"
        )
