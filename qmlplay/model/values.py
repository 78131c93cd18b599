"""Values that hold arrays: frozen dataclasses that can be compared and hashed."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

__all__ = ["ArrayValue"]


class ArrayValue:
    """The base of a frozen dataclass with arrays in it; they become read-only copies.

    Two values are equal when all their entries are. Declare the dataclass with ``eq=False``.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True, eq=False)
    ... class Point(ArrayValue):
    ...     position: np.ndarray
    >>> Point(np.zeros(2)) == Point(np.zeros(2)), Point(np.zeros(2)) == Point(np.ones(2))
    (True, False)
    >>> len({Point(np.zeros(2)), Point(np.zeros(2))})
    1
    """

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, np.ndarray) and value.flags.writeable:
                copied = value.copy()
                copied.flags.writeable = False
                object.__setattr__(self, name, copied)

    def _entries(self) -> tuple[Any, ...]:
        values = (getattr(self, field.name) for field in fields(self))  # type: ignore[arg-type]
        return tuple(
            (value.shape, value.dtype.str, tuple(value.ravel().tolist()))
            if isinstance(value, np.ndarray)
            else value
            for value in values
        )

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._entries() == other._entries()

    def __hash__(self) -> int:
        return hash(self._entries())
