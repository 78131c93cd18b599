"""The course of a run: what a call of `fit` has to be told to make it again, or cannot make."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import final

from qmlplay.training.optimizers import get_optimizer
from qmlplay.widget.settings.configuration import Configuration

__all__ = ["STEPWISE", "Course", "CourseLog", "way_beyond"]

#: Optimisers that ask for the learning rate at every step; others do at their start, or never.
STEPWISE = ("adam", "sgd", "spsa")
_MOST_NAMES = 6


@dataclass(frozen=True)
class Course:
    """How a run went, beside what its configuration says.

    Parameters
    ----------
    steps : int, default=0
        Steps made.
    iterations : int, default=0
        Passes over the data that were begun.
    planned : int, default=100
        Iterations that gains and penalties were planned for.
    rates : tuple of (int, float), default=()
        Learning rates, each from a step on, counted from 0.
    by_hand : tuple of str, default=()
        What no call of `fit` does, in words.
    numbers : tuple of float, default=()
        All trainable numbers as they are now.
    continues_by : {"fit", "partial_fit"}, default="fit"
        What makes the iterations beyond those planned.
    frozen : tuple of int, default=()
        Weights that are held now.

    Examples
    --------
    >>> course = Course(steps=30, iterations=30, rates=((0, 0.1), (20, 0.01)))
    >>> course.can_be_fitted, course.is_of_settings
    (True, False)
    """

    steps: int = 0
    iterations: int = 0
    planned: int = 100
    rates: tuple[tuple[int, float], ...] = ()
    by_hand: tuple[str, ...] = ()
    numbers: tuple[float, ...] = ()
    continues_by: str = "fit"
    frozen: tuple[int, ...] = ()

    @property
    def unlike_fit(self) -> tuple[str, ...]:
        """What no call of `fit` does; before the first step, what it would not do."""
        will_hold = bool(self.frozen and self.numbers) and not self.steps
        return self.by_hand or ((f"{_weights(self.frozen)} held",) if will_hold else ())

    @property
    def can_be_fitted(self) -> bool:
        """Whether calls of `fit` and `partial_fit` make the same steps."""
        return not self.unlike_fit

    @property
    def is_of_settings(self) -> bool:
        """Whether the settings of the start say all."""
        return not self.by_hand and len(self.rates) < 2

    def shared(self, now: Configuration) -> tuple[Configuration, int]:
        """Return the configuration, and the steps from its start, that lead to this moment.

        Where settings cannot make its steps again, it begins with the numbers of now.
        """
        held = replace(now, frozen=self.frozen)
        if self.is_of_settings and (held == now or not self.steps):
            rate = self.rates[0][1] if self.rates else now.learning_rate_init
            return replace(held, max_iter=self.planned, learning_rate_init=rate), self.steps
        return replace(held, weights=self.numbers), 0


def way_beyond(
    optimizer: str, penalty: float, shots: int | None, *, is_whole: bool
) -> tuple[str, str]:
    """Return what makes iterations beyond those planned, and why nothing does, or "".

    Parameters
    ----------
    optimizer : str
    penalty : float
        Its strength; it grows over the iterations that are planned.
    shots : int or None
    is_whole : bool
        Whether every step sees all samples.

    Examples
    --------
    >>> way_beyond("lbfgs", 0.0, None, is_whole=True)
    ('fit', '')
    >>> way_beyond("adam", 0.002, None, is_whole=True)
    ('partial_fit', '')
    >>> way_beyond("spsa", 0.0, None, is_whole=True)[1]
    'it went on beyond the iterations that its gains were planned for'
    """
    if optimizer == "spsa":
        return "fit", "it went on beyond the iterations that its gains were planned for"
    if not get_optimizer(optimizer).in_batches or not penalty:
        return "fit", ""
    if shots is None and is_whole:
        return "partial_fit", ""
    return "fit", "it went on beyond the iterations that its penalty was planned for"


@final
class CourseLog:
    """What happens to a run, as far as `fit` would not do it by itself."""

    def __init__(self) -> None:
        self.rates: list[tuple[int, float]] = []
        self._set: set[int] = set()
        self._held: set[int] = set()
        self._is_restarted = self._has_start = self._has_left = False

    def note_start(self) -> None:
        """Note that the first numbers are given, not drawn."""
        self._has_start = True

    def note_rate(self, step: int, rate: float) -> None:
        """Note the learning rate of a step, counted from 0."""
        if not self.rates or self.rates[-1][1] != rate:
            self.rates.append((step, rate))

    def note_set(self, indices: Collection[int]) -> None:
        """Note that numbers were set."""
        self._set.update(indices)

    def note_left(self) -> None:
        """Note that a step was left: what the next one draws is not what it would have drawn."""
        self._has_left = True

    def note_step(self, held: Collection[int], *, is_restarted: bool) -> None:
        """Note that a step begins, with numbers that are held, or after the optimiser's end."""
        self._held.update(held)
        self._is_restarted |= is_restarted

    @property
    def by_hand(self) -> tuple[str, ...]:
        """What no call of `fit` does, in words."""
        parts = [
            self._has_start and "the numbers that it began with given",
            self._set and f"{_weights(self._set)} set",
            self._held and f"{_weights(self._held)} held",
            self._has_left and "a step left and made anew",
            self._is_restarted and "the optimiser begun anew after it had come to its end",
        ]
        return tuple(part for part in parts if part)


def _weights(indices: Collection[int]) -> str:
    """Return some numbers by name: "w0, w3 and 5 more"."""
    names = [f"w{index}" for index in sorted(indices)]
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more
