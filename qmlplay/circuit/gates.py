"""The gate table: everything qmlplay knows about a gate, written once.

A fixed gate is its matrix, a gate with an angle its generator (see `GateType`). Eigenvalues,
matrices, parameter-shift rules, adjoint gradients and how the NumPy backend runs it all follow
from that one line, so a new gate is one new line here and one in each framework's translation.
(Other processes, as with ``n_jobs=2``, import the table anew: add gates in a module they import.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from qmlplay.circuit.gate_types import GateType, composite, fixed, rotation
from qmlplay.circuit.matrices import embed, pauli_matrix
from qmlplay.errors import unknown_name
from qmlplay.typing import Complex, Real

__all__ = [
    "GATES",
    "GateType",
    "check_table",
    "eigenvalues",
    "embed",
    "gate_matrix",
    "gate_type",
    "generator_matrix",
    "pauli_matrix",
    "readers",
    "undoes",
]

#: An angle in radians, one per sample, or the angles of a gate that takes several.
GateAngle = float | Real | Sequence[float | Real]

_ROOT = np.sqrt(0.5)
_H = np.array([[_ROOT, _ROOT], [_ROOT, -_ROOT]])
_X, _Y, _Z = (pauli_matrix(letter) for letter in "XYZ")
_SWAP = np.eye(4, dtype=complex)[[0, 2, 1, 3]]


def _controlled(matrix: Complex | Real) -> Complex:
    """Return a gate's matrix with one more qubit in front that controls it."""
    size = len(matrix)
    wide = np.eye(2 * size, dtype=complex)
    wide[size:, size:] = matrix
    return wide


