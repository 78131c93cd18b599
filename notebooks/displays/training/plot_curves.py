"""
Learning curves
===============

Loss and accuracy step by step, for optimisers side by side on the same data.
"""

from qmlplay import VariationalClassifier, load_dataset
from qmlplay.plots import CurvesDisplay

moons = load_dataset("moons", n_samples=100, random_state=0)
models = {
    name: VariationalClassifier(optimizer=name, max_iter=40, random_state=0)
    for name in ["adam", "sgd", "spsa"]
}
display = CurvesDisplay.from_training(models, moons.X, moons.y)
