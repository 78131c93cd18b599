"""Integrated gradients: what each feature adds to an answer, from a baseline to a sample."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from sklearn.exceptions import ConvergenceWarning

from qmlplay.checks import check_count
from qmlplay.diagnostics.input_slopes import answers, answers_and_slopes, asked_model, shaped
from qmlplay.model import TrainedCircuit
from qmlplay.typing import Real

if TYPE_CHECKING:
    from qmlplay.backends import Backend
    from qmlplay.classifier import VariationalClassifier, VariationalRegressor

__all__ = ["Attributions", "integrated_gradients"]

#: Samples whose states are in memory at a time.
_CHUNK = 4096
#: Part of the largest change of an answer that the attributions may miss.
_MOST_MISSED = 1e-3


@dataclass(frozen=True, eq=False)
class Attributions:
    """What every feature adds to every answer; named as in an ``Explanation`` of SHAP.

    Parameters
    ----------
    values : ndarray of shape (n_samples, n_features, n_classes)
        In units of the answer; (n_samples, n_features) or (n_samples, n_features, n_targets) for
        a regressor.
    base_values : ndarray of shape (n_classes,), () or (n_targets,)
        The answer at the baseline; with several baselines the mean.
    data : ndarray of shape (n_samples, n_features)
        The samples.
    error : ndarray of shape (n_samples, n_classes), (n_samples,) or (n_samples, n_targets)
        The sum of a sample's values minus the change of its answer: what the quadrature missed.
    """

    values: Real
    base_values: Real
    data: Real
    error: Real


def integrated_gradients(
    clf: VariationalClassifier | VariationalRegressor,
    X: ArrayLike,
    baseline: ArrayLike | None = None,
    *,
    n_steps: int = 64,
) -> Attributions:
    """Return what each feature adds to the answers, by the path from a baseline to each sample.

    The gradients on the straight line between both, exact ones of the circuit, are integrated by
    Gauss–Legendre quadrature, for all samples at once. The values of a sample add up to its answer
    minus that of the baseline ("completeness").

    Parameters
    ----------
    clf : VariationalClassifier or VariationalRegressor
        A fitted model; its backend, shots and noise count. Of a pipeline, the last step.
    X : array-like of shape (n_samples, n_features)
        The samples, in the units of the training data.
    baseline : array-like of shape (n_features,) or (n_baselines, n_features), optional
        Where nothing is said yet; of several the mean is taken ("expected gradients"). None
        stands for the features whose angle is 0: by default the middle of their range in training.
    n_steps : int, default=64
        Points on each line. The quadrature is exact for polynomials of degree 2 · n_steps − 1, and
        its error falls exponentially for the smooth functions that circuits are.

    Returns
    -------
    Attributions
        Its `error` says how far completeness is missed.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the model is not fitted.
    TypeError
        If it has no circuit whose features could be differentiated by, as a pipeline.
    ValueError
        If X or the baseline has another number of features, or entries that are not finite.

    Warns
    -----
    sklearn.exceptions.ConvergenceWarning
        If `n_steps` are too few for exact gradients: completeness is missed by more than a
        thousandth of the largest change.

    Notes
    -----
    A value that the scaling holds, a far outlier, counts as the limit where it is held, as it does
    in predictions (see `qmlplay.model.InputScaling`).

    References
    ----------
    Sundararajan, Taly and Yan, "Axiomatic attribution for deep networks", arXiv:1703.01365.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier, load_dataset
    >>> data = load_dataset("moons", n_samples=60, random_state=0)
    >>> model = VariationalClassifier(n_layers=2, max_iter=10, random_state=0)
    >>> model = model.fit(data.X, data.y)
    >>> parts = integrated_gradients(model, data.X, baseline=data.X.mean(axis=0))
    >>> parts.values.shape, parts.base_values.shape
    ((60, 2, 2), (2,))
    >>> whole = parts.base_values + parts.values.sum(axis=1)
    >>> bool(np.allclose(whole, model.predict_proba(data.X), atol=1e-10))
    True
    """
    check_count("n_steps", n_steps)
    model, rows, backend = asked_model(clf, X)
    starts = _baselines(clf, model, baseline)
    held = np.clip(rows, model.scaling.low, model.scaling.high)
    parts = [_integrated(model, held, start, backend, n_steps) for start in starts]
    values = np.mean(parts, axis=0)
    base = answers(model, starts, backend).mean(axis=0)
    changes = answers(model, rows, backend) - base
    error = values.sum(axis=1) - changes
    missed, largest = np.abs(error).max(), np.abs(changes).max()
    rounding = 1e-9 * np.abs(base).max()
    if backend.is_exact and missed > _MOST_MISSED * largest + rounding:
        warnings.warn(
            f"n_steps={n_steps} are too few: attributions miss up to {missed:.2g} of changes up "
            f"to {largest:.2g}; take n_steps={2 * n_steps}",
            ConvergenceWarning,
            stacklevel=2,
        )
    shown = (shaped(model, array) for array in (values, base, error))
    values, base, error = (np.asarray(array) for array in shown)
    return Attributions(values, base, rows, error)


def _baselines(
    clf: VariationalClassifier | VariationalRegressor,
    model: TrainedCircuit,
    baseline: ArrayLike | None,
) -> Real:
    """Return the baselines, (n_baselines, n_features), held where the scaling holds them."""
    if baseline is None:
        return model.scaling.center[None]
    _, starts, _ = asked_model(clf, np.atleast_2d(np.asarray(baseline)))
    return np.clip(starts, model.scaling.low, model.scaling.high)


def _integrated(
    model: TrainedCircuit, rows: Real, start: Real, backend: Backend, n_steps: int
) -> Real:
    """Return the attributions of all rows from one baseline, (n_samples, n_features, n_answers)."""
    nodes, weights = np.polynomial.legendre.leggauss(n_steps)
    steps = (nodes + 1) / 2  # from [−1, 1] to [0, 1]
    way = rows - start
    points = (start + steps[:, None, None] * way).reshape(-1, rows.shape[1])
    chunks = (points[first : first + _CHUNK] for first in range(0, len(points), _CHUNK))
    slopes = np.concatenate([answers_and_slopes(model, chunk, backend)[1] for chunk in chunks])
    slopes = slopes.reshape(n_steps, *rows.shape, -1)
    return np.asarray(way[..., None] * np.einsum("k,knfc->nfc", weights / 2, slopes))
