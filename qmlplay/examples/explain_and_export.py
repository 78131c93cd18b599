"""Saliency and exports: features a model looks at, and its circuit in each framework."""

from typing import Any

import cirq
import numpy as np
import pennylane as qml
from qiskit.quantum_info import SparsePauliOp, Statevector

from qmlplay import VariationalClassifier, load_dataset
from qmlplay.diagnostics import integrated_gradients, saliency

# Half-moons, and a third column that says nothing.
data = load_dataset("moons", n_samples=200, random_state=0)
X = np.column_stack([data.X, np.random.default_rng(0).normal(size=200)])
model = VariationalClassifier(n_layers=3, random_state=0).fit(X, data.y)

# d P(class 1) / d feature, exactly, from the circuit; times the spread, to compare features.
slopes = saliency(model, X)[:, :, 1] * X.std(axis=0)
size = np.abs(slopes).mean(axis=0)
for name, share in zip(("x0", "x1", "noise"), size / size.sum(), strict=True):
    print(f"{name:>5}: {share:.2f} of the mean |saliency|")
print(f"the noise matters least: {size.argmin() == 2}")

# What each feature adds to P(class 1), from the middle of the data to every sample.
parts = integrated_gradients(model, X, baseline=X.mean(axis=0))
whole = parts.base_values + parts.values.sum(axis=1)
missed = np.abs(whole - model.predict_proba(X)).max()
print(f"integrated gradients add up to the probability within 1e-6: {missed < 1e-6}")

# SHAP and LIME need no more than predict_proba: see the example "explaining".

x = X[np.abs(model.predict_proba(X)[:, 1] - 0.5).argmin()]  # the model is least sure here
state = Statevector(model.to_qiskit(x))  # Qiskit reads Pauli strings from the right
with_qiskit = [state.expectation_value(SparsePauliOp(s)).real for s in ("IIZ", "IZI", "ZII")]

simulator = cirq.Simulator(dtype=np.complex128)
paulis = [cirq.Z(qubit) for qubit in cirq.LineQubit.range(3)]
with_cirq = np.real(simulator.simulate_expectation_values(model.to_cirq(x), paulis))


def circuit() -> list[Any]:
    model.to_pennylane(x)()
    return [qml.expval(qml.Z(wire)) for wire in range(3)]


with_pennylane = qml.QNode(circuit, qml.device("default.qubit", wires=3))()

expected = model.predict_proba([x])[0, 1]
print(f"  qmlplay: P(class 1) = {expected:.6f}")
for name, z in {"Qiskit": with_qiskit, "Cirq": with_cirq, "PennyLane": with_pennylane}.items():
    decision = np.array(z) @ model.readout_.scale[:, 0] + model.readout_.bias[0]
    p = 1 / (1 + np.exp(-decision))
    print(f"{name:>9}: P(class 1) = {p:.6f}, the same within 1e-12: {abs(p - expected) < 1e-12}")

print(model.to_openqasm(x).splitlines()[0])

# Expected output:
#    x0: 0.53 of the mean |saliency|
#    x1: 0.46 of the mean |saliency|
# noise: 0.02 of the mean |saliency|
# the noise matters least: True
# integrated gradients add up to the probability within 1e-6: True
#   qmlplay: P(class 1) = 0.374012
#    Qiskit: P(class 1) = 0.374012, the same within 1e-12: True
#      Cirq: P(class 1) = 0.374012, the same within 1e-12: True
# PennyLane: P(class 1) = 0.374012, the same within 1e-12: True
# OPENQASM 3.0;
