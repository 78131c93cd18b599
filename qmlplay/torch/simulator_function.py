"""Expectations on a simulator as a function that PyTorch differentiates once.

The forward run is not repeated: the vector–Jacobian product keeps its states for backward.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from qmlplay.backends import Backend
from qmlplay.model.evaluation import ModelPullback
from qmlplay.model.layer import LayerDesign
from qmlplay.torch.tensors import to_array

__all__ = ["simulated_expectations"]

_NO_VMAP = (
    "torch.func.vmap does not reach into a simulator: call the layer on the whole batch, whose "
    "samples it simulates together, or simulate in PyTorch, QuantumLayer(…, backend=None)"
)


@torch.compiler.disable  # type: ignore[untyped-decorator]
def simulated_expectations(
    design: LayerDesign, backend: Backend, X: Tensor, weights: Tensor
) -> Tensor:
    """Return expectations (n_samples, n_outputs) of rows in radians, in the precision of X."""
    needed = {"X": X.requires_grad, "weights": weights.requires_grad}
    by = [name for name in needed if needed[name] and torch.is_grad_enabled()]
    values: Tensor = _Expectations.apply(design, backend, by, X, weights)[0]
    return values


class _Expectations(Function):  # type: ignore[misc]
    @staticmethod
    def forward(
        design: LayerDesign, backend: Backend, by: list[str], X: Tensor, weights: Tensor
    ) -> tuple[Tensor, ModelPullback]:
        values, pullback = design.vjp(to_array(X), to_array(weights), backend, by=by)
        return torch.tensor(values, dtype=X.dtype, device=X.device), pullback

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Any, ...]) -> None:
        ctx.pullback = output[1]
        ctx.save_for_backward(*inputs[3:])

    @staticmethod
    def vmap(*_: Any) -> None:
        raise RuntimeError(_NO_VMAP)

    @staticmethod
    def backward(ctx: Any, cotangents: Tensor, _: None) -> tuple[Any, ...]:
        derivatives = _Derivatives.apply(ctx.pullback, cotangents, *ctx.saved_tensors)
        needed = ctx.needs_input_grad[3:]
        return (
            None,
            None,
            None,
            *(d if n else None for d, n in zip(derivatives, needed, strict=True)),
        )


class _Derivatives(Function):  # type: ignore[misc]
    """A function of its own, so that a second differentiation is refused in our words."""

    @staticmethod
    def forward(
        pullback: ModelPullback, cotangents: Tensor, X: Tensor, weights: Tensor
    ) -> tuple[Tensor, Tensor]:
        by_weights, by_X = pullback(to_array(cotangents))
        return X.new_tensor(by_X), weights.new_tensor(by_weights)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Any, ...]) -> None:
        pass

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], *inputs: Any) -> tuple[Any, Any]:
        pullback, cotangents, X, weights = inputs
        if in_dims[2:] != (None, None):
            raise RuntimeError(_NO_VMAP)
        rows = [
            _Derivatives.forward(pullback, c, X, weights) for c in cotangents.unbind(in_dims[1])
        ]
        return tuple(map(torch.stack, zip(*rows, strict=True))), (0, 0)

    @staticmethod
    def backward(ctx: Any, *_: Tensor) -> None:
        raise RuntimeError(
            "a layer on a simulator can be differentiated only once: for second derivatives "
            "simulate in PyTorch, QuantumLayer(…, backend=None)"
        )
