"""Fewer columns: standardised numbers along the components that tell most, as one affine map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import svd
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.decomposition import PCA
from sklearn.utils.validation import (
    check_array,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from qmlplay.checks import check_choice, check_count
from qmlplay.tables.transformers.fitted_rows import checked_rows
from qmlplay.tables.transformers.numeric_columns import check_numeric_columns
from qmlplay.typing import Real

__all__ = ["FeatureReduction"]

#: Share of the largest variance below which a component is nothing but rounding.
_LEAST_VARIANCE = 1e-12


class FeatureReduction(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A transformer from many columns to a few: components of standardised numbers.

    All columns count the same, whatever their units. Both steps are learned in `fit` and kept as
    one affine map, ``(X − center) @ matrix``; the signs are always the same for the same data.

    Parameters
    ----------
    n_components : int, default=8
        How many at most: there are never more than columns, nor than directions in which the
        training samples differ.
    method : {"pca", "pls", "pls_regression"}, default="pca"
        Principal components, along which the samples differ most; or partial least squares,
        components that vary most together with the labels, or in a regression with the numbers,
        so that a few telling columns are not lost among many others. These two need y.

    Attributes
    ----------
    center_ : ndarray of shape (n_features_in_,)
        The mean of every column in training.
    matrix_ : ndarray of shape (n_features_in_, n_components_)
        From standardised or constant columns to components.
    explained_variance_ratio_ : ndarray of shape (n_components_,)
        Share of the variance of the standardised columns.
    n_components_, n_features_in_ : int

    References
    ----------
    de Jong, "SIMPLS: an alternative approach to partial least squares regression", Chemometrics
    and Intelligent Laboratory Systems 18, 251 (1993).

    Examples
    --------
    >>> from qmlplay import FeatureReduction, load_dataset
    >>> X = load_dataset("breast_cancer").X
    >>> reduction = FeatureReduction(n_components=8).fit(X)
    >>> X.shape[1], reduction.transform(X).shape[1]
    (30, 8)
    >>> float(reduction.explained_variance_ratio_.sum().round(3))
    0.926
    """

    def __init__(self, n_components: int = 8, method: str = "pca") -> None:
        self.n_components = n_components
        self.method = method

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Learn means, spreads and components.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Finite numbers, at least two samples.
        y : array-like of shape (n_samples,), optional
            Labels of classes, for "pls", or numbers, for "pls_regression" only.

        Returns
        -------
        self

        Raises
        ------
        TypeError, ValueError
            If X, y or a parameter is not allowed, or all samples are the same.
        """
        check_count("n_components", self.n_components)
        check_choice("method", self.method, _METHODS)
        if self.method != "pca" and y is None:
            raise ValueError(
                f"method={self.method!r} requires y to be passed, but the target y is None"
            )
        check_numeric_columns(X)
        values = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        center, spread = values.mean(axis=0), values.std(axis=0)
        is_constant = spread <= 10 * np.finfo(float).eps * np.maximum(np.abs(center), 1e-300)
        spread[is_constant] = 1.0
        standard = np.where(is_constant, 0.0, (values - center) / spread)
        if is_constant.all():
            raise ValueError("all samples are the same: there is no direction to reduce to")
        n_components = min(self.n_components, *values.shape)
        if self.method == "pls":
            directions, shares = _pls(standard, _indicators(column_or_1d(y)), n_components)
        elif self.method == "pls_regression":
            check_consistent_length(values, y)
            targets = check_array(y, ensure_2d=False, dtype=np.float64).reshape(len(values), -1)
            directions, shares = _pls(standard, targets, n_components)
        else:
            directions, shares = _pca(standard, n_components)
        matrix = np.where(is_constant[:, None], 0.0, directions / spread[:, None])
        self._take(center, np.ascontiguousarray(matrix))
        self.explained_variance_ratio_ = shares
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = self.method != "pca"
        return tags

    def _take(self, center: Real, matrix: Real) -> None:
        self.center_, self.matrix_ = center, matrix
        self.n_features_in_, self.n_components_ = matrix.shape

    @property
    def _n_features_out(self) -> int:
        return self.n_outputs_

    @property
    def n_outputs_(self) -> int:
        """The number of columns that `transform` returns."""
        return int(self.n_components_)

    def transform(self, X: ArrayLike) -> Real:
        """Return the components.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples, n_components_)
            float64.
        """
        check_is_fitted(self)
        check_numeric_columns(X)
        values = checked_rows(self, X)
        reduced: Real = (values - self.center_) @ self.matrix_
        return reduced

    def to_parts(self) -> tuple[dict[str, Any], dict[str, NDArray[np.float64]]]:
        """Return what a file keeps: values for JSON, and arrays.

        Examples
        --------
        >>> from qmlplay import FeatureReduction
        >>> reduction = FeatureReduction(1).fit([[0.0, 1.0], [2.0, 5.0]])
        >>> FeatureReduction.from_parts(*reduction.to_parts()).transform([[1.0, 3.0]])
        array([[0.]])
        """
        check_is_fitted(self)
        names = [str(name) for name in vars(self).get("feature_names_in_", ())]
        arrays = {name: getattr(self, f"{name}_") for name in _ARRAYS}
        content = {"n_components": int(self.n_components), "method": self.method}
        return content | {"feature_names": names}, arrays

    @classmethod
    def from_parts(
        cls, content: Mapping[str, Any], arrays: Mapping[str, NDArray[np.float64]]
    ) -> Self:
        """Return the fitted transformer that `to_parts` wrote.

        Raises
        ------
        ValueError
            If the parts are anything else.
        """
        _check_parts(content, arrays)
        self = cls(content["n_components"], content["method"])
        self._take(arrays["center"], arrays["matrix"])
        self.explained_variance_ratio_ = arrays["explained_variance_ratio"]
        if content["feature_names"]:
            self.feature_names_in_ = np.array(content["feature_names"], dtype=object)
        return self


def _check_parts(content: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Raise TypeError or ValueError unless the parts of a file make a fitted transformer."""
    if set(content) != {"n_components", "method", "feature_names"} or set(arrays) != set(_ARRAYS):
        raise ValueError(f"a reduction has n_components, method, feature_names and {[*_ARRAYS]}")
    check_count("n_components", content["n_components"])
    check_choice("method", content["method"], _METHODS)
    shapes = [arrays[name].shape for name in _ARRAYS]
    are_real = all(a.dtype == np.float64 and np.isfinite(a).all() for a in arrays.values())
    matrix_shape = (*shapes[0], *shapes[2])  # as center has the columns, and the shares the rest
    if not are_real or shapes[1] != matrix_shape or len(matrix_shape) != 2 or 0 in matrix_shape:
        raise ValueError("the arrays of a reduction do not fit together")
    names = content["feature_names"]
    are_names = isinstance(names, list) and all(isinstance(name, str) for name in names)
    if not are_names or len(names) not in (0, matrix_shape[0]):
        raise ValueError("the feature names of a reduction are a name for each of its columns")


