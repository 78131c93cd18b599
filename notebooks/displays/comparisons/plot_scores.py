"""
Scores of a comparison
======================

Test accuracy of every model, a dot per split. The verdict below asks whether the difference is more
than chance.
"""

from qmlplay import VariationalClassifier, compare
from qmlplay.plots import ScoresDisplay

quick = VariationalClassifier(max_iter=40)
names = ["numpy", "no_entanglement", "kernel", "logistic_regression", "svc_rbf", "random_forest"]
result = compare("moons", models=names, classifier=quick, seeds=3, verbose=0)
display = ScoresDisplay.from_comparison(result)

# %%
# In words:

print(result.verdict[0])
