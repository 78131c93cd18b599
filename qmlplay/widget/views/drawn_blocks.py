"""The blocks of a circuit as the page draws them: they stay the same while a model trains."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self

from qmlplay.circuit import CircuitBlock, ParametricCircuit
from qmlplay.circuit.picture import DrawnGate
from qmlplay.classifier import VariationalClassifier
from qmlplay.diagnostics.layer_states import model_blocks

__all__ = ["DrawnBlocks"]


@dataclass(frozen=True, eq=False)
class DrawnBlocks:
    """The blocks of a circuit, and the gates of each.

    Parameters
    ----------
    blocks : tuple of CircuitBlock
    drawn : list of dict
        Of every block its ``"name"`` and its ``"gates"``, each a list of its symbols.
    """

    blocks: tuple[CircuitBlock, ...]
    drawn: list[dict[str, Any]]

    @classmethod
    def of(cls, estimator: VariationalClassifier) -> Self:
        """Return those of a fitted estimator's circuit."""
        blocks = model_blocks(estimator)
        return cls(blocks, [_drawn(block, estimator.model_.circuit) for block in blocks])


def _drawn(block: CircuitBlock, circuit: ParametricCircuit) -> dict[str, Any]:
    gates = circuit.circuit.gates[block.start : block.stop]
    drawn = [DrawnGate.of(gate, circuit.formulas) for gate in gates]
    return {
        "name": block.name,
        "gates": [[asdict(symbol) for symbol in gate.symbols] for gate in drawn],
    }
