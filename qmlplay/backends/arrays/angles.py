"""The angles of a whole circuit by a few array operations, from data and weights.

Angles that are sums of weights, features and products of both (`Formula.bilinear_terms`) are one
matrix product; the others are computed one by one and come after them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from qmlplay.circuit import ParametricCircuit
from qmlplay.circuit.formulas import Formula
from qmlplay.typing import Integers, Real

__all__ = ["AngleTable", "angle_table"]


@dataclass(frozen=True, eq=False)
class AngleTable:
    """How all angles follow from X and w.

    Parameters
    ----------
    shared, per_sample : tuple of int
        The slots whose angles are shared, and those with one value per sample, in the order in
        which their angles come.
    weights : ndarray of shape (n_linear, n_weights)
        By it, the weights are multiplied: the shared angles and then the offsets of the others.
    constants : ndarray of shape (n_linear,)
        What is added to that.
    factors, weighted_factors : ndarray of shape (n_linear_per_sample, n_features)
        Coefficients of the features, alone and times a weight.
    factor_weights : ndarray of shape (n_linear_per_sample · n_features,) of int
        Indices of these weights.
    has_offsets : bool
        Whether an angle with one value per sample has an offset.
    other_shared, other_per_sample : tuple of Formula
        Formulas of the angles that are computed one by one.
    """

    shared: tuple[int, ...]
    per_sample: tuple[int, ...]
    weights: Real
    constants: Real
    factors: Real
    weighted_factors: Real
    factor_weights: Integers
    has_offsets: bool
    other_shared: tuple[Formula, ...]
    other_per_sample: tuple[Formula, ...]

    @property
    def n_shared(self) -> int:
        """Number of shared angles that are linear in the weights."""
        return len(self.shared) - len(self.other_shared)


@lru_cache(maxsize=256)
def angle_table(circuit: ParametricCircuit) -> AngleTable:
    """Return how the angles of a circuit follow from data and weights."""
    formulas = circuit.formulas
    slots = sorted(range(len(formulas)), key=lambda slot: formulas[slot].bilinear_terms is None)
    shared = tuple(slot for slot in slots if not formulas[slot].features)
    per_sample = tuple(slot for slot in slots if formulas[slot].features)
    linear = [
        [formulas[slot] for slot in some if formulas[slot].bilinear_terms is not None]
        for some in (shared, per_sample)
    ]
    n_shared, n_per_sample = map(len, linear)
    weights = np.zeros((n_shared + n_per_sample, circuit.n_weights))
    constants = np.zeros(n_shared + n_per_sample)
    factors, weighted_factors = np.zeros((2, n_per_sample, circuit.n_features))
    factor_weights = np.zeros((n_per_sample, circuit.n_features), dtype=np.int64)
    for row, formula in enumerate([*linear[0], *linear[1]]):
        for coefficient, weight, feature in formula.bilinear_terms or ():
            if feature is None and weight is None:
                constants[row] += coefficient
            elif feature is None:
                weights[row, weight] += coefficient
            elif weight is None:
                factors[row - n_shared, feature] += coefficient
            else:
                weighted_factors[row - n_shared, feature] = coefficient
                factor_weights[row - n_shared, feature] = weight
    return AngleTable(
        shared,
        per_sample,
        weights,
        constants,
        factors,
        weighted_factors,
        factor_weights.ravel(),
        bool(weights[n_shared:].any() or constants[n_shared:].any()),
        tuple(formulas[slot] for slot in shared[n_shared:]),
        tuple(formulas[slot] for slot in per_sample[n_per_sample:]),
    )
