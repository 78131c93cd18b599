"""Noise channels: their conventions, and their Kraus operators for the reference.

Conventions, and how they map to the frameworks:

===================  =======================================  ===============================
channel              meaning of its probability p             conversion
===================  =======================================  ===============================
depolarizing_1q      X, Y or Z, p/3 each                      Cirq, PennyLane: p; Qiskit mixes
                                                              in the mixed state: 4p/3
depolarizing_2q      one of the 15 Pauli pairs, p/15 each     Cirq: p; Qiskit: 16p/15
amplitude_damping    |1⟩ decays to |0⟩                        the same everywhere
phase_damping        coherence shrinks by √(1 − p)            the same everywhere
bit_flip             X                                        the same everywhere
phase_flip           Z                                        the same everywhere
===================  =======================================  ===============================

The channels are those of Nielsen and Chuang, Quantum Computation and Quantum Information,
section 8.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from qmlplay.circuit.gates import pauli_matrix
from qmlplay.errors import unknown_name
from qmlplay.typing import Complex

__all__ = ["Channel", "kraus_operators"]


@dataclass(frozen=True)
class Channel:
    """A noise channel after a gate.

    Parameters
    ----------
    name : str
        A field of `NoiseModel` other than ``"readout_error"``.
    probability : float
        Its probability, between 0 and 1.
    places : tuple of int
        The gate's qubits that it acts on: 0 for the gate's first, 1 for its second, and so on.
    """

    name: str
    probability: float
    places: tuple[int, ...]


def kraus_operators(name: str, probability: float) -> Complex:
    """Return the Kraus operators K of a channel, ρ → Σ K ρ K†.

    Parameters
    ----------
    name : str
        A field of `NoiseModel` other than ``"readout_error"``.
    probability : float
        Its probability, between 0 and 1.

    Returns
    -------
    ndarray of shape (n_operators, 2, 2) or (n_operators, 4, 4)

    Raises
    ------
    ValueError
        If there is no channel of that name.

    Examples
    --------
    >>> kraus_operators("amplitude_damping", 0.36).real
    array([[[1. , 0. ],
            [0. , 0.8]],
    <BLANKLINE>
           [[0. , 0.6],
            [0. , 0. ]]])
    """
    p = probability
    keep = np.diag([1, sqrt(1 - p)]).astype(complex)
    if name == "amplitude_damping":
        return np.array([keep, [[0, sqrt(p)], [0, 0]]])
    if name == "phase_damping":
        return np.array([keep, [[0, 0], [0, sqrt(p)]]])
    if name not in _PAULIS:
        raise unknown_name("channel", name, [*_PAULIS, "amplitude_damping", "phase_damping"])
    unchanged, *others = _PAULIS[name]
    each = sqrt(p / len(others))
    return np.array(
        [sqrt(1 - p) * pauli_matrix(unchanged), *(each * pauli_matrix(other) for other in others)]
    )


#: What a channel of random Paulis chooses from, the identity first.
_PAULIS = {
    "depolarizing_1q": list("IXYZ"),
    "depolarizing_2q": [a + b for a in "IXYZ" for b in "IXYZ"],
    "bit_flip": ["I", "X"],
    "phase_flip": ["I", "Z"],
}
