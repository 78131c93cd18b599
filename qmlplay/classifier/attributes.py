"""The attributes of a fitted estimator: views of its trained model and its history."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Generic, TypeVar, final

from qmlplay.circuit import Observables, ParametricCircuit
from qmlplay.model import InputScaling, Readout, TrainedCircuit
from qmlplay.training import TrainingCost, TrainingHistory
from qmlplay.typing import Real

__all__ = ["FittedAttributes", "View"]


Value = TypeVar("Value")


@final
class View(Generic[Value]):
    """An attribute that shows a part of a frozen value; setting it makes another value.

    Parameters
    ----------
    source : {"model_", "_history"}
        The attribute that holds the value.
    part : str
        Which part of it.
    """

    def __init__(self, source: str, part: str) -> None:
        self._source, self._part = source, part

    def __get__(self, estimator: Any, owner: type | None = None) -> Value:
        if estimator is None:
            raise AttributeError(f"{self._part}_ belongs to a fitted estimator, not to its class")
        part: Value = getattr(getattr(estimator, self._source), self._part)
        return part

    def __set__(self, estimator: Any, part: Any) -> None:
        value = replace(getattr(estimator, self._source), **{self._part: part})
        setattr(estimator, self._source, value)


class FittedAttributes:
    """What `fit` leaves, described at `qmlplay.VariationalClassifier`, whatever is predicted.

    Before `fit` all of them raise AttributeError. Setting a part of the model, such as
    ``weights_``, gives the estimator another model that has it.
    """

    model_: TrainedCircuit
    _history: TrainingHistory

    weights_ = View[Real]("model_", "weights")
    readout_ = View[Readout]("model_", "readout")
    circuit_ = View[ParametricCircuit]("model_", "circuit")
    observables_ = View[Observables]("model_", "observables")
    scaling_ = View[InputScaling]("model_", "scaling")
    n_iter_ = View[int]("_history", "n_iter")
    n_steps_ = View[int]("_history", "n_steps")
    n_circuit_evaluations_ = View[int]("_history", "n_circuit_evaluations")
    batch_size_ = View[int | None]("_history", "batch_size")
    stop_reason_ = View[str | None]("_history", "stop_reason")
    interrupted_ = View[bool]("_history", "interrupted")
    training_cost_ = View[TrainingCost | None]("_history", "cost")

    @property
    def n_qubits_(self) -> int:
        """Number of qubits."""
        return self.model_.n_qubits

    @property
    def n_parameters_(self) -> int:
        """Number of all trainable numbers."""
        return self.model_.n_parameters

    @property
    def loss_curve_(self) -> list[float]:
        """Training loss of every iteration."""
        return list(self._history.loss_curve)

    @property
    def prior_loss_(self) -> float | None:
        """Loss of the best answer that does not look at the features."""
        return self._history.prior_loss

    @property
    def beats_prior_(self) -> bool | None:
        """Whether the last loss is clearly below `prior_loss_`."""
        return self._history.beats_prior

    @property
    def validation_scores_(self) -> list[float]:
        """Score on the validation part."""
        return list(self._history.validation_scores)

    @property
    def gradient_method_(self) -> str | None:
        """How gradients were found."""
        return None if self._history.cost is None else self._history.cost.gradient_method
