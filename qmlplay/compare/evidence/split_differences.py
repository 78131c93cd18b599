"""Differences of two models on one split each, and how splits hang together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from qmlplay.compare.running import ACCURACY, Predictions
from qmlplay.typing import Real

__all__ = ["SplitDifference", "mean_correlation", "split_difference", "unseen_variance"]

#: Correlation of folds, in units of n_test / n_train.
_FOLD_CORRELATION = 0.2


@dataclass(frozen=True, eq=False)
class SplitDifference:
    """One split: the samples' numbers and each one's part of the difference of the scores."""

    samples: Any
    values: Any
    weights: Real  # what each sample counts for in the score
    labels: Any
    table: int
    ratio: float  # n_test / n_train


def split_difference(first: Predictions, second: Predictions, metric: str) -> SplitDifference:
    """Return what two models' predictions for the same samples differ by."""
    values = first.is_correct.astype(float) - second.is_correct
    weights = first.weights(metric)
    return SplitDifference(
        samples=first.samples,
        values=values * weights,
        weights=weights,
        labels=first.labels,
        table=first.table,
        ratio=len(first.rows) / first.n_train,
    )


def unseen_variance(parts: list[SplitDifference], metric: str) -> float:
    """Return the variance that one further disagreement each way would add, of each class."""
    samples, inverse = np.unique(np.concatenate([p.samples for p in parts]), return_inverse=True)
    weights = np.bincount(inverse, np.concatenate([p.weights for p in parts])) / len(parts)
    if metric == ACCURACY:
        return 2 * float(np.mean(weights**2))
    labels = np.empty(len(samples), dtype=object)
    labels[inverse] = np.concatenate([p.labels for p in parts])
    classes = np.unique(labels.tolist(), return_inverse=True)[1]
    return 2 * float((np.bincount(classes, weights**2) / np.bincount(classes)).sum())


def mean_correlation(parts: list[SplitDifference]) -> float:
    """Return the mean correlation of two splits, over all pairs."""
    samples = np.concatenate([part.samples for part in parts])
    sizes = np.array([len(part.samples) for part in parts])
    columns = np.unique(samples, return_inverse=True)[1]
    split = np.repeat(np.arange(len(parts)), sizes)
    members = csr_array((np.ones(len(samples)), (split, columns)))
    common = (members @ members.T).toarray() / np.sqrt(np.outer(sizes, sizes))
    tables, ratios = (np.array([getattr(p, name) for p in parts]) for name in ("table", "ratio"))
    least = _FOLD_CORRELATION * np.minimum.outer(ratios, ratios)
    rho = np.maximum(common, least) * np.equal.outer(tables, tables)
    of_pairs = rho[np.triu_indices(len(parts), k=1)]
    return float(min(of_pairs.mean(), 0.99))
