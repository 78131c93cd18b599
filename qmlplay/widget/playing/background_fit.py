"""A fit in the background: its thread waits after every step until the next may begin."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import inf
from statistics import median
from threading import Condition, Lock, Thread, current_thread
from time import monotonic
from typing import Any

from qmlplay.classifier import VariationalClassifier
from qmlplay.training import TrainingState
from qmlplay.widget.playing.worker import LAST_SECONDS, Worker

__all__ = ["BackgroundFit"]

#: Seconds between two pictures while training runs.
_BETWEEN_PICTURES = 0.08


class BackgroundFit:
    """Trains a classifier in the background, as far as it is allowed.

    It is one call of ``fit``, paused between steps: the result after n steps is that of the same
    classifier with a callback that ends it after n steps.

    Parameters
    ----------
    model : VariationalClassifier
        Unfitted; its callbacks are replaced.
    X, y : ndarray
        Training data.
    draw : callable
        ``draw(fit)`` is called in the thread of the fit, while its model does not change:
        after some steps, in every longer wait, and at the end.
    show : callable
        ``show(picture)`` is called with what `draw` returned, once `state` agrees with it.
    on_step : callable, optional
        ``on_step(step)`` is called in the thread of the fit after every step.
    on_exit : callable, optional
        Called once when Python exits: ends what `on_step` may have begun, before it is too late.
    turn : Lock, optional
        Held while it trains.

    Attributes
    ----------
    step : int
        Steps made.
    losses : list of float
        The loss of every step.
    finished : bool
        Whether the fit came to its end.
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
        turn: Lock | None = None,
    ) -> None:
        self.model = model.set_params(callbacks=[self._after_step])
        self._data, self._draw, self._show, self._on_step = (X, y), draw, show, on_step
        self.step, self.losses, self.finished = 0, list[float](), False
        self.error: Exception | None = None
        self._turn, self._on_exit = turn or Lock(), on_exit
        self._allowed: float = 0
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
        if self.finished:
            return "finished"
        if not self._is_held():
            return "playing"
        if self._thread is None:
            return "ready"
        return "paused" if self._shown_waiting == self.step else "pausing"

    def allow(self, steps: float = inf, *, steps_per_second: float = inf) -> None:
        """Let it go on until so many steps are made in all; fewer than now is a pause."""
        with self._changed:
            self._allowed, self._pace = steps, 1 / steps_per_second
            if self._thread is None and self.step < steps and not self._stopped:
                self._thread = Worker(self._run, "qmlplay training", self._exit)
                self._thread.start()
            self._changed.notify_all()

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
        error, picture = None, None
        try:
            with self._turn:
                self._began = monotonic()
                if not self._stopped:
                    self.model.fit(*self._data)
            if not self._stopped:
                picture = self._draw(self)
        except Exception as failure:  # whatever it is, the page has to say it
            error = failure
        if not self._stopped:
            self.error, self.finished = error, True
            self._show(picture)

    def _after_step(self, state: TrainingState) -> bool:
        """Note the step and wait for permission to make another; True ends the fit."""
        self._seconds.append(monotonic() - self._began)
        self.losses.append(float(state.loss))
        self.step = state.step
        self._on_step(self.step)
        shown = False
        while not self._stopped:
            if self._lacks_picture(shown) and monotonic() >= self._next_picture:
                self._picture()
                shown = True
            with self._changed:
                if self._may_go_on(shown):
                    break
        self._began = monotonic()
        return self._stopped

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
        return self.step >= self._allowed

    def _picture(self) -> None:
        start, held = monotonic(), self._is_held()
        picture = self._draw(self)
        self._shown_waiting = self.step if held else -1
        self._show(picture)
        end = monotonic()
        self._next_picture = end + max(_BETWEEN_PICTURES, 2 * (end - start))
