"""Rows for a fitted estimator: checked against the columns that it was fitted to."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils import check_array
from sklearn.utils.validation import _check_n_features, validate_data

from qmlplay.typing import Real

__all__ = ["check_column_count", "checked_rows"]


def checked_rows(estimator: Any, X: Any) -> Real:
    """Return X as numbers, after the checks of scikit-learn's `validate_data`.

    Names of columns are compared where both the training data and X have them. Elsewhere columns
    are taken in their order, without a warning: explainers such as SHAP and LIME turn tables into
    arrays, and arrays into tables, many times.

    Parameters
    ----------
    estimator : estimator
        Fitted.
    X : array-like of shape (n_samples, n_features)

    Returns
    -------
    ndarray of shape (n_samples, n_features)
        float64, finite.

    Raises
    ------
    ValueError
        If X has other columns than the training data, or entries that are not finite.

    Examples
    --------
    >>> import pandas as pd
    >>> from qmlplay import FeatureReduction
    >>> X = pd.DataFrame({"width": [0.0, 2.0], "height": [1.0, 5.0]})
    >>> checked_rows(FeatureReduction(1).fit(X), X.to_numpy()).tolist()
    [[0.0, 1.0], [2.0, 5.0]]
    """
    names = getattr(estimator, "feature_names_in_", None)
    if names is not None and not isinstance(X, np.ndarray | list | tuple):
        return np.asarray(validate_data(estimator, X, reset=False, dtype=np.float64))
    rows: Real = check_array(X, dtype=np.float64, estimator=estimator, input_name="X")
    check_column_count(estimator, rows)
    return rows


def check_column_count(estimator: Any, X: Any) -> None:
    """Raise ValueError where X has another number of columns than an estimator was fitted to."""
    _check_n_features(estimator, X, reset=False)
