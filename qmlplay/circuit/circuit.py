"""Gates in a row: the framework-neutral circuit that every simulator translates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from qmlplay.circuit.gates import gate_type

__all__ = ["Circuit", "Gate"]


@dataclass(frozen=True)
class Gate:
    """A gate at its place in a circuit.

    Parameters
    ----------
    name : str
        A name of `qmlplay.circuit.GATES`, for instance ``"h"``, ``"cx"`` or ``"ry"``.
    qubits : tuple of int
        The qubits it acts on, control first; qubit 0 is the first.
    slot : int, optional
        Index of its angle in the circuit's list of angles; None for a fixed gate.

    Raises
    ------
    ValueError
        If the name is unknown, or the number of qubits or the slot does not fit it.

    Examples
    --------
    >>> Gate("ry", (0,), slot=2)
    Gate(name='ry', qubits=(0,), slot=2)
    """

    name: str
    qubits: tuple[int, ...]
    slot: int | None = None

    def __post_init__(self) -> None:
        kind = gate_type(self.name)
        object.__setattr__(self, "qubits", tuple(int(qubit) for qubit in self.qubits))
        if self.slot is not None:
            object.__setattr__(self, "slot", int(self.slot))
        if len(self.qubits) != kind.n_qubits or len(set(self.qubits)) != kind.n_qubits:
            raise ValueError(
                f"gate {self.name!r} acts on {kind.n_qubits} different qubit(s), "
                f"but qubits={self.qubits} came"
            )
        if kind.has_angle and self.slot is None:
            raise ValueError(f"gate {self.name!r} has an angle: give the slot=… it reads")
        if not kind.has_angle and self.slot is not None:
            raise ValueError(f"gate {self.name!r} has no angle: leave out slot={self.slot}")

    @property
    def inverse(self) -> Gate:
        """The inverse gate; where there is an angle, it has to be negated as well."""
        return Gate(gate_type(self.name).inverse, self.qubits, self.slot)


@dataclass(frozen=True)
class Circuit:
    """A frozen, hashable list of gates on n_qubits qubits that start in |0…0⟩.

    Parameters
    ----------
    n_qubits : int
        Number of qubits, at least 1.
    gates : tuple of Gate
        The gates in the order in which they act.

    Raises
    ------
    ValueError
        If a gate acts on a qubit that is not there, or a slot below the highest is unused.

    Examples
    --------
    >>> bell = Circuit(2, (Gate("h", (0,)), Gate("cx", (0, 1))))
    >>> bell.n_slots, bell.depth, bell.n_two_qubit_gates
    (0, 2, 1)
    """

    n_qubits: int
    gates: tuple[Gate, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "gates", tuple(self.gates))
        if self.n_qubits < 1:
            raise ValueError(f"a circuit needs at least 1 qubit, but n_qubits={self.n_qubits}")
        for gate in self.gates:
            if not all(0 <= qubit < self.n_qubits for qubit in gate.qubits):
                raise ValueError(
                    f"{gate.name!r} acts on qubits {gate.qubits}, but the circuit has "
                    f"qubits 0 to {self.n_qubits - 1}"
                )
        slots = {gate.slot for gate in self.gates if gate.slot is not None}
        if slots != set(range(len(slots))):
            raise ValueError(f"slots must be numbered 0, 1, 2, … without a gap; came {slots}")

    @cached_property
    def _hash(self) -> int:
        return hash((self.n_qubits, self.gates))

    def __hash__(self) -> int:
        # Circuits are keys of translation caches: hash the gates once, not at every look-up.
        return self._hash

    def __getstate__(self) -> dict[str, Any]:
        # String hashes differ between processes: never pickle the remembered one.
        return {"n_qubits": self.n_qubits, "gates": self.gates}

    @cached_property
    def n_slots(self) -> int:
        """Number of angles that the circuit takes."""
        return len({gate.slot for gate in self.gates if gate.slot is not None})

    @cached_property
    def depth(self) -> int:
        """Number of time steps when every gate acts as early as it can."""
        busy = [0] * self.n_qubits
        for gate in self.gates:
            step = 1 + max(busy[qubit] for qubit in gate.qubits)
            for qubit in gate.qubits:
                busy[qubit] = step
        return max(busy)

    @property
    def n_two_qubit_gates(self) -> int:
        """Number of gates on two qubits, the ones that hardware finds hard."""
        return sum(len(gate.qubits) == 2 for gate in self.gates)

    def then(self, gates: Iterable[Gate]) -> Circuit:
        """Return this circuit followed by more gates."""
        return Circuit(self.n_qubits, self.gates + tuple(gates))

    def part(self, start: int, stop: int) -> Circuit:
        """Return gates start to stop − 1 as a circuit, their slots numbered anew in order."""
        gates = self.gates[start:stop]
        slots = sorted({gate.slot for gate in gates if gate.slot is not None})
        new = {slot: i for i, slot in enumerate(slots)}
        renumbered = (
            Gate(g.name, g.qubits, None if g.slot is None else new[g.slot]) for g in gates
        )
        return Circuit(self.n_qubits, tuple(renumbered))

    def to_dict(self) -> dict[str, Any]:
        """Return the circuit as plain lists and numbers, ready for JSON."""
        gates = [[gate.name, list(gate.qubits), gate.slot] for gate in self.gates]
        return {"n_qubits": self.n_qubits, "gates": gates}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Circuit:
        """Return the circuit that `to_dict` wrote."""
        gates = tuple(Gate(name, tuple(qubits), slot) for name, qubits, slot in data["gates"])
        return cls(int(data["n_qubits"]), gates)
