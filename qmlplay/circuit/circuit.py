"""Gates in a row: the framework-neutral circuit that every simulator translates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from qmlplay.checks import is_integer
from qmlplay.circuit.gates import GateType, gate_type, undoes

__all__ = ["Circuit", "Gate"]

Entry = TypeVar("Entry")


@dataclass(frozen=True)
class Gate:
    """A gate at its place in a circuit.

    Parameters
    ----------
    name : str
        A name of `qmlplay.circuit.GATES`, for instance ``"h"``, ``"cx"`` or ``"ry"``.
    qubits : tuple of int
        The qubits it acts on, control first; qubit 0 is the first.
    slot : int or tuple of int, optional
        Index of its angle in the circuit's list of angles; None for a fixed gate, and a tuple
        for a gate with several angles: θ, φ and λ of ``"u"``.

    Raises
    ------
    TypeError
        If a qubit or a slot is no integer.
    ValueError
        If the name is unknown, or the number of qubits or the slot does not fit it.

    Examples
    --------
    >>> Gate("ry", (0,), slot=2)
    Gate(name='ry', qubits=(0,), slot=2)
    """

    name: str
    qubits: tuple[int, ...]
    slot: int | tuple[int, ...] | None = None
    # Gates of one name differ, in caches as well, once the table says something else of it.
    _kind: GateType | None = field(init=False, repr=False, hash=False, default=None)

    def __post_init__(self) -> None:
        kind = gate_type(self.name)
        object.__setattr__(self, "_kind", kind)
        object.__setattr__(self, "qubits", self._integers("qubits", self.qubits))
        if isinstance(self.slot, Iterable):
            object.__setattr__(self, "slot", self._integers("slot", self.slot))
        elif self.slot is not None:
            object.__setattr__(self, "slot", self._integers("slot", (self.slot,))[0])
        if len(self.qubits) != kind.n_qubits or len(set(self.qubits)) != kind.n_qubits:
            raise ValueError(
                f"gate {self.name!r} acts on {kind.n_qubits} different qubit(s), "
                f"but qubits={self.qubits} came"
            )
        self._check_slots(kind.n_angles)

    def _integers(self, what: str, numbers: Any) -> tuple[int, ...]:
        came = tuple(numbers) if isinstance(numbers, Iterable) else ()
        if not came or not all(is_integer(number) for number in came):
            text = f"the {what} of gate {self.name!r} must be integers, such as {what}=(0, 1)"
            raise TypeError(f"{text}; got {what}={numbers!r}")
        if min(came) < 0:
            raise ValueError(
                f"the {what} of gate {self.name!r} must be integers from 0 on; got "
                f"{what}={numbers!r}"
            )
        return tuple(int(number) for number in came)

    def _check_slots(self, n_angles: int) -> None:
        if n_angles == 0 and self.slot is not None:
            raise ValueError(f"gate {self.name!r} has no angle: leave out slot={self.slot}")
        if n_angles == 1 and self.slot is None:
            raise ValueError(f"gate {self.name!r} has an angle: give the slot=… it reads")
        if len(self.slots) != n_angles or (n_angles == 1 and isinstance(self.slot, tuple)):
            raise ValueError(
                f"gate {self.name!r} has {n_angles} angle(s), but slot={self.slot} came: give "
                f"slot={0 if n_angles == 1 else tuple(range(n_angles))} or other numbers"
            )

    @classmethod
    def reading(cls, name: str, qubits: tuple[int, ...], slots: Sequence[int]) -> Gate:
        """Return a gate that reads these slots: none, one or several."""
        return cls(name, qubits, tuple(slots) if len(slots) > 1 else slots[0] if slots else None)

    @cached_property
    def slots(self) -> tuple[int, ...]:
        """The slots of its angles in order: none, one or several."""
        if self.slot is None:
            return ()
        return self.slot if isinstance(self.slot, tuple) else (self.slot,)

    def angle(self, angles: Sequence[Entry]) -> Entry | tuple[Entry, ...] | None:
        """Return what the gate reads from a list with one entry per slot.

        Parameters
        ----------
        angles : sequence
            Angles, formulas, or anything else that belongs to slots.

        Returns
        -------
        object
            None for a fixed gate, an entry, or a tuple of entries where the gate reads several.

        Examples
        --------
        >>> angles = [0.1, 0.2, 0.3]
        >>> Gate("ry", (0,), 1).angle(angles), Gate("u", (0,), (2, 1, 0)).angle(angles)
        (0.2, (0.3, 0.2, 0.1))
        """
        if self.slot is None:
            return None
        if isinstance(self.slot, int):
            return angles[self.slot]
        return tuple(angles[slot] for slot in self.slot)

    def __reduce__(self) -> tuple[Any, ...]:
        return Gate, (self.name, self.qubits, self.slot)

    def with_slots(self, new: Mapping[int, int] | Sequence[int]) -> Gate:
        """Return the gate reading slot ``new[k]`` wherever it reads slot k."""
        if self.slot is None:
            return self
        return Gate.reading(self.name, self.qubits, [new[slot] for slot in self.slots])

    @property
    def inverse(self) -> Gate:
        """The inverse gate; where there are angles, they have to be negated, too."""
        kind = gate_type(self.name)
        if not undoes(gate_type(kind.inverse), kind):
            raise ValueError(
                f"gate {kind.inverse!r} does not undo gate {self.name!r}: give its line in the "
                f"gate table the name of another as inverse=, one that does"
            )
        return Gate.reading(kind.inverse, self.qubits, [self.slots[k] for k in kind.inverse_order])

    @property
    def parts(self) -> tuple[Gate, ...]:
        """The gates with one angle or none that make this one: itself, unless it has several."""
        kind = gate_type(self.name)
        if kind.parts is None:
            return (self,)
        return tuple(
            Gate(
                name,
                tuple(self.qubits[place] for place in places),
                None if k is None else self.slots[k],
            )
            for name, places, k in kind.parts
        )


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
        if not is_integer(self.n_qubits, 1):
            raise ValueError(f"a circuit needs at least 1 qubit, but n_qubits={self.n_qubits!r}")
        object.__setattr__(self, "n_qubits", int(self.n_qubits))  # NumPy's would not go into JSON
        for gate in self.gates:
            if not all(0 <= qubit < self.n_qubits for qubit in gate.qubits):
                raise ValueError(
                    f"{gate.name!r} acts on qubits {gate.qubits}, but the circuit has "
                    f"qubits 0 to {self.n_qubits - 1}"
                )
        slots = {slot for gate in self.gates for slot in gate.slots}
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
        return len({slot for gate in self.gates for slot in gate.slots})

    @cached_property
    def elementary(self) -> Circuit:
        """The same circuit with every gate of several angles spelled out, for simulators."""
        gates = tuple(part for gate in self.gates for part in gate.parts)
        return _remembered(self if gates == self.gates else Circuit(self.n_qubits, gates))

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
        """Number of gates on two qubits or more, the ones that hardware finds hard."""
        return sum(len(gate.qubits) >= 2 for gate in self.gates)

    def then(self, gates: Iterable[Gate]) -> Circuit:
        """Return this circuit followed by more gates."""
        return Circuit(self.n_qubits, self.gates + tuple(gates))

    def part(self, start: int, stop: int) -> Circuit:
        """Return gates start to stop − 1 as a circuit, their slots numbered anew in order."""
        gates = self.gates[start:stop]
        slots = sorted({slot for gate in gates for slot in gate.slots})
        new = {slot: i for i, slot in enumerate(slots)}
        return Circuit(self.n_qubits, tuple(gate.with_slots(new) for gate in gates))

    def to_dict(self) -> dict[str, Any]:
        """Return the circuit as plain lists and numbers, ready for JSON."""
        slots = (list(g.slot) if isinstance(g.slot, tuple) else g.slot for g in self.gates)
        entries = zip(self.gates, slots, strict=True)
        gates = [[gate.name, list(gate.qubits), slot] for gate, slot in entries]
        return {"n_qubits": self.n_qubits, "gates": gates}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Circuit:
        """Return the circuit that `to_dict` wrote."""
        gates = tuple(Gate(name, tuple(qubits), slot) for name, qubits, slot in data["gates"])
        return cls(int(data["n_qubits"]), gates)


@lru_cache(maxsize=256)
def _remembered(circuit: Circuit) -> Circuit:
    """Return the first of all equal circuits: it is found in caches without comparing gates."""
    return circuit
