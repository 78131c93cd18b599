"""
A density matrix as a city
==========================

Real and imaginary part of every entry of the state of one sample. Towers beside the diagonal are
what a coin does not have.
"""

from qmlplay import VariationalClassifier, load_dataset
from qmlplay.plots import StateCityDisplay

moons = load_dataset("moons", n_samples=100, random_state=0)
model = VariationalClassifier(max_iter=40, random_state=0).fit(moons.X, moons.y)
display = StateCityDisplay.from_estimator(model, moons.X[0])
