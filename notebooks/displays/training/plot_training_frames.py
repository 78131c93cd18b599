"""
A boundary while it is learned
==============================

Moments of one training. ``display.save_gif("moons.gif")`` makes a film of them.
"""

from qmlplay import VariationalClassifier, load_dataset
from qmlplay.plots import TrainingFramesDisplay

moons = load_dataset("moons", n_samples=100, random_state=0)
model = VariationalClassifier(max_iter=40, random_state=0)
display = TrainingFramesDisplay.from_estimator(model, moons.X, moons.y)
