"""The search for bandwidth and regularisation: cross-validation, a kernel matrix per bandwidth."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.kernel_ridge import KernelRidge
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.svm import SVC

from qmlplay.kernels.kernel_model import probabilities_of
from qmlplay.progress import Progress
from qmlplay.typing import Integers, Real

__all__ = [
    "DistinctRows",
    "KernelChoice",
    "KernelMachine",
    "RidgeMachine",
    "SupportVectorMachine",
    "choose",
]

#: Bounds of log(temperature).
_COLDEST, _HOTTEST = -4.0, 4.0

Fold = tuple[Integers, Integers]


@dataclass(frozen=True, eq=False)
class DistinctRows:
    """Training data in which no row comes twice: repeated rows add up their weights.

    A kernel machine cannot tell the two apart, and so folds do not either. The rows are sorted, so
    that their order does not matter.

    Parameters
    ----------
    X : ndarray of shape (n_rows, n_features)
    y : ndarray of shape (n_rows, …)
    weights : ndarray of shape (n_rows,)
        Positive.
    """

    X: Real
    y: NDArray[Any]
    weights: Real

    @classmethod
    def of(cls, X: Real, y: NDArray[Any], weights: Real) -> DistinctRows:
        """Return the distinct rows of samples that count.

        Examples
        --------
        >>> X, y = np.array([[1.0], [0.0], [1.0]]), np.array([1, 0, 1])
        >>> rows = DistinctRows.of(X, y, np.ones(3))
        >>> rows.X.ravel(), rows.y, rows.weights
        (array([0., 1.]), array([0, 1]), array([1., 2.]))
        """
        counts = weights > 0
        X, y, weights = X[counts], y[counts], weights[counts]
        _, first, index = np.unique(
            np.column_stack([X, y]), axis=0, return_index=True, return_inverse=True
        )
        return cls(X[first], y[first], np.bincount(index.ravel(), weights).astype(float))


class KernelMachine(ABC):
    """What is fitted to a kernel matrix, and how good it is on rows that it has not seen."""

    @abstractmethod
    def folds(self, y: NDArray[Any], n_folds: int, seed: int) -> list[Fold]:
        """Return (training, held-out) rows of a cross-validation; none where that cannot be."""

    @abstractmethod
    def held_out(self, K: Real, rows: DistinctRows, folds: Sequence[Fold]) -> Real:
        """Return decisions or values for the rows held out, NaN for those that never are."""

    @abstractmethod
    def score(self, held_out: Real, rows: DistinctRows) -> float:
        """Return how good these are: the higher, the better."""


@final
@dataclass(frozen=True)
class SupportVectorMachine(KernelMachine):
    """An ``SVC`` on class numbers, judged by its accuracy.

    Parameters
    ----------
    C : float
    """

    C: float

    def fit(self, K: Real, y: Integers, weights: Real) -> Any:
        """Return the fitted SVC."""
        return SVC(C=self.C, kernel="precomputed").fit(K, y, sample_weight=weights)

    def folds(self, y: NDArray[Any], n_folds: int, seed: int) -> list[Fold]:
        """Return stratified folds; the only row of a class is always trained on."""
        _, index, counts = np.unique(y, return_inverse=True, return_counts=True)
        several = np.flatnonzero(counts[index] > 1)
        if not len(several):
            return []
        n_folds = min(n_folds, int(counts.max()))
        splitter = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of classes with fewer rows than folds
            tests = [several[test] for _, test in splitter.split(several, y[several])]
        return [(np.setdiff1d(np.arange(len(y)), test), test) for test in tests]

    def held_out(self, K: Real, rows: DistinctRows, folds: Sequence[Fold]) -> Real:
        """Return decision values, (n_rows,) or (n_rows, n_classes)."""
        n_classes = int(rows.y.max()) + 1
        decisions = np.full((len(K), n_classes) if n_classes > 2 else len(K), np.nan)
        for train, test in folds:
            svc = self.fit(K[np.ix_(train, train)], rows.y[train], rows.weights[train])
            decisions[test] = svc.decision_function(K[np.ix_(test, train)])
        return decisions

    def score(self, held_out: Real, rows: DistinctRows) -> float:
        """Return the accuracy, samples counted by their weights."""
        seen = ~np.isnan(held_out).reshape(len(held_out), -1).any(axis=1)
        values = held_out[seen]
        predicted = values.argmax(axis=1) if values.ndim == 2 else (values > 0).astype(int)
        return float(np.average(predicted == rows.y[seen], weights=rows.weights[seen]))

    def temperature(self, held_out: Real, rows: DistinctRows) -> float:
        """Return what decisions are divided by, so that held-out probabilities are likeliest.

        As in Platt's method, a class that was seen n times is taken to be certain to
        (n + 1) / (n + 2), so that probabilities stay away from 1 where the classes are separable.

        References
        ----------
        Guo et al., "On calibration of modern neural networks", arXiv:1706.04599.
        """
        seen = ~np.isnan(held_out).reshape(len(held_out), -1).any(axis=1)
        if not seen.any():
            return 1.0
        y, weights, values = rows.y[seen], rows.weights[seen], held_out[seen]
        n_classes = int(rows.y.max()) + 1
        unsure = 1 / (np.bincount(y, weights, minlength=n_classes) + 2)
        targets = np.repeat(unsure[y][:, None] / (n_classes - 1), n_classes, axis=1)
        targets[np.arange(len(y)), y] = 1 - unsure[y]

        def loss(log_temperature: float) -> float:
            p = probabilities_of(values, np.exp(log_temperature))
            return -float(weights @ (targets * np.log(np.maximum(p, 1e-300))).sum(axis=1))

        found = minimize_scalar(loss, bounds=(_COLDEST, _HOTTEST), method="bounded")
        return float(np.exp(found.x))


@final
@dataclass(frozen=True)
class RidgeMachine(KernelMachine):
    """A ``KernelRidge`` with an intercept, judged by its squared error.

    Parameters
    ----------
    alpha : float
    """

    alpha: float

    def fit(self, K: Real, y: Real, weights: Real) -> tuple[Real, Real]:
        """Return coefficients (n_rows, n_targets) and the intercept, the weighted mean of y."""
        intercept = np.average(y, axis=0, weights=weights)
        ridge = KernelRidge(alpha=self.alpha, kernel="precomputed")
        ridge.fit(K, y - intercept, sample_weight=weights)
        return np.asarray(ridge.dual_coef_), np.asarray(intercept)

    def folds(self, y: NDArray[Any], n_folds: int, seed: int) -> list[Fold]:
        """Return shuffled folds."""
        if len(y) < 2:
            return []
        splitter = KFold(min(n_folds, len(y)), shuffle=True, random_state=seed)
        return list(splitter.split(y))

    def held_out(self, K: Real, rows: DistinctRows, folds: Sequence[Fold]) -> Real:
        """Return predictions, (n_rows, n_targets)."""
        values = np.full(rows.y.shape, np.nan)
        for train, test in folds:
            coefficients, intercept = self.fit(
                K[np.ix_(train, train)], rows.y[train], rows.weights[train]
            )
            values[test] = K[np.ix_(test, train)] @ coefficients + intercept
        return values

    def score(self, held_out: Real, rows: DistinctRows) -> float:
        """Return minus the mean squared error, every target in units of its variance."""
        errors = np.average((held_out - rows.y) ** 2, axis=0, weights=rows.weights)
        mean = np.average(rows.y, axis=0, weights=rows.weights)
        variance = np.average((rows.y - mean) ** 2, axis=0, weights=rows.weights)
        return -float(np.mean(errors / np.where(variance > 0, variance, 1)))


class KernelChoice(NamedTuple):
    """The best bandwidth and machine, and what is known of them.

    Attributes
    ----------
    bandwidth : float
    machine : KernelMachine
    matrix : ndarray of shape (n_rows, n_rows)
        The kernel matrix of this bandwidth.
    held_out : ndarray of shape (n_rows, …)
        What was predicted for rows held out.
    scores : dict of float to float
        Bandwidth → score of its best machine, of all candidates.
    """

    bandwidth: float
    machine: KernelMachine
    matrix: Real
    held_out: Real
    scores: dict[float, float]


def choose(
    bandwidths: Sequence[float],
    matrix_of: Callable[[float], Real],
    machines: Sequence[KernelMachine],
    rows: DistinctRows,
    folds: Sequence[Fold],
    progress: Progress,
) -> KernelChoice:
    """Return the best bandwidth and machine in cross-validation, of equally good ones the first.

    Without folds these are the bandwidth nearest to 1 and the first machine.
    """
    if not folds:
        bandwidths = [min(bandwidths, key=lambda bandwidth: abs(np.log(bandwidth)))]
        machines = machines[:1]
    best, best_score = None, -np.inf
    scores: dict[float, float] = {}
    for bandwidth in bandwidths:
        matrix = matrix_of(bandwidth)
        scores[bandwidth] = -np.inf if folds else np.nan
        for machine in machines:
            held_out = machine.held_out(matrix, rows, folds)
            score = machine.score(held_out, rows) if folds else 0.0
            if folds:
                scores[bandwidth] = max(score, scores[bandwidth])
            if best is None or score > best_score + 1e-12:
                best = KernelChoice(bandwidth, machine, matrix, held_out, scores)
                best_score = score
        progress.advance(note=f"bandwidth={bandwidth:g}")
    assert best is not None
    return best
