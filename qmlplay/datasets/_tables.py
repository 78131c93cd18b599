"""Measured data that come with scikit-learn: nothing is downloaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.utils import resample

from qmlplay.checks import whole_number
from qmlplay.datasets._samples import RandomState, Samples, random_source

__all__ = ["breast_cancer", "digits", "iris", "wine"]


def iris(
    *,
    classes: Sequence[int] | None = None,
    n_samples: int | None = None,
    random_state: RandomState = None,
) -> Samples:
    """Three species of iris flowers, 150 rows, 4 lengths in cm.

    Parameters
    ----------
    classes : sequence of int or None
        The labels to keep, at least two of 0 (setosa), 1 (versicolor), 2 (virginica).
    n_samples : int or None
        Size of a random subset with the classes' shares kept; None for every row, in order.
    random_state : None, int or RandomState

    Notes
    -----
    What is hard: little; setosa is linearly separable, the other two touch. A model below 0.9
    accuracy has a bug.

    References
    ----------
    Source: scikit-learn, ``sklearn.datasets.load_iris``; R. A. Fisher (1936).
    """
    return _table(load_iris, classes, n_samples, random_state)


def wine(
    *,
    classes: Sequence[int] | None = None,
    n_samples: int | None = None,
    random_state: RandomState = None,
) -> Samples:
    """Three cultivars of Italian wine, 178 rows, 13 chemical measurements.

    Parameters
    ----------
    classes : sequence of int or None
        The labels to keep, at least two of 0, 1 and 2.
    n_samples : int or None
        Size of a random subset with the classes' shares kept; None for every row, in order.
    random_state : None, int or RandomState

    Notes
    -----
    What is hard: 13 features in very different units: scale them, and reduce them (PCA) inside
    the pipeline if there are few qubits.

    References
    ----------
    Source: scikit-learn, ``sklearn.datasets.load_wine``; M. Forina et al. (1988).
    """
    return _table(load_wine, classes, n_samples, random_state)


def breast_cancer(*, n_samples: int | None = None, random_state: RandomState = None) -> Samples:
    """Malignant and benign breast tumours, 569 rows, 30 shape features of cell nuclei.

    Parameters
    ----------
    n_samples : int or None
        Size of a random subset with the classes' shares kept; None for every row, in order.
    random_state : None, int or RandomState

    Notes
    -----
    What is hard: 30 strongly correlated features and unequal classes (212 malignant, 357
    benign); a linear model is already at 0.97, so there is little to win.

    References
    ----------
    Source: scikit-learn, ``sklearn.datasets.load_breast_cancer``; W. N. Street et al. (1993).
    """
    return _table(load_breast_cancer, None, n_samples, random_state)


def digits(
    *,
    classes: Sequence[int] | None = None,
    n_samples: int | None = None,
    random_state: RandomState = None,
) -> Samples:
    """Handwritten digits, 1797 images of 8 × 8 pixels with values 0 to 16.

    Parameters
    ----------
    classes : sequence of int or None
        The digits to keep, at least two of 0 ... 9, for instance ``[3, 8]``.
    n_samples : int or None
        Size of a random subset with the classes' shares kept; None for every row, in order.
    random_state : None, int or RandomState

    Notes
    -----
    What is hard: 64 features and up to ten classes; some pixels never change. Choose two
    classes and reduce the features (PCA) inside the pipeline for a small circuit.

    References
    ----------
    Source: scikit-learn, ``sklearn.datasets.load_digits``; E. Alpaydin and C. Kaynak (1998).
    """
    return _table(load_digits, classes, n_samples, random_state)


def _table(
    load: Callable[[], Any],
    classes: Sequence[int] | None,
    n_samples: int | None,
    random_state: RandomState,
) -> Samples:
    """Load a table, keep the chosen classes, then take a stratified subset."""
    table = load()
    source = random_source(random_state)
    labels = _chosen(classes, len(table.target_names))
    rows = np.flatnonzero(np.isin(table.target, labels))
    if n_samples is not None:
        size = whole_number("n_samples", n_samples, len(labels), len(rows))
        rows = resample(
            rows, replace=False, n_samples=size, stratify=table.target[rows], random_state=source
        )
    return Samples(
        table.data[rows],
        table.target[rows],
        feature_names=[str(name) for name in table.feature_names],
        target_names=[str(table.target_names[label]) for label in labels],
    )


def _chosen(classes: Sequence[int] | None, n_classes: int) -> list[int]:
    """Return the sorted labels to keep, or raise ValueError."""
    if classes is None:
        return list(range(n_classes))
    allowed = f"must be two or more different labels of 0 ... {n_classes - 1}, or None for all"
    try:
        labels = sorted({whole_number("classes", label, 0, n_classes - 1) for label in classes})
    except (TypeError, ValueError) as error:
        raise ValueError(f"classes={classes!r}: {allowed}") from error
    if len(labels) < 2 or len(labels) != len(classes):
        raise ValueError(f"classes={classes!r}: {allowed}")
    return labels
