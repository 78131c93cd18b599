"""The history of a training: losses, steps, cost, and why it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from qmlplay.training.cost import TrainingCost

__all__ = ["TrainingHistory"]


@dataclass(frozen=True)
class TrainingHistory:
    """What is known of how a model came to its numbers.

    Parameters
    ----------
    loss_curve : tuple of float
        Training loss of every iteration.
    validation_scores : tuple of float
        Score on the validation part after every iteration, where there was one.
    n_iter, n_steps : int
        Iterations of the last call, and weight updates of all calls.
    n_circuit_evaluations : int
        Circuits that a user of a framework would have run, one per sample, measurement setting
        and parameter shift.
    batch_size : int or None
        Samples per step.
    stop_reason : str or None
        What ended training.
    interrupted : bool
        Whether that was Ctrl-C.
    cost : TrainingCost or None
        What the last call could cost at most.
    memory : dict of str to object
        What the optimiser remembers from one call to the next.

    Examples
    --------
    >>> history = TrainingHistory(loss_curve=(0.7, 0.4), n_iter=2, n_steps=2)
    >>> TrainingHistory.from_dict(history.to_dict()) == history
    True
    """

    loss_curve: tuple[float, ...] = ()
    validation_scores: tuple[float, ...] = ()
    n_iter: int = 0
    n_steps: int = 0
    n_circuit_evaluations: int = 0
    batch_size: int | None = None
    stop_reason: str | None = None
    interrupted: bool = False
    cost: TrainingCost | None = None
    memory: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return what a model file keeps, ready for JSON."""
        return {
            "loss_curve": list(map(float, self.loss_curve)),
            "n_iter": self.n_iter,
            "n_steps": self.n_steps,
            "n_circuit_evaluations": self.n_circuit_evaluations,
            "batch_size": self.batch_size,
            "stop_reason": self.stop_reason,
            "training_cost": None if self.cost is None else asdict(self.cost),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> TrainingHistory:
        """Return the history that `to_dict` wrote; files of earlier versions know less."""
        cost = data.get("training_cost")
        return cls(
            loss_curve=tuple(data["loss_curve"]),
            n_iter=data["n_iter"],
            n_steps=data["n_steps"],
            n_circuit_evaluations=data["n_circuit_evaluations"],
            batch_size=data.get("batch_size"),
            stop_reason=data.get("stop_reason"),
            cost=None if cost is None else TrainingCost(**cost),
        )
