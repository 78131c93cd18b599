"""
A circuit
=========

Blue hexagons are turned by features (an orange edge: times a weight), orange boxes by trained
weights, purple lines entangle. ``x0`` is the first feature, ``w0`` the first weight.
"""

from qmlplay import VariationalClassifier, load_dataset
from qmlplay.plots import CircuitDisplay

moons = load_dataset("moons", n_samples=100, random_state=0)
model = VariationalClassifier(n_layers=2, max_iter=5, random_state=0).fit(moons.X, moons.y)
display = CircuitDisplay.from_estimator(model)

# %%
# A circuit that no model has: operations, and the number of features.

from qmlplay import Feature, Operation, Weight

operations = [
    *(Operation("ry", qubit, Feature(qubit)) for qubit in range(3)),
    *(Operation("cx", (qubit, qubit + 1)) for qubit in range(2)),
    *(Operation("rz", qubit, Weight(qubit)) for qubit in range(3)),
]
display = CircuitDisplay.from_operations(3, operations, n_features=3)
