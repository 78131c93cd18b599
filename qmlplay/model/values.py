"""Values that hold arrays: frozen dataclasses that can be compared and hashed."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from qmlplay.tables.transformers import strange_columns

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from qmlplay.typing import Real

__all__ = ["ArrayValue", "real_array", "real_features"]


def real_array(name: str, values: Any) -> Real:
    """Return real numbers as an array of floats.

    Raises
    ------
    TypeError
        If there is something else than real numbers.

    Examples
    --------
    >>> real_array("weights", [1, 2])
    array([1., 2.])
    >>> real_array("weights", [1j])
    Traceback (most recent call last):
    TypeError: weights must be an array of real numbers, but it holds complex128
    """
    try:
        array = np.asarray(values)
    except ValueError as error:  # rows of several lengths
        raise TypeError(f"{name} must be an array of real numbers: {error}") from None
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be an array of real numbers, but it holds {array.dtype}")
    return array.astype(float, copy=False)


def real_features(X: ArrayLike) -> Real:
    """Return features as an array of floats; tables and text that spells numbers are taken.

    Raises
    ------
    TypeError, ValueError
        If there are complex numbers, dates, other text, or rows of several lengths.

    Examples
    --------
    >>> real_features([["1", 2]])
    array([[1., 2.]])
    """
    try:
        array = np.asarray(X)
        if array.dtype.kind in "cmM":
            raise TypeError(f"it holds {array.dtype}")
        if times := [text for text in strange_columns(np.atleast_2d(array)) if "times" in text]:
            raise TypeError(f"it holds {times[0]}")
        return array.astype(float, copy=False)
    except (TypeError, ValueError) as error:
        raise type(error)(f"X must be a table of real numbers, but {error}") from None


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
            # A read-only view is not enough: what it looks at may change.
            if isinstance(value, np.ndarray) and (value.flags.writeable or not value.flags.owndata):
                copied = value.copy()
                copied.flags.writeable = False
                object.__setattr__(self, name, copied)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Freeze what pickle, joblib and deepcopy make, whose arrays can be written to."""
        vars(self).update(state)
        ArrayValue.__post_init__(self)

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
