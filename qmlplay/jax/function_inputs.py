"""The inputs of functions in JAX, checked while they are traced."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax.numpy as jnp

from qmlplay.errors import listed
from qmlplay.model import TrainedCircuit
from qmlplay.model.layer import LayerDesign

__all__ = ["checked_numbers", "checked_rows", "number_names"]

#: A JAX array, traced or not.
Array = Any


def number_names(model: TrainedCircuit) -> tuple[str, ...]:
    """Return the names of a trained model's trainable numbers; a fixed readout has none."""
    return ("weights",) if model.readout.is_fixed else ("weights", "scale", "bias")


def checked_rows(
    design: LayerDesign, weights: Any, x: Any
) -> tuple[Array, Array, Callable[[Array], Array]]:
    """Return weights, rows (n_samples, n_features), and what to do with their expectations.

    Both come in one precision, of 32 bits at least; the expectations go back to that of the inputs,
    and lose their first dimension where x is one row.

    Raises
    ------
    TypeError, ValueError
        If one of them holds no real floating-point numbers or does not fit the circuit.
    """
    weights, x = _real("weights", weights), _real("x", x)
    if weights.shape != (design.n_weights,):
        raise ValueError(
            f"weights must have shape ({design.n_weights},), got shape {weights.shape}"
            + (": take jax.vmap(f, (0, None)) for several at once" if weights.ndim > 1 else "")
        )
    n = design.n_features
    if x.ndim not in (1, 2) or x.shape[-1] != n:
        raise ValueError(
            f"x must be one row of shape ({n},) or a batch of shape (n_samples, {n}), got shape "
            f"{x.shape}" + (": take jax.vmap for more dimensions" if x.ndim > 2 else "")
        )
    came = jnp.promote_types(weights.dtype, x.dtype)
    precision = jnp.promote_types(came, jnp.float32)

    def finish(values: Array) -> Array:
        return (values if x.ndim == 2 else values[0]).astype(came)

    return weights.astype(precision), jnp.atleast_2d(x).astype(precision), finish


def checked_numbers(model: TrainedCircuit, numbers: Any) -> dict[str, Array]:
    """Return the numbers of a trained model as arrays, those of a fixed readout among them.

    Raises
    ------
    TypeError, ValueError
        If they are no mapping with these names to arrays of these shapes.
    """
    names = number_names(model)
    if not isinstance(numbers, Mapping) or set(numbers) != set(names):
        came = f"the names {listed(numbers)}" if isinstance(numbers, Mapping) else repr(numbers)
        raise TypeError(
            f"numbers must be a dict of {listed(names)}, as trained_numbers(model), got {came}"
        )
    checked = {name: _real(name, numbers[name]) for name in names}
    for name, own in (("scale", model.readout.scale), ("bias", model.readout.bias)):
        array = checked.setdefault(name, jnp.asarray(own, checked["weights"].dtype))
        if array.shape != own.shape:
            raise ValueError(f"{name} must have shape {own.shape}, got shape {array.shape}")
    return checked


def _real(name: str, values: Any) -> Array:
    try:
        array = jnp.asarray(values)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} must be an array of real numbers: {error}") from error
    if not jnp.issubdtype(array.dtype, jnp.floating):
        raise TypeError(
            f"{name} must be real floating-point numbers, got {array.dtype}: take "
            f"jnp.asarray({name}, dtype=float)"
        )
    return array
