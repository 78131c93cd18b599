"""Tasks from the benchmarking literature, most of them after arXiv:2403.07059.

Unlike the authors' code, nothing is standardised here: scaling belongs in a pipeline, where it
is learned from the training part alone. Labels are 0 and 1.
"""

from __future__ import annotations

import numpy as np

from qmlplay.checks import real_number, whole_number
from qmlplay.datasets._samples import (
    Drawn,
    RandomState,
    Samples,
    balanced_labels,
    balanced_sample,
    random_source,
)

__all__ = ["disk", "hidden_manifold", "hyperplanes", "linearly_separable", "two_curves"]


def linearly_separable(
    *,
    n_samples: int = 300,
    n_features: int = 2,
    margin: float | None = None,
    random_state: RandomState = None,
) -> Samples:
    """Points of the cube [-1, 1]^n on either side of the plane Σ x_i = 0.

    Parameters
    ----------
    n_samples : int, at least 2
    n_features : int, at least 1
    margin : float in [0, n_features) or None
        Points with abs(Σ x_i) <= margin are left out; None is 0.02 n_features, as in the paper.
    random_state : None, int or RandomState

    Notes
    -----
    What is hard: nothing; a perceptron reaches accuracy 1. A model that does not has a problem.

    References
    ----------
    Source: J. Bowles, S. Ahmed and M. Schuld, Better than classical?, arXiv:2403.07059.
    """
    n_samples = whole_number("n_samples", n_samples, 2)
    n_features = whole_number("n_features", n_features, 1)
    margin = 0.02 * n_features if margin is None else margin
    margin = real_number("margin", margin, 0.0, n_features)
    source = random_source(random_state)

    def draw(size: int) -> Drawn:
        points = source.uniform(-1, 1, (size, n_features))
        height = points.sum(axis=1)
        outside = np.abs(height) > margin
        return points[outside], (height[outside] > 0).astype(np.int64)

    remedy = f"margin={margin!r}: leaves too few points in {n_features} dimensions; lower margin"
    X, y = balanced_sample(draw, n_samples, source, remedy)
    return Samples(X, y, target_names=("below", "above"))


