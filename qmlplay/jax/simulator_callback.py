"""Expectations on any simulator as a function that JAX differentiates once, in reverse mode.

Angles are computed in JAX. From them JAX calls back to Python for expectations, and for the
vector–Jacobian product of the simulator, whatever is vectorised in one batch. The states of the
last differentiated run are remembered until its cotangents come, so that it is not repeated.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any, final

import jax
import jax.numpy as jnp
import numpy as np
from jax.custom_derivatives import SymbolicZero

from qmlplay.backends import Backend
from qmlplay.jax.angle_batch import AngleBatch, Slots
from qmlplay.model.layer import LayerDesign
from qmlplay.typing import Real

__all__ = ["simulated_expectations"]

#: A JAX array, traced or not.
Array = Any

_ONCE = (
    "a circuit on another simulator has first derivatives in reverse mode alone (jax.grad, "
    "jax.vjp, jax.jacrev): for second derivatives and forward mode simulate in JAX, backend=None"
)


def simulated_expectations(
    design: LayerDesign, backend: Backend
) -> Callable[[Array, Array], Array]:
    """Return the function from rows (n_samples, n_features) in radians and weights (n_weights,).

    Parameters
    ----------
    design : LayerDesign
        The circuit and its observables.
    backend : Backend
        The simulator.

    Returns
    -------
    callable
        ``f(X, weights)`` → expectations (n_samples, n_observables) in the precision of X.
    """
    slots = Slots.of(design.circuit)
    values = _differentiable(_Simulator(design, backend, slots))

    def expectations(X: Array, weights: Array) -> Array:
        angles = design.circuit.angles(X, weights)
        shared = [jnp.asarray(angles[slot], X.dtype) for slot in slots.shared]
        per_sample = [angles[slot] for slot in slots.per_sample]
        try:
            return values(
                jnp.stack(shared) if shared else jnp.zeros(0, X.dtype),
                jnp.stack(per_sample, axis=1) if per_sample else jnp.zeros((len(X), 0), X.dtype),
            )
        except TypeError as error:
            if "custom_vjp" not in str(error):
                raise
            raise NotImplementedError(_ONCE) from error

    return expectations


def _differentiable(simulator: _Simulator) -> Callable[[Array, Array], Array]:
    """Return the function from shared (n_shared,) and other angles (n_samples, n_per_sample)."""

    @_once
    def call(by: dict[Any, Any], shared: Array, per_sample: Array) -> Array:
        result = jax.ShapeDtypeStruct((len(per_sample), simulator.n_observables), per_sample.dtype)
        return _callback(simulator.run(by).values, result, shared, per_sample)

    @_once
    def derivatives(by: dict[Any, Any], *arrays: Array) -> tuple[Array, Array]:
        results = tuple(jax.ShapeDtypeStruct(a.shape, a.dtype) for a in arrays[:2])
        found: tuple[Array, Array] = _callback(simulator.run(by).derivatives, results, *arrays)
        return found

    @jax.custom_vjp  # type: ignore[untyped-decorator]
    def values(shared: Array, per_sample: Array) -> Array:
        return call({(False, False): ()}, shared, per_sample)

    def forward(shared: Any, per_sample: Any) -> tuple[Array, Any]:
        by = {(shared.perturbed, per_sample.perturbed): ()}  # a key is not traced
        kept = (by, shared.value, per_sample.value)
        return call(*kept), kept

    def backward(kept: Any, cotangents: Any) -> tuple[Array, Array]:
        if isinstance(cotangents, SymbolicZero):
            return jnp.zeros_like(kept[1]), jnp.zeros_like(kept[2])
        found: tuple[Array, Array] = derivatives(*kept, cotangents)
        return found

    values.defvjp(forward, backward, symbolic_zeros=True)
    differentiable: Callable[[Array, Array], Array] = values
    return differentiable


def _once(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function with our words for those who differentiate it."""
    told: Any = jax.custom_jvp(function)

    @told.defjvp  # type: ignore[untyped-decorator]
    def refuse(*_: Any) -> Any:
        raise NotImplementedError(_ONCE)

    once: Callable[..., Any] = told
    return once


def _callback(run: Callable[..., Any], results: Any, *arrays: Array) -> Any:
    # Dimensions of size 1 in front tell what differs: all comes in one call, nothing is repeated.
    return jax.pure_callback(run, results, *arrays, vmap_method="expand_dims")


@final
class _Simulator:
    """A simulator with a circuit, and a run for every choice of derivatives."""

    def __init__(self, design: LayerDesign, backend: Backend, slots: Slots) -> None:
        self.design, self.backend, self.slots = design, backend, slots
        # Made once: JAX tells compiled callbacks apart by the function that they call.
        flags = (False, True)
        self.runs = {(by, or_by): _Run(self, (by, or_by)) for by, or_by in product(flags, flags)}

    @property
    def n_observables(self) -> int:
        return self.design.n_outputs

    def run(self, by: dict[Any, Any]) -> _Run:
        return self.runs[next(iter(by))]


@final
class _Run:
    """What JAX calls, with arrays that have more dimensions in front under ``vmap``."""

    def __init__(self, simulator: _Simulator, by: tuple[bool, bool]) -> None:
        self._simulator, self._by = simulator, by
        self._latest: tuple[AngleBatch, Callable[[Real], list[Any]]] | None = None

    def values(self, shared: Any, per_sample: Any) -> Real:
        """Return expectations (…, n_samples, n_observables)."""
        batch = AngleBatch(self._simulator.slots, shared, per_sample, split=self._by[0])
        values, pullback = self._run(batch)
        if any(self._by):
            self._latest = (batch, pullback)
        return values.reshape(*batch.shape, -1).astype(batch.dtype)

    def derivatives(self, shared: Any, per_sample: Any, cotangents: Any) -> tuple[Real, Real]:
        """Return derivatives by shared (…, n_shared) and other angles (…, n_samples, n)."""
        batch = AngleBatch(self._simulator.slots, shared, per_sample, split=self._by[0])
        latest, self._latest = self._latest, None
        is_latest = latest is not None and latest[0].equals(batch)
        pullback = latest[1] if latest and is_latest else self._run(batch)[1]
        return batch.pulled_back(pullback, np.asarray(cotangents, dtype=float))

    def _run(self, batch: AngleBatch) -> tuple[Real, Callable[[Real], list[Any]]]:
        design, slots = self._simulator.design, self._simulator.slots
        wanted = slots.wanted(*self._by)
        return batch.run(
            lambda angles: self._simulator.backend.vjp(
                design.circuit.circuit, angles, design.observables, slots=wanted
            ),
            design.n_outputs,
        )
