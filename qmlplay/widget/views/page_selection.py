"""The selection: the gate and the point that the page looks at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite

from qmlplay.checks import is_integer

__all__ = ["BASES", "PageSelection"]

#: Expectations that small maps can show.
BASES = ("X", "Y", "Z")

_PARTS = ("train", "test")


@dataclass(frozen=True)
class PageSelection:
    """What somebody has picked in the page.

    Parameters
    ----------
    gate : int or None, default=None
        A gate of the circuit, by its place among those of `page.circuit`.
    point : tuple of two float or None, default=None
        A point of the plane, in the units of its axes.
    sample : int or None, default=None
        A sample, by its row in its part of the data; instead of a point.
    part : {"train", "test"}, default="train"
        The part that the sample is of.
    basis : {"X", "Y", "Z"}, default="Z"
        The expectation of every qubit that the small maps show.

    Raises
    ------
    ValueError
        If a value is not allowed. Whether there is such a gate or sample says `checked`.

    Examples
    --------
    >>> PageSelection(gate=3).checked(n_gates=8, n_samples={"train": 210, "test": 90}).gate
    3
    >>> PageSelection(gate=9).checked(n_gates=8, n_samples={"train": 210, "test": 90})
    Traceback (most recent call last):
    ValueError: gate=9: the circuit has gates 0 to 7
    """

    gate: int | None = None
    point: tuple[float, float] | None = None
    sample: int | None = None
    part: str = "train"
    basis: str = "Z"

    def __post_init__(self) -> None:
        for name, index in (("gate", self.gate), ("sample", self.sample)):
            if index is not None and not is_integer(index, 0, 10**6):
                raise ValueError(f"{name}={index!r}: must be a whole number from 0, or None")
        if self.part not in _PARTS:
            raise ValueError(f"part={self.part!r}: must be 'train' or 'test'")
        if self.basis not in BASES:
            raise ValueError(f"basis={self.basis!r}: must be 'X', 'Y' or 'Z'")
        if self.point is not None:
            object.__setattr__(self, "point", _checked_point(self.point))
            if self.sample is not None:
                raise ValueError("either a point or a sample can be looked at, not both")

    def checked(self, n_gates: int, n_samples: dict[str, int]) -> PageSelection:
        """Return it, or raise ValueError if there is no such gate or sample."""
        if self.gate is not None and self.gate >= n_gates:
            raise ValueError(f"gate={self.gate}: the circuit has gates 0 to {n_gates - 1}")
        if self.sample is not None and self.sample >= n_samples[self.part]:
            last = n_samples[self.part] - 1
            raise ValueError(f"sample={self.sample}: the {self.part} data have rows 0 to {last}")
        return self

    def carried(self, *, with_point: bool) -> PageSelection:
        """Return what stays selected when the circuit or the data are others."""
        if not with_point:
            return PageSelection(basis=self.basis)
        return replace(self, gate=None)


def _checked_point(point: object) -> tuple[float, float]:
    is_pair = isinstance(point, tuple | list) and len(point) == 2
    numbers = list(point) if is_pair else []  # type: ignore[call-overload]
    is_real = all(isinstance(x, int | float) and not isinstance(x, bool) for x in numbers)
    if not is_pair or not is_real or not all(isfinite(x) for x in numbers):
        raise ValueError(f"point={point!r}: must be two finite numbers, or None")
    return float(numbers[0]), float(numbers[1])
