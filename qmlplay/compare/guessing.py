"""Guessing, and whether a model has learned more about the classes than that.

If predictions had nothing to do with the labels, labels could change places without harm: the
score is compared with those of permuted labels, the predictions being as they are [1]_. A sample
that is in several test parts has one label in all of them, so that overlapping splits count no
more than they tell. For several models the largest of their scores is compared with the largest
(see `qmlplay.compare.leads`).

References
----------
.. [1] M. Ojala and G. Garriga, J. Machine Learning Research 11 (2010) 1833, test 1, with the
   fitted models kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from qmlplay.compare.statistics import Runs
from qmlplay.typing import Real

__all__ = ["beyond_guessing", "guessed_score"]

#: Permutations for a table of usual size, and for one of more than `_MANY` samples.
_PERMUTATIONS, _MANY = (999, 199), 20_000


def guessed_score(runs: Runs, metric: str) -> float:
    """Return what the commonest class of the training part scores, mean over the splits."""
    return float(np.mean([run.guessed(metric) for run in runs.values()]))


def beyond_guessing(models: Mapping[str, Runs], metric: str) -> dict[str, float]:
    """Return for every model the probability of such a score if it knew nothing of the classes.

    A model that scores no better than the commonest class has 1.

    Parameters
    ----------
    models : dict of str to dict of int to Predictions
    metric : {"accuracy", "balanced accuracy"}

    Examples
    --------
    >>> from qmlplay.compare.scoring import Predictions
    >>> labels, rows = np.repeat([0, 1], 27), np.arange(54)
    >>> right = Predictions(0, rows, labels, labels, 0, 126, 1.0)
    >>> guess = Predictions(0, rows, labels, 0 * labels, 0, 126, 0.5)
    >>> beyond_guessing({"svc": {0: right}, "dummy": {0: guess}}, "accuracy")
    {'svc': 0.001, 'dummy': 1.0}
    """
    gains = {name: _gains(runs, metric) for name, runs in models.items()}
    n_permutations = _PERMUTATIONS[max(len(labels) for _, labels, _ in gains.values()) > _MANY]
    # The same permutations for all models of the same samples: they go up and down together.
    sizes = {name: _sizes(*gain, n_permutations) for name, gain in gains.items()}
    largest = np.max([chance for chance, _ in sizes.values()], axis=0)
    return {
        name: (1 + np.count_nonzero(largest >= size - 1e-9)) / (1 + n_permutations)
        if _is_above(models[name], metric)
        else 1.0
        for name, (_, size) in sizes.items()
    }


def _sizes(gains: Real, labels: Any, tables: Any, n_permutations: int) -> tuple[Real, float]:
    """Return scores of permuted labels and the true score, in standard deviations of the former."""
    generator, samples = np.random.default_rng(0), np.arange(len(labels))
    chance = np.array(
        [gains[samples, labels[_permuted(tables, generator)]].sum() for _ in range(n_permutations)]
    )
    spread = chance.std() if np.ptp(chance) > 1e-9 else 1.0
    reached = float(gains[samples, labels].sum() - chance.mean())
    return (chance - chance.mean()) / spread, reached / spread


def _is_above(runs: Runs, metric: str) -> bool:
    mean = np.mean([run.score(metric) for run in runs.values()])
    return bool(mean > guessed_score(runs, metric) + 1e-12)


def _gains(runs: Runs, metric: str) -> tuple[Real, Any, Any]:
    """Return what each sample adds to the score for each label it might have, labels, tables."""
    parts = list(runs.values())
    classes, labels = np.unique(np.concatenate([p.labels for p in parts]), return_inverse=True)
    samples, first, inverse = np.unique(
        np.concatenate([p.samples for p in parts]), return_index=True, return_inverse=True
    )
    gains = np.zeros((len(samples), len(classes)))
    start = 0
    for p in parts:
        rows = inverse[start : start + len(p.labels)]
        start += len(p.labels)
        for index, label in enumerate(classes):
            weights = p.weights(metric)
            of_class = p.labels == label
            if of_class.any():
                gains[rows, index] += weights[of_class][0] * (p.predicted == label) / len(parts)
    return gains, labels[first], samples >> 40


def _permuted(tables: Any, generator: np.random.Generator) -> Any:
    """Return the samples in an order that is random within each table."""
    order = generator.random(len(tables))
    positions = np.argsort(tables, kind="stable")
    result = np.empty(len(tables), dtype=np.intp)
    result[positions] = np.lexsort([order, tables])
    return result
