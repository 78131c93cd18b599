"""Trainings that go on: what a checkpoint is asked before a fit, and what is taken from it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qmlplay.classifier.checkpoint import Checkpoint
from qmlplay.classifier.checkpoint_files import Fingerprint
from qmlplay.classifier.start import FitStart
from qmlplay.training import Monitor, OptimizerSettings, TrainingProblem
from qmlplay.training.optimizers import get_optimizer, optimizer_name
from qmlplay.training.training_snapshot import TrainingSnapshot

if TYPE_CHECKING:
    from qmlplay.classifier.variational import VariationalEstimator

__all__ = ["checkpoint_of", "go_on", "snapshot_of"]


def checkpoint_of(clf: VariationalEstimator, start: FitStart) -> Checkpoint | None:
    """Return the checkpoint among an estimator's callbacks, which has looked for its file.

    Raises
    ------
    ValueError
        If this training could not be continued to the last bit.
    """
    checkpoints = [c for c in clf.callbacks or () if isinstance(c, Checkpoint)]
    if not checkpoints:
        return None
    _check(clf, start, len(checkpoints))
    checkpoints[0].prepare(clf, Fingerprint.of(clf, start))
    return checkpoints[0]


def _check(clf: VariationalEstimator, start: FitStart, n_checkpoints: int) -> None:
    """Raise ValueError where it is clear that a checkpoint could not keep its promise."""
    if n_checkpoints > 1:
        raise ValueError(f"callbacks hold {n_checkpoints} Checkpoint objects: one is enough")
    if start.is_partial:
        raise ValueError(
            "Checkpoint is for fit: after partial_fit, save(path) keeps all that it goes on from"
        )
    if clf.random_state is None:
        raise ValueError(
            "Checkpoint needs a random_state, such as random_state=0: without one nobody could "
            "draw the same weights and batches again after a kill"
        )
    if not get_optimizer(clf.optimizer).resumable:
        raise ValueError(
            f"Checkpoint cannot continue optimizer={optimizer_name(clf.optimizer)!r} to the last "
            f"bit, as it keeps its memory to itself: take 'adam', 'sgd' or 'spsa', or save the "
            f"model in a callback of your own, lambda state: state.estimator.save(path)"
        )


def go_on(
    snapshot: TrainingSnapshot,
    start: FitStart,
    settings: OptimizerSettings,
    problem: TrainingProblem,
) -> OptimizerSettings:
    """Put random numbers and counts where they were; return the settings with the memory.

    Raises
    ------
    ValueError
        If a checkpoint holds something else than these.
    """
    if snapshot.numbers.shape != start.model.numbers.shape:
        raise ValueError("the checkpoint's numbers do not fit the circuit: delete its file")
    start.generator.bit_generator.state = dict(snapshot.generator)
    if start.backend.shots:
        start.backend.generator_state = dict(snapshot.shots)
    problem.circuits.update(snapshot.circuits)
    return replace(settings, state=snapshot.state)


def snapshot_of(monitor: Monitor, start: FitStart, problem: TrainingProblem) -> TrainingSnapshot:
    """Return where training stands."""
    return monitor.snapshot(
        problem.circuits,
        start.generator.bit_generator.state,
        start.backend.generator_state if start.backend.shots else {},
    )
