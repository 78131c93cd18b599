"""Expectations of Pauli strings as weighted sums of products of two amplitudes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from qmlplay.circuit import Observables, PauliSum
from qmlplay.model.values import ArrayValue
from qmlplay.typing import Real

__all__ = ["ExpectationGroup", "expectation_groups"]


@final
@dataclass(frozen=True, eq=False)
class ExpectationGroup(ArrayValue):
    """What those Pauli strings add to expectations that flip the same qubits.

    It is Σⱼ weights[j] · part of (conj(ψⱼ)·ψ with the bits of `mask` flipped in j).

    Parameters
    ----------
    mask : int
        The qubits with X or Y, as bits of a basis state's number, qubit 0 most significant.
    is_imaginary : bool
        Whether the part is the imaginary one, of strings with an odd number of Y, or the real one.
    weights : ndarray of shape (2**n_qubits, n_observables)

    Examples
    --------
    >>> (group,) = expectation_groups(("ZI", "IZ"), 2)
    >>> group.mask, group.weights.T
    (0, array([[ 1.,  1., -1., -1.],
           [ 1., -1.,  1., -1.]]))
    """

    mask: int
    is_imaginary: bool
    weights: Real


def expectation_groups(observables: Observables, n_qubits: int) -> list[ExpectationGroup]:
    """Return the groups whose sum is the expectations of the observables."""
    weights: dict[tuple[int, bool], Real] = {}
    index = np.arange(1 << n_qubits)
    for column, observable in enumerate(observables):
        terms = observable.terms if isinstance(observable, PauliSum) else ((observable, 1.0),)
        for string, coefficient in terms:
            bits = {
                letter: int("".join("01"[here == letter] for here in string), 2) for letter in "XYZ"
            }
            n_y = string.count("Y")
            # (Pψ)ⱼ = (−i)^n_y · (−1)^(bits of j under Z and Y) · ψ with the bits of X and Y flipped
            signs = 1 - 2.0 * (np.bitwise_count(index & (bits["Z"] | bits["Y"])) % 2)
            key = bits["X"] | bits["Y"], bool(n_y % 2)
            group = weights.setdefault(key, np.zeros((len(index), len(observables))))
            group[:, column] += coefficient * (-1) ** (n_y // 2) * signs
    return [ExpectationGroup(mask, odd, array) for (mask, odd), array in weights.items()]
