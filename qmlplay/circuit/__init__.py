"""The framework-neutral circuit: gates, angle formulas, and the two put together.

``gates`` says what a gate name means, ``circuit`` puts gates in a row, ``formulas`` says how
an angle follows from data and weights, ``parametric`` joins them, and ``pauli_sum`` is what is
measured; ``layers`` stacks encodings and ansätze into the circuit of a model; ``picture`` lays
a circuit out for every way of drawing it, and ``drawing`` writes it as text.
"""

from qmlplay.circuit.blocks import CircuitBlock, circuit_blocks
from qmlplay.circuit.circuit import Circuit, Gate
from qmlplay.circuit.drawing import draw_text
from qmlplay.circuit.formulas import (
    AmplitudeAngle,
    Angle,
    Feature,
    FeatureProduct,
    FeatureSum,
    Fixed,
    Formula,
    OffsetFeature,
    Polynomial,
    Weight,
    WeightedFeature,
)
from qmlplay.circuit.gates import GATES, embed, gate_matrix
from qmlplay.circuit.layers import build_circuit, build_layers, fixed_n_qubits
from qmlplay.circuit.parametric import Operation, ParametricCircuit
from qmlplay.circuit.pauli_sum import Observable, Observables, PauliSum, observables_to_list
from qmlplay.circuit.shift_rules import shift_rule

__all__ = [
    "GATES",
    "AmplitudeAngle",
    "Angle",
    "Circuit",
    "CircuitBlock",
    "Feature",
    "FeatureProduct",
    "FeatureSum",
    "Fixed",
    "Formula",
    "Gate",
    "Observable",
    "Observables",
    "OffsetFeature",
    "Operation",
    "ParametricCircuit",
    "PauliSum",
    "Polynomial",
    "Weight",
    "WeightedFeature",
    "build_circuit",
    "build_layers",
    "circuit_blocks",
    "draw_text",
    "embed",
    "fixed_n_qubits",
    "gate_matrix",
    "observables_to_list",
    "shift_rule",
]
