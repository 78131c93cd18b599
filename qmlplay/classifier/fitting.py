"""The course of a fit: from its start to a trained model and its history."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from qmlplay.classifier.fit_cost import planned_cost, warn_if_training_is_slow
from qmlplay.classifier.resuming import beginning, checkpoint_of, snapshot_of
from qmlplay.classifier.start import FitStart
from qmlplay.classifier.validation import TrainingData
from qmlplay.errors import level_of_caller
from qmlplay.model import TrainedCircuit
from qmlplay.progress import Progress, is_loud, progress_bar
from qmlplay.training import (
    Monitor,
    OptimizerSettings,
    TrainingHistory,
    TrainingProblem,
    TrainingState,
    train,
)
from qmlplay.training.cost import samples_per_step
from qmlplay.training.divergence import DivergenceError
from qmlplay.training.losses import Loss
from qmlplay.training.optimizers import get_optimizer
from qmlplay.training.own_losses import LossPair, check_loss_pair
from qmlplay.typing import Real

if TYPE_CHECKING:
    from qmlplay.classifier.variational import VariationalEstimator

__all__ = ["all_or_nothing", "run_fit"]

Fit = tuple[TrainedCircuit, TrainingHistory]

#: Fewer iterations than these are a trial, of which nobody expects a trained model.
_MIN_ITER_TO_WARN = 50


@contextmanager
def all_or_nothing(clf: VariationalEstimator) -> Iterator[None]:
    """Give an estimator back everything that it had when fitting it fails.

    If it had nothing, training that ran away after some good steps is kept.
    """
    before = dict(vars(clf))
    try:
        yield
    except BaseException as error:
        if not isinstance(error, DivergenceError) or not error.kept_steps:
            clf.__dict__ = before
        raise


def run_fit(
    clf: VariationalEstimator,
    start: FitStart,
    show: Callable[[TrainedCircuit, TrainingHistory], None],
    begin: Callable[[TrainingData], None],
) -> Fit:
    """Train a model, and return it with the whole history.

    The model and what is known so far are shown before training, when callbacks are told of its
    beginning, and to callbacks after every step.
    """
    max_iter = 1 if start.is_partial else clf.max_iter
    n_validation = 0 if start.held_out is None else len(start.held_out.X)
    sizes = {"n_samples": len(start.data.X), "n_validation": n_validation, "max_iter": max_iter}
    cost = planned_cost(clf, start.backend, start.model, **sizes)
    warn_if_training_is_slow(start, cost)
    if is_loud(clf.verbose):
        print(cost, file=sys.stderr)  # where the progress bar is, too
    problem = _problem(start, clf._loss_to_minimize(), cost.gradient_method)
    if isinstance(problem.loss_name, LossPair):
        check_loss_pair(problem.loss_name, problem.y, start.model.n_outputs)
    settings = _settings(clf, start, max_iter)
    in_batches = get_optimizer(clf.optimizer).in_batches
    batch_size = settings.batch_size if in_batches else problem.n_samples
    history = replace(
        start.history, cost=cost, batch_size=batch_size, stop_reason=None, interrupted=False
    )
    was_fitted = "model_" in vars(clf)
    checkpoint = checkpoint_of(clf, start)
    first = beginning(clf, start, settings, problem, checkpoint)
    show(start.model.with_numbers(first.numbers), history)
    begin(start.data)

    def publish(state: TrainingState) -> None:
        assert monitor.w is not None
        show(start.model.with_numbers(monitor.w), _so_far(clf, start, history, problem, monitor))

    diverged = None
    with progress_bar(max_iter, f"fit ({start.backend.name})", verbose=clf.verbose) as progress:
        monitor = _monitor(clf, start, problem, publish, progress)
        if first.taken_up is not None:
            monitor.take_up(first.taken_up)
            progress.advance(len(monitor.losses))
        if checkpoint is not None:
            checkpoint.watch(lambda: snapshot_of(monitor, start, problem, first.answers))
        try:
            interrupted = train(
                first.problem, first.numbers, clf.optimizer, first.settings, monitor
            )
        except DivergenceError as error:
            if monitor.w is None or was_fitted:  # what there was before stays
                raise
            diverged, interrupted = error, False
    model = start.model.with_numbers(_numbers(start, monitor, diverged))
    done = _so_far(clf, start, history, problem, monitor)
    reason = _stop_reason(monitor, start, max_iter, interrupted=interrupted)
    history = replace(
        done,
        n_iter=max(done.n_iter, 1),
        stop_reason="diverged" if diverged else reason,
        interrupted=interrupted,
        prior_loss=problem.prior_loss,
        state=monitor.state or first.settings.state,
    )
    if diverged is not None:
        show(model, history)
        raise DivergenceError(diverged.step, diverged.reason, monitor.step) from diverged
    _warn_if_nothing_learned(history, clf)
    return model, history


def _numbers(start: FitStart, monitor: Monitor, diverged: DivergenceError | None) -> Real:
    """Return the numbers that training ends with: the last ones, or those that scored best."""
    numbers = monitor.w if start.held_out is None else monitor.best_w
    if numbers is None and diverged is not None:  # no score yet
        numbers = monitor.w
    return start.model.numbers if numbers is None else numbers  # not one step, or no score


def _so_far(
    clf: VariationalEstimator,
    start: FitStart,
    history: TrainingHistory,
    problem: TrainingProblem,
    monitor: Monitor,
) -> TrainingHistory:
    """Return the history up to the last step, as callbacks see it and a file keeps it."""
    goes_on = clf.warm_start or start.is_partial
    before = history if goes_on else TrainingHistory()
    losses = (*before.loss_curve, *monitor.losses)
    return replace(
        history,
        loss_curve=losses,
        validation_scores=(*before.validation_scores, *monitor.scores),
        n_iter=len(losses) if start.is_partial else len(monitor.losses),
        n_steps=history.n_steps + monitor.step,
        n_circuit_evaluations=history.n_circuit_evaluations + problem.n_circuit_evaluations,
        state=monitor.state or history.state,
    )


def _problem(start: FitStart, loss: str | Loss, gradient_method: str | None) -> TrainingProblem:
    model, data = start.model, start.data
    return TrainingProblem(
        model.on(start.backend),
        model.scaling.radians(data.X),
        model.targets(data.y),
        data.weights,
        loss_name=loss,
        gradient_method=gradient_method,
        generator=start.generator,
        n_outputs=model.n_outputs,
    )


def _settings(clf: VariationalEstimator, start: FitStart, max_iter: int) -> OptimizerSettings:
    state = start.history.state
    return OptimizerSettings(
        learning_rate=clf.learning_rate_init,
        max_iter=max_iter,
        batch_size=samples_per_step(clf.batch_size, len(start.data.X)),
        momentum=clf.momentum,
        tol=clf.tol,
        generator=start.generator,
        state=state if start.is_partial else state.restarted(),
        planned_iter=clf.max_iter,
        penalty=_penalty(clf, start.model),
    )


def _penalty(clf: VariationalEstimator, model: TrainedCircuit) -> Real:
    """Return the strength of the penalty on every trainable number."""
    alpha = clf.alpha
    if isinstance(alpha, str):  # "auto"
        alpha = clf.encoding_use().alpha * min(1, 8 / model.n_features) ** 2
    strengths = np.zeros(model.n_parameters)
    strengths[list(model.circuit.scaling_weights)] = alpha
    return strengths


def _monitor(
    clf: VariationalEstimator,
    start: FitStart,
    problem: TrainingProblem,
    publish: Callable[[TrainingState], None],
    progress: Progress,
) -> Monitor:
    """Return the watch over training, which scores the data held out where there are any."""
    waits = clf.early_stopping or not get_optimizer(clf.optimizer).stops_itself
    monitor = Monitor(
        publish=lambda w: None,
        estimator=clf,
        # Nobody else looks before the end.
        callbacks=(publish, *clf.callbacks) if clf.callbacks else (),
        tol=clf.tol,
        n_iter_no_change=clf.n_iter_no_change if waits else None,
        max_time=clf.max_time,
        progress=progress,
        prior_loss=problem.prior_loss,
    )
    held_out = start.held_out
    if held_out is None:
        return monitor

    def score() -> float:
        problem.circuits["values"] += len(held_out.X)
        assert monitor.w is not None
        predicted = start.model.with_numbers(monitor.w).predict(held_out.X, start.backend)
        return clf._validation_score(held_out.y, predicted, held_out.weights)

    monitor.validate = score
    return monitor


def _stop_reason(monitor: Monitor, start: FitStart, max_iter: int, *, interrupted: bool) -> str:
    if interrupted:
        return "interrupted"
    used_up = "partial_fit" if start.is_partial else "max_iter"
    return monitor.stop_reason or (used_up if len(monitor.losses) >= max_iter else "optimizer")


def _warn_if_nothing_learned(history: TrainingHistory, clf: VariationalEstimator) -> None:
    """Warn where training came to its end, or to the end of its iterations, for nothing."""
    reason, n_iter = history.stop_reason, history.n_iter
    has_ended = reason == "optimizer" or (reason == "max_iter" and n_iter >= _MIN_ITER_TO_WARN)
    if has_ended and clf._learned_nothing(history):
        warnings.warn(
            f"hardly anything was learned in {n_iter} iterations: the loss is "
            f"{history.loss_curve[-1]:.3f}, and {clf._prior_words} alone gives "
            f"{history.prior_loss:.3f}. Try more layers (n_layers={clf.n_layers} now), another "
            f"encoding, scale_inputs, optimizer or learning_rate_init, or a larger max_iter",
            ConvergenceWarning,
            stacklevel=level_of_caller(),
        )
