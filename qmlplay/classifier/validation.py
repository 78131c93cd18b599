"""Checks of what an estimator is given, at the start of `fit`, before any work is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, validate_data

from qmlplay.backends import Backend
from qmlplay.backends.noise import check_noise
from qmlplay.checks import check_count, check_interval

__all__ = [
    "TrainingData",
    "check_batch_size",
    "check_callbacks",
    "check_known",
    "check_labels",
    "check_noise_or_device",
    "check_not_mixed",
    "check_parameters",
    "checked_data",
    "numeric_features",
]


def check_parameters(estimator: Any) -> None:
    """Check all parameters of an estimator, each as the estimator's table says.

    Raises
    ------
    TypeError, ValueError
        Naming the parameter, what came and what is allowed.
    """
    for name, check in estimator.parameter_checks.items():
        check(name, getattr(estimator, name))
    if estimator.early_stopping:
        fraction = estimator.validation_fraction
        check_interval("validation_fraction", fraction, 0, 1, closed="neither")
    has_settings = (estimator.shots, estimator.noise) != (None, None)
    if isinstance(estimator.backend, Backend) and has_settings:
        raise ValueError(
            f"backend={estimator.backend!r} is an object with settings of its own: give shots and "
            f"noise to it, and leave the classifier's at None"
        )


def check_batch_size(name: str, value: Any) -> None:
    """Raise TypeError or ValueError unless a value is "auto" or an integer of at least 1."""
    if not (isinstance(value, str) and value == "auto"):
        check_count(name, value, also="'auto'")


def check_callbacks(name: str, value: Any) -> None:
    """Raise TypeError unless a value is None or a list of functions."""
    if value is None:
        return
    is_list = isinstance(value, list | tuple)  # a generator would be used up by one fit
    if not is_list or not all(callable(callback) for callback in value):
        raise TypeError(
            f"{name} must be None or a list of functions callback(state), such as [print]; "
            f"got {value!r}"
        )


def check_noise_or_device(name: str, value: Any) -> None:
    """Check noise; the name of a fake device is left to the backend, which knows or refuses it."""
    if not (isinstance(value, str) and value.startswith("fake_")):
        check_noise(value)


@contextmanager
def numeric_features() -> Iterator[None]:
    """Say what to do where scikit-learn refuses features that are not real numbers.

    Raises
    ------
    TypeError
        If X holds dates, times or other objects.
    ValueError
        If X is complex, or holds text that is no number.
    """
    try:
        yield
    except TypeError as error:
        if any(word in str(error) for word in ("DateTime64", "TimeDelta64", "'Time")):
            raise TypeError(
                "X must hold numbers, but there are dates or times: turn them into numbers first, "
                "such as days, (column - column.min()).dt.days, or leave them out"
            ) from error
        if "must be a string or a real number" in str(error):
            raise TypeError(f"X must hold real numbers ({error})") from error
        raise
    except ValueError as error:
        if "Complex data not supported" in str(error):
            raise ValueError(
                "Complex data not supported: X must hold real numbers; give real and imaginary "
                "parts as columns of their own, such as np.hstack([X.real, X.imag])"
            ) from None  # scikit-learn's text holds all the data
        if "could not convert string to float" not in str(error):
            raise
        raise ValueError(
            f"X must hold numbers ({error}): leave out columns of text, or turn them into "
            f"numbers first, for instance with sklearn.preprocessing.OneHotEncoder"
        ) from error


def check_not_mixed(what: str, labels: Any) -> None:
    """Check that labels are either all text or all something else, and not complex.

    NumPy turns the list [1, "a"] into text without a word, so look before it does.

    Raises
    ------
    TypeError
        If text and other labels are mixed.
    ValueError
        If there are complex labels.
    """
    if not isinstance(labels, list | tuple):
        labels = np.asarray(labels)
        if labels.dtype.kind not in "Oc" or labels.ndim == 0:
            return
        labels = labels.ravel()
    if any(isinstance(label, complex | np.complexfloating) for label in labels):
        raise ValueError(
            f"Complex data not supported: {what} holds complex numbers, but labels must be real "
            f"numbers, text or booleans, such as {what}.real"
        )
    if len({isinstance(label, str) for label in labels}) > 1:
        raise TypeError(
            f"{what} mixes text and other labels: make them all of one type, for instance with "
            f"[str(label) for label in {what}]"
        )


def check_labels(y: Any) -> None:
    """Check class labels.

    Raises
    ------
    TypeError
        If text and numbers are mixed.
    ValueError
        If the labels are not classes, or there is only one class.
    """
    check_not_mixed("y", y)
    values = np.asarray(y)
    check_classification_targets(y)
    classes = np.unique(values)
    if len(classes) < 2:
        raise ValueError(
            f"y has only one class, {classes.tolist()}: a classifier needs at least 2 classes"
        )


def check_known(labels: Any, classes: NDArray[Any]) -> None:
    """Raise ValueError unless all labels are among the classes of a trained model."""
    unknown = np.setdiff1d(labels, classes)
    if len(unknown):
        raise ValueError(
            f"y has labels {unknown.tolist()[:5]} that the model does not know: its classes are "
            f"{classes.tolist()}"
        )


@dataclass(frozen=True, eq=False)
class TrainingData:
    """Checked training data.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
    labels : ndarray of shape (n_samples,)
    weights : ndarray of shape (n_samples,)
        Positive.
    """

    X: NDArray[np.float64]
    labels: NDArray[Any]
    weights: NDArray[np.float64]

    def split(self, fraction: float, random: np.random.RandomState) -> tuple[Self, Self]:
        """Set a stratified part aside."""
        columns = self.X, self.labels, self.weights
        try:
            parts = train_test_split(
                *columns, test_size=fraction, stratify=self.labels, random_state=random
            )
        except ValueError as error:
            raise ValueError(
                f"early_stopping sets validation_fraction={fraction} of {len(self.X)} samples "
                f"aside, which is too few here: {error}"
            ) from error
        return type(self)(*parts[0::2]), type(self)(*parts[1::2])


def checked_data(clf: Any, X: Any, y: Any, sample_weight: Any, *, reset: bool) -> TrainingData:
    """Return checked data without the samples of weight 0."""
    check_not_mixed("y", y)
    with numeric_features():
        X, y = validate_data(clf, X, y, reset=reset, dtype=float)
    weights = _check_sample_weight(sample_weight, X, dtype=float, ensure_non_negative=True)
    weights = weights / max(weights.max(), np.finfo(float).tiny)  # so that no sum overflows
    has_weight = weights > 0
    if not has_weight.any():
        raise ValueError("all sample weights are 0: at least some must be positive")
    return TrainingData(X[has_weight], np.asarray(y)[has_weight], weights[has_weight])
