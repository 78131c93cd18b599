"""The frequencies of a circuit: the independent turns that its data angles are multiples of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import final

import numpy as np

from qmlplay.circuit import GATES, Circuit
from qmlplay.export.angle_products import AngleProducts
from qmlplay.export.circuit_form import SlotAngles
from qmlplay.model.values import ArrayValue
from qmlplay.typing import Integers, Real

__all__ = ["AngleBand"]

#: How far the ratio of two frequencies may be from a fraction, relative to it.
_ROUNDING = 1e-13
#: Largest denominator of such a fraction.
_LARGEST_DENOMINATOR = 16


@final
@dataclass(frozen=True, eq=False)
class AngleBand(ArrayValue):
    """The independent turns that the data angles of a circuit are multiples of.

    Expectations are trigonometric polynomials of the turns, with period 2π in each.

    Parameters
    ----------
    coefficients : ndarray of shape (n_turns, n_products)
        What a turn is of the products of features, in radians.
    turns : ndarray of int of shape (n_angles,)
        Which turn every data angle is a multiple of.
    multiples : ndarray of shape (n_angles,)
        The angle per turn.
    highest : tuple of int
        The largest frequency of every turn.
    """

    coefficients: Real
    turns: Integers
    multiples: Real
    highest: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Points per turn of the grid that determines the polynomial."""
        return tuple(2 * highest + 1 for highest in self.highest)

    @property
    def n_terms(self) -> int:
        """How many terms the polynomial has at most."""
        return (prod(self.shape) + 1) // 2

    @classmethod
    def of(
        cls,
        circuit: Circuit,
        products: AngleProducts,
        angles: SlotAngles,
    ) -> AngleBand:
        """Return the turns of a circuit, whose slots `angles` describes as in `CircuitForm.of`.

        Examples
        --------
        >>> from qmlplay.circuit import Gate
        >>> angles = AngleProducts.of([((1.0, ((0, 1.0, 0.0),)),), ((3.0, ((0, 1.0, 0.0),)),)])
        >>> circuit = Circuit(1, (Gate("rx", (0,), 0), Gate("ry", (0,), 1)))
        >>> AngleBand.of(circuit, angles, [(0, 0.0), (1, 0.0)]).highest
        (4,)
        """
        read = []
        for gate in circuit.gates:
            column = angles[gate.slots[0]][0] if gate.slots else None
            if column is not None:
                read += [
                    (column, gap, gap == GATES[gate.name].gaps[-1]) for gap in GATES[gate.name].gaps
                ]
        units, places = _units([gap * products.coefficients[column] for column, gap, _ in read])
        highest = np.zeros(len(units))
        turns = np.zeros(len(products.coefficients), dtype=int)
        multiples = np.zeros(len(products.coefficients))
        for (column, gap, is_largest), (turn, multiple) in zip(read, places, strict=True):
            turns[column], multiples[column] = turn, multiple / gap
            highest[turn] += abs(multiple) if is_largest else 0
        return cls(np.stack(units), turns, multiples, tuple(int(n) for n in highest))


def _units(rows: Sequence[Real]) -> tuple[list[Real], list[tuple[int, int]]]:
    """Return rows that all others are whole multiples of, and for each which one and how many."""
    units: list[Real] = []
    fractions: list[tuple[int, Fraction]] = []
    for row in rows:
        ratios = (_ratio(row, unit) for unit in units)
        matches = [(turn, ratio) for turn, ratio in enumerate(ratios) if ratio is not None]
        if not matches:
            matches = [(len(units), Fraction(1))]
            units.append(row)
        fractions.append(matches[0])
    parts = [
        np.lcm.reduce([f.denominator for turn, f in fractions if turn == place])
        for place in range(len(units))
    ]
    smallest = [unit / part for unit, part in zip(units, parts, strict=True)]
    return smallest, [(turn, int(fraction * int(parts[turn]))) for turn, fraction in fractions]


def _ratio(row: Real, unit: Real) -> Fraction | None:
    """Return the fraction that a row is of another, or None where it is none of small numbers."""
    place = int(np.abs(unit).argmax())
    ratio = float(row[place] / unit[place])
    fraction = Fraction(ratio).limit_denominator(_LARGEST_DENOMINATOR)
    is_near = abs(row - float(fraction) * unit).max() <= _ROUNDING * abs(row).max()
    return fraction if is_near else None
