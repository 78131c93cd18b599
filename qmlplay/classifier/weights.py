"""Weights of samples: those that are given, times those of their classes."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qmlplay.checks import check_interval
from qmlplay.typing import Real

__all__ = ["check_class_weight", "class_weights", "refuse_balanced"]


def check_class_weight(name: str, value: Any) -> None:
    """Raise TypeError or ValueError unless a value is None, "balanced" or a dict of weights.

    Examples
    --------
    >>> check_class_weight("class_weight", {"sick": 10, "well": 1})
    >>> check_class_weight("class_weight", "balance")
    Traceback (most recent call last):
    ValueError: class_weight must be None, 'balanced' or a dict of label: weight, such as
    {0: 1.0, 1: 10.0}, got 'balance'
    """
    if value is None or (isinstance(value, str) and value == "balanced"):
        return
    if not isinstance(value, Mapping):
        raise (ValueError if isinstance(value, str) else TypeError)(
            f"{name} must be None, 'balanced' or a dict of label: weight, such as "
            f"{{0: 1.0, 1: 10.0}}, got {value!r}"
        )
    for label, weight in value.items():
        check_interval(f"{name}[{label!r}]", weight, 0, inf)


def refuse_balanced(class_weight: Any) -> None:
    """Raise ValueError for "balanced" where a batch does not tell how frequent classes are."""
    if isinstance(class_weight, str):
        raise ValueError(
            "class_weight='balanced' is not supported for partial_fit, as a batch does not tell "
            "how frequent the classes are: find the weights from all labels, or from a large "
            "enough part of them, with sklearn.utils.class_weight.compute_class_weight("
            "'balanced', classes=classes, y=y), and give class_weight=dict(zip(classes, weights))"
        )


def class_weights(
    class_weight: Any, classes: NDArray[Any], labels: NDArray[Any], weights: Real
) -> Real:
    """Return the weight of every sample by its class, shape (n_samples,).

    Parameters
    ----------
    class_weight : None, "balanced" or dict
        As in scikit-learn: "balanced" is n_samples / (n_classes · samples of the class), samples
        counted by their weights; classes that a dict does not name have the weight 1.
    classes : ndarray of shape (n_classes,)
        All labels, sorted.
    labels : ndarray of shape (n_samples,)
    weights : ndarray of shape (n_samples,)
        Of the samples, not negative.

    Raises
    ------
    ValueError
        If a dict names a label that is no class, and leaves out one that is.

    Examples
    --------
    >>> labels = np.array([0, 0, 0, 1])
    >>> class_weights("balanced", np.array([0, 1]), labels, np.ones(4)).round(3).tolist()
    [0.667, 0.667, 0.667, 2.0]
    """
    if class_weight is None:
        return np.ones(len(labels))
    index = np.searchsorted(classes, labels)
    if isinstance(class_weight, str):
        sums = np.bincount(index, weights, minlength=len(classes))
        with np.errstate(divide="ignore"):
            by_class = sums.sum() / ((sums > 0).sum() * sums)
        return np.asarray(np.where(np.isfinite(by_class), by_class, 0)[index])
    known = classes.tolist()
    unknown = [label for label in class_weight if label not in known]
    if unknown and len(class_weight) - len(unknown) < len(known):  # as in scikit-learn
        raise ValueError(
            f"class_weight has labels {unknown[:5]} that are no classes here: "
            f"those are {known[:10]}"
        )
    return np.array([float(class_weight.get(label, 1)) for label in known])[index]
