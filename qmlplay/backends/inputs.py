"""The inputs of a backend, checked once and early, in the words of the person who gave them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import isfinite
from typing import TypeVar

import numpy as np
import psutil

from qmlplay.checks import is_integer
from qmlplay.circuit import Angle, Circuit

__all__ = ["check_angles", "check_memory", "check_settings", "check_slots", "translation"]

Entry = TypeVar("Entry")

_BYTES = np.dtype(complex).itemsize
_NUMBERS = (float, int, np.floating, np.integer)  # made once: there are many angles
_WITHOUT_AMPLITUDES = (
    "; circuits that entangle few of their qubits are simulated without state vectors by "
    "backend=get_backend('qiskit', method='matrix_product_state')"
)
_SURELY_FITS = 2**26  # bytes; below, do not ask the operating system


def check_settings(
    shots: object, seed: object, precisions: Sequence[str], precision: object, n_threads: object
) -> None:
    """Check a backend's settings (noise is checked by `qmlplay.backends.noise.check_noise`).

    Raises
    ------
    ValueError
        If one of them is not allowed.
    """
    if shots is not None and not is_integer(shots, 1):
        raise ValueError(
            f"shots must be a positive integer, or None for exact results; got shots={shots!r}"
        )
    if seed is not None and not is_integer(seed, 0):
        raise ValueError(f"seed must be a non-negative integer or None; got seed={seed!r}")

    if precision not in precisions:
        names = " or ".join(map(repr, precisions))
        raise ValueError(f"precision must be {names} here; got precision={precision!r}")
    if not is_integer(n_threads, 1):
        raise ValueError(f"n_threads must be a positive integer; got n_threads={n_threads!r}")


def check_angles(circuit: Circuit, angles: Sequence[Angle]) -> tuple[list[Angle], int]:
    """Return the angles as floats and float arrays, and the number of samples.

    Raises
    ------
    ValueError
        If there is not one angle per slot, or the arrays differ in length or are not flat.
    """
    if len(angles) != circuit.n_slots:
        raise ValueError(
            f"the circuit takes {circuit.n_slots} angles, one per slot, but {len(angles)} came"
        )
    n_samples = None
    checked: list[Angle] = []
    for slot, angle in enumerate(angles):
        if isinstance(angle, _NUMBERS):
            checked.append(float(angle))
            continue
        if np.iscomplexobj(angle):
            raise ValueError(f"angle {slot} is complex: angles are real numbers in radians")
        array = np.asarray(angle, dtype=float)
        if array.ndim != 1 or n_samples not in (None, len(array)) or not len(array):
            raise ValueError(
                f"angle {slot} has shape {array.shape}: an angle is a float, or an array of "
                f"shape (n_samples,) with the same n_samples for all"
                + (f" (here {n_samples})" if n_samples else "")
            )
        n_samples = len(array)
        checked.append(array)
    _check_finite(checked)
    return checked, n_samples or 1


def _check_finite(angles: list[Angle]) -> None:
    # One NaN or infinity spoils the sum: the common case costs one sum per angle.
    if isfinite(sum(angle.sum() if isinstance(angle, np.ndarray) else angle for angle in angles)):
        return
    slots = [slot for slot, angle in enumerate(angles) if not np.isfinite(angle).all()]
    if slots:
        raise ValueError(f"angles must be finite, but those of slots {slots} hold NaN or infinity")


def check_slots(slots: Collection[int] | None, n_slots: int) -> frozenset[int]:
    """Return the slots whose derivatives are wanted, all for None.

    Raises
    ------
    ValueError
        If one of them is none of the circuit's.
    """
    every = frozenset(range(n_slots))
    wanted = every if slots is None else frozenset(slots)
    if not wanted <= every:
        raise ValueError(
            f"slots must be from 0 to {n_slots - 1}, as the circuit takes {n_slots} angles; "
            f"got {sorted(wanted - every)}"
        )
    return wanted


def check_memory(n_qubits: int, n_states: int, *, densities: bool = False) -> None:
    """Refuse a number of states that would not fit into the memory that is free now.

    Parameters
    ----------
    n_qubits, n_states : int
        Qubits of each state, and how many states there are at a time.
    densities : bool, default=False
        Whether they are density matrices rather than state vectors.

    Raises
    ------
    ValueError
        Naming the bytes needed and the bytes free.
    """
    exponent = n_qubits * (2 if densities else 1)
    needed = n_states * _BYTES * 2.0 ** min(exponent, 900)  # beyond, a float overflows
    if needed < _SURELY_FITS:
        return
    free = psutil.virtual_memory().available
    if needed > free:
        at_least = "at least " if exponent > 900 else ""
        what = "density matrices, for noise" if densities else "state vectors"
        raise ValueError(
            f"{n_qubits} qubits need {at_least}{needed:.3g} bytes ({n_states} {what}), "
            f"but {free:.3g} bytes of memory are free: use fewer qubits or fewer gates"
            + (", or noise=None" if densities else _WITHOUT_AMPLITUDES)
        )


def translation(table: Mapping[str, Entry], name: str, where: str) -> Entry:
    """Return what a framework has for a gate.

    Raises
    ------
    ValueError
        If its table, which is found at `where`, has no such gate.
    """
    if name not in table:
        raise ValueError(
            f"gate {name!r} has no translation for this framework: add {where}[{name!r}] = …, or "
            f"take backend='numpy', for which its line in the gate table is enough"
        )
    return table[name]