def _pca(standard: Real, n_components: int) -> tuple[Real, Real]:
    """Return directions as columns, and the shares of the variance along them."""
    pca = PCA(n_components, random_state=0).fit(standard)  # large tables: by random directions
    is_kept = pca.explained_variance_ > _LEAST_VARIANCE * pca.explained_variance_[0]
    return pca.components_[is_kept].T, pca.explained_variance_ratio_[is_kept]


def _indicators(labels: Any) -> Any:
    """Return which class each sample has, shape (n_samples, n_classes)."""
    return labels[:, None] == np.unique(labels)[None, :]


def _pls(standard: Real, targets: Any, n_components: int) -> tuple[Real, Real]:
    """Return the same by SIMPLS: each direction has the largest covariance with the targets."""
    covariance = standard.T @ (targets - targets.mean(axis=0))  # (n_features, n_targets)
    total, least = (standard**2).sum(), _LEAST_VARIANCE * np.abs(covariance).max()
    directions: list[Real] = []
    shares: list[float] = []
    basis = np.empty((len(covariance), 0))  # of the loadings so far
    while len(directions) < n_components and np.abs(covariance).max() > least:
        direction = svd(covariance, full_matrices=False)[0][:, 0]
        direction *= np.sign(direction[np.abs(direction).argmax()])
        scores = standard @ direction
        loading = standard.T @ scores / (scores @ scores)
        directions.append(direction)
        shares.append((scores @ scores) * (loading @ loading) / total)
        further = loading - basis @ (basis.T @ loading)
        further -= basis @ (basis.T @ further)  # once more, for rounding
        further /= np.linalg.norm(further)
        basis = np.column_stack([basis, further])
        covariance = covariance - further[:, None] * (further @ covariance)
    if not directions:
        raise ValueError("no column varies with the labels: there is no direction to reduce to")
    return np.column_stack(directions), np.array(shares)


_METHODS = ("pca", "pls", "pls_regression")
_ARRAYS = ("center", "matrix", "explained_variance_ratio")
