"""The JAX backend: the array simulator compiled by XLA, with gradients from jax.vjp.

A function is compiled once per circuit, per precision and per batch size rounded up to a power of
two; batches are padded to it. Double precision is switched on around each call alone, so that the
user's own ``jax_enable_x64`` stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any, ClassVar, final

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from qmlplay.backends.arrays.array_backend import ArrayBackend
from qmlplay.backends.arrays.array_conversion import converted
from qmlplay.backends.arrays.framework import ArrayFramework, StatePullback
from qmlplay.backends.arrays.functions import final_states
from qmlplay.backends.arrays.plan import StepPlan
from qmlplay.backends.measurement import apply_matrix
from qmlplay.errors import DeviceNotFoundError
from qmlplay.typing import Complex, Real

__all__ = ["JaxBackend"]

#: Circuits whose compiled functions are kept; each takes a few megabytes.
_REMEMBERED = 64


@final
class JaxFramework(ArrayFramework):
    """JAX's arrays on one device, in one precision."""

    def _array(self, array: NDArray[Any]) -> jax.Array:
        single = {"c": np.complex64, "f": np.float32}
        kind = single[array.dtype.kind] if self.precision == "single" else array.dtype
        return jax.device_put(np.asarray(array, kind), _device(self.device))

    def states(
        self, plan: StepPlan, shared: Real, per_sample: Real, states: Complex | None = None
    ) -> Complex:
        """Return the final states."""
        n_samples = per_sample.shape[1] if states is None else states.shape[1]
        with _double_precision():
            inputs = [self._array(shared), self._array(_padded(per_sample))]
            if states is not None:
                inputs.append(self._array(_padded(states)))
            final = _compiled_states(plan, self.precision)(*inputs)
            return _numbers(final, n_samples)

    def states_and_pullback(
        self, plan: StepPlan, shared: Real, per_sample: Real, wanted: tuple[bool, bool]
    ) -> tuple[Complex, StatePullback]:
        """Return the final states, and the way back from `jax.vjp`, compiled as well."""
        with _double_precision():
            inputs = [self._array(shared), self._array(_padded(per_sample))]
            forward, backward = _compiled_vjp(plan, self.precision, wanted)
            final, residuals = forward(*inputs)
        n_samples = per_sample.shape[1]

        def pullback(weighted: Complex) -> tuple[Real, Real]:
            with _double_precision():
                # JAX does not conjugate: its cotangents are those of ⟨λ|.
                found = backward(residuals, self._array(2 * _padded(weighted).conj()))
                gradients = iter(found)
                by_shared, by_sample = (
                    np.asarray(next(gradients)) if is_wanted else np.zeros(array.shape)
                    for array, is_wanted in zip(inputs, wanted, strict=True)
                )
            return by_shared, by_sample[:, :n_samples]

        return _numbers(final, n_samples), pullback

    def densities(
        self,
        start: NDArray[np.inexact],
        matrices: Sequence[Complex],
        axes: tuple[tuple[int, ...], ...],
    ) -> Complex:
        """Return a tensor after matrices on some of its axes."""
        with _double_precision():
            device = _device(self.device)
            on_device = [jax.device_put(matrix, device) for matrix in matrices]
            tensor = _compiled_densities(axes)(jax.device_put(start, device), on_device)
            return np.asarray(tensor)

    def check_device(self, asked: str) -> None:
        """Look for the device among those that JAX has."""
        try:
            _device(self.device)
        except (RuntimeError, ValueError, IndexError) as error:
            found = ", ".join(f"{device.platform}:{device.id}" for device in jax.devices())
            raise DeviceNotFoundError(
                f"device={asked!r} cannot be used here: JAX {jax.__version__} finds {found}"
            ) from error


def _double_precision() -> Any:
    """Return a context in which JAX knows float64 and complex128, in this thread alone."""
    try:
        from jax import enable_x64
    except ImportError:  # before it moved
        from jax.experimental import enable_x64
    return enable_x64(True)


@lru_cache(maxsize=16)
def _device(name: str) -> Any:
    platform, _, number = name.partition(":")
    if not platform or not (number or "0").isdigit():
        raise ValueError(f"{name!r} is no platform and number, such as 'cpu' or 'gpu:1'")
    return jax.devices(platform)[int(number or 0)]


def _padded(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array (n_rows, n_columns) with columns of 0 up to a power of two."""
    n_columns = array.shape[1]
    missing = (1 << (n_columns - 1).bit_length()) - n_columns
    return np.pad(array, ((0, 0), (0, missing))) if missing else array


def _numbers(final: Any, n_samples: int) -> NDArray[Any]:
    states = np.asarray(final)
    return states[:, : min(n_samples, states.shape[1])]


@lru_cache(maxsize=_REMEMBERED)
def _compiled_states(plan: StepPlan, precision: str) -> Any:
    return _compiled(partial(final_states, jnp, converted(plan, jnp, precision, None)))


@lru_cache(maxsize=_REMEMBERED)
def _compiled_vjp(plan: StepPlan, precision: str, wanted: tuple[bool, bool]) -> tuple[Any, Any]:
    run = partial(final_states, jnp, converted(plan, jnp, precision, None))

    def both(shared: Any, per_sample: Any) -> Any:
        if wanted == (True, True):
            return jax.vjp(run, shared, per_sample)
        if wanted[0]:
            return jax.vjp(lambda angles: run(angles, per_sample), shared)
        return jax.vjp(lambda angles: run(shared, angles), per_sample)

    return _compiled(both), _compiled(lambda back, cotangents: back(cotangents))


def _compiled(function: Callable[..., Any], **settings: Any) -> Any:
    # The passes left out take a third of the time to compile, and make nothing here faster.
    options = {"xla_backend_optimization_level": 1, "xla_llvm_disable_expensive_passes": True}
    return jax.jit(function, compiler_options=options, **settings)


@lru_cache(maxsize=_REMEMBERED)
def _compiled_densities(axes: tuple[tuple[int, ...], ...]) -> Any:
    def run(tensor: Any, matrices: list[Any]) -> Any:
        for matrix, places in zip(matrices, axes, strict=True):
            tensor = apply_matrix(matrix, tensor, places, jnp)
        return tensor

    return _compiled(run)


@final
class JaxBackend(ArrayBackend):
    """Exact simulation by JAX, compiled for the CPU, a GPU or a TPU.

    The first call with a circuit and a batch size compiles, which takes about a second or more.

    Parameters
    ----------
    shots, noise, seed, precision, n_threads
        As in `qmlplay.Backend`.
    device : str, default="cpu"
        A platform and the number of a device, such as "cpu", "gpu" or "gpu:1".

    Examples
    --------
    >>> from qmlplay.circuit import Circuit, Gate
    >>> bell = Circuit(2, (Gate("h", (0,)), Gate("cx", (0, 1))))
    >>> JaxBackend(device="cpu").probabilities(bell, []).round(3)
    array([[0.5, 0. , 0. , 0.5]])
    """

    name: ClassVar[str] = "jax"
    gpu: ClassVar[str] = "gpu"
    chunk_amplitudes: ClassVar[int] = 2**17

    @property
    def framework(self) -> ArrayFramework:
        """JAX's arrays on the device and in the precision of this backend."""
        return JaxFramework(self.device, self.precision)
