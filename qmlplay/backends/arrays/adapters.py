"""The few calls that one framework alone needs."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["computed_once", "device_of", "is_jax"]


def is_jax(xp: Any) -> bool:
    """Return whether a namespace is that of JAX."""
    return str(xp.__name__).startswith("jax")


def device_of(array: Any) -> Any:
    """Return where an array is, in the words of its framework."""
    if isinstance(array, np.ndarray):
        return "cpu"  # without array_api_compat, which comes with the extras
    from array_api_compat import device

    return device(array)


def computed_once(xp: Any, array: Any) -> Any:
    """Return an array that a compiler must not compute anew for each of its many uses.

    XLA would otherwise melt sine and cosine of a few phases into the product with all amplitudes.
    """
    if not is_jax(xp):
        return array
    from jax import lax

    return lax.optimization_barrier(array)
