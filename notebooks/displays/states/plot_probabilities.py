"""
Probabilities of bit strings
============================

What would be measured, and how often: qubit 0 is the first digit.
"""

from qmlplay import VariationalClassifier, load_dataset
from qmlplay.plots import ProbabilitiesDisplay

moons = load_dataset("moons", n_samples=100, random_state=0)
model = VariationalClassifier(max_iter=40, random_state=0).fit(moons.X, moons.y)
display = ProbabilitiesDisplay.from_estimator(model, moons.X[:2])