def hidden_manifold(
    *,
    n_samples: int = 300,
    n_features: int = 4,
    manifold_dimension: int = 2,
    noise: float = 0.0,
    random_state: RandomState = None,
) -> Samples:
    """Points of a low-dimensional manifold, bent into n dimensions and labelled where they live.

    Gaussian points c of m dimensions become x = tanh(c F / √m - b) with a random matrix F and
    random shifts b; a random network of one hidden layer labels c, split at its median.

    Parameters
    ----------
    n_samples : int, at least 2
    n_features : int, at least 1
    manifold_dimension : int, at least 1
        The dimension m of the manifold.
    noise : float, at least 0
        Standard deviation of Gaussian noise on the features; 0 in the paper.
    random_state : None, int or RandomState

    Notes
    -----
    What is hard: the label depends on m hidden coordinates that the model has to find; it gets
    harder with m, and impossible to solve exactly where m exceeds the number of features.

    References
    ----------
    Source: S. Goldt et al., Modelling the influence of data structure on learning in neural
    networks: the hidden manifold model, arXiv:1909.11500; used in arXiv:2403.07059.
    """
    n_samples = whole_number("n_samples", n_samples, 2)
    n_features = whole_number("n_features", n_features, 1)
    m = whole_number("manifold_dimension", manifold_dimension, 1)
    noise = real_number("noise", noise)
    source = random_source(random_state)
    hidden = source.standard_normal((n_samples, m))
    shifts = source.uniform(-1, 1, n_features)
    X = np.tanh(hidden @ source.standard_normal((m, n_features)) / np.sqrt(m) - shifts)
    X += noise * source.standard_normal(X.shape)
    score = np.tanh(hidden @ source.standard_normal((m, m))) @ source.standard_normal(m)
    y = np.zeros(n_samples, dtype=np.int64)
    y[np.argsort(score)[n_samples // 2 :]] = 1  # the upper half, so the classes are balanced
    return Samples(X, y, target_names=("low", "high"))


def disk(*, n_samples: int = 300, random_state: RandomState = None) -> Samples:
    """Points of the square [-1, 1]^2, inside or outside of a disk with half its area.

    Parameters
    ----------
    n_samples : int, at least 2
    random_state : None, int or RandomState

    Notes
    -----
    What is hard: the boundary is a closed curve, and there is no gap: points near it cannot be
    told apart, whatever the model.

    References
    ----------
    Source: A. Pérez-Salinas et al., Data re-uploading for a universal quantum classifier,
    arXiv:1907.02085, the circle of its benchmarks, with as many points inside as outside.
    """
    n_samples = whole_number("n_samples", n_samples, 2)
    source = random_source(random_state)

    def draw(size: int) -> Drawn:
        points = source.uniform(-1, 1, (size, 2))
        return points, ((points**2).sum(axis=1) < 2 / np.pi).astype(np.int64)

    X, y = balanced_sample(draw, n_samples, source, "")
    return Samples(X, y, target_names=("outside", "inside"))


def two_curves(
    *,
    n_samples: int = 300,
    n_features: int = 4,
    degree: int = 5,
    offset: float = 0.1,
    noise: float = 0.01,
    random_state: RandomState = None,
) -> Samples:
    """Two copies of a random curve in n dimensions, one shifted along (1, ..., 1).

    Every coordinate is a Fourier series Σ_k a_k cos(πkt) + b_k sin(πkt) of t in [0, 1] with
    k = 0 ... degree; the coefficients of all coordinates together have norm 1.

    Parameters
    ----------
    n_samples : int, at least 2
    n_features : int, at least 1
    degree : int, at least 1
        Highest frequency: how much the curves bend.
    offset : float, above 0
        The shift of every coordinate; the paper takes 0.1, or 1 / (2 degree) for varied degrees.
    noise : float, at least 0
        Standard deviation of Gaussian noise on the features.
    random_state : None, int or RandomState

    Notes
    -----
    What is hard: the curves are close and curved; it gets harder with a higher degree and a
    smaller offset. For few features the curves may cross.

    References
    ----------
    Source: S. Buchanan, D. Gilboa and J. Wright, Deep networks and the multiple manifold problem,
    arXiv:2008.11245; this form after arXiv:2403.07059.
    """
    n_samples = whole_number("n_samples", n_samples, 2)
    n_features = whole_number("n_features", n_features, 1)
    degree = whole_number("degree", degree, 1)
    offset, noise = real_number("offset", offset, closed="neither"), real_number("noise", noise)
    source = random_source(random_state)
    a, b = source.uniform(size=(2, degree + 1, n_features))
    norm = np.sqrt(np.sum(a**2) + np.sum(b**2))
    y = balanced_labels(n_samples, 2, source)
    angles = np.pi * np.outer(source.uniform(size=n_samples), np.arange(degree + 1))
    X = (np.cos(angles) @ a + np.sin(angles) @ b) / norm + offset * y[:, None]
    X += noise * source.standard_normal(X.shape)
    return Samples(X, y, target_names=("first curve", "second curve"))


def hyperplanes(
    *,
    n_samples: int = 300,
    n_features: int = 4,
    n_hyperplanes: int = 2,
    dim_hyperplanes: int = 3,
    random_state: RandomState = None,
) -> Samples:
    """Hyperplanes and parity: the label says if a point is above an odd number of hyperplanes.

    Gaussian points of m dimensions are compared with k random hyperplanes, then mapped linearly
    to n features.

    Parameters
    ----------
    n_samples : int, at least 2
    n_features : int, at least 1
    n_hyperplanes : int, at least 1
        The number k of hyperplanes; one makes a linear task.
    dim_hyperplanes : int, at least 1
        The dimension m of the space in which they live.
    random_state : None, int or RandomState

    Notes
    -----
    What is hard: one must know all k sides at once, a subset tells nothing; with fewer features
    than dim_hyperplanes the features do not determine the label.

    References
    ----------
    Source: J. Bowles, S. Ahmed and M. Schuld, Better than classical?, arXiv:2403.07059.
    """
    n_samples = whole_number("n_samples", n_samples, 2)
    n_features = whole_number("n_features", n_features, 1)
    k = whole_number("n_hyperplanes", n_hyperplanes, 1)
    m = whole_number("dim_hyperplanes", dim_hyperplanes, 1)
    source = random_source(random_state)
    normals, shifts = source.uniform(size=(m, k)), source.uniform(size=k)

    def draw(size: int) -> Drawn:
        points = source.standard_normal((size, m))
        above = points @ normals + shifts > 0  # (size, k)
        return points, above.sum(axis=1).astype(np.int64) % 2

    remedy = f"n_hyperplanes={k}: one class hardly occurs; try another random_state"
    X, y = balanced_sample(draw, n_samples, source, remedy)
    return Samples(X @ source.uniform(size=(m, n_features)), y, target_names=("even", "odd"))
