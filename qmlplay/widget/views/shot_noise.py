"""Shot noise over the plane: how often a draw of so many shots decides otherwise.

One shot at a point gives a bit string, and so a decision value; the mean over the shots decides.
How often each bit string comes is multinomial, and what one observable counts is binomial. The
share of draws that decide otherwise than the exact expectations is that binomial's tail where
there is one observable, and otherwise the central limit's, with the skewness of a single shot.
Of a single shot no limit is needed.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import binom

from qmlplay.backends.measurement import settings_of
from qmlplay.model import TrainedModel
from qmlplay.model.readout import class_indices
from qmlplay.typing import Real

__all__ = ["flip_shares", "single_shot_decisions"]


def single_shot_decisions(model: TrainedModel) -> Real | None:
    """Return the decision values that each bit string stands for, (2**n_qubits, n_outputs).

    None where the observables are not all read off the same shots, of qubits read as they are.
    """
    settings = settings_of(model.observables)
    if len(settings) != 1 or set(settings[0].basis) - set("IZ"):
        return None
    readings = np.zeros((2**model.n_qubits, len(model.observables)))
    readings[:, settings[0].members] = settings[0].readings
    return model.readout.decisions(readings)


def flip_shares(probabilities: Real, values: Real, shots: int) -> Real:
    """Return the share of draws that decide otherwise than the exact expectations.

    Parameters
    ----------
    probabilities : ndarray of shape (n_points, 2**n_qubits)
        Exact ones of every bit string.
    values : ndarray of shape (2**n_qubits, n_outputs)
        The decision values of each, see `single_shot_decisions`.
    shots : int
        Of one draw, at every point anew.

    Returns
    -------
    ndarray of shape (n_points,)
        In [0, 1]. With more than two classes it is that of the two closest rivals.

    Examples
    --------
    >>> values = np.array([[1.0], [-1.0]])  # of one qubit: class 1 where ⟨Z⟩ > 0
    >>> p = np.array([[0.6, 0.4], [0.4, 0.6]])
    >>> flip_shares(p, values, shots=1), flip_shares(p, values, shots=101).round(3)
    (array([0.4, 0.4]), array([0.021, 0.021]))
    """
    p = np.clip(probabilities, 0, None)
    p = p / p.sum(axis=1, keepdims=True)
    if shots == 1:
        of_shots, exact = class_indices(values), class_indices(p @ values)
        return np.asarray((p * (of_shots != exact[:, None])).sum(axis=1))
    if values.shape[1] == 1:
        differences = np.broadcast_to(values[:, 0], p.shape)
        below = _share_below(p, differences, shots)
        return np.where((p * differences).sum(axis=1) > 0, below, 1 - below)
    winners = (p @ values).argmax(axis=1)
    leads = values[:, winners][..., None] - values[:, None, :]  # (2**n, n_points, n_classes)
    shares = np.stack([_share_below(p, lead.T, shots) for lead in leads.transpose(2, 0, 1)])
    shares[winners, np.arange(len(p))] = 0.0
    second, first = np.argsort(shares, axis=0)[-2:]
    points = np.arange(len(p))
    pair = [leads[:, points, rival].T for rival in (first, second)]
    return _share_of_either(p, pair, shares[first, points], shares[second, points])


def _share_of_either(p: Real, leads: list[Real], one: Real, other: Real) -> Real:
    """Return how often at least one of two leads is lost, given how often each is.

    How often both are lost follows from their correlation, by the first terms of the tetrachoric
    series.
    """
    centered = [lead - (p * lead).sum(axis=1, keepdims=True) for lead in leads]
    spreads = [np.sqrt((p * lead**2).sum(axis=1)) for lead in centered]
    covariance = (p * centered[0] * centered[1]).sum(axis=1)
    correlation = covariance / np.maximum(spreads[0] * spreads[1], 1e-30)
    x, y = (ndtri(np.clip(share, 1e-12, 1 - 1e-12)) for share in (one, other))
    density = np.exp(-(x**2 + y**2) / 2) / (2 * np.pi)
    series = correlation + correlation**2 / 2 * x * y + correlation**3 / 6 * (x**2 - 1) * (y**2 - 1)
    least, most = np.maximum(one + other - 1, 0.0), np.minimum(one, other)
    both = np.clip(one * other + density * series, least, most)
    return np.asarray(one + other - both)


def _share_below(p: Real, differences: Real, shots: int) -> Real:
    """Return how often the mean difference of so many shots is not above 0, (n_points,)."""
    is_same = np.ptp(differences, axis=0).max() == 0
    levels = np.unique(differences[0].round(12)).tolist() if is_same else []
    if len(levels) == 2:
        return _binomial_share(p, differences[0], shots, *levels)
    mean = (p * differences).sum(axis=1)
    centered = differences - mean[:, None]
    variance = (p * centered**2).sum(axis=1)
    spread = np.sqrt(np.maximum(variance, 1e-30))
    skewness = (p * centered**3).sum(axis=1) / spread**3
    x = -mean / spread * np.sqrt(shots)
    density = np.exp(-np.minimum(x**2, 1_000) / 2) / np.sqrt(2 * np.pi)
    share = ndtr(x) - density * skewness * (x**2 - 1) / (6 * np.sqrt(shots))
    return np.asarray(np.clip(share, 0.0, 1.0))


def _binomial_share(p: Real, values: Real, shots: int, low: float, high: float) -> Real:
    """Return the same where a shot has one of two values, exactly."""
    if low > 0 or high <= 0:
        return np.full(len(p), float(high <= 0))
    chance = p[:, values > (low + high) / 2].sum(axis=1)  # of the higher one
    most = np.floor(-low / (high - low) * shots + 1e-9)  # so often it may come: the mean is ≤ 0
    return np.asarray(binom.cdf(most, shots, np.clip(chance, 0, 1)))
