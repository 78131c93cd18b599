"""The entry of the gate table: what one gate is, and what follows from that.

A fixed gate is its matrix. A gate with an angle is its *generator* G, a sum of Pauli strings,
with ``U(θ) = exp(−iθG)``. A gate with several angles is made of gates with one. What a simulator
asks of a gate (does it have one entry per row, which eigenvalues has it) is
derived from that and never from its name; an entry that breaks a precondition is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from qmlplay.circuit.matrices import pauli_matrix
from qmlplay.typing import Complex, Real

__all__ = ["GateType", "composite", "fixed", "rotation"]

PauliSum = tuple[tuple[float, str], ...]
Rows = tuple[tuple[complex, ...], ...]
#: A gate inside another: its name, its places there, and which of the angles it reads.
Part = tuple[str, tuple[int, ...], int | None]

_TO_Z = str.maketrans("XY", "ZZ")


@dataclass(frozen=True)
class GateType:
    """What one gate name means: exactly one of `rows`, `generator` and `parts` is given.

    Parameters
    ----------
    n_qubits : int
        How many qubits the gate acts on.
    inverse : str
        Name of the inverse gate; a gate with angles is inverted by negating them.
    rows : tuple of tuple of complex or None
        Matrix of a fixed gate, first qubit most significant.
    generator : tuple of (float, str) or None
        G = Σ coefficient · Pauli string of a gate ``exp(−iθG)``, θ in radians. On each qubit all
        strings have the same letter or I, so that G is diagonal in one product basis; and its
        eigenvalues differ by multiples of one number, so that parameter shift is exact.
    parts : tuple of (str, tuple of int, int or None) or None
        The gates that this one is made of, in the order in which they act: name, places among
        the gate's qubits, and the number of the angle that it reads.

    Raises
    ------
    ValueError
        If a matrix is not unitary, or a generator breaks the rules above.

    Examples
    --------
    >>> rotation("ryy", (0.5, "YY")).letters
    'YY'
    >>> rotation("rxy", (0.5, "XI"), (0.5, "YY"))
    Traceback (most recent call last):
    ValueError: the generator ((0.5, 'XI'), (0.5, 'YY')) has the letters XY on qubit 0, ...
    """

    n_qubits: int
    inverse: str
    rows: Rows | None = None
    generator: PauliSum | None = None
    parts: tuple[Part, ...] | None = None

    def __post_init__(self) -> None:
        definitions = (self.rows, self.generator, self.parts)
        if sum(definition is not None for definition in definitions) != 1:
            raise ValueError("a gate is given by exactly one of rows, generator and parts")
        for name in ("rows", "generator", "parts"):  # lists cannot be hashed
            if getattr(self, name) is not None:
                object.__setattr__(self, name, tuple(map(tuple, getattr(self, name))))
        if self.rows is not None:
            self._check_matrix()
        if self.generator is not None:
            self._check_letters(self.generator)
            self._check_gaps(self.generator)

    def _check_matrix(self) -> None:
        matrix = np.array(self.rows)
        size = 2**self.n_qubits
        if matrix.shape != (size, size):
            raise ValueError(
                f"a matrix on {self.n_qubits} qubits has shape {(size, size)}, got {matrix.shape}"
            )
        if not np.allclose(matrix @ matrix.conj().T, np.eye(size), rtol=0, atol=1e-12):
            raise ValueError(f"the matrix of a gate must be unitary, got {matrix.tolist()}")

    def _check_letters(self, generator: PauliSum) -> None:
        strings = [string for _, string in generator]
        if any(len(string) != self.n_qubits or set(string) - set("IXYZ") for string in strings):
            raise ValueError(
                f"a generator on {self.n_qubits} qubits has strings of as many letters I, X, Y "
                f"or Z, got {generator}"
            )
        for qubit, column in enumerate(zip(*strings, strict=True)):
            letters = "".join(sorted(set(column) - {"I"}))
            if len(letters) > 1:
                raise ValueError(
                    f"the generator {generator} has the letters {letters} on qubit {qubit}, but "
                    f"each qubit may have one: write the gate as parts, gates of the table"
                )

    def _check_gaps(self, generator: PauliSum) -> None:
        if not len(self.gaps):
            raise ValueError(f"the generator {generator} is a global phase: it needs X, Y or Z")
        multiples = self.gaps / self.gaps[0]
        if not np.allclose(multiples, multiples.round(), rtol=0, atol=1e-9):
            raise ValueError(
                f"the generator {generator} has eigenvalues that differ by {self.gaps.tolist()}, "
                f"but parameter shift needs multiples of the smallest: write the gate as parts"
            )

    @property
    def n_angles(self) -> int:
        """Number of angles that the gate takes."""
        if self.parts is None:
            return 0 if self.generator is None else 1
        return len({angle for _, _, angle in self.parts if angle is not None})

    @property
    def has_angle(self) -> bool:
        """Whether the gate takes an angle, or several."""
        return self.n_angles > 0

    @cached_property
    def letters(self) -> str:
        """The Pauli letter that the generator uses on each qubit, one per qubit."""
        strings = [string for _, string in self.generator or ()]
        return "".join(max(column) for column in zip(*strings, strict=True))

    @cached_property
    def eigenvalues(self) -> Real:
        """The generator's eigenvalues (2**n_qubits,) in the product basis of the letters."""
        total = np.zeros(2**self.n_qubits)
        for coefficient, string in self.generator or ():
            total += coefficient * np.diag(pauli_matrix(string.translate(_TO_Z))).real
        total.flags.writeable = False
        return total

    @cached_property
    def generator_matrix(self) -> Complex:
        """The matrix of the generator, shape (2**n_qubits, 2**n_qubits)."""
        terms = self.generator or ()
        matrix = np.asarray(sum(c * pauli_matrix(string) for c, string in terms), dtype=complex)
        matrix.flags.writeable = False
        return matrix

    @cached_property
    def gaps(self) -> Real:
        """The differences between eigenvalues of the generator, each once, from the smallest."""
        values = self.eigenvalues
        return np.unique(np.abs(np.subtract.outer(values, values)).round(12))[1:]

    @cached_property
    def _projectors(self) -> tuple[Real, Complex]:
        values, vectors = np.linalg.eigh(self.generator_matrix)
        return values, np.einsum("ik,jk->kij", vectors, vectors.conj())

    def rotation_matrix(self, angle: float | Real) -> Complex:
        """Return exp(−i · angle · G), one matrix or one per angle."""
        turns = np.asarray(angle, dtype=float)
        if len(self.generator or ()) == 1:
            # A Pauli string squares to 1: exp(−iθcP) = cos(cθ) − i sin(cθ) P, with exact zeros.
            turn = self.eigenvalues[0] * turns[..., None, None]
            pauli = self.generator_matrix / self.eigenvalues[0]
            return np.asarray(np.cos(turn) * np.eye(len(pauli)) - 1j * (np.sin(turn) * pauli))
        values, projectors = self._projectors
        phases = np.exp(-1j * np.multiply.outer(turns, values))
        return np.asarray(np.tensordot(phases, projectors, axes=1))

    @cached_property
    def is_monomial(self) -> bool:
        """Whether a fixed gate has one entry per row: it moves basis states, with phases."""
        return self.rows is not None and all(sum(map(bool, row)) == 1 for row in self.rows)

    @cached_property
    def inverse_order(self) -> tuple[int, ...]:
        """Which of the gate's angles its inverse takes first, second, and so on.

        The reversed parts undo a gate. Where they are the same gates, as in P·RY·P, they read its
        angles in reverse order; where they are others, the parts must commute.
        """
        order = list(range(self.n_angles))
        backwards = (self.parts or ())[::-1]
        if [part[:2] for part in backwards] == [part[:2] for part in self.parts or ()]:
            for (_, _, here), (_, _, there) in zip(self.parts or (), backwards, strict=True):
                if here is not None and there is not None:
                    order[here] = there
        return tuple(order)


def fixed(matrix: Complex | list[list[complex]], inverse: str) -> GateType:
    """Return the entry of a gate without an angle, given by its matrix."""
    rows = tuple(tuple(complex(entry) for entry in row) for row in np.asarray(matrix))
    return GateType(n_qubits=len(rows).bit_length() - 1, inverse=inverse, rows=rows)


def rotation(name: str, *terms: tuple[float, str]) -> GateType:
    """Return the entry of a gate with one angle, given by its generator."""
    return GateType(n_qubits=len(terms[0][1]), inverse=name, generator=terms)


def composite(name: str, *parts: Part) -> GateType:
    """Return the entry of a gate made of others, which must be its own inverse, angles negated."""
    n_qubits = 1 + max(place for _, places, _ in parts for place in places)
    return GateType(n_qubits=n_qubits, inverse=name, parts=parts)
