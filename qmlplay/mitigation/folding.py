"""Global folding: the same circuit, with more gates for noise to follow.

``U`` becomes ``U (U† U)^k``, which does the same and has 1 + 2k times the gates. Scale factors in
between fold the last gates once more. (Giurgica-Tiron et al., "Digital zero noise extrapolation
for quantum error mitigation", arXiv:2005.10921.)
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qmlplay.checks import is_number
from qmlplay.circuit import Angle, Circuit

__all__ = ["fold_global", "folded_scale_factor"]


def fold_global(
    circuit: Circuit, angles: Sequence[Angle], scale_factor: float
) -> tuple[Circuit, list[Angle]]:
    """Return a circuit that does the same with about scale_factor times the gates.

    Parameters
    ----------
    circuit : Circuit
        The circuit U.
    angles : sequence of float or ndarray of shape (n_samples,)
        One entry per slot, in radians.
    scale_factor : float
        How many times as many gates, at least 1. Odd integers are met exactly; others as nearly
        as whole gates allow (see `folded_scale_factor`).

    Returns
    -------
    circuit : Circuit
        U (U† U)^k, and then the inverses of some last gates followed by these gates again. The
        inverse of a gate with an angle reads a slot of its own, behind those of `circuit`.
    angles : list of float or ndarray of shape (n_samples,)
        The angles of `circuit`, then those of the inverse gates: the same, negated.

    Raises
    ------
    ValueError
        If the scale factor is below 1 or not finite, there is not one angle per slot, or there
        is no gate to fold.

    Examples
    --------
    >>> from qmlplay.circuit import Circuit, Gate
    >>> circuit = Circuit(1, (Gate("ry", (0,), 0), Gate("s", (0,))))
    >>> folded, angles = fold_global(circuit, [0.5], 3)
    >>> [gate.name for gate in folded.gates], angles
    (['ry', 's', 'sdg', 'ry', 'ry', 's'], [0.5, -0.5])
    >>> folded, _ = fold_global(circuit, [0.5], 2)
    >>> [gate.name for gate in folded.gates]
    ['ry', 's', 'sdg', 's']
    """
    if len(angles) != circuit.n_slots:
        raise ValueError(
            f"the circuit takes {circuit.n_slots} angles, one per slot, but {len(angles)} came"
        )
    n_folds, n_last = _n_folds(len(circuit.gates), scale_factor)
    last = circuit.gates[len(circuit.gates) - n_last :]
    undone = circuit.gates if n_folds else last
    slots = sorted({slot for gate in undone for slot in gate.slots})
    inverse_slot = {slot: circuit.n_slots + i for i, slot in enumerate(slots)}
    undoing = tuple(gate.inverse.with_slots(inverse_slot) for gate in reversed(undone))
    gates = circuit.gates + n_folds * (undoing + circuit.gates) + undoing[:n_last] + last
    negated: list[Angle] = [
        np.negative(angles[slot]) if np.ndim(angles[slot]) else -angles[slot] for slot in slots
    ]
    return Circuit(circuit.n_qubits, gates), [*angles, *negated]


def folded_scale_factor(n_gates: int, scale_factor: float) -> float:
    """Return how many times as many gates `fold_global` makes of n_gates.

    Parameters
    ----------
    n_gates : int
        Gates of the circuit.
    scale_factor : float
        What is asked for, at least 1.

    Returns
    -------
    float
        1 + 2k/n_gates for the nearest whole number k.

    Raises
    ------
    ValueError
        As in `fold_global`.

    Examples
    --------
    >>> folded_scale_factor(10, 3), folded_scale_factor(10, 1.5)
    (3.0, 1.4)
    """
    n_folds, n_last = _n_folds(n_gates, scale_factor)
    return 1 + 2 * n_folds + 2 * n_last / n_gates


def _n_folds(n_gates: int, scale_factor: float) -> tuple[int, int]:
    """Return how often the whole circuit is folded, and how many last gates once more."""
    if not is_number(scale_factor, 1):
        raise ValueError(
            f"a scale factor must be a number of at least 1, such as 3; got {scale_factor!r}"
        )
    if n_gates == 0:
        raise ValueError("the circuit has no gate that could be folded")
    return divmod(round(n_gates * (scale_factor - 1) / 2), n_gates)
