"""Statistics of a comparison: whether a difference between two models is more than chance.

Both models are tried on the same samples of the same splits, so that only differences count.
d_ij is 1 where the first model alone has sample i of split j right, −1 where the second one has,
else 0.

**One split**: McNemar's exact test of the samples on which the models disagree [1]_.

**Numbers** have R² in place of accuracy: d_ij is the second model's squared error less the first
one's, as a share of the test part's sum of squares, so that the d of a split add up to the
difference of R². All that follows holds for these, too. One split is tested by a paired t test of
the samples, with the variance Σ d² · (1 + n_test/n_train), the second term for the training as in
[2]_, and n − 1 degrees of freedom. As squared errors never tie, the number of samples takes the
place of the disagreements.

**Several splits of one table** overlap, so that their spread is no standard error. The variance
of the mean difference over J splits is

    S² · (1/J + (1 − 1/J) ρ) / (1 − ρ)

where S² is the variance between splits and ρ the correlation of two of them, the share of test
samples that they have in common. For random splits ρ = n_test / (n_train + n_test), and the factor
is the 1/J + n_test/n_train of Nadeau and Bengio [2]_. Where most test samples are the same (one
split, other random numbers), Var + S²/J, see below, takes the place of all that. Tables that were
drawn anew have ρ = 0, which is the usual paired t test.

With few splits S² hardly has degrees of freedom. But the samples say what it would be if nothing
but the choice of samples made splits differ, S₀² = (Σ_j Var_j − J · Var) / (J − 1), with Var_j the
sum of squares of split j's mean and Var that of the mean over the splits, sample by sample. S² is
therefore moderated as in [4]_: (12 S₀² + (J − 1) S²) / (12 + J − 1), with as many degrees of
freedom. Where splits vary clearly more than their samples explain (χ² test, 5 %, more than ten
disagreements), S² stands alone, with J − 1. The effective number of disagreements limits the
degrees of freedom, too.

**Folds** have no test sample in common, but training samples. As a sample is tested and has a part
in the training of the other folds' models, Var is too small where the question is whether two
*ways to learn* are equal: hardly for a linear model of many samples, 1.9 times for neighbours and
trees. One cross-validation has no unbiased estimate of that [3]_, and S² does not show it. But it
grows with the optimism, by how much a model knows its training parts better than its test parts
and so follows single samples [5]_. The variance is therefore at least

    Var · (1 + c² · mean over both models of min(14 · optimism, 0.9)) + τ²/J

with c the share of the table that was tested, 1 for folds; for numbers it is min(2 · optimism,
0.9), and the optimism the share of the test parts' squared error that training does not show.
What a training does to a whole part, such as an unlucky start, shows in the training scores:
τ² = T² − (n_test/n_train)² S₀², with T² the variance of the difference of both models' training
scores, J − 1 degrees of freedom. S² of folds, also of repeated ones, counts only where it is
clearly larger (1 %), with J − 1. The numbers 14, 2 and 0.9 were found in simulations
(`tests/verdict_simulations.py`, `tests/regression_simulations.py`), and tried on models that had
no part in that.

References
----------
.. [1] T. Dietterich, Neural Computation 10 (1998) 1895, doi:10.1162/089976698300017197.
.. [2] C. Nadeau and Y. Bengio, Machine Learning 52 (2003) 239, doi:10.1023/A:1024068626366.
.. [3] Y. Bengio and Y. Grandvalet, J. Machine Learning Research 5 (2004) 1089.
.. [4] G. Smyth, Statistical Applications in Genetics and Molecular Biology 3 (2004) 3,
   doi:10.2202/1544-6115.1027.
.. [5] B. Efron, J. American Statistical Association 99 (2004) 619, doi:10.1198/016214504000000692.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import binomtest, norm, t

from qmlplay.compare.evidence.split_differences import (
    SplitDifference,
    are_folds,
    split_difference,
    training_share,
    unseen_variance,
    variance_of_splits,
)
from qmlplay.compare.running import RunPredictions
from qmlplay.compare.setup import ACCURACY, R2
from qmlplay.typing import Real

__all__ = [
    "LEVEL",
    "Difference",
    "Runs",
    "agreeing",
    "difference",
]

#: A difference counts where it would come by chance in fewer than one in twenty comparisons.
LEVEL = 0.05
#: Differences that are nothing but rounding, as of simulators that evaluate the same weights.
_ROUNDING = 1e-7
#: Predictions of one model, by the seed of the split.
Runs = Mapping[int, RunPredictions]


@dataclass(frozen=True, eq=False)
class Difference:
    """The first model's score minus the second's, and how sure it is.

    Parameters
    ----------
    metric : {"accuracy", "balanced accuracy"}
    mean : float
        Mean over the splits that both models have.
    low, high : float
        95 % confidence interval.
    p_value : float
        Of a difference at least as large, if the models were equal; two-sided.
    test : str
        What was tested.
    n_splits, n_samples : int
        Splits, and different samples in their test parts.
    sums : ndarray
        Each sample's part of the mean.
    samples : ndarray
        The samples' numbers, sorted.
    """

    metric: str
    mean: float
    low: float
    high: float
    p_value: float
    test: str
    n_splits: int
    n_samples: int
    sums: Any
    samples: Any


def difference(first: Runs, second: Runs, metric: str = ACCURACY) -> Difference:
    """Compare two models on the splits that both of them have.

    Parameters
    ----------
    first, second : dict of int to Predictions
        seed → what was predicted; at least one seed in common.
    metric : {"accuracy", "balanced accuracy", "R²"}, default="accuracy"

    Examples
    --------
    >>> from qmlplay.compare.running import Predictions
    >>> labels, rows = np.zeros(8), np.arange(8)
    >>> right, wrong = (Predictions(0, rows, labels, p, 0, 20, 1.0) for p in (labels, labels + 1))
    >>> result = difference({0: right}, {0: wrong})
    >>> result.mean, round(result.p_value, 4), result.test  # 2 · (1/2)⁸
    (1.0, 0.0078, "McNemar's exact test")
    """
    seeds = [seed for seed in first if seed in second]
    parts = [split_difference(first[seed], second[seed], metric) for seed in seeds]
    samples, inverse = np.unique(np.concatenate([p.samples for p in parts]), return_inverse=True)
    values = np.concatenate([part.values for part in parts]) / len(parts)
    sums = np.asarray(np.bincount(inverse, values, len(samples)), dtype=np.float64)
    shared: dict[str, Any] = {"metric": metric, "n_splits": len(parts), "n_samples": len(samples)}
    shared |= {"mean": float(sums.sum()), "sums": sums, "samples": samples}
    if np.abs(values).sum() <= _ROUNDING:
        # No disagreement in n samples: it is below 3 / n or so, with 95 % confidence. Errors of
        # numbers that are the same tell that the models are.
        bound = 0.0 if metric == R2 else 1 - LEVEL ** (1 / len(samples))
        return Difference(low=-bound, high=bound, p_value=1.0, test="no disagreement", **shared)
    if len(parts) == 1 and metric == ACCURACY:
        return Difference(**_mcnemar(parts[0].values), **shared)
    share = training_share([[model[seed] for seed in seeds] for model in (first, second)])
    return Difference(**_corrected_t(parts, share, sums, metric), **shared)


def _mcnemar(values: Real) -> dict[str, Any]:
    """Test one split; the interval is that of Bonett and Price (2012).

    Source: D. Bonett and R. Price, Journal of Educational and Behavioral Statistics 37 (2012) 479.
    """
    n, wins, losses = len(values), int((values > 0).sum()), int((values < 0).sum())
    p_value = float(binomtest(wins, wins + losses).pvalue)
    up, down = (wins + 1) / (n + 2), (losses + 1) / (n + 2)
    half = norm.ppf(1 - LEVEL / 2) * np.sqrt((up + down - (up - down) ** 2) / (n + 2))
    middle = up - down
    low, high = agreeing(middle, middle - half, middle + half, p_value)
    return {"low": low, "high": high, "p_value": p_value, "test": "McNemar's exact test"}


def agreeing(
    mean: float, low: float, high: float, p_value: float, metric: str = ACCURACY
) -> tuple[float, float]:
    """Return an interval that holds zero just where the test does not exclude it.

    Differences of accuracies are within [−1, 1], those of R² have no bounds.

    Where the test excludes zero and the interval does not, its end is where the test's own would
    be: as many standard errors from the mean as the probability says.

    Examples
    --------
    >>> agreeing(0.1, 0.01, 0.19, p_value=0.2)
    (0.0, 0.19)
    >>> low, high = agreeing(0.1, -0.01, 0.21, p_value=0.04)
    >>> round(low, 4), high
    (0.0046, 0.21)
    """
    if p_value >= LEVEL:
        low, high = min(low, 0.0), max(high, 0.0)
    elif low <= 0 <= high:
        end = mean * (1 - norm.isf(LEVEL / 2) / norm.isf(max(p_value, 1e-300) / 2))
        low, high = (end, high) if mean > 0 else (low, end)
    most = np.inf if metric == R2 else 1.0
    return max(float(low), -most), min(float(high), most)


def _corrected_t(
    parts: list[SplitDifference], share: float, sums: Real, metric: str
) -> dict[str, Any]:
    """Test several splits, or one whose samples count differently.

    As few disagreements tell little about their own number, the interval is that of one more in
    either direction, after Bonett and Price.
    """
    variance = float((sums**2).sum())  # of the mean, if only the choice of samples varied
    disagreements = variance**2 / float((sums**4).sum())  # their effective number
    unseen = unseen_variance(parts, metric)
    has_numbers, degrees = metric == R2, np.inf
    if len(parts) > 1:
        variance, degrees = variance_of_splits(parts, share, variance, disagreements)
    elif has_numbers:
        variance *= 1 + parts[0].ratio
    mean = float(sums.sum())
    most = max(len(sums) - 1, 1) if has_numbers else disagreements
    degrees = min(most, degrees) if has_numbers else degrees
    p_value = float(2 * t.sf(abs(mean) / np.sqrt(variance), min(most, degrees)))
    half = t.ppf(1 - LEVEL / 2, degrees) * np.sqrt(variance + unseen)
    low, high = agreeing(mean, mean - half, mean + half, p_value, metric)
    return {"low": low, "high": high, "p_value": p_value, "test": _name(parts, metric)}


def _name(parts: list[SplitDifference], metric: str) -> str:
    if len(parts) == 1 and metric == R2:
        return "paired t test of the samples' squared errors"
    if len(parts) == 1:
        return "t test of the samples, each class weighted alike"
    if len({part.table for part in parts}) == len(parts):
        return "paired t test, variance moderated by the samples"
    if are_folds(parts):
        return "t test of all folds' samples, with a share for their training"
    return "corrected resampled t test, variance moderated by the samples"
