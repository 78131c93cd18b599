"""Entanglers taken out of a circuit: which these are, and what becomes of the weights."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from qmlplay.circuit import ParametricCircuit
from qmlplay.model import ModelDesign
from qmlplay.widget.playing.models import whole_design
from qmlplay.widget.settings.configuration import Configuration

__all__ = ["Entanglers"]


@dataclass(frozen=True, eq=False)
class Entanglers:
    """The circuit of a configuration with all its entanglers, of which some may be out.

    Parameters
    ----------
    design : ModelDesign
        With all of them.
    removed : tuple of int
        The gates that are out, by their places in the whole circuit.

    Examples
    --------
    >>> entanglers = Entanglers.of(Configuration(n_layers=1))
    >>> [gate.name for gate in entanglers.circuit.circuit.gates]
    ['h', 'h', 'ry', 'ry', 'ry', 'ry', 'rz', 'rz', 'rxx']
    >>> entanglers.without(8).removed
    (8,)
    """

    design: ModelDesign
    removed: tuple[int, ...]

    @classmethod
    def of(cls, configuration: Configuration) -> Entanglers:
        """Return those of a configuration."""
        return cls(whole_design(configuration), configuration.removed_gates)

    @property
    def circuit(self) -> ParametricCircuit:
        """The whole circuit."""
        return self.design.circuit

    @property
    def places(self) -> list[int]:
        """The gates that are in, by their places in the whole circuit."""
        return [k for k in range(len(self.circuit.circuit.gates)) if k not in self.removed]

    @property
    def weights(self) -> list[int]:
        """The weights of the gates that are in, by their places in the whole circuit."""
        gates, formulas = self.circuit.circuit.gates, self.circuit.formulas
        slots = [slot for k in self.places for slot in gates[k].slots]
        return sorted({weight for slot in slots for weight in formulas[slot].weights})

    def is_removable(self, gate: int) -> bool:
        """Return whether a gate, by its place in the whole circuit, may be taken out."""
        n_qubits = len(self.circuit.circuit.gates[gate].qubits)
        return n_qubits > 1 and self._layer(gate).startswith("ansatz")

    def without(self, gate: int) -> Entanglers:
        """Return them with one more out.

        Raises
        ------
        ValueError
            If it is no entangler of the ansatz.
        """
        if gate in self.removed:
            raise ValueError(f"gate {gate} is out already")
        return replace(self, removed=tuple(sorted((*self.removed, gate))))

    def with_again(self, gate: Any) -> Entanglers:
        """Return them with one in again; ValueError if it is not out."""
        if gate not in self.removed or isinstance(gate, bool):
            out = ", ".join(map(str, self.removed)) or "none"
            raise ValueError(f"gate={gate!r}: gates that can be put in again: {out}")
        return replace(self, removed=tuple(k for k in self.removed if k != gate))

    def numbers_after(
        self, other: Entanglers, numbers: Sequence[float], spare: Mapping[int, float]
    ) -> tuple[float, ...]:
        """Return the trainable numbers of others, from those here: what is in both stays.

        A weight that comes in again has the value of `spare`, else 0.
        """
        mine = self.weights
        values = dict(spare) | dict(zip(mine, numbers, strict=False))
        readout = numbers[len(mine) :]
        return (*(values.get(weight, 0.0) for weight in other.weights), *readout)

    def indices_after(self, other: Entanglers, indices: Collection[int]) -> tuple[int, ...]:
        """Return the places of some weights among those of others, as far as they are there."""
        chosen = {self.weights[index] for index in indices}
        return tuple(k for k, weight in enumerate(other.weights) if weight in chosen)

    def listed(self) -> list[dict[str, Any]]:
        """Return the gates that are out, in words, as plain values."""
        gates = self.circuit.circuit.gates
        return [
            {
                "gate": k,
                "text": f"{gates[k].name.upper()} between qubits "
                f"{' and '.join(map(str, gates[k].qubits))} ({self._layer(k)})",
            }
            for k in self.removed
        ]

    def _layer(self, gate: int) -> str:
        return next(b.name for b in self.design.blocks if b.start <= gate < b.stop)
