"""The base of the backends of array frameworks: exact states and gradients by a plan, and noise."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, final

import numpy as np

from qmlplay.backends.arrays.framework import ArrayFramework
from qmlplay.backends.arrays.plan import make_plan
from qmlplay.backends.base import Backend
from qmlplay.backends.cotangents import zeros_like
from qmlplay.backends.noise import NoiseModel
from qmlplay.backends.numpy.densities import density_axes, first_density, superoperators
from qmlplay.backends.numpy.fusion import n_steps
from qmlplay.backends.simulation import Forward, Simulation
from qmlplay.backends.simulator import Simulator
from qmlplay.circuit import Angle, Circuit
from qmlplay.typing import Complex, Real

__all__ = ["ArrayBackend"]


def _is_per_sample(angles: Sequence[Angle]) -> tuple[bool, ...]:
    return tuple([isinstance(angle, np.ndarray) for angle in angles])


class _Angles:
    """The angles of a call, sorted into shared ones and others."""

    def __init__(self, angles: Sequence[Angle]) -> None:
        places = enumerate(angles)
        self.per_sample = tuple(k for k, angle in places if isinstance(angle, np.ndarray))
        self.shared = tuple(sorted(set(range(len(angles))) - set(self.per_sample)))
        self.shared_values = np.array([angles[k] for k in self.shared], dtype=float)
        rows = [angles[k] for k in self.per_sample]
        self.per_sample_values: Real = np.array(rows) if rows else np.zeros((0, 1))


@final
class ArraySimulation(Simulation):
    """A simulation by a framework's array functions, and its own automatic differentiation."""

    def __init__(
        self,
        backend: Simulator,
        circuit: Circuit,
        angles: Sequence[Angle],
        wanted: frozenset[int],
    ) -> None:
        assert isinstance(backend, ArrayBackend)
        self._framework = backend.framework
        self._angles, self._wanted = angles, wanted
        self._sorted = _Angles(angles)
        self._plan = make_plan(circuit, self._sorted.shared, self._sorted.per_sample)

    def forward(self, rows: slice, memory: Complex | None) -> Forward:
        """Return the final states, and the way back where gradients are wanted."""
        values = (self._sorted.shared_values, self._sorted.per_sample_values[:, rows])
        wanted = [
            not self._wanted.isdisjoint(slots)
            for slots in (self._sorted.shared, self._sorted.per_sample)
        ]
        if not any(wanted):
            return Forward(rows, self._framework.states(self._plan, *values).T)
        states, pullback = self._framework.states_and_pullback(
            self._plan, *values, (wanted[0], wanted[1])
        )
        n_bytes = 2 * len(self._plan.steps) * states.nbytes
        return Forward(rows, states.T, pullback=pullback, pullback_bytes=n_bytes)

    def totals(self) -> list[Any]:
        """Return gradients of 0."""
        return zeros_like(self._angles)

    def backward(
        self, forward: Forward, weighted: Complex, memory: Complex | None, totals: list[Any]
    ) -> None:
        """Let the framework find the way back."""
        assert forward.pullback is not None
        if len(forward.states) < len(weighted):  # no sample differs
            weighted = weighted.sum(axis=0, keepdims=True)
        by_shared, by_sample = forward.pullback(weighted.T)
        for slot, gradient in zip(self._sorted.shared, by_shared, strict=True):
            if slot in self._wanted:
                totals[slot] += float(gradient)
        for slot, gradients in zip(self._sorted.per_sample, by_sample, strict=True):
            if slot in self._wanted:
                totals[slot][forward.rows] += gradients

    def gradients(self, totals: list[Any]) -> list[Angle]:
        """Return the totals as they are."""
        return totals


class ArrayBackend(Backend):
    """A simulator that works with the arrays of a framework, on a device of its own.

    Parameters
    ----------
    shots, noise, seed, precision, n_threads
        As in `qmlplay.Backend`. Shots are drawn by NumPy.
    device : str, default="cpu"
        Where the states are: "CPU", "GPU", "GPU:1", or in the framework's own words.

    Raises
    ------
    ValueError
        If a setting is not allowed, or there is no such device.
    """

    capabilities: ClassVar[frozenset[str]] = frozenset({"states", "densities"})
    defaults: ClassVar[dict[str, Any]] = Backend.defaults | {"device": "cpu"}
    _simulation: ClassVar[type[Simulation]] = ArraySimulation
    #: The framework's word for a GPU.
    gpu: ClassVar[str]

    def __init__(self, *, device: str = "cpu", **settings: Any) -> None:
        super().__init__(**settings)
        if not isinstance(device, str):
            raise TypeError(f"device must be a name, such as 'cpu' or 'cuda'; got {device!r}")
        kind, colon, number = device.partition(":")
        words = {"cpu": "cpu", "gpu": self.gpu}
        self.device = words.get(kind.lower(), kind) + colon + number
        self.framework.check_device(device)

    @property
    @abstractmethod
    def framework(self) -> ArrayFramework:
        """The framework's arrays, on the device and in the precision of this backend."""

    def _run(
        self, circuit: Circuit, angles: Sequence[Angle], states: Complex, cuts: tuple[int, ...]
    ) -> Iterator[Complex]:
        current, done = np.ascontiguousarray(states.T, self.dtype), 0
        for cut in cuts:
            slots = sorted({slot for gate in circuit.gates[done:cut] for slot in gate.slots})
            part = _Angles([angles[slot] for slot in slots])
            plan = make_plan(
                circuit.part(done, cut), part.shared, part.per_sample, starts_anywhere=True
            )
            values = (part.shared_values, part.per_sample_values)
            current = self.framework.states(plan, *values, current)
            yield current.T
            done = cut

    def _n_states(self, circuit: Circuit, angles: Sequence[Angle]) -> int:
        # Automatic differentiation keeps about two states for every step.
        return 4 + 2 * n_steps(circuit.elementary, _is_per_sample(angles))

    def _densities(self, circuit: Circuit, angles: Sequence[Angle], n_samples: int) -> Complex:
        assert isinstance(self.noise, NoiseModel)
        n_qubits, size = circuit.n_qubits, 2**circuit.n_qubits
        steps = list(superoperators(circuit, angles, self.noise))
        axes = tuple(tuple(density_axes(qubits, n_qubits)) for _, qubits in steps)
        matrices = [matrix for matrix, _ in steps]
        tensor = self.framework.densities(first_density(n_qubits), matrices, axes)
        return np.broadcast_to(tensor.reshape(-1, size, size), (n_samples, size, size))
