"""Random circuits with formulas of every kind, and the arrays of each framework."""

from __future__ import annotations

from qmlplay.backends.testing import random_circuit
from qmlplay.circuit import (
    Feature,
    FeatureProduct,
    FeatureSum,
    Fixed,
    ParametricCircuit,
    Weight,
    WeightedFeature,
)

N_FEATURES = 3


def random_parametric_circuit(n_qubits, n_gates, generator):
    """Return a circuit with every gate that fits, and a formula of every kind."""
    circuit = random_circuit(n_qubits, n_gates, generator)
    formulas, n_weights = [], 0
    for slot in range(circuit.n_slots):
        index = int(generator.integers(N_FEATURES))
        kinds = [
            (Weight(n_weights), 1),
            (Fixed(float(generator.normal())), 0),
            (Feature(index, 0.7), 0),
            (WeightedFeature(index, n_weights, 0.5, n_weights + 1), 2),
            (WeightedFeature(index, n_weights, -1.5), 1),
            (FeatureSum((2, 0), 0.5, n_weights), 2),
            (FeatureSum((1, 2), -0.3), 0),
            (FeatureProduct((0, 1), 0.5, 0.2, n_weights), 1),
            (FeatureProduct((2, 2, 0), 0.4), 0),
        ]
        formula, more = kinds[slot % len(kinds)]
        formulas.append(formula)
        n_weights += more
    return ParametricCircuit(circuit, tuple(formulas), N_FEATURES)


def random_inputs(circuit, n_samples, generator):
    """Return X and w."""
    X = generator.normal(size=(n_samples, circuit.n_features))
    return X, generator.normal(size=circuit.n_weights)
