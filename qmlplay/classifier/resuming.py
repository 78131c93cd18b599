"""Trainings that go on: what a checkpoint is asked before a fit, and what is taken from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qmlplay.classifier.checkpoint import Checkpoint
from qmlplay.classifier.checkpoint_files import Fingerprint
from qmlplay.classifier.start import FitStart
from qmlplay.training import Monitor, OptimizerSettings, TrainingProblem
from qmlplay.training.optimizers import get_optimizer
from qmlplay.training.replay import Answers, Replay
from qmlplay.training.training_snapshot import TrainingSnapshot
from qmlplay.typing import Real

if TYPE_CHECKING:
    from qmlplay.classifier.variational import VariationalEstimator

__all__ = ["Beginning", "beginning", "checkpoint_of", "snapshot_of"]


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


@dataclass(frozen=True, eq=False)
class Beginning:
    """Where the optimiser begins, and what it asks.

    Parameters
    ----------
    numbers : ndarray of shape (n_numbers,)
        The weights that it begins with.
    settings : OptimizerSettings
    problem : TrainingProblem or Replay
    taken_up : TrainingSnapshot or None
        Where training stood.
    """

    numbers: Real
    settings: OptimizerSettings
    problem: TrainingProblem | Replay
    taken_up: TrainingSnapshot | None = None

    @property
    def answers(self) -> Answers:
        """What an optimiser was told that is told again after a kill."""
        return self.problem.answers if isinstance(self.problem, Replay) else Answers()


def beginning(
    clf: VariationalEstimator,
    start: FitStart,
    settings: OptimizerSettings,
    problem: TrainingProblem,
    checkpoint: Checkpoint | None,
) -> Beginning:
    """Return where the optimiser begins: at the start, or where a checkpoint stands.

    One that goes on from a state does so; another one is told all that it was told before.

    Raises
    ------
    ValueError
        If a checkpoint does not fit.
    """
    numbers = start.model.numbers
    if checkpoint is None:
        return Beginning(numbers, settings, problem)
    snapshot, is_resumable = checkpoint.taken_up, get_optimizer(clf.optimizer).resumable
    if snapshot is None:
        return Beginning(numbers, settings, problem if is_resumable else Replay(problem))
    if snapshot.numbers.shape != numbers.shape:
        raise ValueError("the checkpoint's numbers do not fit the circuit: delete its file")
    problem.circuits.update(snapshot.circuits)
    if is_resumable:
        _restore(snapshot, start)
        settings = replace(settings, state=snapshot.state)
        return Beginning(snapshot.numbers, settings, problem, snapshot)
    replay = Replay(problem, snapshot.answers, snapshot.step, lambda: _restore(snapshot, start))
    return Beginning(numbers, settings, replay, snapshot)


def _restore(snapshot: TrainingSnapshot, start: FitStart) -> None:
    """Put random numbers to where they were."""
    start.generator.bit_generator.state = dict(snapshot.generator)
    if start.backend.shots:
        start.backend.generator_state = dict(snapshot.shots)


def snapshot_of(
    monitor: Monitor, start: FitStart, problem: TrainingProblem, answers: Answers
) -> TrainingSnapshot:
    """Return where training stands."""
    return monitor.snapshot(
        problem.circuits,
        start.generator.bit_generator.state,
        start.backend.generator_state if start.backend.shots else {},
        answers,
    )
