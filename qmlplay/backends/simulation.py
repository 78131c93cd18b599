"""A circuit with its angles, run forward and backward: what is between a batch and a simulator."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, final

import numpy as np

from qmlplay.backends.adjoint import adjoint_gradients, echo
from qmlplay.backends.cotangents import add_rows, zeros_like
from qmlplay.circuit import Angle, Circuit
from qmlplay.typing import Complex

if TYPE_CHECKING:
    from qmlplay.backends.simulator import Simulator

__all__ = ["Forward", "Simulation", "StateSimulation", "in_threads"]

Result = TypeVar("Result")


class Forward(NamedTuple):
    """Some samples that were run forward, and what a backward run needs of them.

    Parameters
    ----------
    rows : slice
        Which samples of the batch.
    states : ndarray of shape (n_rows, 2**n_qubits)
        The final states; a single row stands for all samples where none differs.
    looks : sequence of ndarray
        States on the way, in order.
    factors : sequence of (ndarray or None)
        What else was computed on the way.
    pullback : callable or None
        A framework's own way back, where it has one.
    pullback_bytes : int
        About how much memory that keeps.
    """

    rows: slice
    states: Complex
    looks: Sequence[Complex] = ()
    factors: Sequence[Complex | None] = ()
    pullback: Callable[..., Any] | None = None
    pullback_bytes: int = 0

    @property
    def n_bytes(self) -> int:
        """How much memory it takes."""
        arrays = [self.states, *self.looks, *self.factors]
        return self.pullback_bytes + sum(array.nbytes for array in arrays if array is not None)


class Simulation(ABC):
    """The angles of a batch in a circuit: chunks run forward and, for gradients, backward again.

    Nothing in it changes, so that threads may share it; what they write is handed to its methods.

    Parameters
    ----------
    backend : Simulator
        Whose simulation it is.
    circuit : Circuit
        Gates with one angle or none.
    angles : sequence of float or ndarray of shape (n_samples,)
        One entry per slot, in radians.
    wanted : frozenset of int
        The slots whose derivatives are needed; none to run forward alone.
    """

    @abstractmethod
    def __init__(
        self,
        backend: Simulator,
        circuit: Circuit,
        angles: Sequence[Angle],
        wanted: frozenset[int],
    ) -> None: ...

    def memory(self, n_rows: int) -> Complex | None:
        """Return memory for chunks of up to n_rows samples, written again by each of them."""
        return None

    @abstractmethod
    def forward(self, rows: slice, memory: Complex | None) -> Forward:
        """Return the states of the samples `rows`, some of which are in the memory."""

    @abstractmethod
    def totals(self) -> list[Any]:
        """Return derivatives of 0 in a form of its own, for `backward` to add to."""

    @abstractmethod
    def backward(
        self, forward: Forward, weighted: Complex, memory: Complex | None, totals: list[Any]
    ) -> None:
        """Add the derivatives of Σₙ Re⟨λₙ|ψₙ⟩ to the totals, for samples that were run forward.

        Parameters
        ----------
        forward : Forward
            The samples; it stays as it is.
        weighted : ndarray of shape (n_rows, 2**n_qubits)
            λ.
        memory : ndarray or None
            As in `forward`: the same, or another.
        totals : list
            From `totals`.
        """

    @abstractmethod
    def gradients(self, totals: list[Any]) -> list[Angle]:
        """Return the derivatives that were added up, like the angles; 0 for slots not wanted."""


@final
class StateSimulation(Simulation):
    """A simulation by a framework's `_run`, with gradients from the adjoint method."""

    def __init__(
        self,
        backend: Simulator,
        circuit: Circuit,
        angles: Sequence[Angle],
        wanted: frozenset[int],
    ) -> None:
        self._run, self._dtype = backend._run, backend.dtype
        self._circuit, self._angles, self._wanted = circuit, angles, wanted
        self._plan = echo(circuit, wanted)

    def forward(self, rows: slice, memory: Complex | None) -> Forward:
        """Return the final states, and those that a backward run looks at."""
        start: Complex = np.zeros((rows.stop - rows.start, 2**self._circuit.n_qubits), self._dtype)
        start[:, 0] = 1
        cuts = self._plan.forward_cuts
        *looks, states = self._run(self._circuit, self._part(rows), start, cuts)
        return Forward(rows, states, looks)

    def totals(self) -> list[Any]:
        """Return gradients of 0."""
        return zeros_like(self._angles)

    def backward(
        self, forward: Forward, weighted: Complex, memory: Complex | None, totals: list[Any]
    ) -> None:
        """Run the inverse circuit on λ."""
        part = self._part(forward.rows)
        found = adjoint_gradients(
            self._run, self._plan, part, forward.looks, weighted, self._wanted
        )
        add_rows(totals, found, forward.rows)

    def gradients(self, totals: list[Any]) -> list[Angle]:
        """Return the totals as they are."""
        return totals

    def _part(self, rows: slice) -> list[Angle]:
        return [a[rows] if isinstance(a, np.ndarray) else a for a in self._angles]


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
