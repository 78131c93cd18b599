"""Observables as sums of Pauli strings, and the two cost functions of barren plateaus."""

from __future__ import annotations

from itertools import product

import numpy as np

from qmlplay.backends.pauli import check_observables, expanded
from qmlplay.checks import is_integer
from qmlplay.circuit import Observable
from qmlplay.typing import Real

__all__ = ["Observable", "global_cost", "local_cost", "pauli_sum"]

_MOST_QUBITS = 10  # a global cost has 2ⁿ terms, and their signs fill a matrix of 4ⁿ


def pauli_sum(observable: Observable, n_qubits: int) -> tuple[tuple[str, ...], Real]:
    """Return the strings and the coefficients (n_strings,) of an observable.

    Raises
    ------
    ValueError
        If a string does not fit the number of qubits, or there is none.

    Examples
    --------
    >>> pauli_sum({"ZI": 0.5, "IX": 2.0}, 2)
    (('IX', 'ZI'), array([2. , 0.5]))
    """
    strings, coefficients = expanded(check_observables([observable], n_qubits))
    return strings, np.ones(1) if coefficients is None else coefficients[:, 0]


def global_cost(n_qubits: int) -> dict[str, float]:
    """Return 1 − |0…0⟩⟨0…0|: a cost that looks at all qubits at once.

    Parameters
    ----------
    n_qubits : int
        From 1 to 10; the sum has 2ⁿ Pauli strings.

    Returns
    -------
    dict of str to float
        Pauli string → coefficient.

    Raises
    ------
    ValueError
        If there are more than 10 qubits, or none.

    References
    ----------
    Cerezo et al., "Cost function dependent barren plateaus in shallow parametrized quantum
    circuits", arXiv:2001.00550.

    Examples
    --------
    >>> global_cost(1)
    {'I': 0.5, 'Z': -0.5}
    """
    if not is_integer(n_qubits, 1, _MOST_QUBITS):
        raise ValueError(
            f"a global cost has 2**n_qubits Pauli strings: n_qubits must lie between 1 and "
            f"{_MOST_QUBITS}, got {n_qubits!r}"
        )
    strings = ["".join(letters) for letters in product("IZ", repeat=n_qubits)]
    share = 1 / len(strings)
    return {strings[0]: 1 - share} | dict.fromkeys(strings[1:], -share)


def local_cost(n_qubits: int) -> dict[str, float]:
    """Return 1 − the mean of |0⟩⟨0| over the qubits: a cost that looks at one at a time.

    Parameters
    ----------
    n_qubits : int
        At least 1.

    Returns
    -------
    dict of str to float
        Pauli string → coefficient.

    References
    ----------
    Cerezo et al., arXiv:2001.00550.

    Examples
    --------
    >>> local_cost(2)
    {'II': 0.5, 'ZI': -0.25, 'IZ': -0.25}
    """
    if not is_integer(n_qubits, 1):
        raise ValueError(f"n_qubits must be at least 1, and an integer; got {n_qubits!r}")
    singles = ["I" * q + "Z" + "I" * (n_qubits - 1 - q) for q in range(n_qubits)]
    return {"I" * n_qubits: 0.5} | dict.fromkeys(singles, -0.5 / n_qubits)
