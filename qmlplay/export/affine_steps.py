"""Steps of a pipeline that are one affine map of numbers: (X − center) @ matrix."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, final

import numpy as np
from sklearn.decomposition import PCA
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

from qmlplay.model.values import ArrayValue
from qmlplay.tables import FeatureReduction
from qmlplay.typing import Real

__all__ = ["AffineMap", "affine_map", "affine_steps"]


@final
@dataclass(frozen=True, eq=False)
class AffineMap(ArrayValue):
    """An affine map of rows: (X − center) @ matrix.

    Parameters
    ----------
    center : ndarray of shape (n_columns,)
    matrix : ndarray of shape (n_columns, n_outputs)
    """

    center: Real
    matrix: Real

    def apply(self, X: Real) -> Real:
        """Return the outputs (n_samples, n_outputs) of rows (n_samples, n_columns)."""
        return np.asarray((X - self.center) @ self.matrix)

    @property
    def is_diagonal(self) -> bool:
        """Whether every output is one column, shifted and multiplied."""
        shape = self.matrix.shape
        return shape[0] == shape[1] and not (self.matrix - np.diag(np.diag(self.matrix))).any()


def _reduction(step: FeatureReduction) -> AffineMap:
    return AffineMap(step.center_, step.matrix_)


def _standard(step: Any) -> AffineMap:
    center = step.mean_ if step.with_mean else np.zeros(step.n_features_in_)
    return _divided(center, step.scale_)


def _min_max(step: Any) -> AffineMap:
    if step.clip:
        raise ValueError(
            "MinMaxScaler(clip=True) holds values at limits, which is no affine map: fit it with "
            "clip=False, as the model holds far outliers itself"
        )
    return _divided(-step.min_ / step.scale_, 1 / step.scale_)


def _robust(step: Any) -> AffineMap:
    center = step.center_ if step.with_centering else np.zeros(step.n_features_in_)
    return _divided(center, step.scale_)


def _largest(step: Any) -> AffineMap:
    return _divided(np.zeros(step.n_features_in_), step.scale_)


def _components(step: Any) -> AffineMap:
    matrix = step.components_.T
    return AffineMap(
        step.mean_, matrix / np.sqrt(step.explained_variance_) if step.whiten else matrix
    )


def _divided(center: Real, scale: Real | None) -> AffineMap:
    scales = np.ones(len(center)) if scale is None else np.asarray(scale, dtype=float)
    return AffineMap(np.asarray(center, dtype=float), np.diag(1 / scales))


_MAPS: Mapping[type, Callable[[Any], AffineMap]] = MappingProxyType(
    {
        FeatureReduction: _reduction,
        StandardScaler: _standard,
        MinMaxScaler: _min_max,
        RobustScaler: _robust,
        MaxAbsScaler: _largest,
        PCA: _components,
    }
)


def affine_steps() -> tuple[str, ...]:
    """Return the names of the transformers that `affine_map` knows."""
    return tuple(kind.__name__ for kind in _MAPS)


def affine_map(name: str, step: Any) -> AffineMap:
    """Return what a fitted step of a pipeline does to numbers.

    Parameters
    ----------
    name : str
        Of the step, for the error's text.
    step : transformer
        Fitted.

    Raises
    ------
    TypeError
        If it is no transformer that is known to be an affine map.
    ValueError
        If its settings make it none.

    Examples
    --------
    >>> scaler = StandardScaler().fit([[0.0], [4.0]])
    >>> affine_map("scale", scaler).apply(np.array([[1.0]]))
    array([[-0.5]])
    """
    if type(step) not in _MAPS:
        raise TypeError(
            f"step {name!r}, {type(step).__name__}, cannot be exported with the model: steps that "
            f"can are TablePreprocessor, {', '.join(affine_steps())}. Export the last step alone, "
            "pipeline[-1], and give it what pipeline[:-1].transform(X) returns"
        )
    return _MAPS[type(step)](step)
