"""
The same circuit, as each framework draws it
============================================

One trained model, with the numbers of one sample in it, translated into Qiskit, Cirq and PennyLane
and drawn by their own means.
"""

from qmlplay import VariationalClassifier, load_dataset
from qmlplay.plots import NativeCircuitDisplay

moons = load_dataset("moons", n_samples=100, random_state=0)
model = VariationalClassifier(n_layers=1, max_iter=5, random_state=0).fit(moons.X, moons.y)
display = NativeCircuitDisplay.from_estimator(model, moons.X[0], "qiskit")

# %%
# Cirq.

display = NativeCircuitDisplay.from_estimator(model, moons.X[0], "cirq")

# %%
# PennyLane.

display = NativeCircuitDisplay.from_estimator(model, moons.X[0], "pennylane")
