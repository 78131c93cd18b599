"""Regression: numbers to predict, from one curve on a page to measured data."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_diabetes, make_friedman1
from sklearn.utils import resample

from qmlplay.checks import real_number, whole_number
from qmlplay.datasets._samples import RandomState, Samples, random_source

__all__ = ["diabetes", "fourier", "friedman1", "sine"]


def sine(*, n_samples: int = 200, noise: float = 0.1, random_state: RandomState = None) -> Samples:
    """One period of a sine: y = sin(x) for x drawn uniformly from [0, 2π], and noise.

    Parameters
    ----------
    n_samples : int, at least 2
    noise : float, at least 0
        Standard deviation of the Gaussian noise on y.
    random_state : None, int or RandomState

    Notes
    -----
    What is hard: nothing, unless for a straight line; a circuit that encodes x once has just this
    frequency. The best R² is 1 − noise² / 0.5.

    References
    ----------
    Source: defined here.
    """
    size, spread = whole_number("n_samples", n_samples, 2), real_number("noise", noise)
    source = random_source(random_state)
    X = source.uniform(0, 2 * np.pi, (size, 1))
    y = np.sin(X[:, 0]) + spread * source.normal(size=size)
    return Samples(X, y, ("x",), ("y",), task="regression")


def fourier(
    *,
    n_samples: int = 200,
    degree: int = 2,
    noise: float = 0.0,
    random_state: RandomState = None,
) -> Samples:
    """Fourier series of few frequencies over one period, x drawn uniformly from [−π, π].

    y = Σ cₖ exp(ikx) over k = −degree … degree, with c₀ = 0.1, cₖ = 0.15 − 0.15i for k > 0, and
    their conjugates: 0.1 + Σ (0.3 cos kx + 0.3 sin kx), and noise.

    Parameters
    ----------
    n_samples : int, at least 2
    degree : int, at least 1
        The highest frequency.
    noise : float, at least 0
        Standard deviation of the Gaussian noise on y.
    random_state : None, int or RandomState

    Notes
    -----
    What is hard: a circuit that encodes x r times, without trainable scaling, has frequencies up
    to r and no others, so that it cannot fit a higher degree however long it is trained.

    References
    ----------
    Source: defined here, after M. Schuld, R. Sweke and J. J. Meyer, "Effect of data encoding on
    the expressive power of variational quantum machine learning models", arXiv:2008.08605.
    """
    size, spread = whole_number("n_samples", n_samples, 2), real_number("noise", noise)
    frequencies = np.arange(1, whole_number("degree", degree, 1) + 1)
    source = random_source(random_state)
    X = source.uniform(-np.pi, np.pi, (size, 1))
    angles = X * frequencies
    y = 0.1 + 0.3 * (np.cos(angles) + np.sin(angles)).sum(axis=1)
    return Samples(X, y + spread * source.normal(size=size), ("x",), ("y",), task="regression")


def friedman1(
    *,
    n_samples: int = 300,
    n_features: int = 10,
    noise: float = 1.0,
    random_state: RandomState = None,
) -> Samples:
    """Friedman's first problem: a product, a square and two lines, of 5 features among others.

    y = 10 sin(π x₀ x₁) + 20 (x₂ − ½)² + 10 x₃ + 5 x₄ and noise, every feature uniform in [0, 1].

    Parameters
    ----------
    n_samples : int, at least 2
    n_features : int, at least 5
        Those beyond five say nothing.
    noise : float, at least 0
        Standard deviation of the Gaussian noise on y.
    random_state : None, int or RandomState

    Notes
    -----
    What is hard: the product of two features and the square; a straight line reaches an R² of
    about 0.7.

    References
    ----------
    Source: scikit-learn, ``sklearn.datasets.make_friedman1``; J. H. Friedman (1991).
    """
    X, y = make_friedman1(
        n_samples=whole_number("n_samples", n_samples, 2),
        n_features=whole_number("n_features", n_features, 5),
        noise=real_number("noise", noise),
        random_state=random_source(random_state),
    )
    return Samples(X, y, target_names=("y",), task="regression")


def diabetes(*, n_samples: int | None = None, random_state: RandomState = None) -> Samples:
    """Progression of diabetes a year later, 442 patients, 10 measurements.

    Parameters
    ----------
    n_samples : int or None
        Size of a random subset; None for every row, in order.
    random_state : None, int or RandomState

    Notes
    -----
    What is hard: much noise; no model gets far beyond a straight line, which reaches an R² of
    about 0.45 to 0.5. Whoever learns the training part by heart falls behind it.

    References
    ----------
    Source: scikit-learn, ``sklearn.datasets.load_diabetes``; B. Efron et al., "Least Angle
    Regression" (2004).
    """
    table = load_diabetes(scaled=False)
    source = random_source(random_state)
    rows = np.arange(len(table.target))
    if n_samples is not None:
        size = whole_number("n_samples", n_samples, 2, len(rows))
        rows = resample(rows, replace=False, n_samples=size, random_state=source)
    names = [str(name) for name in table.feature_names]
    return Samples(table.data[rows], table.target[rows], names, ("progression",), task="regression")
