"""
Parity of simulators
====================

The same weights on every simulator: how far probabilities lie apart, at most. What is left is
rounding.
"""

from qmlplay import VariationalClassifier, load_dataset
from qmlplay.plots import ParityDisplay

moons = load_dataset("moons", n_samples=60, random_state=0)
model = VariationalClassifier(max_iter=20, random_state=0).fit(moons.X, moons.y)
display = ParityDisplay.from_estimator(model, moons.X, ["numpy", "qiskit", "cirq", "pennylane"])
