"""Expectations on a simulator as an operator that PyTorch compiles around, and exports.

A compiled graph holds tensors and text alone: the circuit and the simulator go in as JSON, and
backward repeats the forward run.
"""

import json
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from qmlplay.backends import Backend
from qmlplay.backends.stored import backend_from_dict
from qmlplay.model.layer import LayerDesign
from qmlplay.torch.tensors import to_array

__all__ = ["compiled_expectations"]


@lru_cache(maxsize=64)
def _read(design: str, backend: str) -> tuple[LayerDesign, Backend]:
    return LayerDesign.from_json(design), backend_from_dict(json.loads(backend))


@torch.library.custom_op("qmlplay::expectations", mutates_args=())  # type: ignore[untyped-decorator]
def compiled_expectations(X: Tensor, weights: Tensor, design: str, backend: str) -> Tensor:
    """Return expectations (n_samples, n_outputs) of rows in radians, in the precision of X."""
    layer, simulator = _read(design, backend)
    values, _ = layer.vjp(to_array(X), to_array(weights), simulator, by=())
    return X.new_tensor(values)


@compiled_expectations.register_fake  # type: ignore[untyped-decorator]
def _(X: Tensor, weights: Tensor, design: str, backend: str) -> Tensor:
    return X.new_empty(X.shape[0], _read(design, backend)[0].n_outputs)


@torch.library.custom_op("qmlplay::derivatives", mutates_args=())  # type: ignore[untyped-decorator]
def _derivatives(
    cotangents: Tensor, X: Tensor, weights: Tensor, design: str, backend: str, by: str
) -> tuple[Tensor, Tensor]:
    layer, simulator = _read(design, backend)
    _, pullback = layer.vjp(to_array(X), to_array(weights), simulator, by=by.split())
    by_weights, by_X = pullback(to_array(cotangents))
    return X.new_tensor(by_X), weights.new_tensor(by_weights)


@_derivatives.register_fake  # type: ignore[untyped-decorator]
def _(
    cotangents: Tensor, X: Tensor, weights: Tensor, design: str, backend: str, by: str
) -> tuple[Tensor, Tensor]:
    return torch.empty_like(X), torch.empty_like(weights)


def _setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    X, weights, *ctx.texts = inputs
    ctx.save_for_backward(X, weights)


def _backward(ctx: Any, cotangents: Tensor) -> tuple[Any, ...]:
    needed = ctx.needs_input_grad[:2]
    by = " ".join(name for name, need in zip(("X", "weights"), needed, strict=True) if need)
    found = _derivatives(cotangents, *ctx.saved_tensors, *ctx.texts, by)
    return *(value if need else None for value, need in zip(found, needed, strict=True)), None, None


compiled_expectations.register_autograd(_backward, setup_context=_setup_context)
