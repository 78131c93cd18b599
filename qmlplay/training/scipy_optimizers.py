"""SciPy's optimisers: L-BFGS-B, COBYLA, and Nelder and Mead's simplex."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
from scipy.optimize import minimize

from qmlplay.training.optimizer import (
    NothingToImprove,
    Optimizer,
    OptimizerSettings,
    Problem,
    Report,
)
from qmlplay.typing import Real

__all__ = ["SCIPY_OPTIMIZERS", "cobyla", "lbfgs", "nelder_mead"]


def lbfgs(problem: Problem, w: Real, settings: OptimizerSettings, report: Report) -> None:
    """L-BFGS-B of SciPy, on the exact gradient."""
    options = {"maxiter": settings.max_iter, "ftol": settings.tol * 1e-3}
    _minimize(problem.loss_and_gradient, w, report, jac=True, method="L-BFGS-B", options=options)


def nelder_mead(problem: Problem, w: Real, settings: OptimizerSettings, report: Report) -> None:
    """Nelder and Mead's simplex of SciPy, which needs no gradient."""
    first = 10 * settings.rate(0)  # SciPy's own first simplex, 5 % of w, is far too small
    options = {
        "maxiter": settings.max_iter + 1,  # SciPy counts the first simplex as one
        "xatol": settings.tol,
        "fatol": settings.tol,
        "adaptive": True,
        "initial_simplex": np.vstack([w, w + first * np.eye(len(w))]),
    }
    _minimize(problem.loss, w, report, method="Nelder-Mead", options=options)


def _minimize(function: Callable[..., Any], w: Real, report: Report, **how: Any) -> None:
    n_steps = 0

    def callback(intermediate_result: Any) -> None:
        # SciPy chooses this form of callback by the argument's name.
        nonlocal n_steps
        n_steps += 1
        report(intermediate_result.x.copy(), float(intermediate_result.fun), True)

    minimize(function, w, callback=callback, **how)
    if n_steps == 0:
        raise NothingToImprove


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

    first = 10 * settings.rate(0)
    # SciPy wants some evaluations per weight, more than max_iter may allow.
    options = {"maxiter": settings.max_iter + len(w) + 2, "rhobeg": first}
    with suppress(_UsedUp):
        last = min(max(settings.tol, 1e-12 * first), first)
        minimize(evaluate, w, method="COBYLA", tol=last, options=options)


def _line_search(n_numbers: int) -> tuple[int, int]:
    return 1, 40  # SciPy's line search may begin anew once, and looks 20 times at most


def _one_candidate(n_numbers: int) -> tuple[int, int]:
    return 0, 1


def _simplex(n_numbers: int) -> tuple[int, int]:
    # The corners of the first simplex; then a reflection, a contraction, and n new corners.
    return n_numbers + 1, n_numbers + 2


SCIPY_OPTIMIZERS: dict[str, Optimizer] = {
    "lbfgs": Optimizer(lbfgs, stops_itself=True, evaluations=_line_search),
    "cobyla": Optimizer(
        cobyla, needs_gradients=False, stops_itself=True, evaluations=_one_candidate
    ),
    "nelder_mead": Optimizer(
        nelder_mead, needs_gradients=False, stops_itself=True, evaluations=_simplex
    ),
}
