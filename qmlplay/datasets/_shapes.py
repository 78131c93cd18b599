"""Two-dimensional toys: every one fits on a page and can be plotted."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import make_blobs, make_circles, make_moons

from qmlplay.checks import real_number, whole_number
from qmlplay.datasets._samples import (
    Drawn,
    RandomState,
    Samples,
    balanced_labels,
    balanced_sample,
    random_source,
)

__all__ = ["blobs", "checkerboard", "circles", "moons", "spirals", "xor"]


def moons(
    *, n_samples: int = 300, noise: float = 0.15, random_state: RandomState = None
) -> Samples:
    """Two interleaving half circles in the plane.

    Parameters
    ----------
    n_samples : int, at least 2
    noise : float, at least 0
        Standard deviation of the Gaussian noise on both features.
    random_state : None, int or RandomState

    Notes
    -----
    What is hard: no straight line separates the moons, a gentle curve does; with more noise
    their tips overlap.

    References
    ----------
    Source: scikit-learn, ``sklearn.datasets.make_moons``.
    """
    X, y = make_moons(
        n_samples=whole_number("n_samples", n_samples, 2),
        noise=real_number("noise", noise),
        random_state=random_source(random_state),
    )
    return Samples(X, y, target_names=("upper moon", "lower moon"))


def circles(
    *,
    n_samples: int = 300,
    noise: float = 0.1,
    factor: float = 0.5,
    random_state: RandomState = None,
) -> Samples:
    """Two circles around the same centre.

    Parameters
    ----------
    n_samples : int, at least 2
    noise : float, at least 0
        Standard deviation of the Gaussian noise on both features.
    factor : float in (0, 1)
        Radius of the inner circle; the outer one has radius 1.
    random_state : None, int or RandomState

    Notes
    -----
    What is hard: both classes have the same mean, so a linear model can only guess; the radius
    alone decides.

    References
    ----------
    Source: scikit-learn, ``sklearn.datasets.make_circles``.
    """
    X, y = make_circles(
        n_samples=whole_number("n_samples", n_samples, 2),
        noise=real_number("noise", noise),
        factor=real_number("factor", factor, 0.0, 1.0, closed="neither"),
        random_state=random_source(random_state),
    )
    return Samples(X, y, target_names=("outer circle", "inner circle"))


def xor(*, n_samples: int = 300, noise: float = 0.0, random_state: RandomState = None) -> Samples:
    """Points of the square [-1, 1]²; the label is 1 where the two signs differ.

    Parameters
    ----------
    n_samples : int, at least 2
    noise : float, at least 0
        Standard deviation of the Gaussian noise added to both features after labelling.
    random_state : None, int or RandomState

    Notes
    -----
    What is hard: neither feature alone says anything about the label, only their product does;
    there is no gap between the classes.

    References
    ----------
    Source: M. Minsky and S. Papert, Perceptrons, MIT Press (1969).
    """
    n_samples = whole_number("n_samples", n_samples, 2)
    noise = real_number("noise", noise)
    source = random_source(random_state)
    y = balanced_labels(n_samples, 2, source)
    first, size = source.uniform(-1, 1, n_samples), source.uniform(0, 1, n_samples)
    second = np.copysign(size, np.where(y == 1, -first, first))
    X = np.column_stack([first, second]) + noise * source.standard_normal((n_samples, 2))
    return Samples(X, y, target_names=("same sign", "different sign"))


def blobs(
    *,
    n_samples: int = 300,
    centers: int = 3,
    n_features: int = 2,
    cluster_std: float = 1.0,
    random_state: RandomState = None,
) -> Samples:
    """Round Gaussian clouds, one per class, at random places.

    Parameters
    ----------
    n_samples : int, at least `centers`
    centers : int, at least 2
        The number of clouds and of classes; the centres are uniform in [-10, 10].
    n_features : int, at least 1
    cluster_std : float, at least 0
        Standard deviation of every cloud.
    random_state : None, int or RandomState

    Notes
    -----
    What is hard: more than two classes; for some seeds two clouds overlap, and no model can
    tell them apart there.

    References
    ----------
    Source: scikit-learn, ``sklearn.datasets.make_blobs``.
    """
    centers = whole_number("centers", centers, 2)
    X, y = make_blobs(
        n_samples=whole_number("n_samples", n_samples, centers),
        centers=centers,
        n_features=whole_number("n_features", n_features, 1),
        cluster_std=real_number("cluster_std", cluster_std),
        random_state=random_source(random_state),
    )
    return Samples(X, y, target_names=[f"blob {k}" for k in range(centers)])


def spirals(
    *,
    n_samples: int = 300,
    n_classes: int = 2,
    turns: float = 1.0,
    noise: float = 0.05,
    random_state: RandomState = None,
) -> Samples:
    """Spiral arms around the origin, one per class.

    Arm k holds the points of radius r in [0.1, 1] at the angle 2π (turns · r + k / n_classes).

    Parameters
    ----------
    n_samples : int, at least `n_classes`
    n_classes : int, at least 2
        The number of arms.
    turns : float, above 0
        How often an arm would wind around the origin from radius 0 to 1.
    noise : float, at least 0
        Standard deviation of the Gaussian noise on both features.
    random_state : None, int or RandomState

    Notes
    -----
    What is hard: every straight cut crosses all arms; more turns or arms ask for a decision
    boundary of higher frequency.

    References
    ----------
    Source: after K. J. Lang and M. J. Witbrock, Learning to tell two spirals apart, Proceedings
    of the 1988 Connectionist Models Summer School.
    """
    n_classes = whole_number("n_classes", n_classes, 2)
    n_samples = whole_number("n_samples", n_samples, n_classes)
    turns, noise = real_number("turns", turns, closed="neither"), real_number("noise", noise)
    source = random_source(random_state)
    y = balanced_labels(n_samples, n_classes, source)
    radius = np.sqrt(source.uniform(0.1**2, 1, n_samples))  # the root spreads points evenly
    angle = 2 * np.pi * (turns * radius + y / n_classes)
    X = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    X += noise * source.standard_normal(X.shape)
    return Samples(X, y, target_names=[f"arm {k}" for k in range(n_classes)])


def checkerboard(
    *,
    n_samples: int = 300,
    n_squares: int = 4,
    noise: float = 0.0,
    random_state: RandomState = None,
) -> Samples:
    """Points of the square [0, 1]², labelled by the colour of a checkerboard.

    Parameters
    ----------
    n_samples : int, at least 2
    n_squares : int, at least 2
        Squares along each side; the lower left one has label 0.
    noise : float, at least 0
        Standard deviation of the Gaussian noise added to both features after labelling.
    random_state : None, int or RandomState

    Notes
    -----
    What is hard: it is XOR at a higher frequency: a few samples per square must be enough to
    find the period of the pattern.

    References
    ----------
    Source: own construction; the two-dimensional periodic version of XOR.
    """
    n_samples = whole_number("n_samples", n_samples, 2)
    n_squares, noise = whole_number("n_squares", n_squares, 2), real_number("noise", noise)
    source = random_source(random_state)

    def draw(size: int) -> Drawn:
        points = source.uniform(size=(size, 2))
        return points, np.floor(points * n_squares).astype(np.int64).sum(axis=1) % 2

    X, y = balanced_sample(draw, n_samples, source, "no points of both colours")
    X += noise * source.standard_normal(X.shape)
    return Samples(X, y, target_names=("dark", "light"))
