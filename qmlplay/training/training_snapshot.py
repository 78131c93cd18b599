"""The snapshot of a training: all that it needs to go on to the last bit as if never stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isnan
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from qmlplay.checks import is_integer
from qmlplay.training.optimizer_state import OptimizerState
from qmlplay.training.replay import Answers
from qmlplay.typing import Real

__all__ = ["TrainingSnapshot"]

#: Arrays of a snapshot, and of the optimiser's state in it, have names that begin so in a file.
_PREFIX, _STATE = "snapshot_", "snapshot_state_"
_ANSWERS = ("points", "losses", "gradients")


@dataclass(frozen=True, eq=False)
class TrainingSnapshot:
    """Where training stands at the end of an iteration.

    Parameters
    ----------
    numbers : ndarray of shape (n_numbers,)
        The trainable numbers.
    state : OptimizerState
    losses, scores : ndarray of shape (n_iterations,)
        Of this call of `fit`; no scores where no data are held out.
    step : int
        Updates of the numbers.
    best : float
        Of minus the loss, or of the score.
    best_numbers : ndarray of shape (n_numbers,)
        The numbers that had it.
    waited : int
        Iterations since the last one that was better.
    seconds : float
        Time used so far.
    circuits : dict of str to int
        What was evaluated.
    generator, shots : dict
        How far the random numbers of batches and directions, and those of the shots, have come.
    answers : Answers
        All that the optimiser was told, where it keeps its memory to itself.

    Examples
    --------
    >>> zeros = np.zeros(2)
    >>> snapshot = TrainingSnapshot(
    ...     zeros, OptimizerState().after(last=zeros), np.array([0.7]), np.array([]), 1, -0.7,
    ...     zeros, 0, 0.1, {}, {}, {})
    >>> TrainingSnapshot.from_parts(*snapshot.to_parts()).losses
    array([0.7])
    """

    numbers: Real
    state: OptimizerState
    losses: Real
    scores: Real
    step: int
    best: float
    best_numbers: Real
    waited: int
    seconds: float
    circuits: Mapping[str, int]
    generator: Mapping[str, Any]
    shots: Mapping[str, Any]
    answers: Answers = field(default_factory=Answers)

    def to_parts(self) -> tuple[dict[str, Any], dict[str, NDArray[np.float64]]]:
        """Return what a file keeps: values for JSON, and arrays."""
        content = {
            "step": self.step,
            "waited": self.waited,
            "seconds": self.seconds,
            "circuits": dict(self.circuits),
            "generator": dict(self.generator),
            "shots": dict(self.shots),
            "optimizer_steps": [self.state.step, self.state.start],
        }
        arrays = {
            "numbers": self.numbers,
            "losses": self.losses,
            "scores": self.scores,
            "best": np.array(self.best),
            "best_numbers": self.best_numbers,
            "answer_points": self.answers.points,
            "answer_losses": self.answers.losses,
            "answer_gradients": self.answers.gradients,
        }
        arrays = {_PREFIX + name: np.asarray(array) for name, array in arrays.items()}
        return content, arrays | {_STATE + name: a for name, a in self.state.arrays.items()}

    @classmethod
    def from_parts(cls, content: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Return the snapshot that `to_parts` wrote.

        Raises
        ------
        KeyError, TypeError, ValueError
            If the parts are something else.
        """
        counts = [content["step"], content["waited"], *content["circuits"].values()]
        if not all(is_integer(count, 0) for count in counts):
            raise ValueError("its counts are no whole numbers")
        remembered = {
            name.removeprefix(_STATE): array
            for name, array in arrays.items()
            if name.startswith(_STATE)
        }
        names = ("numbers", "losses", "scores", "best", "best_numbers")
        numbers, losses, scores, best, best_numbers = (
            np.asarray(arrays[_PREFIX + name], dtype=float) for name in names
        )
        has_shapes = losses.ndim == 1 and scores.shape in ((0,), losses.shape)
        if not (has_shapes and numbers.shape == best_numbers.shape and not isnan(float(best))):
            raise ValueError("its numbers, losses and scores do not fit together")
        answers = Answers(*(arrays[f"{_PREFIX}answer_{name}"] for name in _ANSWERS))
        if not answers.points.shape == answers.losses.shape == answers.gradients.shape[:1]:
            raise ValueError("its answers do not fit together")
        return cls(
            numbers,
            OptimizerState(*_two(content["optimizer_steps"]), remembered),
            losses,
            scores,
            content["step"],
            float(best),
            best_numbers,
            content["waited"],
            float(content["seconds"]),
            dict(content["circuits"]),
            dict(content["generator"]),
            dict(content["shots"]),
            answers,
        )


def _two(values: Any) -> tuple[int, int]:
    first, second = values
    return first, second
