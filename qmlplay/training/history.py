"""The history of a training: losses, steps, cost, and why it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qmlplay.checks import is_flag, is_integer, is_number
from qmlplay.training.cost import TrainingCost
from qmlplay.training.losses import beats_prior
from qmlplay.training.optimizer_state import OptimizerState, state_from_arrays, state_to_arrays

__all__ = ["TrainingHistory"]


@dataclass(frozen=True, eq=False)
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
    state : OptimizerState
        What the optimiser remembers from one call to the next.
    range_source : {"data", "published", "parameter", "none"} or None
        Where the scaling of the features comes from; None where nobody knows.
    left_range : bool
        Whether data came that lay far outside that range.
    prior_loss : float or None
        Loss, in the last call, of the best answer that does not look at the features.

    Examples
    --------
    >>> history = TrainingHistory(loss_curve=(0.7, 0.4), n_iter=2, n_steps=2)
    >>> TrainingHistory.from_parts(*history.to_parts(27), n_numbers=27).loss_curve
    (0.7, 0.4)
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
    state: OptimizerState = field(default_factory=OptimizerState)
    range_source: str | None = None
    left_range: bool = False
    prior_loss: float | None = None

    def to_parts(self, n_numbers: int) -> tuple[dict[str, Any], dict[str, NDArray[np.float64]]]:
        """Return what the file of a model of n_numbers keeps: values for JSON, and arrays."""
        steps, arrays = state_to_arrays(self.state, n_numbers)
        content = {
            "loss_curve": list(map(float, self.loss_curve)),
            "n_iter": self.n_iter,
            "n_steps": self.n_steps,
            "n_circuit_evaluations": self.n_circuit_evaluations,
            "batch_size": self.batch_size,
            "stop_reason": self.stop_reason,
            "prior_loss": self.prior_loss,
            "training_cost": None if self.cost is None else _plain(asdict(self.cost)),
            "optimizer_steps": steps,
            "validation_scores": list(map(float, self.validation_scores)),
            "interrupted": self.interrupted,
            "range_source": self.range_source,
            "left_range": self.left_range,
        }
        return _plain(content), arrays

    def holds_all(self, arrays: Mapping[str, NDArray[Any]]) -> bool:
        """Return whether arrays of `to_parts` are all that the optimiser remembers."""
        return len(arrays) == len(self.state.arrays)

    @property
    def beats_prior(self) -> bool | None:
        """Whether the last loss is clearly, by 5 %, below `prior_loss`; None where unknown."""
        if self.prior_loss is None or not self.loss_curve:
            return None
        return beats_prior(self.loss_curve[-1], self.prior_loss)

    @classmethod
    def from_parts(
        cls, content: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], n_numbers: int
    ) -> TrainingHistory:
        """Return the history that `to_parts` wrote, of a model of so many trainable numbers.

        Files of earlier versions know less.

        Raises
        ------
        KeyError, TypeError, ValueError
            If the parts do not fit together.
        """
        _check(content)
        cost = content.get("training_cost")
        return cls(
            loss_curve=tuple(content["loss_curve"]),
            n_iter=content["n_iter"],
            n_steps=content["n_steps"],
            n_circuit_evaluations=content["n_circuit_evaluations"],
            batch_size=content.get("batch_size"),
            stop_reason=content.get("stop_reason"),
            prior_loss=content.get("prior_loss"),
            cost=None if cost is None else TrainingCost(**cost),
            state=state_from_arrays(content.get("optimizer_steps"), arrays, n_numbers),
            validation_scores=tuple(content.get("validation_scores", ())),
            interrupted=content.get("interrupted", False),
            range_source=content.get("range_source"),
            left_range=content.get("left_range", False),
        )


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return Python's own numbers, as JSON takes no others."""
    return {k: v.item() if isinstance(v, np.generic) else v for k, v in values.items()}


def _check(content: Mapping[str, Any]) -> None:
    """Raise ValueError where a file holds something else than a history does."""
    cost = content.get("training_cost") or {}
    counts = [content[name] for name in ("n_iter", "n_steps", "n_circuit_evaluations")]
    counts += [cost.get("circuits_per_sample", 0)]
    optional = [content.get("batch_size"), cost.get("shots"), cost.get("max_circuits")]
    optional += [cost.get("circuits_per_iteration")]
    texts = [content.get("stop_reason"), content.get("range_source")]
    texts += [cost.get("optimizer"), cost.get("gradient_method")]
    curves = [content["loss_curve"], content.get("validation_scores", [])]
    flags = [content.get("interrupted", False), content.get("left_range", False)]
    prior = content.get("prior_loss")
    if (
        not all(is_integer(count, 0) for count in counts)
        or not all(count is None or is_integer(count, 0) for count in optional)
        or not all(text is None or isinstance(text, str) for text in texts)
        or not all(isinstance(curve, list) and all(map(is_number, curve)) for curve in curves)
        or not all(map(is_flag, flags))
        or not (prior is None or is_number(prior))
    ):
        raise ValueError("its history of the training is damaged")
