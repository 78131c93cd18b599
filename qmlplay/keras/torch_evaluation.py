"""Expectations of PyTorch's tensors, as `qmlplay.torch` computes them."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from qmlplay.backends import Backend
from qmlplay.backends.arrays.array_evaluation import expectations
from qmlplay.model.layer import LayerDesign
from qmlplay.torch.simulator_function import simulated_expectations

__all__ = ["torch_evaluation"]


def torch_evaluation(
    design: LayerDesign, backend: Backend | None
) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the function from rows (n_samples, n_features) and weights to expectations."""

    def native(X: Tensor, weights: Tensor) -> Tensor:
        with torch.autocast(X.device.type, enabled=False):
            return expectations(design.circuit, design.observables, X, weights)

    if backend is None:
        return native
    return lambda X, weights: simulated_expectations(design, backend, X, weights)