#: Name → gate: every gate that a circuit may have, and that every backend knows.
GATES: dict[str, GateType] = {
    "h": fixed(_H, "h"),
    "x": fixed(_X, "x"),
    "y": fixed(_Y, "y"),
    "z": fixed(_Z, "z"),
    "s": fixed([[1, 0], [0, 1j]], "sdg"),
    "sdg": fixed([[1, 0], [0, -1j]], "s"),
    "t": fixed([[1, 0], [0, _ROOT * (1 + 1j)]], "tdg"),
    "tdg": fixed([[1, 0], [0, _ROOT * (1 - 1j)]], "t"),
    "sx": fixed([[0.5 + 0.5j, 0.5 - 0.5j], [0.5 - 0.5j, 0.5 + 0.5j]], "sxdg"),
    "sxdg": fixed([[0.5 - 0.5j, 0.5 + 0.5j], [0.5 + 0.5j, 0.5 - 0.5j]], "sx"),
    "cx": fixed(_controlled(_X), "cx"),
    "cy": fixed(_controlled(_Y), "cy"),
    "cz": fixed(_controlled(_Z), "cz"),
    "ch": fixed(_controlled(_H), "ch"),
    "swap": fixed(_SWAP, "swap"),
    "iswap": fixed(_SWAP @ np.diag([1, 1j, 1j, 1]), "iswapdg"),
    "iswapdg": fixed(_SWAP @ np.diag([1, -1j, -1j, 1]), "iswap"),
    "ccx": fixed(_controlled(_controlled(_X)), "ccx"),
    "cswap": fixed(_controlled(_SWAP), "cswap"),
    "rx": rotation("rx", (0.5, "X")),
    "ry": rotation("ry", (0.5, "Y")),
    "rz": rotation("rz", (0.5, "Z")),
    "p": rotation("p", (0.5, "Z"), (-0.5, "I")),  # diag(1, exp(iθ))
    "rxx": rotation("rxx", (0.5, "XX")),
    "ryy": rotation("ryy", (0.5, "YY")),
    "rzz": rotation("rzz", (0.5, "ZZ")),
    "crx": rotation("crx", (0.25, "IX"), (-0.25, "ZX")),
    "cry": rotation("cry", (0.25, "IY"), (-0.25, "ZY")),
    "crz": rotation("crz", (0.25, "IZ"), (-0.25, "ZZ")),
    "cp": rotation("cp", (0.25, "ZI"), (0.25, "IZ"), (-0.25, "ZZ"), (-0.25, "II")),
    # U(θ, φ, λ) as in Qiskit and OpenQASM, global phase included.
    "u": composite("u", ("p", (0,), 2), ("ry", (0,), 0), ("p", (0,), 1)),
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


def _generated(name: str) -> GateType:
    """Return the entry of a gate that has a generator."""
    kind = gate_type(name)
    if kind.generator is None:
        raise ValueError(f"gate {name!r} has no generator: only gates with one angle have one")
    return kind


def eigenvalues(name: str) -> Real:
    """Return the eigenvalues of a gate's generator, in the gate's own basis.

    The basis is the product basis of `GateType.letters`: entry k belongs to the bit string k,
    first qubit most significant, where 0 is the +1 eigenstate of the qubit's letter.

    Raises
    ------
    ValueError
        If the gate is unknown or has no generator.

    Examples
    --------
    >>> eigenvalues("rzz")
    array([ 0.5, -0.5, -0.5,  0.5])
    """
    return _generated(name).eigenvalues


def generator_matrix(name: str) -> Complex:
    """Return the matrix of a gate's generator, shape (2**n_qubits, 2**n_qubits).

    Raises
    ------
    ValueError
        As in `eigenvalues`.
    """
    return _generated(name).generator_matrix


def gate_matrix(name: str, angle: GateAngle | None = None) -> Complex:
    """Return the matrix of a gate.

    Parameters
    ----------
    name : str
        A name of the gate table.
    angle : float or ndarray of shape (n_angles,), or a tuple of these, optional
        Angle in radians, for gates that have one; a tuple of three for ``"u"``.

    Returns
    -------
    ndarray of shape (2**n_qubits, 2**n_qubits) or (n_angles, 2**n_qubits, 2**n_qubits)

    Raises
    ------
    ValueError
        If the gate is unknown or takes another number of angles.

    Examples
    --------
    >>> gate_matrix("u", (np.pi / 2, 0.0, np.pi)).real.round(3)  # a Hadamard gate
    array([[ 0.707,  0.707],
           [ 0.707, -0.707]])
    """
    kind = gate_type(name)
    if kind.has_angle != (angle is not None):
        raise ValueError(f"gate {name!r} takes {kind.n_angles} angle(s), got angle={angle!r}")
    if kind.rows is not None:
        return np.array(kind.rows)
    if angle is None:
        return _matrix(kind, ())
    if kind.n_angles == 1:
        return _matrix(kind, (angle,))  # type: ignore[arg-type]
    if not isinstance(angle, Sequence) or len(angle) != kind.n_angles:
        raise ValueError(f"gate {name!r} takes a tuple of {kind.n_angles} angles; got {angle!r}")
    return _matrix(kind, angle)


def _matrix(kind: GateType, angles: Sequence[float | Real]) -> Complex:
    """Return the matrix of a gate with one or several angles."""
    if kind.parts is None:
        return kind.rotation_matrix(angles[0])
    product: Complex = np.eye(2**kind.n_qubits, dtype=complex)
    for name, places, k in kind.parts:
        matrix = gate_matrix(name, None if k is None else angles[k])
        product = embed(matrix, places, kind.n_qubits) @ product
    return product


def readers(kind: GateType, angle: int) -> list[GateType]:
    """Return the entries of the gates with a generator that read one of a gate's angles."""
    if kind.parts is None:
        return [kind]
    return [gate_type(part) for part, _, k in kind.parts if k == angle]


def check_table(table: Mapping[str, GateType]) -> None:
    """Check what the entries of a gate table say of one another.

    Parameters
    ----------
    table : mapping of str to GateType
        Such as `GATES`. Every entry on its own was checked when it was made.

    Raises
    ------
    ValueError
        If an inverse is missing or undoes something else, or a gate is made of gates that are
        not there or whose shifts do not fit together.
    """
    for name, kind in table.items():
        if kind.inverse not in table:
            raise ValueError(f"the inverse of gate {name!r}, {kind.inverse!r}, is not in the table")
        for part in kind.parts or ():
            _check_part(name, *part)
        for angle in range(kind.n_angles):
            _check_frequencies(name, kind, angle)
        if not undoes(table[kind.inverse], kind):
            raise ValueError(f"gate {kind.inverse!r} does not undo gate {name!r}")


@cache
def undoes(inverse: GateType, kind: GateType) -> bool:
    """Return whether an entry is the inverse of another, its angles negated."""
    if inverse.n_angles != kind.n_angles or inverse.n_qubits != kind.n_qubits:
        return False
    angles = [0.7 + 0.4 * k for k in range(kind.n_angles)]
    negated = [-angles[k] for k in kind.inverse_order]
    matrix, back = (
        np.array(entry.rows) if entry.rows is not None else _matrix(entry, values)
        for entry, values in ((kind, angles), (inverse, negated))
    )
    return np.allclose(back @ matrix, np.eye(len(matrix)))


def _check_part(name: str, part: str, places: tuple[int, ...], angle: int | None) -> None:
    entry = gate_type(part)
    fits = entry.parts is None and entry.has_angle == (angle is not None)
    if not fits or len(places) != entry.n_qubits or len(set(places)) != len(places):
        raise ValueError(
            f"gate {name!r} has the part {(part, places, angle)}: a part is a gate with one angle "
            f"or none, on {entry.n_qubits} different places, and None or the number of its angle"
        )


def _check_frequencies(name: str, kind: GateType, angle: int) -> None:
    gaps = np.array([gap for reader in readers(kind, angle) for gap in reader.gaps])
    if not len(gaps):
        raise ValueError(f"gate {name!r} numbers its angles 0, 1, … without using {angle}")
    if not np.allclose(gaps / gaps.min(), (gaps / gaps.min()).round(), rtol=0, atol=1e-9):
        raise ValueError(
            f"angle {angle} of gate {name!r} turns its parts by {gaps.tolist()}, but parameter "
            f"shift needs multiples of the smallest: give them angles of their own"
        )


check_table(GATES)
