"""The evaluation of a circuit on tensors of the framework that Keras computes with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from qmlplay.backends import Backend, get_backend
from qmlplay.errors import listed
from qmlplay.model.layer import LayerDesign

__all__ = ["called_back", "evaluation"]

#: A tensor of Keras's backend.
Tensor = Any

_FRAMEWORKS = ("jax", "tensorflow", "torch")


def called_back(backend: str | Backend | None) -> Backend | None:
    """Return the simulator that Keras's framework calls back, None where it simulates itself.

    Raises
    ------
    TypeError, ValueError
        If there is no such backend, or Keras computes with a framework that is not supported.
    """
    framework = keras.backend.backend()
    if framework not in _FRAMEWORKS:
        raise ValueError(
            f"QuantumLayer needs Keras on one of {listed(_FRAMEWORKS)}, not on {framework!r}: set "
            f"the environment variable KERAS_BACKEND before keras is imported"
        )
    if backend is None and framework == "tensorflow":
        return get_backend("numpy")
    return None if backend is None or backend == framework else get_backend(backend)


def evaluation(design: LayerDesign, backend: Backend | None) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the function from rows (n_samples, n_features) and weights to expectations."""
    framework = keras.backend.backend()
    if framework == "jax":
        from qmlplay.jax import circuit_function

        function = circuit_function(design, backend=backend)
        return lambda X, weights: function(weights, X)
    if framework == "torch":
        from qmlplay.keras.torch_evaluation import torch_evaluation

        return torch_evaluation(design, backend)
    from qmlplay.keras.tensorflow_evaluation import tensorflow_evaluation

    assert backend is not None
    return tensorflow_evaluation(design, backend)
