"""The training loop: an optimiser at work, under the watch of a monitor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from qmlplay.training.divergence import DivergenceError, NotFiniteError
from qmlplay.training.monitor import Monitor, StopTraining
from qmlplay.training.optimizer import NothingToImprove
from qmlplay.training.optimizers import (
    Optimizer,
    OptimizerSettings,
    OptimizerState,
    Problem,
    Report,
    Run,
    get_optimizer,
    optimizer_name,
)
from qmlplay.training.replay import Replay
from qmlplay.typing import Real

__all__ = ["train"]


def train(
    problem: Problem,
    w: Real,
    optimizer: str | Optimizer | Run,
    settings: OptimizerSettings,
    monitor: Monitor,
) -> bool:
    """Run an optimiser until it is done, the monitor ends it, or the user presses Ctrl-C.

    Parameters
    ----------
    problem : Problem
        What is minimised, such as a `TrainingProblem`: it has ``n_samples``, ``loss(w)`` and
        ``loss_and_gradient(w, rows)``.
    w : ndarray of shape (n_weights,)
        Where to start.
    optimizer : str, Optimizer or callable
        A name of `qmlplay.training.optimizers.OPTIMIZERS`, or an optimiser of one's own.
    settings : OptimizerSettings
        Step size, iterations, batches, random numbers and the state of earlier calls.
    monitor : Monitor
        Called after every step; it keeps the losses and the state, and gets the weights.

    Returns
    -------
    bool
        Whether the user interrupted; the last weights have been published in any case.

    Raises
    ------
    DivergenceError
        If the loss or the weights run away; the monitor keeps the last good ones.
    TypeError, ValueError
        If the optimiser reports something else than weights, a loss and its state, or nothing.

    Examples
    --------
    >>> import numpy as np
    >>> from qmlplay.training.optimizers import OptimizerSettings
    >>> class Parabola:
    ...     n_samples = 1
    ...     def loss(self, w):
    ...         return float(w @ w)
    ...     def loss_and_gradient(self, w, rows=None):
    ...         return float(w @ w), 2 * w
    >>> settings = OptimizerSettings(
    ...     learning_rate=0.1, max_iter=50, batch_size=1, momentum=0.0, tol=1e-4,
    ...     generator=np.random.default_rng(0))
    >>> monitor = Monitor(publish=lambda w: None, estimator=None)
    >>> train(Parabola(), np.array([1.0, -1.0]), "sgd", settings, monitor)
    False
    >>> monitor.losses[0], monitor.losses[-1] < 1e-3
    (2.0, True)
    """
    chosen, name = get_optimizer(optimizer), f"optimizer={optimizer_name(optimizer)!r}"
    report = _checked_report(monitor, name, len(w), settings.max_iter)
    if isinstance(problem, Replay):
        report = problem.skipping(report)
    try:
        if monitor.losses:  # taken up from a checkpoint
            monitor.end_where_it_should()
            if len(monitor.losses) >= settings.max_iter:
                return False
        chosen.run(problem if chosen.needs_gradients else _Losses(problem), w, settings, report)
    except (StopTraining, NothingToImprove):
        return False
    except KeyboardInterrupt:
        return True
    except NotFiniteError as error:
        raise DivergenceError(monitor.step + 1, error) from error
    if monitor.step == 0:
        raise ValueError(
            f"{name} ended without a step: it has to call report(w, loss) after every step, as "
            f"weights are taken from there alone"
        )
    return False


@dataclass(frozen=True)
class _Losses:
    """A problem for an optimiser that says that it needs no gradients."""

    problem: Problem

    @property
    def n_samples(self) -> int:
        return self.problem.n_samples

    def loss(self, w: Real) -> float:
        return self.problem.loss(w)

    def loss_and_gradient(self, w: Real, rows: Any = None) -> tuple[float, Real]:
        raise TypeError(
            "an Optimizer with needs_gradients=False asked for a gradient: leave that out, so "
            "that gradients are planned for"
        )


def _checked_report(monitor: Monitor, name: str, n_numbers: int, max_iter: int) -> Report:
    """Return the report of an optimiser, which may be anyone's, to a monitor."""

    def report(w: Real, loss: float, end: bool = True, state: OptimizerState | None = None) -> None:
        try:
            if np.iscomplexobj(w):
                raise TypeError("complex weights")
            numbers, loss = np.array(w, dtype=float), float(loss)  # a copy: w may change
        except (TypeError, ValueError) as error:
            raise TypeError(f"{name} reported no real weights or loss ({error})") from error
        if numbers.shape != (n_numbers,):
            raise ValueError(
                f"{name} reported weights of shape {numbers.shape}, but it was given "
                f"{n_numbers} numbers, of shape ({n_numbers},)"
            )
        if state is not None and not isinstance(state, OptimizerState):
            raise TypeError(f"{name} reported state={state!r}: it must be an OptimizerState")
        last, monitor.state = monitor.state, state
        try:
            monitor(numbers, loss, end)
        except DivergenceError:
            monitor.state = last
            raise
        if end and len(monitor.losses) >= max_iter:
            raise StopTraining

    return report
