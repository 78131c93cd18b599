"""Tensors that come into a layer: checked early, and turned into arrays for simulators."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from qmlplay.typing import Real

__all__ = ["check_input", "check_real", "precision_of", "set_numbers", "to_array"]


def check_input(X: Tensor, n_features: int, weights: Tensor) -> None:
    """Check what a layer is called with.

    Raises
    ------
    TypeError, ValueError
        If X is no tensor of real floats whose last dimension is n_features, or is on another
        device than the weights.
    """
    if not isinstance(X, Tensor):
        raise TypeError(
            f"X must be a torch.Tensor, such as torch.tensor(X, dtype=torch.float32); got "
            f"{type(X).__name__}"
        )
    check_real("X", X)
    check_real("the layer's weights", weights)
    if X.ndim == 0 or X.shape[-1] != n_features:
        raise ValueError(
            f"the last dimension of X must be the {n_features} feature(s) of the layer, got "
            f"shape {tuple(X.shape)}"
        )
    if X.device != weights.device:
        raise ValueError(
            f"X is on device {str(X.device)!r} and the layer on {str(weights.device)!r}: move "
            f"one of them, such as layer.to(X.device)"
        )


def check_real(name: str, tensor: Tensor) -> None:
    """Raise TypeError unless a tensor holds real floats."""
    if not tensor.dtype.is_floating_point:
        raise TypeError(
            f"{name} must be real floating-point numbers, such as torch.float32, got {tensor.dtype}"
        )


def precision_of(dtype: torch.dtype) -> torch.dtype:
    """Return in which type the circuit is simulated: half precision has no complex numbers."""
    return torch.promote_types(dtype, torch.float32)


def set_numbers(parameter: nn.Parameter, numbers: Real) -> None:
    """Write an array into a parameter, whatever its device and precision are."""
    with torch.no_grad():
        parameter.copy_(torch.tensor(numbers, device="cpu"))


def to_array(tensor: Tensor) -> Real:
    """Return the numbers of a tensor of any device and precision as an array of floats."""
    array: Real = tensor.detach().cpu().double().numpy(force=True)
    return array
