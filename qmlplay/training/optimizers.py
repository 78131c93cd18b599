"""Optimisers: from a loss and its gradient to better weights.

Every optimiser is a function ``optimizer(problem, w, settings, report)`` that calls
``report(w, loss, end)`` after every step; ``end`` says that an iteration is complete. It ends
when its iterations are used up, or when `report` raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

__all__ = ["OPTIMIZERS", "STOCHASTIC", "OptimizerSettings", "Problem", "Report"]

Real = NDArray[np.float64]
Rows = NDArray[np.intp] | None
Report = Callable[[Real, float, bool], None]


class Problem(Protocol):
    """What an optimiser may ask."""

    @property
    def n_samples(self) -> int:
        """Number of training samples."""

    def loss(self, w: Real) -> float:
        """Return the mean loss over all samples."""

    def loss_and_gradient(self, w: Real, rows: Rows = None) -> tuple[float, Real]:
        """Return the mean loss over some samples (None: all) and its gradient (n_weights,)."""


@dataclass
class OptimizerSettings:
    """What the optimisers are told.

    Parameters
    ----------
    learning_rate : float
        Size of the first step, in radians, of adam, sgd and spsa; the
        simplexes of cobyla and nelder_mead start with ten times it.
    max_iter : int
        Iterations; for adam and sgd, passes over the data; for cobyla, evaluations.
    batch_size : int
        Samples per step of adam and sgd.
    momentum : float
        Share of the last step that sgd keeps, in [0, 1).
    tol : float
        Tolerance handed to SciPy's optimisers.
    generator : numpy.random.Generator
        Shuffles the data, and draws the directions of spsa.
    memory : dict of str to ndarray or int
        What adam, sgd and spsa remember from one call to the next.
    planned_iter : int or None
        Iterations over all calls, by which spsa sets its gains; None means max_iter.
    """

    learning_rate: float
    max_iter: int
    batch_size: int
    momentum: float
    tol: float
    generator: np.random.Generator
    memory: dict[str, Any] = field(default_factory=dict)
    planned_iter: int | None = None

    def batches(self, n_samples: int) -> Iterator[tuple[Rows, float]]:
        """Yield the rows of every step of one pass over the data, and their share of it."""
        if self.batch_size >= n_samples:
            yield None, 1.0
            return
        order = self.generator.permutation(n_samples)
        for start in range(0, n_samples, self.batch_size):
            rows = order[start : start + self.batch_size]
            yield rows, len(rows) / n_samples


Update = Callable[[Real, OptimizerSettings], Real]


def _descend(
    update: Update, problem: Problem, w: Real, settings: OptimizerSettings, report: Report
) -> None:
    """Walk down gradients, one pass over the data per iteration."""
    for _ in range(settings.max_iter):
        epoch_loss, done = 0.0, 0.0
        for rows, share in settings.batches(problem.n_samples):
            loss, gradient = problem.loss_and_gradient(w, rows)
            w = w - update(gradient, settings)
            epoch_loss += share * loss
            done += share
            report(w, epoch_loss / done, done > 1 - 1e-9)


def adam(problem: Problem, w: Real, settings: OptimizerSettings, report: Report) -> None:
    """Adam (Kingma and Ba, arXiv:1412.6980), with its usual decay rates 0.9 and 0.999."""
    _descend(_adam_update, problem, w, settings, report)


def _adam_update(gradient: Real, settings: OptimizerSettings) -> Real:
    memory = settings.memory
    step = memory.get("step", 0) + 1
    first = 0.9 * memory.get("first", 0.0) + 0.1 * gradient
    second = 0.999 * memory.get("second", 0.0) + 0.001 * gradient**2
    memory.update(step=step, first=first, second=second)
    mean, variance = first / (1 - 0.9**step), second / (1 - 0.999**step)
    return np.asarray(settings.learning_rate * mean / (np.sqrt(variance) + 1e-8))


def sgd(problem: Problem, w: Real, settings: OptimizerSettings, report: Report) -> None:
    """Stochastic gradient descent with momentum."""
    _descend(_sgd_update, problem, w, settings, report)


def _sgd_update(gradient: Real, settings: OptimizerSettings) -> Real:
    last = settings.memory.get("last", 0.0)
    step = settings.momentum * last + settings.learning_rate * gradient
    settings.memory["last"] = step
    return np.asarray(step)


def spsa(problem: Problem, w: Real, settings: OptimizerSettings, report: Report) -> None:
    """Simultaneous perturbation: two evaluations a step, whatever the number of weights.

    The gains fall as Spall recommends (IEEE Trans. Aerosp. Electron. Syst. 34 (1998) 817).
    """
    stability = 0.1 * (settings.planned_iter or settings.max_iter)
    for _ in range(settings.max_iter):
        k = settings.memory.get("step", 0)
        gain = settings.learning_rate * ((1 + stability) / (1 + k + stability)) ** 0.602
        width = 0.2 / (1 + k) ** 0.101
        direction = settings.generator.choice([-1.0, 1.0], w.shape)
        up, down = problem.loss(w + width * direction), problem.loss(w - width * direction)
        settings.memory["step"] = k + 1
        w = w - gain * (up - down) / (2 * width) * direction
        report(w, (up + down) / 2, True)


def lbfgs(problem: Problem, w: Real, settings: OptimizerSettings, report: Report) -> None:
    """L-BFGS-B of SciPy, on the exact gradient."""
    minimize(
        problem.loss_and_gradient,
        w,
        jac=True,
        method="L-BFGS-B",
        callback=_on_iteration(report),
        options={"maxiter": settings.max_iter, "ftol": settings.tol * 1e-3},
    )


def nelder_mead(problem: Problem, w: Real, settings: OptimizerSettings, report: Report) -> None:
    """Nelder and Mead's simplex of SciPy, which needs no gradient."""
    first = 10 * settings.learning_rate  # SciPy's own first simplex, 5 % of w, is far too small
    minimize(
        problem.loss,
        w,
        method="Nelder-Mead",
        callback=_on_iteration(report),
        options={
            "maxiter": settings.max_iter + 1,  # SciPy counts the first simplex as one
            "xatol": settings.tol,
            "fatol": settings.tol,
            "adaptive": True,
            "initial_simplex": np.vstack([w, w + first * np.eye(len(w))]),
        },
    )


