"""The gate table: everything qmlplay knows about a gate, written once.

A fixed gate is its matrix. A gate with an angle is its *generator* G, a sum of commuting
Pauli strings, with ``U(θ) = exp(−iθG)``. Eigenvalues, matrices, parameter-shift rules and
adjoint gradients all follow from that one line, so a new gate is one new line here
and one in each simulator's translation table.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from qmlplay.errors import unknown_name

__all__ = [
    "GATES",
    "GateType",
    "eigenvalues",
    "gate_matrix",
    "gate_type",
    "generator_matrix",
    "pauli_matrix",
    "shift_rule",
]

Complex = NDArray[np.complex128]
Real = NDArray[np.float64]
PauliSum = tuple[tuple[float, str], ...]

_PAULI = {
    "I": np.eye(2, dtype=complex),
    "X": np.array([[0, 1], [1, 0]], dtype=complex),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1.0 + 0j, -1.0]),
}
_ROOT = np.sqrt(0.5)


@dataclass(frozen=True)
class GateType:
    """What one gate name means.

    Parameters
    ----------
    n_qubits : int
        How many qubits the gate acts on.
    inverse : str
        Name of the inverse gate; a gate with an angle is inverted by negating the angle.
    rows : tuple of tuple of complex or None
        Matrix of a fixed gate, first qubit most significant.
    generator : tuple of (float, str) or None
        G = Σ coefficient · Pauli string of a gate ``exp(−iθG)``, θ in radians.
    """

    n_qubits: int
    inverse: str
    rows: tuple[tuple[complex, ...], ...] | None = None
    generator: PauliSum | None = None

    @property
    def has_angle(self) -> bool:
        """Whether the gate takes an angle."""
        return self.generator is not None

    @property
    def letters(self) -> str:
        """The Pauli letter that the generator uses on each qubit, one per qubit."""
        strings = [string for _, string in self.generator or ()]
        return "".join(max(column) for column in zip(*strings, strict=True))


def _rows(matrix: Complex | list[list[complex]]) -> tuple[tuple[complex, ...], ...]:
    return tuple(tuple(complex(entry) for entry in row) for row in np.asarray(matrix))


def _fixed(matrix: Complex | list[list[complex]], inverse: str) -> GateType:
    rows = _rows(matrix)
    return GateType(n_qubits=len(rows).bit_length() - 1, inverse=inverse, rows=rows)


def _rotation(name: str, *terms: tuple[float, str]) -> GateType:
    return GateType(n_qubits=len(terms[0][1]), inverse=name, generator=terms)


def _controlled(matrix: Complex) -> Complex:
    return np.block([[np.eye(2), np.zeros((2, 2))], [np.zeros((2, 2)), matrix]])


GATES: dict[str, GateType] = {
    "h": _fixed([[_ROOT, _ROOT], [_ROOT, -_ROOT]], "h"),
    "x": _fixed(_PAULI["X"], "x"),
    "y": _fixed(_PAULI["Y"], "y"),
    "z": _fixed(_PAULI["Z"], "z"),
    "s": _fixed([[1, 0], [0, 1j]], "sdg"),
    "sdg": _fixed([[1, 0], [0, -1j]], "s"),
    "t": _fixed([[1, 0], [0, _ROOT * (1 + 1j)]], "tdg"),
    "tdg": _fixed([[1, 0], [0, _ROOT * (1 - 1j)]], "t"),
    "sx": _fixed([[0.5 + 0.5j, 0.5 - 0.5j], [0.5 - 0.5j, 0.5 + 0.5j]], "sxdg"),
    "sxdg": _fixed([[0.5 - 0.5j, 0.5 + 0.5j], [0.5 + 0.5j, 0.5 - 0.5j]], "sx"),
    "cx": _fixed(_controlled(_PAULI["X"]), "cx"),
    "cy": _fixed(_controlled(_PAULI["Y"]), "cy"),
    "cz": _fixed(_controlled(_PAULI["Z"]), "cz"),
    "swap": _fixed(np.eye(4, dtype=complex)[[0, 2, 1, 3]], "swap"),
    "rx": _rotation("rx", (0.5, "X")),
    "ry": _rotation("ry", (0.5, "Y")),
    "rz": _rotation("rz", (0.5, "Z")),
    "p": _rotation("p", (0.5, "Z"), (-0.5, "I")),  # diag(1, exp(iθ))
    "rxx": _rotation("rxx", (0.5, "XX")),
    "ryy": _rotation("ryy", (0.5, "YY")),
    "rzz": _rotation("rzz", (0.5, "ZZ")),
    "crx": _rotation("crx", (0.25, "IX"), (-0.25, "ZX")),
    "cry": _rotation("cry", (0.25, "IY"), (-0.25, "ZY")),
    "crz": _rotation("crz", (0.25, "IZ"), (-0.25, "ZZ")),
    "cp": _rotation("cp", (0.25, "ZI"), (0.25, "IZ"), (-0.25, "ZZ"), (-0.25, "II")),
}


def gate_type(name: str) -> GateType:
    """Return the entry of the gate table.

    Raises
    ------
    ValueError
        If there is no gate of that name.

    Examples
    --------
    >>> gate_type("crx").n_qubits
    2
    """
    if name not in GATES:
        raise unknown_name("gate", name, GATES)
    return GATES[name]


def pauli_matrix(string: str) -> Complex:
    """Return the matrix of a Pauli string, its first letter on the most significant qubit."""
    matrix = np.eye(1, dtype=complex)
    for letter in string:
        matrix = np.kron(matrix, _PAULI[letter])
    return matrix


@cache
def eigenvalues(name: str) -> Real:
    """Return the eigenvalues of a gate's generator, in the gate's own basis.

    The basis is the product basis of `GateType.letters`: entry k belongs to the bit string k,
    first qubit most significant, where 0 is the +1 eigenstate of the qubit's letter.

    Examples
    --------
    >>> eigenvalues("rzz")
    array([ 0.5, -0.5, -0.5,  0.5])
    """
    kind = gate_type(name)
    total = np.zeros(2**kind.n_qubits)
    for coefficient, string in kind.generator or ():
        total += coefficient * np.diag(pauli_matrix(string.translate(_TO_Z))).real
    total.flags.writeable = False
    return total


_TO_Z = str.maketrans("XY", "ZZ")


@cache
def generator_matrix(name: str) -> Complex:
    """Return the matrix of a gate's generator, shape (2**n_qubits, 2**n_qubits)."""
    kind = gate_type(name)
    matrix: Complex = sum(c * pauli_matrix(s) for c, s in kind.generator or ())  # type: ignore[assignment]
    matrix.flags.writeable = False
    return matrix


