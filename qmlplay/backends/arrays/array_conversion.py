"""Constants of a plan as arrays of a framework, in the precision and on the device of its data."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np

from qmlplay.backends.arrays.adapters import is_jax
from qmlplay.backends.arrays.angles import AngleTable
from qmlplay.backends.arrays.array_readout import ArrayReadout, Reading
from qmlplay.backends.arrays.plan import Applied, Diagonals, Exponents, StepPlan, Unitaries

__all__ = ["converted"]

_WITH_ARRAYS = (
    AngleTable,
    Applied,
    Diagonals,
    Exponents,
    StepPlan,
    Reading,
    ArrayReadout,
    Unitaries,
)


def converted(value: Any, xp: Any, precision: str, device: Any) -> Any:
    """Return a value with its arrays as those of a framework.

    Parameters
    ----------
    value : object
        A plan, or a part of one.
    xp : module
        The framework's functions.
    precision : {"double", "single"}
        Of real and complex numbers.
    device : object
        Where the arrays go, in the framework's own words.

    Examples
    --------
    >>> part = Exponents(np.array([[0.5, -0.5]]), np.array([3, 4]))
    >>> converted(part, np, "single", "cpu").eigenvalues.dtype
    dtype('float32')
    """
    if isinstance(value, np.ndarray):
        return _array(value, xp, precision, device)
    if isinstance(value, list | tuple):
        parts = [converted(part, xp, precision, device) for part in value]
        return type(value)(parts)
    if isinstance(value, _WITH_ARRAYS):
        new = {
            field.name: converted(getattr(value, field.name), xp, precision, device)
            for field in fields(value)
        }
        return replace(value, **new)
    return value


def _array(array: np.ndarray[Any, Any], xp: Any, precision: str, device: Any) -> Any:
    single = {"c": np.complex64, "f": np.float32}
    double = {"c": np.complex128, "f": np.float64}
    kinds = single if precision == "single" else double
    # JAX with and without 64 bits, in turn, knows 32-bit indices alone.
    index = np.int32 if is_jax(xp) else np.int64
    exact: Any = np.asarray(array, kinds.get(array.dtype.kind, index))
    if is_jax(xp):
        return exact  # its functions take NumPy's arrays, which are no tracers of a compilation
    return xp.asarray(exact, device=device)
