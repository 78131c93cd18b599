"""Drawn samples as data: features from −1 to 1, classes A to D."""

from __future__ import annotations

from math import ceil

import numpy as np
from sklearn.utils import Bunch

from qmlplay.compare.setup import Split, stratified_split
from qmlplay.widget.settings.drawn_points import CLASS_NAMES, SCALE, Points, lacking

__all__ = ["drawn_data", "drawn_split", "drawn_test_size"]


def drawn_data(points: Points) -> Bunch:
    """Return drawn samples as other datasets are.

    Examples
    --------
    >>> data = drawn_data(((0, 50, -20), (2, 0, 100)))
    >>> data.X.tolist(), data.y.tolist()
    ([[0.5, -0.2], [0.0, 1.0]], ['A', 'C'])
    """
    X = np.array([point[1:] for point in points], dtype=float).reshape(-1, 2) / SCALE
    y = np.array([CLASS_NAMES[label] for label, _, _ in points], dtype="<U1")
    return Bunch(
        X=X,
        y=y,
        name="drawn",
        task="classification",
        feature_names=["x", "y"],
        target_names=np.unique(y).tolist(),
    )


def drawn_test_size(points: Points, usual: float) -> float:
    """Return the share of drawn samples that are held out: so many that each class can have one.

    Examples
    --------
    >>> six = ((0, 0, 0), (0, 1, 1), (1, 2, 2), (1, 3, 3), (2, 4, 4), (2, 5, 5))
    >>> drawn_test_size(six, 0.3), drawn_test_size(six[:4], 0.3)
    (0.4166666666666667, 0.3)
    """
    n_classes, n_samples = len({label for label, _, _ in points}), len(points)
    is_enough = ceil(usual * n_samples) >= n_classes
    return usual if is_enough else (n_classes - 0.5) / n_samples


def drawn_split(points: Points, usual: float, seed: int) -> Split:
    """Divide drawn samples; while some are lacking, all are in the training part."""
    data = drawn_data(points)
    if not lacking(points):
        return stratified_split(data, drawn_test_size(points, usual), seed)
    return Split("drawn", seed, data.X, data.X[:0], data.y, data.y[:0], data.feature_names)
