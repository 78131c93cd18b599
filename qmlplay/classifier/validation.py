"""What the classifier is given, checked at the start of `fit`, before any work is done."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, validate_data

from qmlplay.ansatze import get_ansatz
from qmlplay.backends.noise import check_noise
from qmlplay.checks import check_count, check_flag, check_interval, check_positive
from qmlplay.encodings import get_encoding
from qmlplay.errors import unknown_name
from qmlplay.progress import check_verbose
from qmlplay.training.gradients import GRADIENT_METHODS
from qmlplay.training.learning_rate import check_learning_rate
from qmlplay.training.losses import LOSSES
from qmlplay.training.optimizers import get_optimizer

__all__ = [
    "TrainingData",
    "check_labels",
    "check_not_mixed",
    "check_parameters",
    "checked_data",
    "numeric_features",
]

_COUNTS = ("n_layers", "max_iter")
_OPTIONAL_COUNTS = ("n_qubits", "shots", "n_iter_no_change")
_OPTIONAL_POSITIVE = ("max_time",)
_FLAGS = ("reupload", "trainable_scaling", "scale_inputs", "early_stopping", "warm_start")


def check_parameters(parameters: Mapping[str, Any]) -> None:
    """Check the constructor's parameters of a classifier.

    Raises
    ------
    TypeError, ValueError
        Naming the parameter, what came and what is allowed.
    """
    for name in _COUNTS:
        check_count(name, parameters[name])
    for name in _OPTIONAL_COUNTS:
        if parameters[name] is not None:
            check_count(name, parameters[name], also="None")
    for name in _OPTIONAL_POSITIVE:
        if parameters[name] is not None:
            check_positive(name, parameters[name])
    for name in _FLAGS:
        check_flag(name, parameters[name])
    get_encoding(parameters["encoding"])
    get_ansatz(parameters["ansatz"])
    get_optimizer(parameters["optimizer"])
    check_learning_rate(parameters["learning_rate_init"])
    _check_name("gradient_method", parameters["gradient_method"], GRADIENT_METHODS)
    _check_name("loss", parameters["loss"], LOSSES)
    if not (isinstance(parameters["batch_size"], str) and parameters["batch_size"] == "auto"):
        check_count("batch_size", parameters["batch_size"], also="'auto'")
    check_interval("tol", parameters["tol"], 0, np.inf)
    check_interval("momentum", parameters["momentum"], 0, 1)
    check_verbose(parameters["verbose"])
    if parameters["early_stopping"]:
        fraction = parameters["validation_fraction"]
        check_interval("validation_fraction", fraction, 0, 1, closed="neither")
    _check_callbacks(parameters["callbacks"])
    _check_noise(parameters["noise"])


def _check_name(what: str, value: Any, allowed: Collection[str]) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{what} must be one of {sorted(allowed)}, got {value!r}")
    if value not in allowed:
        raise unknown_name(what, value, allowed)


def _check_callbacks(callbacks: Any) -> None:
    if callbacks is None:
        return
    is_list = isinstance(callbacks, list | tuple)  # a generator would be used up by one fit
    if not is_list or not all(callable(callback) for callback in callbacks):
        raise TypeError(
            "callbacks must be None or a list of functions callback(state), such as [print]; "
            f"got {callbacks!r}"
        )


def _check_noise(noise: Any) -> None:
    if isinstance(noise, str) and noise.startswith("fake_"):
        return  # a fake device, which the backend knows or refuses
    check_noise(noise)


@contextmanager
def numeric_features() -> Iterator[None]:
    """Say what to do where scikit-learn refuses features that are not real numbers.

    Raises
    ------
    TypeError
        If X holds dates or times.
    ValueError
        If X is complex, or holds text that is no number.
    """
    try:
        yield
    except TypeError as error:
        if not any(word in str(error) for word in ("DateTime64", "TimeDelta64", "'Time")):
            raise
        raise TypeError(
            "X must hold numbers, but there are dates or times: turn them into numbers first, "
            "such as days, (column - column.min()).dt.days, or leave them out"
        ) from error
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
    kept = weights > 0
    if not kept.any():
        raise ValueError("all sample weights are 0: at least some must be positive")
    return TrainingData(X[kept], np.asarray(y)[kept], weights[kept])
