"""A circuit with its angles, run forward and backward: what is between a batch and a simulator."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar, final

import numpy as np

from qmlplay.backends.adjoint import add_rows, adjoint_gradients, echo, zeros_like
from qmlplay.circuit import Angle, Circuit
from qmlplay.typing import Complex

if TYPE_CHECKING:
    from qmlplay.backends.simulator import Simulator

__all__ = ["Simulation", "StateSimulation", "in_threads"]

Result = TypeVar("Result")


class Simulation(ABC):
    """One thread's work on a batch: chunks run forward and, for gradients, backward again.

    Parameters
    ----------
    backend : Simulator
        Whose simulation it is.
    circuit : Circuit
        Gates with one angle or none.
    angles : sequence of float or ndarray of shape (n_samples,)
        One entry per slot, in radians.
    n_rows : int
        Samples in the largest chunk.
    wanted : frozenset of int or None
        The slots whose derivatives are needed; None to run forward alone.
    """

    @abstractmethod
    def __init__(
        self,
        backend: Simulator,
        circuit: Circuit,
        angles: Sequence[Angle],
        n_rows: int,
        wanted: frozenset[int] | None,
    ) -> None: ...

    @abstractmethod
    def forward(self, rows: slice) -> Complex:
        """Return the final states of the samples `rows`, shape (n_rows, 2**n_qubits).

        A single row stands for all samples where none differs. The memory may be used again by
        the next chunk.
        """

    @abstractmethod
    def backward(self, weighted: Complex) -> None:
        """Keep the derivatives of Σₙ Re⟨λₙ|ψₙ⟩ for the samples that were run forward last.

        Parameters
        ----------
        weighted : ndarray of shape (n_rows, 2**n_qubits)
            λ.
        """

    @abstractmethod
    def gradients(self) -> list[Angle]:
        """Return the derivatives kept so far, like the angles; 0 for slots not wanted."""


@final
class StateSimulation(Simulation):
    """A simulation by a framework's `_run`, with gradients from the adjoint method."""

    def __init__(
        self,
        backend: Simulator,
        circuit: Circuit,
        angles: Sequence[Angle],
        n_rows: int,
        wanted: frozenset[int] | None,
    ) -> None:
        self._run, self._dtype = backend._run, backend.dtype
        self._circuit, self._angles = circuit, angles
        self._wanted = wanted or frozenset()
        self._plan = None if wanted is None else echo(circuit, wanted)
        self._gradients = zeros_like(angles)

    def forward(self, rows: slice) -> Complex:
        """Return the final states; those that a backward run looks at are kept."""
        self._rows = rows
        self._part = [a[rows] if isinstance(a, np.ndarray) else a for a in self._angles]
        start: Complex = np.zeros((rows.stop - rows.start, 2**self._circuit.n_qubits), self._dtype)
        start[:, 0] = 1
        cuts = (len(self._circuit.gates),) if self._plan is None else self._plan.forward_cuts
        self._looks = list(self._run(self._circuit, self._part, start, cuts))
        return self._looks[-1]

    def backward(self, weighted: Complex) -> None:
        """Run the inverse circuit on λ."""
        assert self._plan is not None
        found = adjoint_gradients(
            self._run, self._plan, self._part, self._looks, weighted, self._wanted
        )
        add_rows(self._gradients, found, self._rows)

    def gradients(self) -> list[Angle]:
        """Return the derivatives kept so far."""
        return self._gradients


def in_threads(task: Callable[..., Result], *arguments: Iterable[object]) -> list[Result]:
    """Return what `map` would give, each call in a thread of its own if there are several.

    Examples
    --------
    >>> in_threads(max, [1, 5], [2, 3])
    [2, 5]
    """
    calls = list(zip(*arguments, strict=True))
    if len(calls) == 1:
        return [task(*calls[0])]
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(task, *zip(*calls, strict=True)))