@cache
def _projectors(name: str) -> tuple[Real, Complex]:
    values, vectors = np.linalg.eigh(generator_matrix(name))
    return values, np.einsum("ik,jk->kij", vectors, vectors.conj())


def gate_matrix(name: str, angle: float | Real | None = None) -> Complex:
    """Return the matrix of a gate.

    Parameters
    ----------
    name : str
        A name of the gate table.
    angle : float or ndarray of shape (n_angles,), optional
        Angle in radians, for gates that have one.

    Returns
    -------
    ndarray of shape (2**n_qubits, 2**n_qubits) or (n_angles, 2**n_qubits, 2**n_qubits)

    Examples
    --------
    >>> gate_matrix("rz", 0.0).real
    array([[1., 0.],
           [0., 1.]])
    """
    kind = gate_type(name)
    if kind.rows is not None:
        return np.array(kind.rows)
    if len(kind.generator or ()) == 1:
        # A Pauli string squares to 1: exp(−iθcP) = cos(cθ) − i sin(cθ) P, with exact zeros.
        turn = eigenvalues(name)[0] * np.asarray(angle, dtype=float)[..., None, None]
        pauli = generator_matrix(name) / eigenvalues(name)[0]
        return np.asarray(np.cos(turn) * np.eye(len(pauli)) - 1j * (np.sin(turn) * pauli))
    values, projectors = _projectors(name)
    phases = np.exp(-1j * np.multiply.outer(np.asarray(angle, dtype=float), values))
    return np.asarray(np.tensordot(phases, projectors, axes=1))


@cache
def shift_rule(name: str) -> tuple[tuple[float, float], ...]:
    """Return the parameter-shift rule of a gate: pairs (coefficient, shift in radians).

    The derivative of an expectation by the gate's angle is
    Σ coefficient · E(angle + shift): two terms where the generator has two eigenvalues,
    four for controlled rotations. The general rule is that of Wierichs et al.,
    "General parameter-shift rules for quantum gradients", arXiv:2107.12390.

    Parameters
    ----------
    name : str
        Name of a gate with an angle.

    Returns
    -------
    tuple of (float, float)
        Coefficient and shift of every term.

    Examples
    --------
    >>> [(round(c, 3), round(s, 3)) for c, s in shift_rule("rx")]
    [(0.5, 1.571), (-0.5, 4.712)]
    >>> len(shift_rule("crx"))
    4
    """
    values = eigenvalues(name)
    gaps = np.unique(np.abs(np.subtract.outer(values, values)).round(12))[1:]
    unit, n_frequencies = gaps[0], round(gaps[-1] / gaps[0])
    odd = 2 * np.arange(1, 2 * n_frequencies + 1) - 1
    shifts = odd * np.pi / (2 * n_frequencies * unit)
    signs = np.where(np.arange(2 * n_frequencies) % 2, -1.0, 1.0)
    weights = unit * signs / (4 * n_frequencies * np.sin(odd * np.pi / (4 * n_frequencies)) ** 2)
    return tuple((float(c), float(s)) for c, s in zip(weights, shifts, strict=True))
