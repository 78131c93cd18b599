"""The angles of a callback as one batch for a simulator, however many dimensions JAX put in front.

Under ``jax.vmap`` arrays get more dimensions in front, of size 1 where an array is the same for
all. All of them, and the samples, become the rows of one batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any, Self, final

import numpy as np

from qmlplay.circuit import Angle, ParametricCircuit
from qmlplay.typing import Real

__all__ = ["AngleBatch", "Slots"]

Pullback = Callable[[Real], list[Angle]]


@final
@dataclass(frozen=True)
class Slots:
    """Which angles are shared by a batch, and which have one value per sample.

    Parameters
    ----------
    shared, per_sample : tuple of int
        Slots of the circuit.
    trainable : frozenset of int
        Those that depend on a weight.
    """

    shared: tuple[int, ...]
    per_sample: tuple[int, ...]
    trainable: frozenset[int]

    @classmethod
    def of(cls, circuit: ParametricCircuit) -> Self:
        """Return those of a circuit."""
        every = range(circuit.circuit.n_slots)
        return cls(
            tuple(slot for slot in every if slot not in circuit.data_slots),
            tuple(sorted(circuit.data_slots)),
            circuit.trainable_slots,
        )

    def wanted(self, by_shared: bool, by_per_sample: bool) -> frozenset[int]:
        """Return the slots by which there are derivatives."""
        shared = self.trainable.intersection(self.shared) if by_shared else frozenset()
        return shared | frozenset(self.per_sample if by_per_sample else ())


@final
class AngleBatch:
    """Angles as JAX gives them, and as a simulator takes them.

    Parameters
    ----------
    slots : Slots
    shared : array of shape (…, n_shared)
    per_sample : array of shape (…, n_samples, n_per_sample)
    split : bool
        Whether derivatives by the shared angles are wanted for every entry of the dimensions in
        front, so that they must not be shared by all rows.
    """

    def __init__(self, slots: Slots, shared: Any, per_sample: Any, *, split: bool) -> None:
        self._slots = slots
        self._shared, self._per_sample = np.asarray(shared), np.asarray(per_sample)
        self.dtype = self._per_sample.dtype
        fronts = (self._shared.shape[:-1], self._per_sample.shape[:-2])
        self.shape = (*np.broadcast_shapes(*fronts), self._per_sample.shape[-2])
        n_sets = self._shared[..., 0].size if slots.shared else 1
        self._is_split = n_sets > 1 or (split and int(np.prod(self.shape[:-1])) > 1)

    def equals(self, other: AngleBatch) -> bool:
        """Return whether another batch has the same numbers."""
        return np.array_equal(self._shared, other._shared) and np.array_equal(
            self._per_sample, other._per_sample
        )

    def run(
        self, vjp: Callable[[list[Angle]], tuple[Real, Pullback]], n_observables: int
    ) -> tuple[Real, Pullback]:
        """Return expectations (n_rows, n_observables) and the pullback of a simulator.

        Rows with an angle that is not finite become NaN, and so do their derivatives.
        """
        n_rows = int(np.prod(self.shape))
        angles = self._angles()
        if not n_rows:
            nothing = [np.zeros(0) if np.ndim(angle) else 0.0 for angle in angles]
            return np.zeros((0, n_observables)), lambda _: nothing
        is_known = np.ones(n_rows, dtype=bool)
        for angle in angles:
            is_known &= np.isfinite(angle)
        if not is_known.all():
            angles = [np.nan_to_num(a, posinf=0, neginf=0) if np.ndim(a) else a for a in angles]
            angles = [a if np.isfinite(a).all() else 0.0 for a in angles]
        values, pullback = vjp(angles)
        is_one = not any(np.ndim(angle) for angle in angles)
        values = np.where(
            is_known[:, None], np.broadcast_to(values, (n_rows, n_observables)), np.nan
        )

        def of_rows(cotangents: Real) -> list[Angle]:
            weighted = np.where(is_known[:, None], cotangents, np.nan)
            return pullback(weighted.sum(axis=0, keepdims=True) if is_one else weighted)

        return values, of_rows

    def _angles(self) -> list[Angle]:
        """Return one angle per slot: a float, or an array (n_rows,)."""
        table = np.broadcast_to(self._per_sample, (*self.shape, len(self._slots.per_sample)))
        n_rows = int(np.prod(self.shape))
        rows = np.array(table.reshape(n_rows, table.shape[-1]).T, dtype=float)
        angles: dict[int, Angle] = dict(zip(self._slots.per_sample, rows, strict=True))
        shared = self._shared.astype(float)
        if self._is_split:
            shape = (*self.shape, shared.shape[-1])
            columns = np.broadcast_to(shared[..., None, :], shape).reshape(n_rows, -1).T.copy()
            angles |= dict(zip(self._slots.shared, columns, strict=True))
        else:
            angles |= dict(zip(self._slots.shared, shared.ravel().tolist(), strict=True))
        return [angles[slot] for slot in sorted(angles)]

    def pulled_back(self, pullback: Pullback, cotangents: Real) -> tuple[Real, Real]:
        """Return derivatives, with all dimensions in front, for cotangents that may have more.

        Parameters
        ----------
        pullback : callable
            Of `run`.
        cotangents : ndarray of shape (…, n_samples, n_observables)
        """
        front = np.broadcast_shapes(self.shape[:-1], cotangents.shape[:-2])
        cotangents = np.broadcast_to(cotangents, (*front, *cotangents.shape[-2:]))
        slots = self._slots
        by_shared = np.zeros((*front, len(slots.shared)), self.dtype)
        by_sample = np.zeros((*front, self.shape[-1], len(slots.per_sample)), self.dtype)
        # Where only cotangents differ, the pullback is called for each.
        alone: list[Any] = [
            range(n) if own == 1 else (slice(None),)
            for n, own in zip(front, self.shape, strict=False)
        ]
        for entry in product(*alone):
            place = tuple(k if isinstance(k, slice) else slice(k, k + 1) for k in entry)
            weighted = np.broadcast_to(cotangents[place], (*self.shape, cotangents.shape[-1]))
            found = pullback(weighted.reshape(-1, weighted.shape[-1]))
            for number, slot in enumerate(slots.per_sample):
                by_sample[place][..., number] = np.reshape(found[slot], self.shape)
            for number, slot in enumerate(slots.shared):
                total = (
                    np.reshape(found[slot], self.shape).sum(-1) if self._is_split else found[slot]
                )
                by_shared[place][..., number] = total
        return by_shared, by_sample
