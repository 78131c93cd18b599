"""
Accuracy and cost
=================

The same models, with what they cost: seconds and parameters.
"""

from qmlplay import VariationalClassifier, compare
from qmlplay.plots import CostDisplay

quick = VariationalClassifier(max_iter=40)
names = ["numpy", "no_entanglement", "kernel", "logistic_regression", "svc_rbf", "random_forest"]
result = compare("moons", models=names, classifier=quick, seeds=3, verbose=0)
display = CostDisplay.from_comparison(result)
