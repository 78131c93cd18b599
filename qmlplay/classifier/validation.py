"""Checks of what an estimator is given, at the start of `fit`, before any work is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split
from sklearn.utils import assert_all_finite
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, validate_data

from qmlplay.backends import Backend
from qmlplay.backends.noise import check_noise
from qmlplay.checks import check_count, check_interval
from qmlplay.model.class_labels import check_not_mixed, check_one_column
from qmlplay.model.values import real_array
from qmlplay.tables.transformers import check_numeric_columns
from qmlplay.typing import Real

__all__ = [
    "TrainingData",
    "check_alpha",
    "check_batch_size",
    "check_initial_weights",
    "check_labels",
    "check_noise_or_device",
    "check_numbers",
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
            f"noise to it, and leave the estimator's at None"
        )


def check_batch_size(name: str, value: Any) -> None:
    """Raise TypeError or ValueError unless a value is "auto" or an integer of at least 1."""
    if not (isinstance(value, str) and value == "auto"):
        check_count(name, value, also="'auto'")


def check_alpha(name: str, value: Any) -> None:
    """Raise TypeError or ValueError unless a value is "auto" or a number of at least 0."""
    if isinstance(value, str):
        if value != "auto":
            raise ValueError(f"{name} must be 'auto' or a number of at least 0, got {value!r}")
        return
    check_interval(name, value, 0, inf)


def check_initial_weights(name: str, value: Any) -> None:
    """Raise TypeError or ValueError unless a value is None or a row of finite real numbers.

    How many there must be says the circuit.
    """
    if value is None:
        return
    weights = real_array(name, value)
    if weights.ndim != 1 or not np.isfinite(weights).all():
        raise ValueError(
            f"{name} must be None or finite numbers of shape (n_weights,), in radians, such as "
            f"weights_ of a fitted model; got {value!r:.80}"
        )


def check_noise_or_device(name: str, value: Any) -> None:
    """Check noise; the name of a fake device is left to the backend, which knows or refuses it."""
    if not (isinstance(value, str) and value.startswith("fake_")):
        check_noise(value)


@contextmanager
def numeric_features(X: Any) -> Iterator[None]:
    """Say what to do where features are not real numbers, or scikit-learn refuses them.

    Raises
    ------
    TypeError
        If X holds dates, times or other objects.
    ValueError
        If X is complex, or holds categories or text that is no number.
    """
    check_numeric_columns(X)
    try:
        yield
    except TypeError as error:
        if "must be a string or a real number" in str(error):
            raise TypeError(f"X must hold real numbers ({error})") from error
        raise
    except ValueError as error:
        if "Complex data not supported" in str(error):
            raise ValueError(
                "Complex data not supported: X must hold real numbers; give real and imaginary "
                "parts as columns of their own, such as np.hstack([X.real, X.imag])"
            ) from None  # scikit-learn's text holds all the data
        raise


def check_labels(y: Any) -> None:
    """Check class labels.

    Raises
    ------
    TypeError
        If text and numbers are mixed.
    ValueError
        If the labels are not classes, or there is only one class.
    """
    check_one_column(y)
    check_not_mixed("y", y)
    values = np.asarray(y)
    check_classification_targets(y)
    classes = np.unique(values)
    if len(classes) < 2:
        raise ValueError(
            f"y has only one class, {classes.tolist()}: a classifier needs at least 2 classes"
        )


def check_numbers(y: Any) -> None:
    """Check that targets are real numbers; scikit-learn checks all else.

    Raises
    ------
    TypeError
        If they are text, dates or something else.
    ValueError
        If they are complex, or there is no column.

    Examples
    --------
    >>> check_numbers(["red", "blue"])
    Traceback (most recent call last):
    TypeError: y must hold real numbers, got text: for labels train a VariationalClassifier
    """
    try:
        values = np.asarray(y)
    except ValueError:  # rows of several lengths, which scikit-learn refuses in its words
        return
    if values.dtype.kind == "c":
        raise ValueError("Complex data not supported: y must hold real numbers, such as y.real")
    if values.dtype.kind not in "biufO":
        kinds = {"U": "text", "S": "bytes", "M": "dates", "m": "times"}
        came = kinds.get(values.dtype.kind, str(values.dtype))
        raise TypeError(
            f"y must hold real numbers, got {came}: for labels train a VariationalClassifier"
        )
    if values.dtype.kind == "O" and any(isinstance(value, str) for value in values.ravel()):
        raise TypeError(
            "y must hold real numbers, got text: for labels train a VariationalClassifier"
        )
    if values.ndim == 2 and values.shape[1] == 0:
        raise ValueError(f"y has no column (shape {values.shape}): give at least one target")


@dataclass(frozen=True, eq=False)
class TrainingData:
    """Checked training data.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
    y : ndarray of shape (n_samples,) or (n_samples, n_targets)
    weights : ndarray of shape (n_samples,)
        Not negative, the largest 1.
    """

    X: NDArray[np.float64]
    y: NDArray[Any]
    weights: NDArray[np.float64]

    def weighted(self, factors: Real) -> Self:
        """Return the samples that count, their weights times factors (n_samples,).

        Raises
        ------
        ValueError
            If none counts.
        """
        weights = self.weights * factors
        counts = weights > 0
        if not counts.any():
            raise ValueError("all sample weights are 0: at least some must be positive")
        weights = weights / max(weights.max(), np.finfo(float).tiny)
        return type(self)(self.X[counts], self.y[counts], weights[counts])

    def split(
        self, fraction: float, random: np.random.RandomState, *, stratified: bool
    ) -> tuple[Self, Self]:
        """Set a part aside; a stratified one leaves the only sample of a class where it is."""
        index = np.arange(len(self.X))
        is_alone = np.zeros(len(index), dtype=bool)
        if stratified:
            _, places, counts = np.unique(self.y, return_inverse=True, return_counts=True)
            is_alone = counts[places] == 1
        divided = np.flatnonzero(~is_alone if not is_alone.all() else is_alone)
        try:
            kept, aside = train_test_split(
                divided,
                test_size=fraction,
                stratify=self.y[divided] if stratified else None,
                random_state=random,
            )
            if not stratified and len(aside) < 2:
                raise ValueError("the score R² needs at least 2 samples")
        except ValueError as error:
            raise ValueError(
                f"early_stopping sets validation_fraction={fraction} of {len(self.X)} samples "
                f"aside, which is too few here: {error}"
            ) from error
        columns = self.X, self.y, self.weights
        kept = np.concatenate([kept, np.setdiff1d(np.arange(len(index)), divided)])
        return (
            type(self)(*(column[kept] for column in columns)),
            type(self)(*(column[aside] for column in columns)),
        )


def checked_data(
    estimator: Any, X: Any, y: Any, sample_weight: Any, *, reset: bool, has_numbers: bool = False
) -> TrainingData:
    """Return checked data, with the samples of weight 0, whose labels are classes as well.

    Parameters
    ----------
    estimator : VariationalEstimator
    X, y, sample_weight
        As they came.
    reset : bool
        Whether the features may be others than before.
    has_numbers : bool, default=False
        Whether y holds numbers, and not labels.
    """
    if has_numbers:
        check_numbers(y)
    else:
        check_one_column(y)
        check_not_mixed("y", y)
    with numeric_features(X):
        X, y = validate_data(
            estimator,
            X,
            y,
            reset=reset,
            dtype=float,
            multi_output=has_numbers,
            y_numeric=has_numbers,
        )
    weights = _check_sample_weight(sample_weight, X, dtype=float, ensure_non_negative=True)
    weights = weights / max(weights.max(), np.finfo(float).tiny)  # so that no sum overflows
    y = np.asarray(y, dtype=float if has_numbers else None)
    if has_numbers:
        assert_all_finite(y, input_name="y")  # None has become NaN
    return TrainingData(X, y, weights)
