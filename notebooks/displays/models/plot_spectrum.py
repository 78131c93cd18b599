"""
A circuit is a Fourier series
=============================

As a function of one feature, a model is a sum of sines and cosines. How many there are is set by
how often the feature is encoded: a layer more, a frequency more.
"""

from qmlplay import VariationalClassifier, load_dataset
from qmlplay.plots import FourierDisplay

moons = load_dataset("moons", n_samples=100, random_state=0)
model = VariationalClassifier(
    encoding="angle", n_layers=3, trainable_scaling=False, max_iter=20, random_state=0
).fit(moons.X, moons.y)
display = FourierDisplay.from_estimator(model, features=[0])
