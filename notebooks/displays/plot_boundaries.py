"""
Decision boundaries
===================

What class each point of the plane gets: the quantum model, and a classical one.
"""


from qmlplay import VariationalClassifier, load_dataset

moons = load_dataset("moons", n_samples=200, random_state=0)
quantum = VariationalClassifier(max_iter=40, random_state=0).fit(moons.X, moons.y)
