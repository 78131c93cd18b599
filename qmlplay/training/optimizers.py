"""The table of optimisers, and our own: Adam, gradient descent and SPSA.

An optimiser is an `Optimizer`: a function, and what the rest of the package needs to know of it.
One of your own is given to a classifier as it is, or gets a name:
``OPTIMIZERS["mine"] = Optimizer(my_function, evaluations=lambda n_numbers: (0, 1))``.
A name is known to the process that gave it: to other processes (``n_jobs=2``) give the value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from qmlplay.errors import unknown_name
from qmlplay.training.optimizer import Optimizer, OptimizerSettings, Problem, Report, Run
from qmlplay.training.optimizer_state import OptimizerState
from qmlplay.training.scipy_optimizers import SCIPY_OPTIMIZERS
from qmlplay.typing import Real

__all__ = [
    "OPTIMIZERS",
    "Optimizer",
    "OptimizerSettings",
    "OptimizerState",
    "Problem",
    "Report",
    "Run",
    "get_optimizer",
    "optimizer_name",
    "spsa_gain",
    "spsa_width",
]

#: From a gradient and a state to the step against it, and the next state.
Update = Callable[[Real, OptimizerState, OptimizerSettings], tuple[Real, OptimizerState]]


def _descend(
    update: Update,
    names: tuple[str, ...],
    problem: Problem,
    w: Real,
    settings: OptimizerSettings,
    report: Report,
) -> None:
    """Walk down gradients, one pass over the data per iteration."""
    state = settings.state.resumed(names, w.shape)
    for _ in range(settings.max_iter):
        epoch_loss, done = 0.0, 0.0
        for rows, share in settings.batches(problem.n_samples):
            loss, gradient = problem.loss_and_gradient(w, rows)
            gradient = gradient + settings.penalty_gradient(w, state, problem.n_samples)
            step, state = update(gradient, state, settings)
            w = w - step
            epoch_loss += share * loss
            done += share
            report(w, epoch_loss / done, done > 1 - 1e-9, state)


def adam(problem: Problem, w: Real, settings: OptimizerSettings, report: Report) -> None:
    """Adam (Kingma and Ba, arXiv:1412.6980), with its usual decay rates 0.9 and 0.999."""
    _descend(_adam_update, ("first", "second"), problem, w, settings, report)


def _adam_update(
    gradient: Real, state: OptimizerState, settings: OptimizerSettings
) -> tuple[Real, OptimizerState]:
    n_averaged = state.step - state.start + 1
    first = 0.9 * state.arrays["first"] + 0.1 * gradient
    second = 0.999 * state.arrays["second"] + 0.001 * gradient**2
    mean, variance = first / (1 - 0.9**n_averaged), second / (1 - 0.999**n_averaged)
    step = np.asarray(settings.rate(state.step) * mean / (np.sqrt(variance) + 1e-8))
    return step, state.after(first=first, second=second)


def sgd(problem: Problem, w: Real, settings: OptimizerSettings, report: Report) -> None:
    """Stochastic gradient descent with momentum."""
    _descend(_sgd_update, ("last",), problem, w, settings, report)


def _sgd_update(
    gradient: Real, state: OptimizerState, settings: OptimizerSettings
) -> tuple[Real, OptimizerState]:
    rate = settings.rate(state.step)
    step = np.asarray(settings.momentum * state.arrays["last"] + rate * gradient)
    return step, state.after(last=step)


def spsa(problem: Problem, w: Real, settings: OptimizerSettings, report: Report) -> None:
    """Simultaneous perturbation: two evaluations a step, whatever the number of weights.

    The gains fall as Spall recommends (IEEE Trans. Aerosp. Electron. Syst. 34 (1998) 817).
    """
    state = settings.state.resumed((), w.shape)
    planned_iter = settings.planned_iter or settings.max_iter
    for _ in range(settings.max_iter):
        k = state.step - state.start
        gain, width = spsa_gain(k, planned_iter, settings.rate(state.step)), spsa_width(k)
        direction = settings.generator.choice([-1.0, 1.0], w.shape)
        up, down = problem.loss(w + width * direction), problem.loss(w - width * direction)
        state = state.after()
        w = w - gain * (up - down) / (2 * width) * direction
        report(w, (up + down) / 2, True, state)


def spsa_gain(step: int, planned_iter: int, learning_rate: float) -> float:
    """Return the gain of a step of SPSA, counted from 0, in radians.

    Examples
    --------
    >>> [round(spsa_gain(step, 100, 0.1), 4) for step in (0, 10, 99)]
    [0.1, 0.0678, 0.025]
    """
    stability = 0.1 * planned_iter
    return float(learning_rate * ((1 + stability) / (1 + step + stability)) ** 0.602)


def spsa_width(step: int) -> float:
    """Return how far SPSA looks to both sides at a step, counted from 0, in radians.

    Examples
    --------
    >>> [round(spsa_width(step), 4) for step in (0, 10, 99)]
    [0.2, 0.157, 0.1256]
    """
    return float(0.2 / (1 + step) ** 0.101)


def _one_pass(n_numbers: int) -> tuple[int, int]:
    return 0, 1


def _two_sides(n_numbers: int) -> tuple[int, int]:
    return 0, 2


OPTIMIZERS: dict[str, Optimizer] = {
    "adam": Optimizer(
        adam,
        in_batches=True,
        resumable=True,
        tolerates_random_gradients=True,
        evaluations=_one_pass,
    ),
    "sgd": Optimizer(
        sgd, in_batches=True, resumable=True, tolerates_random_gradients=True, evaluations=_one_pass
    ),
    "spsa": Optimizer(spsa, needs_gradients=False, resumable=True, evaluations=_two_sides),
    **SCIPY_OPTIMIZERS,
}


def get_optimizer(optimizer: str | Optimizer | Run) -> Optimizer:
    """Return the optimiser of that name, the value itself, or a function as an optimiser.

    Raises
    ------
    ValueError
        If there is no optimiser of that name.
    TypeError
        If it is neither a name nor an `Optimizer` nor a function of four arguments.

    Examples
    --------
    >>> get_optimizer("cobyla").needs_gradients
    False
    >>> get_optimizer(lambda problem, w, settings, report: None).resumable
    False
    """
    if isinstance(optimizer, str):
        if optimizer not in OPTIMIZERS:
            raise unknown_name("optimizer", optimizer, OPTIMIZERS)
        optimizer = OPTIMIZERS[optimizer]
    if isinstance(optimizer, Optimizer):
        return optimizer
    if not callable(optimizer) or isinstance(optimizer, type):
        raise TypeError(
            f"optimizer must be one of {sorted(OPTIMIZERS)}, an Optimizer, or a function "
            f"(problem, w, settings, report), got {optimizer!r}"
        )
    return Optimizer(optimizer)


def optimizer_name(optimizer: str | Optimizer | Run) -> str:
    """Return how an optimiser is called: its name, or that of its function.

    Examples
    --------
    >>> optimizer_name("adam"), optimizer_name(OPTIMIZERS["adam"])
    ('adam', 'adam')
    """
    if isinstance(optimizer, str):
        return optimizer
    run: Any = optimizer.run if isinstance(optimizer, Optimizer) else optimizer
    return str(getattr(run, "__name__", type(run).__name__))
