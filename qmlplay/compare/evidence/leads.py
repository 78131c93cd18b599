"""Choices among several models: the best of seven has been lucky, which the test must know.

Whoever compares a model with the best of several, chosen by the same test scores, finds a
difference too often. The probability is therefore that of the *largest* of all differences among
which the choice was made, with their correlations [1]_: models that hardly differ from each other
count hardly more than one.

References
----------
.. [1] P. Westfall and S. Young, Resampling-Based Multiple Testing, Wiley 1993, section 2.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from qmlplay.compare.evidence.statistics import LEVEL, Difference, Runs, agreeing, difference
from qmlplay.typing import Real

__all__ = ["Lead", "lead"]

#: A lead up to this one is of no use, however sure it is.
_LEAST_LEAD = 0.005
#: An interval within plus and minus this one shows that two models are as good as each other.
_EQUIVALENT = 0.02
_DRAWS = 20_000
_LIMIT = float(norm.ppf(1 - LEVEL / 2))


@dataclass(frozen=True, eq=False)
class Lead:
    """A model against a rival, when both were chosen as the best of their group.

    Parameters
    ----------
    first, second : str
        The models' names.
    difference : Difference
        The first one's score minus the second's, as if nothing had been chosen.
    p_value : float
        Of the difference, or of the smallest to any of the rivals, with the choice allowed for.
    low, high : float
        95 % confidence interval, widened for the choice.
    n_choices : int
        Of how many different models the better one is the best.
    """

    first: str
    second: str
    difference: Difference
    p_value: float
    low: float
    high: float
    n_choices: int

    @property
    def sign(self) -> int:
        """1 if the first is ahead by more than chance would explain, −1 if behind, else 0."""
        # The last term forgives rounding: 0.995 − 0.990 is no more than one half percentage point.
        mean = self.difference.mean
        if self.p_value >= LEVEL or abs(mean) <= _LEAST_LEAD + 1e-12:
            return 0
        return 1 if mean > 0 else -1

    @property
    def is_equivalence(self) -> bool:
        """Whether the interval shows that the two are as good as each other."""
        return max(-self.low, self.high) <= _EQUIVALENT

    def interval(self, *, is_turned: bool = False) -> str:
        """Return the difference with its interval in words, the second's lead if `is_turned`."""
        mean, low, high = self.difference.mean, self.low, self.high
        if is_turned:
            mean, low, high = -mean, -high, -low
        text = f"difference {_signed(mean)}, 95 % interval {_signed(low)} to {_signed(high)}"
        if self.n_choices > 1:
            text += f" (allowing for the choice among {self.n_choices} models)"
        return text


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−") if round(value, 3) else "0.000"


def lead(
    first: str,
    firsts: Mapping[str, Runs],
    second: str,
    seconds: Mapping[str, Runs],
    metric: str,
) -> Lead | None:
    """Compare the best model of one group with the best of another.

    The better one is the best of its own group by choice, which is allowed for, and has to be
    ahead of every model of the other group, which needs no allowance.

    Parameters
    ----------
    first, second : str
        The best of each group.
    firsts, seconds : dict of str to dict of int to Predictions
        Every model of each group.
    metric : str

    Returns
    -------
    Lead or None
        None where the two have no split in common.
    """
    if not set(firsts[first]) & set(seconds[second]):
        return None
    plain = difference(firsts[first], seconds[second], metric)
    is_ahead = plain.mean >= 0
    name, own, others = (first, firsts, seconds) if is_ahead else (second, seconds, firsts)
    families = {rival: _family(own, runs, metric) for rival, runs in others.items()}
    p_value = max(_allowed_for(name, family) for family in families.values() if name in family)
    family = families[second if is_ahead else first]
    limit = np.quantile(_largest(list(family.values())), 1 - LEVEL)
    low, high = _widened(plain, max(float(limit) / _LIMIT, 1.0), p_value)
    return Lead(first, second, plain, p_value, low, high, _n_different(family.values()))


def _family(own: Mapping[str, Runs], rival: Runs, metric: str) -> dict[str, Difference]:
    """Return every model's lead over one rival, where they have a split in common."""
    return {n: difference(r, rival, metric) for n, r in own.items() if set(r) & set(rival)}


def _allowed_for(name: str, family: Mapping[str, Difference]) -> float:
    """Return the probability of a lead as large as this one among all of them.

    Bonferroni's is an upper bound, and exact where draws no longer reach.
    """
    chosen = family[name]
    if chosen.mean <= 0:
        return 1.0
    size = norm.isf(max(chosen.p_value, 1e-300) / 2)
    largest = _largest(list(family.values()))
    as_large = (1 + np.count_nonzero(largest >= size)) / (1 + len(largest))
    return float(min(max(as_large, chosen.p_value), chosen.p_value * len(family), 1.0))


def _largest(family: Sequence[Difference]) -> Real:
    """Return draws of the largest of these differences, in standard errors, if none were real."""
    correlation = _correlation(family)
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.clip(values, 0, None))
    draws = np.random.default_rng(0).standard_normal((_DRAWS, len(family))) @ root.T
    return np.asarray(np.abs(draws).max(axis=1))


def _correlation(family: Sequence[Difference]) -> Real:
    """Return how differences to the same model go together, sample by sample."""
    samples = np.unique(np.concatenate([one.samples for one in family]))
    parts = np.zeros((len(family), len(samples)))
    for row, one in zip(parts, family, strict=True):
        row[np.searchsorted(samples, one.samples)] = one.sums
    norms = np.sqrt((parts**2).sum(axis=1))
    parts /= np.where(norms > 0, norms, 1)[:, None]
    correlation = parts @ parts.T
    np.fill_diagonal(correlation, 1)
    return np.asarray(correlation)


def _n_different(family: Iterable[Difference]) -> int:
    """Return how many of the models differ in anything they got right, but for rounding."""
    return len({(one.samples.tobytes(), _rounded(one.sums).tobytes()) for one in family})


def _rounded(sums: Real) -> Real:
    largest = np.abs(sums).max(initial=0.0)
    return np.asarray((sums / largest).round(6) + 0.0 if largest else sums)  # + 0: no −0


def _widened(plain: Difference, factor: float, p_value: float) -> tuple[float, float]:
    """Return the interval for the choice, holding zero just where the test does not exclude it."""
    low = plain.mean - factor * (plain.mean - plain.low)
    high = plain.mean + factor * (plain.high - plain.mean)
    return agreeing(plain.mean, low, high, p_value, plain.metric)
