"""Guessing, and whether a model has learned more about the classes than that.

If predictions had nothing to do with the labels, labels could change places without harm: the
score is compared with those of permuted labels, the predictions being as they are [1]_. A sample
that is in several test parts has one label in all of them, so that overlapping splits count no
more than they tell. For several models the largest of their scores is compared with the largest
(see ``leads``). Numbers change places in the same way.

References
----------
.. [1] M. Ojala and G. Garriga, J. Machine Learning Research 11 (2010) 1833, test 1, with the
   fitted models kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from qmlplay.compare.evidence.statistics import Runs
from qmlplay.compare.setup import R2
from qmlplay.typing import Real

__all__ = ["beyond_guessing", "guessed_score"]

_PERMUTATIONS = 999


def guessed_score(runs: Runs, metric: str) -> float:
    """Return what the commonest class, or the mean, of the training part scores, mean of splits."""
    return float(np.mean([run.guessed(metric) for run in runs.values()]))


def beyond_guessing(models: Mapping[str, Runs], metric: str) -> dict[str, float]:
    """Return for every model the probability of such a score if it knew nothing of the classes.

    A model that scores no better than the commonest class, or the mean, has 1.

    Parameters
    ----------
    models : dict of str to dict of int to Predictions
    metric : {"accuracy", "balanced accuracy", "R²"}

    Examples
    --------
    >>> from qmlplay.compare.running import Predictions
    >>> labels, rows = np.repeat([0, 1], 27), np.arange(54)
    >>> right = Predictions(0, rows, labels, labels, 0, 126, 1.0)
    >>> guess = Predictions(0, rows, labels, 0 * labels, 0, 126, 0.5)
    >>> beyond_guessing({"svc": {0: right}, "dummy": {0: guess}}, "accuracy")
    {'svc': 0.001, 'dummy': 1.0}
    """
    groups: dict[Any, list[str]] = {}
    for name, runs in models.items():
        # A regression's models need the same splits, too.
        of_splits = tuple(runs) if metric == R2 else ()
        groups.setdefault((_samples(runs).tobytes(), of_splits), []).append(name)
    sizes: dict[str, Real] = {}
    for names in groups.values():  # the same permutations for all models of the same samples
        sizes |= _sizes({name: models[name] for name in names}, metric)
    largest = np.max([size[1:] for size in sizes.values()], axis=0)
    return {
        name: float((1 + np.count_nonzero(largest >= sizes[name][0] - 1e-9)) / (1 + _PERMUTATIONS))
        if _is_above(runs, metric)
        else 1.0
        for name, runs in models.items()
    }


def _samples(runs: Runs) -> Any:
    return np.unique(np.concatenate([run.samples for run in runs.values()]))


def _sizes(models: Mapping[str, Runs], metric: str) -> dict[str, Real]:
    """Return each model's score, then those of permuted labels, in deviations of the latter."""
    samples = _samples(next(iter(models.values())))
    labels = np.empty(len(samples), dtype=object)
    for run in next(iter(models.values())).values():
        labels[np.searchsorted(samples, run.samples)] = run.labels
    make_scores = _number_scores if metric == R2 else _class_scores
    scores_of = make_scores(models, samples, labels, metric)
    generator = np.random.default_rng(0)
    scores = [scores_of(np.arange(len(samples)))]
    for _ in range(_PERMUTATIONS):
        scores.append(scores_of(_permuted(samples, generator)))
    return {
        name: _standardised(of_model)
        for name, of_model in zip(models, np.transpose(scores), strict=True)
    }


def _class_scores(
    models: Mapping[str, Runs], samples: Any, labels: Any, metric: str
) -> Callable[[Any], Real]:
    """Return the function from an order of the labels to the score of every model."""
    classes, codes = np.unique(labels.tolist(), return_inverse=True)
    gains = np.stack([_gains(runs, samples, classes, metric) for runs in models.values()])
    columns = np.arange(len(samples))
    return lambda order: np.asarray(gains[:, columns, codes[order]].sum(axis=1))


def _number_scores(
    models: Mapping[str, Runs], samples: Any, labels: Any, _: str
) -> Callable[[Any], Real]:
    """Return the function from an order of the numbers to R² of every model, mean of splits."""
    numbers = labels.astype(np.float64)
    numbers = numbers - numbers.mean()
    splits = []  # the samples of each split, and all models' predictions, (n_models, n_test)
    for seed, first in next(iter(models.values())).items():
        predicted = [runs[seed].predicted - labels.mean() for runs in models.values()]
        splits.append((np.searchsorted(samples, first.samples), np.stack(predicted)))

    def scores(order: Any) -> Real:
        y = numbers[order]
        return np.asarray(np.mean([_r2(y[rows], p) for rows, p in splits], axis=0))

    return scores


def _r2(y: Real, predicted: Real) -> Real:
    """Return R² of rows of predictions (n_models, n_samples); 0 where all numbers are the same."""
    total = ((y - y.mean()) ** 2).sum()
    return 1 - ((predicted - y) ** 2).sum(axis=1) / total if total > 0 else np.zeros(len(predicted))


def _standardised(scores: Real) -> Real:
    chance = scores[1:]
    spread = chance.std() if np.ptp(chance) > 1e-9 else 1.0
    return np.asarray((scores - chance.mean()) / spread)


def _is_above(runs: Runs, metric: str) -> bool:
    mean = np.mean([run.score(metric) for run in runs.values()])
    return bool(mean > guessed_score(runs, metric) + 1e-12)


def _gains(runs: Runs, samples: Any, classes: Any, metric: str) -> Real:
    """Return what each sample adds to the score for each label that it might have."""
    gains = np.zeros((len(samples), len(classes)))
    for run in runs.values():
        rows, weights = np.searchsorted(samples, run.samples), run.weights(metric)
        for index, label in enumerate(classes):
            of_class = weights[run.labels == label]
            if len(of_class):
                gains[rows, index] += of_class[0] * (run.predicted == label) / len(runs)
    return gains


def _permuted(samples: Any, generator: np.random.Generator) -> Any:
    """Return the samples in an order that is random within each table."""
    ends = 1 + np.flatnonzero(np.diff(samples >> 40))  # they are sorted by table
    return np.concatenate(
        [generator.permutation(part) for part in np.split(np.arange(len(samples)), ends)]
    )
