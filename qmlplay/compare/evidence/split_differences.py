"""Differences of two models on one split each, and how splits hang together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.stats import chi2

from qmlplay.compare.running import RunPredictions
from qmlplay.compare.setup import ACCURACY, R2
from qmlplay.typing import Real

__all__ = [
    "SplitDifference",
    "are_folds",
    "split_difference",
    "training_share",
    "unseen_variance",
    "variance_of_splits",
]

#: Degrees of freedom that S₀² counts for beside S².
_PRIOR = 12
#: Disagreements that it takes to tell whether splits vary more than their samples explain.
_MANY = 10
#: A spread that comes by chance more often than this is the samples' alone; that of folds.
_LEVEL, _FOLD_LEVEL = 0.05, 0.01
#: Share of a variance that is nothing but rounding.
_ROUNDING = 1e-9
#: Splits that have more than this share of their test samples in common are nearly the same one.
_REPEATED = 0.5
#: What training adds to the samples' variance, per unit of optimism, and at most.
_SHARE_PER_OPTIMISM = {"classification": 14, "regression": 2}
_LARGEST_SHARE = 0.9


@dataclass(frozen=True, eq=False)
class SplitDifference:
    """One split: the samples' numbers and each one's part of the difference of the scores."""

    samples: Any
    values: Any
    weights: Real  # what each sample counts for in the score
    labels: Any
    table: int
    n_train: int
    training: float  # the difference of the scores in the training part

    @property
    def ratio(self) -> float:
        """n_test / n_train."""
        return len(self.samples) / self.n_train


def split_difference(first: RunPredictions, second: RunPredictions, metric: str) -> SplitDifference:
    """Return what two models' predictions for the same samples differ by."""
    return SplitDifference(
        samples=first.samples,
        values=first.gains(metric) - second.gains(metric),
        weights=first.weights(metric),
        labels=first.labels,
        table=first.table,
        n_train=first.n_train,
        training=first.training_score - second.training_score,
    )


def unseen_variance(parts: list[SplitDifference], metric: str) -> float:
    """Return the variance that one further disagreement each way would add, of each class.

    Errors of numbers are no disagreements that some other samples might have had: 0.
    """
    if metric == R2:
        return 0.0
    samples, inverse = np.unique(np.concatenate([p.samples for p in parts]), return_inverse=True)
    weights = np.bincount(inverse, np.concatenate([p.weights for p in parts])) / len(parts)
    if metric == ACCURACY:
        return 2 * float(np.mean(weights**2))
    labels = np.empty(len(samples), dtype=object)
    labels[inverse] = np.concatenate([p.labels for p in parts])
    classes = np.unique(labels.tolist(), return_inverse=True)[1]
    return 2 * float((np.bincount(classes, weights**2) / np.bincount(classes)).sum())


def variance_of_splits(
    parts: list[SplitDifference], share: float, variance: float, disagreements: float
) -> tuple[float, float]:
    """Return the variance of the mean over several splits and its degrees of freedom.

    The formulas are in `qmlplay.compare.evidence.statistics`.

    Parameters
    ----------
    share : float
        Of `training_share`.
    variance : float
        Of the mean, if nothing but the choice of samples varied.
    disagreements : float
        Effective number of samples on which the models disagree.
    """
    n_splits, rho = len(parts), _mean_correlation(parts)
    expected = sum((part.values**2).sum() for part in parts) - n_splits * variance
    expected = max(float(expected) / (n_splits - 1), 0.0)
    between, degrees = _between(parts, variance, expected, disagreements)
    if rho > _REPEATED:
        return variance + between / n_splits, degrees
    factor = (1 / n_splits + (1 - 1 / n_splits) * rho) / (1 - rho)
    if len({part.table for part in parts}) < n_splits:
        of_part = _part_variance(parts, expected) / n_splits
        variance = variance * (1 + _coverage(parts) ** 2 * share) + of_part
        if of_part:
            degrees = min(degrees, (n_splits - 1) * (variance / of_part) ** 2)
    return max(variance, factor * between), degrees


def _between(
    parts: list[SplitDifference], variance: float, expected: float, disagreements: float
) -> tuple[float, float]:
    """Return the variance between splits and its degrees of freedom."""
    degrees = len(parts) - 1
    measured = float(np.var([part.values.sum() for part in parts], ddof=1))
    if max(measured, expected) <= _ROUNDING * variance:  # the same again, which tells no more
        return 0.0, np.inf
    if expected == 0:
        return measured, degrees
    is_of_folds = are_folds(parts)
    level = _FOLD_LEVEL if is_of_folds else _LEVEL
    is_clear = chi2.sf(degrees * measured / expected, degrees) < level
    if is_clear and disagreements > _MANY:
        return measured, degrees
    if is_of_folds:
        return expected, np.inf
    both = _PRIOR + degrees
    return (_PRIOR * expected + degrees * measured) / both, both


def _mean_correlation(parts: list[SplitDifference]) -> float:
    """Return the mean correlation of two splits, over all pairs."""
    samples = np.concatenate([part.samples for part in parts])
    sizes = np.array([len(part.samples) for part in parts])
    columns = np.unique(samples, return_inverse=True)[1]
    split = np.repeat(np.arange(len(parts)), sizes)
    members = csr_array((np.ones(len(samples)), (split, columns)))
    common = (members @ members.T).toarray() / np.sqrt(np.outer(sizes, sizes))
    of_pairs = common[np.triu_indices(len(parts), k=1)]
    return float(min(of_pairs.mean(), 0.99))


def are_folds(parts: list[SplitDifference]) -> bool:
    """Tell whether all samples of the tables were tested equally often, by several splits each."""
    samples = np.concatenate([part.samples for part in parts])
    counts = np.unique(samples, return_counts=True)[1]
    return bool(counts.min() == counts.max() and _coverage(parts) == 1)


def _coverage(parts: list[SplitDifference]) -> float:
    """Return the share of the tables' samples that some test part has."""
    n_samples = len(np.unique(np.concatenate([part.samples for part in parts])))
    sizes = {part.table: len(part.samples) + part.n_train for part in parts}
    return min(n_samples / sum(sizes.values()), 1.0)


def _part_variance(parts: list[SplitDifference], expected: float) -> float:
    """Return how much the training scores vary beyond the choice of samples.

    Parameters
    ----------
    expected : float
        The variance between test parts that the choice of samples explains.
    """
    ratio = float(np.mean([part.ratio for part in parts]))
    measured = float(np.var([part.training for part in parts], ddof=1))
    return max(measured - ratio**2 * expected, 0.0)


def training_share(models: Sequence[Sequence[RunPredictions]]) -> float:
    """Return what training adds to the samples' variance of all folds, as a share of it."""
    shares = [_share(runs) for runs in models]
    return float(np.clip(shares, 0, _LARGEST_SHARE).mean())


def _share(runs: Sequence[RunPredictions]) -> float:
    first = runs[0]
    return _SHARE_PER_OPTIMISM[first.task.name] * first.optimism(runs)
