"""The PyTorch backend: the array simulator on tensors, with gradients from autograd."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, ClassVar, final

import array_api_compat.torch as xp
import numpy as np
import torch
from numpy.typing import NDArray

from qmlplay.backends.arrays.array_backend import ArrayBackend
from qmlplay.backends.arrays.array_conversion import converted
from qmlplay.backends.arrays.framework import ArrayFramework, StatePullback
from qmlplay.backends.arrays.functions import final_states
from qmlplay.backends.arrays.plan import StepPlan
from qmlplay.backends.measurement import apply_matrix
from qmlplay.errors import DeviceNotFoundError
from qmlplay.typing import Complex, Real

__all__ = ["TorchBackend"]


@final
class TorchFramework(ArrayFramework):
    """PyTorch's tensors on one device, in one precision."""

    def _tensor(self, array: NDArray[Any]) -> torch.Tensor:
        single = {"c": np.complex64, "f": np.float32}
        kind = single[array.dtype.kind] if self.precision == "single" else array.dtype
        return torch.from_numpy(np.array(array, kind)).to(self.device)

    def states(
        self, plan: StepPlan, shared: Real, per_sample: Real, states: Complex | None = None
    ) -> Complex:
        """Return the final states."""
        start = None if states is None else self._tensor(states)
        with torch.no_grad():
            final = final_states(
                xp, _converted(self, plan), self._tensor(shared), self._tensor(per_sample), start
            )
        return _numbers(final)

    def states_and_pullback(
        self, plan: StepPlan, shared: Real, per_sample: Real, wanted: tuple[bool, bool]
    ) -> tuple[Complex, StatePullback]:
        """Return the final states, and the way back through autograd's graph."""
        inputs = [self._tensor(shared), self._tensor(per_sample)]
        for tensor, is_wanted in zip(inputs, wanted, strict=True):
            tensor.requires_grad_(is_wanted)
        with torch.enable_grad():
            final = final_states(xp, _converted(self, plan), *inputs)

        def pullback(weighted: Complex) -> tuple[Real, Real]:
            sources = [tensor for tensor in inputs if tensor.requires_grad]
            found = torch.autograd.grad(
                final, sources, self._tensor(2 * weighted), retain_graph=True
            )
            gradients = iter(map(_numbers, found))
            by_shared, by_sample = (
                next(gradients) if tensor.requires_grad else np.zeros(tensor.shape)
                for tensor in inputs
            )
            return by_shared, by_sample

        return _numbers(final), pullback

    def densities(
        self,
        start: NDArray[np.inexact],
        matrices: Sequence[Complex],
        axes: tuple[tuple[int, ...], ...],
    ) -> Complex:
        """Return a tensor after matrices on some of its axes."""
        tensor = torch.from_numpy(start).to(self.device)
        for matrix, places in zip(matrices, axes, strict=True):
            on_device = torch.from_numpy(np.array(matrix)).to(self.device)
            tensor = apply_matrix(on_device, tensor, places, xp)
        return _numbers(tensor)

    def check_device(self, asked: str) -> None:
        """Try the device."""
        dtype = torch.float32 if self.precision == "single" else torch.float64
        try:
            torch.zeros(1, dtype=dtype, device=self.device).cpu()
        except (RuntimeError, AssertionError, TypeError) as error:
            found = ["cpu"] + [f"cuda:{k}" for k in range(torch.cuda.device_count())]
            if torch.backends.mps.is_available():
                found.append("mps (with precision='single')")
            raise DeviceNotFoundError(
                f"device={asked!r} cannot be used here: PyTorch {torch.__version__} finds "
                f"{', '.join(found)} ({str(error).splitlines()[0]})"
            ) from error


def _numbers(tensor: torch.Tensor) -> NDArray[Any]:
    array: NDArray[Any] = tensor.detach().resolve_conj().cpu().numpy()
    return array


@lru_cache(maxsize=256)
def _converted(framework: TorchFramework, plan: StepPlan) -> Any:
    return converted(plan, xp, framework.precision, framework.device)


@final
class TorchBackend(ArrayBackend):
    """Exact simulation on PyTorch's tensors, on the CPU or a GPU.

    Parameters
    ----------
    shots, noise, seed, precision, n_threads
        As in `qmlplay.Backend`. How many threads an operation takes is PyTorch's setting,
        ``torch.set_num_threads``.
    device : str, default="cpu"
        Such as "cpu", "cuda" or "cuda:1"; "GPU" is "cuda".

    Examples
    --------
    >>> from qmlplay.circuit import Circuit, Gate
    >>> bell = Circuit(2, (Gate("h", (0,)), Gate("cx", (0, 1))))
    >>> TorchBackend(device="cpu").probabilities(bell, []).round(3)
    array([[0.5, 0. , 0. , 0.5]])
    """

    name: ClassVar[str] = "torch"
    gpu: ClassVar[str] = "cuda"
    chunk_amplitudes: ClassVar[int] = 2**17

    @property
    def framework(self) -> ArrayFramework:
        """PyTorch's tensors on the device and in the precision of this backend."""
        return TorchFramework(self.device, self.precision)