def _on_iteration(report: Report) -> Callable[..., None]:
    def callback(intermediate_result: Any) -> None:
        # SciPy chooses this form of callback by the argument's name.
        report(intermediate_result.x.copy(), float(intermediate_result.fun), True)

    return callback


class _UsedUp(Exception):  # noqa: N818 - not an error
    pass


def cobyla(problem: Problem, w: Real, settings: OptimizerSettings, report: Report) -> None:
    """COBYLA of SciPy, which needs no gradient; every evaluation is a step.

    Reported are the best weights so far.
    """
    best, n_evaluations = (np.inf, w), 0

    def evaluate(candidate: Real) -> float:
        nonlocal best, n_evaluations
        if n_evaluations == settings.max_iter:
            raise _UsedUp
        n_evaluations += 1
        loss = problem.loss(candidate)
        if loss < best[0]:
            best = (loss, candidate.copy())
        report(best[1], best[0], True)
        return loss

    first = 10 * settings.learning_rate
    # SciPy wants some evaluations per weight, more than max_iter may allow.
    options = {"maxiter": settings.max_iter + len(w) + 2, "rhobeg": first}
    with suppress(_UsedUp):
        last = min(max(settings.tol, 1e-12 * first), first)
        minimize(evaluate, w, method="COBYLA", tol=last, options=options)


Optimizer = Callable[[Problem, Real, OptimizerSettings, Report], None]
OPTIMIZERS: dict[str, Optimizer] = {
    "adam": adam,
    "sgd": sgd,
    "lbfgs": lbfgs,
    "cobyla": cobyla,
    "nelder_mead": nelder_mead,
    "spsa": spsa,
}
#: Optimisers that can go on from where they were: for `partial_fit`, and for the stopping
#: rule of `n_iter_no_change` (SciPy's optimisers have rules of their own).
STOCHASTIC = ("adam", "sgd", "spsa")
