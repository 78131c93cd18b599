"""
Bloch spheres
=============

The state of each qubit of the trained circuit: a dot per sample, and for every class an arrow to
the mean of its dots. A dot inside the sphere belongs to a qubit that is entangled with the others:
on its own it is mixed.
"""

from qmlplay import VariationalClassifier, load_dataset
from qmlplay.plots import BlochDisplay

moons = load_dataset("moons", n_samples=100, random_state=0)
model = VariationalClassifier(max_iter=40, random_state=0).fit(moons.X, moons.y)
display = BlochDisplay.from_estimator(model, moons.X[:40], moons.y[:40])
