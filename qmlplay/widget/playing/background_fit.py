"""A fit in the background: its thread waits after every step until the next may begin."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from math import inf
from statistics import median
from threading import Condition, Thread, current_thread
from time import monotonic
from typing import Any

from qmlplay.classifier import VariationalClassifier
from qmlplay.training import TrainingState
from qmlplay.training.learning_rate import rate_at
from qmlplay.typing import Real
from qmlplay.widget.playing.steering import Cancelled, Hand, steered
from qmlplay.widget.playing.worker import LAST_SECONDS, Worker

__all__ = ["BackgroundFit"]

#: Seconds between two pictures while training runs.
_BETWEEN_PICTURES = 0.08
#: More iterations than anybody waits for: the limit is kept here, and can be moved.
_UNLIMITED = 10**6


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
    on_exit : callable, optional
        Called once when Python exits: ends what `on_step` may have begun, before it is too late.

    Attributes
    ----------
    step, iteration : int
        Steps and iterations made.
    losses : list of float
        The loss of every step.
    limit : float
        Iterations after which it counts as finished.
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
        on_exit: Callable[[], None] = lambda: None,
    ) -> None:
        self.limit: float = model.max_iter
        self._planned_iter = model.max_iter
        self.hand = Hand(rate_at(model.learning_rate_init, 0))
        self._asked = model.set_params(callbacks=None).get_params(deep=False)
        self._cost: Any = None
        self.model = model
        self._data, self._draw, self._show, self._on_step = (X, y), draw, show, on_step
        self.step, self.iteration, self.losses = 0, 0, list[float]()
        self.error: Exception | None = None
        self._on_exit = on_exit
        self._numbers: Real | None = None
        self._allowed: float = 0
        self._is_at_rest = False  # the optimiser has come to its end by itself
        self._is_in_step = False
        self._shown_waiting = -1  # the step that was last shown while it waited
        self._pace = 0.0  # seconds from one step to the next, at least
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
    def state(self) -> str:
        """What it is doing: "ready", "playing", "pausing", "paused", "finished" or "failed"."""
        if self.error is not None:
            return "failed"
        if not self._is_held():
            return "playing"
        if self._is_in_step:
            return "pausing"
        if self.step == 0 and not self._is_at_end():
            return "ready"
        if self._shown_waiting != self.step:
            return "pausing"
        return "finished" if self._is_at_end() else "paused"

    def fitted(self) -> VariationalClassifier:
        """Return the classifier as it stands, with the parameters that it was given."""
        model: VariationalClassifier = copy(self.model).set_params(**self._asked)
        assert self._numbers is not None
        trained = self.model.model_.with_numbers(self._numbers)
        return model.with_model(trained, replace(self.model._history, cost=self._cost))

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

    def extend(self, iterations: int) -> None:
        """Move the limit, so that it may go on for so many iterations after its end."""
        with self._changed:
            self.limit, self._is_at_rest = self.iteration + iterations, False

    def pause(self) -> None:
        """Let it end the step that it is at, and wait."""
        self.allow(0)

    def stop(self) -> None:
        """Let it end for good after the step that it is at."""
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

    def _run(self) -> None:
        try:
            if not self._stopped:
                self._fit()
        except Cancelled:
            return
        except Exception as failure:  # whatever it is, the page has to say it
            if not self._stopped:
                self.error = failure
                self._show(None)

    def _fit(self) -> None:
        self._cost = self.model.training_cost(*self._data)
        optimizer = steered(self.model.optimizer, self._planned_iter, self)
        self.model.set_params(
            optimizer=optimizer, max_iter=_UNLIMITED, callbacks=[self._after_step]
        ).fit(*self._data)

    def _after_step(self, state: TrainingState) -> None:
        """Note the step."""
        self._seconds.append(monotonic() - self._began)
        self.losses.append(float(state.loss))
        self.step, self.iteration = state.step, state.iteration
        self._on_step(self.step)

    def rest(self) -> None:
        """Note that the optimiser has come to its end by itself."""
        self._is_at_rest = True

    def wait(self, numbers: Real) -> Real:
        """Wait until a step may begin, and return the numbers that it begins from."""
        self._is_in_step, self._numbers = False, numbers
        shown = False
        while True:
            if self._stopped:
                raise Cancelled
            if self._lacks_picture(shown) and monotonic() >= self._next_picture:
                self._picture()
                shown = True
            with self._changed:
                if self._may_go_on(shown):
                    break
        self._began, self._is_in_step, self._is_at_rest = monotonic(), True, False
        return self._numbers

    def _lacks_picture(self, shown: bool) -> bool:
        return not shown or (self._is_held() and self._shown_waiting != self.step)

    def _may_go_on(self, shown: bool) -> bool:
        """Wait for permission, a pause, the pace or a picture; True when a step may begin."""
        held, pace = self._is_held(), self._pace
        rest = inf if held else self._began + pace - monotonic()
        if rest <= 0:
            return True
        if self._lacks_picture(shown):
            rest = max(0.0, min(rest, self._next_picture - monotonic()))
        self._changed.wait_for(
            lambda: self._stopped or self._is_held() != held or self._pace != pace,
            None if rest == inf else rest,
        )
        return False

    def _is_held(self) -> bool:
        return self.step >= self._allowed or self._is_at_end()

    def _is_at_end(self) -> bool:
        return self._is_at_rest or self.iteration >= self.limit

    def _picture(self) -> None:
        start, held = monotonic(), self._is_held()
        picture = self._draw(self)
        self._shown_waiting = self.step if held else -1
        self._show(picture)
        end = monotonic()
        self._next_picture = end + max(_BETWEEN_PICTURES, 2 * (end - start))
