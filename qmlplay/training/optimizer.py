"""The optimiser as a value: what it can do, what it is told, and what it remembers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from inspect import signature
from math import ceil
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from qmlplay.training.learning_rate import LearningRate, rate_at
from qmlplay.training.optimizer_state import OptimizerState
from qmlplay.typing import Real

__all__ = ["NothingToImprove", "Optimizer", "OptimizerSettings", "Problem", "Report", "Run"]

Rows = NDArray[np.intp] | None


class Problem(Protocol):
    """What an optimiser may ask."""

    @property
    def n_samples(self) -> int:
        """Number of training samples."""

    def loss(self, w: Real) -> float:
        """Return the mean loss over all samples."""

    def loss_and_gradient(self, w: Real, rows: Rows = None) -> tuple[float, Real]:
        """Return the mean loss over some samples (None: all) and its gradient (n_weights,)."""


class Report(Protocol):
    """What an optimiser calls after every step; it raises when training has to end."""

    def __call__(
        self, w: Real, loss: float, end: bool = True, state: OptimizerState | None = None
    ) -> None:
        """Take note of the weights after a step, the loss, and whether an iteration is complete."""


class NothingToImprove(Exception):  # noqa: N818 - not an error
    """Raised by an optimiser that ends before its first step, as the first weights are best."""


@dataclass(frozen=True)
class OptimizerSettings:
    """What the optimisers are told.

    Parameters
    ----------
    learning_rate : float or callable
        Size of the steps of adam, sgd and spsa (of its first one), in radians, or a function
        of the step; the simplexes of cobyla and nelder_mead start with ten times the first.
    max_iter : int
        Iterations; for adam and sgd, passes over the data; for cobyla, evaluations.
    batch_size : int
        Samples per step of optimisers that go in batches.
    momentum : float
        Share of the last step that sgd keeps, in [0, 1).
    tol : float
        Tolerance handed to SciPy's optimisers.
    generator : numpy.random.Generator
        Shuffles the data, and draws the directions of spsa.
    state : OptimizerState
        What was remembered of earlier calls.
    planned_iter : int or None
        Iterations over all calls, by which spsa sets its gains, and over which the penalty
        grows; None means max_iter.
    penalty : float or ndarray of shape (n_numbers,)
        Strengths of the L2 penalty, penalty/2 · w² for every number, of adam and sgd.
    """

    learning_rate: LearningRate
    max_iter: int
    batch_size: int
    momentum: float
    tol: float
    generator: np.random.Generator
    state: OptimizerState = field(default_factory=OptimizerState)
    planned_iter: int | None = None
    penalty: Real | float = 0.0

    def rate(self, step: int) -> float:
        """Return the learning rate of a step, in radians (see `OptimizerState.step`)."""
        return rate_at(self.learning_rate, step)

    def penalty_gradient(self, w: Real, state: OptimizerState, n_samples: int) -> Real:
        """Return the gradient of the penalty at a step, shape (n_numbers,).

        It grows from 0 to its whole strength: at the start, where slopes are flat, it alone
        would decide where Adam goes, whose steps do not shrink with the gradient.
        """
        steps_per_iter = max(1, ceil(n_samples / self.batch_size))
        planned_steps = (self.planned_iter or self.max_iter) * steps_per_iter
        share = min(1.0, (state.step - state.start) / planned_steps)
        return np.asarray(share * self.penalty * w)

    def batches(self, n_samples: int) -> Iterator[tuple[Rows, float]]:
        """Yield the rows of every step of one pass over the data, and their share of it."""
        if self.batch_size >= n_samples:
            yield None, 1.0
            return
        order = self.generator.permutation(n_samples)
        for start in range(0, n_samples, self.batch_size):
            rows = order[start : start + self.batch_size]
            yield rows, len(rows) / n_samples


Run = Callable[[Problem, Real, OptimizerSettings, Report], None]


@dataclass(frozen=True)
class Optimizer:
    """A way to better weights, and all that the rest of the package needs to know of it.

    The defaults are what a plain function gets that is given as ``optimizer=``.

    Parameters
    ----------
    run : callable
        ``run(problem, w, settings, report)`` starts at w, an array of shape (n_numbers,), and
        calls ``report(w, loss, end, state)`` after every step: `end` (True by default) says
        that an iteration is complete, `state` is an `OptimizerState` or None. It ends by
        itself, or when `report` raises, which it does after `max_iter` iterations at the latest.
    needs_gradients : bool, default=True
        Whether it asks for ``problem.loss_and_gradient``; without, ``problem.loss`` is all
        there is.
    in_batches : bool, default=False
        Whether its steps are over ``settings.batches``, and `batch_size` counts.
    resumable : bool, default=False
        Whether it goes on from ``settings.state``, so that `partial_fit` can use it.
    stops_itself : bool, default=False
        Whether it has a stopping rule of its own; else `n_iter_no_change` is its rule.
    tolerates_random_gradients : bool, default=False
        Whether it can work with the random gradients of ``gradient_method="spsa"``.
    evaluations : callable or None, default=None
        ``evaluations(n_numbers)`` → how often it looks at all samples at first, and per
        iteration at most, two integers; None says that nobody knows.

    Raises
    ------
    TypeError
        If `run` or `evaluations` cannot be called so, or a flag is neither True nor False.

    Examples
    --------
    >>> def signs(problem, w, settings, report):
    ...     for step in range(settings.max_iter):
    ...         loss, gradient = problem.loss_and_gradient(w)
    ...         w = w - settings.rate(step) * np.sign(gradient)
    ...         report(w, loss)
    >>> from qmlplay import VariationalClassifier
    >>> optimizer = Optimizer(signs, evaluations=lambda n_numbers: (0, 1))
    >>> model = VariationalClassifier(optimizer=optimizer, max_iter=20, random_state=0)
    >>> model.fit([[0.0], [1.0]], ["a", "b"]).n_iter_, model.training_cost_.max_circuits
    (20, 80)
    """

    run: Run
    needs_gradients: bool = True
    in_batches: bool = False
    resumable: bool = False
    stops_itself: bool = False
    tolerates_random_gradients: bool = False
    evaluations: Callable[[int], tuple[int, int]] | None = None

    def __post_init__(self) -> None:
        _check_function("an optimizer", self.run, ("problem", "w", "settings", "report"))
        if self.evaluations is not None:
            _check_function("evaluations of an Optimizer", self.evaluations, ("n_numbers",))
        for name, value in self._flags().items():
            if not isinstance(value, bool):
                raise TypeError(f"{name} of an Optimizer must be True or False, got {value!r}")

    def __repr__(self) -> str:
        name = getattr(self.run, "__name__", repr(self.run))
        flags = (f"{flag}={value}" for flag, value in self._flags().items())
        return f"Optimizer({', '.join([name, *flags])})"

    def _flags(self) -> dict[str, bool]:
        return {k: v for k, v in vars(self).items() if k not in ("run", "evaluations")}

    def n_evaluations(self, n_numbers: int) -> tuple[int, int] | None:
        """Return how often it looks at all samples: at first, and per iteration at most.

        Raises
        ------
        ValueError
            If its `evaluations` return something else than two integers.
        """
        if self.evaluations is None:
            return None
        looks: Any = self.evaluations(n_numbers)
        is_pair = isinstance(looks, tuple) and len(looks) == 2
        if not is_pair or not all(isinstance(n, int | np.integer) and n >= 0 for n in looks):
            raise ValueError(
                f"evaluations of an Optimizer must return two integers of at least 0, looks at all "
                f"samples at first and per iteration, such as (0, 1), got {looks!r}"
            )
        return int(looks[0]), int(looks[1])


def _check_function(what: str, function: Any, arguments: tuple[str, ...]) -> None:
    """Check that something is a function of so many arguments."""
    allowed = f"{what} must be a function ({', '.join(arguments)}), got {function!r}"
    if not callable(function) or isinstance(function, type):
        raise TypeError(allowed)
    try:
        parameters = signature(function)
    except ValueError:  # a function written in C need not say
        return
    try:
        parameters.bind(*arguments)
    except TypeError:
        raise TypeError(f"{allowed}, which takes {parameters}") from None
