"""Parameter-shift rules: the derivative by a gate's angle from the same circuit at other angles."""

from __future__ import annotations

from functools import cache
from math import fsum

import numpy as np

from qmlplay.circuit.gate_types import GateType
from qmlplay.circuit.gates import gate_type, readers

__all__ = ["shift_rule"]


def shift_rule(name: str, angle: int = 0) -> tuple[tuple[float, float], ...]:
    """Return the parameter-shift rule of a gate: pairs (coefficient, shift in radians).

    The derivative of an expectation by the gate's angle is
    Σ coefficient · E(angle + shift): two terms where the generator has two eigenvalues,
    four for controlled rotations. The general rule is that of Wierichs et al.,
    "General parameter-shift rules for quantum gradients", arXiv:2107.12390.

    Parameters
    ----------
    name : str
        Name of a gate with an angle.
    angle : int, default=0
        Which of its angles, where it has several.

    Returns
    -------
    tuple of (float, float)
        Coefficient and shift of every term.

    Raises
    ------
    ValueError
        If the gate is unknown or has no such angle.

    Examples
    --------
    >>> [(round(c, 3), round(s, 3)) for c, s in shift_rule("rx")]
    [(0.5, 1.571), (-0.5, 4.712)]
    >>> len(shift_rule("crx"))
    4
    """
    kind = gate_type(name)
    if not 0 <= angle < kind.n_angles:
        raise ValueError(f"gate {name!r} has {kind.n_angles} angle(s), and none numbered {angle}")
    return _rule(tuple(readers(kind, angle)))


@cache
def _rule(kinds: tuple[GateType, ...]) -> tuple[tuple[float, float], ...]:
    """Return the rule of an angle that gates of these kinds read."""
    unit = min(kind.gaps[0] for kind in kinds)
    # Frequencies of gates that read the same angle add up.
    n_frequencies = round(fsum(kind.gaps[-1] for kind in kinds) / unit)
    odd = 2 * np.arange(1, 2 * n_frequencies + 1) - 1
    shifts = odd * np.pi / (2 * n_frequencies * unit)
    signs = np.where(np.arange(2 * n_frequencies) % 2, -1.0, 1.0)
    weights = unit * signs / (4 * n_frequencies * np.sin(odd * np.pi / (4 * n_frequencies)) ** 2)
    return tuple((float(c), float(s)) for c, s in zip(weights, shifts, strict=True))
