"""The replay of a training: an optimiser that keeps its memory to itself is told all again.

It gets the answers that it got before, which costs no circuit, and so comes to where it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np

from qmlplay.training.optimizer import Problem, Report
from qmlplay.training.optimizer_state import OptimizerState
from qmlplay.typing import Real

__all__ = ["Answers", "Replay"]


@dataclass(frozen=True, eq=False)
class Answers:
    """What an optimiser asked, and what it was answered.

    Parameters
    ----------
    points : ndarray of shape (n_answers,)
        A number for the weights of each question, by which another question is noticed.
    losses : ndarray of shape (n_answers,)
    gradients : ndarray of shape (n_answers, n_numbers)
        NaN where only the loss was asked for.
    """

    points: Real = field(default_factory=lambda: np.empty(0))
    losses: Real = field(default_factory=lambda: np.empty(0))
    gradients: Real = field(default_factory=lambda: np.empty((0, 0)))


@final
class Replay:
    """A problem that gives the answers of before first, and notes all of them.

    Parameters
    ----------
    problem : Problem
    before : Answers, optional
    n_reports : int, default=0
        Steps that were reported by then; they are not reported again.
    restore : callable, optional
        ``restore()`` is called when it is where it was.

    Examples
    --------
    >>> class Parabola:
    ...     n_samples = 1
    ...     def loss(self, w):
    ...         print("computed at", w)
    ...         return float(w @ w)
    >>> first = Replay(Parabola())
    >>> first.loss(np.array([2.0]))
    computed at [2.]
    4.0
    >>> second = Replay(Parabola(), first.answers)
    >>> second.loss(np.array([2.0])), second.loss(np.array([1.0]))
    computed at [1.]
    (4.0, 1.0)
    """

    def __init__(
        self,
        problem: Problem,
        before: Answers | None = None,
        n_reports: int = 0,
        restore: Callable[[], None] = lambda: None,
    ) -> None:
        self._problem, self._n_reports, self._restore = problem, n_reports, restore
        self._before = before or Answers()
        self._given: list[tuple[float, float, Real | None]] = []

    @property
    def n_samples(self) -> int:
        """Number of training samples."""
        return self._problem.n_samples

    @property
    def answers(self) -> Answers:
        """All answers so far."""
        points = np.array([point for point, _, _ in self._given])
        losses = np.array([loss for _, loss, _ in self._given])
        sizes = {len(g) for _, _, g in self._given if g is not None}
        gradients = np.full((len(self._given), max(sizes, default=0)), np.nan)
        for row, (_, _, gradient) in zip(gradients, self._given, strict=True):
            if gradient is not None:
                row[:] = gradient
        return Answers(points, losses, gradients)

    def loss(self, w: Real) -> float:
        """Return the mean loss over all samples."""
        known = self._known(w)
        loss = self._problem.loss(w) if known is None else known[0]
        self._given.append((_point(w), loss, None))
        return loss

    def loss_and_gradient(self, w: Real, rows: Any = None) -> tuple[float, Real]:
        """Return the mean loss over some samples and its gradient."""
        known = self._known(w)
        loss, gradient = self._problem.loss_and_gradient(w, rows) if known is None else known
        self._given.append((_point(w), loss, gradient.copy()))
        return loss, gradient

    def _known(self, w: Real) -> tuple[float, Real] | None:
        number, before = len(self._given), self._before
        if number >= len(before.losses):
            return None
        if before.points[number] != _point(w):
            raise ValueError(
                "the optimizer asks for other weights than before the training was stopped, so "
                "that it cannot go on: let it take its random numbers from settings.generator "
                "alone, or delete the checkpoint to begin anew"
            )
        gradient = before.gradients[number] if before.gradients.size else np.empty(0)
        return float(before.losses[number]), gradient.copy()

    def skipping(self, report: Report) -> Report:
        """Return a report that leaves out the steps that were reported before."""

        def later(
            w: Real, loss: float, end: bool = True, state: OptimizerState | None = None
        ) -> None:
            if not self._n_reports:
                report(w, loss, end, state)
                return
            self._n_reports -= 1
            if not self._n_reports:
                self._restore()

        return later


def _point(w: Real) -> float:
    return float(w @ np.arange(1, len(w) + 1))
