"""Observables: Pauli strings, and sums of them with real coefficients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

from qmlplay.checks import check_finite, is_integer

__all__ = [
    "Observable",
    "Observables",
    "PauliSum",
    "check_observable",
    "check_observables",
    "limits",
    "observables_to_list",
]


@final
@dataclass(frozen=True)
class PauliSum:
    """A sum of Pauli strings with real coefficients: an observable that is measured as one.

    Parameters
    ----------
    terms : tuple of (str, float)
        Pauli strings, one letter per qubit, qubit 0 first, each once, and their coefficients;
        kept in alphabetical order, so that equal sums are equal.

    Raises
    ------
    TypeError, ValueError
        If there is no term, a string has another letter than I, X, Y, Z or another length than
        the first, comes twice, or has a coefficient that is no finite real number.

    Examples
    --------
    >>> observable = PauliSum.from_dict({"ZZ": 0.5, "XI": 1})
    >>> print(observable)
    XI + 0.5 ZZ
    >>> observable == PauliSum((("XI", 1.0), ("ZZ", 0.5)))
    True
    """

    terms: tuple[tuple[str, float], ...]

    def __post_init__(self) -> None:
        if not self.terms:
            raise ValueError(
                "a sum of Pauli strings has no term: give at least one, such as {'ZI': 0.5}"
            )
        strings = [string for string, _ in self.terms]
        for string, coefficient in self.terms:
            _check_string(string, len(str(strings[0])))
            check_finite(f"the coefficient of {string!r} in a sum of Pauli strings", coefficient)
        if len(set(strings)) < len(strings):
            twice = next(string for string in strings if strings.count(string) > 1)
            raise ValueError(f"{twice!r} comes twice in a sum: add its coefficients up")
        terms = tuple(sorted((str(string), float(value)) for string, value in self.terms))
        object.__setattr__(self, "terms", terms)

    @classmethod
    def from_dict(cls, coefficients: Mapping[str, float]) -> PauliSum:
        """Return the sum of a dictionary of string → coefficient."""
        return cls(tuple(coefficients.items()))

    def to_dict(self) -> dict[str, float]:
        """Return the coefficients by their strings."""
        return dict(self.terms)

    @property
    def n_qubits(self) -> int:
        """Number of qubits."""
        return len(self.terms[0][0])

    def __str__(self) -> str:
        text = " + ".join(
            string if value == 1 else f"{value:g} {string}" for string, value in self.terms
        )
        return text.replace("+ -", "− ")


#: What people give: a Pauli string, a sum of them (string → coefficient), or a qubit for its Z.
Observable = str | Mapping[str, float] | PauliSum | int
#: What is measured, checked.
Observables = tuple[str | PauliSum, ...]


def check_observables(observables: Sequence[Observable], n_qubits: int) -> Observables:
    """Return the observables as a tuple of strings and sums, or say what is wrong with them.

    Raises
    ------
    TypeError
        If a single observable came instead of a list of them, or something that is none.
    ValueError
        If there is none, or one has the wrong length or a letter other than I, X, Y, Z.

    Examples
    --------
    >>> check_observables([1, "XX", {"ZZ": 0.5}], n_qubits=2)
    ('IZ', 'XX', PauliSum(terms=(('ZZ', 0.5),)))
    """
    if isinstance(observables, str | Mapping | PauliSum) or is_integer(observables):
        raise TypeError(f"observables must be a list of Pauli strings, such as [{observables!r}]")
    checked = tuple(check_observable(observable, n_qubits) for observable in observables)
    if not checked:
        raise ValueError("observables is empty: give at least one Pauli string, such as 'ZI'")
    return checked


def observables_to_list(observables: Observables) -> list[str | dict[str, float]]:
    """Return observables as JSON has them; `check_observables` reads them again.

    Examples
    --------
    >>> observables_to_list(check_observables([0, {"ZZ": 0.5}], 2))
    ['ZI', {'ZZ': 0.5}]
    """
    return [o.to_dict() if isinstance(o, PauliSum) else o for o in observables]


def limits(observable: str | PauliSum) -> tuple[float, float]:
    """Return numbers that an expectation lies between: no tighter than one string at a time.

    Examples
    --------
    >>> limits("ZZ"), limits(PauliSum.from_dict({"ZI": 0.5, "XI": 1, "II": 2}))
    ((-1.0, 1.0), (0.5, 3.5))
    """
    terms = ((observable, 1.0),) if isinstance(observable, str) else observable.terms
    fixed = sum(value for string, value in terms if set(string) == {"I"})
    width = sum(abs(value) for string, value in terms if set(string) != {"I"})
    return float(fixed - width), float(fixed + width)


def check_observable(observable: Any, n_qubits: int) -> str | PauliSum:
    """Return a string or a sum for an observable that somebody gave.

    Raises
    ------
    TypeError, ValueError
        As in `check_observables` and `PauliSum`.
    """
    if isinstance(observable, str):
        _check_string(observable, n_qubits)
        return str(observable)
    if isinstance(observable, Mapping):
        observable = PauliSum.from_dict(observable)
    if isinstance(observable, PauliSum):
        _check_string(observable.terms[0][0], n_qubits)
        return observable
    if not is_integer(observable):
        raise TypeError(
            f"an observable must be a Pauli string such as {'Z' * n_qubits!r}, a sum of them such "
            f"as {{{'Z' * n_qubits!r}: 0.5}}, or a qubit such as 0 for its Z; got {observable!r}"
        )
    if not 0 <= observable < n_qubits:
        raise ValueError(
            f"observable {observable!r} means Z on a qubit: qubits are 0 to {n_qubits - 1} here"
        )
    return "I" * int(observable) + "Z" + "I" * (n_qubits - 1 - int(observable))


def _check_string(string: Any, n_qubits: int) -> None:
    if not isinstance(string, str):
        raise TypeError(f"a Pauli string must be text such as {'Z' * n_qubits!r}, got {string!r}")
    if len(string) != n_qubits or set(string) - set("IXYZ"):
        raise ValueError(
            f"observable {string!r} must have one letter I, X, Y or Z for each of the "
            f"{n_qubits} qubits, qubit 0 first"
        )
