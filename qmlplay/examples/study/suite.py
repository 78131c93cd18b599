"""The suite of tables: 2 to 64 features, 2 to 10 classes, 150 to 1,797 samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
from sklearn import datasets
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from qmlplay import load_dataset

__all__ = ["QUICK", "SUITE", "StudyTable", "divided"]

Samples = tuple[Any, Any]  # X (n_samples, n_features), y (n_samples,)
FIXED = ("iris", "wine", "breast_cancer", "digits")


@dataclass(frozen=True)
class StudyTable:
    """One table of the suite.

    Parameters
    ----------
    make : callable
        ``make(seed)`` → X, y; a generated table is another one for every seed.
    n_components : int or None, default=None
        Components of a PCA of the standardised features, learned from the training part.
    """

    make: Callable[[int], Samples]
    n_components: int | None = None


def _ours(name: str, seed: int, **options: Any) -> Samples:
    if name not in FIXED:
        options["random_state"] = seed
    data = load_dataset(name, **options)
    return data.X, data.y


def _scikit_learn(maker: Callable[..., Any], seed: int, **options: Any) -> Samples:
    X, y = maker(random_state=seed, **options)[:2]
    return X, y


def _above_median(X: Any, values: Any) -> Samples:
    return X, (values > np.median(values)).astype(int)


def _linear(n_features: int, n_samples: int, seed: int) -> Samples:
    """One random straight cut through a Gaussian cloud, blurred a little."""
    random = np.random.default_rng([n_features, seed])
    X, normal = random.normal(size=(n_samples, n_features)), random.normal(size=n_features)
    heights = X @ normal / np.linalg.norm(normal) + 0.1 * random.normal(size=n_samples)
    return X, (heights > 0).astype(int)


def _noisy_labels(seed: int) -> Samples:
    X, y = _linear(8, 500, seed)
    is_flipped = np.random.default_rng([79, seed]).random(500) < 0.15
    return X, np.where(is_flipped, 1 - y, y)


def _heavy_tails(seed: int) -> Samples:
    random = np.random.default_rng([77, seed])
    logarithms, normal = 1.2 * random.normal(size=(400, 6)), random.normal(size=6)
    return np.exp(logarithms), (logarithms @ normal > 0).astype(int)


def _typing_error(seed: int) -> Samples:
    X, y = _linear(6, 300, seed)
    X[3, 2] *= 1000
    return X, y


def _correlated(seed: int) -> Samples:
    random = np.random.default_rng([78, seed])
    hidden, mixing = random.normal(size=(400, 4)), random.normal(size=(4, 20))
    X = hidden @ mixing + 0.3 * random.normal(size=(400, 20))
    return X, (hidden[:, 0] + hidden[:, 1] > 0).astype(int)


def _rotated_xor(seed: int) -> Samples:
    random = np.random.default_rng([80, seed])
    X = random.normal(size=(500, 8))
    turned = X @ np.linalg.qr(random.normal(size=(8, 8)))[0]
    return X, (turned[:, 0] * turned[:, 1] > 0).astype(int)


def _polynomial(seed: int) -> Samples:
    X = np.random.default_rng([81, seed]).uniform(-1, 1, size=(500, 6))
    return _above_median(X, X[:, 0] * X[:, 1] + X[:, 2] ** 2 - X[:, 3] + 0.5 * X[:, 4] ** 3)


def _friedman(seed: int) -> Samples:
    return _above_median(*datasets.make_friedman1(500, 10, noise=1.0, random_state=seed))


def _sphere(seed: int) -> Samples:
    X = np.random.default_rng([82, seed]).normal(size=(500, 5))
    return _above_median(X, (X**2).sum(axis=1))


def _additive(seed: int) -> Samples:
    X = np.random.default_rng([83, seed]).uniform(-2, 2, size=(600, 12))
    return _above_median(X, np.sin(2 * X[:, 0]) + np.abs(X[:, 1]) + X[:, 2:6].sum(axis=1) / 2)


def _classification(seed: int, **options: Any) -> Samples:
    return _scikit_learn(datasets.make_classification, seed, n_redundant=2, **options)


def _blobs(seed: int, **options: Any) -> Samples:
    return _scikit_learn(datasets.make_blobs, seed, **options)


def _quantiles(seed: int) -> Samples:
    return _scikit_learn(
        datasets.make_gaussian_quantiles, seed, n_samples=600, n_features=4, n_classes=4
    )


SUITE: Mapping[str, StudyTable] = MappingProxyType(
    {
        **{
            name: StudyTable(partial(_ours, name))
            for name in ("moons", "circles", "xor", "spirals", "checkerboard", "blobs", "iris")
        },
        "wine, PCA 4": StudyTable(partial(_ours, "wine"), 4),
        "breast_cancer, PCA 4": StudyTable(partial(_ours, "breast_cancer"), 4),
        "wine": StudyTable(partial(_ours, "wine")),
        "breast_cancer": StudyTable(partial(_ours, "breast_cancer")),
        "digits": StudyTable(partial(_ours, "digits")),
        "digits 3 and 8": StudyTable(partial(_ours, "digits", classes=[3, 8])),
        **{
            f"linear {n_features}": StudyTable(partial(_linear, n_features, n_samples))
            for n_features, n_samples in ((4, 300), (8, 300), (12, 400), (16, 400), (32, 500))
        },
        "linear 64": StudyTable(partial(_linear, 64, 500)),
        "noisy labels": StudyTable(_noisy_labels),
        "heavy tails": StudyTable(_heavy_tails),
        "typing error": StudyTable(_typing_error),
        "correlated": StudyTable(_correlated),
        "5 of 20 matter": StudyTable(
            partial(_classification, n_samples=500, n_features=20, n_informative=5)
        ),
        "four classes": StudyTable(
            partial(_classification, n_samples=1000, n_features=10, n_informative=6, n_classes=4)
        ),
        "8 of 40 matter": StudyTable(
            partial(
                _classification,
                n_samples=600,
                n_features=40,
                n_informative=8,
                n_classes=3,
                class_sep=1.5,
            )
        ),
        "unbalanced": StudyTable(
            partial(_classification, n_samples=800, n_features=10, n_informative=5, weights=[0.9])
        ),
        "ten blobs": StudyTable(
            partial(_blobs, n_samples=1000, n_features=8, centers=10, cluster_std=3.0)
        ),
        "ten blobs, plane": StudyTable(partial(_blobs, n_samples=500, n_features=2, centers=10)),
        "rotated xor": StudyTable(_rotated_xor),
        "polynomial": StudyTable(_polynomial),
        "friedman": StudyTable(_friedman),
        "sphere": StudyTable(_sphere),
        "shells": StudyTable(_quantiles),
        "additive": StudyTable(_additive),
    }
)
#: What a quick look takes.
QUICK = ("moons", "iris", "linear 8", "linear 16")


def divided(name: str, seed: int, *, validates: bool = False) -> tuple[Any, Any, Any, Any]:
    """Return X_train, X_test, y_train, y_test; to validate, a part of the training data each.

    The test part is 30 % of the samples, and so is that of the training data to validate with.
    """
    table = SUITE[name]
    X, y = table.make(seed)
    parts = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
    if validates:
        X, y = parts[0], parts[2]
        parts = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed + 100)
    X_train, X_test, y_train, y_test = parts
    if table.n_components is not None:
        reduce = make_pipeline(StandardScaler(), PCA(table.n_components)).fit(X_train)
        X_train, X_test = reduce.transform(X_train), reduce.transform(X_test)
    return X_train, X_test, y_train, y_test
