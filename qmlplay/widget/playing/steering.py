"""Steering: what may change while a model trains, and the optimiser that minds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol, final

import numpy as np
from numpy.typing import NDArray

from qmlplay.training.optimizer import (
    NothingToImprove,
    Optimizer,
    OptimizerSettings,
    Problem,
    Report,
    Run,
)
from qmlplay.training.optimizer_state import OptimizerState
from qmlplay.training.optimizers import get_optimizer
from qmlplay.typing import Real

__all__ = ["Cancelled", "Guide", "Hand", "Turned", "steered"]


class Cancelled(Exception):  # noqa: N818 - not an error
    """Raised within a step that nobody waits for any more."""


class Turned(Exception):  # noqa: N818 - not an error
    """Raised within a step that began from other numbers than it should have by now."""


class _Over(Exception):  # noqa: N818 - not an error
    pass


@dataclass(frozen=True)
class Hand:
    """What a user's hand does to a training.

    Parameters
    ----------
    learning_rate : float
        Of the next step.
    frozen : frozenset of int, default=()
        Trainable numbers that do not move.
    restarts : int, default=0
        How often the optimiser has to begin anew.
    """

    learning_rate: float
    frozen: frozenset[int] = frozenset()
    restarts: int = 0

    def with_frozen(self, index: int, frozen: bool) -> Hand:
        """Return it with a number held, or let go."""
        others = self.frozen - {index}
        return replace(self, frozen=others | {index} if frozen else others)


class Guide(Protocol):
    """Who says when a step may begin, and from where."""

    @property
    def hand(self) -> Hand:
        """What a user's hand does now."""

    def wait(self, numbers: Real) -> Real:
        """Wait until a step may begin, and return the numbers that it begins from."""

    def rate(self, step: int) -> float:
        """Return the learning rate of a step."""

    def begin(self) -> int:
        """Return for how many iterations the training is planned, right before its first step."""

    def rest(self) -> None:
        """Note that the optimiser has come to its end by itself."""


def steered(optimizer: str | Optimizer | Run, guide: Guide) -> Optimizer:
    """Return an optimiser that can be steered; left alone it makes the steps of that one.

    An optimiser that keeps its memory in a state goes on with it after a turn; one of SciPy
    begins anew from the numbers of that moment. So does one that had come to its end.

    Parameters
    ----------
    optimizer : str, Optimizer or callable
        As `qmlplay.training.optimizers.get_optimizer` takes it.
    guide : Guide
    """
    base = get_optimizer(optimizer)
    # How often it looks at the samples is not known beforehand.
    return replace(base, run=_run_of(base, guide), evaluations=None)


def _run_of(base: Optimizer, guide: Guide) -> Run:
    def run(problem: Problem, w: Real, settings: OptimizerSettings, report: Report) -> None:
        w = guide.wait(w)
        settings = replace(
            settings,
            planned_iter=guide.begin(),
            learning_rate=guide.rate,
        )
        while True:
            leg = _Leg(base, problem, guide, report, w, settings.state)
            leg.run(settings)
            w, settings = leg.numbers, replace(settings, state=leg.next_state)

    return run


@final
class _Leg:
    """A stretch of training under the same hand: which numbers are free does not change in it.

    Parameters
    ----------
    base : Optimizer
    problem : Problem
    guide : Guide
    report : callable
        Of the whole training.
    numbers : ndarray of shape (n_numbers,)
        Where it begins.
    state : OptimizerState
        What the optimiser remembers.
    """

    def __init__(
        self,
        base: Optimizer,
        problem: Problem,
        guide: Guide,
        report: Report,
        numbers: Real,
        state: OptimizerState,
    ) -> None:
        self._base, self._problem, self._guide = base, problem, guide
        self._report, self.numbers, self._state = report, numbers, state
        self._hand = guide.hand
        self._free = np.ones(len(numbers), bool)
        self._free[list(self._hand.frozen)] = False

    @property
    def next_state(self) -> OptimizerState:
        """What the optimiser remembers afterwards.

        Averages of a number that was held are out of date, so all begin anew when it is freed.
        """
        is_freed = bool(self._hand.frozen - self._guide.hand.frozen)
        begins_anew = is_freed or self._guide.hand.restarts != self._hand.restarts
        return self._state.restarted() if begins_anew else self._state

    def run(self, settings: OptimizerSettings) -> None:
        """Train until the hand does something else, or the optimiser has come to its end."""
        if self._free.all():
            problem, of_all = self._problem, settings
        else:
            problem = _FreeNumbers(self._problem, self._free, self.numbers)
            of_all = replace(settings, penalty=self._part(settings.penalty))
        state = replace(self._state, arrays=self._of_arrays(self._part))
        try:
            self._base.run(
                problem, self.numbers[self._free], replace(of_all, state=state), self._after_step
            )
        except _Over:
            return
        except Turned:
            pass
        except NothingToImprove:
            self._guide.rest()
        else:
            self._guide.rest()
        self.numbers = self._guide.wait(self.numbers)

    def _part(self, values: Any) -> Any:
        """Return the entries of the free numbers, of what has one for each of all."""
        has_all = np.ndim(values) > 0 and np.shape(values)[-1] == len(self._free)
        return values[..., self._free] if has_all else values

    def _of_arrays(self, change: Callable[[Any], Any]) -> dict[str, Any]:
        return {name: change(array) for name, array in self._state.arrays.items()}

    def _after_step(
        self, w: Real, loss: float, end: bool = True, state: OptimizerState | None = None
    ) -> None:
        numbers = self.numbers.copy()
        numbers[self._free] = w
        held = list(self._guide.hand.frozen)  # some since this step began
        numbers[held] = self.numbers[held]
        if state is not None:
            self._state = self._widened(state)
        self._report(numbers, loss, end, None if state is None else self._state)
        self.numbers = numbers
        self.numbers = self._guide.wait(numbers)
        hand = self._guide.hand
        stays = (hand.frozen, hand.restarts) == (self._hand.frozen, self._hand.restarts)
        if self.numbers is not numbers or not stays:
            raise _Over

    def _widened(self, state: OptimizerState) -> OptimizerState:
        """Return a state for all numbers: what is held keeps what was remembered of it."""
        arrays: dict[str, Any] = {}
        for name, array in state.arrays.items():
            if self._part(np.zeros(len(self._free))).shape != array.shape[-1:]:
                arrays[name] = array
                continue
            before = self._state.arrays.get(name)
            shape = (*array.shape[:-1], len(self._free))
            whole = np.zeros(shape) if before is None else before.copy()
            whole[..., self._free] = array
            arrays[name] = whole
        return replace(state, arrays=arrays)


@final
class _FreeNumbers:
    """A problem in the free numbers alone; the others stay as they are."""

    def __init__(self, problem: Problem, free: NDArray[np.bool_], numbers: Real) -> None:
        self._problem, self._free, self._numbers = problem, free, numbers

    @property
    def n_samples(self) -> int:
        return self._problem.n_samples

    def _all(self, w: Real) -> Real:
        numbers = self._numbers.copy()
        numbers[self._free] = w
        return numbers

    def loss(self, w: Real) -> float:
        return self._problem.loss(self._all(w))

    def loss_and_gradient(self, w: Real, rows: Any = None) -> tuple[float, Real]:
        loss, gradient = self._problem.loss_and_gradient(self._all(w), rows)
        return loss, gradient[self._free]
