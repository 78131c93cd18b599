"""Expectations of TensorFlow's tensors through the vector–Jacobian product of a simulator.

In TensorFlow's graphs a function of NumPy computes values, and another one derivatives. The states
of the last run are remembered until its cotangents come, so that it is not repeated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

import numpy as np
import tensorflow as tf

from qmlplay.backends import Backend
from qmlplay.model.evaluation import ModelPullback
from qmlplay.model.layer import LayerDesign
from qmlplay.typing import Real

__all__ = ["tensorflow_evaluation"]

Tensor = Any


def tensorflow_evaluation(
    design: LayerDesign, backend: Backend
) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the function from rows (n_samples, n_features) and weights to expectations."""
    simulator = _ArrayFunctions(design, backend)

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def derivatives(X: Tensor, weights: Tensor, cotangents: Tensor) -> Any:
        arrays = (X, weights, cotangents)
        found = tf.numpy_function(simulator.derivatives, arrays, (X.dtype, weights.dtype))
        for value, like in zip(found, arrays, strict=False):
            value.set_shape(like.shape)
        return tuple(found), _refuse

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def values(X: Tensor, weights: Tensor) -> Any:
        found = tf.numpy_function(simulator.values, (X, weights), X.dtype)
        found.set_shape((X.shape[0], design.n_outputs))
        return found, lambda cotangents: derivatives(X, weights, cotangents)

    evaluate: Callable[[Tensor, Tensor], Tensor] = values
    return evaluate


def _refuse(*_: Tensor) -> Any:
    raise NotImplementedError(
        "on TensorFlow a QuantumLayer has first derivatives alone: for second ones let Keras "
        "compute with JAX or PyTorch, and backend=None"
    )


@final
class _ArrayFunctions:
    """A circuit on a simulator, as functions of arrays."""

    def __init__(self, design: LayerDesign, backend: Backend) -> None:
        self._design, self._backend = design, backend
        self._latest: tuple[Real, Real, ModelPullback] | None = None

    def values(self, X: Any, weights: Any) -> Real:
        """Return expectations (n_samples, n_outputs)."""
        values, pullback = self._run(X, weights)
        self._latest = (X, weights, pullback)
        return values.astype(X.dtype)

    def derivatives(self, X: Any, weights: Any, cotangents: Any) -> tuple[Real, Real]:
        """Return derivatives by X and by the weights."""
        latest, self._latest = self._latest, None
        is_latest = latest is not None and all(map(np.array_equal, latest[:2], (X, weights)))
        pullback = latest[2] if latest and is_latest else self._run(X, weights)[1]
        by_weights, by_X = pullback(cotangents)
        return by_X.astype(X.dtype), by_weights.astype(weights.dtype)

    def _run(self, X: Any, weights: Any) -> tuple[Real, ModelPullback]:
        return self._design.vjp(X.astype(float), weights.astype(float), self._backend)
