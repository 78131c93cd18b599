"""Circuits from Qiskit, Cirq, PennyLane and OpenQASM as a model, and the model's out again."""

import cirq
import numpy as np
import pennylane as qml
import sympy
from qiskit.circuit.library import real_amplitudes, zz_feature_map
from qiskit.primitives import StatevectorEstimator
from sklearn.preprocessing import MinMaxScaler

from qmlplay import VariationalClassifier, load_dataset
from qmlplay.interop import from_cirq, from_openqasm, from_pennylane, from_qiskit

data = load_dataset("moons", n_samples=200, random_state=0)

# Qiskit's textbook pair, on angles from 0 to 1 as in its tutorials. Features are named; all other
# symbols are weights.
textbook = VariationalClassifier(
    encoding=from_qiskit(zz_feature_map(2), features="x"),
    ansatz=from_qiskit(real_amplitudes(2, reps=1)),
    n_layers=2,
    scale_inputs=False,
    random_state=0,
)
X = MinMaxScaler().fit_transform(data.X)
print(f"Qiskit's ZZ map and real amplitudes: {textbook.fit(X, data.y).score(X, data.y):.2f}")

# Cirq: symbols in exponents and angles, and weights inside the encoding.
x, w, q = sympy.symbols("x:2"), sympy.symbols("w:2"), cirq.LineQubit.range(2)
turns = [cirq.ry(w[k] * x[k])(q[k]) for k in range(2)]
encoding = from_cirq(cirq.Circuit(cirq.H.on_each(*q), turns), features="x")


# PennyLane: a quantum function; the shape says which array it is called with.
def layer(weights: np.ndarray) -> None:
    qml.StronglyEntanglingLayers(weights, wires=range(2))


ansatz = from_pennylane(layer, weights=(1, 2, 3))
model = VariationalClassifier(
    encoding=encoding, ansatz=ansatz, reupload=True, n_layers=3, random_state=0
)
model.fit(data.X, data.y)
print(f"Cirq's encoding, PennyLane's layers:  {model.score(data.X, data.y):.2f}")
difference = model.with_backend("qiskit").predict_proba(data.X) - model.predict_proba(data.X)
print(f"the same on Qiskit within 1e-12: {abs(difference).max() < 1e-12}")

# Out again with symbols: one circuit for all rows, in the units of the features.
circuit = model.to_qiskit()
weights = {p: model.weights_[p.index] for p in circuit.parameters if p.vector.name == "w"}
pub = (circuit.assign_parameters(weights), [["IZ"], ["ZI"]], data.X[:30])
values = StatevectorEstimator().run([pub]).result()[0].data.evs.T
decisions = (values @ model.readout_.scale + model.readout_.bias)[:, 0]
print(f"30 rows in one PUB: {abs(decisions - model.decision_function(data.X[:30])).max() < 1e-12}")

# As text, and in again.
again = from_openqasm(model.to_openqasm(), features="x", weights="w")
print(f"OpenQASM 3: {again.n_qubits} qubits, {len(again.weight_names)} weights")

try:
    bad = cirq.Circuit(cirq.measure(q[0], key="m"), cirq.X(q[0]))
    from_cirq(bad)
except ValueError as error:
    print("refused:", str(error).split(" cannot be translated ")[1])

# Expected output:
# Qiskit's ZZ map and real amplitudes: 0.92
# Cirq's encoding, PennyLane's layers:  0.99
# the same on Qiskit within 1e-12: True
# 30 rows in one PUB: True
# OpenQASM 3: 2 qubits, 24 weights
# refused: (a measurement in the middle, as something follows in moment 1: a model is one unitary circuit that is measured at its end): take the measurement out, or what comes after it
