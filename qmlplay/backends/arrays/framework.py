"""The framework of a plan: the few calls that are not the same for all of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qmlplay.backends.arrays.plan import StepPlan
from qmlplay.typing import Complex, Real

__all__ = ["ArrayFramework", "StatePullback"]

#: From λ (2**n_qubits, n_columns) to 2 Re⟨λ|dψ⟩ by the shared angles and by the others.
StatePullback = Callable[[Complex], tuple[Real, Real]]


@dataclass(frozen=True)
class ArrayFramework(ABC):
    """A framework's arrays on one device, in one precision. NumPy's go in and come out.

    Parameters
    ----------
    device : str
        In the framework's own words.
    precision : {"double", "single"}
    """

    device: str
    precision: str

    @abstractmethod
    def states(
        self, plan: StepPlan, shared: Real, per_sample: Real, states: Complex | None = None
    ) -> Complex:
        """Return the final states (2**n_qubits, n_columns).

        Parameters
        ----------
        plan : StepPlan
        shared : ndarray of shape (n_shared,)
        per_sample : ndarray of shape (n_per_sample, n_samples)
        states : ndarray of shape (2**n_qubits, n_samples), optional
            What the states are before; |0…0⟩ by default.
        """

    @abstractmethod
    def states_and_pullback(
        self, plan: StepPlan, shared: Real, per_sample: Real, wanted: tuple[bool, bool]
    ) -> tuple[Complex, StatePullback]:
        """Return the final states, and the way back by the framework's own differentiation.

        `wanted` says whether derivatives by the shared angles and by the others are needed; those
        that are not are 0.
        """

    @abstractmethod
    def densities(
        self,
        start: NDArray[np.inexact],
        matrices: Sequence[Complex],
        axes: tuple[tuple[int, ...], ...],
    ) -> Complex:
        """Return a tensor after matrices on some of its axes, as `measurement.apply_matrix` does.

        Always in double precision.
        """

    @abstractmethod
    def check_device(self, asked: str) -> None:
        """Raise DeviceNotFoundError, which says what there is, unless there is such a device."""
