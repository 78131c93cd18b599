"""The watch kept over an optimiser: history, callbacks, and when to end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from qmlplay.progress import Progress
from qmlplay.training.callback import ends_training
from qmlplay.training.divergence import LARGEST, DivergenceError
from qmlplay.training.losses import beats_prior
from qmlplay.training.optimizer_state import OptimizerState
from qmlplay.training.replay import Answers
from qmlplay.training.training_snapshot import TrainingSnapshot
from qmlplay.typing import Real

__all__ = ["Monitor", "StopTraining", "TrainingState"]


@dataclass(frozen=True)
class TrainingState:
    """What a callback is shown after every step.

    Parameters
    ----------
    estimator : object
        The estimator in training, usable as it is: its weights are those of this step.
    iteration : int
        Iterations completed.
    step : int
        Weight updates made.
    loss : float
        Training loss of this step.
    seconds : float
        Time since training began.

    Examples
    --------
    >>> from qmlplay import VariationalClassifier
    >>> def stop_after_two(state):
    ...     print(f"iteration {state.iteration}, step {state.step}")
    ...     return state.iteration == 2
    >>> model = VariationalClassifier(callbacks=[stop_after_two])
    >>> model.fit([[0.0], [1.0]], ["a", "b"]).n_iter_
    iteration 1, step 1
    iteration 2, step 2
    2
    """

    estimator: Any
    iteration: int
    step: int
    loss: float
    seconds: float


class StopTraining(Exception):  # noqa: N818 - not an error
    """Raised by a monitor when training has to end; `train` takes it as a normal end.

    A callback need not raise it: the answer True does the same.

    Examples
    --------
    >>> import numpy as np
    >>> from qmlplay.training import Monitor
    >>> def second(state):
    ...     return state.step == 2
    >>> monitor = Monitor(publish=lambda w: None, estimator=None, callbacks=[second])
    >>> monitor(np.zeros(1), 0.9, end=True)
    >>> monitor(np.zeros(1), 0.8, end=True)
    Traceback (most recent call last):
        ...
    qmlplay.training.monitor.StopTraining
    """


@dataclass
class Monitor:
    """Keeps the history of a training run and decides when it ends.

    Parameters
    ----------
    publish : callable
        ``publish(w)`` gives the weights of the last step to the estimator.
    estimator : object
        Shown to callbacks.
    callbacks : sequence of callable
        Each is called as ``callback(state)`` after every step; the answer True ends training.
    tol, n_iter_no_change : float, int or None
        End when the loss (or with `validate` the score) has not got better by tol for so many
        iterations; None never ends.
    max_time : float or None
        End after so many seconds.
    validate : callable or None
        Returns the validation score of the published weights, higher is better.
    progress : Progress or None
        Progress bar (see `qmlplay.progress`).
    prior_loss : float or None
        The loss of the best answer that does not look at the features (see
        `TrainingProblem.prior_loss`).
        Iterations whose loss is not clearly below it do not count as waiting, as nothing has been
        learned that could have converged; None counts them all, and so does a tol of that size.

    Raises
    ------
    StopTraining
        From a call ``monitor(w, loss, end)`` after which training has to end.
    DivergenceError
        From a call with a loss or weights that are not finite.

    Examples
    --------
    >>> import numpy as np
    >>> monitor = Monitor(publish=lambda w: None, estimator=None, n_iter_no_change=1)
    >>> monitor(np.zeros(1), 0.7, end=True)
    >>> try:
    ...     monitor(np.ones(1), 0.7, end=True)
    ... except StopTraining:
    ...     print("no better, losses", monitor.losses)
    no better, losses [0.7, 0.7]
    """

    publish: Callable[[Real], None]
    estimator: Any
    callbacks: Sequence[Callable[[TrainingState], Any]] = ()
    tol: float = 1e-4
    n_iter_no_change: int | None = 10
    max_time: float | None = None
    validate: Callable[[], float] | None = None
    progress: Progress | None = None
    prior_loss: float | None = None

    def __post_init__(self) -> None:
        self.losses: list[float] = []
        self.scores: list[float] = []
        self.step = 0
        self.w: Real | None = None  # after the last step
        self.best = -np.inf  # of minus the loss, or of the validation score
        self.best_w: Real | None = None
        self.state: OptimizerState | None = None  # of the optimiser, after the last step
        self.stop_reason: str | None = None  # the parameter that ended training, None so far
        self._waited = 0
        self._start = perf_counter()

    def __call__(self, w: Real, loss: float, end: bool) -> None:
        """Take note of a step; raise when training has to end."""
        if not (np.isfinite(loss) and np.abs(w).max(initial=0.0) <= LARGEST):  # NaN is not
            reason = f"loss {loss}, largest weight {np.abs(w).max()}"
            raise DivergenceError(self.step + 1, reason)
        self.w = w
        self.publish(w)
        self.step += 1
        patience_is_over = self._end_iteration(w, loss) if end else False
        seconds = perf_counter() - self._start
        state = TrainingState(self.estimator, len(self.losses), self.step, loss, seconds)
        wants_stop = [ends_training(callback(state)) for callback in self.callbacks]
        reasons = {
            "n_iter_no_change": patience_is_over,
            "max_time": self._is_out_of_time(seconds),
            "callbacks": any(wants_stop),
        }
        self._end_for(reasons)

    def _end_for(self, reasons: dict[str, bool]) -> None:
        self.stop_reason = next((name for name, holds in reasons.items() if holds), None)
        if self.stop_reason is not None:
            raise StopTraining

    def _is_out_of_time(self, seconds: float) -> bool:
        return self.max_time is not None and seconds >= self.max_time

    def snapshot(
        self,
        circuits: Mapping[str, int],
        generator: Mapping[str, Any],
        shots: Mapping[str, Any],
        answers: Answers,
    ) -> TrainingSnapshot:
        """Return where training stands, at the end of an iteration."""
        assert self.w is not None
        return TrainingSnapshot(
            self.w,
            self.state or OptimizerState(),
            np.array(self.losses),
            np.array(self.scores),
            self.step,
            self.best,
            self.w if self.best_w is None else self.best_w,
            self._waited,
            perf_counter() - self._start,
            dict(circuits),
            generator,
            shots,
            answers,
        )

    def take_up(self, snapshot: TrainingSnapshot) -> None:
        """Go on from where another monitor stood."""
        self.w, self.state, self.step = snapshot.numbers, snapshot.state, snapshot.step
        self.losses, self.scores = snapshot.losses.tolist(), snapshot.scores.tolist()
        self.best = snapshot.best
        self.best_w = None if snapshot.best == -np.inf else snapshot.best_numbers
        self._waited = snapshot.waited
        self._start = perf_counter() - snapshot.seconds

    def end_where_it_should(self) -> None:
        """Raise StopTraining where what was taken up had come to its end."""
        seconds = perf_counter() - self._start
        self._end_for(
            {
                "n_iter_no_change": self._is_impatient(),
                "max_time": self._is_out_of_time(seconds),
            }
        )

    def _end_iteration(self, w: Real, loss: float) -> bool:
        self.losses.append(loss)
        merit = -loss
        if self.validate is not None:
            merit = self.validate()
            self.scores.append(merit)
        if self.progress is not None:
            self.progress.advance(note=f"loss={loss:.4f}")
        is_better = merit > self.best + self.tol
        self._waited = 0 if is_better or self._is_untrained(loss) else self._waited + 1
        if merit > self.best:
            self.best, self.best_w = merit, w
        return self._is_impatient()

    def _is_impatient(self) -> bool:
        return self.n_iter_no_change is not None and self._waited >= self.n_iter_no_change

    def _is_untrained(self, loss: float) -> bool:
        """Return whether nothing is learned yet, though more than tol could be won."""
        prior = self.prior_loss
        return prior is not None and prior > self.tol and not beats_prior(loss, prior)
