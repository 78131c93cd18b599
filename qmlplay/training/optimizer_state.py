"""The state of an optimiser: what it remembers, and how a model file keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qmlplay.typing import Real

__all__ = ["OptimizerState", "state_from_arrays", "state_to_arrays"]


#: Arrays of a state have names that begin so in a model file.
_PREFIX = "optimizer_"
#: More steps than any training makes.
_MAX_STEPS = 2**53


@dataclass(frozen=True, eq=False)
class OptimizerState:
    """What an optimiser remembers from one step to the next; it is kept in model files.

    Parameters
    ----------
    step : int, default=0
        Updates of the weights so far, over all calls of `fit` and `partial_fit`.
    start : int, default=0
        The step at which the optimiser began to remember: a warm start begins anew.
    arrays : mapping of str to ndarray of shape (..., n_numbers)
        What it remembers, such as moving averages: for every trainable number, or one
        number of shape (). Never changed in place.

    Examples
    --------
    >>> state = OptimizerState().after(last=np.array([0.1, 0.2]))
    >>> state.step, state.arrays
    (1, {'last': array([0.1, 0.2])})
    >>> state.restarted()
    OptimizerState(step=1, start=1, arrays={})
    """

    step: int = 0
    start: int = 0
    arrays: Mapping[str, Real] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not type(self.step) is type(self.start) is int or not 0 <= self.start <= self.step:
            raise ValueError(
                f"an OptimizerState needs integers 0 ≤ start ≤ step, got start={self.start!r} and "
                f"step={self.step!r}"
            )

    def after(self, **arrays: Real) -> OptimizerState:
        """Return the state after one more step."""
        return OptimizerState(self.step + 1, self.start, arrays)

    def restarted(self) -> OptimizerState:
        """Return a state that remembers nothing but the number of steps."""
        return OptimizerState(self.step, self.step)

    def resumed(self, names: tuple[str, ...], shape: tuple[int, ...]) -> OptimizerState:
        """Return this state where it holds the arrays of these names, or else zeros."""
        arrays = self.arrays
        if set(arrays) == set(names) and all(array.shape == shape for array in arrays.values()):
            return self
        return replace(self.restarted(), arrays={name: np.zeros(shape) for name in names})


def state_to_arrays(
    state: OptimizerState, n_numbers: int
) -> tuple[dict[str, int], dict[str, Real]]:
    """Return what a model file keeps of a state: two numbers, and arrays.

    A state that `state_from_arrays` would refuse, with numbers that are not finite for instance,
    is left out but for the number of steps.

    Examples
    --------
    >>> state_to_arrays(OptimizerState().after(last=np.array([0.1, 0.2])), n_numbers=2)
    ({'step': 1, 'start': 0}, {'optimizer_last': array([0.1, 0.2])})
    """
    if not all(_can_be_kept(*item, n_numbers) for item in state.arrays.items()):
        state = state.restarted()
    arrays = {f"{_PREFIX}{name}": array for name, array in state.arrays.items()}
    return {"step": state.step, "start": state.start}, arrays


def state_from_arrays(
    steps: Mapping[str, Any] | None, arrays: Mapping[str, NDArray[Any]], n_numbers: int
) -> OptimizerState:
    """Return the state that a model file keeps; files of earlier versions keep none.

    Parameters
    ----------
    steps : mapping or None
        With "step" and "start", 0 ≤ start ≤ step.
    arrays : mapping of str to ndarray
        All arrays of the file.
    n_numbers : int
        Trainable numbers of the model: the length of the last axis of every array.

    Raises
    ------
    KeyError, TypeError, ValueError
        If the parts do not fit together, or arrays hold something else than finite numbers.

    Examples
    --------
    >>> kept = state_to_arrays(OptimizerState().after(last=np.array([0.1, 0.2])), n_numbers=2)
    >>> state_from_arrays(*kept, n_numbers=2)
    OptimizerState(step=1, start=0, arrays={'last': array([0.1, 0.2])})
    """
    if steps is None:
        return OptimizerState()
    remembered = {
        name.removeprefix(_PREFIX): array
        for name, array in arrays.items()
        if name.startswith(_PREFIX)
    }
    state = OptimizerState(steps["step"], steps["start"], remembered)
    if state.step > _MAX_STEPS:
        raise ValueError(f"its optimizer cannot have made {state.step} steps")
    for name, array in remembered.items():
        if not _can_be_kept(name, array, n_numbers):
            raise ValueError(
                f"its array {_PREFIX + name!r} should hold finite numbers of shape "
                f"(..., {n_numbers})"
            )
    return state


def _can_be_kept(name: Any, array: Any, n_numbers: int) -> bool:
    """Return whether a name is one and an array holds finite real numbers, so many per row."""
    if not (isinstance(name, str) and name.isidentifier() and isinstance(array, np.ndarray)):
        return False
    is_real = array.dtype.kind in "fiu" and bool(np.isfinite(array).all())
    return is_real and array.shape[-1:] in ((), (n_numbers,))
