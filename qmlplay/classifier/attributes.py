"""The attributes of a fitted classifier: views of its trained model and its history."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qmlplay.backends import Backend, get_backend
from qmlplay.backends.noise import NoiseModel
from qmlplay.circuit import ParametricCircuit
from qmlplay.model import InputScaling, Readout, TrainedModel
from qmlplay.training import TrainingCost, TrainingHistory
from qmlplay.typing import Real

__all__ = ["FittedAttributes"]


class FittedAttributes:
    """What `fit` leaves, described at `qmlplay.VariationalClassifier`.

    Before `fit` all of them raise AttributeError.
    """

    backend: str | Backend
    shots: int | None
    noise: str | NoiseModel | None
    random_state: int | np.random.RandomState | None

    model_: TrainedModel
    _history: TrainingHistory

    def make_backend(self, seed: int | None = None) -> Backend:
        """Return the simulator that the parameters ask for; a `Backend` object is itself one.

        Parameters
        ----------
        seed : int, optional
            Seed of the shots; a `Backend` object keeps its own.
        """
        if isinstance(self.backend, Backend):
            return self.backend
        return get_backend(self.backend, shots=self.shots, noise=self.noise, seed=seed)

    @property
    def backend_(self) -> Backend:
        """The simulator to predict with, a new one at every look; see the class."""
        self.model_  # noqa: B018 - there is none before fit
        seed = self.random_state
        return self.make_backend(int(seed) if isinstance(seed, Integral) else None)

    @property
    def classes_(self) -> NDArray[Any]:
        """The labels, sorted."""
        return self.model_.classes

    @property
    def weights_(self) -> Real:
        """Weights of the circuit."""
        return self.model_.weights

    @property
    def readout_(self) -> Readout:
        """Scale and bias of the decision values."""
        return self.model_.readout

    @property
    def circuit_(self) -> ParametricCircuit:
        """The circuit, framework-neutral."""
        return self.model_.circuit

    @property
    def observables_(self) -> tuple[str, ...]:
        """What is measured."""
        return self.model_.observables

    @property
    def scaling_(self) -> InputScaling:
        """From features to radians."""
        return self.model_.scaling

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
    def validation_scores_(self) -> list[float]:
        """Accuracy on the validation part."""
        return list(self._history.validation_scores)

    @property
    def n_iter_(self) -> int:
        """Iterations made."""
        return self._history.n_iter

    @property
    def n_steps_(self) -> int:
        """Weight updates made."""
        return self._history.n_steps

    @property
    def n_circuit_evaluations_(self) -> int:
        """Circuits run, had every sample, setting and shift been one."""
        return self._history.n_circuit_evaluations

    @property
    def batch_size_(self) -> int | None:
        """Samples per step."""
        return self._history.batch_size

    @property
    def stop_reason_(self) -> str | None:
        """What ended training."""
        return self._history.stop_reason

    @property
    def interrupted_(self) -> bool:
        """Whether Ctrl-C ended the last fit."""
        return self._history.interrupted

    @property
    def training_cost_(self) -> TrainingCost | None:
        """What the last call could cost at most."""
        return self._history.cost

    @property
    def gradient_method_(self) -> str | None:
        """How gradients were found."""
        return None if self._history.cost is None else self._history.cost.gradient_method
