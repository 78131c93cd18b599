"""A fit in the background: its thread waits after every step until the next may begin."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import inf, nan
from statistics import median
from threading import Condition, Thread, current_thread
from time import monotonic
from typing import Any

import numpy as np

from qmlplay.classifier import VariationalClassifier
from qmlplay.training import TrainingState
from qmlplay.training.learning_rate import rate_at
from qmlplay.typing import Real
from qmlplay.widget.playing.run_course import CourseLog
from qmlplay.widget.playing.steering import Cancelled, Hand, Turned
from qmlplay.widget.playing.step_progress import StepProgress
from qmlplay.widget.playing.training_model import TrainingModel
from qmlplay.widget.playing.worker import LAST_SECONDS, Worker

__all__ = ["BackgroundFit"]

#: Seconds between two pictures while training runs.
_BETWEEN_PICTURES = 0.08


class BackgroundFit:
    """Trains a classifier in the background, as far as it is allowed.

    It is one call of ``fit``, paused between steps: left alone, the result after n steps is that
    of the same classifier with a callback that ends it after n steps. At its limit, the
    classifier's `max_iter`, it waits as well, and may go on.

    Parameters
    ----------
    model : VariationalClassifier
        Unfitted; its callbacks are replaced.
    X, y : ndarray
        Training data.
    draw : callable
        ``draw(fit)`` is called in the thread of the fit, while its model does not change:
        before the first step, after some steps, in every longer wait, and at the end.
    show : callable
        ``show(picture)`` is called with what `draw` returned, once `state` agrees with it.
    on_step : callable, optional
        ``on_step(step)`` is called in the thread of the fit after every step.
    on_progress : callable, optional
        ``on_progress()`` is called in the thread of the fit now and then within a long step, and
        when there is a forecast.
    on_exit : callable, optional
        Called once when Python exits: ends what `on_step` may have begun, before it is too late.
    give_way : callable, optional
        Called in the thread of the fit before every step and picture, and within long steps: it
        may wait for what has precedence.
    numbers : sequence of float, optional
        All trainable numbers that it begins with, instead of those that `fit` draws.

    Attributes
    ----------
    step, iteration : int
        Steps and iterations made.
    losses : list of float
        The loss of every step.
    limit : float
        Iterations after which it counts as finished.
    hand : Hand
        What the user's hand does to it.
    log : CourseLog
        What the user's hand has done.
    is_coarse : bool
        Whether a quick picture is wanted now, as a finer one will follow.
    forecast : float or None
        Seconds that a step will take, from a measurement before the first one.
    error : Exception or None
        What it failed with.
    """

    def __init__(
        self,
        model: VariationalClassifier,
        X: Any,
        y: Any,
        draw: Callable[[BackgroundFit], Any],
        show: Callable[[Any], None],
        *,
        on_step: Callable[[int], None] = lambda step: None,
        on_progress: Callable[[], None] | None = None,
        on_exit: Callable[[], None] = lambda: None,
        give_way: Callable[[], None] = lambda: None,
        numbers: Sequence[float] | None = None,
    ) -> None:
        self.model = TrainingModel(model, X, y)
        self._draw, self._show, self._on_step = draw, show, on_step
        self._on_progress, self._on_exit = on_progress, on_exit
        self._give_way = give_way
        self.limit: float = model.max_iter
        self.hand = Hand(rate_at(model.learning_rate_init, 0))
        self.log = CourseLog()
        self.planned: int = model.max_iter
        self.step, self.iteration, self.losses = 0, 0, list[float]()
        self.error: Exception | None = None
        self.forecast: float | None = None
        self.is_coarse = False
        self._numbers: Real | None = None
        self._first = None if numbers is None else np.array(numbers)
        if numbers is not None:
            self.log.note_start()
        self._set: dict[int, float] = {}  # numbers that were set by hand, to be taken up
        self._progress = StepProgress(1)
        self._allowed: float = 0
        self._pace = 0.0  # seconds from one step to the next, at least
        self._is_at_rest = False  # the optimiser has come to its end by itself
        self._is_restarted = False  # and goes on all the same
        self._hand_of_step: Hand | None = None  # None between two steps
        self._is_left = False  # the step under way is not wanted any more
        self._shown_waiting = -1  # the step that was last shown while it waited
        self._owes_finer = False  # for a coarse picture
        self._draws_waiting = False
        self._stopped = False
        self._changed = Condition()
        self._thread: Thread | None = None
        self._seconds: deque[float] = deque(maxlen=25)
        self._began = self._next_picture = 0.0

    @property
    def seconds_per_step(self) -> float | None:
        """Median time of the last steps, in seconds; None before the first."""
        return median(self._seconds) if self._seconds else None

    @property
    def progress(self) -> float:
        """The share of the present step that is done, in [0, 1); 0 while none is made."""
        return 0.0 if self._hand_of_step is None else self._progress.fraction

    @property
    def state(self) -> str:
        """What it is doing: "ready", "playing", "pausing", "paused", "finished" or "failed"."""
        if self.error is not None:
            return "failed"
        if not self._is_held():
            return "playing"
        if self._hand_of_step is not None:
            return "pausing"
        if self.step == 0 and not self.is_at_end:
            return "ready"
        if self._shown_waiting != self.step:
            return "pausing"
        return "finished" if self.is_at_end else "paused"

    def fitted(self) -> VariationalClassifier:
        """Return the classifier as it stands, with the parameters that it was given."""
        assert self._numbers is not None
        return self.model.as_asked(self._numbers)

    @property
    def numbers(self) -> tuple[float, ...]:
        """All trainable numbers, those set by hand included; none before they are drawn."""
        with self._changed:
            drawn = self._first if self._numbers is None else self._numbers
            numbers = {} if drawn is None else dict(enumerate(map(float, drawn))) | self._set
        return tuple(numbers.values())

    @property
    def steps_asked_for(self) -> int:
        """How many steps in all it will have made when it waits next; now where nobody knows."""
        return self.step if self._is_held() or self._allowed == inf else int(self._allowed)

    @property
    def is_at_end(self) -> bool:
        """Whether it has come to its limit, or the optimiser to its end."""
        return self._is_at_rest or self.iteration >= self.limit

    def start(self) -> None:
        """Begin: draw the model with its first numbers, and wait."""
        with self._changed:
            if self._thread is None and not self._stopped:
                self._thread = Worker(self._run, "qmlplay training", self._exit)
                self._thread.start()

    def allow(self, steps: float = inf, *, steps_per_second: float = inf) -> None:
        """Let it go on until so many steps are made in all; fewer than now is a pause."""
        with self._changed:
            self._allowed, self._pace = steps, 1 / steps_per_second
            if self.step < steps:
                self.start()
            self._changed.notify_all()

    def change_pace(self, steps_per_second: float) -> None:
        """Let it play faster or slower; steps that are counted have no pace."""
        with self._changed:
            if self._allowed == inf:
                self._pace = 1 / steps_per_second
                self._changed.notify_all()

    def pause(self) -> None:
        """Let it end the step that it is at, and wait."""
        self.allow(0)

    def leave_step(self) -> None:
        """Leave the step that it is at, and wait with the numbers from before it."""
        with self._changed:
            self._allowed = self.step
            self._is_left = self._hand_of_step is not None
            self._changed.notify_all()

    def limit_to(self, iterations: float) -> None:
        """Move the limit; where it was at its end it waits, and may go on."""
        with self._changed:
            if self.is_at_end:
                self._wake_up()
            self.limit = iterations
            self._changed.notify_all()

    def set_number(self, index: int, value: float) -> None:
        """Set one of the trainable numbers; a step under way begins anew from there."""
        with self._changed:
            if self._is_at_rest:
                self._wake_up()
            self._set[index] = value
            self._changed.notify_all()

    def _wake_up(self) -> None:
        self._allowed, self._is_restarted = self.step, self._is_at_rest
        self._is_at_rest = False

    def steer(self, hand: Hand) -> None:
        """Change what the user's hand does."""
        with self._changed:
            self.hand = hand
            self._changed.notify_all()

    def stop(self) -> None:
        """Let it end for good, at once."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def end(self) -> None:
        """Let it end for good, and wait for that a while."""
        self.stop()
        self.join(LAST_SECONDS)

    def _exit(self) -> None:
        self.stop()  # from now on no step begins anything
        self._on_exit()

    def join(self, timeout: float | None = None) -> None:
        """Wait until its thread has ended."""
        if self._thread is not None and self._thread is not current_thread():
            self._thread.join(timeout)

    def check(self, n_samples: int = 0) -> None:
        """Raise `Cancelled` where nobody waits for what is computed."""
        if self._stopped:
            raise Cancelled

    @property
    def is_hasty(self) -> bool:
        """Whether the picture has to do without the answers of a slow simulator."""
        return self.is_coarse and self.model.is_slow

    def while_drawing(self, n_samples: int) -> None:
        """Raise where a picture is not worth being waited for any more.

        A coarse one always is: while a slider moves, the next number comes before it is done.
        """
        self.check()
        if (self._set and not self.is_coarse) or (self._draws_waiting and not self._is_held()):
            raise Turned

    def _within_step(self, n_samples: int) -> None:
        """Note how far a step is; raise where there is no use in going on with it."""
        self._give_way()
        self.check()
        before = self._hand_of_step
        is_turned = before is not None and before.frozen != self.hand.frozen
        if self._set or self._is_left or is_turned:
            raise Turned
        self._progress.add(n_samples)
        if self._on_progress is not None and self._progress.is_news:
            self._on_progress()

    def _run(self) -> None:
        try:
            self.check()
            self._progress = StepProgress(self.model.samples_of_step())
            self.model.fit(self, self._after_step, self._within_step)
        except Cancelled:
            return
        except Exception as failure:  # whatever it is, the page has to say it
            if not self._stopped:
                self.error = failure
                self._show(None)

    def _after_step(self, state: TrainingState) -> None:
        """Note the step."""
        self._seconds.append(monotonic() - self._began)
        self.losses.append(float(state.loss))
        self.step, self.iteration = state.step, state.iteration
        self._progress.end()
        self._on_step(self.step)

    def begin(self) -> int:
        """Return for how many iterations the training is planned, right before its first step."""
        self.planned = self.model.asked.max_iter
        return self.planned

    def rate(self, step: int) -> float:
        """Return the learning rate of a step."""
        rate = self.hand.learning_rate
        self.log.note_rate(step, rate)
        return rate

    def rest(self) -> None:
        """Note that the optimiser has come to its end by itself."""
        self._is_at_rest = True

    def wait(self, numbers: Real) -> Real:
        """Wait until a step may begin, and return the numbers that it begins from."""
        if self._first is not None:
            numbers, self._first = self._first, None
        self._hand_of_step, self._numbers = None, numbers
        if self._is_left:
            self.log.note_left()
        self._is_left = shown = False
        while True:
            self._give_way()
            self.check()
            if self._take_up():
                shown, self._next_picture = False, 0.0
            if self._lacks_picture(shown) and monotonic() >= self._next_picture:
                self._picture()
                shown = True
            if self._lacks_forecast(shown):
                self._make_forecast()
            with self._changed:
                if self._may_go_on(shown):
                    self.log.note_step(self.hand.frozen, is_restarted=self._is_restarted)
                    self._hand_of_step, self._is_restarted = self.hand, False
                    break
        self._began = monotonic()
        return self._numbers

    def _take_up(self) -> bool:
        """Take up the numbers that were set by hand; return whether there were any."""
        with self._changed:
            changes, self._set = self._set, {}
            if changes:
                assert self._numbers is not None
                self._numbers = self._numbers.copy()
                self._numbers[list(changes)] = list(changes.values())
                self.log.note_set(changes)
        self.is_coarse = bool(changes) or (self._shown_waiting < 0 and self.step == 0)
        return bool(changes)

    def _lacks_forecast(self, shown: bool) -> bool:
        is_first = shown and self.step == 0 and self.forecast is None
        return is_first and self._is_held() and self._on_progress is not None

    def _make_forecast(self) -> None:
        def check(n_samples: int) -> None:
            self.check()
            if self._set or not self._is_held():
                raise Turned

        self.forecast = nan  # tried once
        with suppress(Turned):
            self.forecast = self.model.seconds_of_step(check)
            if self._on_progress is not None:
                self._on_progress()

    def _lacks_picture(self, shown: bool) -> bool:
        is_last = self._shown_waiting == self.step and not self._owes_finer
        return not shown or (self._is_held() and not is_last)

    def _may_go_on(self, shown: bool) -> bool:
        """Wait for permission, a pause, the pace or a picture; True when a step may begin."""
        held, pace = self._is_held(), self._pace
        if self._set:
            return False
        rest = inf if held else self._began + pace - monotonic()
        if rest <= 0:
            return True
        if self._lacks_picture(shown):
            rest = max(0.0, min(rest, self._next_picture - monotonic()))
        self._changed.wait_for(
            lambda: self._stopped or self._set or self._is_held() != held or self._pace != pace,
            None if rest == inf else rest,
        )
        return False

    def _is_held(self) -> bool:
        return self.step >= self._allowed or self.is_at_end

    def _picture(self) -> None:
        start, held, is_coarse = monotonic(), self._is_held(), self.is_coarse
        self._draws_waiting = held
        with suppress(Turned):
            picture = self._draw(self)
            self._shown_waiting, self._owes_finer = self.step if held else -1, is_coarse
            self._show(picture)
        end = monotonic()
        self._next_picture = end + max(_BETWEEN_PICTURES, 2 * (end - start))
