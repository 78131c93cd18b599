"""Where the gates of a drawn circuit go, what they say, and what kind they are."""

from __future__ import annotations

from dataclasses import dataclass

from qmlplay.circuit import Formula, Gate, ParametricCircuit
from qmlplay.drawing import formula_label

__all__ = ["PlacedGate", "gate_kind", "gate_symbols", "place_gates"]

_LETTER = 0.125  # width of a letter, where neighbouring qubits are 1 apart
_CONTROLLED = {"cx": "X", "cy": "Y", "cz": "Z", "crx": "RX", "cry": "RY", "crz": "RZ", "cp": "P"}


@dataclass(frozen=True)
class PlacedGate:
    """A gate at its place: its row of the picture, the middle of its column, its own width."""

    gate: Gate
    row: int
    x: float
    width: float


def gate_kind(gate: Gate, formulas: tuple[Formula, ...]) -> str:
    """Return "data", "scaled" (data times weight), "weight", "fixed", or "bare" without a box."""
    if gate.name in ("cx", "cz", "swap"):
        return "bare"
    own = [formulas[slot] for slot in gate.slots]
    if any(formula.features for formula in own):
        return "scaled" if any(formula.weights for formula in own) else "data"
    return "weight" if any(formula.weights for formula in own) else "fixed"


def gate_symbols(gate: Gate, formulas: tuple[Formula, ...]) -> list[str]:
    """Return what stands on each qubit of a gate, the angle on the last."""
    if gate.name == "swap":
        return ["×", "×"]
    if gate.name in ("cx", "cz"):
        return ["●", "⊕" if gate.name == "cx" else "●"]
    name = gate.name.replace("dg", "†")
    symbols = [name.upper()] * len(gate.qubits)
    if gate.name in _CONTROLLED:
        symbols = ["●", _CONTROLLED[gate.name]]
    if gate.slots:
        labels = ", ".join(formula_label(formulas[slot]) for slot in gate.slots)
        symbols[-1] += f"({labels})"
    return symbols


def place_gates(circuit: ParametricCircuit, max_width: float) -> list[PlacedGate]:
    """Place every gate as far left as its qubits are free, and columns in rows of max_width."""
    free = [0] * circuit.n_qubits
    columns: list[list[Gate]] = []
    for gate in circuit.circuit.gates:
        low, high = min(gate.qubits), max(gate.qubits)
        place = max(free[low : high + 1])
        free[low : high + 1] = [place + 1] * (high + 1 - low)
        columns += [[] for _ in range(place + 1 - len(columns))]
        columns[place].append(gate)
    placed: list[PlacedGate] = []
    row, x = 0, 0.0
    for column in columns:
        widths = [_width(gate, circuit.formulas) for gate in column]
        width = max(widths)
        if x + width > max_width and x > 0:
            row, x = row + 1, 0.0
        placed += [
            PlacedGate(gate, row, x + width / 2, own)
            for gate, own in zip(column, widths, strict=True)
        ]
        x += width
    return placed


def _width(gate: Gate, formulas: tuple[Formula, ...]) -> float:
    """Return a gate's width, the gap to the next one included."""
    return max(0.8, 0.5 + _LETTER * max(map(len, gate_symbols(gate, formulas))))
