"""The parameters that all variational estimators have: their types and their checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import inf
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from qmlplay.ansatze import Ansatz, get_ansatz
from qmlplay.backends import Backend
from qmlplay.backends.noise import NoiseModel
from qmlplay.checks import (
    check_automatic_flag,
    check_choice,
    check_count,
    check_flag,
    check_interval,
    check_optional_count,
    check_optional_positive,
    check_positive,
)
from qmlplay.circuit import Observable
from qmlplay.classifier.callback_calls import check_callbacks
from qmlplay.classifier.ranges import check_scale_inputs
from qmlplay.classifier.validation import (
    check_alpha,
    check_batch_size,
    check_initial_weights,
    check_noise_or_device,
)
from qmlplay.encodings import Encoding, get_encoding
from qmlplay.model.observable_choice import check_observable_list
from qmlplay.progress import check_verbose
from qmlplay.training import Optimizer, TrainingState
from qmlplay.training.gradients import GRADIENT_METHODS
from qmlplay.training.learning_rate import LearningRate, check_learning_rate
from qmlplay.training.optimizer import Run
from qmlplay.training.optimizers import get_optimizer
from qmlplay.training.own_losses import LossFunctions

__all__ = ["COMMON_CHECKS", "CommonParameters"]

#: The checks of the parameters that all variational estimators have.
COMMON_CHECKS: Mapping[str, Callable[[str, Any], object]] = MappingProxyType(
    {
        "encoding": lambda _, value: get_encoding(value),
        "ansatz": lambda _, value: get_ansatz(value),
        "n_qubits": check_optional_count,
        "n_layers": check_count,
        "reupload": check_automatic_flag,
        "trainable_scaling": check_automatic_flag,
        "scale_inputs": check_scale_inputs,
        "bandwidth": check_positive,
        "observables": check_observable_list,
        "readout": partial(check_choice, allowed=("linear", "fixed")),
        "initial_weights": check_initial_weights,
        "shots": check_optional_count,
        "noise": check_noise_or_device,
        "optimizer": lambda _, value: get_optimizer(value),
        "gradient_method": partial(check_choice, allowed=GRADIENT_METHODS),
        "learning_rate_init": lambda _, value: check_learning_rate(value),
        "momentum": partial(check_interval, low=0, high=1),
        "alpha": check_alpha,
        "max_iter": check_count,
        "batch_size": check_batch_size,
        "tol": partial(check_interval, low=0, high=inf),
        "n_iter_no_change": check_optional_count,
        "early_stopping": check_flag,
        "warm_start": check_flag,
        "max_time": check_optional_positive,
        "callbacks": check_callbacks,
        "verbose": lambda _, value: check_verbose(value),
    }
)


class CommonParameters:
    """The parameters, described at `qmlplay.VariationalClassifier`."""

    backend: str | Backend
    encoding: str | Encoding
    ansatz: str | Ansatz
    n_qubits: int | None
    n_layers: int
    reupload: bool | str
    trainable_scaling: bool | str
    scale_inputs: bool | str | tuple[ArrayLike, ArrayLike]
    bandwidth: float
    observables: str | Sequence[Observable]
    readout: str
    initial_weights: ArrayLike | None
    shots: int | None
    noise: str | NoiseModel | None
    optimizer: str | Optimizer | Run
    gradient_method: str
    learning_rate_init: LearningRate
    momentum: float
    alpha: float | str
    loss: str | LossFunctions
    max_iter: int
    batch_size: int | str
    tol: float
    n_iter_no_change: int | None
    early_stopping: bool
    validation_fraction: float
    warm_start: bool
    max_time: float | None
    callbacks: Sequence[Callable[[TrainingState], Any]] | None
    verbose: int | str
    random_state: int | np.random.RandomState | None

    def _store(self, parameters: dict[str, Any]) -> None:
        """Store what a constructor was given: its ``locals()``."""
        for name, value in parameters.items():
            if name != "self":
                setattr(self, name, value)
