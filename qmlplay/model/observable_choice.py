"""The choice of what is measured: automatic, or a list of one's own, checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, islice, product
from typing import Any

import numpy as np

from qmlplay.backends.pauli import check_observables
from qmlplay.checks import is_integer
from qmlplay.circuit import Observable, Observables, PauliSum
from qmlplay.circuit.pauli_sum import limits
from qmlplay.model.readout import n_outputs

__all__ = ["check_observable_list", "choose_observables", "observables_of"]


def choose_observables(n_qubits: int, n_classes: int, *, pairs: bool = False) -> tuple[str, ...]:
    """Return what is measured: Z on every qubit, and more where there are more classes.

    First Z on one qubit after the other, then products of Z on more and more qubits, then
    the same with X and with Y, then all other Pauli strings: at least one observable per class.

    Parameters
    ----------
    n_qubits, n_classes : int
    pairs : bool, default=False
        Whether more than two classes get the ZZ of every pair of qubits in any case.

    Raises
    ------
    ValueError
        If there are more classes than such observables.

    Examples
    --------
    >>> choose_observables(2, 2)
    ('ZI', 'IZ')
    >>> choose_observables(2, 4)
    ('ZI', 'IZ', 'ZZ', 'XI')
    >>> choose_observables(2, 3, pairs=True)
    ('ZI', 'IZ', 'ZZ')
    """
    return _automatic(n_qubits, n_outputs(n_classes), pairs=pairs, outputs_are="classes")


def observables_of(
    observables: str | Sequence[Observable],
    n_qubits: int,
    n_outputs: int,
    *,
    pairs: bool,
    outputs_are: str,
) -> Observables:
    """Return what is measured for so many decision values.

    Parameters
    ----------
    observables : "auto" or sequence of (str, dict, PauliSum or int)
        As in `qmlplay.VariationalClassifier`.
    n_qubits, n_outputs : int
    pairs : bool
        As in `choose_observables`.
    outputs_are : str
        What messages call the outputs: classes or targets.

    Raises
    ------
    TypeError, ValueError
        If an observable is none of the circuit's, or there are too few.

    Examples
    --------
    >>> observables_of([0, {"ZZ": 0.5, "XI": 1}], 2, 1, pairs=False, outputs_are="classes")
    ('ZI', PauliSum(terms=(('XI', 1.0), ('ZZ', 0.5))))
    """
    if isinstance(observables, str):
        return _automatic(n_qubits, n_outputs, pairs=pairs, outputs_are=outputs_are)
    length = _n_letters(observables)
    if length not in (None, n_qubits):
        raise ValueError(
            f"observables={observables!r:.80} have {length} letters, and the circuit has "
            f"{n_qubits} qubits: write one letter I, X, Y or Z for each of them, qubit 0 first, "
            f"or set n_qubits={length}"
        )
    checked = check_observables(observables, n_qubits)
    if len(checked) < n_outputs:
        raise ValueError(
            f"{n_outputs} {outputs_are} need at least {n_outputs} observables, but observables= "
            f"has {len(checked)}: add {n_outputs - len(checked)} more"
        )
    return checked


def check_observable_list(name: str, value: Any) -> None:
    """Raise TypeError or ValueError unless a value is "auto" or a list of different observables.

    Examples
    --------
    >>> check_observable_list("observables", ["ZI", {"ZZ": 0.5, "XI": 1.0}, 1])
    >>> check_observable_list("observables", ["ZI", "IZ", "ZI"])
    Traceback (most recent call last):
    ValueError: observables says the same by 'ZI' and by 'ZI', which tells nothing new: leave one
    out
    """
    if isinstance(value, str) and value == "auto":
        return
    if not isinstance(value, list | tuple | np.ndarray):
        raise TypeError(
            f"{name} must be 'auto' or a list of Pauli strings such as 'ZI', sums such as "
            f"{{'ZZ': 0.5, 'XI': 1.0}} and qubits such as 0 for its Z; got {value!r}"
        )
    entries = list(value)
    length = _n_letters(entries)
    qubits = [entry for entry in entries if is_integer(entry)]
    checked = check_observables(entries, max([0, *qubits]) + 1 if length is None else length)
    for k, observable in enumerate(checked):
        first = checked.index(observable)
        if first < k:
            raise ValueError(
                f"{name} says the same by {entries[first]!r} and by {entries[k]!r}, which tells "
                f"nothing new: leave one out"
            )
        low, high = limits(observable)
        if low == high:
            raise ValueError(
                f"{name} has {entries[k]!r}, which is the same for every state: read a qubit by X, "
                f"Y or Z"
            )


def _n_letters(observables: Sequence[Any]) -> int | None:
    """Return the length of the first string; None where there is none."""
    for entry in observables:
        strings = [entry] if isinstance(entry, str) else []
        if isinstance(entry, Mapping):
            strings = [string for string in entry if isinstance(string, str)]
        if isinstance(entry, PauliSum):
            return entry.n_qubits
        if strings:
            return len(strings[0])
    return None


def _automatic(n_qubits: int, n_outputs: int, *, pairs: bool, outputs_are: str) -> tuple[str, ...]:
    n_simplest = n_qubits * (n_qubits + 1) // 2 if pairs and n_outputs > 1 else n_qubits
    wanted = max(n_simplest, n_outputs)
    strings = tuple(islice(_pauli_strings(n_qubits), wanted))
    if len(strings) < wanted:
        raise ValueError(
            f"{n_outputs} {outputs_are} need {wanted} observables, but {n_qubits} qubit(s) have "
            f"only {len(strings)} here: use a larger n_qubits"
        )
    return strings


def _pauli_strings(n_qubits: int) -> Iterator[str]:
    """Yield every Pauli string but the identity, the simplest to measure first."""
    for letter in "ZXY":
        for size in range(1, n_qubits + 1):
            for qubits in combinations(range(n_qubits), size):
                yield "".join(letter if q in qubits else "I" for q in range(n_qubits))
    for letters in product("IZXY", repeat=n_qubits):
        if len(set(letters) - {"I"}) > 1:
            yield "".join(letters)
