"""
Decision boundaries
===================

The class of every point of the plane, paler where the model is less sure: one model, with the
samples that it was trained on and others that it has not seen.
"""

from sklearn.model_selection import train_test_split

from qmlplay import VariationalClassifier, compare, load_dataset
from qmlplay.plots import BoundariesDisplay

moons = load_dataset("moons", n_samples=200, random_state=0)
X, X_test, y, y_test = train_test_split(moons.X, moons.y, stratify=moons.y, random_state=0)
model = VariationalClassifier(max_iter=40, random_state=0).fit(X, y)
display = BoundariesDisplay.from_estimator(
    model, X, y, X_test, y_test, dataset="moons", class_names=moons.target_names
)

# %%
# The models of a comparison, on its first split.

names = ["numpy", "no_entanglement", "svc_rbf", "random_forest"]
quick = VariationalClassifier(max_iter=40)
result = compare("moons", models=names, classifier=quick, seeds=1, verbose=0)
display = BoundariesDisplay.from_comparison(result)
